"""From numbers of a class to single sites: who moves in which quarter, with which crew; nothing is lost or rounded.

Members of a class are equal, so that any of them may be taken: the next in the estate's order whose neighbours are
not all being worked on in the same quarter.
"""

from awase.model.calendar import Quarter
from awase.model.calendar import at as quarter_at
from awase.model.plan import Action, SiteId
from awase.planner.optimise.model import Model, Move


def disaggregate(model: Model, values: list[float]) -> tuple[list[Action], list[SiteId]]:
    """The actions, by site and quarter; and the sites that go down while no neighbour of theirs is up."""
    sites = model.case.estate.sites
    pools: list[list[list[int]]] = []
    for number, unit in enumerate(model.units):
        pools.append([[] for _ in model.options[number].configurations])
        pools[number][0] = list(range(unit.count))
    numbers = {site.id: number for number, site in enumerate(sites)}
    down: dict[int, set[int]] = {}
    alone: dict[SiteId, None] = {}
    found: list[tuple[tuple[int, int, int], Action]] = []
    moves = [move for move in model.moves if values[move.column] > 0.5]
    for move in sorted(moves, key=lambda one: (one.t, one.unit, _stage(model, one), one.column)):
        for _ in range(round(values[move.column])):
            busy = down.setdefault(move.t, set())
            member, isolated = _take(model, move, pools[move.unit][move.step.source], (busy, numbers))
            pools[move.unit][move.step.target].append(member)
            site, places = model.units[move.unit].members[member]
            busy.add(site)
            if isolated:
                alone[sites[site].id] = None
            found.extend(_actions(model, move, site, places))
    found.sort(key=lambda one: one[0])
    return [action for _, action in found], list(alone)


def _stage(model: Model, move: Move) -> int:
    """How much had been put in before a move: what happens first in a quarter comes first."""
    return len(model.options[move.unit].configurations[move.step.source].placings)


def _take(model: Model, move: Move, pool: list[int], state: tuple[set[int], dict[SiteId, int]]) -> tuple[int, bool]:
    """The first member of a pool that can go down now; the first of all if none can."""
    unit = model.units[move.unit]
    for place, member in enumerate(pool):
        if _may_go_down(model, unit.members[member][0], *state):
            return pool.pop(place), False
    return pool.pop(0), True


def _may_go_down(model: Model, site: int, down: set[int], numbers: dict[SiteId, int]) -> bool:
    """Whether a neighbour stays up, for it and for all whose neighbour it is."""
    sites = model.case.estate.sites
    neighbours = [numbers[name] for name in sites[site].neighbours if name in numbers]
    if neighbours and all(other in down for other in neighbours):
        return False
    for other in neighbours:
        if other in down:
            others = [numbers[name] for name in sites[other].neighbours if name in numbers]
            if site in others and all(one in down or one == site for one in others):
                return False
    return True


def _actions(model: Model, move: Move, site: int, places: tuple[int, ...]) -> list[tuple[tuple[int, int, int], Action]]:
    """One action for each piece; an item that stands in for several is paid with the first of them."""
    one = model.case.estate.sites[site]
    found = []
    for placing in move.step.placings:
        for rank, place in enumerate(placing.places):
            piece = one.equipment[places[place]]
            cost = placing.cost if rank == 0 else (0, 0, 0)
            action = Action(
                site=one.id,
                kind=piece.kind,
                from_supplier=piece.supplier,
                to_supplier=placing.offer.item.supplier,
                quarter=when_of(model, move),
                crew=move.crew,
                cost_low=cost[0],
                cost_mid=cost[1],
                cost_high=cost[2],
                equipment=piece.id,
                item=placing.offer.item.id,
            )
            found.append(((site, move.t, places[place]), action))
    return found


def when_of(model: Model, move: Move) -> Quarter:
    """The quarter of a move."""
    return quarter_at(model.start + move.t)
