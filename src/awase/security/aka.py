"""The tokens of an authentication and key agreement (TS 33.102 clause 6.3), whatever functions make them."""

import hmac
from abc import abstractmethod
from typing import NamedTuple

AMF_STAR = bytes(2)
"""The AMF that enters MAC-S (TS 33.102 clause 6.3.3)."""


class F2345(NamedTuple):
    """What f2 to f5 give (TS 33.102 clause 6.3.2); `repr` shows none of it."""

    res: bytes
    ck: bytes
    ik: bytes
    ak: bytes

    def __repr__(self) -> str:
        return "F2345(...)"


def xor(a: bytes, b: bytes) -> bytes:
    """Of two octet strings of one length."""
    return (int.from_bytes(a) ^ int.from_bytes(b)).to_bytes(len(a))


def check_lengths(**lengths: tuple[bytes, int]) -> None:
    """Raises ValueError for a value that has not as many octets as stands beside it; it shows no value."""
    for name, (value, length) in lengths.items():
        if len(value) != length:
            raise ValueError(f"{name.upper()} has {length} octets, not {len(value)}")


class AkaFunctions:
    """The functions f1 to f5* under one key, and the tokens made with them."""

    __slots__ = ()

    @abstractmethod
    def f1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """MAC-A, 8 octets."""
        raise NotImplementedError

    @abstractmethod
    def f1_star(self, rand: bytes, sqn: bytes, amf: bytes = AMF_STAR) -> bytes:
        """MAC-S, 8 octets."""
        raise NotImplementedError

    @abstractmethod
    def f2345(self, rand: bytes) -> F2345:
        """RES, CK, IK and AK (6 octets)."""
        raise NotImplementedError

    @abstractmethod
    def f5_star(self, rand: bytes) -> bytes:
        """AK for resynchronisation, 6 octets."""
        raise NotImplementedError

    def build_autn(self, rand: bytes, sqn: bytes, amf: bytes, ak: bytes) -> bytes:
        """AUTN = SQN xor AK || AMF || MAC-A, 16 octets (TS 33.102 clause 6.3.2)."""
        return xor(sqn, ak) + amf + self.f1(rand, sqn, amf)

    def verify_autn(self, rand: bytes, autn: bytes, ak: bytes) -> tuple[bytes, bytes] | None:
        """SQN and AMF of an AUTN, or None where its MAC is wrong (TS 33.102 clause 6.3.3)."""
        check_lengths(autn=(autn, 16), ak=(ak, 6))
        sqn, amf = xor(autn[:6], ak), autn[6:8]
        return (sqn, amf) if hmac.compare_digest(self.f1(rand, sqn, amf), autn[8:]) else None

    def build_auts(self, rand: bytes, sqn_ms: bytes) -> bytes:
        """AUTS = SQN_MS xor AK* || MAC-S, 14 octets (TS 33.102 clause 6.3.3)."""
        return xor(sqn_ms, self.f5_star(rand)) + self.f1_star(rand, sqn_ms)

    def verify_auts(self, rand: bytes, auts: bytes) -> bytes | None:
        """SQN_MS of an AUTS, or None where its MAC is wrong (TS 33.102 clause 6.3.5)."""
        check_lengths(auts=(auts, 14))
        sqn_ms = xor(auts[:6], self.f5_star(rand))
        return sqn_ms if hmac.compare_digest(self.f1_star(rand, sqn_ms), auts[6:]) else None
