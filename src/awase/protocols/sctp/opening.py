"""How the side that asks for an association gets one (RFC 9260 clauses 5.1, 5.2.3, 5.2.6 and 5.4)."""

from struct import pack
from typing import NamedTuple

from awase.protocols.sctp.association import Arrival, Association
from awase.protocols.sctp.codec import Frame, chunk, encode_chunk, init_fields, parameters_value, tlv
from awase.protocols.sctp.events import AssociationUp
from awase.protocols.sctp.messages import CauseCode, ChunkType, Init, Parameter, ParameterType
from awase.protocols.sctp.path import NEVER
from awase.protocols.sctp.states import State
from awase.wire.addresses import ipv4_text
from awase.wire.errors import DecodeError

MINIMUM_WINDOW = 1500
"""An a_rwnd below this is refused (clause 3.3.2)."""

_IPV4 = Parameter(type=ParameterType.SUPPORTED_ADDRESS_TYPES, value=pack("!H", ParameterType.IPV4_ADDRESS))
_STOP, _REPORT = 0x8000, 0x4000
_UNDERSTOOD = (ParameterType.IPV6_ADDRESS, ParameterType.UNRECOGNIZED_PARAMETER, ParameterType.SUPPORTED_ADDRESS_TYPES)


class Offer(NamedTuple):
    """What an INIT or INIT ACK says of its sender."""

    tag: int
    window: int
    outbound_streams: int
    inbound_streams: int
    tsn: int
    hosts: tuple[str, ...]
    cookie: bytes | None
    preservative_ms: int
    unrecognized: tuple[Parameter, ...]
    """What asks to be reported (clause 3.2.1)."""
    host_name: bool

    @property
    def faulty(self) -> bool:
        """Whether a fixed field has a value that must be refused (clauses 3.3.2 and 3.3.3)."""
        return not (self.outbound_streams and self.inbound_streams) or self.window < MINIMUM_WINDOW


def read_offer(octets: bytes, frame: Frame, host: str, max_hosts: int) -> Offer:
    """Read an INIT or INIT ACK that came from a host. Raises DecodeError."""
    _, _, first, end = frame
    tag, window, outbound, inbound, tsn, parameters = init_fields(octets, first, end)
    hosts = [host]
    cookie, preservative_ms, host_name = None, 0, False
    unrecognized = []
    for parameter in parameters:
        kind, value = parameter.type, parameter.value
        if kind == ParameterType.IPV4_ADDRESS and len(value) == 4:
            _add_host(hosts, value, max_hosts)
        elif kind == ParameterType.STATE_COOKIE:
            cookie = value
        elif kind == ParameterType.COOKIE_PRESERVATIVE and len(value) == 4:
            preservative_ms = int.from_bytes(value, "big")
        elif kind == ParameterType.HOST_NAME_ADDRESS:
            host_name = True
        elif kind not in _UNDERSTOOD:
            if kind & _REPORT:
                unrecognized.append(parameter)
            if not kind & _STOP:
                break
    return Offer(
        tag, window, outbound, inbound, tsn, tuple(hosts), cookie, preservative_ms, tuple(unrecognized), host_name
    )


def _add_host(hosts: list[str], octets: bytes, max_hosts: int) -> None:
    """Take an address that one can send to: not 0.0.0.0/8, nor multicast or above (RFC 1112, RFC 1122)."""
    text = ipv4_text(octets)
    if 0 < octets[0] < 224 and text not in hosts and len(hosts) < max_hosts:
        hosts.append(text)


def start(a: Association, now_ns: int) -> None:
    """Send the INIT, and go on sending it until there is an answer (clause 5.1)."""
    a.state = State.COOKIE_WAIT
    a.address(0)
    a.t1_ns = now_ns + a.primary.rto_ns
    a.arm(a.t1_ns)
    a.emit(a.primary, init_chunk(a))
    a.primary.timed_sent_ns = now_ns


def init_chunk(a: Association) -> bytes:
    """The INIT of an association."""
    parameters: tuple[Parameter, ...] = (_IPV4,)
    if a.preservative_ms:
        value = pack("!I", a.preservative_ms)
        parameters = (Parameter(type=ParameterType.COOKIE_PRESERVATIVE, value=value), _IPV4)
    return encode_chunk(
        Init(
            initiate_tag=a.local_tag,
            advertised_receiver_window_credit=a.config.receive_buffer_bytes,
            number_of_outbound_streams=a.config.outbound_streams,
            number_of_inbound_streams=a.config.inbound_streams,
            initial_tsn=a.local_initial_tsn,
            parameters=parameters,
        )
    )


