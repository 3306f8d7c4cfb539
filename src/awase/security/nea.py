"""The ciphering algorithms of TS 33.501 annex D.2 and TS 33.401 annex B.1.

An algorithm is a row of ALGORITHMS.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from awase.security import snow3g, zuc

Ciphering = Callable[[bytes, int, int, int, bytes], bytes]

_ZEROS = bytes(11)


class UnsupportedAlgorithm(ValueError):
    """An algorithm identity without a row."""


def _nea0(_key: bytes, _count: int, _bearer: int, _direction: int, data: bytes) -> bytes:
    return data


def _nea2(key: bytes, count: int, bearer: int, direction: int, data: bytes) -> bytes:
    icb = (count << 8 | bearer << 3 | direction << 2).to_bytes(5) + _ZEROS
    return Cipher(AES(key), CTR(icb)).encryptor().update(data)


ALGORITHMS: dict[int, Ciphering] = {0: _nea0, 1: snow3g.uea2, 2: _nea2, 3: zuc.eea3}
"""By 5G-EA identity (TS 24.501 table 9.11.3.34.1)."""


def nea(  # noqa: PLR0917 (the inputs of TS 33.501 figure D.2.1.1-1)
    algorithm: int, key: bytes, count: int, bearer: int, direction: int, data: bytes
) -> bytes:
    """Cipher or decipher (the same) whole octets of data.

    `key` has 16 octets, `count` 32 bits, `bearer` 5, `direction` is 0 for uplink and 1 for downlink; on
    NAS the bearer is the NAS connection identifier, 1 on 3GPP access (TS 33.501 clause 6.4.3.1).
    Of a message that ends within an octet, the bits past its end are the caller's to clear.
    Raises UnsupportedAlgorithm.
    """
    cipher = ALGORITHMS.get(algorithm)
    if cipher is None:
        known = ", ".join(f"NEA{identity}" for identity in ALGORITHMS)
        raise UnsupportedAlgorithm(f"NEA{algorithm} is not supported, only {known} are")
    return cipher(key, count, bearer, direction, data)
