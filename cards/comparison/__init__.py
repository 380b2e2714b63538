"""What a comparison of models shows."""
