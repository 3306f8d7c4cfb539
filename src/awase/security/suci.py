"""The protection schemes of a SUCI: TS 33.501 annex C. Null-scheme and ECIES profiles A and B, both directions."""

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NULL_SCHEME = 0
PROFILE_A = 1
PROFILE_B = 2
"""Protection scheme identifiers (TS 33.501 annex C.1)."""

SCHEMES = {"profile-a": PROFILE_A, "profile-b": PROFILE_B}
"""As network files write the schemes that hide an identity."""

_P256 = SECP256R1()
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""n of secp256r1 (SEC 2 clause 2.4.2)."""

_PRIVATE_OCTETS = 32
_MAC_OCTETS = 8


class SuciError(ValueError):
    """A SUCI that cannot be made or opened: what is wrong with it. Never holds a key or an identity."""


def msin_octets(msin: str) -> bytes:
    """An MSIN as BCD, low half octet first, filled with 1111 (TS 24.501 figure 9.11.3.4.3a)."""
    if not (msin.isascii() and msin.isdigit() and len(msin) <= 10):
        raise SuciError("an MSIN is 1 to 10 decimal digits")
    padded = msin if len(msin) % 2 == 0 else msin + "f"
    return bytes.fromhex("".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2)))


def msin_from_octets(octets: bytes) -> str:
    """The digits of a BCD MSIN. Raises SuciError where a half octet is no digit."""
    text = octets.hex()
    digits = "".join(text[i + 1] + text[i] for i in range(0, len(text), 2))
    digits = digits.removesuffix("f")
    if not (digits.isdigit() and len(digits) <= 10):
        raise SuciError("the scheme input is no BCD MSIN")
    return digits


def _keys(shared_key: bytes, ephemeral_public_key: bytes) -> tuple[bytes, bytes, bytes]:
    """Encryption key, ICB and MAC key: the ANSI X9.63 KDF with SHA-256 (TS 33.501 clause C.3.4.1)."""
    sha256 = hashlib.sha256
    data = sha256(shared_key + b"\0\0\0\1" + ephemeral_public_key).digest()
    return data[:16], data[16:], sha256(shared_key + b"\0\0\0\2" + ephemeral_public_key).digest()


def _need(profile: "_Profile", what: str, octets: bytes | None, length: int) -> bytes:
    if octets is None or len(octets) != length:
        raise SuciError(f"{profile.name} needs the {what}, {length} octets")
    return octets


# A UDM holds its few keys for its whole life anyway, and to derive a public key each time costs 60 us.
@lru_cache(maxsize=8)
def _x25519_private(octets: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(octets)


def _x25519_exchange(private: X25519PrivateKey, public: bytes) -> bytes:
    return private.exchange(X25519PublicKey.from_public_bytes(public))


def _x25519_ephemeral(private: bytes, home: bytes) -> tuple[bytes, bytes]:
    key = X25519PrivateKey.from_private_bytes(private)
    return key.public_key().public_bytes_raw(), _x25519_exchange(key, home)


def _x25519_home(private: bytes, ephemeral: bytes) -> bytes:
    return _x25519_exchange(_x25519_private(private), ephemeral)


def _scalar(octets: bytes) -> int:
    """A private key of secp256r1; of the 2^256 octet strings all but one in 2^32 are one as they stand."""
    return int.from_bytes(octets) % _P256_ORDER or 1


@lru_cache(maxsize=8)
def _p256_private(octets: bytes) -> EllipticCurvePrivateKey:
    return derive_private_key(_scalar(octets), _P256)


def _p256_exchange(private: EllipticCurvePrivateKey, public: bytes) -> bytes:
    return private.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(_P256, public))


def _p256_compressed(private: EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _p256_ephemeral(private: bytes, home: bytes) -> tuple[bytes, bytes]:
    key = derive_private_key(_scalar(private), _P256)
    return _p256_compressed(key), _p256_exchange(key, home)


def _p256_home(private: bytes, ephemeral: bytes) -> bytes:
    return _p256_exchange(_p256_private(private), ephemeral)


class _Profile(NamedTuple):
    """A row of TS 33.501 clause C.3.4: how long a public key is, and the primitive of its curve at either end.

    `ephemeral` takes the ephemeral private and the home network's public key and gives the ephemeral public
    and the shared key, `home` takes the home network's private and the ephemeral public key and gives the
    shared key; both raise ValueError for a public key that is no point, or one of low order.
    """

    name: str
    public_octets: int
    ephemeral: Callable[[bytes, bytes], tuple[bytes, bytes]]
    home: Callable[[bytes, bytes], bytes]
    public: Callable[[bytes], bytes]


_PROFILES = {
    PROFILE_A: _Profile(
        "profile A",
        32,
        _x25519_ephemeral,
        _x25519_home,
        lambda octets: _x25519_private(octets).public_key().public_bytes_raw(),
    ),
    PROFILE_B: _Profile(
        "profile B",
        33,
        _p256_ephemeral,
        _p256_home,
        lambda octets: _p256_compressed(_p256_private(octets)),
    ),
}


def _profile(scheme: int) -> _Profile:
    if scheme not in _PROFILES:
        raise SuciError(f"protection scheme {scheme} is not supported, only null-scheme, profile A and profile B are")
    return _PROFILES[scheme]


def home_network_public_key(scheme: int, private_key: bytes) -> bytes:
    """What UEs are given: 32 octets in profile A, 33 (a compressed point) in profile B. Raises SuciError."""
    profile = _profile(scheme)
    return profile.public(_need(profile, "home network private key", private_key, _PRIVATE_OCTETS))


def conceal_octets(
    scheme: int, plain: bytes, public_key: bytes | None = None, ephemeral_private_key: bytes | None = None
) -> bytes:
    """The scheme output for a scheme input (a BCD MSIN, or a NAI's username). Raises SuciError."""
    if scheme == NULL_SCHEME:
        return plain
    profile = _profile(scheme)
    home = _need(profile, "home network public key", public_key, profile.public_octets)
    private = _need(profile, "ephemeral private key", ephemeral_private_key, _PRIVATE_OCTETS)
    try:
        ephemeral_public, shared_key = profile.ephemeral(private, home)
    except ValueError:
        raise SuciError("the home network public key is no point of the curve, or one of low order") from None
    key, icb, mac_key = _keys(shared_key, ephemeral_public)
    cipher_text = Cipher(AES(key), CTR(icb)).encryptor().update(plain)
    return ephemeral_public + cipher_text + hmac.digest(mac_key, cipher_text, "sha256")[:_MAC_OCTETS]


def deconceal_octets(scheme: int, output: bytes, private_key: bytes | None = None) -> bytes:
    """The scheme input of a scheme output. Raises SuciError."""
    if scheme == NULL_SCHEME:
        return output
    profile = _profile(scheme)
    shortest = profile.public_octets + _MAC_OCTETS
    if len(output) <= shortest:
        raise SuciError(f"a {profile.name} scheme output has more than {shortest} octets, not {len(output)}")
    ephemeral_public = output[: profile.public_octets]
    cipher_text, mac = output[profile.public_octets : -_MAC_OCTETS], output[-_MAC_OCTETS:]
    private = _need(profile, "home network private key", private_key, _PRIVATE_OCTETS)
    try:
        shared_key = profile.home(private, ephemeral_public)
    except ValueError:
        raise SuciError("the ephemeral public key is no point of the curve, or one of low order") from None
    key, icb, mac_key = _keys(shared_key, ephemeral_public)
    if not hmac.compare_digest(hmac.digest(mac_key, cipher_text, "sha256")[:_MAC_OCTETS], mac):
        raise SuciError("the MAC tag does not verify: another home network key, or octets changed on the way")
    return Cipher(AES(key), CTR(icb)).decryptor().update(cipher_text)


def conceal(
    scheme: int, msin: str, public_key: bytes | None = None, ephemeral_private_key: bytes | None = None
) -> bytes:
    """The scheme output for an IMSI's MSIN.

    Profiles A and B take the home network's public key (32 octets, or a compressed point of 33) and an ephemeral
    private key (32 octets of the caller's `services.random_bytes`, fresh each time). Raises SuciError.
    """
    return conceal_octets(scheme, msin_octets(msin), public_key, ephemeral_private_key)


def deconceal(scheme: int, output: bytes, private_key: bytes | None = None) -> str:
    """The MSIN of a scheme output, with the home network's private key. Raises SuciError."""
    return msin_from_octets(deconceal_octets(scheme, output, private_key))
