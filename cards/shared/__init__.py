"""What several cards and pages show alike."""
