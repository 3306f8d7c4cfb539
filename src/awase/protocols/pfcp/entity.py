"""What both PFCP peers keep: sequence numbers, T1 and N1, responses sent, heartbeats, the peer's restarts.

TS 29.244 clauses 6.2.2 (heartbeats), 6.4 (reliable delivery), 7.6 (errors). A function gives it every packet
of its port, handles the Requests that come out of `receive`, and sends its own with `ask` in a procedure:

    response = yield from pfcp.ask(peer, SessionDeletionRequest(), seid=seid)     # None: N1 tries are over
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from awase.model.machine import Machine, Procedure, Running, Wait
from awase.model.machine import ask as ask_machine
from awase.model.part import NS_PER_S, Address, Packet
from awase.protocols.pfcp.codec import (
    ElementError,
    UnknownMessageError,
    VersionError,
    decode,
    encode,
    is_session_message,
)
from awase.protocols.pfcp.elements import Cause, NodeId
from awase.protocols.pfcp.messages import (
    AssociationReleaseResponse,
    AssociationSetupResponse,
    AssociationUpdateResponse,
    Header,
    HeartbeatRequest,
    HeartbeatResponse,
    Message,
    NodeReportResponse,
    PfdManagementResponse,
    SessionDeletionResponse,
    SessionEstablishmentResponse,
    SessionModificationResponse,
    SessionReportResponse,
    SessionSetDeletionResponse,
    VersionNotSupportedResponse,
)
from awase.wire.errors import DecodeError

NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (TS 29.244 clause 8.2.65)."""

MAX_RESPONSES = 2048
MAX_PEERS = 1024
MALFORMED_PER_S = 20

_RESPONSE_TYPES = frozenset((2, 4, 6, 8, 10, 11, 13, 15, 51, 53, 55, 57))


class Request(NamedTuple):
    """A peer's request that the function is to answer with `Entity.respond`."""

    peer: Address
    header: Header
    message: Message
    octets: bytes = b""


class Config(NamedTuple):
    """Timers of clause 6.4, whose values are the operator's, and of heartbeats (None: send none)."""

    t1_ns: int = 1 * NS_PER_S
    n1: int = 5
    heartbeat_interval_ns: int | None = 60 * NS_PER_S


DEFAULT_CONFIG = Config()


