"""Adapters that run someone else's program as a part."""
