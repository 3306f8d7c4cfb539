"""Holds the ladders of two runs of a network against one another: the same messages, in the same order where it is set.

Of each UE the messages on Uu, and of each of its connections those on N2, in their order each way; of every other link
how often each message passed. Times, addresses and identifiers are the run's own and not compared.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """A message: its name is that of all that it carries, its text what the ladder says of it."""

    time_s: float
    sender: str
    receiver: str
    point: str
    name: str
    text: str


AGAIN_S = 0.9
"""The radio link repeats what was not acknowledged at once, as on a busy machine (protocols/rls)."""

_LINE = re.compile(r" *([0-9]+\.[0-9]{6})  (\S+) +(?:->|-x) (\S+) +(\S+) +(.*)")
_CARRIED = re.compile(r" +└ (.*)")
_RAN_ID = re.compile(r"\bran_ue_ngap_id=([0-9]+)")
_OWN = re.compile(r"(?<=[/?=])[^/?=&]*[0-9][^/?=&]*")
"""A part of a path that names a subscriber, context or address."""
_VERSION = re.compile(r"v[0-9]+\Z")
_UNTIMED = frozenset(
    (
        # How often they come hangs on how long a run is, not on what happens in it.
        "MIB", "SIB1", "HeartbeatRequest", "HeartbeatResponse", "EchoRequest", "EchoResponse",
        # An association or connection: in virtual time both ends show a link that a fault cuts.
        "association up", "association down", "connection up", "connection down",
    )
)  # fmt: skip
_RACES = frozenset(("SessionReportRequest", "SessionReportResponse"))
"""A UE in idle mode sends, and the answer reaches the UPF before or after the SMF's word that it may go out (TS 23.502
clause 4.2.3.2 steps 7 to 15): only before it is a report made."""
_TRAFFIC = frozenset(("N3", "N6", "N9"))


def rows(ladder: str, until_s: float) -> Iterator[Row]:
    """The messages of a ladder up to a time; notes and faults are left out."""
    found: list[tuple[float, list[str], list[str]]] = []
    reading = False
    for line in ladder.splitlines():
        match = _LINE.fullmatch(line)
        carried = _CARRIED.fullmatch(line)
        if match is not None:
            time, *ends, text = match.groups()
            found.append((float(time), [*ends, text], [_name(text, ends[2])]))
        elif carried is not None and reading:
            found[-1][1].append(carried[1])
            found[-1][2].append(_name(carried[1], ""))
        reading = match is not None or (carried is not None and reading)
    for time_s, (sender, receiver, point, *texts), names in found:
        if time_s <= until_s:
            yield Row(time_s, sender, receiver, point, " ".join(names), " ".join(texts))


def _name(text: str, point: str) -> str:
    name = text.partition("  ")[0]
    if name.partition(" ")[0] in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        return _OWN.sub(lambda match: match[0] if _VERSION.match(match[0]) else "*", name)
    return name if point != "N6" else name.partition(" ")[0]


def differences(one: Iterable[Row], other: Iterable[Row]) -> list[str]:
    """What one ladder has and the other has not; empty where they tell the same."""
    ours, theirs = list(one), list(other)
    found: list[str] = []
    for what, view in _VIEWS.items():
        mine, yours = view(ours), view(theirs)
        for key in sorted({*mine, *yours}):
            if mine.get(key) != yours.get(key):
                found.append(f"{what}, {' -> '.join(key)}: {_shown(mine.get(key))} | {_shown(yours.get(key))}")
    return found


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


Key = tuple[str, ...]


def _radio(all_rows: list[Row]) -> Mapping[Key, object]:
    """Of each UE, what passed Uu each way; its user data is in the verdicts."""
    found: dict[Key, list[str]] = {}
    last: dict[Key, Row] = {}
    for row in all_rows:
        if row.point != "Uu" or row.name in _UNTIMED or row.name.startswith("Data"):
            continue
        pair = (row.sender, row.receiver)
        before = last.get(pair)
        last[pair] = row
        if before is None or before.text != row.text or row.time_s > before.time_s + AGAIN_S:
            found.setdefault(pair, []).append(row.name)
    return found


def _connections(all_rows: list[Row]) -> Mapping[Key, object]:
    """Of each base station, what passed N2 each way on each connection of a UE, whatever number it has."""
    found: dict[Key, dict[str, list[str]]] = {}
    for row in all_rows:
        match = _RAN_ID.search(row.text)
        if row.point == "N2" and match is not None:
            found.setdefault((row.sender, row.receiver), {}).setdefault(match[1], []).append(row.name)
    return {key: sorted(Counter(map(tuple, each.values())).items()) for key, each in found.items()}


def _counts(all_rows: list[Row]) -> Mapping[Key, object]:
    """How often each other message passed each link."""
    found: Counter[Key] = Counter()
    for row in all_rows:
        told = row.point == "Uu" or (row.point == "N2" and _RAN_ID.search(row.text))
        if not told and row.point not in _TRAFFIC and row.name not in _UNTIMED | _RACES:
            found[row.sender, row.receiver, f"{row.point} {row.name}"] += 1
    return found


_VIEWS: Mapping[str, Callable[[list[Row]], Mapping[Key, object]]] = {
    "Uu": _radio,
    "connections on N2": _connections,
    "messages": _counts,
}
