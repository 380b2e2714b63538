"""Hosts that Spanish examples use and nobody owns."""

SAMPLE_HOST = r"[\w.-]*ejemplo\.com"
