"""A table's own columns become id, instruction, input and output: what is recognised, how values become text."""
