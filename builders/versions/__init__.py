"""Versions on disk: written, opened, found, verified, compared."""
