"""The short way of a packet with one chunk that is as usual: DATA next in sequence, or a SACK (RFC 9260 clause 6).

Nearly all packets are. What is not goes the long way (dispatch), which comes to the same.
"""

from collections.abc import Mapping
from struct import Struct

import google_crc32c

from awase.protocols.sctp.association import Association, Owner
from awase.protocols.sctp.inbound import MASK
from awase.protocols.sctp.messages import IMMEDIATE, ChunkType
from awase.protocols.sctp.path import NEVER
from awase.protocols.sctp.states import State
from awase.protocols.sctp.transfer import acknowledge

_FRONT = Struct("!HHI4sBBHIHHI")
"""Common header, chunk header, and what follows in DATA; in a SACK the same octets are its whole value."""
_Front = tuple[int, int, int, bytes, int, int, int, int, int, int, int]
_front = _FRONT.unpack_from
_extend = google_crc32c.extend
_ESTABLISHED = State.ESTABLISHED
_DATA, _SACK = int(ChunkType.DATA), int(ChunkType.SACK)


def take(owner: Owner, by_tag: Mapping[int, Association], octets: bytes, address: tuple[str, int], now_ns: int) -> bool:
    """Take a packet; False where it must go the long way, and nothing was done that the long way would not do."""
    size = len(octets)
    if size < _FRONT.size:
        return False
    front = _front(octets)
    a = by_tag.get(front[2])
    if a is None or a.state is not _ESTABLISHED or 12 + (front[6] + 3 & ~3) != size:
        return False
    path = a.paths.get(address[0])
    if path is None or front[0] != a.peer_port or front[1] != a.local_port:
        return False
    if _extend(a.seed_in, octets[12:]).to_bytes(4, "little") != front[3]:
        return False
    if a.sack_due:
        # Its turn came with the packet before, which the carrier handed in together with this one.
        a.emit_sack()
    # The peer's UDP port is where its last valid packet came from (RFC 6951 clause 5.4).
    path.port = address[1]
    a.reply_path = path
    if front[4] == _DATA:
        taken = _data(owner, a, octets[28 : 12 + front[6]], front, now_ns)
    else:
        taken = front[4] == _SACK and _sack(a, front, now_ns)
    if taken and not a.dirty:
        a.dirty = True
        owner.dirty.append(a)
    return taken


def _data(owner: Owner, a: Association, user_data: bytes, front: _Front, now_ns: int) -> bool:
    """DATA (clause 6.2)."""
    inbound = a.inbound
    read, held = inbound.undelivered, inbound.held
    flags = front[5]
    if not user_data or not inbound.follows(front[7], (flags, front[8], front[9], front[10], user_data)):
        return False
    if not read and inbound.undelivered:
        owner.readers.append(a)
    if inbound.held != held:
        owner.held += inbound.held - a.counted
        a.counted = inbound.held
        if owner.held > a.config.max_held_bytes:
            owner.shed()
    a.unacknowledged += 1
    if a.unacknowledged >= a.config.sack_frequency or flags & IMMEDIATE:
        a.sack_due = True
    elif a.sack_ns == NEVER:
        a.sack_ns = now_ns + a.config.sack_period_ns
        a.arm(a.sack_ns)
    return True


def _sack(a: Association, front: _Front, now_ns: int) -> bool:
    """SACK of what came in sequence: no gaps, no duplicates, nothing that was never sent (clause 6.2.1)."""
    out = a.outbound
    window = front[8] << 16 | front[9]
    ahead = (front[7] - out.acked) & MASK
    if front[6] != 16 or front[10] or out.acked + ahead >= out.next_tsn:
        return False
    if not (ahead and window and out.smooth and len(a.paths) == 1) or a.told_full:
        acknowledge(a, front[7], window, (), now_ns)
        return True
    path = a.primary
    out.advance(ahead, window, path, now_ns)
    a.probe_answered = True
    a.occasions += 1
    a.errors = path.errors = 0
    a.detour = None
    if path.flight:
        # R3 of clause 6.3.2.
        path.t3_ns = now_ns + path.rto_ns
        a.arm(path.t3_ns)
    else:
        path.t3_ns = NEVER
    return True
