"""ZUC (TS 35.222), and 128-EEA3 and 128-EIA3 (TS 35.221), which are 128-NEA3 and 128-NIA3 (TS 33.501 annex D)."""

from collections.abc import Iterator
from itertools import islice
from struct import pack

_MASK = 0xFFFFFFFF
_MASK_31 = 0x7FFFFFFF
_CLOCKS = 32
"""Of the initialisation (TS 35.222 clause 3.6.1)."""

Table = tuple[int, ...]
Tables = tuple[Table, Table, Table, Table]

_S_0 = bytes.fromhex(
    "3e725b47cae0003304d1549809b96dcb7b1bf932af9d6aa5b82dfc1d085303904d4e8499e4ced991ddb685488b296eac"
    "cdc1f81e734369c6b5bdfd396320d438767db2a7cfed57c5f32cbb142106559be3ef5e314f7f5aa40d8251495fba581c"
    "4a16d517a892241f8cffd8ae2e01d3ad3b4bda46ebc9de9a8f87d73a806f2fc8b1b437f70a2213287ccc3c89c7c39656"
    "07bf7ef00b2b975235417961a64c10febc2695888ab0a3fbc01894f2e1e5e95dd0dc1166645cec59427512f5749caa23"
    "0e86abbe2a02e767e644a26cc2939ff1f6fa36d250689e6271153dd640c4e20f8e83776b25053f0c30ea70b7a1e8a965"
    "8d271adb81b3a0f4457a19dfee783460"
)
_S_1 = bytes.fromhex(
    "55c263713bc847869f3cda5b29aafd778cc5940ca61a1300e3a8167240f9f8424426689681d9453e1076c6a78b3943e1"
    "3ab5562ac06db3052266bfdc0bfa6248dd20110636c9c1cff62752bb69f5d4877f844cd29c57a4bc4f9adffed68d7aeb"
    "2b53d85ca11417fb23d57d3067730809eeb7703f61b2198e4ee54b938f5ddba9adf1ae2ecb0dfcf42d466e1d97e8d1e9"
    "4d37a5755e839eab829db91ce0cd498901b6bd5824a25f387899159050b895e4d091c7ceed0fb46fa0ccf0024a79c3de"
    "a3efea51e66b18ec1b2c80f774e7ff215a6a541e41319235c433070aba7e0e3488b1987cf33d606c7bcad31f32650428"
    "64be859b2f598ad7b025acaf1203e2f2"
)
"""TS 35.222 tables 3.1 and 3.2."""

_D = (
    *(0x44D7, 0x26BC, 0x626B, 0x135E, 0x5789, 0x35E2, 0x7135, 0x09AF),
    *(0x4D78, 0x2F13, 0x6BC4, 0x1AF1, 0x5E26, 0x3C4D, 0x789A, 0x47AC),
)
"""TS 35.222 clause 3.5."""


def _rotated(value: int, left_bits: int) -> int:
    return (value << left_bits | value >> 32 - left_bits) & _MASK


def _of_rotations(*left_bits: int) -> Tables:
    """What each octet of a word adds to L_1 or L_2 of it, which are linear (clause 3.4.2)."""
    tables = []
    for shift in (24, 16, 8, 0):
        table = []
        for octet in range(256):
            value = octet << shift
            for bits in left_bits:
                value ^= _rotated(octet << shift, bits)
            table.append(value)
        tables.append(tuple(table))
    return tables[0], tables[1], tables[2], tables[3]


_L_1 = _of_rotations(2, 10, 18, 24)
_L_2 = _of_rotations(8, 14, 22, 30)
_S: Tables = (
    tuple(octet << 24 for octet in _S_0),
    tuple(octet << 16 for octet in _S_1),
    tuple(octet << 8 for octet in _S_0),
    tuple(_S_1),
)


def _taps(s: list[int], clocks: int) -> Iterator[tuple[int, ...]]:
    """What a clock reads: s_0, s_2, s_4, s_5, s_7, s_9, s_10, s_11, s_13, s_14 and s_15, behind its number.

    The LFSR is a list that grows at its end while these iterators walk over it, so that nothing is shifted.
    """
    cells = (2, 4, 5, 7, 9, 10, 11, 13, 14, 15)
    return zip(range(clocks), s, *(islice(s, cell, None) for cell in cells), strict=False)


