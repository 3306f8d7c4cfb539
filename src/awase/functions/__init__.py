"""Who does what: one folder per network function, all of the same shape."""
