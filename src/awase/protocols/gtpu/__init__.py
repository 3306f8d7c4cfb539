"""GTP-U (TS 29.281) with the PDU session user plane protocol (TS 38.415)."""
