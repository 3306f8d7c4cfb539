"""Who holds which share of what, where: every kind, level, measure and place of an estate in rows."""

from collections.abc import Iterable, Mapping

import msgspec

from awase.model.plan import Estate, Kind, Measure, Per
from awase.model.rules import Scope
from awase.planner.diversity.comparing import BRAND, levels_of
from awase.planner.diversity.shares import Pooled, diversity_of, kinds_of
from awase.planner.stock import Origins, groups_of

MEASURES: tuple[Measure, ...] = ("equipment", "traffic", "people")
PLACES: tuple[Per, ...] = ("estate", "operator", "region", "operator_region")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind of equipment is shared out in one place, at one level (brand, country, chip, ...), by one measure.

    `place`: the operator, the region or both ("" for the whole estate). `known`: of how much of it something is said.
    """

    per: Per
    place: str
    kind: Kind
    level: str
    measure: Measure
    hhi: float
    effective: float
    known: float
    shares: Mapping[str, float]


def standings(
    estate: Estate, *, measures: Iterable[Measure] = MEASURES, places: Iterable[Per] = PLACES
) -> list[Standing]:
    """All of them; a place in which there is nothing of a kind, or no traffic, has no row for it."""
    pooled = Pooled(groups_of(estate), Origins(estate.suppliers))
    asked = [(per, measure) for per in places for measure in measures]
    found = []
    for kind in kinds_of(estate):
        for level in levels_of(estate, kind):
            component = "" if level == BRAND else level
            for per, measure in asked:
                of = diversity_of(pooled, Scope(kinds=(kind,)), measure=measure, per=per, component=component)
                found += [
                    Standing(
                        per=per,
                        place=place,
                        kind=kind,
                        level=level,
                        measure=measure,
                        hhi=round(one.hhi, 6),
                        effective=round(one.effective, 6),
                        known=round(one.known, 6),
                        shares={name: round(share, 6) for name, share in one.shares.items()},
                    )
                    for place, one in sorted(of.items())
                ]
    return found
