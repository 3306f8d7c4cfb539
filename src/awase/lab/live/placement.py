"""Which parts share a process, and what each process is told of its parts."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.foreign import ForeignPartType
from awase.lab.problems import NetworkFileError, Problem, choose
from awase.model.part import Address, Part, Services
from awase.model.reference_points import REFERENCE_POINTS
from awase.transports.host import HostedPart, IpOverUdp, SctpOptions, TunOptions

CONTROL_PLANE = ("amf", "smf", "ausf", "udm", "udr")
"""The functions that share a process unless the network file says otherwise."""
IP_PORT = 2153
"""Where IP packets of N6 go between two processes of ours, one to a datagram."""


class Group(msgspec.Struct, frozen=True):
    """Parts that share a process; `name` is that of the process."""

    name: str
    parts: tuple[PlacedPart, ...]


def is_foreign(part: PlacedPart) -> bool:
    """Whether someone else's program plays it."""
    return isinstance(part.part_type, ForeignPartType)


def groups_of(assembly: Assembly, processes: Any = None) -> tuple[Group, ...]:
    """The processes of our own parts, in the order in which they are started. Raises NetworkFileError."""
    wanted = assembly.network.run.processes if processes is None else processes
    ours = {part.name: part for part in assembly.parts if not is_foreign(part)}
    names: list[tuple[str, ...]]
    if wanted == "separate":
        names = [(name,) for name in ours]
    elif wanted == "core":
        names = _by_function(ours)
    else:
        names = _as_named(wanted, ours)
    groups = [Group(_title([ours[name] for name in group]), tuple(ours[name] for name in group)) for group in names]
    return tuple(sorted(groups, key=lambda group: min(_ORDER.index(part.function) for part in group.parts)))


_ORDER = ("data_network", "upf", "udr", "udm", "ausf", "smf", "amf", "gnb", "ue")
"""Servers before their clients."""


def _title(parts: Sequence[PlacedPart]) -> str:
    functions = {part.function for part in parts}
    if len(parts) == 1:
        return parts[0].name
    if functions <= set(CONTROL_PLANE):
        return "core"
    return "ues" if functions == {"ue"} else parts[0].name


def _by_function(ours: Mapping[str, PlacedPart]) -> list[tuple[str, ...]]:
    """The control plane together, all UEs together, the data network with the only UPF, each other part alone."""
    core = tuple(name for name, part in ours.items() if part.function in CONTROL_PLANE)
    ues = tuple(name for name, part in ours.items() if part.function == "ue")
    upfs = [name for name, part in ours.items() if part.function == "upf"]
    networks = [name for name, part in ours.items() if part.function == "data_network"]
    together = (*upfs, *networks) if len(upfs) == 1 else ()
    grouped = {*core, *ues, *together}
    alone = [(name,) for name in ours if name not in grouped]
    return [group for group in (core, ues, together, *alone) if group]


def _as_named(wanted: Sequence[Sequence[str]], ours: Mapping[str, PlacedPart]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for group in wanted:
        names = []
        for word in group:
            members = [word] if word in ours else [name for name, part in ours.items() if part.function == word]
            if not members or seen.intersection(members):
                what = f"no part {word}" if not members else f"{word} is in two processes"
                raise NetworkFileError([Problem("", "run.processes", what, choose(word, ours))])
            seen.update(members)
            names += members
        found.append(tuple(names))
    return [group for group in (*found, *((name,) for name in ours if name not in seen)) if group]


class Hosting:
    """Makes of a placed part what its process is told."""

    def __init__(self, assembly: Assembly, groups: Sequence[Group], stores: Path, sctp: SctpOptions) -> None:
        self._assembly = assembly
        self._process_of = {part.name: group.name for group in groups for part in group.parts}
        self._parts = {part.name: part for part in assembly.parts}
        self._stores = stores
        self._sctp = sctp

    def hosted(self, part: PlacedPart) -> HostedPart:
        """For the host of its process."""
        return HostedPart(
            name=part.name,
            function=part.function,
            ports=tuple(part.part_type.ports),
            addresses=part.addresses,
            build=_builder(part),
            store=self._stores / f"{part.name}.sqlite" if part.restart == "always" or _persists(part) else None,
            sctp=self._sctp,
            tuns=_tuns(part),
            ip_over_udp=self._ip_over_udp(part),
            untapped=self._untapped(part),
        )

    def _untapped(self, part: PlacedPart) -> dict[str, frozenset[str]]:
        """Links are shown by the client's end, where we host it."""
        hosts: dict[str, set[str]] = {}
        for link in self._assembly.links:
            (client, _), (server, port) = link.ends
            ours = client in self._process_of
            if server == part.name and ours and REFERENCE_POINTS[link.reference_point].transport != "http":
                hosts.setdefault(port, set()).add(self._parts[client].host)
        return {port: frozenset(found) for port, found in hosts.items()}

    def _ip_over_udp(self, part: PlacedPart) -> dict[str, IpOverUdp]:
        """Where its IP packets go, if the other end is in another process."""
        found: dict[str, IpOverUdp] = {}
        for port in part.part_type.ports:
            if port in _tuns(part):
                continue
            far = [
                ends[1 - side][0]
                for link in self._assembly.links
                if REFERENCE_POINTS[link.reference_point].transport == "ip"
                for ends in (link.ends,)
                for side in (0, 1)
                if ends[side] == (part.name, port)
            ]
            away = [name for name in far if self._process_of.get(name) != self._process_of[part.name]]
            if away and len(away) == len(far):
                names = tuple(name for name in far if name in self._process_of)
                peers = tuple(_ip_address(self._parts[name]) for name in names)
                found[port] = IpOverUdp(own=_ip_address(part), peers=peers, names=names)
        return found


def _ip_address(part: PlacedPart) -> Address:
    return f"{part.host}:{IP_PORT}"


def _persists(part: PlacedPart) -> bool:
    # What the UDR knows must outlive it: a sequence number is never used twice (TS 33.102 annex C).
    return part.function == "udr" or bool(part.config.get("persist"))


def _builder(part: PlacedPart) -> Callable[[Services], Part]:
    return part.build


def _tuns(part: PlacedPart) -> dict[str, TunOptions]:
    return tun_options(part.config, part.part_type.ports) if part.tun else {}


def tun_options(config: Mapping[str, Any], ports: Sequence[str]) -> dict[str, TunOptions]:
    """A TUN device for N6 with the data networks' own addresses, where there is such a port."""
    if "n6" not in ports:
        return {}
    dnns = config.get("dnns", ())
    addresses = tuple(_gateway(dnn) for dnn in dnns)
    mtu = min((int(dnn.get("mtu_bytes", 1400)) for dnn in dnns), default=1400)
    return {"n6": TunOptions(addresses=addresses, mtu_bytes=mtu)}


def _gateway(dnn: Mapping[str, Any]) -> str:
    from ipaddress import IPv4Network

    pool = IPv4Network(dnn["pool"])
    return f"{dnn.get('gateway') or pool.network_address + 1}/{pool.prefixlen}"
