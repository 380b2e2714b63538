"""Adapters: on disk, fetched, merged, published."""
