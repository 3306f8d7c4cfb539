"""What may stand at a unit (configurations) and how it gets there (steps), from the catalogue and the evidence."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from awase.model.plan import JOINTS, Equipment, Joint
from awase.planner.optimise.market import FREE, Cost, MarketView, Offer, Test, add, times
from awase.planner.optimise.units import Unit, leans, overlap

MOST = 400
"""Configurations of one unit: a site with more is not enumerated further."""

FRONTHAUL = Joint("radio", "baseband", "OFH", is_open=True)
"""A radio and a baseband of two suppliers go together if both have the open fronthaul interface."""


@dataclass(frozen=True, slots=True)
class Placing:
    """One catalogue item put in for pieces of a unit (their places in it), so many of it."""

    offer: Offer
    places: tuple[int, ...]
    number: int

    @property
    def cost(self) -> Cost:
        """The pieces and the work at the site."""
        return add(times(self.offer.price, self.number), self.offer.install)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What stands at a unit; the first of a unit is what stands there today."""

    pieces: tuple[Equipment, ...]
    placings: tuple[Placing, ...]
    tests: tuple[Test, ...]

    def is_new(self, place: int) -> bool:
        """Whether a piece has been put in by the plan."""
        return any(place in placing.places for placing in self.placings)


@dataclass(frozen=True, slots=True)
class Step:
    """From one configuration (by number) to another, in one visit's work."""

    source: int
    target: int
    placings: tuple[Placing, ...]
    tests: tuple[Test, ...]
    cost: Cost
    visits: float
    skills: tuple[str, ...]
    first: int
    last: int


@dataclass(slots=True)
class Options:
    """All that a unit may become."""

    configurations: list[Configuration] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    cut: bool = False
    """Whether there are more than were enumerated."""


def options_of(
    unit: Unit, market: MarketView, horizon: tuple[int, int], *, fixed: bool = False, in_stages: bool = False
) -> Options:
    """What a unit may become between two quarters (indices).

    `fixed`: it stays as it is; `in_stages`: it may change again, and need not be changed in one go.
    """
    options = Options([Configuration(unit.pieces, (), ())])
    if fixed:
        return options
    for placings in _choices(unit.pieces, market.offers):
        if not placings:
            continue
        configuration = configured(unit.pieces, placings, market)
        if configuration is None:
            continue
        if len(options.configurations) >= MOST:
            options.cut = True
            break
        options.configurations.append(configuration)
    for source, before in enumerate(options.configurations if in_stages else options.configurations[:1]):
        for target, after in enumerate(options.configurations):
            step = _step(source, before, target, after, horizon)
            if step is not None:
                options.steps.append(step)
    return options


def _choices(pieces: tuple[Equipment, ...], offers: tuple[Offer, ...]) -> Iterator[tuple[Placing, ...]]:
    """All ways to replace some of the pieces, from the first place on."""

    def choose(place: int, taken: frozenset[int], placings: tuple[Placing, ...]) -> Iterator[tuple[Placing, ...]]:
        while place in taken:
            place += 1
        if place == len(pieces):
            yield placings
            return
        yield from choose(place + 1, taken, placings)
        for offer in offers:
            places = _covered(pieces, place, taken, offer)
            if places:
                placing = Placing(offer, places, _number(pieces, places))
                yield from choose(place + 1, taken | set(places), (*placings, placing))

    return choose(0, frozenset(), ())


def _fits(piece: Equipment, offer: Offer) -> bool:
    item = offer.item
    meant = piece.kind in item.kinds or (piece.kind == "radio" and item.kinds == ("o_ru",))
    return meant and (not item.layers or all(layer in item.layers for layer in piece.layers))


def _covered(pieces: tuple[Equipment, ...], place: int, taken: frozenset[int], offer: Offer) -> tuple[int, ...]:
    """The places for which an item stands in, if it stands in for this one first; none if it does not fit."""
    if not _fits(pieces[place], offer) or _is_same(pieces[place], offer):
        return ()
    free = [i for i in range(place, len(pieces)) if i not in taken and _fits(pieces[i], offer)]
    if len(offer.item.kinds) > 1:
        kinds = {pieces[i].kind for i in free}
        return tuple(free) if all(kind in kinds for kind in offer.item.kinds) else ()
    first = pieces[place]
    return tuple(i for i in free if (pieces[i].supplier, pieces[i].layers) == (first.supplier, first.layers))


