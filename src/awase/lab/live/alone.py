"""One part alone on real sockets: told all that it needs by a file, and watched by whoever started it."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from awase.lab.catalogue import Unloadable, installed
from awase.lab.completion import takes
from awase.lab.contract import events_of, packets_of
from awase.lab.live.placement import tun_options
from awase.lab.network_schema import section_schema
from awase.lab.problems import NetworkFileError, Problem, Problems, choose
from awase.lab.schema_check import SchemaCheck
from awase.lab.strict_yaml import MAX_OCTETS, Document, read
from awase.model.part import Event, PartType
from awase.transports.host import Host, HostedPart, HostSettings, SctpOptions, TapRecord, TransportError

_OURS = ("addresses", "peers", "tun", "function")
"""Keys of the file that the section's schema does not have."""


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
    _check(part_type, data, document)
    wanted = takes(part_type)
    config = {key: value for key, value in data.items() if key not in ("tun", "function")}
    config = {key: value for key, value in config.items() if key in wanted or key not in _OURS}
    return HostedPart(
        name=name,
        function=function,
        ports=tuple(part_type.ports),
        addresses=data.get("addresses", {}),
        build=lambda services: part_type.build(name, config, services),
        store=store,
        sctp=SctpOptions(carrier=sctp),  # type: ignore[arg-type]
        tuns=tun_options(config, part_type.ports) if data.get("tun") else {},
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


def _check(part_type: PartType, data: Mapping[str, Any], document: Document) -> None:
    problems = Problems()
    section = {key: value for key, value in data.items() if key not in _OURS}
    SchemaCheck(section_schema(part_type, ())).check(section, (), document, problems)
    missing = [port for port in part_type.ports if port != "n6" and port not in (data.get("addresses") or {})]
    if missing:
        hint = f'addresses: {{{missing[0]}: "127.0.0.1:..."}}'
        problems.add(document.place(()), "addresses", f"no address for {', '.join(missing)}", hint)
    problems.check()


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
