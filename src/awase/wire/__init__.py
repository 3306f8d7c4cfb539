"""How octets are laid out: bits, TLV, PER; without meaning."""
