"""What an endpoint is told (RFC 9260 clause 16), and its bounds."""

from msgspec import Struct

_MS = 1_000_000
_S = 1_000_000_000


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Protocol parameters with the values of clause 16, and what no peer may exceed."""

    rto_initial_ns: int = _S
    rto_min_ns: int = _S
    rto_max_ns: int = 60 * _S
    max_burst: int = 4
    valid_cookie_life_ns: int = 60 * _S
    association_max_retrans: int = 10
    path_max_retrans: int = 5
    max_init_retransmits: int = 8
    hb_interval_ns: int = 30 * _S
    sack_period_ns: int = 200 * _MS
    sack_frequency: int = 2

    outbound_streams: int = 32
    inbound_streams: int = 32
    max_packet_bytes: int = 1452
    """Of an SCTP packet: what a path of 1500 octets leaves after IPv4, UDP and a little (IPv6)."""
    max_message_bytes: int = 256 * 1024
    receive_buffer_bytes: int = 1024 * 1024
    max_held_bytes: int = 128 * 1024 * 1024
    """Of all associations together, for what cannot be delivered yet; beyond it the one that holds most is aborted."""
    send_buffer_bytes: int = 4 * 1024 * 1024
    max_associations: int = 16_384
    max_associations_per_host: int = 4_096
    max_paths: int = 8
    """Addresses of one peer; further ones are ignored."""
    max_waiting_datagrams: int = 16_384
    """Answers to strangers are dropped while so many datagrams have not been taken."""
    malformed_per_s: int = 20
