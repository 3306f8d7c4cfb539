"""Judges of rules on the mix: caps on shares, minimum numbers of suppliers, concentration, evidence, money, traffic."""

from awase.model.calendar import Date, last_day, months_after
from awase.model.plan import Equipment, Link, RuleOutcome, SiteId, SupplierName
from awase.model.rules import (
    ConcentrationCap,
    EvidenceRequired,
    MinimumSuppliers,
    MustNotCarry,
    Scope,
    ShareCap,
    Subsidy,
)
from awase.planner.diversity.shares import diversity
from awase.planner.evidence import Meeting, latest_verdict, meetings, records_for
from awase.planner.judging.court import NEARLY, Court, Damage, Held, broken, counted, damage, kept, listed
from awase.planner.rulebook import suppliers_of
from awase.planner.stock import group_name, pieces_in, weigh

QUARTERS = "quarters"
SHARE = "share"


def judge_share_cap(rule: ShareCap, court: Court) -> list[RuleOutcome]:
    """The share in each group, of all the suppliers together or of each."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    named = suppliers_of(rule, court.case.rules)
    groups: dict[str, Held] = {}
    for group, pieces in pieces_in(rule.scope, court.groups):
        groups.setdefault(group_name(rule.per, group), []).append((group, pieces))
    found: list[RuleOutcome] = []
    for name, held in groups.items():
        everyone = tuple({piece.supplier: True for _, pieces in held for piece in pieces})
        each = not named or rule.each
        meant = [(one,) for one in named or everyone] if each else [named]
        found.extend(_capped(rule, (name, held, suppliers), by, court) for suppliers in meant)
    return found or [kept(rule, "nothing of this kind is there")]


def _capped(rule: ShareCap, what: tuple[str, Held, tuple[SupplierName, ...]], by: Date, court: Court) -> RuleOutcome:
    name, held, suppliers = what
    theirs = [(group, tuple(piece for piece in pieces if piece.supplier in suppliers)) for group, pieces in held]
    whole = sum(weigh(rule.measure, group, pieces) for group, pieces in held)
    part = sum(weigh(rule.measure, group, pieces) for group, pieces in theirs)
    share = part / whole if whole else 0.0
    where = f" at {name}" if name else ""
    text = f"{listed(suppliers)} {_verb(suppliers)} {share:.1%} of {rule.measure}{where}; the cap is {rule.cap:.1%}"
    if share <= rule.cap + NEARLY:
        return kept(rule, text, slack=rule.cap - share, unit=SHARE, group=name)
    when = f", since {by}" if by <= court.today else f" after {by}"
    return broken(rule, text + when, after=by, done=damage(theirs), slack=rule.cap - share, unit=SHARE, group=name)


def _verb(suppliers: tuple[SupplierName, ...]) -> str:
    return "has" if len(suppliers) == 1 else "together have"


def judge_minimum_suppliers(rule: MinimumSuppliers, court: Court) -> list[RuleOutcome]:
    """How many suppliers each group has of each kind."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    found = []
    for kind, scope in _by_kind(rule.scope, court):
        for name, one in diversity(court.case.estate, scope, per=rule.per).items():
            enough = [supplier for supplier, share in one.shares.items() if share >= rule.share - NEARLY]
            slack = len(enough) - rule.number
            number = counted(len(enough), "supplier")
            where = f"{name}, {kind}" if name else kind
            text = f"{where}: {number} ({listed(enough)}); {rule.number} are asked for"
            if slack >= 0:
                found.append(kept(rule, text, slack=slack, unit="suppliers", group=name))
            else:
                held = [
                    (group, pieces)
                    for group, pieces in pieces_in(scope, court.groups)
                    if group_name(rule.per, group) == name
                ]
                found.append(broken(rule, text, after=by, done=damage(held), slack=slack, unit="suppliers", group=name))
    return found or [kept(rule, "nothing of this kind is there")]


def judge_concentration_cap(rule: ConcentrationCap, court: Court) -> list[RuleOutcome]:
    """The index of each kind in each group."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    found = []
    for kind, scope in _by_kind(rule.scope, court):
        mixes = diversity(court.case.estate, scope, measure=rule.measure, per=rule.per, component=rule.component)
        for name, one in mixes.items():
            where = ", ".join(text for text in (name, kind, rule.component) if text)
            text = f"{where}: the index is {one.hhi:.3f} ({one.effective:.2f} effective); the cap is {rule.cap:.3f}"
            slack = rule.cap - one.hhi
            if slack >= -NEARLY:
                found.append(kept(rule, text, slack=slack, unit="index", group=name))
            else:
                found.append(broken(rule, text, after=by, slack=slack, unit="index", group=name))
    return found or [kept(rule, "nothing of this kind is there")]


def _by_kind(scope: Scope, court: Court) -> list[tuple[str, Scope]]:
    """The scope, once for each kind that it includes."""
    kinds = {piece.kind: True for _, pieces in pieces_in(scope, court.groups) for piece in pieces}
    return [
        (
            kind,
            Scope(
                kinds=(kind,),
                layers=scope.layers,
                roles=scope.roles,
                regions=scope.regions,
                operators=scope.operators,
            ),
        )
        for kind in sorted(kinds)
    ]


def judge_evidence_required(rule: EvidenceRequired, court: Court) -> list[RuleOutcome]:
    """Which combinations stand together without a record of a pass, or whose record will be too old."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    day = max(by, court.today)
    seen: dict[str, tuple[str, Date, Held]] = {}
    good = 0
    for group, pieces in pieces_in(rule.scope, court.groups):
        for meeting in meetings(pieces):
            if not _is_asked(rule, meeting):
                continue
            verdict, from_day = _evidence(rule, meeting, day, court)
            good += verdict == "pass"
            if verdict != "pass":
                seen.setdefault(_words(meeting), (verdict, max(from_day, by), []))[2].append((group, (meeting.a,)))
    found = []
    for words, (verdict, from_day, held) in seen.items():
        why = {"none": "no record", "too old": f"the record is too old after {from_day}"}.get(
            verdict, f"it is {verdict}"
        )
        done = damage(held)
        text = f"{words}: {why}; {counted(done.sites, 'site')}"
        found.append(broken(rule, text, after=from_day, done=done, slack=court.quarters_left(from_day), unit=QUARTERS))
    return found or [kept(rule, "each combination has a record of a pass" if good else "no two suppliers meet")]


