"""ACME's UPF: a part for Awase that imports nothing of Awase."""
