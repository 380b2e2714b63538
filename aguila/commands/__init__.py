"""The commands of `aguila`, one a module. A command is found by being there."""
