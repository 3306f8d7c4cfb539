"""Puts a network together: cast, scale, complete, link, address. What comes out is ready to run."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

import msgspec

from awase.lab import addressing, linking
from awase.lab.assembly import Assembly, PlacedLink, PlacedPart, config_path
from awase.lab.cast import Cast, Role, names_of
from awase.lab.catalogue import Catalogue, Unloadable, installed
from awase.lab.completion import Completed, Completion, Where, completed_keys, takes
from awase.lab.fault_plan import place_faults
from awase.lab.network_file import NetworkFile, parse_fragment
from awase.lab.network_schema import full_schema, resolved, section_schema
from awase.lab.problems import Problems, choose
from awase.lab.scaling import Scaled, scale
from awase.lab.schema_check import SchemaCheck
from awase.lab.strict_yaml import Document
from awase.model.network import Expectation, Network, PartEntry
from awase.model.part import NS_PER_S, Address, PartType
from awase.model.reference_points import REFERENCE_POINTS


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says about a network."""

    cast: Sequence[str] = ()
    ues: int | None = None
    gnbs: int | None = None
    seed: int | None = None
    loopback: int | None = None
    """Which network this is on the host's loopback interface; None for virtual time."""


def assemble(file: NetworkFile, options: Options | None = None, catalogue: Catalogue | None = None) -> Assembly:
    """The network with its cast, ready to run. Raises NetworkFileError with everything that is wrong."""
    return _Assembler(file, options or Options(), catalogue or installed()).assemble()


