"""How each rule fares over time in a plan that has been walked through."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from awase.model.calendar import Date, Quarter, at, first_day, index, last_day, months_after
from awase.model.plan import Equipment, RuleOutcome, Site
from awase.model.rules import (
    ConcentrationCap,
    DomesticContent,
    EvidenceRequired,
    MinimumRelease,
    MinimumSuppliers,
    PurchaseBan,
    Removal,
    ShareCap,
    Subsidy,
    Support,
    TrustedList,
)
from awase.planner.checker.standing import (
    Walked,
    interface_of,
    last_full_quarter,
    latest_verdict,
    test_of,
)

EQUAL = 1e-7


@dataclass(slots=True)
class Crowd:
    """Sites that are equal to all rules, with all that ever stands there: [from, to) in quarters."""

    site: Site
    sites: int
    people: float
    traffic: float
    spans: list[tuple[int, int, tuple[Equipment, ...], tuple[int, ...]]]


@dataclass(slots=True)
class Bench:
    """What the rules are judged by."""

    walked: Walked
    crowds: list[Crowd]


def judge_rules(walked: Walked) -> list[RuleOutcome]:
    """One outcome per rule, in their order."""
    bench = Bench(walked, _crowds(walked))
    return [
        _JUDGES[type(rule)](bench, rule) if type(rule) in _JUDGES else _left(rule) for rule in walked.case.rules.rules
    ]


def _left(rule: Any) -> RuleOutcome:
    return RuleOutcome(
        id=rule.id, met=True, text="is judged elsewhere: by the backbone, or it is money with conditions"
    )


def _idle(rule: Any) -> RuleOutcome:
    return RuleOutcome(id=rule.id, met=True, text="hangs on an event or a list that is not there yet")


def _crowds(walked: Walked) -> list[Crowd]:
    found: dict[object, Crowd] = {}
    for site, history in walked.history:
        steps = tuple((when, *(piece.item for piece in pieces)) for when, pieces, _ in history[1:])
        key = (site.operator, site.region, site.roles, id(site.equipment), steps)
        crowd = found.get(key)
        if crowd is None:
            ends = [when for when, _, _ in history[1:]] + [walked.end + 1]
            spans = [(when, end, pieces, since) for (when, pieces, since), end in zip(history, ends, strict=True)]
            crowd = found[key] = Crowd(site, 0, 0.0, 0.0, spans)
        crowd.sites += 1
        crowd.people += site.people
        crowd.traffic += site.traffic_gbps
    return list(found.values())


def names_of(bench: Bench, names: Iterable[str]) -> list[str]:
    """Suppliers with their lists written out."""
    found: list[str] = []
    for name in names:
        found.extend(bench.walked.case.rules.lists.get(name[5:], ()) if name[:5] == "list:" else (name,))
    return found


def sees(rule: Any, site: Site, piece: Equipment) -> bool:
    """Whether a piece at a site is in a rule's scope."""
    scope = rule.scope
    if scope.kinds and piece.kind not in scope.kinds:
        return False
    if scope.layers and not [layer for layer in piece.layers if layer in scope.layers]:
        return False
    if scope.roles and not [role for role in site.roles if role in scope.roles]:
        return False
    return not (
        (scope.regions and site.region not in scope.regions)
        or (scope.operators and site.operator not in scope.operators)
    )


def _country(bench: Bench, name: str) -> str:
    return next((one.country for one in bench.walked.case.estate.suppliers if one.name == name), "")


def _inside(bench: Bench, piece: Equipment, component: str) -> str:
    if component in piece.components:
        return piece.components[component]
    brand = next((one for one in bench.walked.case.estate.suppliers if one.name == piece.supplier), None)
    return (brand.components.get(component) if brand else None) or piece.supplier


def _when(deadline: Any, bench: Bench) -> Date:
    """The day itself, for words."""
    if isinstance(deadline, str):
        return Date(deadline)
    return months_after(bench.walked.case.rules.events[deadline.after], deadline.months)


