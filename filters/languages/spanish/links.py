"""Hosts of nobody in Spanish examples."""

SAMPLE_HOST = r"[\w.-]*ejemplo\.com"
