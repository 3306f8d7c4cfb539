"""Assembles a Network with a Cast, runs it, and keeps the evidence."""
