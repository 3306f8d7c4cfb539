"""Awase: an open 5G standalone network put together from interchangeable parts."""

__version__ = "0.1.0"
