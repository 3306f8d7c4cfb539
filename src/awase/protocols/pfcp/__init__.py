"""PFCP, the protocol between control and user plane functions (TS 29.244)."""
