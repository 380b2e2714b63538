"""A training run, whatever its method."""
