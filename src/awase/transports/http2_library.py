"""What the library h2 lacks: an orderly end of a connection (RFC 9113 clause 6.8), and a refusal of HTTP/1.1."""

from typing import Any

from h2.connection import H2Connection
from h2.events import ConnectionTerminated
from hyperframe.frame import Frame, GoAwayFrame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_NOT_HTTP2 = b"This port speaks HTTP/2 (TS 29.500 clause 5.2): use prior knowledge, or ALPN h2 over TLS.\n"
REFUSAL = (
    b"HTTP/1.1 505 HTTP Version Not Supported\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_NOT_HTTP2), _NOT_HTTP2)
)


class DrainingH2(H2Connection):
    """h2 takes nothing more after GOAWAY, and drops what it has to send; RFC 9113 clause 6.8 lets open streams end."""

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Any]]:
        event = ConnectionTerminated()
        event.error_code = frame.error_code
        event.last_stream_id = frame.last_stream_id
        return [], [event]

    def forget(self) -> None:
        """The connection is no more. h2 refers to itself, and would stay until the next garbage collection."""
        self._frame_dispatch_table.clear()
