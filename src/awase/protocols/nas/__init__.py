"""NAS of the 5G system (TS 24.501): 5GMM and 5GSM messages, their elements, and NAS security."""