Bad = Callable[[Site, tuple[Equipment, ...], int], list[Equipment]]


def _presence(bench: Bench, rule: Any, bad: Bad, what: str) -> RuleOutcome:
    """Nothing bad stands at the end of any quarter from the deadline on."""
    walked = bench.walked
    due = last_full_quarter(walked.case, rule.by)
    if due is None:
        return _idle(rule)
    first = max(due, walked.start)
    counts: dict[int, list[float]] = {}
    for crowd in bench.crowds:
        for begin, end, pieces, _ in crowd.spans:
            for quarter in range(max(begin, walked.start - 1), end):
                wrong = bad(crowd.site, pieces, max(quarter, min(due, walked.end)))
                if wrong:
                    share = _touched(wrong)
                    count = counts.setdefault(quarter, [0, 0, 0.0, 0.0])
                    count[0] += crowd.sites
                    count[1] += crowd.sites * sum(piece.count for piece in wrong)
                    count[2] += crowd.people
                    count[3] += crowd.traffic * share
    late = [quarter for quarter in sorted(counts) if quarter >= first]
    clear = max(counts, default=walked.start - 2) + 1
    if not late:
        text = f"{what} is out by the end of {at(clear)}" if counts else f"{what}: there is none"
        return RuleOutcome(id=rule.id, met=True, slack=float(due - clear), unit="quarters", text=text)
    worst = counts[late[0]]
    day = _when(rule.by, bench)
    return RuleOutcome(
        id=rule.id,
        met=False,
        slack=float(due - clear),
        unit="quarters",
        from_date=day if late[0] == first else first_day(at(late[0])),
        sites=int(worst[0]),
        pieces=int(worst[1]),
        people=int(worst[2]),
        traffic_gbps=round(worst[3], 6),
        text=f"{what}: still at {int(worst[0]):,} sites at the end of {at(late[0])}, due by {day}",
    )


def _touched(pieces: list[Equipment]) -> float:
    shares: dict[str, float] = {}
    for piece in pieces:
        shares[piece.kind] = shares.get(piece.kind, 0.0) + piece.share_of_traffic
    return min(1.0, max(shares.values(), default=0.0))


def _removal(bench: Bench, rule: Removal) -> RuleOutcome:
    named = names_of(bench, rule.suppliers)
    if not named:
        return _idle(rule)

    def theirs(piece: Equipment) -> bool:
        return (_inside(bench, piece, rule.component) if rule.component else piece.supplier) in named

    def bad(site: Site, pieces: tuple[Equipment, ...], _: int) -> list[Equipment]:
        return [piece for piece in pieces if theirs(piece) and sees(rule, site, piece)]

    return _presence(bench, rule, bad, f"what is of {', '.join(named)}")


def _trusted(bench: Bench, rule: TrustedList) -> RuleOutcome:
    named = names_of(bench, rule.suppliers)
    if not named and not rule.countries:
        return _idle(rule)

    def outside(piece: Equipment) -> bool:
        return piece.supplier not in named and _country(bench, piece.supplier) not in rule.countries

    bought = _purchases(bench, rule, outside) if rule.after is not None else None
    if rule.by is None or (bought is not None and not bought.met):
        return bought or _idle(rule)

    def bad(site: Site, pieces: tuple[Equipment, ...], _: int) -> list[Equipment]:
        return [piece for piece in pieces if outside(piece) and sees(rule, site, piece)]

    return _presence(bench, rule, bad, "what is not on the list")


def _support(bench: Bench, rule: Support) -> RuleOutcome:
    suppliers = {one.name: one for one in bench.walked.case.estate.suppliers}

    def ended(piece: Equipment, when: int) -> bool:
        brand = suppliers.get(piece.supplier)
        ends: list[Quarter] = [end for end in (piece.end_of_support, brand.support_ends if brand else None) if end]
        return any(index(end) <= when for end in ends)

    def bad(site: Site, pieces: tuple[Equipment, ...], when: int) -> list[Equipment]:
        return [piece for piece in pieces if sees(rule, site, piece) and ended(piece, when)]

    return _presence(bench, rule, bad, "what has no support")


