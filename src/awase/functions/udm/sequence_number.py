"""Sequence numbers that are not time-based: SQN = SEQ || IND (TS 33.102 annex C.1.1 and C.3.2)."""

IND_BITS = 5
SQN_BITS = 48
_IND_MASK = (1 << IND_BITS) - 1
_LAST_SEQ = (1 << (SQN_BITS - IND_BITS)) - 1

DELTA = 1 << 28
"""The largest jump of SEQ that a USIM takes (TS 33.102 annex C.3.2)."""


class Exhausted(Exception):
    """Every sequence number has been used (TS 33.102 annex C.3.2: 2^43 of them)."""


def following(sqn: bytes) -> bytes:
    """The next sequence number: SEQ and IND each one more (annex C.1.1.3, C.3.4)."""
    number = int.from_bytes(sqn)
    seq, ind = number >> IND_BITS, number & _IND_MASK
    if seq >= _LAST_SEQ:
        raise Exhausted
    return ((seq + 1) << IND_BITS | (ind + 1) & _IND_MASK).to_bytes(6)


def resynchronised(sqn_he: bytes, sqn_ms: bytes) -> bytes:
    """SQN_HE after a verified AUTS: kept if what follows it will be taken, else SQN_MS (clause 6.3.5)."""
    ahead = (int.from_bytes(sqn_he) >> IND_BITS) - (int.from_bytes(sqn_ms) >> IND_BITS)
    return sqn_he if 0 <= ahead < DELTA - 1 else sqn_ms


def steps_behind(sqn_he: bytes, sqn_ms: bytes) -> int:
    """How many SEQ the home environment is behind the UE; negative where it is ahead."""
    return (int.from_bytes(sqn_ms) >> IND_BITS) - (int.from_bytes(sqn_he) >> IND_BITS)
