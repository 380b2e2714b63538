"""What to build: the model of a recipe, and how one is read."""