def accept_init_ack(a: Association, arrival: Arrival, frame: Frame) -> None:
    """INIT ACK: take what the peer offers and show it its cookie (clause 5.1, C)."""
    octets, path, _ = arrival
    try:
        offer = read_offer(octets, frame, path.host, a.config.max_paths)
    except DecodeError as fault:
        a.aborted(False, CauseCode.PROTOCOL_VIOLATION, f"the INIT ACK cannot be read: {fault.what}")
        return
    if offer.tag == 0:
        a.aborted(False, CauseCode.PROTOCOL_VIOLATION, "the INIT ACK has initiate tag 0")
        return
    a.address(offer.tag)
    if offer.faulty:
        a.abort(CauseCode.INVALID_MANDATORY_PARAMETER, "the INIT ACK offers no stream, or hardly any window")
    elif offer.host_name:
        a.abort(CauseCode.UNRESOLVABLE_ADDRESS, "the INIT ACK has a host name for an address")
    elif offer.cookie is None:
        missing = pack("!IH", 1, ParameterType.STATE_COOKIE)
        a.abort(CauseCode.MISSING_MANDATORY_PARAMETER, "the INIT ACK has no state cookie", missing)
    else:
        _take(a, offer, offer.cookie, arrival)


def _take(a: Association, offer: Offer, cookie: bytes, arrival: Arrival) -> None:
    config = a.config
    streams = (
        min(config.outbound_streams, offer.inbound_streams),
        min(config.inbound_streams, offer.outbound_streams),
    )
    a.begin_transfer(a.local_initial_tsn, offer.tsn, streams, offer.window)
    for host in offer.hosts:
        if host not in a.paths:
            a.add_path(host, arrival.path.port, confirmed=False)
    a.primary = a.reply_path = arrival.path
    if a.init_retries == 0:
        arrival.path.measured(arrival.now_ns - arrival.path.timed_sent_ns)
    a.cookie = chunk(ChunkType.COOKIE_ECHO, 0, cookie)
    if offer.unrecognized:
        # Cookie first, in one packet with it (clause 5.1, C and 3.2.2).
        reported = parameters_value(offer.unrecognized)
        piece = chunk(ChunkType.ERROR, 0, tlv(CauseCode.UNRECOGNIZED_PARAMETERS, reported))
        if len(a.cookie) + len(piece) <= a.room:
            a.emit(a.primary, a.cookie + piece)
        else:
            a.emit(a.primary, a.cookie)
    else:
        a.emit(a.primary, a.cookie)
    a.init_retries = 0
    a.state = State.COOKIE_ECHOED
    a.t1_ns = arrival.now_ns + a.primary.rto_ns
    a.arm(a.t1_ns)


def retry(a: Association, now_ns: int) -> None:
    """T1 ran out: send INIT or COOKIE ECHO again, but not for ever (clause 4, notes 2 and 3)."""
    a.init_retries += 1
    path = a.primary
    if a.init_retries > a.config.max_init_retransmits:
        what = "INIT" if a.state is State.COOKIE_WAIT else "COOKIE ECHO"
        a.lose(f"{path.host} has not answered {what} {a.init_retries} times")
        return
    path.back_off()
    a.emit(path, init_chunk(a) if a.state is State.COOKIE_WAIT else a.cookie)
    a.t1_ns = now_ns + path.rto_ns


def accept_cookie_ack(a: Association, arrival: Arrival, frame: Frame) -> None:
    """COOKIE ACK: the association is up (clause 5.1, E)."""
    del frame
    establish(a, arrival.now_ns)


def establish(a: Association, now_ns: int) -> None:
    """Enter ESTABLISHED, tell the user, prove the peer's further addresses (clause 5.4)."""
    a.state = State.ESTABLISHED
    a.t1_ns = NEVER
    a.cookie = b""
    a.errors = a.primary.errors = 0
    begin_heartbeats(a, now_ns)
    a.owner.events.append(
        AssociationUp(
            association=a.id,
            host=a.primary.host,
            port=a.peer_port,
            local_port=a.local_port,
            outbound_streams=a.outbound.streams,
            inbound_streams=a.inbound.streams,
            connected=a.connected,
        )
    )
    if a.closing_asked:
        a.state = State.SHUTDOWN_PENDING


def begin_heartbeats(a: Association, now_ns: int) -> None:
    """When each path is first probed: unconfirmed ones one an RTO, from now on (clauses 5.4 and 8.3)."""
    unproven = 0
    for path in a.paths.values():
        if path.confirmed:
            path.heartbeat_at_ns = now_ns + a.config.hb_interval_ns
        else:
            path.heartbeat_at_ns = now_ns + unproven * path.rto_ns
            unproven += 1
        a.arm(path.heartbeat_at_ns)


def cookie_was_stale(a: Association, measure: bytes, now_ns: int) -> None:
    """ERROR "stale cookie" in COOKIE-ECHOED: try once more, asking for a longer life (clause 5.2.6)."""
    staleness_us = int.from_bytes(measure[:4], "big")
    if a.preservative_ms or a.init_retries >= a.config.max_init_retransmits:
        a.aborted(True, CauseCode.STALE_COOKIE, "the state cookie was stale twice")
        return
    # Longer by how stale it was and by the round trip, within reason.
    a.preservative_ms = min(staleness_us // 1000 + 2 * a.primary.rto_ns // 1_000_000, 60_000) or 1
    a.cookie = b""
    start(a, now_ns)