def _numbers(release: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", release)]


def _release(bench: Bench, rule: MinimumRelease) -> RuleOutcome:
    named = names_of(bench, rule.suppliers)

    def old(piece: Equipment) -> bool:
        meant = (not named or piece.supplier in named) and (not rule.product or piece.product == rule.product)
        return meant and _numbers(piece.release) < _numbers(rule.release)

    def bad(site: Site, pieces: tuple[Equipment, ...], _: int) -> list[Equipment]:
        return [piece for piece in pieces if sees(rule, site, piece) and old(piece)]

    return _presence(bench, rule, bad, f"what runs less than {rule.release}")


def _evidence(bench: Bench, rule: EvidenceRequired) -> RuleOutcome:
    walked = bench.walked

    def fresh(day: str, when: int) -> bool:
        end = last_day(at(when))
        return day <= end and (rule.max_age_months is None or months_after(Date(day), rule.max_age_months) >= end)

    def lacks(a: Equipment, b: Equipment, when: int) -> bool:
        interface = interface_of(a, b)
        apart = a.layers and b.layers and not any(layer in b.layers for layer in a.layers)
        if interface is None or apart or (a.supplier == b.supplier and not rule.same_supplier_too):
            return False
        if interface == "CPRI":
            if a.supplier == b.supplier:
                return False
            interface = "OFH"
        if rule.interfaces and interface not in rule.interfaces:
            return False
        verdict = latest_verdict(walked.case.market.evidence, a, b, interface)
        if verdict is not None:
            return verdict[1] != "pass" or not fresh(verdict[0], when)
        test = test_of(walked.tests, a, b, interface)
        return test is None or not fresh(last_day(at(walked.start + test.quarters - 1)), when)

    def bad(site: Site, pieces: tuple[Equipment, ...], when: int) -> list[Equipment]:
        pairs = [(a, b) for place, b in enumerate(pieces) for a in pieces[:place]]
        return [a for a, b in pairs if (sees(rule, site, a) or sees(rule, site, b)) and lacks(a, b, when)]

    return _presence(bench, rule, bad, "what stands together without evidence")


def _purchases(bench: Bench, rule: Any, forbidden: Callable[[Equipment], bool]) -> RuleOutcome:
    """Nothing forbidden is put in by the plan after a day."""
    last = last_full_quarter(bench.walked.case, rule.after)
    if last is None:
        return _idle(rule)
    sites = pieces = 0
    latest = bench.walked.start - 1
    for crowd in bench.crowds:
        for begin, _, stands, since in crowd.spans[1:]:
            new = [piece for piece, made in zip(stands, since, strict=True) if made == begin and forbidden(piece)]
            new = [piece for piece in new if sees(rule, crowd.site, piece)]
            if new and begin > last:
                sites += crowd.sites
                pieces += crowd.sites * sum(piece.count for piece in new)
                latest = max(latest, begin)
    day = _when(rule.after, bench)
    text = f"{pieces:,} pieces are bought after {day}" if sites else f"nothing of the kind is bought after {day}"
    return RuleOutcome(
        id=rule.id, met=not sites, from_date=day if sites else None, sites=sites, pieces=pieces, text=text
    )


def _purchase_ban(bench: Bench, rule: PurchaseBan) -> RuleOutcome:
    named = names_of(bench, rule.suppliers)
    return _purchases(bench, rule, lambda piece: piece.supplier in named)


def _amount(measure: str, crowd: Crowd, pieces: list[Equipment]) -> float:
    if not pieces:
        return 0.0
    if measure == "equipment":
        return float(crowd.sites * sum(piece.count for piece in pieces))
    if measure == "traffic":
        return crowd.traffic * _touched(pieces)
    return crowd.people if measure == "people" else float(crowd.sites)


def _group(rule: Any, site: Site) -> str:
    if rule.per == "estate":
        return ""
    return {"operator": site.operator, "region": site.region}.get(rule.per, f"{site.operator}, {site.region}")


Shares = dict[tuple[str, str], dict[int, dict[str, float]]]


def _shares(bench: Bench, rule: Any, first: int, *, by_kind: bool) -> Shares:
    """By group and kind ("": all kinds together): per quarter, how much is whose; "*" is everybody's."""
    measure, component = getattr(rule, "measure", "equipment"), getattr(rule, "component", "")
    found: Shares = {}
    for crowd in bench.crowds:
        for begin, end, stands, _ in crowd.spans:
            heaps: dict[str, dict[str, list[Equipment]]] = {}
            for piece in stands:
                if sees(rule, crowd.site, piece):
                    heap = heaps.setdefault(piece.kind if by_kind else "", {})
                    whose = _inside(bench, piece, component) if component else piece.supplier
                    heap.setdefault(whose, []).append(piece)
                    heap.setdefault("*", []).append(piece)
            for kind, heap in heaps.items():
                group = found.setdefault((_group(rule, crowd.site), kind), {})
                for quarter in range(max(first, begin), end):
                    of = group.setdefault(quarter, {})
                    for whose, pieces in heap.items():
                        of[whose] = of.get(whose, 0.0) + _amount(measure, crowd, pieces)
    return found


def _share_cap(bench: Bench, rule: ShareCap) -> RuleOutcome:
    due = last_full_quarter(bench.walked.case, rule.by)
    if due is None:
        return _idle(rule)
    named = names_of(bench, rule.suppliers)
    if rule.suppliers and not named:
        return _idle(rule)
    first = max(due, bench.walked.start)
    worst: tuple[float, int, str, str] = (-1.0, first, "", "")
    together = _together(bench, rule, named, first) if named and not rule.each else None
    for (group, _), quarters in (together or _shares(bench, rule, first, by_kind=False)).items():
        for quarter, amounts in sorted(quarters.items()):
            for whose, amount in sorted(amounts.items()):
                if whose != "*" and (together or not named or whose in named) and amounts["*"] > 0:
                    worst = max(worst, (amount / amounts["*"], -quarter, group, whose))
    return _capped(rule, worst, rule.cap, "share", bench)


def _together(bench: Bench, rule: ShareCap, named: list[str], first: int) -> Shares:
    """As `_shares`, with all the named as one: a site with two of them counts once."""
    found: Shares = {}
    for crowd in bench.crowds:
        for begin, end, stands, _ in crowd.spans:
            every = [piece for piece in stands if sees(rule, crowd.site, piece)]
            theirs = [piece for piece in every if piece.supplier in named]
            for quarter in range(max(first, begin), end) if every else ():
                of = found.setdefault((_group(rule, crowd.site), ""), {}).setdefault(quarter, {"*": 0.0, "they": 0.0})
                of["*"] += _amount(rule.measure, crowd, every)
                of["they"] += _amount(rule.measure, crowd, theirs)
    return found


def _capped(rule: Any, worst: tuple[float, int, str, str], cap: float, unit: str, bench: Bench) -> RuleOutcome:
    value, quarter, group, whose = max(worst[0], 0.0), abs(worst[1]), worst[2], worst[3]
    met = value <= cap + EQUAL
    who = "" if whose in ("", "they") else f" of {whose}"
    text = f"the highest {unit}{who}{f' at {group}' if group else ''} is {value:.4f} in {at(quarter)}; the cap is {cap}"
    since = None if met else max(_when(rule.by, bench), last_day(at(quarter)))
    return RuleOutcome(
        id=rule.id, met=met, slack=round(cap - value, 9), unit=unit, group=group, from_date=since, text=text
    )


def _minimum(bench: Bench, rule: MinimumSuppliers) -> RuleOutcome:
    due = last_full_quarter(bench.walked.case, rule.by)
    if due is None:
        return _idle(rule)
    fewest: tuple[int, int, str] | None = None
    for (group, kind), quarters in _shares(bench, rule, max(due, bench.walked.start), by_kind=True).items():
        for quarter, amounts in sorted(quarters.items()):
            least = max(1.0, rule.share * amounts["*"]) - EQUAL
            number = sum(amount >= least for whose, amount in amounts.items() if whose != "*")
            name = f"{group}, {kind}" if group else kind
            fewest = min(fewest or (number, quarter, name), (number, quarter, name))
    if fewest is None:
        return RuleOutcome(id=rule.id, met=True, text="nothing of the kind is there")
    text = f"{fewest[2]} has {fewest[0]} suppliers at the end of {at(fewest[1])}; {rule.number} are asked for"
    met = fewest[0] >= rule.number
    since = None if met else _when(rule.by, bench)
    slack = float(fewest[0] - rule.number)
    return RuleOutcome(id=rule.id, met=met, slack=slack, unit="suppliers", group=fewest[2], from_date=since, text=text)


def _concentration(bench: Bench, rule: ConcentrationCap) -> RuleOutcome:
    due = last_full_quarter(bench.walked.case, rule.by)
    if due is None:
        return _idle(rule)
    first = max(due, bench.walked.start)
    worst: tuple[float, int, str, str] = (-1.0, first, "", "")
    for (group, kind), quarters in _shares(bench, rule, first, by_kind=True).items():
        for quarter, amounts in sorted(quarters.items()):
            if amounts["*"] > 0:
                squares = sum((amount / amounts["*"]) ** 2 for whose, amount in amounts.items() if whose != "*")
                worst = max(worst, (squares, -quarter, f"{group}, {kind}" if group else kind, ""))
    return _capped(rule, worst, rule.cap, "index", bench)


def _content(bench: Bench, rule: DomesticContent) -> RuleOutcome:
    after, due = (last_full_quarter(bench.walked.case, deadline) for deadline in (rule.after, rule.by))
    if after is None or due is None:
        return _idle(rule)
    bought: dict[int, list[float]] = {}
    for crowd in bench.crowds:
        for begin, _, stands, since in crowd.spans:
            for piece, made in zip(stands, since, strict=True):
                when = index(piece.bought) if piece.bought and made < 0 else made
                fresh = begin <= bench.walked.start - 1 or made == begin
                if fresh and when > after and sees(rule, crowd.site, piece):
                    home = _country(bench, piece.supplier) in rule.countries
                    count = bought.setdefault(max(when, bench.walked.start - 1), [0.0, 0.0])
                    count[0] += crowd.sites * piece.count
                    count[1] += crowd.sites * piece.count * home
    worst = _worst_content(bench, bought, max(due, bench.walked.start))
    met = worst[0] >= rule.share - EQUAL
    bought_of = f"{worst[0]:.1%} of what has been bought by {at(worst[1])} is of {', '.join(rule.countries)}"
    text = f"{bought_of}; {rule.share:.1%} are asked for"
    day = None if met else _when(rule.by, bench)
    return RuleOutcome(
        id=rule.id, met=met, slack=round(worst[0] - rule.share, 9), unit="share", from_date=day, text=text
    )


def _worst_content(bench: Bench, bought: dict[int, list[float]], first: int) -> tuple[float, int]:
    worst = (1.0, first)
    for quarter in range(first, bench.walked.end + 1):
        every = sum(count[0] for when, count in bought.items() if when <= quarter)
        home = sum(count[1] for when, count in bought.items() if when <= quarter)
        if every:
            worst = min(worst, (home / every, quarter))
    return worst


def _subsidy(bench: Bench, rule: Subsidy) -> RuleOutcome:
    return RuleOutcome(id=rule.id, met=True, text="money with conditions: what it pays is under subsidy")


_JUDGES: dict[Any, Callable[[Bench, Any], RuleOutcome]] = {
    Removal: _removal,
    PurchaseBan: _purchase_ban,
    TrustedList: _trusted,
    Support: _support,
    MinimumRelease: _release,
    EvidenceRequired: _evidence,
    ShareCap: _share_cap,
    MinimumSuppliers: _minimum,
    ConcentrationCap: _concentration,
    DomesticContent: _content,
    Subsidy: _subsidy,
}
