"""The Unified Data Management: identities, authentication vectors, registrations (TS 23.501 clause 6.2.7)."""
