"""Which parts and quirks are installed: found by entry point, ours by the same door as anyone's."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib import invalidate_caches
from importlib.metadata import entry_points
from typing import TypeVar

from awase.lab.foreign import ForeignPartType
from awase.model.part import PartType
from awase.model.quirk import Quirk
from awase.suppliers.catalogue import adapter, adapter_names

T = TypeVar("T")


class Unloadable(Exception):
    """An entry point whose code cannot be imported."""


class Catalogue:
    """What suppliers offer ("SUPPLIER.FUNCTION" -> loader) and which quirks there are (id -> loader)."""

    def __init__(self, parts: Mapping[str, Callable[[], PartType]], quirks: Mapping[str, Callable[[], Quirk]]) -> None:
        self._parts = parts
        self._quirks = quirks
        self._part_types: dict[str, PartType] = {}

    def functions(self) -> tuple[str, ...]:
        """The functions that someone offers."""
        return tuple(sorted({name.rpartition(".")[2] for name in self._parts}))

    def suppliers(self, function: str) -> tuple[str, ...]:
        """Who offers a function."""
        offers = (name.rpartition(".") for name in self._parts)
        return tuple(sorted(supplier for supplier, _, offered in offers if offered == function))

    def adapters(self, function: str) -> tuple[str, ...]:
        """The suppliers whose programs an adapter lets play a function, in a network that is up."""
        found = []
        for name in adapter_names():
            with suppress(Exception):
                known = adapter(name)
                if known is not None and function in known.functions:
                    found.append(name)
        return tuple(found)

    def offers(self, supplier: str) -> tuple[str, ...]:
        """The functions that a supplier offers."""
        offers = (name.rpartition(".") for name in self._parts)
        return tuple(sorted(function for offering, _, function in offers if offering == supplier))

    def part_type(self, supplier: str, function: str) -> PartType | None:
        """A supplier's offer, loaded when it is first asked for. Raises Unloadable."""
        name = f"{supplier}.{function}"
        if name not in self._part_types:
            load = self._parts.get(name)
            if load is None:
                return self._foreign(supplier, function)
            self._part_types[name] = _loaded(name, load)
        return self._part_types[name]

    def _foreign(self, supplier: str, function: str) -> PartType | None:
        """A program of someone else's that an adapter knows how to start. Raises Unloadable."""
        ours = f"awase.{function}"
        if supplier not in adapter_names() or ours not in self._parts:
            return None
        found = _loaded(supplier, lambda: adapter(supplier))
        if found is None or function not in found.functions:
            return None
        part_type = self.part_type("awase", function)
        assert part_type is not None
        self._part_types[f"{supplier}.{function}"] = ForeignPartType(supplier, part_type)
        return self._part_types[f"{supplier}.{function}"]

    def quirks(self) -> tuple[str, ...]:
        """The ids of the quirks."""
        return tuple(sorted(self._quirks))

    def quirk(self, name: str) -> Quirk | None:
        """A quirk by its id. Raises Unloadable."""
        load = self._quirks.get(name)
        return None if load is None else _loaded(name, load)


def _loaded(name: str, load: Callable[[], T]) -> T:
    try:
        return load()
    except Exception as error:  # A stranger's module may raise anything while it is imported.
        what = f"{name} is installed but cannot be loaded: {type(error).__name__}: {error}"
        raise Unloadable(what) from error


@cache
def installed() -> Catalogue:
    """What is installed in this Python."""
    parts = {point.name: point.load for point in entry_points(group="awase.parts")}
    quirks = {point.name: point.load for point in entry_points(group="awase.quirks")}
    return Catalogue(parts, quirks)


def forget_installed() -> None:
    """Look again at what is installed, when it is next asked for."""
    invalidate_caches()
    installed.cache_clear()
    adapter_names.cache_clear()
    adapter.cache_clear()
