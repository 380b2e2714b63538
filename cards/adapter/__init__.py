"""The card of an adapter."""
