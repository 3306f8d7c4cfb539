"""The session management function (TS 23.501 clause 6.2.2)."""
