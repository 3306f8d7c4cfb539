"""Counts what a plan takes of crews, supply, money and air time, and compares it with the limits."""

from awase.model.calendar import at, index
from awase.model.plan import Action, CatalogueItem, Crew, Equipment
from awase.planner.checker.standing import Violation, Visit, Walked, rate_of

Placed = tuple[CatalogueItem, list[tuple[Action, Equipment]], int]
"""An item, what it stands in for, and how many of it."""
ROUNDING = 1e-6


def limit_violations(walked: Walked) -> list[Violation]:
    """All limits that a plan breaks."""
    found: list[Violation] = []
    placed = [(visit, placings_of(visit)) for visit in walked.visits]
    for visit, placings in placed:
        found.extend(_cost_violations(walked, visit, placings))
    found.extend(_crew_violations(walked, placed))
    found.extend(_supply_violations(walked, placed))
    found.extend(_budget_violations(walked))
    found.extend(_freeze_violations(walked))
    found.extend(_coverage_violations(walked))
    found.extend(_neighbour_violations(walked))
    return found


def placings_of(visit: Visit) -> list[Placed]:
    """Which items are put in at a visit: one that stands in for several kinds takes their place together."""
    heaps: dict[tuple[str, ...], list[tuple[Action, Equipment]]] = {}
    items: dict[str, CatalogueItem] = {}
    for action, piece, item in visit.actions:
        items[item.id] = item
        whole = len(item.kinds) > 1
        key = (item.id,) if whole else (item.id, piece.supplier, *piece.layers)
        heaps.setdefault(key, []).append((action, piece))
    placings: list[Placed] = []
    for key, heap in heaps.items():
        counts: dict[str, int] = {}
        for _, piece in heap:
            counts[piece.kind] = counts.get(piece.kind, 0) + piece.count
        placings.append((items[key[0]], heap, min(counts.values())))
    return placings


def _cost_violations(walked: Walked, visit: Visit, placings: list[Placed]) -> list[Violation]:
    found = []
    for item, heap, number in placings:
        where = f"{visit.site.id} in {at(visit.quarter)}"
        kinds = {piece.kind for _, piece in heap}
        if len(item.kinds) > 1 and not all(kind in kinds for kind in item.kinds):
            found.append(Violation("fit", where, f"{item.id} stands in for {', '.join(item.kinds)} together"))
        price, install = walked.money(item.price), walked.money(item.install)
        due = tuple(number * price[place] + install[place] for place in range(3))
        said = tuple(
            sum(cost) for cost in zip(*((one.cost_low, one.cost_mid, one.cost_high) for one, _ in heap), strict=True)
        )
        if due != said:
            found.append(Violation("cost", where, f"{item.id} costs {due[1]}, the plan says {said[1]}"))
    return found


def _crew_violations(walked: Walked, placed: list[tuple[Visit, list[Placed]]]) -> list[Violation]:
    crews = {crew.name: crew for crew in walked.case.limits.crews}
    if not crews:
        return []
    found: list[Violation] = []
    taken: dict[tuple[str, int], float] = {}
    for visit, placings in placed:
        names = {action.crew for action, _, _ in visit.actions}
        for name in sorted(names):
            wrong = _unfit(crews.get(name), visit, name)
            if wrong:
                found.append(Violation("crew", f"{visit.site.id} in {at(visit.quarter)}", wrong))
        for item, heap, _ in placings:
            key = (heap[0][0].crew, visit.quarter)
            taken[key] = taken.get(key, 0.0) + item.crew_visits
    for (name, quarter), visits in sorted(taken.items()):
        if name in crews and visits > crews[name].visits_per_quarter + ROUNDING:
            text = f"{visits:g} visits of {crews[name].visits_per_quarter:g}"
            found.append(Violation("crew", f"{name} in {at(quarter)}", text))
    return found


