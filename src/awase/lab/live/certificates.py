"""The certificates of a network that is up: the run's own authority signs them (TS 33.310 clause 6.1.3c).

In the Run folder, `tls/` holds each part's certificate and key and the authority's certificate, and, unless nothing in
clear is to be kept, `tls/keys.log` the secrets of all connections for Wireshark (SSLKEYLOGFILE).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.problems import NetworkFileError, Problem
from awase.model.network import SbiSettings, TlsEntry
from awase.model.part import Address
from awase.transports.hosting import TlsOptions
from awase.transports.opening import kind_of

if TYPE_CHECKING:
    from awase.transports.certificates import LabAuthority

FOLDER, KEY_LOG = "tls", "keys.log"


def _authority(now_ns: int) -> "LabAuthority":
    # It costs each process memory, and most networks do without.
    from awase.transports.certificates import LabAuthority

    return LabAuthority.make(now_ns)


def of_files(entry: TlsEntry) -> TlsOptions:
    """A certificate that the network file, or a part's own, names."""
    return TlsOptions(
        certificate=entry.certificate,
        key=entry.key,
        authorities=entry.authority,
        mutual=entry.mutual,
        key_log=entry.key_log or "",
    )


class Certificates:
    """Who has which."""

    def __init__(self, assembly: Assembly, folder: Path, *, clear: bool) -> None:
        self._settings: SbiSettings = assembly.network.sbi
        self._folder = folder / FOLDER
        self._now_ns = assembly.epoch_ns
        self._authority: LabAuthority | None = None
        self._also = b""
        self._key_log = ""
        self._made: dict[str, TlsOptions] = {}
        if self._settings.tls:
            self._authority = _authority(self._now_ns)
            self._folder.mkdir(mode=0o700)
            self._also = _read(self._settings.authority)
            if clear:
                path = self._folder / KEY_LOG
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                self._key_log = str(path)

    def of(self, part: PlacedPart) -> TlsOptions | None:
        """A part's; None for clear text. Raises OSError where it cannot be written."""
        if part.tls is not None:
            return of_files(part.tls)
        hosts = _http_hosts(part.function, part.addresses)
        if self._authority is None or not hosts:
            return None
        made = self._made.get(part.name)
        if made is None:
            written = self._authority.write(
                self._folder, part.name, (*hosts, part.name), self._now_ns, also_trusted=self._also
            )
            made = msgspec.structs.replace(written, mutual=self._settings.mutual, key_log=self._key_log)
            self._made[part.name] = made
        return made


def _http_hosts(function: str, addresses: Mapping[str, Address]) -> tuple[str, ...]:
    hosts = (a.rpartition(":")[0] for port, a in addresses.items() if kind_of(function, port) == "http")
    return tuple(dict.fromkeys(hosts))


def _read(file: str | None) -> bytes:
    """A PEM file of authorities. Raises NetworkFileError."""
    if file is None:
        return b""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise NetworkFileError([Problem(file, "sbi.authority", error.strerror or "cannot be read")]) from None
