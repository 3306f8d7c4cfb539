"""SCTP (RFC 9260): the association-keeping transport under NGAP, XnAP, F1AP, E1AP and E2AP; octets in, octets out."""
