"""The rule sets that ship ("uk", "us", ...), and the rules of a case: its own and those of the sets it names."""

from collections.abc import Callable
from importlib import resources
from typing import Any

import msgspec

from awase.model.plan import RuleId, SupplierName
from awase.model.rules import RuleSet
from awase.planner.loading.fields import Converter
from awase.planner.loading.sections import Row, Sections
from awase.planner.loading.trees import Branch, read_yaml
from awase.planner.problems import Place, Problems, choose

LIST = "list:"
"""A supplier of a rule that begins so is a list of suppliers."""


def rule_set_names() -> tuple[str, ...]:
    """The sets that ship."""
    folder = resources.files("awase.planner") / "rule_sets"
    names = [entry.name for entry in folder.iterdir()]
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def read_rule_set(name: str) -> tuple[RuleSet, list[Row]]:
    """A set that ships, and its rules with their places. Raises KeyError if there is none of that name."""
    if name not in rule_set_names():
        raise KeyError(name)
    file = f"{name}.yaml"
    octets = (resources.files("awase.planner") / "rule_sets" / file).read_bytes()
    problems = Problems()
    sections = Sections(Converter(problems), problems)
    tree = read_yaml(octets, f"rule set {name}", problems)
    for key, inner in tree.items.items() if isinstance(tree, Branch) else ():
        if key in ("rules", "lists", "events"):
            sections.take(key, inner)
        elif not key.startswith("x_"):
            problems.add(inner.place, f"{key} is no section of a rule set", "known: rules, lists, events")
    problems.check()
    rules = sections.rows("rules")
    lists, events = sections.one("lists", {}), sections.one("events", {})
    return RuleSet(rules=tuple(row.value for row in rules), lists=lists, events=events, sets=(name,)), rules


def gather_rules(
    sections: Sections, canonical: Callable[[SupplierName], SupplierName], sets: tuple[str, ...]
) -> RuleSet:
    """The case's rules: of its sets, without those it drops, and its own; its lists and events come first."""
    wanted = dict.fromkeys((*sections.values("sets"), *sets))
    places = {row.value: row.place for row in sections.rows("sets")}
    rules: list[Row] = []
    lists: dict[str, tuple[SupplierName, ...]] = {}
    events: dict[str, Any] = {}
    for name in wanted:
        if name not in rule_set_names():
            place = places.get(name, Place("--rules"))
            sections.problems.add(place, f"there is no rule set {name}", choose(name, rule_set_names()))
            continue
        rule_set, rows = read_rule_set(name)
        rules.extend(rows)
        lists.update(rule_set.lists)
        events.update(rule_set.events)
    rules = _dropped(rules, sections) + sections.rows("rules")
    _each_once(rules, sections)
    lists.update(sections.one("lists", {}))
    events.update(sections.one("events", {}))
    lists = {name: tuple(canonical(supplier) for supplier in members) for name, members in lists.items()}
    named = [_spelled(row.value, canonical) for row in rules]
    return RuleSet(rules=tuple(named), lists=lists, events=events, sets=tuple(wanted))


def _dropped(rules: list[Row], sections: Sections) -> list[Row]:
    ids: dict[RuleId, Row] = {row.value.id: row for row in rules}
    for row in sections.rows("drop"):
        if row.value not in ids:
            sections.problems.add(row.place, f"no rule of these sets is called {row.value}", choose(row.value, ids))
        ids.pop(row.value, None)
    return list(ids.values())


def _each_once(rules: list[Row], sections: Sections) -> None:
    seen: dict[RuleId, Place] = {}
    for row in rules:
        if row.value.id in seen:
            hint = "give it another id, or drop the set's: `drop: [ID]`"
            sections.problems.add(row.place, f"a rule {row.value.id} is there already, in {seen[row.value.id]}", hint)
        seen[row.value.id] = row.place


def _spelled(rule: Any, canonical: Callable[[SupplierName], SupplierName]) -> Any:
    changed = {
        name: tuple(one if one.startswith(LIST) else canonical(one) for one in getattr(rule, name))
        for name in ("suppliers", "removes")
        if getattr(rule, name, ())
    }
    return msgspec.structs.replace(rule, **changed) if changed else rule
