"""Which parts share a process, and what each process is told of its parts."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.completion import takes
from awase.lab.foreign import ForeignPartType
from awase.lab.live.certificates import Certificates
from awase.lab.problems import NetworkFileError, Problem, choose
from awase.model import ip_session
from awase.model.network import TunEntry
from awase.model.part import Address, PartType
from awase.model.reference_points import REFERENCE_POINTS
from awase.transports import probe
from awase.transports.host import HostedPart, IpOverUdp, SctpOptions, SessionTuns, TunOptions
from awase.transports.probe import Finding

CONTROL_PLANE = ("amf", "smf", "ausf", "udm", "udr")
"""The functions that share a process unless the network file says otherwise."""
SBI_SCHEME = "sbi_scheme"
"""The key by which a part is told how its URIs begin."""
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
    groups: list[Group] = []
    for group in names:
        parts = tuple(ours[name] for name in group)
        title = _title(parts)
        # Two processes may be of UEs alone: the second has the name of its first part.
        groups.append(Group(parts[0].name if any(other.name == title for other in groups) else title, parts))
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

    def __init__(
        self,
        assembly: Assembly,
        groups: Sequence[Group],
        stores: Path,
        sctp: SctpOptions,
        certificates: Certificates | None = None,
    ) -> None:
        self._assembly = assembly
        self._process_of = {part.name: group.name for group in groups for part in group.parts}
        self._parts = {part.name: part for part in assembly.parts}
        self._stores = stores
        self._sctp = sctp
        self._certificates = certificates
        self._data_networks = any(part.function == "data_network" for part in assembly.parts)
        wanted = any(part.tun is not None for part in assembly.parts)
        self._can_tun = probe.tun() if wanted else Finding(False, "")

    def hosted(self, part: PlacedPart) -> HostedPart:
        """For the host of its process."""
        tuns = self._tuns(part)
        tls = None if self._certificates is None else self._certificates.of(part)
        return HostedPart(
            name=part.name,
            function=part.function,
            ports=ports_of(part.part_type.ports, part.tun),
            addresses=part.addresses,
            build=_told(part, programs=bool(tuns), tls=tls is not None).build,
            store=self._stores / f"{part.name}.sqlite" if part.restart == "always" or _persists(part) else None,
            sctp=self._sctp,
            tls=tls,
            tuns=tuns,
            ip_over_udp=self._ip_over_udp(part),
            untapped=self._untapped(part),
        )

    def _tuns(self, part: PlacedPart) -> dict[str, TunOptions | SessionTuns]:
        """Its devices; where none can be made, the built-in data network of the file serves a UPF."""
        if part.tun is None:
            return {}
        found = tun_options(part.config, part.part_type.ports, part.tun)
        return {} if "n6" in found and self.without_tun(part) else found

    def without_tun(self, part: PlacedPart) -> str:
        """Why a UPF that should have a TUN device has the built-in data network instead; "" if it has the device."""
        if part.tun is None or "n6" not in part.part_type.ports or not self._data_networks:
            return ""
        return "" if self._can_tun.there else self._can_tun.detail

    def notes(self) -> list[str]:
        """What a person should know of the TUN devices."""
        found = []
        for part in self._assembly.parts:
            why = self.without_tun(part)
            if why:
                found.append(f"{part.name} has no TUN device ({why}; it takes root): the built-in data network serves")
        tuns = [part for part in self._assembly.parts if part.tun is not None and self._tuns(part)]
        shared = {part.tun.netns for part in tuns if part.tun is not None and part.function == "upf"}
        short = [
            part.name for part in tuns if part.tun is not None and part.function == "ue" and part.tun.netns in shared
        ]
        if short:
            found.append(
                f"the TUN devices of {', '.join(short[:3])} and of the UPF are of one network namespace, which leads"
                " packets between them past the network: give one of them another, as in tun: {netns: NAME}"
            )
        return found

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
            if port in self._tuns(part):
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


def ports_of(ports: Sequence[str], tun: TunEntry | None) -> tuple[str, ...]:
    """The ports that are opened: programs are behind a UE's only where it has TUN devices."""
    return tuple(port for port in ports if port != ip_session.PORT or tun is not None)


def _told(part: PlacedPart, *, programs: bool, tls: bool) -> PlacedPart:
    """The part, told what its host knows: whether there are programs behind it, whether its SBI speaks TLS."""
    config = part.config
    if programs and ip_session.PORT in part.part_type.ports:
        config = with_programs(config)
    if tls:
        config = with_tls(config, part.part_type)
    return part if config is part.config else msgspec.structs.replace(part, config=config)


def with_tls(config: Mapping[str, Any], part_type: PartType) -> Mapping[str, Any]:
    """A configuration that says that the URIs that the part gives to peers begin with https, where it can be told."""
    if SBI_SCHEME in config or SBI_SCHEME not in takes(part_type):
        return config
    return {**config, SBI_SCHEME: "https"}


def with_programs(config: Mapping[str, Any]) -> dict[str, Any]:
    """A UE's configuration that says that there are programs behind it."""
    return {**config, "app": True}


def tun_options(config: Mapping[str, Any], ports: Sequence[str], tun: TunEntry) -> dict[str, TunOptions | SessionTuns]:
    """A UPF's TUN device with the data networks' own addresses, or one for each session of a UE."""
    if ip_session.PORT in ports:
        return {ip_session.PORT: SessionTuns(name=tun.name, namespace=tun.netns)}
    if "n6" not in ports:
        return {}
    dnns = config.get("dnns", ())
    addresses = tuple(address for dnn in dnns for address in _gateways(dnn))
    mtu = min((int(dnn.get("mtu_bytes", 1400)) for dnn in dnns), default=1400)
    return {"n6": TunOptions(name=tun.name, namespace=tun.netns, addresses=addresses, mtu_bytes=mtu)}


def _gateways(dnn: Mapping[str, Any]) -> list[str]:
    """The data network's own addresses, each with the prefix of its pool."""
    pool = ip_network(dnn["pool"])
    found = [f"{dnn.get('gateway') or pool.network_address + 1}/{pool.prefixlen}"]
    if dnn.get("pool6"):
        pool6 = ip_network(dnn["pool6"])
        found.append(f"{dnn.get('gateway6') or pool6.network_address + 1}/{pool6.prefixlen}")
    return found
