"""What is found in texts: their language, and personal data."""
