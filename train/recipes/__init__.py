"""How to train: the model of a training recipe, and how one is read."""
