"""One address of a peer: round trips, congestion window, heartbeats (RFC 9260 clauses 6.3, 7.2 and 8)."""

from awase.protocols.sctp.config import Config

NEVER = 1 << 63
"""A time that does not come, in ns."""

GRANULARITY_NS = 1_000_000
"""G of clause 6.3.1: RTTVAR is at least this."""


class Path:
    """A destination transport address and what is known of the way there."""

    __slots__ = (
        "active", "config", "confirmed", "cwnd", "data_chunk_bytes", "errors", "flight",
        "heartbeat_answer_ns", "heartbeat_at_ns", "heartbeat_nonce", "heartbeat_sent_ns", "host", "last_sent_ns",
        "newly_acked", "partial_bytes_acked", "port", "rto_ns", "rttvar_ns", "srtt_ns", "ssthresh", "t3_ns",
        "timed_sent_ns", "timed_tsn",
    )  # fmt: skip

    def __init__(self, host: str, port: int, config: Config, confirmed: bool) -> None:
        self.host, self.port = host, port
        self.config = config
        self.confirmed = confirmed
        # PMDCS: the largest DATA chunk that fits (clause 1.3).
        self.data_chunk_bytes = config.max_packet_bytes - 12 & ~3
        self.reset()

    def reset(self) -> None:
        """Know nothing of the way, as at the beginning."""
        size = self.data_chunk_bytes
        self.active = True
        self.errors = 0
        self.rto_ns = self.config.rto_initial_ns
        self.srtt_ns = self.rttvar_ns = 0
        self.cwnd = min(4 * size, max(2 * size, 4404))
        self.ssthresh = 1 << 30
        self.partial_bytes_acked = 0
        self.flight = 0
        self.newly_acked = 0
        self.t3_ns = NEVER
        self.timed_tsn = -1
        self.timed_sent_ns = 0
        self.heartbeat_at_ns = NEVER
        self.heartbeat_answer_ns = NEVER
        self.heartbeat_sent_ns = 0
        self.heartbeat_nonce = b""
        self.last_sent_ns = 0

    def measured(self, rtt_ns: int) -> None:
        """A round trip was timed: rules C2, C3, C6 and C7 of clause 6.3.1."""
        if rtt_ns < 0:
            return
        if self.srtt_ns == 0:
            self.srtt_ns = rtt_ns
            self.rttvar_ns = rtt_ns >> 1
        else:
            self.rttvar_ns += (abs(self.srtt_ns - rtt_ns) - self.rttvar_ns) >> 2
            self.srtt_ns += (rtt_ns - self.srtt_ns) >> 3
        self.rttvar_ns = max(self.rttvar_ns, GRANULARITY_NS)
        rto = self.srtt_ns + 4 * self.rttvar_ns
        self.rto_ns = max(self.config.rto_min_ns, min(rto, self.config.rto_max_ns))

    def back_off(self) -> None:
        """Rule E2 of clause 6.3.3."""
        self.rto_ns = min(2 * self.rto_ns, self.config.rto_max_ns)

    def timed_out(self) -> None:
        """Rule E1: what a retransmission time-out does to the window (clause 7.2.3)."""
        size = self.data_chunk_bytes
        self.ssthresh = max(self.cwnd >> 1, 4 * size)
        self.cwnd = size
        self.partial_bytes_acked = 0
        self.timed_tsn = -1

    def lost_some(self) -> None:
        """What a fast retransmission does to the window (clauses 7.2.3 and 7.2.4)."""
        self.ssthresh = max(self.cwnd >> 1, 4 * self.data_chunk_bytes)
        self.cwnd = self.ssthresh
        self.partial_bytes_acked = 0

    def acked(self, acked_bytes: int, flight_before: int) -> None:
        """The cumulative TSN ack point moved outside fast recovery (clauses 7.2.1 and 7.2.2)."""
        size = self.data_chunk_bytes
        if self.cwnd <= self.ssthresh:
            if flight_before >= self.cwnd:
                self.cwnd += min(acked_bytes, size)
            return
        self.partial_bytes_acked += acked_bytes
        if self.partial_bytes_acked >= self.cwnd:
            if flight_before >= self.cwnd:
                self.partial_bytes_acked -= self.cwnd
                self.cwnd += size
            else:
                self.partial_bytes_acked = self.cwnd
        if self.flight == 0:
            self.partial_bytes_acked = 0

    def idle(self) -> None:
        """Nothing was sent for an RTO or longer (clause 7.2.1)."""
        self.cwnd = max(self.cwnd >> 1, min(self.cwnd, 4 * self.data_chunk_bytes))
