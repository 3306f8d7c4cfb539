"""TUAK (TS 35.231), the second set of functions f1 to f5*, on Keccak-f[1600].

The standard's input to the permutation (clause 6.1: 96 octets of data, five ones, a one at bit 1087, 512 zeros) is
the state of SHAKE256 (FIPS 202) that has absorbed the same 96 octets, and its repeated permutation is what
SHAKE256 does between two blocks of its output: so the standard library's SHAKE256 is what permutes here.
"""

from hashlib import shake_256

from awase.security.aka import AMF_STAR, F2345, AkaFunctions, check_lengths

_ALGONAME = b"TUAK1.0"
_RATE_OCTETS = 136
_TOPC, _F1, _F1_STAR, _F2345, _F5_STAR = 0x00, 0x00, 0x80, 0x40, 0xC0
"""INSTANCE without its bits for lengths (TS 35.231 clauses 6.2 to 6.4)."""
_LENGTHS = {4: 0x00, 8: 0x08, 16: 0x10, 32: 0x20}
"""INSTANCE's bits for a MAC's or RES's length in octets."""
_NO_INPUTS = bytes(24)


def _permuted(k: bytes, top: bytes, instance: int, inputs: bytes, iterations: int) -> bytes:
    """OUT as far as it is used, least significant octet first as Keccak has it (clause 6.1)."""
    name = bytes((instance | (len(k) == 32),)) + _ALGONAME[::-1]
    absorbed = top[::-1] + name + inputs + k[::-1].ljust(32, b"\0")
    return shake_256(absorbed).digest(_RATE_OCTETS * iterations)[-_RATE_OCTETS:]


def _check_key(k: bytes) -> None:
    if len(k) not in (16, 32):
        raise ValueError(f"K has 16 or 32 octets, not {len(k)}")


def topc_from_top(k: bytes, top: bytes, *, iterations: int = 1) -> bytes:
    """TOPc (clause 6.2). Raises ValueError for a wrong length."""
    _check_key(k)
    check_lengths(top=(top, 32))
    return _permuted(k, top, _TOPC, _NO_INPUTS, iterations)[31::-1]


class Tuak(AkaFunctions):
    """The functions f1 to f5* under one K (16 or 32 octets) and TOPc (32); ValueError otherwise.

    Lengths in octets: MAC 8, 16 or 32, of which AUTN takes 8; RES 4, 8, 16 or 32; CK and IK 16 or 32, of
    which 5G takes 16 (TS 33.501 clause 6.1.3.2.0). `iterations` of Keccak are the operator's choice.
    """

    __slots__ = ("_ck", "_ik", "_iterations", "_k", "_mac", "_res", "_topc")

    def __init__(
        self,
        k: bytes,
        topc: bytes,
        *,
        mac_octets: int = 8,
        res_octets: int = 8,
        ck_octets: int = 16,
        ik_octets: int = 16,
        iterations: int = 1,
    ) -> None:
        _check_key(k)
        check_lengths(topc=(topc, 32))
        if mac_octets not in (8, 16, 32) or res_octets not in _LENGTHS:
            raise ValueError("a MAC has 8, 16 or 32 octets, RES has 4, 8, 16 or 32")
        if ck_octets not in (16, 32) or ik_octets not in (16, 32) or iterations < 1:
            raise ValueError("CK and IK have 16 or 32 octets, and Keccak is iterated at least once")
        self._k = k
        self._topc = topc
        self._mac = mac_octets
        self._res = res_octets
        self._ck = ck_octets
        self._ik = ik_octets
        self._iterations = iterations

    def _out(self, instance: int, rand: bytes, amf_and_sqn: bytes) -> bytes:
        check_lengths(rand=(rand, 16))
        return _permuted(self._k, self._topc, instance, rand[::-1] + amf_and_sqn, self._iterations)

    def _out1(self, instance: int, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        check_lengths(sqn=(sqn, 6), amf=(amf, 2))
        return self._out(instance | _LENGTHS[self._mac], rand, amf[::-1] + sqn[::-1])[self._mac - 1 :: -1]

    def f1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """MAC-A (clause 6.3)."""
        return self._out1(_F1, rand, sqn, amf)

    def f1_star(self, rand: bytes, sqn: bytes, amf: bytes = AMF_STAR) -> bytes:
        """MAC-S (clause 6.3)."""
        return self._out1(_F1_STAR, rand, sqn, amf)

    def f2345(self, rand: bytes) -> F2345:
        """RES, CK, IK and AK (clause 6.4)."""
        wide = (4 if self._ck == 32 else 0) | (2 if self._ik == 32 else 0)
        out = self._out(_F2345 | _LENGTHS[self._res] | wide, rand, bytes(8))
        return F2345(
            res=out[: self._res][::-1],
            ck=out[32 : 32 + self._ck][::-1],
            ik=out[64 : 64 + self._ik][::-1],
            ak=out[96:102][::-1],
        )

    def f5_star(self, rand: bytes) -> bytes:
        """AK for resynchronisation (clause 6.5)."""
        return self._out(_F5_STAR, rand, bytes(8))[96:102][::-1]
