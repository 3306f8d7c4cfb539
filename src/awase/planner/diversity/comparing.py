"""Whether one mix is more diverse than another: by brands, and by those who are behind the brands."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from awase.model.plan import Estate, Kind, Measure
from awase.model.rules import Scope
from awase.planner.diversity.shares import Diversity, diversity, kinds_of
from awase.planner.stock import Origins, groups_of

SAME = 0.05
"""Effective numbers that differ by less than this are called the same."""

BRAND = "brand"
Answer = Literal["more diverse", "no more diverse", "more diverse by brand only", "more diverse here, less there"]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of equipment at one level (brand, country, chip, ...), before and after."""

    kind: Kind
    level: str
    before: float
    after: float
    largest: str
    largest_share: float
    known: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a comparison: effective numbers of suppliers at every level, and the answer in a sentence."""

    answer: Answer
    text: str
    levels: tuple[Level, ...]


def levels_of(estate: Estate, kind: Kind) -> tuple[str, ...]:
    """The levels at which something is said of a kind: the brand, the country, and the components that are named."""
    origins = Origins(estate.suppliers)
    pieces = [piece for group in groups_of(estate) for piece in group.equipment if piece.kind == kind]
    names = sorted({name for piece in pieces for name in origins.components(piece)})
    country = ("country",) if any(origins.country(piece.supplier) for piece in pieces) else ()
    return (BRAND, *country, *names)


def components_of(estate: Estate) -> tuple[str, ...]:
    """The components of which something is said anywhere in an estate: "chip", "software"."""
    found = [name for kind in kinds_of(estate) for name in levels_of(estate, kind)]
    return tuple(dict.fromkeys(name for name in found if name not in (BRAND, "country")))


def diversity_by_level(estate: Estate, kind: Kind, measure: Measure = "equipment") -> dict[str, Diversity]:
    """The diversity of a kind over the whole estate at every level of which something is said."""
    found = {}
    for level in levels_of(estate, kind):
        component = "" if level == BRAND else level
        for one in diversity(estate, Scope(kinds=(kind,)), measure=measure, component=component).values():
            found[level] = one
    return found


def compare(before: Estate, after: Estate, measure: Measure = "equipment") -> Comparison:
    """Whether `after` is more diverse than `before`: it is only if it is so behind the brands as well.

    Kinds that only one of them has are set against their counterpart: an O-RU against a radio, and so on.
    """
    levels: list[Level] = []
    for kind in kinds_of(after):
        new = diversity_by_level(after, kind, measure)
        old = _counterpart(before, kind, measure)
        for level, one in new.items():
            # A level of which nothing was said before is compared with the brands of then.
            earlier = old.get(level) or old.get(BRAND)
            if earlier is not None:
                levels.append(_level(kind, level, earlier, one))
    return _answer(levels)


_COUNTERPARTS: Mapping[Kind, tuple[Kind, ...]] = {
    "o_ru": ("radio",),
    "o_du": ("baseband",),
    "o_cu": ("baseband",),
    "radio": ("o_ru",),
    "baseband": ("o_du", "o_cu"),
}


def _counterpart(estate: Estate, kind: Kind, measure: Measure) -> dict[str, Diversity]:
    for candidate in (kind, *_COUNTERPARTS.get(kind, ())):
        found = diversity_by_level(estate, candidate, measure)
        if found:
            return found
    return {}


def _level(kind: Kind, level: str, old: Diversity, new: Diversity) -> Level:
    return Level(
        kind=kind,
        level=level,
        before=old.effective,
        after=new.effective,
        largest=new.largest,
        largest_share=new.shares[new.largest],
        known=new.known,
    )


def _answer(levels: list[Level]) -> Comparison:
    gained = [one for one in levels if one.level == BRAND and one.after > one.before + SAME]
    lost = [one for one in levels if one.level == BRAND and one.after < one.before - SAME]
    hollow = [one for one in levels if one.level != BRAND and one.after <= one.before + SAME]
    fall = f" It is less so elsewhere: {'; '.join(map(_going, lost))}." if lost else ""
    if not gained:
        text = "This mix is no more diverse: no kind of equipment has more effective suppliers than before."
        return Comparison(answer="no more diverse", text=text + fall.replace("elsewhere", "here"), levels=tuple(levels))
    rise = _going(max(gained, key=lambda one: one.after - one.before))
    behind = [one for one in hollow if any(one.kind == kind.kind for kind in gained)]
    if behind:
        worst = min(behind, key=lambda one: one.after)
        text = (
            f"This mix is more diverse by brand only: {rise}, but {_going(worst)}; "
            f"{worst.largest_share:.0%} hangs on {worst.largest or 'unknown'}."
        )
        return Comparison(answer="more diverse by brand only", text=text + fall, levels=tuple(levels))
    answer: Answer = "more diverse here, less there" if lost else "more diverse"
    return Comparison(answer=answer, text=f"This mix is {answer}: {rise}.{fall}", levels=tuple(levels))


def _going(one: Level) -> str:
    """From which effective number to which."""
    what = f"of {one.kind} suppliers" if one.level == BRAND else f"by {one.level} of {one.kind}"
    before, after = f"{one.before:.2f}", f"{one.after:.2f}"
    way = f"stays at {after}" if before == after else f"goes from {before} to {after}"
    return f"the effective number {what} {way}"
