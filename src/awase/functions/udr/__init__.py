"""The Unified Data Repository: keeps what the UDM knows of subscribers (TS 23.501 clause 6.2.11)."""
