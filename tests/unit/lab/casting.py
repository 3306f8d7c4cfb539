"""Part types and quirks for tests of the lab: small ones, so that no function needs to be there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from awase.lab.catalogue import Catalogue
from awase.model.part import Event, Packet, Part, Services
from awase.model.part_type import StructPartType
from awase.model.settings import Dnn, HomeNetworkKey, Peer, Slice, Subscriber


class Silent:
    """A part that does nothing."""

    def __init__(self, name: str, config: Any) -> None:
        self.name = name
        self.config = config

    def receive(self, packet: Packet, now_ns: int) -> None:
        """Take a packet."""

    def wake(self, now_ns: int) -> None:
        """Wake."""

    def wake_at_ns(self) -> int | None:
        return None

    def take_packets(self) -> Sequence[Packet]:
        return ()

    def take_events(self) -> Sequence[Event]:
        return ()


class Session(msgspec.Struct, forbid_unknown_fields=True):
    dnn: str = "internet"
    slice: Slice | None = None


class UeConfig(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    subscriber: str
    k: str
    opc: str | None = None
    op: str | None = None
    amf: str = "8000"
    sqn: str = "000000000000"
    plmn: str = "001-01"
    slices: tuple[Slice, ...] = ()
    dnns: tuple[str, ...] = ()
    home_network_keys: tuple[HomeNetworkKey, ...] = ()
    sessions: tuple[Session, ...] = ()
    registration_s: float = 15
    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}


class GnbConfig(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    plmn: str = "001-01"
    tac: int = 1
    slices: tuple[Slice, ...] = ()
    gnb_id: int | None = None
    name: str = ""
    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}

    def __post_init__(self) -> None:
        if self.gnb_id == 13:
            raise ValueError("gnb_id: 13 brings bad luck")


class CoreConfig(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    plmn: str = "001-01"
    slices: tuple[Slice, ...] = ()
    dnns: tuple[Dnn, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    home_network_keys: tuple[HomeNetworkKey, ...] = ()
    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}


class Acme:
    """A stranger's UPF: its schema is open, it has no n6, and its build wants a key."""

    function = "upf"
    ports = ("n3", "n4")
    versions: Mapping[str, str] = {}
    config_schema: Mapping[str, Any] = {"type": "object", "properties": {"peers": {}, "dnns": {}}}

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> Part:
        return Silent(name, config)


class ForeignSlice:
    id = "misleading-cause"
    function = "amf"
    title = "A slice mismatch is answered with unknown-PLMN"
    report = "https://example.org/issue"
    clause = "TS 38.413 clause 8.7.1.4"
    message = "NGSetupFailure"
    element = "Cause"
    provocation: Mapping[str, Any] = {
        "parts": {"gnb2": {"function": "gnb", "slices": [{"sst": 9}]}},
        "expect": {"gnb2": {"ng_setup": "refused", "cause": "slice-not-supported"}},
    }

    def wrap(self, part: Part) -> Part:
        return Silent("wrapped", part)


PORTS = {
    "ue": ("uu",),
    "gnb": ("uu", "n2", "n3"),
    "amf": ("n2", "sbi"),
    "smf": ("n4", "sbi"),
    "upf": ("n3", "n4", "n6"),
    "ausf": ("sbi",),
    "udm": ("sbi",),
    "udr": ("sbi",),
    "data_network": ("n6",),
}


def part_type(function: str) -> StructPartType[Any]:
    config: type[msgspec.Struct] = {"ue": UeConfig, "gnb": GnbConfig}.get(function, CoreConfig)
    return StructPartType(
        function=function,
        ports=PORTS[function],
        config=config,
        make=lambda name, config, services: Silent(name, config),
        versions={},
    )


def broken() -> Any:
    raise ImportError("no module named missing")


def catalogue() -> Catalogue:
    types = {function: part_type(function) for function in PORTS}
    parts: dict[str, Callable[[], Any]] = {f"awase.{name}": lambda t=t: t for name, t in types.items()}
    parts["acme.upf"] = Acme
    parts["broken.smf"] = broken
    return Catalogue(parts, {"misleading-cause": ForeignSlice})


NETWORK = """\
name: small
plmn: "001-01"
tac: 7
slices:
  - {sst: 1, sd: "000001"}
dnns:
  - {name: internet, pool: 10.45.0.0/16}
subscribers:
  - supi: imsi-001010000000001
    k: "465b5ce8b199b49faa5f0a2ee238a6bc"
    opc: "cd63cb71954a9f4e48a5994e37a02baf"
  - {supi: imsi-001010000000002, k: "0396eb317b6d1c36f19c1c84cd6ffd16", opc: "53c15671c60a4b731c55b4a441c0bde2"}
home_network_keys:
  - {id: 1, private_key: "c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d"}
parts:
  ue1: {function: ue, subscriber: imsi-001010000000001, sessions: [{dnn: internet}]}
  ue2:
    function: ue
    subscriber: imsi-001010000000002
  gnb1: {function: gnb}
  amf: {function: amf}
  smf: {function: smf}
  upf: {function: upf}
  ausf: {function: ausf}
  udm: {function: udm}
  udr: {function: udr}
  dn: {function: data_network}
"""
"""Line 15 is ue1's, line 16 ue2's, line 19 gnb1's, line 20 amf's, line 27 the first to add."""
