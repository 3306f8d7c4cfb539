"""One HTTP/2 connection over asyncio (RFC 9113), by the library h2: streams, flow control, bounds for hostile peers."""

import asyncio
from contextlib import suppress
from typing import Any, Protocol

from h2.config import H2Configuration
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RemoteSettingsChanged,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from awase.transports.http2_library import PREFACE, REFUSAL, DrainingH2
from awase.transports.http2_limits import (
    CLIENT_IDLE_S,
    CONNECTION_WINDOW_BYTES,
    FLOODS,
    IDLE_S,
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    MAX_HELD_BYTES,
    MAX_PORT_BYTES,
    MAX_STREAMS,
    PING_S,
    PREFACE_S,
    READS_NOT,
    STREAM_S,
    STREAM_WINDOW_BYTES,
    FloodGuard,
)

Fields = list[tuple[bytes, bytes]]

_WRITE_BUFFER_BYTES = 8 << 20
_UNSENT_BYTES = 1 << 20
"""So much of bodies is handed to TCP before it has sent what it has."""


class Stream:
    """A message that comes, and one that leaves."""

    __slots__ = ("body", "fields", "sent", "since", "size", "to_send", "whole")

    def __init__(self, since: float) -> None:
        self.fields: Fields = []
        self.body: list[bytes] = []
        self.size = 0
        self.to_send = memoryview(b"")
        self.sent = 0
        self.whole = False
        self.since = since


class User(Protocol):
    """Who uses a connection. `held`: octets of bodies that all its connections hold."""

    held: int

    def connected(self, connection: "Connection") -> None:
        """It is ready."""
        ...

    def message(self, connection: "Connection", stream: int, fields: Fields, body: bytes) -> None:
        """A whole request or response."""
        ...

    def reset(self, connection: "Connection", stream: int, unprocessed: bool) -> None:
        """A stream is no more; `unprocessed`: the peer has not looked at it, it may be sent again."""
        ...

    def room(self, connection: "Connection") -> None:
        """Streams may be opened again."""
        ...

    def lost(self, connection: "Connection", why: str) -> None:
        """The connection is no more; all its streams have been reset."""
        ...


