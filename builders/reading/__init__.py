"""What people ask of a version: audit, rows, one row's story."""
