"""IPv4, UDP and ICMP as user data, and the measured flows that UE and data network exchange."""
