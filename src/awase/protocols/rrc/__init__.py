"""RRC of NR (TS 38.331): the messages that open and close a connection and carry NAS."""
