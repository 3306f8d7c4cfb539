"""The Authentication Server Function: the home network's end of 5G AKA and EAP-AKA' (TS 33.501 clause 6.1.3)."""
