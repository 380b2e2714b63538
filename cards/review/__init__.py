"""The page in which rows are judged."""
