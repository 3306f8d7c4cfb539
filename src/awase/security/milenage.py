"""MILENAGE (TS 35.206)."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from awase.security.aka import AMF_STAR, F2345, AkaFunctions, check_lengths, xor

_ECB = ECB()  # noqa: S305 (one block at a time, as TS 35.206 has it)
_MASK = (1 << 128) - 1


def _rotated(value: int, left_bits: int) -> int:
    return (value << left_bits | value >> (128 - left_bits)) & _MASK


def opc_from_op(k: bytes, op: bytes) -> bytes:
    """OPc = E_K(OP) xor OP (TS 35.206 clause 4.1). Raises ValueError for a wrong length."""
    check_lengths(k=(k, 16), op=(op, 16))
    return xor(Cipher(AES(k), _ECB).encryptor().update(op), op)


class Milenage(AkaFunctions):
    """The functions f1 to f5* under one K and OPc (16 octets each; ValueError otherwise)."""

    __slots__ = ("_encrypt", "_opc")

    def __init__(self, k: bytes, opc: bytes) -> None:
        check_lengths(k=(k, 16), opc=(opc, 16))
        self._encrypt = Cipher(AES(k), _ECB).encryptor().update
        self._opc = int.from_bytes(opc)

    def _temp(self, rand: bytes) -> int:
        check_lengths(rand=(rand, 16))
        return int.from_bytes(self._encrypt((int.from_bytes(rand) ^ self._opc).to_bytes(16)))

    def _out1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        check_lengths(sqn=(sqn, 6), amf=(amf, 2))
        opc = self._opc
        in1 = int.from_bytes((sqn + amf) * 2)
        block = self._temp(rand) ^ _rotated(in1 ^ opc, 64)
        return (int.from_bytes(self._encrypt(block.to_bytes(16))) ^ opc).to_bytes(16)

    def f1(self, rand: bytes, sqn: bytes, amf: bytes) -> bytes:
        """MAC-A, 8 octets."""
        return self._out1(rand, sqn, amf)[:8]

    def f1_star(self, rand: bytes, sqn: bytes, amf: bytes = AMF_STAR) -> bytes:
        """MAC-S, 8 octets."""
        return self._out1(rand, sqn, amf)[8:]

    def f2345(self, rand: bytes) -> F2345:
        """RES (8 octets), CK, IK (16), AK (6)."""
        opc = self._opc
        temp = self._temp(rand) ^ opc
        blocks = (temp ^ 1) << 256 | (_rotated(temp, 32) ^ 2) << 128 | _rotated(temp, 64) ^ 4
        out = int.from_bytes(self._encrypt(blocks.to_bytes(48))) ^ (opc << 256 | opc << 128 | opc)
        octets = out.to_bytes(48)
        return F2345(res=octets[8:16], ck=octets[16:32], ik=octets[32:], ak=octets[:6])

    def f5_star(self, rand: bytes) -> bytes:
        """AK for resynchronisation, 6 octets."""
        block = _rotated(self._temp(rand) ^ self._opc, 96) ^ 8
        return (int.from_bytes(self._encrypt(block.to_bytes(16))) ^ self._opc).to_bytes(16)[:6]
