"""Casts: which supplier plays each part, and with which quirks."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from awase.lab.catalogue import Catalogue, Unloadable
from awase.lab.network_file import parse_cast
from awase.lab.problems import Problems, a, choose
from awase.lab.strict_yaml import Document
from awase.model.network import CastEntry, Network, PartEntry
from awase.model.part import PartType
from awase.model.quirk import Quirk

CORE = ("amf", "smf", "upf", "ausf", "udm", "udr")
"""What a cast's "core" stands for."""


class Role(msgspec.Struct, frozen=True):
    """Who plays a part."""

    supplier: str
    part_type: PartType
    quirks: tuple[Quirk, ...]
    entry: CastEntry = CastEntry()


class Choice(msgspec.Struct, frozen=True):
    """An entry of a cast, and where it stands."""

    entry: CastEntry
    place: str
    path: str


class Cast:
    """The file's cast under the command line's: a part's name goes before its function's."""

    def __init__(self, catalogue: Catalogue, problems: Problems) -> None:
        self._catalogue = catalogue
        self._problems = problems
        self._file: dict[str, Choice] = {}
        self._options: dict[str, Choice] = {}

    def take_file(self, cast: Mapping[str, CastEntry], document: Document, known: Iterable[str]) -> None:
        """The cast of the network file."""
        for name, entry in cast.items():
            path = f"cast.{name}"
            place = document.place(("cast", name))
            if self._known(name, known, place, path):
                self._file[name] = Choice(entry, place, path)

    def take_options(self, options: Sequence[str], known: Iterable[str]) -> None:
        """The cast of the command line: PART=SUPPLIER[+QUIRK...]."""
        for option in options:
            place = f"--cast {option}"
            name, equals, text = option.partition("=")
            if not equals or not name or not text:
                self._problems.add(place, "", "not understood", "write PART=SUPPLIER[+QUIRK...]")
            elif name in self._options:
                self._problems.add(place, "", f"{name} is cast twice", "leave one of the two out")
            elif self._known(name, known, place, ""):
                self._options[name] = Choice(parse_cast(text), place, "")

    def role(self, part: PartEntry, place: str) -> Role | None:
        """Who plays a part; None, and a problem, if that cannot be."""
        choice = (
            self._options.get(part.name)
            or self._options.get(part.function)
            or self._file.get(part.name)
            or self._file.get(part.function)
            or self._group(self._options, part)
            or self._group(self._file, part)
            or self._options.get("default")
            or self._file.get("default")
            or Choice(CastEntry(), place, f"parts.{part.name}")
        )
        part_type = self._part_type(choice, part)
        for name in dict.fromkeys(choice.entry.quirks):
            if choice.entry.quirks.count(name) > 1:
                self._problems.add(choice.place, choice.path, f"quirk {name} is there twice", "name it once")
        quirks = [self._quirk(choice, part, name) for name in choice.entry.quirks]
        if part_type is None:
            return None
        found = tuple(quirk for quirk in quirks if quirk is not None)
        return Role(choice.entry.supplier, part_type, found, choice.entry)

    @staticmethod
    def _group(choices: Mapping[str, Choice], part: PartEntry) -> Choice | None:
        return choices.get("core") if part.function in CORE else None

    def _known(self, name: str, known: Iterable[str], place: str, path: str) -> bool:
        names = (*known, "core", "default")
        if name not in names:
            self._problems.add(place, path, f"the network has no part {name}", choose(name, names))
        return name in names

    def _part_type(self, choice: Choice, part: PartEntry) -> PartType | None:
        supplier = choice.entry.supplier
        try:
            part_type = self._catalogue.part_type(supplier, part.function)
        except Unloadable as error:
            hint = "install it again, or cast another supplier"
            self._problems.add(choice.place, choice.path, str(error), hint)
            return None
        if part_type is not None:
            return part_type
        what, hint = self._missing(supplier, part.function)
        self._problems.add(choice.place, choice.path, what, hint)
        return None

    def _missing(self, supplier: str, function: str) -> tuple[str, str]:
        available = ", ".join(self._catalogue.suppliers(function)) or "none"
        programs = ", ".join(self._catalogue.adapters(function))
        available += f" (and in awase up {programs})" if programs else ""
        offers = self._catalogue.offers(supplier)
        if offers:
            what = f"supplier {supplier} offers no {function}, only {', '.join(offers)}"
            return what, f"available for {function}: {available}"
        return (
            f"supplier {supplier} of {function} is not installed",
            f"install the package that offers it, for example: pip install ./examples/{supplier}_{function}; "
            f"available for {function}: {available}",
        )

    def _quirk(self, choice: Choice, part: PartEntry, name: str) -> Quirk | None:
        add = self._problems.add
        try:
            quirk = self._catalogue.quirk(name)
        except Unloadable as error:
            add(choice.place, choice.path, str(error), "install it again, or leave the quirk out")
            return None
        if quirk is None:
            add(choice.place, choice.path, f"no quirk {name}", choose(name, self._catalogue.quirks()))
        elif quirk.function != part.function:
            what = f"quirk {name} is one of {a(quirk.function)}, {part.name} is {a(part.function)}"
            add(choice.place, choice.path, what, f"cast it for {a(quirk.function)}")
            return None
        return quirk


def names_of(network: Network) -> tuple[str, ...]:
    """What a cast may name: the parts, and their functions."""
    functions = {part.function: None for part in network.parts.values()}
    return (*network.parts, *(function for function in functions if function not in network.parts))
