"""What the words of rules mean for a plan: lists of suppliers, days that hang on events, what a scope takes in."""

import re
from collections.abc import Sequence

from awase.model.calendar import Date, index, last_quarter_by, months_after
from awase.model.plan import Equipment, Measure, Role, SupplierName
from awase.model.rules import After, Deadline, RuleSet, Scope

LIST = "list:"


def suppliers_of(names: Sequence[SupplierName], rules: RuleSet) -> tuple[SupplierName, ...]:
    """The suppliers a rule names, its lists written out."""
    found: list[SupplierName] = []
    for name in names:
        if name.startswith(LIST):
            found.extend(rules.lists.get(name.removeprefix(LIST), ()))
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))


def day_of(deadline: Deadline | None, rules: RuleSet) -> Date | None:
    """The day of a deadline; none if it hangs on an event that has not happened."""
    if isinstance(deadline, After):
        event = rules.events.get(deadline.after)
        return None if event is None else months_after(event, deadline.months)
    return deadline


def last_index_by(deadline: Deadline | None, rules: RuleSet) -> int | None:
    """The index of the last quarter that has ended on the day: at its end it must be done."""
    day = day_of(deadline, rules)
    return None if day is None else index(last_quarter_by(day))


def in_scope(scope: Scope, piece: Equipment, operator: str, region: str, roles: Sequence[Role]) -> bool:
    """Whether a rule applies to a piece at a site."""
    return (
        (not scope.kinds or piece.kind in scope.kinds)
        and (not scope.layers or any(layer in scope.layers for layer in piece.layers))
        and (not scope.roles or any(role in scope.roles for role in roles))
        and (not scope.regions or region in scope.regions)
        and (not scope.operators or operator in scope.operators)
    )


def measured(measure: Measure, people: float, traffic: float, pieces: Sequence[Equipment]) -> float:
    """What some pieces of one site amount to: a site counts once, however many of them stand there.

    Of traffic counts what passes: pieces of a kind share it, and the kinds are one behind the other.
    """
    if measure == "equipment":
        return float(sum(piece.count for piece in pieces))
    if not pieces:
        return 0.0
    if measure == "traffic":
        kinds: dict[str, float] = {}
        for piece in pieces:
            kinds[piece.kind] = kinds.get(piece.kind, 0.0) + piece.share_of_traffic
        return traffic * min(1.0, max(kinds.values()))
    return people if measure == "people" else 1.0


def release_key(release: str) -> tuple[int, ...]:
    """The numbers in a release, to be compared: "16.2" is (16, 2)."""
    return tuple(int(number) for number in re.findall(r"[0-9]{1,9}", release))
