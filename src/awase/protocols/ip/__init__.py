"""IPv4, IPv6, UDP, ICMP and ICMPv6 as user data, and the measured flows that UE and data network exchange."""
