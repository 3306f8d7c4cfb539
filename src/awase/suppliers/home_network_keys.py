"""The home network's private keys as other cores read them: PKCS #8 in PEM."""

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def private_key_pem(scheme: str, private_key: str) -> str:
    """A key of profile A (X25519) or profile B (P-256; SEC 1, as `openssl ecparam -genkey` writes it)."""
    octets = bytes.fromhex(private_key)
    if scheme == "profile-a":
        key = X25519PrivateKey.from_private_bytes(octets)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    curve_key = derive_private_key(int.from_bytes(octets, "big"), SECP256R1())
    return curve_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
