"""TLS of HTTP ports: contexts, a server's handshakes, and what went wrong in words (TS 33.210 clause 6.2)."""

import asyncio
import errno
import os
import ssl
from collections.abc import Callable
from functools import partial

from awase.transports.hosting import TlsOptions
from awase.transports.ports import Context

HANDSHAKE_S = 10.0
MAX_HANDSHAKES = 512
"""Clients that have not finished theirs; nobody new is let in meanwhile."""
MAX_HANDSHAKES_PER_HOST = 256
MAX_TOLD = 64
"""How many peers and faults are told of, once each."""


def server_tls(options: TlsOptions) -> ssl.SSLContext:
    """TLS 1.2 or 1.3 with ALPN h2. Raises OSError that says which file is wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return _filled(context, options, options.mutual)


def client_tls(options: TlsOptions) -> ssl.SSLContext:
    """The same for a client, which checks the server's address against its certificate."""
    return _filled(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), options, True)


def _filled(context: ssl.SSLContext, options: TlsOptions, verify: bool) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    for what, file in (("certificate", options.certificate), ("key", options.key), ("authority", options.authorities)):
        if not os.access(file, os.R_OK):
            raise OSError(errno.ENOENT, f"the {what} {file} cannot be read")
    try:
        context.load_cert_chain(options.certificate, options.key)
    except ssl.SSLError as error:
        files = f"{options.certificate} and {options.key}"
        raise OSError(errno.EINVAL, f"{files} are no certificate and its key in PEM ({error.reason})") from None
    try:
        context.load_verify_locations(options.authorities)
    except ssl.SSLError as error:
        raise OSError(errno.EINVAL, f"{options.authorities} holds no certificate in PEM ({error.reason})") from None
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    if options.key_log:
        context.keylog_filename = options.key_log
    return context


_WORDS = (
    ("certificate has expired", "its certificate has expired"),
    ("certificate is not yet valid", "its certificate is not valid yet: do the clocks agree?"),
    ("self-signed certificate", "its certificate is of an authority that is not trusted here"),
    ("unable to get local issuer", "its certificate is of an authority that is not trusted here"),
    ("unable to verify the first", "its certificate is of an authority that is not trusted here"),
    ("certificate signature failure", "its certificate is of an authority that is not trusted here"),
    ("address mismatch", "its certificate is for another address"),
    ("hostname mismatch", "its certificate is for another name"),
    ("did not return a certificate", "it shows no certificate, and the port asks for one (mutual: true)"),
    ("certificate_required", "it asks for a certificate of ours"),
    ("alert certificate expired", "it holds our certificate to have expired"),
    ("alert_certificate_expired", "it holds our certificate to have expired"),
    ("unknown_ca", "it does not trust the authority of our certificate"),
    ("unknown ca", "it does not trust the authority of our certificate"),
    ("certificate_unknown", "it does not accept our certificate"),
    ("bad_certificate", "it does not accept our certificate"),
    ("http_request", "it speaks HTTP without TLS"),
    ("wrong_version_number", "it does not speak TLS"),
    ("unsupported_protocol", "it speaks no TLS of version 1.2 or 1.3"),
)


def words(error: BaseException | str) -> str:
    """What went wrong, for a person."""
    said = str(error)
    low = said.lower()
    for sign, text in _WORDS:
        if sign in low:
            return text
    return "it did not finish the handshake in time" if isinstance(error, TimeoutError) else said or "it hung up"


class Told:
    """Tells of each peer's fault once, until it has succeeded."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: dict[tuple[str, str], None] = {}

    def failed(self, peer: str, error: BaseException | str) -> None:
        """No TLS with a peer."""
        key = peer, words(error)
        if key not in self._told and len(self._told) < MAX_TOLD:
            self._told[key] = None
            self._context.report("TlsFailed", f"no TLS with {peer}: {key[1]} ({error})", peer=peer)

    def succeeded(self, peer: str) -> None:
        """The next fault is news."""
        if self._told:
            self._told = {key: None for key in self._told if key[0] != peer}


class Gate:
    """Lets clients in whose handshake succeeds, and says why others are not."""

    def __init__(self, context: Context, tls: ssl.SSLContext, accept: Callable[[], asyncio.Protocol]) -> None:
        self._loop = context.loop
        self._told = Told(context)
        self._tls = tls
        self._accept = accept
        self._under_way: set[asyncio.Task[None]] = set()
        self._hosts: dict[str, int] = {}

    def make(self) -> asyncio.Protocol:
        """Who takes a connection."""
        return _Waiting(self)

    def come(self, transport: asyncio.Transport) -> None:
        """TCP is up."""
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if peer else "nobody"
        if len(self._under_way) >= MAX_HANDSHAKES or self._hosts.get(host, 0) >= MAX_HANDSHAKES_PER_HOST:
            transport.abort()
            return
        # What it says is for TLS, which is not there yet.
        transport.pause_reading()
        task = self._loop.create_task(self._shake_hands(transport, host))
        self._under_way.add(task)
        self._hosts[host] = self._hosts.get(host, 0) + 1
        task.add_done_callback(partial(self._done, host))

    def _done(self, host: str, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        left = self._hosts.pop(host) - 1
        if left:
            self._hosts[host] = left

    async def _shake_hands(self, transport: asyncio.Transport, host: str) -> None:
        early = _Early()
        try:
            secured = await self._loop.start_tls(
                transport, early, self._tls, server_side=True, ssl_handshake_timeout=HANDSHAKE_S
            )
        except (OSError, ssl.SSLError, TimeoutError, asyncio.CancelledError) as error:
            transport.abort()
            if isinstance(error, asyncio.CancelledError):
                raise
            self._told.failed(host, error)
            return
        self._told.succeeded(host)
        if secured is None or early.lost:
            transport.abort()
            return
        protocol = self._accept()
        secured.set_protocol(protocol)
        protocol.connection_made(secured)
        if early.octets and not secured.is_closing():
            protocol.data_received(bytes(early.octets))

    def close(self) -> None:
        """Nobody new."""
        for task in list(self._under_way):
            task.cancel()


class _Early(asyncio.Protocol):
    """What a client sends at once after its handshake, before there is who takes it."""

    def __init__(self) -> None:
        self.octets = bytearray()
        self.lost = False

    def data_received(self, data: bytes) -> None:
        """Octets came."""
        self.octets += data

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone already."""
        del exc
        self.lost = True


class _Waiting(asyncio.Protocol):
    """A client before TLS."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is up."""
        assert isinstance(transport, asyncio.Transport)
        self._gate.come(transport)
