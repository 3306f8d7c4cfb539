"""The 5G key hierarchy: the KDF of TS 33.220 clause B.2 as TS 33.501 annex A uses it."""

import hashlib
import hmac
from typing import NamedTuple

ACCESS_TYPE_3GPP = 1
"""The access type distinguisher of TS 33.501 table A.9-1."""
ACCESS_TYPE_NON_3GPP = 2

_N_NAS_ENC, _N_NAS_INT, _N_RRC_ENC, _N_RRC_INT, _N_UP_ENC, _N_UP_INT = range(1, 7)
"""Algorithm type distinguishers, TS 33.501 table A.8-1."""


def kdf(key: bytes, fc: int, *parameters: bytes) -> bytes:
    """HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...): 32 octets (TS 33.220 clause B.2)."""
    s = bytes((fc,))
    for parameter in parameters:
        s += parameter + len(parameter).to_bytes(2)
    return hmac.digest(key, s, "sha256")


def ck_prime_ik_prime(ck: bytes, ik: bytes, snn: str, sqn_xor_ak: bytes) -> tuple[bytes, bytes]:
    """CK' and IK' for EAP-AKA' (TS 33.501 clause A.3)."""
    key = kdf(ck + ik, 0x20, snn.encode(), sqn_xor_ak)
    return key[:16], key[16:]


class EapAkaPrimeKeys(NamedTuple):
    """The keys of EAP-AKA' (RFC 5448 clause 3.3); `repr` shows none of them."""

    k_encr: bytes
    k_aut: bytes
    k_re: bytes
    msk: bytes
    emsk: bytes

    def __repr__(self) -> str:
        return "EapAkaPrimeKeys(...)"

    @property
    def k_ausf(self) -> bytes:
        """K_AUSF: the 256 most significant bits of EMSK (TS 33.501 clause 6.1.3.1 step 10)."""
        return self.emsk[:32]


def eap_aka_prime_keys(ck_prime: bytes, ik_prime: bytes, identity: str) -> EapAkaPrimeKeys:
    """MK = PRF'(IK' | CK', "EAP-AKA'" | Identity), 208 octets, and its parts (RFC 5448 clauses 3.3 and 3.4.1).

    In 5G the identity is the SUPI: an IMSI without "imsi-" (TS 33.501 annex F.3, RFC 9048 clause 5.3.1).
    """
    key, seed = ik_prime + ck_prime, b"EAP-AKA'" + identity.encode()
    mk = block = b""
    for number in range(1, 8):
        block = hmac.digest(key, block + seed + bytes((number,)), "sha256")
        mk += block
    return EapAkaPrimeKeys(mk[:16], mk[16:48], mk[48:80], mk[80:144], mk[144:208])


def k_ausf(ck: bytes, ik: bytes, snn: str, sqn_xor_ak: bytes) -> bytes:
    """K_AUSF for 5G AKA (TS 33.501 clause A.2)."""
    return kdf(ck + ik, 0x6A, snn.encode(), sqn_xor_ak)


def res_star(ck: bytes, ik: bytes, snn: str, rand: bytes, res: bytes) -> bytes:
    """RES* or XRES*: 16 octets (TS 33.501 clause A.4)."""
    return kdf(ck + ik, 0x6B, snn.encode(), rand, res)[16:]


def hres_star(rand: bytes, res_star: bytes) -> bytes:
    """HRES* or HXRES*: 16 octets (TS 33.501 clause A.5)."""
    return hashlib.sha256(rand + res_star).digest()[16:]


def k_seaf(k_ausf: bytes, snn: str) -> bytes:
    """K_SEAF (TS 33.501 clause A.6)."""
    return kdf(k_ausf, 0x6C, snn.encode())


def k_amf(k_seaf: bytes, supi: str, abba: bytes) -> bytes:
    """K_AMF (TS 33.501 clause A.7); the SUPI's IMSI digits or NAI enter it, without "imsi-" or "nai-"."""
    return kdf(k_seaf, 0x6D, supi.removeprefix("imsi-").removeprefix("nai-").encode(), abba)


def _algorithm_key(key: bytes, distinguisher: int, algorithm: int) -> bytes:
    return kdf(key, 0x69, bytes((distinguisher,)), bytes((algorithm,)))[16:]


def k_nas_enc(k_amf: bytes, nea: int) -> bytes:
    """K_NASenc: the 128 least significant bits (TS 33.501 clause A.8)."""
    return _algorithm_key(k_amf, _N_NAS_ENC, nea)


def k_nas_int(k_amf: bytes, nia: int) -> bytes:
    """K_NASint: the 128 least significant bits (TS 33.501 clause A.8)."""
    return _algorithm_key(k_amf, _N_NAS_INT, nia)


def k_rrc_enc(k_gnb: bytes, nea: int) -> bytes:
    """K_RRCenc: the 128 least significant bits (TS 33.501 clause A.8)."""
    return _algorithm_key(k_gnb, _N_RRC_ENC, nea)


def k_rrc_int(k_gnb: bytes, nia: int) -> bytes:
    """K_RRCint: the 128 least significant bits (TS 33.501 clause A.8)."""
    return _algorithm_key(k_gnb, _N_RRC_INT, nia)


def k_up_enc(k_gnb: bytes, nea: int) -> bytes:
    """K_UPenc: the 128 least significant bits (TS 33.501 clause A.8)."""
    return _algorithm_key(k_gnb, _N_UP_ENC, nea)


def k_up_int(k_gnb: bytes, nia: int) -> bytes:
    """K_UPint: the 128 least significant bits (TS 33.501 clause A.8)."""
    return _algorithm_key(k_gnb, _N_UP_INT, nia)


def k_gnb(k_amf: bytes, uplink_nas_count: int, access_type: int = ACCESS_TYPE_3GPP) -> bytes:
    """K_gNB (TS 33.501 clause A.9)."""
    return kdf(k_amf, 0x6E, uplink_nas_count.to_bytes(4), bytes((access_type,)))


def nh(k_amf: bytes, sync_input: bytes) -> bytes:
    """NH; the sync input is K_gNB for the first, the previous NH after it (TS 33.501 clause A.10)."""
    return kdf(k_amf, 0x6F, sync_input)
