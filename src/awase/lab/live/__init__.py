"""A network on real sockets: its parts as processes, supervised, beside programs that others wrote."""
