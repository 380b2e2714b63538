"""Make, publish, audit and fine-tune on Spanish instruction data."""