class _Assembler:
    def __init__(self, file: NetworkFile, options: Options, catalogue: Catalogue) -> None:
        self.file = file
        self.document = file.document
        self.options = options
        self.catalogue = catalogue
        self.problems = Problems()
        self.checks: dict[int, SchemaCheck] = {}
        self.roles: dict[str, Role] = {}
        self.hosts: dict[str, str] = {}
        self.provocations: dict[str, str] = {}
        """Part that a quirk brought -> that quirk's id."""
        self.short = msgspec.structs.replace(self.document, file=self.file.short)

    def assemble(self) -> Assembly:
        self.check_functions()
        named = linking.named_links(self.file.network, self.document, self.problems)
        self.problems.check()
        scaled = self.scaled()
        network = self.cast(scaled.network)
        self.problems.check()
        self.check_sections(network, scaled.sources)
        completion = Completion(network)
        roles = self.roles
        completed = {name: completion.complete(part, roles[name].part_type) for name, part in network.parts.items()}
        self.check_required(network, completed, scaled.sources)
        self.problems.check()
        named = [link for link in named if all(name in network.parts for name in link.pair)]
        functions = {name: part.function for name, part in network.parts.items()}
        wanted = [row for row in linking.pairs(functions, tuple(self.provocations), named) if self.has_ports(*row)]
        links = linking.place_links(wanted, network, named)
        self.check_ports(network, links)
        addresses = self.addresses(network)
        self.problems.check()
        peers = _peers(links, functions, addresses)
        parts = tuple(
            self.placed(part, completed[name], addresses[name], peers.get(name, {}), scaled.sources)
            for name, part in network.parts.items()
        )
        epoch_ns = self.epoch_ns()
        self.problems.check()
        return Assembly(
            network=network,
            parts=parts,
            links=links,
            expectations=_expectations(network),
            seed=network.run.seed if self.options.seed is None else self.options.seed,
            epoch_ns=epoch_ns,
            faults=place_faults(network, links),
        )

    def scaled(self) -> Scaled:
        """As many UEs and gNBs as the command line says, else the file."""
        settings, options = self.file.network.run, self.options
        ues = settings.ues if options.ues is None else options.ues
        gnbs = settings.gnbs if options.gnbs is None else options.gnbs
        return scale(self.file.network, ues, gnbs)

    def place(self, name: str, sources: Mapping[str, str]) -> str:
        if name in self.provocations:
            return f"quirk {self.provocations[name]}"
        return self.document.place(("parts", sources.get(name, name)))

    def check_functions(self) -> None:
        known = self.catalogue.functions()
        for name, part in self.file.network.parts.items():
            if part.function not in known:
                path = ("parts", name, "function")
                what = f"unknown function {part.function}"
                self.problems.add(
                    self.document.place(path), f"parts.{name}.function", what, choose(part.function, known)
                )

    def cast(self, network: Network) -> Network:
        """Give every part its role, and add what the quirks' provocations bring."""
        cast = Cast(self.catalogue, self.problems)
        known = dict.fromkeys((*names_of(self.file.network), *names_of(network)))
        cast.take_file(network.cast, self.document, known)
        cast.take_options(self.options.cast, known)
        self.take_roles(cast, network.parts)
        parts, expect = dict(network.parts), dict(network.expect)
        brought: set[str] = set()
        for role in list(self.roles.values()):
            for quirk in role.quirks:
                if quirk.provocation and quirk.id not in brought:
                    brought.add(quirk.id)
                    self.provoke(quirk.id, quirk.provocation, parts, expect)
        if brought:
            self.take_roles(cast, {name: parts[name] for name in self.provocations})
        for name, role in self.roles.items():
            if role.entry.address is not None:
                parts[name] = msgspec.structs.replace(parts[name], address=role.entry.address)
        return msgspec.structs.replace(network, parts=parts, expect=expect)

    def take_roles(self, cast: Cast, parts: Mapping[str, PartEntry]) -> None:
        for name, part in parts.items():
            role = cast.role(part, self.document.place(("parts", name)))
            if role is not None:
                self.roles[name] = role

    def provoke(
        self,
        quirk: str,
        fragment: Mapping[str, Any],
        parts: dict[str, PartEntry],
        expect: dict[str, Expectation],
    ) -> None:
        brought, expected = parse_fragment(fragment, f"quirk {quirk}")
        for name, part in brought.items():
            free, number = name, 1
            while free in parts:
                number += 1
                free = f"{name}-{number}"
            parts[free] = msgspec.structs.replace(part, name=free)
            self.provocations[free] = quirk
            if name in expected:
                expect[free] = expected[name]

    def check_sections(self, network: Network, sources: Mapping[str, str]) -> None:
        """Check what the file says of each part against its part type's schema; clones say nothing new."""
        for name, part in network.parts.items():
            if name in sources:
                continue
            document = self.document
            if name in self.provocations:
                document = Document(self.place(name, sources), {}, {}, {})
            check = self.check_of(self.roles[name].part_type)
            check.check(part.section, ("parts", name), document, self.problems)

    def check_of(self, part_type: PartType) -> SchemaCheck:
        check = self.checks.get(id(part_type))
        if check is None:
            check = SchemaCheck(section_schema(part_type, completed_keys(part_type)))
            self.checks[id(part_type)] = check
        return check

    def check_required(self, network: Network, completed: Mapping[str, Completed], sources: Mapping[str, str]) -> None:
        supis = {subscriber.supi for subscriber in network.subscribers}
        for name, part in network.parts.items():
            config = completed[name].config
            required = _required(self.roles[name].part_type)
            missing = [key for key in required if key not in config and key not in ("addresses", "peers")]
            if not missing:
                continue
            supi = part.section.get("subscriber")
            hint = f"set {', '.join(missing)} in its section"
            if isinstance(supi, str) and supi not in supis:
                hint = f"add {supi} to subscribers, or {hint} to run a UE that no record knows"
            what = f"{', '.join(missing)} of {name} {'is' if len(missing) == 1 else 'are'} not known"
            self.problems.add(self.place(name, sources), f"parts.{name}", what, hint)

    def has_ports(self, reference_point: str, pair: linking.Pair) -> bool:
        point = REFERENCE_POINTS[reference_point]
        if not point.optional:
            return True
        client, server = (self.roles[name].part_type.ports for name in pair)
        return point.client_port in client and point.server_port in server

    def check_ports(self, network: Network, links: Sequence[PlacedLink]) -> None:
        for link in links:
            for name, port in link.ends:
                role = self.roles[name]
                if port not in role.part_type.ports:
                    what = f"{name} has no port {port}, which {link.reference_point} needs"
                    offered = ", ".join(role.part_type.ports)
                    hint = f"the {network.parts[name].function} of {role.supplier} has {offered}"
                    self.problems.add(self.document.place(("parts", name)), f"parts.{name}", what, hint)

    def addresses(self, network: Network) -> dict[str, dict[str, Address]]:
        hosts = addressing.assign(network.parts, self.options.loopback)
        self.hosts = hosts
        found: dict[str, dict[str, Address]] = {}
        for name, part in network.parts.items():
            ports = tuple(self.roles[name].part_type.ports)
            found[name] = addressing.addresses(part, hosts[name], ports)
            if part.address is not None or part.addresses:
                self.check_own_addresses(part, ports)
        places = {name: self.document.place(("parts", name)) for name in found}
        addressing.check(found, places, self.problems)
        self.check_pools(network, hosts)
        return found

    def check_own_addresses(self, part: PartEntry, ports: Sequence[str]) -> None:
        texts: dict[tuple[str, ...], str] = {}
        if part.address is not None:
            texts["address",] = part.address
        for port, text in part.addresses.items():
            path = ("parts", part.name, "addresses", port)
            if port not in ports:
                hint = choose(port, ports)
                place = self.document.place(path)
                self.problems.add(place, f"parts.{part.name}.addresses", f"no port {port}", hint)
            texts["addresses", port] = text
        for steps, text in texts.items():
            host, _, number = text.partition(":")
            try:
                IPv4Address(host)
                fits = not number or 1 <= int(number) <= 65535
            except AddressValueError:
                fits = False
            if not fits:
                place = self.document.place(("parts", part.name, *steps))
                self.problems.add(place, ".".join(("parts", part.name, *steps)), f"{text} is no address")

    def check_pools(self, network: Network, hosts: Mapping[str, str]) -> None:
        for index, dnn in enumerate(network.dnns):
            pool = IPv4Network(dnn.pool)
            low, high = int(pool.network_address), int(pool.broadcast_address)
            for name, host in hosts.items():
                if low <= _number(host) <= high:
                    path = ("dnns", index, "pool")
                    what = f"{dnn.pool} holds {host}, which is the address of {name}"
                    hint = "take a pool without the parts' addresses, 10.100.0.0 to 10.120.255.255"
                    self.problems.add(self.document.place(path), f"dnns[{index}].pool", what, hint)
                    break

    def epoch_ns(self) -> int:
        text = self.file.network.run.epoch
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            self.problems.add(self.document.place(("run", "epoch")), "run.epoch", f"{text}: {error}")
            return 0
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * NS_PER_S

    def placed(
        self,
        part: PartEntry,
        completed: Completed,
        addresses: Mapping[str, Address],
        peers: Mapping[str, Any],
        sources: Mapping[str, str],
    ) -> PlacedPart:
        role = self.roles[part.name]
        wanted = takes(role.part_type)
        if "addresses" in wanted:
            completed.config["addresses"] = dict(addresses)
        if "peers" in wanted:
            completed.config["peers"] = dict(peers)
        section = ("parts", sources.get(part.name, part.name))
        document = self.document
        if part.name in self.provocations:
            document = Document(self.place(part.name, sources), {}, {}, {})
        self.check_config(part, role.part_type, completed, Where(document, section, completed.origins))
        short = document if part.name in self.provocations else self.short
        return PlacedPart(
            name=part.name,
            function=part.function,
            supplier=role.supplier,
            quirks=role.quirks,
            part_type=role.part_type,
            config=completed.config,
            addresses=addresses,
            host=self.hosts[part.name],
            restart=part.restart,
            tun=part.tun,
            tls=part.tls,
            options=role.entry.options,
            where=Where(short, section, completed.origins),
        )

    def check_config(self, part: PartEntry, part_type: PartType, completed: Completed, where: Where) -> None:
        """Ask a part type that can tell whether it could build a part of this, before anything runs."""
        check = getattr(part_type, "check", None)
        if check is None:
            return
        try:
            check(completed.config)
        except ValueError as error:
            path = config_path(error)
            self.problems.add(where(path), f"parts.{part.name}", str(error))


