"""Which adapters are installed: found by entry point in the group `awase.suppliers`, like parts."""

from functools import cache
from importlib.metadata import entry_points

from awase.suppliers.adapter import Adapter

GROUP = "awase.suppliers"


@cache
def adapter_names() -> tuple[str, ...]:
    """The suppliers that have an adapter."""
    return tuple(sorted(point.name for point in entry_points(group=GROUP)))


@cache
def adapter(name: str) -> Adapter | None:
    """A supplier's adapter; None if none is installed."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            found: Adapter = point.load()
            return found
    return None
