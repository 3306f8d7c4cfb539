"""The integrity algorithms of TS 33.501 annex D.3 and TS 33.401 annex B.2.

An algorithm is a row of ALGORITHMS.
"""

import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC

from awase.security import snow3g, zuc
from awase.security.nea import UnsupportedAlgorithm

Integrity = Callable[[bytes, int, int, int, bytes, int], bytes]

_ECB = ECB()  # noqa: S305 (one block, for the subkey of CMAC)
_CBC_FROM_ZERO = CBC(bytes(16))


def _nia0(_key: bytes, _count: int, _bearer: int, _direction: int, _data: bytes, _bits: int) -> bytes:
    return bytes(4)


def _nia1(  # noqa: PLR0917
    key: bytes, count: int, bearer: int, direction: int, data: bytes, bits: int
) -> bytes:
    # TS 33.401 clause B.2.2: FRESH is the bearer, then zeros.
    return snow3g.uia2(key, count, bearer << 27, direction, data, bits)


def _nia2(  # noqa: PLR0917
    key: bytes, count: int, bearer: int, direction: int, data: bytes, bits: int
) -> bytes:
    message = (count << 32 | bearer << 27 | direction << 26).to_bytes(8) + data
    if bits % 8:
        return _cmac_of_bits(key, message, bits + 64)[:4]
    mac = CMAC(AES(key))
    mac.update(message)
    return mac.finalize()[:4]


def _cmac_of_bits(key: bytes, message: bytes, bits: int) -> bytes:
    """CMAC (NIST SP 800-38B) of a message that ends within an octet, so within a block: subkey K2 pads."""
    k2 = int.from_bytes(Cipher(AES(key), _ECB).encryptor().update(bytes(16)))
    for _ in range(2):
        k2 = (k2 << 1 & (1 << 128) - 1) ^ (0x87 if k2 >> 127 else 0)
    blocks = -(-bits // 128)
    unused = blocks * 128 - bits
    value = int.from_bytes(message) >> (len(message) * 8 - bits)
    padded = (value << unused | 1 << (unused - 1)) ^ k2
    return Cipher(AES(key), _CBC_FROM_ZERO).encryptor().update(padded.to_bytes(blocks * 16))[-16:]


ALGORITHMS: dict[int, Integrity] = {0: _nia0, 1: _nia1, 2: _nia2, 3: zuc.eia3}
"""By 5G-IA identity (TS 24.501 table 9.11.3.34.1)."""


def nia(  # noqa: PLR0917 (the inputs of TS 33.501 figure D.3.1.1-1)
    algorithm: int,
    key: bytes,
    count: int,
    bearer: int,
    direction: int,
    data: bytes,
    *,
    bit_length: int | None = None,
) -> bytes:
    """The MAC, 4 octets.

    Arguments as for `nea`; `bit_length` is for a message that ends within its last octet.
    Raises UnsupportedAlgorithm.
    """
    integrity = ALGORITHMS.get(algorithm)
    if integrity is None:
        known = ", ".join(f"NIA{identity}" for identity in ALGORITHMS)
        raise UnsupportedAlgorithm(f"NIA{algorithm} is not supported, only {known} are")
    return integrity(key, count, bearer, direction, data, len(data) * 8 if bit_length is None else bit_length)


def same_mac(one: bytes, other: bytes) -> bool:
    """Whether two MACs are equal, in constant time."""
    return hmac.compare_digest(one, other)
