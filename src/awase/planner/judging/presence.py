"""Judges of rules on what stands there: bans, removals, trusted lists, content, support, releases."""

import re

from awase.model.calendar import Date, Quarter, last_day
from awase.model.plan import Equipment, RuleOutcome, SupplierName
from awase.model.rules import DomesticContent, MinimumRelease, PurchaseBan, Removal, Support, TrustedList
from awase.planner.diversity.exposure import support_end
from awase.planner.judging.court import NEARLY, Court, Damage, Held, broken, counted, damage, kept, listed
from awase.planner.rulebook import suppliers_of
from awase.planner.stock import pieces_in

QUARTERS = "quarters"


def bought_after(piece: Equipment, day: Date) -> bool:
    """Whether a piece was, or may have been, bought after a day: in a later quarter, or within the day's own."""
    return piece.bought is not None and last_day(piece.bought) > day


def judge_purchase_ban(rule: PurchaseBan, court: Court) -> list[RuleOutcome]:
    """What was bought after the day; what has no date of purchase is named, and not held against anyone."""
    day = court.day(rule.after)
    assert day is not None, "waits_for is asked first"
    banned = suppliers_of(rule, court.case.rules)
    held = [
        (group, tuple(piece for piece in pieces if piece.supplier in banned))
        for group, pieces in pieces_in(rule.scope, court.groups)
    ]
    late = damage((group, tuple(piece for piece in own if bought_after(piece, day))) for group, own in held)
    undated = damage((group, tuple(piece for piece in own if piece.bought is None)) for group, own in held)
    note = f"; {counted(undated.pieces, 'piece')} without a date of purchase" if undated.pieces else ""
    if late.sites:
        return [
            broken(
                rule,
                f"{late} of {listed(banned)} bought after {day}{note}",
                after=day,
                done=late,
                slack=0,
                unit=QUARTERS,
            )
        ]
    left = court.quarters_left(day)
    text = f"nothing of {listed(banned)} bought after {day}{note}"
    return [kept(rule, text, slack=left if left > 0 else None, unit=QUARTERS if left > 0 else "")]


def judge_removal(rule: Removal, court: Court) -> list[RuleOutcome]:
    """What is still there after the day, since nobody plans anything."""
    day = court.day(rule.by)
    assert day is not None, "waits_for is asked first"
    banned = suppliers_of(rule, court.case.rules)
    left = damage(_theirs(rule, banned, court))
    whose = f"{rule.component} of {listed(banned)}" if rule.component else listed(banned)
    if not left.sites:
        return [kept(rule, f"nothing of {whose} is there")]
    when = f"has been due since {day}" if day <= court.today else f"must be out by {day}"
    text = f"{left} of {whose}: {when}"
    return [broken(rule, text, after=day, done=left, slack=court.quarters_left(day), unit=QUARTERS)]


def _theirs(rule: Removal, banned: tuple[SupplierName, ...], court: Court) -> Held:
    return [
        (group, tuple(piece for piece in pieces if court.origins.of(piece, rule.component) in banned))
        for group, pieces in pieces_in(rule.scope, court.groups)
    ]


def judge_trusted_list(rule: TrustedList, court: Court) -> list[RuleOutcome]:
    """What was bought of, or stands there from, anyone else."""
    trusted = suppliers_of(rule, court.case.rules)
    if not trusted and not rule.countries:
        return [kept(rule, "names neither suppliers nor countries: it binds nobody")]
    others = [
        (
            group,
            tuple(
                piece
                for piece in pieces
                if piece.supplier not in trusted and court.origins.country(piece.supplier) not in rule.countries
            ),
        )
        for group, pieces in pieces_in(rule.scope, court.groups)
    ]
    found = []
    after, by = court.day(rule.after), court.day(rule.by)
    if after is not None:
        late = damage((group, tuple(piece for piece in own if bought_after(piece, after))) for group, own in others)
        if late.sites:
            text = f"{late} bought after {after} of {_names(others)}, not on the list"
            found.append(broken(rule, text, after=after, done=late, slack=0, unit=QUARTERS))
    if by is not None:
        left = damage(others)
        if left.sites:
            text = f"{left} of {_names(others)}, not on the list, must be out by {by}"
            found.append(broken(rule, text, after=by, done=left, slack=court.quarters_left(by), unit=QUARTERS))
    return found or [kept(rule, "nothing from outside the list")]


