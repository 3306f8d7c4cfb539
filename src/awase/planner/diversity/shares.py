"""Shares of suppliers, the Herfindahl-Hirschman index and the effective number of suppliers.

The index is the sum of the squared shares: 1 for one supplier, 1/n for n equal ones (times 10,000 where competition
authorities write it). Its inverse is the number of equal suppliers that would be as diverse.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from awase.model.plan import Equipment, Estate, Kind, Layer, Measure, Per
from awase.model.rules import Scope
from awase.planner.stock import Group, Origins, group_name, groups_of, pieces_in, weigh

By = Callable[[Equipment], str]


class Diversity(msgspec.Struct, frozen=True, kw_only=True):
    """How a weight is shared out. `known`: the share of it of which the level asked for is said at all."""

    shares: Mapping[str, float]
    hhi: float
    known: float = 1.0

    @property
    def effective(self) -> float:
        """The number of equal suppliers that would be as diverse."""
        return 1 / self.hhi

    @property
    def largest(self) -> str:
        """Who has the largest share; of equals, the first by name."""
        return min(self.shares, key=lambda name: (-self.shares[name], name))


def shares_of(weights: Mapping[str, float]) -> dict[str, float]:
    """Each one's share of the sum, the largest first. Raises ValueError for a weight below 0, or if none is above."""
    if any(weight < 0 or not math.isfinite(weight) for weight in weights.values()):
        raise ValueError("a weight is below 0, or no number")
    largest = max(weights.values(), default=0.0)
    if largest <= 0:
        raise ValueError("no weight is above 0")
    # Scaled by the largest first, so that neither very small nor very large weights lose their shares.
    scaled = {name: weight / largest for name, weight in weights.items() if weight > 0}
    total = math.fsum(scaled.values())
    return {name: weight / total for name, weight in sorted(scaled.items(), key=lambda item: (-item[1], item[0]))}


def hhi(weights: Iterable[float]) -> float:
    """The Herfindahl-Hirschman index of weights, between 1/n and 1. Raises ValueError if none is above 0."""
    named = {str(number): weight for number, weight in enumerate(weights)}
    return min(1.0, math.fsum(share * share for share in shares_of(named).values()))


def effective_number(weights: Iterable[float]) -> float:
    """How many equal suppliers would be as diverse. Raises ValueError if no weight is above 0."""
    return 1 / hhi(weights)


def _split(measure: Measure, group: Group, pieces: Sequence[Equipment], by: By) -> dict[str, float]:
    """A group's weight by name. A site (or its people) with several suppliers is shared out by number of pieces."""
    named: dict[str, list[Equipment]] = {}
    for piece in pieces:
        named.setdefault(by(piece), []).append(piece)
    if measure == "equipment":
        return {name: weigh(measure, group, tuple(own)) for name, own in named.items()}
    whole = weigh(measure, group, tuple(pieces))
    if measure == "traffic":
        parts = {name: math.fsum(piece.share_of_traffic for piece in own) for name, own in named.items()}
    else:
        parts = {name: float(sum(piece.count for piece in own)) for name, own in named.items()}
    total = math.fsum(parts.values())
    return {name: whole * part / total for name, part in parts.items()} if total else {}


def weights(
    groups: Iterable[Group], scope: Scope, *, by: By, measure: Measure = "equipment", per: Per = "estate"
) -> dict[str, dict[str, float]]:
    """What each name that `by` gives has within a scope, per operator, region or both."""
    found: dict[str, dict[str, float]] = {}
    for group, pieces in pieces_in(scope, groups):
        own = found.setdefault(group_name(per, group), {})
        for name, weight in _split(measure, group, pieces, by).items():
            own[name] = own.get(name, 0.0) + weight
    return found


def diversity(
    estate: Estate, scope: Scope, *, measure: Measure = "equipment", per: Per = "estate", component: str = ""
) -> dict[str, Diversity]:
    """The shares of suppliers, by group; of the brands, or of those behind them for a `component` ("chip").

    A piece of which nothing is said counts as its brand's own; `known` says how much is not of that kind.
    `component` "country" is the countries of the brands; an unknown one is "".
    """
    pooled = Pooled(groups_of(estate), Origins(estate.suppliers))
    return diversity_of(pooled, scope, measure=measure, per=per, component=component)


class Pooled(NamedTuple):
    """An estate's equal sites together, and who is behind what: made once for many questions."""

    groups: list[Group]
    origins: Origins


def diversity_of(
    pooled: Pooled, scope: Scope, *, measure: Measure = "equipment", per: Per = "estate", component: str = ""
) -> dict[str, Diversity]:
    """As `diversity`."""
    groups, origins = pooled
    is_said: By
    if component == "country":
        by: By = lambda piece: origins.country(piece.supplier)  # noqa: E731
        is_said = lambda piece: "said" if origins.country(piece.supplier) else ""  # noqa: E731
    else:
        by = lambda piece: origins.of(piece, component)  # noqa: E731
        is_said = lambda piece: "said" if not component or origins.said(piece, component) else ""  # noqa: E731
    found = weights(groups, scope, by=by, measure=measure, per=per)
    said = weights(groups, scope, by=is_said, measure=measure, per=per)
    return {
        name: Diversity(
            shares=shares_of(own),
            hhi=hhi(own.values()),
            known=shares_of(said[name]).get("said", 0.0),
        )
        for name, own in found.items()
        if any(weight > 0 for weight in own.values())
    }


def kinds_of(estate: Estate) -> tuple[Kind, ...]:
    """The kinds of equipment that an estate has, in the order of the vocabulary."""
    present = {piece.kind for group in groups_of(estate) for piece in group.equipment}
    order: tuple[Kind, ...] = (
        "o_ru", "radio", "baseband", "o_du", "o_cu", "core", "transport", "optical", "submarine",
    )  # fmt: skip
    return tuple(kind for kind in order if kind in present)


def hhi_per_kind(estate: Estate, *, measure: Measure = "equipment", layers: tuple[Layer, ...] = ()) -> dict[str, float]:
    """The index of each kind of equipment over a whole estate: one column of a plan's `hhi`."""
    found: dict[str, float] = {}
    for kind in kinds_of(estate):
        for one in diversity(estate, Scope(kinds=(kind,), layers=layers), measure=measure).values():
            found[kind] = one.hhi
    return found
