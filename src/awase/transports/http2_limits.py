"""What an HTTP/2 peer may ask of us: bounds against peers that mean harm (RFC 9113 clause 10.5)."""

from typing import Any

from h2.events import DataReceived, PingReceived, PriorityUpdated, RemoteSettingsChanged, StreamReset

MAX_STREAMS = 1000
MAX_BODY_BYTES = 4 << 20
MAX_HEADER_BYTES = 64 << 10
MAX_HELD_BYTES = 16 << 20
"""Bodies of one connection that are not whole, or that the peer has not taken."""
MAX_PORT_BYTES = 128 << 20
"""The same of all connections of clients to a port."""
STREAM_WINDOW_BYTES = 1 << 20
CONNECTION_WINDOW_BYTES = 16 << 20
MAX_CONTROL_PER_S = 1000
"""SETTINGS, PING, PRIORITY, RST_STREAM and empty DATA of a peer; more is a flood."""
MAX_FRAMES_PER_S = 20_000
PREFACE_S = 10.0
"""How long a peer may take for its first SETTINGS."""
STREAM_S = 60.0
"""How long an exchange may take, from its first octet to its last."""
IDLE_S = 300.0
CLIENT_IDLE_S = 240.0
"""A client leaves before its server would, so that no request meets a GOAWAY."""
PING_S = 10.0
"""After so long without an octet a client asks whether the server is still there, and gives it as long to answer."""

FLOODS, READS_NOT = "the peer floods us with frames", "the peer does not read"
FAULTS = (FLOODS, READS_NOT, "the peer breaks", "the peer's octets", "the peer does not speak")
"""How it begins why a connection was closed, where the peer was to blame."""

_CONTROL = (RemoteSettingsChanged, PingReceived, PriorityUpdated, StreamReset)


class FloodGuard:
    """Counts what a peer sends in a second."""

    __slots__ = ("_control", "_frames", "_second")

    def __init__(self) -> None:
        self._second = self._control = self._frames = 0

    def is_flood(self, event: Any, now_s: float) -> bool:
        """Whether this event is one too many."""
        second = int(now_s)
        if second != self._second:
            self._second, self._control, self._frames = second, 0, 0
        self._frames += 1
        is_empty = isinstance(event, DataReceived) and not event.data and event.stream_ended is None
        self._control += is_empty or isinstance(event, _CONTROL)
        return self._control > MAX_CONTROL_PER_S or self._frames > MAX_FRAMES_PER_S