def _names(held: Held) -> str:
    return listed({piece.supplier: True for _, own in held for piece in own})


def judge_domestic_content(rule: DomesticContent, court: Court) -> list[RuleOutcome]:
    """The share of what was bought since the day."""
    after, by = court.day(rule.after), court.day(rule.by)
    assert after is not None, "waits_for is asked first"
    assert by is not None, "waits_for is asked first"
    new = [
        (group, tuple(piece for piece in pieces if bought_after(piece, after)))
        for group, pieces in pieces_in(rule.scope, court.groups)
    ]
    own = [
        (group, tuple(piece for piece in pieces if court.origins.country(piece.supplier) in rule.countries))
        for group, pieces in new
    ]
    whole, part = damage(new), damage(own)
    where = listed(rule.countries)
    if not whole.pieces:
        return [kept(rule, f"nothing bought since {after}")]
    share = part.pieces / whole.pieces
    text = (
        f"{share:.1%} of {whole.pieces:,} pieces bought since {after} come from {where}; {rule.share:.1%} are asked for"
    )
    if share >= rule.share - NEARLY:
        return [kept(rule, text, slack=share - rule.share, unit="share")]
    missing = Damage(whole.sites, whole.pieces - part.pieces, whole.people, whole.traffic_gbps)
    return [broken(rule, text, after=by, done=missing, slack=share - rule.share, unit="share")]


def judge_support(rule: Support, court: Court) -> list[RuleOutcome]:
    """What runs out of support up to the end of planning, from the first on."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    ends: dict[Quarter, Held] = {}
    unknown = 0
    for group, pieces in pieces_in(rule.scope, court.groups):
        due: dict[Quarter, list[Equipment]] = {}
        for piece in pieces:
            brand = court.suppliers.get(piece.supplier)
            end = support_end(piece, brand.support_ends if brand is not None else None)
            if end is None:
                unknown += group.sites * piece.count
            elif end <= court.until:
                due.setdefault(end, []).append(piece)
        for end, own in due.items():
            ends.setdefault(end, []).append((group, tuple(own)))
    note = f"; of {unknown:,} pieces the end of support is not known" if unknown else ""
    found = []
    for end in sorted(ends):
        done, day = damage(ends[end]), max(last_day(end), by)
        text = f"{done} of {_names(ends[end])} are without support after {end}{note}"
        found.append(broken(rule, text, after=day, done=done, slack=court.quarters_left(day), unit=QUARTERS))
    return found or [kept(rule, f"nothing runs out of support up to {court.until}{note}")]


def release_number(release: str) -> tuple[int, ...]:
    """The numbers in a release, to be compared: "Rel-16.2" is (16, 2)."""
    return tuple(int(number) for number in re.findall(r"[0-9]{1,9}", release))


def judge_minimum_release(rule: MinimumRelease, court: Court) -> list[RuleOutcome]:
    """What runs less than the release, or does not say what it runs."""
    by = court.day(rule.by)
    assert by is not None, "waits_for is asked first"
    of = suppliers_of(rule, court.case.rules)
    wanted = release_number(rule.release)
    held = [
        (group, tuple(piece for piece in pieces if _is_meant(rule, of, piece)))
        for group, pieces in pieces_in(rule.scope, court.groups)
    ]
    older = damage(
        (group, tuple(piece for piece in own if release_number(piece.release) < wanted)) for group, own in held
    )
    silent = damage((group, tuple(piece for piece in own if not release_number(piece.release))) for group, own in held)
    if not older.pieces:
        return [kept(rule, f"all of it runs {rule.release} or later")]
    text = f"{older} run less than {rule.release}; {silent.pieces:,} of them do not say what they run"
    return [broken(rule, text, after=by, done=older, slack=court.quarters_left(by), unit=QUARTERS)]


def _is_meant(rule: MinimumRelease, suppliers: tuple[SupplierName, ...], piece: Equipment) -> bool:
    return (not suppliers or piece.supplier in suppliers) and rule.product in ("", piece.product)
