"""SNOW 3G (TS 35.216), and UEA2 and UIA2 (TS 35.215), which are 128-NEA1 and 128-NIA1 (TS 33.501 annex D)."""

from collections.abc import Iterator
from itertools import islice
from struct import pack, unpack

_MASK = 0xFFFFFFFF
_CLOCKS = 32
"""Of the initialisation (TS 35.216 clause 4.1)."""

Table = tuple[int, ...]
State = tuple[list[int], int, int, int]
"""The last 16 words of the LFSR, oldest first, and R1, R2, R3."""

_S_R = bytes.fromhex(
    "637c777bf26b6fc53001672bfed7ab76ca82c97dfa5947f0add4a2af9ca472c0b7fd9326363ff7cc34a5e5f171d83115"
    "04c723c31896059a071280e2eb27b27509832c1a1b6e5aa0523bd6b329e32f8453d100ed20fcb15b6acbbe394a4c58cf"
    "d0efaafb434d338545f9027f503c9fa851a3408f929d38f5bcb6da2110fff3d2cd0c13ec5f974417c4a77e3d645d1973"
    "60814fdc222a908846eeb814de5e0bdbe0323a0a4906245cc2d3ac629195e479e7c8376d8dd54ea96c56f4ea657aae08"
    "ba78252e1ca6b4c6e8dd741f4bbd8b8a703eb5664803f60e613557b986c11d9ee1f8981169d98e949b1e87e9ce5528df"
    "8ca1890dbfe6426841992d0fb054bb16"
)
"""Of Rijndael (TS 35.216 clause 3.3.1 and annex 1.1)."""

_S_Q = bytes.fromhex(
    "25247367d7ae5c30a4ee6ecb7db582dbe48e48494f5d6a787088e85f5e8465e2d8e9cced402f112857d2ace34a151bb9"
    "b28085a62e024729074b0ec151aa89d4ca0146b3efdd447bc27fbec39f204c6483a2684213b441cdbac6bb6d4d7121f4"
    "8db0e593fe8fe6cf43453122373696fabc0f08521d551ac54e23697a92ff5b5aeb9a1ca9d17e0dfc508ab662f50af8dc"
    "033c0c39f1b8f33df2d597668132a00006cef6eab717f78c79d6a7bf8b3f1f536375352c60fd27d394a57ca105582dbd"
    "d9c7af6b540be03804c89de714b1879cdf6ff9da2ac459167491ab266176342bad99fb72ec3312de983bc09b3e18103a"
    "56e177c91e9e95a39019a86c09d0f086"
)
"""TS 35.216 clause 3.3.2 and annex 1.2."""


def _mulx(value: int, c: int) -> int:
    """TS 35.216 clause 3.1.1."""
    return (value << 1 & 0xFF) ^ (c if value & 0x80 else 0)


def _of_alpha(*powers: int) -> Table:
    """An octet's products of clause 3.4.2 or 3.4.3, four octets of MULxPOW; linear, so made from eight."""
    table = [0]
    for bit in range(8):
        word = 0
        for power in powers:
            octet = 1 << bit
            for _ in range(power):
                octet = _mulx(octet, 0xA9)
            word = word << 8 | octet
        table += [word ^ other for other in table]
    return tuple(table)


def _of_box(box: bytes, c: int, column: int) -> Table:
    """What octet `column` of a word adds to S_1 or S_2 of it (clause 3.3.1, 3.3.2)."""
    table = []
    for octet in box:
        doubled = _mulx(octet, c)
        words = (doubled, doubled ^ octet, octet, octet)
        row = [words[(i - column) % 4] for i in range(4)]
        table.append(int.from_bytes(bytes(row)))
    return tuple(table)


_MUL_ALPHA = _of_alpha(23, 245, 48, 239)
_DIV_ALPHA = _of_alpha(16, 39, 6, 64)
_S_1 = tuple(_of_box(_S_R, 0x1B, column) for column in range(4))
_S_2 = tuple(_of_box(_S_Q, 0x69, column) for column in range(4))


def _initialised(key: bytes, iv: bytes) -> State:
    """TS 35.216 clause 4.1."""
    k0, k1, k2, k3 = unpack(">4I", key)
    iv0, iv1, iv2, iv3 = unpack(">4I", iv)
    mask = _MASK
    n0, n1, n2, n3 = k0 ^ mask, k1 ^ mask, k2 ^ mask, k3 ^ mask
    s = [n0, n1, n2, n3, k0, k1, k2, k3, n0, n1 ^ iv3, n2 ^ iv2, n3, k0 ^ iv1, k1, k2, k3 ^ iv0]
    r1 = r2 = r3 = 0
    mul_alpha, div_alpha, (a0, a1, a2, a3), (b0, b1, b2, b3) = _MUL_ALPHA, _DIV_ALPHA, _S_1, _S_2
    for _, s0, s2, s5, s11, s15 in _taps(s, _CLOCKS):
        f = (s15 + r1 & mask) ^ r2
        r = r2 + (r3 ^ s5) & mask
        r3 = b0[r2 >> 24] ^ b1[r2 >> 16 & 255] ^ b2[r2 >> 8 & 255] ^ b3[r2 & 255]
        r2 = a0[r1 >> 24] ^ a1[r1 >> 16 & 255] ^ a2[r1 >> 8 & 255] ^ a3[r1 & 255]
        r1 = r
        s.append((s0 & 0xFFFFFF) << 8 ^ mul_alpha[s0 >> 24] ^ s2 ^ s11 >> 8 ^ div_alpha[s11 & 255] ^ f)
    return s[_CLOCKS:], r1, r2, r3


