"""The AMF: registration, connection, reachability, mobility (TS 23.501 clause 6.2.1)."""
