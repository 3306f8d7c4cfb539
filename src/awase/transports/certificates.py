"""Certificates for the HTTP ports of a lab's parts (X.509, RFC 5280; TS 33.310 clause 6.1.3c): an authority of its own.

    authority = LabAuthority.make(now_ns)
    options = authority.write(folder, "amf1", ("127.0.1.5",), now_ns)      # TlsOptions

The authority's own key is never written: who needs another certificate makes another authority.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from awase.model.part import NS_PER_S
from awase.transports.hosting import TlsOptions

VALID = timedelta(days=30)
SLACK = timedelta(hours=1)
"""How far behind ours the clocks of peers may be."""


class LabAuthority:
    """Signs certificates for as long as it lives."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def make(cls, now_ns: int) -> "LabAuthority":
        """An authority with a fresh key on P-256."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Awase lab authority")
        made = _begun(name, name, key, now_ns)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(key, made.sign(key, hashes.SHA256()))

    def write(
        self, folder: Path, name: str, hosts: Sequence[str], now_ns: int, *, also_trusted: bytes = b""
    ) -> TlsOptions:
        """Write a part's certificate, for these IP addresses and DNS names, with its key and the authority's.

        The key's file is for this user alone. `also_trusted`: authorities of others, in PEM. Raises OSError.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        made = _begun(_name(name), self._certificate.subject, key, now_ns)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(_usage(signs_certificates=False), critical=True)
        # A network function is server and client at once.
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        made = made.add_extension(both, critical=False)
        made = made.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = made.add_extension(authority, critical=False).sign(self._key, hashes.SHA256())
        folder.mkdir(parents=True, exist_ok=True)
        options = TlsOptions(
            certificate=str(folder / f"{name}.pem"),
            key=str(folder / f"{name}.key.pem"),
            authorities=str(folder / "authority.pem"),
        )
        _write(options.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
        _write(options.certificate, certificate.public_bytes(Encoding.PEM), 0o644)
        _write(options.authorities, self._certificate.public_bytes(Encoding.PEM) + also_trusted, 0o644)
        return options


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now_ns: int
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(now_ns / NS_PER_S, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: str, octets: bytes, mode: int) -> None:
    """A new file each time: what another user may have put there is not written to."""
    beside = f"{path}.new"
    Path(beside).unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        file.write(octets)
    os.replace(beside, path)
