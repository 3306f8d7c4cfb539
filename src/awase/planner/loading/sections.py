"""The sections of an estate's folder: what each holds, and what was read of it."""

from typing import Any

import msgspec

from awase.model.calendar import Date, Quarter
from awase.model.plan import (
    Cable,
    CatalogueItem,
    Currency,
    Demand,
    Equipment,
    ExchangeRate,
    Figure,
    Gbps,
    Limits,
    Link,
    Operator,
    OperatorName,
    PairRecord,
    Price,
    Region,
    Role,
    RuleId,
    Site,
    SiteId,
    Supplier,
    SupplierName,
)
from awase.model.rules import AnyRule
from awase.planner.loading.fields import MISSING, Converter
from awase.planner.loading.trees import Branch, Leaf, Tree, Twigs
from awase.planner.problems import Place, Problems
from awase.planner.synthesis import RegionArea, SiteClass


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The section `estate`: its name, the quarter at whose end it is as described, its currency."""

    name: str = ""
    title: str = ""
    as_of: Quarter | None = None
    currency: Currency | None = None
    seed: int = 0
    """Of the positions of synthetic sites."""


class EquipmentRow(Equipment, frozen=True, kw_only=True):
    """A row of equipment.csv: what stands at which site."""

    site: SiteId


class InventoryRow(EquipmentRow, frozen=True, kw_only=True):
    """A row of an inventory: equipment together with its site; a site's cells are the same in all of its rows."""

    operator: OperatorName = OperatorName("")
    region: Region = Region("")
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    roles: tuple[Role, ...] = ("macro",)
    people: int = 0
    traffic_gbps: Gbps = Gbps(0.0)


class Testing(msgspec.Struct, frozen=True, kw_only=True):
    """The section `testing`: what a combination without any record costs to prove."""

    untested_cost: Price | None = None
    untested_quarters: int = 2


class Section(msgspec.Struct, frozen=True):
    """What a section's rows are, how their columns may be called besides, and whether there is one value only."""

    type: Any
    columns: str = ""
    single: bool = False


SECTIONS = {
    "estate": Section(Head, single=True),
    "operators": Section(Operator, "operator"),
    "suppliers": Section(Supplier, "supplier"),
    "regions": Section(RegionArea),
    "classes": Section(SiteClass),
    "sites": Section(Site, "site"),
    "equipment": Section(EquipmentRow, "equipment"),
    "inventory": Section(InventoryRow, "inventory"),
    "links": Section(Link, "link"),
    "cables": Section(Cable, "cable"),
    "demands": Section(Demand, "demand"),
    "figures": Section(Figure),
    "sets": Section(str),
    "drop": Section(RuleId),
    "rules": Section(AnyRule),
    "lists": Section(dict[str, tuple[SupplierName, ...]], single=True),
    "events": Section(dict[str, Date], single=True),
    "catalogue": Section(CatalogueItem, "item"),
    "evidence": Section(PairRecord),
    "testing": Section(Testing, single=True),
    "exchange": Section(ExchangeRate),
    "limits": Section(Limits, single=True),
}
"""The sections by name: the names of files and of keys in YAML files."""


class Row(msgspec.Struct, frozen=True):
    """A value that was read, and where it stands."""

    value: Any
    place: Place


class Sections:
    """What was read so far."""

    def __init__(self, converter: Converter, problems: Problems) -> None:
        self.converter = converter
        self.problems = problems
        self._rows: dict[str, list[Row]] = {}
        self.lost: dict[str, bool] = {}
        """The names of rows that could not be read."""
        self.loose_ends: list[tuple[str, Place]] = []
        """The sites that equipment names whose rows could not be read."""

    def take(self, name: str, tree: Tree) -> None:
        """Read one section, or more of one."""
        section = SECTIONS[name]
        rows = self._rows.setdefault(name, [])
        if isinstance(tree, Leaf) and tree.absent:
            return
        if section.single and rows:
            self.problems.add(tree.place, f"{name} is there twice", f"first in {rows[0].place}")
            return
        if section.single and isinstance(tree, Twigs) and len(tree.items) == 1:
            # A table with one row, as a CSV file holds it.
            tree = tree.items[0]
        trees = tree.items if isinstance(tree, Twigs) and not section.single else [tree]
        if isinstance(tree, Branch) and not section.single:
            self.problems.add(tree.place, f"{name} is no list", "begin each entry with a dash")
            return
        for item in trees:
            value = self.converter.convert(item, section.type, section.columns)
            if value is not MISSING:
                rows.append(Row(value, item.place))
            elif isinstance(item, Branch) and isinstance(section.type, type):
                self._lose(item, section)

    def _lose(self, item: Branch, section: Section) -> None:
        """Remember what a broken row was called, so that nobody is told that it is not there."""
        for column, leaf in item.items.items():
            target = self.converter.column(section.type, column, section.columns)
            if target is None or not isinstance(leaf, Leaf):
                continue
            if target[0] == "site" and section.type is EquipmentRow:
                self.loose_ends.append((leaf.text, leaf.place))
            elif target[0] in ("id", "name", "site"):
                self.lost[leaf.text] = True

    def refused(self, name: str) -> bool:
        """Whether a section was given, and nothing of it could be read: that has been said already."""
        return name in self._rows and not self._rows[name]

    def rows(self, name: str) -> list[Row]:
        """The rows of a section, with their places."""
        return self._rows.get(name, [])

    def values(self, name: str) -> tuple[Any, ...]:
        """The rows of a section."""
        return tuple(row.value for row in self.rows(name))

    def one(self, name: str, default: Any) -> Any:
        """The one value of a section."""
        values = self.values(name)
        return values[0] if values else default
