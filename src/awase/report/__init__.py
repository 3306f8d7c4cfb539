"""Turns a Run or a Plan into a page."""
