"""More or fewer UEs and gNBs than the file has: the first ones, then clones of the last one."""

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from awase.lab.problems import NetworkFileError, Problem
from awase.model.network import Network, PartEntry
from awase.model.settings import Subscriber

MAX_PARTS = 20_000

Change = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], Subscriber | None]]
"""From a section to the next clone's, with its subscriber record if it has one."""

_NUMBERED = re.compile(r"(.*?)([0-9]*)\Z")


class Scaled(msgspec.Struct, frozen=True):
    """A network, and of which part of the file each clone is one."""

    network: Network
    sources: Mapping[str, str]


def scale(network: Network, ues: int | None, gnbs: int | None) -> Scaled:
    """Keep or make that many. Raises NetworkFileError."""
    sources: dict[str, str] = {}
    for option, function, count in (("--gnbs", "gnb", gnbs), ("--ues", "ue", ues)):
        if count is not None:
            network = _scale(network, option, function, count, sources)
    return Scaled(network, sources)


def _scale(network: Network, option: str, function: str, count: int, sources: dict[str, str]) -> Network:
    present = [part for part in network.parts.values() if part.function == function]
    if not 1 <= count <= MAX_PARTS:
        raise _refused(f"{option} {count}", f"{count} is not between 1 and {MAX_PARTS}", "")
    if not present:
        what = f"the network has no {function} to clone"
        raise _refused(f"{option} {count}", what, f"add a {function} to parts")
    if count <= len(present):
        return _without(network, {part.name for part in present[count:]})
    return _with_clones(network, present[-1], count - len(present), sources)


def _refused(place: str, what: str, hint: str) -> NetworkFileError:
    return NetworkFileError([Problem(place, "", what, hint)])


def _without(network: Network, gone: set[str]) -> Network:
    return msgspec.structs.replace(
        network,
        parts={name: part for name, part in network.parts.items() if name not in gone},
        links=tuple(link for link in network.links if not link.ends or not gone.intersection(link.ends)),
        cast={name: entry for name, entry in network.cast.items() if name not in gone},
        expect={name: entry for name, entry in network.expect.items() if name not in gone},
    )


def _with_clones(network: Network, last: PartEntry, count: int, sources: dict[str, str]) -> Network:
    names = _Names(network.parts, last.name)
    change = _next_ue(network, last) if last.function == "ue" else _next_gnb(network)
    clones: dict[str, PartEntry] = {}
    records: list[Subscriber] = []
    for _ in range(count):
        name = names.next()
        section, record = change(last.section)
        clones[name] = msgspec.structs.replace(last, name=name, address=None, addresses={}, tun=None, section=section)
        sources[name] = last.name
        if record is not None:
            records.append(record)
    expect = dict(network.expect)
    if last.name in expect:
        expect.update(dict.fromkeys(clones, expect[last.name]))
    cast = dict(network.cast)
    if last.name in cast:
        cast.update(dict.fromkeys(clones, cast[last.name]))
    parts: dict[str, PartEntry] = {}
    for name, part in network.parts.items():
        parts[name] = part
        if part is last:
            parts.update(clones)
    return msgspec.structs.replace(
        network, parts=parts, subscribers=(*network.subscribers, *records), cast=cast, expect=expect
    )


class _Names:
    """ue2 -> ue3, ue4, ... but for names that are taken."""

    def __init__(self, taken: Mapping[str, object], last: str) -> None:
        match = _NUMBERED.match(last)
        self._stem, digits = match.groups() if match else (last, "")
        self._number = int(digits or 1)
        self._taken = taken

    def next(self) -> str:
        while True:
            self._number += 1
            name = f"{self._stem}{self._number}"
            if name not in self._taken:
                return name


def _next_ue(network: Network, last: PartEntry) -> Change:
    """A UE with the next IMSI, and a record for it if the last one has a record.

    Where the last two start at different times, the clones start as much later, one after another.
    """
    starts = [part.section.get("start_at_ms", 0) for part in network.parts.values() if part.function == "ue"]
    step_ms = starts[-1] - starts[-2] if len(starts) > 1 else 0
    start_at_ms = starts[-1]
    records = {record.supi: record for record in network.subscribers}
    used = {*records, *(str(part.section.get("subscriber")) for part in network.parts.values())}
    supi = str(last.section.get("subscriber", ""))
    digits = supi.removeprefix("imsi-")
    record = records.get(supi)
    number = int(digits) if digits.isascii() and digits.isdigit() else -1

    def change(section: Mapping[str, Any]) -> tuple[Mapping[str, Any], Subscriber | None]:
        nonlocal number, start_at_ms
        if step_ms:
            start_at_ms += step_ms
            section = {**section, "start_at_ms": start_at_ms}
        if number < 0:
            return section, None
        following = supi
        while following in used or following == supi:
            number += 1
            following = f"imsi-{number:0{len(digits)}}"
        used.add(following)
        if len(following) != len(supi):
            what = f"no IMSI of {len(digits)} digits is left after {supi}"
            raise _refused("--ues", what, "start with a lower one")
        clone = None if record is None else _record(record, following)
        return {**section, "subscriber": following}, clone

    return change


def _record(record: Subscriber, supi: str) -> Subscriber:
    """The record of the next subscriber: another K, as no two SIM cards share one."""
    k = blake2b(supi.encode(), key=bytes.fromhex(record.k), digest_size=16).hexdigest()
    return msgspec.structs.replace(record, supi=supi, k=k)


def _next_gnb(network: Network) -> Change:
    """A gNB with the next gNB ID and NR cell identity, where the last one sets them.

    Where the last two are in tracking areas of their own, so are the clones.
    """
    present = [part.section for part in network.parts.values() if part.function == "gnb"]
    keys = ["gnb_id", "nr_cell_identity"]
    if len({section.get("tac") for section in present[-2:]}) == 2:
        keys.append("tac")
    highest = {
        key: max((section[key] for section in present if isinstance(section.get(key), int)), default=0) for key in keys
    }

    def change(section: Mapping[str, Any]) -> tuple[Mapping[str, Any], None]:
        clone = {key: value for key, value in section.items() if key != "name"}
        for key in keys:
            if key in clone:
                highest[key] += 1
                clone[key] = highest[key]
        return clone, None

    return change
