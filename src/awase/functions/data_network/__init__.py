"""A data network: what UEs reach through N6 (TS 23.501 clause 4.2.7)."""
