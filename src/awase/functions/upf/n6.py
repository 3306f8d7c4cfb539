"""N6: IP packets from the data network."""

from collections.abc import Sequence

from awase.functions.upf.batch import apply_to_all, same_flow
from awase.functions.upf.core import Core
from awase.functions.upf.forwarding import apply
from awase.functions.upf.rule import Pdr
from awase.functions.upf.sdf import matches
from awase.model.part import Packet
from awase.wire.addresses import ipv4_text, ipv6_text


def receive(core: Core, packet: Packet) -> None:
    """Take an IP packet, or a batch."""
    payload = packet.payload
    if isinstance(payload, bytes):
        _packet(core, packet.peer, payload)
        return
    first = 0
    while first < len(payload):
        count = same_flow(payload, first, 0)
        if count == 1 or not _flow(core, packet.peer, payload[first : first + count]):
            for octets in payload[first : first + count]:
                _packet(core, packet.peer, octets)
        first += count


def _flow(core: Core, peer: str, batch: Sequence[bytes]) -> bool:
    """Packets of one flow for one UE; False if each needs a look."""
    octets = batch[0]
    if not is_ip(octets):
        return False
    for pdr in _find(core, peer, octets[16:20]) or ():
        if pdr.destination and (not pdr.filters or any(matches(rule, octets, False) for rule in pdr.filters)):
            apply_to_all(core, pdr, list(batch), None)
            return True
    return False


def is_ip(octets: bytes) -> bool:
    """Whether there is a header that is whole, of a packet that is (RFC 1812 clause 5.2.2, RFC 8200 clause 3)."""
    size = len(octets)
    if size < 20:
        return False
    version = octets[0] >> 4
    if version == 4:
        return 20 <= (octets[2] << 8 | octets[3]) <= size
    return version == 6 and size >= 40 and (octets[4] << 8 | octets[5]) + 40 <= size


def _packet(core: Core, peer: str, octets: bytes) -> None:
    if not is_ip(octets):
        core.report_packet("MalformedPacket", f"N6 brought {len(octets)} octets that are no IP packet")
        return
    key = octets[16:20] if octets[0] >> 4 == 4 else octets[24:32]
    pdrs = _find(core, peer, key)
    if pdrs is None:
        core.report_packet("UnknownUeAddress", f"N6 brought a packet for {_destination(octets)}, which no session has")
        return
    for pdr in pdrs:
        if pdr.destination and (not pdr.filters or any(matches(rule, octets, False) for rule in pdr.filters)):
            apply(core, pdr, octets, None)
            return
    session = pdrs[0].session
    core.report_packet(
        "NoMatchingRule",
        f"a downlink packet for {_destination(octets)} fits no rule of {session.subject}",
        subject=session.subject,
    )


def _find(core: Core, peer: str, key: bytes) -> tuple[Pdr, ...] | None:
    """The rules of a UE's address: in the address space of the data network, or where the packet names none, in any."""
    spaces = core.context.spaces
    space = spaces.get(peer)
    if peer and (space is not None or "" in spaces):
        pdrs = None if space is None else space.get(key)
        return pdrs if pdrs is not None or "" not in spaces else spaces[""].get(key)
    for space in spaces.values():
        pdrs = space.get(key)
        if pdrs is not None:
            return pdrs
    return None


def _destination(octets: bytes) -> str:
    return ipv4_text(octets[16:20]) if octets[0] >> 4 == 4 else ipv6_text(octets[24:40])
