"""EAP (RFC 3748) and its method EAP-AKA' (RFC 5448, RFC 9048), which 5G carries in NAS and Nausf."""