def _required(part_type: PartType) -> Sequence[str]:
    required = resolved(part_type.config_schema).get("required", ())
    return tuple(str(key) for key in required)


def _number(host: str) -> int:
    a, b, c, d = host.split(".")
    return int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)


def _peers(
    links: Sequence[PlacedLink], functions: Mapping[str, str], addresses: Mapping[str, Mapping[str, Address]]
) -> dict[str, dict[str, list[dict[str, str]]]]:
    """By part and reference point, the parts at the other ends."""
    peers: dict[str, dict[str, list[dict[str, str]]]] = {}
    for link in links:
        for (name, _), (far, far_port) in (link.ends, link.ends[::-1]):
            entry = {"part": far, "function": functions[far], "address": addresses[far].get(far_port, "")}
            peers.setdefault(name, {}).setdefault(link.reference_point, []).append(entry)
    return peers


def _expectations(network: Network) -> dict[str, Expectation]:
    default = Expectation()
    return {
        name: network.expect.get(name) or network.expect.get(part.function) or default
        for name, part in network.parts.items()
    }


def installed_schema(catalogue: Catalogue | None = None, suppliers: Sequence[str] = ()) -> str:
    """The JSON schema of the network file with the sections of the installed part types, as text.

    `suppliers`: only theirs (none named: everybody's). Raises NetworkFileError if one cannot be loaded.
    """
    found = catalogue or installed()
    problems = Problems()
    offers: dict[str, list[tuple[str, PartType, frozenset[str]]]] = {}
    for function in found.functions():
        for supplier in found.suppliers(function):
            if suppliers and supplier not in suppliers:
                continue
            try:
                part_type = found.part_type(supplier, function)
            except Unloadable as error:
                problems.add("", "", str(error), "install it again, or remove it")
                continue
            if part_type is not None:
                offers.setdefault(function, []).append((supplier, part_type, completed_keys(part_type)))
    problems.check()
    return json.dumps(full_schema(offers), indent=1, ensure_ascii=False)
