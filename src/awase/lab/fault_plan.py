"""The faults of a network file, checked against the network: which parts and which links each befalls."""

from collections.abc import Iterable, Mapping, Sequence

from awase.lab.assembly import PlacedFault, PlacedLink
from awase.lab.problems import Problems, choose
from awase.lab.strict_yaml import Document, Path, show
from awase.model.network import FAULTS, FaultEntry, Network
from awase.model.reference_points import REFERENCE_POINTS

_QUALITIES = ("delay_us", "jitter_us", "loss", "duplication", "reordering", "rate_mbps")
_GENERAL = ("at_s", "clause", "recovers", "within_s")


def check_faults(network: Network, document: Document, problems: Problems) -> None:
    """Refuse what no fault is, and who is not there."""
    names = (*network.parts, *dict.fromkeys(part.function for part in network.parts.values()))
    for index, entry in enumerate(network.faults):
        check = _Check(entry, document, ("faults", index), problems)
        check.keys(document.data["faults"][index])
        check.names(names)
        check.ues([part.name for part in network.parts.values() if part.function == "ue"])


class _Check:
    def __init__(self, entry: FaultEntry, document: Document, path: Path, problems: Problems) -> None:
        self.entry = entry
        self.document = document
        self.path = path
        self.problems = problems

    def refuse(self, path: Path, what: str, hint: str) -> None:
        self.problems.add(self.document.place(path), show(path), what, hint)

    def keys(self, given: Mapping[str, object]) -> None:
        kinds = [key for key in FAULTS if key in given]
        if len(kinds) != 1:
            what = f"{' and '.join(kinds)} at once" if kinds else "no fault"
            self.refuse(self.path, what, f"each entry has one of {', '.join(FAULTS)}")
            return
        kind = kinds[0]
        fitting = FAULTS[kind]
        for key in given:
            if key not in (*_GENERAL, kind, *fitting):
                self.refuse((*self.path, key), f"{key} does not go with {kind}", f"with it go {', '.join(fitting)}")
        if kind == "slow" and not any(key in given for key in _QUALITIES):
            self.refuse(self.path, "slow says not how", f"set one of {', '.join(_QUALITIES)}")
        if kind == "skew_clock" and self.entry.by_s is None:
            self.refuse(self.path, "skew_clock says not by how much", "set by_s")
        if kind == "partition" and len(self.entry.partition or ()) < 2:
            self.refuse((*self.path, kind), "one group only", "write partition: [[amf, smf], [gnb1]]")

    def names(self, known: Sequence[str]) -> None:
        for path, name in self._named():
            if name not in known:
                self.refuse((*self.path, *path), f"no part {name}", choose(name, known))
        for kind in ("cut", "slow"):
            target = getattr(self.entry, kind)
            if isinstance(target, str) and target not in REFERENCE_POINTS:
                what = f"no reference point {target}"
                self.refuse((*self.path, kind), what, f"write two parts, or one of {', '.join(REFERENCE_POINTS)}")
        seen: set[str] = set()
        for name in (name for group in self.entry.partition or () for name in group):
            if name in seen:
                self.refuse((*self.path, "partition"), f"{name} is in two groups", "put it into one")
            seen.add(name)

    def ues(self, known: Sequence[str]) -> None:
        for index, name in enumerate(self.entry.recovers):
            if name not in known:
                self.refuse((*self.path, "recovers", index), f"no UE {name}", choose(name, known))
        if self.entry.within_s is not None and not self.entry.recovers:
            self.refuse((*self.path, "within_s"), "nobody is to recover within it", "write recovers: [ue1]")

    def _named(self) -> Iterable[tuple[Path, str]]:
        entry = self.entry
        for kind in ("kill", "stop", "restart", "fill_store", "skew_clock"):
            name = getattr(entry, kind)
            if name is not None:
                yield (kind,), name
        for kind in ("cut", "slow"):
            target = getattr(entry, kind)
            for index, name in enumerate(target if isinstance(target, tuple) else ()):
                yield (kind, index), name
        for number, group in enumerate(entry.partition or ()):
            for index, name in enumerate(group):
                yield ("partition", number, index), name


def place_faults(network: Network, links: Sequence[PlacedLink]) -> tuple[PlacedFault, ...]:
    """The faults in the order of the file; a part that scaling left out is spared."""
    return tuple(_placed(entry, network, links) for entry in network.faults)


def _placed(entry: FaultEntry, network: Network, links: Sequence[PlacedLink]) -> PlacedFault:
    kind = next(key for key in FAULTS if getattr(entry, key) is not None)
    target = getattr(entry, kind)
    if kind in ("cut", "slow"):
        if isinstance(target, str):
            found = tuple(index for index, link in enumerate(links) if link.reference_point == target)
            whom = target
        else:
            found = _between(links, *(_members(name, network) for name in target))
            whom = " ".join(links[index].name for index in found)
        return PlacedFault(kind=kind, entry=entry, links=found, text=f"{kind} {whom}{_how(entry)}")
    if kind == "partition":
        groups = [[part for name in group for part in _members(name, network)] for group in target]
        cut = {index for one in groups for other in groups if one is not other for index in _between(links, one, other)}
        text = "partition " + " | ".join(", ".join(group) for group in target)
        return PlacedFault(kind=kind, entry=entry, links=tuple(sorted(cut)), text=text)
    parts = _members(target, network)
    text = f"{kind.replace('_', ' ')} {target}"
    if entry.by_s is not None:
        text += f" by {entry.by_s:g} s"
    return PlacedFault(kind=kind, entry=entry, parts=tuple(parts), text=text)


def _how(entry: FaultEntry) -> str:
    return "".join(f" {key}={value:g}" for key in _QUALITIES if (value := getattr(entry, key)) is not None)


def _members(name: str, network: Network) -> list[str]:
    """The part of that name, or those of that function."""
    if name in network.parts:
        return [name]
    return [part.name for part in network.parts.values() if part.function == name]


def _between(links: Sequence[PlacedLink], one: Sequence[str], other: Sequence[str]) -> tuple[int, ...]:
    near, far = frozenset(one), frozenset(other)
    found = []
    for index, link in enumerate(links):
        a, b = link.ends[0][0], link.ends[1][0]
        if (a in near and b in far) or (a in far and b in near):
            found.append(index)
    return tuple(found)
