"""The model that is fine-tuned."""