class Connection(asyncio.Protocol):
    """Either side."""

    def __init__(self, user: User, loop: asyncio.AbstractEventLoop, *, client: bool) -> None:
        self._user = user
        self._loop = loop
        self._client = client
        config = H2Configuration(
            client_side=client,
            header_encoding=None,
            # What we send was checked where it was made.
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self._h2 = DrainingH2(config)
        self._transport: asyncio.Transport | None = None
        self.streams: dict[int, Stream] = {}
        self.peer = ("", 0)
        self.ready = False
        self.draining = False
        """No new streams: one side has said GOAWAY."""
        self._held = 0
        self._unwritten = 0
        self._blocked: dict[int, None] = {}
        self._guard = FloodGuard()
        self._has_begun = False
        self._begun = b""
        """The first octets of a client, until it is plain that they are HTTP/2."""
        self._since = self._heard = self._busy = loop.time()
        self._pinged = False
        self._why = ""
        self._timer: asyncio.TimerHandle | None = None
        self._dirty = False

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP, and TLS where it is used, are up."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.peer = (str(peer[0]), int(peer[1])) if peer else ("", 0)
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() != "h2":
            if not self._client:
                transport.write(REFUSAL)
            self.close("the peer does not speak h2 by ALPN")
            return
        if self._client:
            self._begin()
        self._timer = self._loop.call_later(1.0, self._tick)
        self._user.connected(self)

    def _begin(self) -> None:
        """The first octets of ours; a server waits with them for the client's, which may be HTTP/1.1."""
        h2 = self._h2
        h2.local_settings = Settings(
            client=self._client,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS,
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
                SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADER_BYTES,
                # A server says nothing of push, and a client wants none (RFC 9113 clause 6.5.2).
                SettingCodes.ENABLE_PUSH: 0,
            },
        )
        h2.initiate_connection()
        h2.increment_flow_control_window(CONNECTION_WINDOW_BYTES - 65_535)
        self.write()

    def connection_lost(self, exc: Exception | None) -> None:
        """TCP is down."""
        if self._timer is not None:
            self._timer.cancel()
        self._transport = None
        self.ready = False
        self.draining = True
        why = self._why or (str(exc) if exc else "the peer closed the connection")
        for stream in list(self.streams):
            self._drop(stream, False)
        self._user.lost(self, why)
        self._h2.forget()

    def data_received(self, data: bytes) -> None:
        """Octets came."""
        if self._transport is None or self._transport.is_closing():
            return
        self._heard = self._loop.time()
        self._pinged = False
        if not self._client and not self._has_begun:
            data = self._begun = self._begun + data
            if not self._is_preface(data):
                return
            self._has_begun, self._begun = True, b""
            self._begin()
        try:
            for event in self._h2.receive_data(data):
                if self._transport is None or self._transport.is_closing():
                    return
                self._happened(event)
        except H2Error as error:
            self.write()
            self.close(f"the peer breaks HTTP/2: {error}")
            return
        except (ValueError, KeyError, IndexError, OverflowError) as error:
            # Of a library that is not proven to be total.
            self.close(f"the peer's octets are no HTTP/2: {error}")
            return
        self.write_soon()

    def _is_preface(self, data: bytes) -> bool:
        """Whether a client begins as RFC 9113 clause 3.4 has it; what speaks HTTP/1.1 is told so in HTTP/1.1."""
        if PREFACE.startswith(data[: len(PREFACE)]):
            return len(data) >= len(PREFACE)
        if self._transport is not None and data[:1].isalpha():
            self._transport.write(REFUSAL)
        self.close("the peer does not speak HTTP/2")
        return False

    @property
    def answering(self) -> bool:
        """Whether whole requests wait for their answers here."""
        return any(stream.whole for stream in self.streams.values())

    # What the user asks.

    def can_open(self) -> bool:
        """Whether a stream may be opened now."""
        if not self.ready or self.draining or self._transport is None:
            return False
        most = min(MAX_STREAMS, self._h2.remote_settings.max_concurrent_streams)
        has_room = len(self.streams) < most and self._held <= MAX_HELD_BYTES - MAX_BODY_BYTES
        return has_room and self._h2.highest_outbound_stream_id < 0x7FFFFF00

    def request(self, fields: Any, body: bytes) -> int:
        """Open a stream with a request; its number. Raises H2Error."""
        number = self._h2.get_next_available_stream_id()
        self._h2.send_headers(number, fields, end_stream=not body)
        self.streams[number] = Stream(self._loop.time())
        self._send_body(number, body)
        return number

    def respond(self, number: int, fields: Any, body: bytes) -> None:
        """Answer on a stream, if it is still there."""
        stream = self.streams.get(number)
        if stream is None or self._transport is None:
            return
        try:
            self._h2.send_headers(number, fields, end_stream=not body)
            if body:
                self._send_body(number, body)
        except H2Error:
            self._drop(number, False)
            return
        if not body:
            self._done(number)

    def reset_stream(self, number: int, code: ErrorCodes = ErrorCodes.CANCEL) -> None:
        """End a stream early."""
        with suppress(H2Error):
            self._h2.reset_stream(number, code)
        self._drop(number, False)
        self.write_soon()

    def write_soon(self) -> None:
        """Write what there is at the end of the turn, once."""
        if not self._dirty:
            self._dirty = True
            self._loop.call_soon(self.write)

    def write(self) -> None:
        """Hand TCP what there is."""
        self._dirty = False
        transport = self._transport
        if transport is None:
            return
        octets = self._h2.data_to_send()
        if octets:
            transport.write(octets)
            if transport.get_write_buffer_size() > _WRITE_BUFFER_BYTES:
                self.close(READS_NOT)
        self._unwritten = 0
        if self._blocked and transport.get_write_buffer_size() < _UNSENT_BYTES:
            self._continue(0)
            if self._unwritten:
                self.write_soon()

    def resume_writing(self) -> None:
        """TCP has room again."""
        self.write_soon()

    def goodbye(self) -> None:
        """GOAWAY: what was asked is still answered, nothing new is taken."""
        if self._transport is None or self.draining:
            return
        self.draining = True
        self.write()
        # By hand: h2 would end the connection with it.
        last = 0 if self._client else self._h2.highest_inbound_stream_id
        self._transport.write(GoAwayFrame(0, last_stream_id=last).serialize())
        self._close_if_done()

    def close(self, why: str) -> None:
        """Close at once; what was written is still sent unless the peer does not read."""
        self._why = self._why or why
        transport, self.draining = self._transport, True
        # A TLS transport of Python 3.11.2 cannot be aborted once it was closed twice.
        if transport is not None and not transport.is_closing():
            if transport.get_write_buffer_size() > _WRITE_BUFFER_BYTES:
                transport.abort()
            else:
                transport.close()
                self._loop.call_later(2.0, transport.abort)

    def abort(self) -> None:
        """Reset TCP."""
        if self._transport is not None:
            self._transport.abort()

    # What comes.

    def _happened(self, event: Any) -> None:
        if self._guard.is_flood(event, self._heard):
            self._h2.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
            self.write()
            self.close(FLOODS)
        elif isinstance(event, DataReceived):
            self._data(event)
        elif isinstance(event, RequestReceived):
            self._requested(event)
        elif isinstance(event, ResponseReceived):
            known = self.streams.get(event.stream_id)
            if known is not None:
                known.fields = event.headers
        elif isinstance(event, StreamEnded):
            self._ended(event.stream_id)
        else:
            self._managed(event)

    def _requested(self, event: RequestReceived) -> None:
        if self.draining:
            # It crossed our GOAWAY, whose last stream it lies beyond: the client asks elsewhere.
            with suppress(H2Error):
                self._h2.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
            return
        stream = self.streams[event.stream_id] = Stream(self._loop.time())
        stream.fields = event.headers

    def _managed(self, event: Any) -> None:
        if isinstance(event, StreamReset):
            self._drop(event.stream_id, event.error_code == ErrorCodes.REFUSED_STREAM)
        elif isinstance(event, WindowUpdated):
            self._continue(event.stream_id)
        elif isinstance(event, RemoteSettingsChanged):
            first, self.ready = not self.ready, True
            self._continue(0)
            if first or SettingCodes.MAX_CONCURRENT_STREAMS in event.changed_settings:
                self._user.room(self)
        elif isinstance(event, ConnectionTerminated):
            self._going_away(event)

    def _data(self, event: DataReceived) -> None:
        number = event.stream_id
        stream = self.streams.get(number)
        self._h2.acknowledge_received_data(event.flow_controlled_length or 0, number)
        if stream is None or not event.data:
            return
        stream.size += len(event.data)
        self._hold(len(event.data))
        if stream.size > MAX_BODY_BYTES or self._holds_too_much():
            self.reset_stream(number, ErrorCodes.ENHANCE_YOUR_CALM)
            return
        stream.body.append(event.data)

    def _ended(self, number: int) -> None:
        stream = self.streams.get(number)
        if stream is None:
            return
        body = b"".join(stream.body)
        self._hold(-stream.size)
        stream.size, stream.body = 0, []
        stream.whole = True
        if self._client:
            if stream.sent < len(stream.to_send):
                # Answered before it was whole: the rest is not wanted (RFC 9113 clause 8.1).
                self.reset_stream_quietly(number)
            del self.streams[number]
            self._forget(stream, number)
        self._user.message(self, number, stream.fields, body)
        if self._client:
            self._user.room(self)
            self._close_if_done()

    def reset_stream_quietly(self, number: int) -> None:
        """End our half of a stream that the user has done with."""
        try:
            self._h2.reset_stream(number, ErrorCodes.NO_ERROR)
        except H2Error:
            return

    def _going_away(self, event: ConnectionTerminated) -> None:
        self.draining = True
        last = event.last_stream_id or 0
        if self._client:
            # RFC 9113 clause 6.8: what has higher numbers was not looked at, the rest may still be answered.
            for number in [number for number in self.streams if number > last]:
                self._drop(number, True)
        self._close_if_done()

    def _drop(self, number: int, unprocessed: bool) -> None:
        stream = self.streams.pop(number, None)
        if stream is None:
            return
        self._forget(stream, number)
        self._user.reset(self, number, unprocessed)
        if self._client and self._transport is not None:
            self._user.room(self)
        self._close_if_done()

    def _done(self, number: int) -> None:
        stream = self.streams.pop(number, None)
        if stream is not None:
            self._forget(stream, number)
            self._close_if_done()

    def _forget(self, stream: Stream, number: int) -> None:
        self._hold(stream.sent - stream.size - len(stream.to_send))
        self._blocked.pop(number, None)
        self._busy = self._loop.time()

    def _hold(self, size: int) -> None:
        self._held += size
        self._user.held += size

    def _holds_too_much(self) -> bool:
        return self._held > MAX_HELD_BYTES or self._user.held > MAX_PORT_BYTES

    def _close_if_done(self) -> None:
        if self.draining and not self.streams and self._transport is not None:
            self.write()
            self.close("all is answered")

    # What leaves.

    def _send_body(self, number: int, body: bytes) -> None:
        stream = self.streams[number]
        stream.to_send = memoryview(body)
        self._hold(len(body))
        if self._holds_too_much() and not self._client:
            self.reset_stream(number, ErrorCodes.ENHANCE_YOUR_CALM)
            return
        if body:
            self._more(number, stream)

    def _more(self, number: int, stream: Stream) -> None:
        """Send as much as the peer's windows let."""
        h2, transport = self._h2, self._transport
        buffered = 0 if transport is None else transport.get_write_buffer_size()
        while left := len(stream.to_send) - stream.sent:
            if self._unwritten + buffered >= _UNSENT_BYTES:
                self._blocked[number] = None
                return
            size = min(h2.local_flow_control_window(number), h2.max_outbound_frame_size, left)
            if size <= 0:
                self._blocked[number] = None
                return
            piece = stream.to_send[stream.sent : stream.sent + size]
            stream.sent += size
            self._hold(-size)
            self._unwritten += size
            h2.send_data(number, piece, end_stream=size == left)
        self._blocked.pop(number, None)
        if not self._client:
            self._done(number)

    def _continue(self, number: int | None) -> None:
        for blocked in list(self._blocked) if not number else [number]:
            stream = self.streams.get(blocked)
            if stream is None or stream.sent == len(stream.to_send):
                continue
            try:
                self._more(blocked, stream)
            except H2Error:
                self._drop(blocked, False)

    # Time.

    def _tick(self) -> None:
        """Once a second: what is too old?"""
        self._timer = self._loop.call_later(1.0, self._tick)
        now = self._loop.time()
        if not self.ready and now - self._since > PREFACE_S:
            self.close("the peer says nothing")
            return
        for number, stream in list(self.streams.items()):
            if now - stream.since > STREAM_S:
                self.reset_stream(number)
        if not self.streams:
            if now - self._busy > (CLIENT_IDLE_S if self._client else IDLE_S):
                self.goodbye()
            return
        if self._client and now - self._heard > PING_S:
            if self._pinged:
                self.close("the peer does not answer PING")
                self.abort()
                return
            self._pinged = True
            self._heard = now
            self._h2.ping(b"awase\0\0\0")
            self.write()
