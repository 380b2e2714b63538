"""Single rows: one row's story, and rows in a list."""