def _clocked(s: list[int], r1: int, r2: int, clocks: int, *, initialising: bool) -> tuple[list[int], int, int]:
    """Z of each clock, and R1 and R2 after them; s grows (clauses 3.2 to 3.4).

    `initialising`: whether W enters the LFSR.
    """
    (a0, a1, a2, a3), (b0, b1, b2, b3), (c0, c1, c2, c3) = _L_1, _L_2, _S
    mask, mask31 = _MASK, _MASK_31
    z: list[int] = []
    put, grow = z.append, s.append
    for _, s0, s2, s4, s5, s7, s9, s10, s11, s13, s14, s15 in _taps(s, clocks):
        w = (((s15 & 0x7FFF8000) << 1 | s14 & 0xFFFF) ^ r1) + r2 & mask
        put(w ^ ((s2 & 0xFFFF) << 16 | s0 >> 15))
        w1 = r1 + ((s11 & 0xFFFF) << 16 | s9 >> 15) & mask
        w2 = r2 ^ ((s7 & 0xFFFF) << 16 | s5 >> 15)
        u = a0[w1 >> 8 & 255] ^ a1[w1 & 255] ^ a2[w2 >> 24] ^ a3[w2 >> 16 & 255]
        v = b0[w2 >> 8 & 255] ^ b1[w2 & 255] ^ b2[w1 >> 24] ^ b3[w1 >> 16 & 255]
        r1 = c0[u >> 24] | c1[u >> 16 & 255] | c2[u >> 8 & 255] | c3[u & 255]
        r2 = c0[v >> 24] | c1[v >> 16 & 255] | c2[v >> 8 & 255] | c3[v & 255]
        # Modulo 2^31 - 1, from 1 to 2^31 - 1: 2^31 is 1, so what is above adds to what is below.
        cell = (s15 << 15) + (s13 << 17) + (s10 << 21) + (s4 << 20) + s0 * 257
        if initialising:
            cell += w >> 1
        cell = (cell & mask31) + (cell >> 31)
        grow((cell & mask31) + (cell >> 31))
    return z, r1, r2


def key_stream(key: bytes, iv: bytes, words: int) -> list[int]:
    """z_1 to z_`words` (TS 35.222 clause 3.6) under a key and an IV of 16 octets."""
    s = [k << 23 | d << 8 | i for k, d, i in zip(key, _D, iv, strict=True)]
    _, r1, r2 = _clocked(s, 0, 0, _CLOCKS, initialising=True)
    # The first word of the working stage is thrown away (clause 3.6.2).
    return _clocked(s[_CLOCKS:], r1, r2, words + 1, initialising=False)[0][1:]


def eea3(key: bytes, count: int, bearer: int, direction: int, data: bytes) -> bytes:
    """128-EEA3 (TS 35.221 clause 3): whole octets of data."""
    words = -(-len(data) // 4)
    half = count.to_bytes(4) + bytes((bearer << 3 | direction << 2, 0, 0, 0))
    z = pack(f">{words}I", *key_stream(key, half + half, words))[: len(data)]
    return (int.from_bytes(z) ^ int.from_bytes(data)).to_bytes(len(data))


def eia3(  # noqa: PLR0917 (the inputs of TS 35.221 clause 4.2)
    key: bytes, count: int, bearer: int, direction: int, data: bytes, bits: int
) -> bytes:
    """128-EIA3 (TS 35.221 clause 4): the MAC of the first `bits` bits of data, 4 octets."""
    half = (count << 32 | bearer << 27).to_bytes(8)
    turn = direction << 7
    iv = half + bytes((half[0] ^ turn, *half[1:6], half[6] ^ turn, half[7]))
    words = -(-bits // 32) + 2
    z = key_stream(key, iv, words)
    stream = int.from_bytes(pack(f">{words}I", *z))
    # A message that is followed by a one: that bit adds the word of the stream at LENGTH.
    message = int.from_bytes(data) >> (len(data) * 8 - bits) << 1 | 1
    # Bit j of the sum of the words z_i where bit i of the message is one is the parity of the bits that
    # message and stream have in common, the stream moved by j: 32 parities for a whole message.
    total = 0
    for unused in range(words * 32 - bits - 1, words * 32 - bits - 33, -1):
        total = total << 1 | (message & stream >> unused).bit_count() & 1
    return (total ^ z[-1]).to_bytes(4)
