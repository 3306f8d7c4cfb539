"""Batches: what consecutive packets of one flow share is looked up once, and they go on as one batch."""

from collections.abc import Sequence

from awase.functions.upf.core import Core
from awase.functions.upf.forwarding import N6, apply
from awase.functions.upf.rule import FORW, Far, Pdr, TokenBucket
from awase.model.part import Packet
from awase.protocols.gtpu.codec import encode_g_pdus
from awase.protocols.pfcp.elements import Interface

_PLAIN = frozenset((6, 17))
"""TCP and UDP, whose ports stand right after a header without options."""
_SHORTEST = 24


def same_flow(batch: Sequence[bytes], first: int, at: int) -> int:
    """How many packets from `first` on every rule treats alike: one at least.

    `at` is where the IP header stands: 0, or 16 behind a G-PDU's header. All that rules look at is equal: tunnel, QFI,
    class, protocol, addresses and ports, and so are the lengths that the headers tell, with those of the octets.
    """
    octets = batch[first]
    if len(octets) < at + _SHORTEST or octets[at] != 0x45 or octets[at + 9] not in _PLAIN:
        return 1
    fragment, protocol = octets[at + 6 : at + 8], octets[at + 9]
    if fragment[0] & 0x3F or fragment[1]:
        return 1
    start, middle, ends = octets[:2], octets[4 : at + 2], octets[at + 12 : at + 24]
    for stop in range(first + 1, len(batch)):
        octets = batch[stop]
        if (
            octets[at + 12 : at + 24] != ends
            or octets[4 : at + 2] != middle
            or octets[:2] != start
            or octets[at + 6 : at + 8] != fragment
            or octets[at + 9] != protocol
            or not _is_whole(octets, at)
        ):
            return stop - first
    return len(batch) - first


def _is_whole(octets: bytes, at: int) -> bool:
    size = len(octets)
    if at and (octets[2] << 8 | octets[3]) + 8 != size:
        return False
    return 20 <= (octets[at + 2] << 8 | octets[at + 3]) <= size - at


def apply_to_all(core: Core, pdr: Pdr, payloads: list[bytes], qfi: int | None) -> None:
    """What `apply` does to each packet of a flow."""
    far = pdr.far
    packet = None
    if len(payloads) > 1 and far is not None and far.actions & FORW and not pdr.urrs:
        packet = _forwarded(core, pdr, far, payloads, qfi)
    if packet is None or not _conform(core, pdr, payloads):
        for octets in payloads:
            apply(core, pdr, octets, qfi)
    else:
        core.send(packet)


def _forwarded(core: Core, pdr: Pdr, far: Far, payloads: list[bytes], qfi: int | None) -> Packet | None:
    """Them as they go on; None where each needs a look."""
    teid = far.teid
    if teid is None:
        return Packet("n6", core.n6_peer(pdr, far), payloads) if far.destination_interface in N6 else None
    if pdr.qfi is not None:
        qfi = pdr.qfi
    interface = far.destination_interface
    downlink = interface == Interface.ACCESS
    if qfi is None or (downlink and (pdr.rqi or pdr.ppi is not None)):
        return None
    octets = encode_g_pdus(teid, payloads, qfi, uplink=pdr.uplink and not downlink)
    return Packet(core.tunnel_port(interface), far.peer, octets)


def _conform(core: Core, pdr: Pdr, payloads: list[bytes]) -> bool:
    """Whether every gate and rate lets all pass, which is then counted; if not, nothing is taken from the rates."""
    uplink = pdr.uplink
    buckets: list[TokenBucket] = []
    for qer in pdr.qers:
        if not (qer.ul_open if uplink else qer.dl_open):
            return False
        bucket = qer.ul_bucket if uplink else qer.dl_bucket
        if bucket is not None:
            buckets.append(bucket)
    octets = sum(map(len, payloads))
    if len(set(map(id, buckets))) < len(buckets) or not all(b.holds(octets, core.now_ns) for b in buckets):
        return False
    for bucket in buckets:
        bucket.take(octets, core.now_ns)
    return True