def _unfit(crew: Crew | None, visit: Visit, name: str) -> str:
    if crew is None:
        return f"{name or 'nobody'} is no crew"
    if crew.regions and visit.site.region not in crew.regions:
        return f"{name} does not work in {visit.site.region}"
    if crew.operators and visit.site.operator not in crew.operators:
        return f"{name} does not work for {visit.site.operator}"
    if (crew.start and visit.quarter < index(crew.start)) or (crew.end and visit.quarter > index(crew.end)):
        return f"{name} is not there then"
    skills = {item.skill for action, _, item in visit.actions if item.skill and action.crew == name}
    if crew.skills and not all(skill in crew.skills for skill in skills):
        return f"{name} has not learnt {', '.join(sorted(skills))}"
    return ""


def _supply_violations(walked: Walked, placed: list[tuple[Visit, list[Placed]]]) -> list[Violation]:
    taken: dict[tuple[str, int], int] = {}
    limits = {
        item.id: item.supply_per_quarter for item in walked.case.market.catalogue if item.supply_per_quarter is not None
    }
    for visit, placings in placed:
        for item, _, number in placings:
            for part in item.id.split("+"):
                taken[part, visit.quarter] = taken.get((part, visit.quarter), 0) + number
    return [
        Violation("supply", f"{name} in {at(quarter)}", f"{number} of {limits[name]}")
        for (name, quarter), number in sorted(taken.items())
        if name in limits and number > limits[name]
    ]


def _budget_violations(walked: Walked) -> list[Violation]:
    found = []
    for budget in walked.case.limits.budgets:
        spent = sum(
            action.cost_mid
            for visit in walked.visits
            if visit.quarter // 4 == budget.year and budget.operator in ("", visit.site.operator)
            for action, _, _ in visit.actions
        )
        if not budget.operator and walked.start // 4 == budget.year:
            spent += int(sum(test.cost.mid for test in walked.tests))
        rate = _budget_amount(walked, budget.amount, budget.currency)
        # The solver keeps rows to a part in ten million of a site's cost.
        if spent > rate + max(1.0, rate * 1e-9):
            text = f"{spent:,} of {rate:,.0f} {walked.case.estate.currency}"
            found.append(Violation("budget", f"{budget.year} {budget.operator}".strip(), text))
    return found


def _budget_amount(walked: Walked, amount: int, currency: str) -> float:
    return int(amount * rate_of(walked.case, currency) + 0.5)


def _freeze_violations(walked: Walked) -> list[Violation]:
    found = []
    for freeze in walked.case.limits.freezes:
        quarters = {index(quarter) for quarter in freeze.quarters}
        for visit in walked.visits:
            if visit.quarter in quarters and (not freeze.regions or visit.site.region in freeze.regions):
                text = f"nothing may be taken down: {freeze.reason or 'a freeze'}"
                found.append(Violation("freeze", f"{visit.site.id} in {at(visit.quarter)}", text))
    return found


def _coverage_violations(walked: Walked) -> list[Violation]:
    share = walked.case.limits.down_share_of_region
    if share >= 1.0:
        return []
    sites: dict[tuple[str, str], int] = {}
    for site in walked.case.estate.sites:
        key = (site.operator, site.region)
        sites[key] = sites.get(key, 0) + 1
    down: dict[tuple[str, str, int], int] = {}
    for visit in walked.visits:
        place = (visit.site.operator, visit.site.region, visit.quarter)
        down[place] = down.get(place, 0) + 1
    found = []
    for (operator, region, quarter), number in sorted(down.items()):
        most = max(1, int(share * sites[operator, region] + 1e-9))
        if number > most:
            where = f"{operator} {region} in {at(quarter)}".strip()
            found.append(Violation("coverage", where, f"{number} sites down, {most} may be"))
    return found


def _neighbour_violations(walked: Walked) -> list[Violation]:
    known = {site.id for site in walked.case.estate.sites}
    down = {(visit.site.id, visit.quarter) for visit in walked.visits}
    found = []
    for visit in walked.visits:
        neighbours = [name for name in visit.site.neighbours if name in known]
        if neighbours and all((name, visit.quarter) in down for name in neighbours):
            where = f"{visit.site.id} in {at(visit.quarter)}"
            found.append(Violation("coverage", where, "no neighbour is up"))
    return found
