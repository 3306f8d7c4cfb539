"""How diverse an estate is, and what hangs on one supplier."""