def recovery_time_stamp(now_ns: int) -> int:
    """The Recovery Time Stamp of a function that starts now."""
    return (now_ns // NS_PER_S + NTP_EPOCH_S) & 0xFFFFFFFF


class Entity:
    """One PFCP entity, behind one port.

    `peer_seid` gives the peer's SEID for one of ours (None: no such session), for answers to requests
    whose elements could not be read. `restarted` and `lost` are called with a peer's address when its
    Recovery Time Stamp has changed, and when it leaves a heartbeat unanswered.
    """

    def __init__(
        self,
        machine: Machine,
        port: str,
        node_id: NodeId,
        *,
        peer_seid: Callable[[int], int | None],
        restarted: Callable[[Address], None],
        lost: Callable[[Address], None],
        config: Config = DEFAULT_CONFIG,
    ) -> None:
        self.machine = machine
        self.port = port
        self.node_id = node_id
        self.config = config
        self._peer_seid = peer_seid
        self._restarted = restarted
        self._lost = lost
        self._sequence_number = 0
        self._started: int | None = None
        self._responses: OrderedDict[tuple[Address, int], tuple[bytes, bytes | None]] = OrderedDict()
        self._peer_started: OrderedDict[Address, int] = OrderedDict()
        self._watches: dict[Address, Running] = {}

    @property
    def recovery_time_stamp(self) -> int:
        """When this entity started: at its first use."""
        if self._started is None:
            self._started = recovery_time_stamp(self.machine.now_ns)
        return self._started

    def peer_started(self, peer: Address) -> int | None:
        """A peer's Recovery Time Stamp, if it is known."""
        return self._peer_started.get(peer)

    def take_up(self, time_stamp: int) -> None:
        """Go on as the entity that started then: its state was kept (TS 23.527 clause 4.2)."""
        self._started = time_stamp
        # Its last requests may still be remembered, and one of ours be taken for one of them sent again.
        self._sequence_number = int.from_bytes(self.machine.services.random_bytes(3, "pfcp sequence"))

    # Our requests.

    def ask(
        self, peer: Address, message: Message, *, seid: int | None = None, number: int | None = None
    ) -> Procedure[Message | None]:
        """Send a request, again at each T1, at most N1 times; the response, or None.

        `number` is that of the same request, sent before: a peer that has answered it answers alike.
        """
        if number is None:
            number = self.next_sequence_number(peer)
        octets = encode(message, sequence_number=number, seid=seid)
        response: Message | None = yield from ask_machine(
            lambda: self._send(peer, octets), (self.port, peer, number), self.config.t1_ns, self.config.n1
        )
        return response

    def next_sequence_number(self, peer: Address) -> int:
        """A number that no request to this peer has that waits for its response (clause 6.4)."""
        while True:
            self._sequence_number = (self._sequence_number + 1) & 0xFFFFFF
            if not self.machine.waits_for((self.port, peer, self._sequence_number)):
                return self._sequence_number

    def _send(self, peer: Address, octets: bytes) -> None:
        self.machine.send(Packet(port=self.port, peer=peer, payload=octets))

    # The peer's packets.

    def receive(self, packet: Packet) -> Request | None:
        """Take a packet; a request that the function must answer, or None."""
        peer, octets = packet.peer, packet.payload
        if not isinstance(octets, bytes):
            self._malformed(peer, "no single datagram")
            return None
        try:
            header, message = decode(octets)
        except DecodeError as error:
            self._refuse(peer, octets, error)
            return None
        if header.message_type in _RESPONSE_TYPES:
            self._take_response(peer, header, message)
            return None
        if isinstance(message, HeartbeatRequest):
            self.note_recovery(peer, message.recovery_time_stamp)
            answer = HeartbeatResponse(recovery_time_stamp=self.recovery_time_stamp)
            self._send(peer, encode(answer, sequence_number=header.sequence_number))
            return None
        if self._is_repeated(peer, header.sequence_number, octets):
            return None
        return Request(peer, header, message, octets)

    def respond(self, request: Request, message: Message, *, seid: int | None = None) -> None:
        """Answer a request; `seid` is the peer's, 0 where it has none yet."""
        number = request.header.sequence_number
        octets = encode(
            message,
            sequence_number=number,
            seid=seid,
            message_priority=request.header.message_priority,
        )
        self._responses[request.peer, number] = (request.octets, octets)
        self._send(request.peer, octets)

    def _take_response(self, peer: Address, header: Header, message: Message) -> None:
        # A late or invented response waits for nobody, and is dropped (clause 7.6.5).
        self.machine.resume((self.port, peer, header.sequence_number), message)

    def _is_repeated(self, peer: Address, number: int, octets: bytes) -> bool:
        """Whether this request has been seen; its response, if it has one, is sent again (clause 6.4).

        Octets are compared too, since a peer that restarts begins its sequence numbers anew.
        """
        key = (peer, number)
        known = self._responses.get(key)
        if known is not None and known[0] == octets:
            if known[1] is not None:
                self._send(peer, known[1])
            return True
        self._responses[key] = (octets, None)
        if len(self._responses) > MAX_RESPONSES:
            self._responses.popitem(last=False)
        return False

    def forget_responses(self, peer: Address) -> None:
        """A peer that restarted begins its sequence numbers anew."""
        for key in [key for key in self._responses if key[0] == peer]:
            del self._responses[key]

    # What cannot be read.

    def _malformed(self, peer: Address, what: str, offset: int | None = None) -> None:
        self.machine.report(
            "MalformedPacket",
            f"{peer} sent what is no PFCP message: {what}",
            level="warning",
            subject=peer,
            at_most_per_s=MALFORMED_PER_S,
            port=self.port,
            what=what,
            offset=-1 if offset is None else offset,
        )

    def _refuse(self, peer: Address, octets: bytes, error: DecodeError) -> None:
        self._malformed(peer, str(error), error.offset)
        if isinstance(error, VersionError):
            # Not in answer to such an answer, or two versions would send them for ever.
            if octets[1] != 11:
                answer = VersionNotSupportedResponse()
                self._send(peer, encode(answer, sequence_number=error.sequence_number))
            return
        if isinstance(error, UnknownMessageError) or not isinstance(error, ElementError):
            return
        header = error.header
        if header is None:
            return
        if header.message_type in _RESPONSE_TYPES:
            return
        refusal = refuse(self.node_id, header.message_type, error.cause, error.offending_ie, self.recovery_time_stamp)
        if refusal is None:
            return
        seid = None
        if is_session_message(header.message_type):
            seid = self._peer_seid(header.seid or 0) or 0
        self._send(peer, encode(refusal, sequence_number=header.sequence_number, seid=seid))

    # Whether the peer lives.

    def note_recovery(self, peer: Address, time_stamp: int) -> None:
        """Compare a peer's Recovery Time Stamp with the one it had (clause 6.2.2.1)."""
        known = self._peer_started.get(peer)
        if known == time_stamp:
            return
        # Reordered on its way, an older time stamp says nothing.
        if known is not None and (time_stamp - known) & 0xFFFFFFFF >= 1 << 31:
            return
        self._peer_started[peer] = time_stamp
        if len(self._peer_started) > MAX_PEERS:
            self._peer_started.popitem(last=False)
        if known is not None:
            self.forget_responses(peer)
            self._restarted(peer)

    def watch(self, peer: Address) -> None:
        """Send heartbeats to a peer, until it is lost or `unwatch`ed."""
        if peer not in self._watches and self.config.heartbeat_interval_ns is not None:
            self._watches[peer] = self.machine.run(self._heartbeats(peer, self.config.heartbeat_interval_ns))

    def unwatch(self, peer: Address) -> None:
        """Send a peer no more heartbeats."""
        running = self._watches.pop(peer, None)
        if running is not None:
            self.machine.cancel(running)

    def _heartbeats(self, peer: Address, interval_ns: int) -> Procedure[None]:
        """Clause 6.2.2."""
        while True:
            yield Wait((self.port, "heartbeat", peer), interval_ns)
            response = yield from self.ask(peer, HeartbeatRequest(recovery_time_stamp=self.recovery_time_stamp))
            if response is None:
                self._watches.pop(peer, None)
                self._lost(peer)
                return
            if isinstance(response, HeartbeatResponse):
                self.note_recovery(peer, response.recovery_time_stamp)


def refuse(node_id: NodeId, message_type: int, cause: Cause, offending_ie: int | None, recovery: int) -> Message | None:
    """The response to a request of this type that says no; None where there is none."""
    if message_type == 5:
        return AssociationSetupResponse(node_id=node_id, cause=cause, recovery_time_stamp=recovery)
    make = _WITH_NODE_ID.get(message_type)
    if make is not None:
        return make(node_id=node_id, cause=cause)
    make = _WITH_OFFENDING_IE_AND_NODE_ID.get(message_type)
    if make is not None:
        return make(node_id=node_id, cause=cause, offending_ie=offending_ie)
    make = _WITH_OFFENDING_IE.get(message_type)
    return None if make is None else make(cause=cause, offending_ie=offending_ie)


_WITH_NODE_ID: dict[int, Callable[..., Message]] = {
    7: AssociationUpdateResponse,
    9: AssociationReleaseResponse,
}
_WITH_OFFENDING_IE_AND_NODE_ID: dict[int, Callable[..., Message]] = {
    3: PfdManagementResponse,
    12: NodeReportResponse,
    14: SessionSetDeletionResponse,
    50: SessionEstablishmentResponse,
}
_WITH_OFFENDING_IE: dict[int, Callable[..., Message]] = {
    52: SessionModificationResponse,
    54: SessionDeletionResponse,
    56: SessionReportResponse,
}
