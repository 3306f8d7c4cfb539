"""How the side that is asked gives an association: INIT costs it nothing but an answer (RFC 9260 clauses 5.1, 5.2)."""

from enum import Enum
from struct import pack

from awase.protocols.sctp.association import Association
from awase.protocols.sctp.codec import HEAD, chunk, encode_chunk, parameters_value, seal, tlv
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.cookie import StateCookie
from awase.protocols.sctp.messages import Abort, Cause, CauseCode, ChunkType, InitAck, Parameter, ParameterType
from awase.protocols.sctp.opening import Offer
from awase.protocols.sctp.states import State
from awase.wire.addresses import ipv4_octets
from awase.wire.errors import EncodeError


class Verdict(Enum):
    """What a valid cookie means for the association that there is (table 12 of clause 5.2.4)."""

    RESTART = "A"
    COLLISION = "B"
    LATE = "C"
    AGAIN = "D"
    STRANGE = "discard"


OPENING = (State.COOKIE_WAIT, State.COOKIE_ECHOED)


def judge(a: Association, cookie: StateCookie) -> Verdict:
    """Compare tags and tie-tags (table 12)."""
    local = cookie.local_tag == a.local_tag
    peer = cookie.peer_tag == a.peer_tag
    if local:
        return Verdict.AGAIN if peer else Verdict.COLLISION
    if (cookie.local_tie_tag, cookie.peer_tie_tag) == (a.local_tag, a.peer_tag):
        return Verdict.STRANGE if peer else Verdict.RESTART
    return Verdict.LATE if peer and not (cookie.local_tie_tag or cookie.peer_tie_tag) else Verdict.STRANGE


def bake(
    offer: Offer, ports: tuple[int, int], own: tuple[int, int], a: Association | None, config: Config
) -> StateCookie:
    """The cookie for an INIT, without its time: ports and own tag and TSN given; tie-tags of what there is (5.2.2)."""
    tied = a is not None and a.state is not State.COOKIE_WAIT
    return StateCookie(
        made_ns=0,
        life_ns=config.valid_cookie_life_ns + min(offer.preservative_ms * 1_000_000, config.valid_cookie_life_ns),
        local_port=ports[0],
        peer_port=ports[1],
        local_tag=own[0],
        peer_tag=offer.tag,
        local_tie_tag=a.local_tag if a is not None and tied else 0,
        peer_tie_tag=a.peer_tag if a is not None and tied else 0,
        local_initial_tsn=own[1],
        peer_initial_tsn=offer.tsn,
        peer_window=offer.window,
        outbound_streams=min(config.outbound_streams, offer.inbound_streams),
        inbound_streams=min(config.inbound_streams, offer.outbound_streams),
        hosts=offer.hosts,
    )


def init_ack(cookie: StateCookie, sealed: bytes, unrecognized: tuple[Parameter, ...], config: Config) -> bytes:
    """The INIT ACK packet, with what was not understood as far as there is room (clause 3.2.2)."""
    parameters = [Parameter(type=ParameterType.STATE_COOKIE, value=sealed)]
    room = config.max_packet_bytes - 12 - 20 - 8 - len(sealed)
    for parameter in unrecognized:
        whole = parameters_value((parameter,))
        room -= len(whole) + 7
        if room >= 0:
            parameters.append(Parameter(type=ParameterType.UNRECOGNIZED_PARAMETER, value=whole))
    message = InitAck(
        initiate_tag=cookie.local_tag,
        advertised_receiver_window_credit=config.receive_buffer_bytes,
        number_of_outbound_streams=config.outbound_streams,
        number_of_inbound_streams=config.inbound_streams,
        initial_tsn=cookie.local_initial_tsn,
        parameters=tuple(parameters),
    )
    return seal(HEAD.pack(cookie.local_port, cookie.peer_port, cookie.peer_tag), encode_chunk(message))


def refusal(ports: tuple[int, int], tag: int, causes: tuple[Cause, ...] = (), *, reflected: bool = False) -> bytes:
    """An ABORT packet without an association: ports are own and peer's."""
    return seal(HEAD.pack(*ports, tag), encode_chunk(Abort(causes=causes, tag_reflected=reflected)))


def new_addresses(a: Association, offer: Offer) -> Cause | None:
    """What is wrong with an INIT on an association that it would restart: addresses of others (clause 5.2.2)."""
    new = [host for host in offer.hosts if host not in a.paths]
    if not new:
        return None
    information = b""
    for host in new:
        try:
            information += tlv(ParameterType.IPV4_ADDRESS, ipv4_octets(host))
        except EncodeError:
            continue
    return Cause(code=CauseCode.RESTART_WITH_NEW_ADDRESSES, information=information)


def stale(cookie: StateCookie, now_ns: int) -> bytes:
    """The packet that says how stale a cookie was (clause 5.2.4, 2; clause 3.3.10.3: in microseconds)."""
    staleness_us = min((now_ns - cookie.made_ns - cookie.life_ns) // 1000, 0xFFFFFFFF)
    value = tlv(CauseCode.STALE_COOKIE, pack("!I", staleness_us))
    return seal(HEAD.pack(cookie.local_port, cookie.peer_port, cookie.peer_tag), chunk(ChunkType.ERROR, 0, value))
