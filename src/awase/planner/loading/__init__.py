"""Reads estates, rules, markets and limits from CSV, YAML and GeoJSON; every broken cell is reported, in one pass."""
