"""What a comparison of two versions shows."""
