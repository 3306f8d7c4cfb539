"""Reads a network file: strictly, and with file, line and path in each error (DESIGN section 5)."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from ipaddress import IPv4Network
from pathlib import Path as FilePath
from typing import Any, TypeVar

import msgspec

from awase.lab.fault_plan import check_faults
from awase.lab.network_schema import document_schema
from awase.lab.problems import NetworkFileError, Problem, Problems, a, choose
from awase.lab.schema_check import SchemaCheck
from awase.lab.strict_yaml import MAX_OCTETS, Document, Path, read, show
from awase.model.network import (
    EXPECTATIONS,
    GNB_EXPECTATIONS,
    PROCEDURES,
    UE_EXPECTATIONS,
    CastEntry,
    Expectation,
    FaultEntry,
    LinkEntry,
    Network,
    PartEntry,
    RunSettings,
    SbiSettings,
    TlsEntry,
    TunEntry,
)
from awase.model.settings import Dnn, HomeNetworkKey, Slice, Subscriber
from awase.security.authentication import ALGORITHMS

T = TypeVar("T")

_PART_KEYS = ("function", "address", "addresses", "restart", "tun", "tls")


class NetworkFile(msgspec.Struct, frozen=True):
    """A network, and where each of its values stands.

    `short` names the file in events: without its folder, so that a run is the same wherever the file lies.
    """

    network: Network
    document: Document
    short: str


def shipped() -> dict[str, str]:
    """The networks that ship: name -> title."""
    found = {}
    for file in sorted(resources.files("awase.networks").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            document = read(file.read_bytes(), f"networks/{file.name}")
            found[file.name.removesuffix(".yaml")] = str(document.data.get("title", ""))
    return found


def shipped_text(name: str) -> str:
    """A shipped network as its file says it. Raises NetworkFileError for a name that does not ship."""
    file = resources.files("awase.networks") / f"{name}.yaml"
    if not name.replace("-", "").replace("_", "").isalnum() or not file.is_file():
        raise NetworkFileError([Problem("", "", f"no network {name} ships", choose(name, shipped()))])
    return file.read_text(encoding="utf-8")


def load_network(source: str) -> NetworkFile:
    """Read a file, or a shipped network by its name. Raises NetworkFileError."""
    file = FilePath(source)
    if file.suffix in (".yaml", ".yml") or "/" in source or file.is_file():
        return parse_network(_octets(file, source), source, file.name)
    try:
        text = shipped_text(source)
    except NetworkFileError as error:
        hint = error.problems[0].hint
        what = f"{source} is neither a file nor a network that ships"
        raise NetworkFileError([Problem("", "", what, hint)]) from None
    return parse_network(text.encode(), f"networks/{source}.yaml", f"networks/{source}.yaml")


def _octets(file: FilePath, source: str) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_OCTETS + 1)
    except OSError as error:
        hint = "`awase networks` lists what ships, `awase init demo > mine.yaml` makes a file to start from"
        raise NetworkFileError([Problem(source, "", error.strerror or "cannot be read", hint)]) from None


@cache
def _document_check() -> SchemaCheck:
    return SchemaCheck(document_schema())


@cache
def _fragment_check() -> SchemaCheck:
    schema = document_schema()
    kept = {key: schema["properties"][key] for key in ("parts", "expect")}
    return SchemaCheck({**schema, "properties": kept, "required": ["parts"]})


def parse_network(octets: bytes, file: str, short: str | None = None) -> NetworkFile:
    """Decode a network file. Raises NetworkFileError with everything that is wrong."""
    document = read(octets, file)
    problems = Problems()
    data = document.data
    if not isinstance(data, dict):
        hint = "see `awase init demo` for a file to start from"
        raise NetworkFileError([Problem(f"{file}:1", "", "no keys: a network file begins with name:", hint)])
    _document_check().check(data, (), document, problems)
    problems.check()
    network = _network(data, document, problems)
    problems.check()
    _check_subscribers(network, document, problems)
    _check_dnns(network, document, problems)
    _check_expectations(network, document, problems)
    check_faults(network, document, problems)
    problems.check()
    return NetworkFile(network, document, short or file)


def parse_fragment(data: Mapping[str, Any], origin: str) -> tuple[dict[str, PartEntry], dict[str, Expectation]]:
    """Decode a piece of a network that a quirk brings: parts, and what they are to expect."""
    document = Document(origin, data, {}, {})
    problems = Problems()
    _fragment_check().check(data, (), document, problems)
    problems.check()
    expect = msgspec.convert(data.get("expect", {}), dict[str, Expectation])
    return {name: part_entry(name, section) for name, section in data["parts"].items()}, expect


def part_entry(name: str, section: Mapping[str, Any]) -> PartEntry:
    """A part from its section."""
    rest = {key: value for key, value in section.items() if key not in _PART_KEYS}
    return PartEntry(
        name=name,
        function=section["function"],
        address=section.get("address"),
        addresses=section.get("addresses", {}),
        restart=section.get("restart", "never"),
        tun=tun_entry(section.get("tun", False)),
        tls=None if section.get("tls") is None else msgspec.convert(section["tls"], TlsEntry),
        section=rest,
    )


def tun_entry(value: bool | str | Mapping[str, str]) -> TunEntry | None:
    """What `tun` of a section says."""
    if isinstance(value, bool):
        return TunEntry() if value else None
    return TunEntry(name=value) if isinstance(value, str) else msgspec.convert(value, TunEntry)


def parse_cast(text: str) -> CastEntry:
    """From "SUPPLIER+QUIRK+QUIRK"; an empty supplier is ours."""
    supplier, *quirks = text.split("+")
    return CastEntry(supplier=supplier or "awase", quirks=tuple(quirks))


def _network(data: Mapping[str, Any], document: Document, problems: Problems) -> Network:
    def convert(key: str, to: type[T], default: Any) -> T:
        try:
            return msgspec.convert(data.get(key, default), to)
        except msgspec.ValidationError as error:
            problems.add(document.place((key,)), key, str(error))
            return msgspec.convert(default, to)

    cast = {
        key: parse_cast(value) if isinstance(value, str) else msgspec.convert(value, CastEntry)
        for key, value in data.get("cast", {}).items()
    }
    return Network(
        name=data["name"],
        title=data.get("title", ""),
        plmn=data.get("plmn", "001-01"),
        tac=data.get("tac", 1),
        slices=convert("slices", tuple[Slice, ...], []),
        dnns=convert("dnns", tuple[Dnn, ...], []),
        subscribers=convert("subscribers", tuple[Subscriber, ...], []),
        home_network_keys=convert("home_network_keys", tuple[HomeNetworkKey, ...], []),
        parts={name: part_entry(name, section) for name, section in data["parts"].items()},
        links=convert("links", tuple[LinkEntry, ...], []),
        faults=convert("faults", tuple[FaultEntry, ...], []),
        cast=cast,
        run=convert("run", RunSettings, {}),
        sbi=convert("sbi", SbiSettings, {}),
        expect=convert("expect", dict[str, Expectation], {}),
    )


def _check_keys(subscriber: Subscriber, path: Path, document: Document, problems: Problems) -> None:
    row = ALGORITHMS[subscriber.algorithm]
    own = [row.constant.lower(), row.operator.lower()]
    given = [name for name in ("opc", "op", "topc", "top") if getattr(subscriber, name) is not None]
    if not any(name in own for name in given):
        problems.add(document.place(path), show(path), f"neither {own[0]} nor {own[1]}", "one of them goes with k")
    for name in given:
        if name not in own:
            what = f"{subscriber.algorithm} has no {name}"
            here = (*path, name)
            problems.add(document.place(here), show(here), what, f"{own[0]} or {own[1]} goes with it")
    if len(subscriber.k) // 2 not in row.key_octets:
        here = (*path, "k")
        what = f"{len(subscriber.k)} digits are no key of {subscriber.algorithm}"
        problems.add(document.place(here), show(here), what, "32 hexadecimal digits in quotes")


def _check_subscribers(network: Network, document: Document, problems: Problems) -> None:
    first: dict[str, int] = {}
    for index, subscriber in enumerate(network.subscribers):
        path: Path = ("subscribers", index)
        _check_keys(subscriber, path, document, problems)
        if subscriber.supi in first:
            at = document.place(("subscribers", first[subscriber.supi]))
            what = f"{subscriber.supi} has a record already, at {at}"
            problems.add(document.place(path), show(path), what, "remove one of the two")
        first.setdefault(subscriber.supi, index)
        names = [dnn.name for dnn in network.dnns]
        for place, name in enumerate(subscriber.dnns):
            if names and name not in names:
                here = (*path, "dnns", place)
                problems.add(document.place(here), show(here), f"no dnn {name}", choose(name, names))


def _check_dnns(network: Network, document: Document, problems: Problems) -> None:
    names: set[str] = set()
    for index, dnn in enumerate(network.dnns):
        path: Path = ("dnns", index)
        if dnn.name in names:
            what = f"{dnn.name} is there twice"
            problems.add(document.place(path), show(path), what, "remove one of the two")
        names.add(dnn.name)
        try:
            IPv4Network(dnn.pool)
        except ValueError as error:
            here = (*path, "pool")
            problems.add(document.place(here), show(here), str(error), "an IPv4 network such as 10.45.0.0/16")


def _check_expectations(network: Network, document: Document, problems: Problems) -> None:
    functions = {part.function for part in network.parts.values()}
    fields = {"ue": UE_EXPECTATIONS, "gnb": GNB_EXPECTATIONS}
    for name in network.expect:
        path: Path = ("expect", name)
        part = network.parts.get(name)
        function = part.function if part is not None else name
        if part is None and name not in functions:
            known = (*network.parts, *sorted(functions))
            problems.add(document.place(path), show(path), f"no part {name}", choose(name, known))
            continue
        for key in document.data["expect"][name]:
            allowed = fields.get(function, EXPECTATIONS)
            if key not in allowed:
                here = (*path, key)
                what = f"{key} is nothing that {a(function)} goes through"
                problems.add(document.place(here), show(here), what, choose(key, allowed))
        for procedure in network.expect[name].procedures:
            if procedure not in PROCEDURES:
                here = (*path, "procedures", procedure)
                what = f"no procedure {procedure}"
                problems.add(document.place(here), show(here), what, choose(procedure, PROCEDURES))
