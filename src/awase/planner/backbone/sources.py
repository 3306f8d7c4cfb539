"""Where a backbone comes from, by its name: topohub, the cables that ship, a user's files, or an estate."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from awase.model.calendar import Date
from awase.model.rules import Case, MustNotCarry
from awase.planner.backbone.carrying import in_force
from awase.planner.backbone.landings import PREFIX, load_cables
from awase.planner.backbone.network import Backbone, of_estate
from awase.planner.backbone.own_files import load_files
from awase.planner.backbone.topologies import is_key, load_topology
from awase.planner.loading.case import load_case

_ESTATE_FILES = ("estate.yaml", "estate.yml", "estate.csv", "inventory.csv", "equipment.csv")
_ESTATE_KEY = re.compile(rb"^estate\s*:", re.MULTILINE)


def load_backbone(
    name: str, *, as_of: str | None = None, on: Date | None = None
) -> tuple[Backbone, tuple[MustNotCarry, ...]]:
    """A backbone, and the rules on what it must not carry that bind on a day (none: all that have one).

    Raises PlanInputError.

    `name`: "topozoo/Janetbackbone", "cables/JP", the path of a file or folder, or an example that ships.
    """
    path = Path(name)
    if not path.exists() and is_key(name):
        return load_topology(name), ()
    if not path.exists() and name.startswith(PREFIX):
        return load_cables(name), ()
    if path.exists() and not _is_estate(path):
        backbone, rules = load_files(name)
        return _on(backbone, rules, {}, on)
    return backbone_of(load_case(name, as_of=as_of), on)


def backbone_of(case: Case, on: Date | None = None) -> tuple[Backbone, tuple[MustNotCarry, ...]]:
    """The backbone of a case, and the rules on what it must not carry that bind on a day (none: all that have one)."""
    rules = [rule for rule in case.rules.rules if isinstance(rule, MustNotCarry)]
    return _on(of_estate(case.estate), rules, case.rules.events, on)


def _on(
    backbone: Backbone, rules: Iterable[MustNotCarry], events: Mapping[str, Date], on: Date | None
) -> tuple[Backbone, tuple[MustNotCarry, ...]]:
    kept, said = in_force(rules, events, on)
    return msgspec.structs.replace(backbone, assumptions=(*backbone.assumptions, *said)), kept


def _is_estate(path: Path) -> bool:
    if path.is_dir():
        return any((path / name).exists() for name in _ESTATE_FILES)
    return path.suffix in (".yaml", ".yml", ".json") and bool(_ESTATE_KEY.search(path.read_bytes()))