def _taps(s: list[int], clocks: int) -> Iterator[tuple[int, int, int, int, int, int]]:
    """What a clock reads: s_0, s_2, s_5, s_11 and s_15, behind its number.

    The LFSR is a list that grows at its end while these iterators walk over it, so that nothing is shifted.
    """
    return zip(
        range(clocks),
        s,
        islice(s, 2, None),
        islice(s, 5, None),
        islice(s, 11, None),
        islice(s, 15, None),
        strict=False,
    )


def key_stream(key: bytes, iv: bytes, words: int) -> list[int]:
    """z_1 to z_`words` (TS 35.216 clause 4.2) under K_0 || ... || K_3 and IV_0 || ... || IV_3."""
    s, r1, r2, r3 = _initialised(key, iv)
    mask, mul_alpha, div_alpha = _MASK, _MUL_ALPHA, _DIV_ALPHA
    (a0, a1, a2, a3), (b0, b1, b2, b3) = _S_1, _S_2
    z: list[int] = []
    put, grow = z.append, s.append
    for _, s0, s2, s5, s11, s15 in _taps(s, words + 1):
        put((s15 + r1 & mask) ^ r2 ^ s0)
        r = r2 + (r3 ^ s5) & mask
        r3 = b0[r2 >> 24] ^ b1[r2 >> 16 & 255] ^ b2[r2 >> 8 & 255] ^ b3[r2 & 255]
        r2 = a0[r1 >> 24] ^ a1[r1 >> 16 & 255] ^ a2[r1 >> 8 & 255] ^ a3[r1 & 255]
        r1 = r
        grow((s0 & 0xFFFFFF) << 8 ^ mul_alpha[s0 >> 24] ^ s2 ^ s11 >> 8 ^ div_alpha[s11 & 255])
    # The first clock's word is not key stream (clause 4.2).
    del z[0]
    return z


def _words_reversed(key: bytes) -> bytes:
    """A confidentiality or integrity key begins with K_3 (TS 35.215 clauses 3.4 and 4.4)."""
    return key[12:] + key[8:12] + key[4:8] + key[:4]


def uea2(key: bytes, count: int, bearer: int, direction: int, data: bytes) -> bytes:
    """f8 (TS 35.215 clause 3): whole octets of data."""
    words = -(-len(data) // 4)
    half = (bearer << 27 | direction << 26).to_bytes(4) + count.to_bytes(4)
    z = pack(f">{words}I", *key_stream(_words_reversed(key), half + half, words))[: len(data)]
    return (int.from_bytes(z) ^ int.from_bytes(data)).to_bytes(len(data))


# In f9 an element of GF(2^64) is an integer with a slot of eight bits for each coefficient: so Python's
# multiplication of integers is that of polynomials, as no slot's sum passes 64, and its parity is the result.
_ONES_64 = int.from_bytes(b"\1" * 64)
_ONES_128 = int.from_bytes(b"\1" * 128)
_AS_BITS = bytes(octet & 1 for octet in range(256))
_AS_DIGITS = bytes(48 + (octet & 1) for octet in range(256))


def _spread(octets: bytes) -> bytes:
    """An octet of 0 or 1 for each bit."""
    return f"{int.from_bytes(octets):0{len(octets) * 8}b}".encode().translate(_AS_BITS)


def _reduced(product: int) -> int:
    """Modulo x^64 + x^4 + x^3 + x + 1 (TS 35.215 clause 4.3.2)."""
    product &= _ONES_128
    high = product >> 512
    folded = product ^ high ^ high << 8 ^ high << 24 ^ high << 32
    over = (folded ^ product) >> 512
    return (folded ^ over ^ over << 8 ^ over << 24 ^ over << 32) & _ONES_64


def uia2(  # noqa: PLR0917 (the inputs of TS 35.215 clause 4.2)
    key: bytes, count: int, fresh: int, direction: int, data: bytes, bits: int
) -> bytes:
    """f9 (TS 35.215 clause 4): the MAC of the first `bits` bits of data, 4 octets."""
    words = (fresh ^ direction << 15, count ^ direction << 31, fresh, count)
    z = pack(">5I", *key_stream(_words_reversed(key), pack(">4I", *words), 5))
    p, q = int.from_bytes(_spread(z[:8])), int.from_bytes(_spread(z[8:16]))
    message = _spread(data)[:bits]
    message += bytes(-bits % 64)
    evaluated = 0
    for start in range(0, len(message), 64):
        evaluated = _reduced((evaluated ^ int.from_bytes(message[start : start + 64])) * p)
    evaluated = _reduced((evaluated ^ int.from_bytes(_spread(bits.to_bytes(8)))) * q)
    slots = evaluated.to_bytes(64)[:32]
    mac = int(slots.translate(_AS_DIGITS), 2) ^ int.from_bytes(z[16:])
    return mac.to_bytes(4)
