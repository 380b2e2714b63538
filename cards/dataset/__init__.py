"""The card of a dataset version, and its machine-read counterpart."""
