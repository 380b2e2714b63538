"""Engines: where the work on rows is done. What is decided is the same with each."""
