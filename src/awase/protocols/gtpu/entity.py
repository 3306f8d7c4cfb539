"""What both GTP-U peers keep: echo (TS 29.281 clause 7.2.1, TS 23.007 clause 20) and how often we complain.

T3-RESPONSE and N3-REQUESTS are the operator's to choose.
"""

from collections.abc import Callable
from typing import NamedTuple

from awase.model.machine import Machine, Procedure, Running, Wait, ask
from awase.model.part import NS_PER_S, Address, Packet
from awase.protocols.gtpu.codec import (
    UnsupportedExtensionHeaderError,
    encode,
)
from awase.protocols.gtpu.messages import (
    PORT,
    AnyMessage,
    EchoRequest,
    EchoResponse,
    EndMarker,
    ErrorIndication,
    ExtensionHeader,
    ExtensionHeaderType,
    SupportedExtensionHeadersNotification,
)
from awase.wire.errors import DecodeError

SUPPORTED_EXTENSION_HEADERS = (
    ExtensionHeaderType.UDP_PORT,
    ExtensionHeaderType.PDU_SESSION_CONTAINER,
)

COMPLAINTS_PER_S = 100
"""How many Error Indications and notifications we send in a second, whoever provokes them."""

MALFORMED_PER_S = 20


class Config(NamedTuple):
    """Timers of path management. Echo not more often than every 60 s (clause 7.2.1); None: never."""

    t3_response_ns: int = 3 * NS_PER_S
    n3_requests: int = 3
    echo_interval_ns: int | None = 60 * NS_PER_S


DEFAULT_CONFIG = Config()


class Entity:
    """One GTP-U entity, behind one port. `lost` is called with the address of a peer that is silent."""

    def __init__(
        self,
        machine: Machine,
        port: str,
        *,
        lost: Callable[[Address], None],
        config: Config = DEFAULT_CONFIG,
    ) -> None:
        self.machine = machine
        self.port = port
        self.config = config
        self._lost = lost
        self._sequence_number = 0
        self._watches: dict[Address, Running] = {}
        self._second = 0
        self._complaints = 0

    def receive(self, peer: Address, message: AnyMessage) -> bool:
        """Take a message of path management; False if it is another's to handle."""
        if isinstance(message, EchoRequest):
            # The response goes back to the port that the request came from (clause 4.4.2.2).
            self.send(peer, EchoResponse(sequence_number=message.sequence_number or 0))
        elif isinstance(message, EchoResponse):
            self.machine.resume((self.port, peer, message.sequence_number), message)
        else:
            return isinstance(message, SupportedExtensionHeadersNotification)
        return True

    def send(self, peer: Address, message: AnyMessage) -> None:
        """Hand a message to the port."""
        self.machine.send(Packet(port=self.port, peer=peer, payload=encode(message)))

    def send_error_indication(self, peer: Address, teid: int, own_address: str) -> bool:
        """Say that there is no context for the TEID of a G-PDU (clause 7.3.1); False where too often."""
        if not self._may_complain():
            return False
        host, _, port = peer.rpartition(":")
        # Its UDP port tells the sender which of its sockets is meant; a peer without one is sent none.
        number = int(port) if port.isdecimal() and len(port) <= 5 else 0
        headers = (
            (ExtensionHeader(ExtensionHeaderType.UDP_PORT, number.to_bytes(2, "big")),) if 0 < number < 0x10000 else ()
        )
        self.send(
            f"{host}:{PORT}",
            ErrorIndication(
                sequence_number=0,
                tunnel_endpoint_identifier_data_i=teid,
                gtp_u_peer_address=own_address,
                extension_headers=headers,
            ),
        )
        return True

    def send_end_marker(self, peer: Address, teid: int) -> None:
        """Say that no more packets come on this tunnel (clause 7.3.2)."""
        self.send(peer, EndMarker(teid=teid))

    def refuse(self, peer: Address, error: DecodeError) -> None:
        """Report what could not be read, and answer it where clause 5.2.1 asks for that."""
        if isinstance(error, UnsupportedExtensionHeaderError) and self._may_complain():
            self.send(
                peer,
                SupportedExtensionHeadersNotification(
                    sequence_number=0,
                    extension_header_types=tuple(int(t) for t in SUPPORTED_EXTENSION_HEADERS),
                ),
            )
        self.machine.report(
            "MalformedPacket",
            f"{peer} sent what is no GTP-U message: {error}",
            level="warning",
            subject=peer,
            at_most_per_s=MALFORMED_PER_S,
            port=self.port,
            what=error.what,
            offset=-1 if error.offset is None else error.offset,
        )

    def _may_complain(self) -> bool:
        second = self.machine.now_ns // NS_PER_S
        if second != self._second:
            self._second, self._complaints = second, 0
        self._complaints += 1
        return self._complaints <= COMPLAINTS_PER_S

    def echo(self, peer: Address) -> Procedure[bool]:
        """Ask whether a peer answers, N3-REQUESTS times."""
        self._sequence_number = (self._sequence_number + 1) & 0xFFFF
        number = self._sequence_number
        answer = yield from ask(
            lambda: self.send(peer, EchoRequest(sequence_number=number)),
            (self.port, peer, number),
            self.config.t3_response_ns,
            self.config.n3_requests,
        )
        return answer is not None

    def watch(self, peer: Address) -> None:
        """Send Echo Requests to a peer while there is a user plane path to it, until it is lost."""
        if peer not in self._watches and self.config.echo_interval_ns is not None:
            self._watches[peer] = self.machine.run(self._echoes(peer, self.config.echo_interval_ns))

    def unwatch(self, peer: Address) -> None:
        """Send a peer no more Echo Requests."""
        running = self._watches.pop(peer, None)
        if running is not None:
            self.machine.cancel(running)

    def _echoes(self, peer: Address, interval_ns: int) -> Procedure[None]:
        while True:
            yield Wait((self.port, "echo", peer), interval_ns)
            alive = yield from self.echo(peer)
            if not alive:
                self._watches.pop(peer, None)
                self._lost(peer)
                return