def _is_same(piece: Equipment, offer: Offer) -> bool:
    """Whether a piece is the item already: the catalogue's own, or its supplier's product of that release."""
    item = offer.item
    same = (piece.supplier, piece.product, piece.release) == (item.supplier, item.product, item.release)
    return piece.item == item.id or (same and item.product != "")


def _number(pieces: tuple[Equipment, ...], places: tuple[int, ...]) -> int:
    """How many of an item: one per piece; of a chain, as many as of its rarest kind."""
    counts: dict[str, int] = {}
    for place in places:
        counts[pieces[place].kind] = counts.get(pieces[place].kind, 0) + pieces[place].count
    return min(counts.values())


def replaced(piece: Equipment, offer: Offer) -> Equipment:
    """What stands in a piece's place when the item is in; the quarter in which it was bought is the action's."""
    item = offer.item
    return msgspec.structs.replace(
        piece,
        supplier=item.supplier,
        product=item.product,
        release=item.release,
        bought=None,
        end_of_support=item.end_of_support,
        components=item.components,
        item=item.id,
    )


def configured(
    before: tuple[Equipment, ...], placings: tuple[Placing, ...], market: MarketView
) -> Configuration | None:
    """The configuration after some placings; none if its parts may not stand together."""
    by_place = {place: placing for placing in placings for place in placing.places}
    pieces = tuple(
        replaced(piece, by_place[place].offer) if place in by_place else piece for place, piece in enumerate(before)
    )
    tests: dict[Test, None] = {}
    for j in range(len(pieces)):
        for i in range(j):
            if i not in by_place and j not in by_place:
                continue
            offers = tuple(by_place[place].offer if place in by_place else None for place in (i, j))
            found = _together(pieces[i], pieces[j], offers, market)
            if found is False:
                return None
            if isinstance(found, Test):
                tests[found] = None
    return Configuration(pieces, placings, tuple(tests))


def _together(a: Equipment, b: Equipment, offers: tuple[Offer | None, ...], market: MarketView) -> Test | bool:
    if a.supplier == b.supplier:
        return True
    if leans(a, b) and a.kind == b.kind:
        return False
    joint = joint_of(a, b)
    if joint is None:
        return True
    if not joint.is_open:
        both_open = all(offer is not None and FRONTHAUL.interface in offer.item.interfaces for offer in offers)
        if (joint.a, joint.b) != (FRONTHAUL.a, FRONTHAUL.b) or not both_open:
            return False
        joint = FRONTHAUL
    return market.proof(a, b, joint.interface)


def joint_of(a: Equipment, b: Equipment) -> Joint | None:
    """The interface over which two pieces at one place meet, if they do."""
    if not overlap(a, b):
        return None
    for joint in JOINTS:
        if (a.kind, b.kind) in ((joint.a, joint.b), (joint.b, joint.a)):
            return joint
    return None


def _step(
    source: int, before: Configuration, target: int, after: Configuration, horizon: tuple[int, int]
) -> Step | None:
    """The step between two configurations, if the second has all that the first has put in, and more."""
    if len(after.placings) <= len(before.placings) or any(one not in after.placings for one in before.placings):
        return None
    placings = tuple(one for one in after.placings if one not in before.placings)
    cost = FREE
    for placing in placings:
        cost = add(cost, placing.cost)
    tests = tuple(test for test in after.tests if test not in before.tests)
    first = max([horizon[0], *(one.offer.first for one in placings), *(horizon[0] + test.quarters for test in tests)])
    last = min([horizon[1], *(one.offer.last for one in placings)])
    if first > last:
        return None
    skills = dict.fromkeys(one.offer.item.skill for one in placings if one.offer.item.skill)
    visits = sum(one.offer.item.crew_visits for one in placings)
    return Step(source, target, placings, tests, cost, visits, tuple(skills), first, last)
