"""A network with its cast, completed and ready to run: what the clockwork is given."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from awase.lab.links import Quality
from awase.lab.problems import NetworkFileError, Problem
from awase.model.network import Expectation, FaultEntry, Network, TlsEntry, TunEntry
from awase.model.part import NS_PER_S, Address, Part, PartType, Services
from awase.model.quirk import Quirk

_PATH = re.compile(r"^([a-z_]\w*(?:\.\w+|\[\d+\])*): |at `\$\.([^`]+)`")
"""Where a part type's error says what it is about: "slices[0].sst: ...", or as msgspec does."""


def config_path(error: ValueError) -> str:
    """The path of the configuration that a part type's error names; "" if it names none."""
    match = _PATH.search(str(error))
    return (match[1] or match[2]) if match else ""


End = tuple[str, str]
"""A part's name and a port's."""


class PlacedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part with its supplier, its complete configuration and its addresses (port -> "ip:port").

    `where` turns a path of the configuration ("plmn_support[0].slices") into the file and line that set it
    ("networks/demo.yaml:31"). Ports without addresses (n6) are not in `addresses`.
    """

    name: str
    function: str
    supplier: str
    quirks: tuple[Quirk, ...]
    part_type: PartType
    config: Mapping[str, Any]
    addresses: Mapping[str, Address]
    host: str = ""
    """Its IP address, which a part without addressed ports has as well."""
    restart: str = "never"
    tun: TunEntry | None = None
    tls: TlsEntry | None = None
    options: Mapping[str, Any] = {}
    """What the cast says besides, for a supplier's adapter."""
    where: Callable[[str], str]

    def __repr__(self) -> str:
        return f"PlacedPart({self.name}, {self.cast})"

    @property
    def cast(self) -> str:
        """The supplier and the quirks, as on the command line."""
        return "+".join((self.supplier, *(quirk.id for quirk in self.quirks)))

    def build(self, services: Services) -> Part:
        """Make the part, with its quirks. Raises NetworkFileError for what the part cannot be made of."""
        try:
            part = self.part_type.build(self.name, self.config, services)
        except ValueError as error:
            place = self.where(config_path(error))
            raise NetworkFileError([Problem(place, f"parts.{self.name}", str(error))]) from error
        except (Exception, SystemExit) as error:
            raise self._unusable(f"{self.supplier}'s {self.function} cannot be built", error) from error
        for quirk in self.quirks:
            try:
                part = quirk.wrap(part)
            except (Exception, SystemExit) as error:
                raise self._unusable(f"quirk {quirk.id} does not fit {self.cast}", error) from error
        if not isinstance(part, Part):
            what = f"{self.supplier}'s {self.function} gave a {type(part).__name__}, which is no part"
            raise NetworkFileError([Problem(self.where(""), f"parts.{self.name}", what)])
        return part

    def _unusable(self, what: str, error: BaseException) -> NetworkFileError:
        return NetworkFileError(
            [Problem(self.where(""), f"parts.{self.name}", f"{what}: {type(error).__name__}: {error}")]
        )


class PlacedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link: the client's end first (model/reference_points.py), and what it does to packets."""

    name: str
    reference_point: str
    ends: tuple[End, End]
    delay_us: float = 0.0
    jitter_us: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    rate_mbps: float | None = None

    @property
    def quality(self) -> Quality:
        """What it does to packets."""
        return Quality(
            delay_us=self.delay_us,
            jitter_us=self.jitter_us,
            loss=self.loss,
            duplication=self.duplication,
            reordering=self.reordering,
            rate_mbps=self.rate_mbps,
        )


class PlacedFault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault of the network file: the parts that it befalls, and the links by their number in the assembly."""

    kind: str
    entry: FaultEntry
    parts: tuple[str, ...] = ()
    links: tuple[int, ...] = ()
    text: str = ""
    """What begins, in words: "cut N2:gnb1-amf"."""


class Assembly(msgspec.Struct, frozen=True, kw_only=True):
    """What the clockwork runs. Parts are in the file's order, provocations of quirks last."""

    network: Network
    parts: tuple[PlacedPart, ...]
    links: tuple[PlacedLink, ...]
    expectations: Mapping[str, Expectation]
    """By part."""
    seed: int
    epoch_ns: int
    faults: tuple[PlacedFault, ...] = ()

    @property
    def faults_end_ns(self) -> int:
        """When the last fault begins, ends or starts a part again."""
        ends_s = [fault.entry.end_s for fault in self.faults]
        return self.epoch_ns + round(max(ends_s, default=0.0) * NS_PER_S)
