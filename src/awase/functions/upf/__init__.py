"""The user plane function (TS 23.501 clause 6.2.3)."""
