"""Supplier personalities: a quirk wraps a part and edits what passes its ports."""
