"""One part alone on real sockets: told all that it needs by a file, and watched by whoever started it."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.addressing import port_numbers
from awase.lab.assembly import config_path
from awase.lab.catalogue import Unloadable, installed
from awase.lab.completion import Where, takes
from awase.lab.contract import events_of, packets_of
from awase.lab.live.certificates import of_files
from awase.lab.live.placement import ports_of, tun_options, with_programs, with_tls
from awase.lab.network_file import tun_entry
from awase.lab.network_schema import document_schema, section_schema
from awase.lab.problems import NetworkFileError, Problem, Problems, choose
from awase.lab.schema_check import SchemaCheck
from awase.lab.strict_yaml import MAX_OCTETS, Document, read
from awase.model import ip_session
from awase.model.network import TlsEntry
from awase.model.part import Address, Event, PartType
from awase.transports.host import Host, HostedPart, HostSettings, SctpOptions, TapRecord, TransportError

_WITHOUT_ADDRESS = ("n6", ip_session.PORT)
_OF_THE_LAB = ("function", "address", "addresses", "restart", "tun", "tls")
"""Keys that every section of a network file may have."""


def read_config(  # noqa: PLR0917 - one parameter per option.
    function: str, file: Path, name: str, supplier: str, store: Path | None, sctp: str
) -> HostedPart:
    """The part that a file describes. Raises NetworkFileError with everything that is wrong."""
    part_type = _part_type(supplier, function)
    try:
        octets = file.read_bytes()[: MAX_OCTETS + 1]
    except OSError as error:
        raise NetworkFileError([Problem(str(file), "", error.strerror or "cannot be read")]) from None
    document = read(octets, str(file))
    data = document.data
    if not isinstance(data, dict):
        raise NetworkFileError([Problem(f"{file}:1", "", "no keys: it is the part's section of a network file")])
    if "parts" in data:
        what = "a whole network, and one part's section is wanted"
        hint = "keep what stands below its name in parts, with `addresses` and `peers`; docs/up.md has an example"
        raise NetworkFileError([Problem(document.place(("parts",)), "", what, hint)])
    problems = Problems()
    _check(part_type, data, document, problems)
    addresses = _addresses(part_type, data, document, problems)
    problems.check()
    config = {key: value for key, value in data.items() if key not in _OF_THE_LAB}
    if "addresses" in takes(part_type):
        config["addresses"] = addresses
    tun = tun_entry(data.get("tun", False))
    if tun is not None and ip_session.PORT in part_type.ports:
        config = with_programs(config)
    tls = data.get("tls")
    if tls is not None:
        config = dict(with_tls(config, part_type))
    _check_build(part_type, config, document)
    return HostedPart(
        name=name,
        function=function,
        ports=ports_of(part_type.ports, tun),
        addresses=addresses,
        build=lambda services: part_type.build(name, config, services),
        store=store,
        sctp=SctpOptions(carrier=sctp),  # type: ignore[arg-type]
        tls=None if tls is None else of_files(msgspec.convert(tls, TlsEntry)),
        tuns=tun_options(config, part_type.ports, tun) if tun is not None else {},
    )


def _part_type(supplier: str, function: str) -> PartType:
    found = installed()
    try:
        part_type = found.part_type(supplier, function)
    except Unloadable as error:
        raise NetworkFileError([Problem("", "", str(error))]) from None
    if part_type is None:
        hint = choose(function, found.offers(supplier)) if found.offers(supplier) else "install its package"
        raise NetworkFileError([Problem("", "", f"supplier {supplier} offers no {function}", hint)])
    return part_type


def _check(part_type: PartType, data: Mapping[str, Any], document: Document, problems: Problems) -> None:
    """What breaks the schema of the section, with what the lab tells a part."""
    wanted = takes(part_type)
    section = section_schema(part_type, ())
    whole = document_schema()
    of_the_lab = whole["properties"]["parts"]["additionalProperties"]["properties"]
    own = {**{key: of_the_lab[key] for key in _OF_THE_LAB}, "function": {"const": part_type.function}}
    peers = {"peers": wanted["peers"]} if "peers" in wanted else {}
    schema = {
        **section,
        "properties": {**section["properties"], **peers, **own},
        "$defs": {**whole["$defs"], **section["$defs"]},
    }
    SchemaCheck(schema).check(data, (), document, problems)


def _addresses(
    part_type: PartType, data: Mapping[str, Any], document: Document, problems: Problems
) -> dict[str, Address]:
    """Where each port opens: as `addresses` says, or at `address`; every port needs one."""
    numbers = port_numbers(part_type.function)
    given = data.get("addresses", {})
    found: dict[str, Address] = dict(given) if isinstance(given, Mapping) else {}
    if "address" in data:
        found = {port: f"{data['address']}:{numbers[port]}" for port in part_type.ports if port in numbers} | found
    for port in found:
        if port not in part_type.ports:
            place = document.place(("addresses", port))
            problems.add(place, f"addresses.{port}", f"no port {port}", choose(port, part_type.ports))
    missing = [port for port in part_type.ports if port not in (*_WITHOUT_ADDRESS, *found)]
    if missing:
        hint = f'addresses: {{{missing[0]}: "127.0.0.1:{numbers.get(missing[0], 8080)}"}}'
        problems.add(document.place(()), "addresses", f"no address for {', '.join(missing)}", hint)
    return found


def _check_build(part_type: PartType, config: Mapping[str, Any], document: Document) -> None:
    """Ask a part type that can tell. Raises NetworkFileError with file and line."""
    check = getattr(part_type, "check", None)
    if check is None:
        return
    try:
        check(config)
    except ValueError as error:
        path = config_path(error)
        raise NetworkFileError([Problem(Where(document, (), {})(path), path, str(error))]) from None


class _Log:
    """Events on stderr, a line each; no packets, no keys."""

    def packet(self, record: TapRecord) -> None:
        """Not shown."""

    def event(self, _time_ns: int, part: str, event: Event) -> None:
        """A line for a person."""
        print(f"{event.level:<7} {part}: {event.name}: {event.text}", file=sys.stderr, flush=True)  # noqa: T201

    def key(self, _time_ns: int, part: str, record: Mapping[str, str | int]) -> None:
        """Kept secret."""


async def run_alone(hosted: HostedPart) -> None:
    """Host the part until SIGTERM or SIGINT. Raises TransportError and ValueError."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    host = Host(_Log(), HostSettings(tap=False, check_packets=packets_of, check_events=events_of))
    await host.add(hosted)
    for port, carrier in sorted(host.carriers().items()):
        print(f"{port}: {carrier}", file=sys.stderr)  # noqa: T201
    print("ready", flush=True)  # noqa: T201
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), 0.5)
        except TimeoutError:
            if hosted.name not in host.names():
                raise TransportError(f"{hosted.name} has failed; its last event says why") from None
    await host.stop()
