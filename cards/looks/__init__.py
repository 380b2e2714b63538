"""What to look at: sentences about a version, each computed by a rule of its own, each with the rows that it is about."""
