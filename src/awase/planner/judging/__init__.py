"""Judges an estate by its rules without any plan: what breaks which rule, and when."""