def _is_asked(rule: EvidenceRequired, meeting: Meeting) -> bool:
    wanted = meeting.joint.interface in rule.interfaces if rule.interfaces else meeting.joint.is_open
    return wanted and (rule.same_supplier_too or meeting.a.supplier != meeting.b.supplier)


def _words(meeting: Meeting) -> str:
    def side(piece: Equipment) -> str:
        return " ".join(text for text in (piece.supplier, piece.product, piece.release, piece.kind) if text)

    return f"{side(meeting.a)} with {side(meeting.b)} over {meeting.joint.interface}"


def _evidence(rule: EvidenceRequired, meeting: Meeting, day: Date, court: Court) -> tuple[str, Date]:
    """The verdict, and the day after which it counts: a pass grows too old."""
    verdict = latest_verdict(court.case.market, meeting, day, rule.max_age_months)
    if rule.max_age_months is None or verdict not in ("pass", "too old"):
        return verdict, court.today if day == court.today else day
    dates = [record.date for record in records_for(court.case.market, meeting) if record.verdict != "declared"]
    latest = max(date for date in dates if date is not None and date <= day)
    old = months_after(latest, rule.max_age_months)
    return ("too old" if old < last_day(court.until) else "pass"), old


def judge_subsidy(rule: Subsidy, court: Court) -> list[RuleOutcome]:
    """Who cannot have the money at all, and what will not be paid since it comes too late."""
    found = []
    for operator in court.case.estate.operators:
        if rule.scope.operators and operator.name not in rule.scope.operators:
            continue
        if rule.max_customers is not None and (operator.customers or 0) > rule.max_customers:
            text = f"{operator.name} has {operator.customers:,} customers; the most is {rule.max_customers:,}"
            over = float(rule.max_customers - (operator.customers or 0))
            found.append(broken(rule, text, after=court.today, slack=over, unit="customers", group=operator.name))
    by = court.day(rule.complete_by)
    paid = suppliers_of(rule, court.case.rules)
    left = damage(
        (group, tuple(piece for piece in pieces if piece.supplier in paid))
        for group, pieces in pieces_in(rule.scope, court.groups)
    )
    if by is not None and left.sites:
        text = f"{left} of {listed(paid)} would be paid for if they were out by {by}"
        found.append(broken(rule, text, after=by, done=left, slack=court.quarters_left(by), unit=QUARTERS))
    return found or [kept(rule, "nothing stands against it" + (f"; {left} would be paid for" if left.sites else ""))]


def judge_must_not_carry(rule: MustNotCarry, court: Court) -> list[RuleOutcome]:
    """Whether traffic of the class has a way that keeps off what it must not use."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    estate = court.case.estate
    meant = [demand for demand in estate.demands if demand.traffic_class == rule.traffic_class]
    allowed = [link for link in estate.links if not _is_barred(rule, link, court)]
    parts = _parts(allowed)
    stuck = [demand for demand in meant if parts.get(demand.a, demand.a) != parts.get(demand.b, demand.b)]
    barred = len(estate.links) - len(allowed)
    if not stuck:
        return [kept(rule, f"{len(meant)} demands have a way around {barred} links they must not use")]
    text = (
        f"{len(stuck)} of {len(meant)} demands have no way but over {barred} links they must not use: "
        f"{listed(f'{demand.a} to {demand.b}' for demand in stuck)}"
    )
    done = Damage(len(stuck), 0, 0, sum(demand.traffic_gbps for demand in stuck))
    return [broken(rule, text, after=by, done=done, slack=court.quarters_left(by), unit=QUARTERS)]


def _is_barred(rule: MustNotCarry, link: Link, court: Court) -> bool:
    if rule.unless_encrypted and link.encrypted:
        return False
    cable = next((one for one in court.case.estate.cables if one.id == link.cable), None)
    suppliers = suppliers_of(rule, court.case.rules)
    owners = {link.owner, *(cable.owners if cable is not None else ())}
    makers = {link.supplier, *((cable.supplier,) if cable is not None else ())}
    countries = {court.origins.country(name) for name in makers}
    countries |= {landing.country for landing in cable.landings} if cable is not None else set()
    return (
        any(name in makers for name in suppliers)
        or any(name in owners for name in rule.owners)
        or any(name in countries for name in rule.countries)
    )


def _parts(links: list[Link]) -> dict[SiteId, SiteId]:
    """For each site a site that stands for all that it is joined with."""
    parent: dict[SiteId, SiteId] = {}

    def top(site: SiteId) -> SiteId:
        while parent.setdefault(site, site) != site:
            parent[site] = parent[parent[site]]
            site = parent[site]
        return site

    for link in links:
        parent[top(link.a)] = top(link.b)
    return {site: top(site) for site in list(parent)}
