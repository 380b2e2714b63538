"""A version becomes an adapter."""
