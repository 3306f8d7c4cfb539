"""What `awase plan check` prints: rules by the day they break, shares by kind, what hangs on whom; or all as JSON."""

from typing import Any

import msgspec
from rich import box
from rich.table import Table

from awase import __version__
from awase.cli.plan_page_text import page, slack
from awase.model.plan import Measure, Per, RuleOutcome
from awase.model.rules import Case
from awase.planner.diversity.comparing import components_of, diversity_by_level
from awase.planner.diversity.exposure import Exposure, exposures
from awase.planner.diversity.shares import kinds_of
from awase.planner.diversity.standings import standings
from awase.planner.judging.check import Check
from awase.planner.judging.court import counted

SHOWN = 30
"""How many rows of a table a terminal gets; JSON has all of them."""


def print_check(case: Case, result: Check, by: tuple[Per, Measure] = ("estate", "equipment")) -> None:
    """A page for the terminal; `by`: over what shares are counted, and of what."""
    console = page()
    title = case.estate.title or case.estate.name
    console.print(f"{title}: {counted(result.sites, 'site')} as of {result.as_of}", markup=False, soft_wrap=True)
    console.print(_rules(case, result))
    for name, why in result.waiting.items():
        console.print(f"{name}: {why}", markup=False, soft_wrap=True)
    for one in result.contradictions:
        console.print(f"contradiction: {one.text} {one.relaxation}", markup=False, soft_wrap=True, style="red")
    console.print(_diversity(case, by))
    console.print(_exposure("What goes down without a supplier", exposures(case.estate)))
    for component in components_of(case.estate):
        title = f"What goes down without whose {component} is inside"
        console.print(_exposure(title, exposures(case.estate, component=component)))
    for loss in result.losses[:SHOWN]:
        how_much = f"{counted(loss.pieces, 'piece')} at {counted(loss.sites, 'site')}"
        text = f"{loss.quarter}: {loss.supplier}: {loss.what}; {how_much}"
        console.print(text, markup=False, soft_wrap=True)
    number = len(result.broken)
    verdict = "nothing is broken" if not number else f"{number} broken, the first after {result.broken[0].from_date}"
    console.print(verdict, markup=False, soft_wrap=True)


def _rules(case: Case, result: Check) -> Table:
    titles = {rule.id: rule.title for rule in case.rules.rules}
    table = Table(box=box.SIMPLE, title="Rules", title_justify="left")
    for name in ("broken after", "rule", "slack", "why"):
        table.add_column(name, overflow="fold")
    shown = [*result.broken, *_tightest(result)]
    for outcome in shown[:SHOWN]:
        when = str(outcome.from_date) if not outcome.met else "kept"
        name = f"{outcome.id}: {titles.get(outcome.id, '')}"
        table.add_row(when, name, slack(outcome), outcome.text, style="" if outcome.met else "red")
    if len(shown) > SHOWN:
        table.add_row("", f"and {len(shown) - SHOWN} more (--json has all)", "", "")
    return table


def _tightest(result: Check) -> list[RuleOutcome]:
    """Of each rule that is kept, the outcome with the least slack."""
    found: dict[str, RuleOutcome] = {}
    for outcome in result.outcomes:
        if outcome.met:
            known = found.get(outcome.id)
            if known is None or (outcome.slack is not None and outcome.slack < (known.slack or 0.0)):
                found[outcome.id] = outcome
    return list(found.values())


MEASURED = {"equipment": "pieces"}


def _diversity(case: Case, by: tuple[Per, Measure]) -> Table:
    per, measure = by
    where = [] if per == "estate" else ["where"]
    title = f"Shares by kind ({MEASURED.get(measure, measure)})"
    table = Table(box=box.SIMPLE, title=title, title_justify="left")
    for name in (*where, "kind", "level", "HHI", "effective", "shares"):
        table.add_column(name, overflow="fold")
    found = standings(case.estate, measures=[measure], places=[per])
    for one in sorted(found, key=lambda row: row.place):
        largest = list(one.shares.items())[:4]
        shares = ", ".join(f"{name or 'unknown'} {share:.0%}" for name, share in largest)
        place = [one.place or "none"] if where else []
        table.add_row(*place, one.kind, one.level, f"{one.hhi:.3f}", f"{one.effective:.2f}", shares)
    return table


def _exposure(title: str, found: list[Exposure]) -> Table:
    table = Table(box=box.SIMPLE, title=title, title_justify="left")
    for name in ("supplier", "sites", "of them for want of a hub", "people", "traffic", "critical sites"):
        table.add_column(name, justify="left" if name in ("supplier", "critical sites") else "right")
    for one in found[:SHOWN]:
        critical = ", ".join(f"{role} {number:,}" for role, number in one.critical.items())
        row = (f"{one.down:,}", f"{one.cut_off:,}", f"{one.people:,}", f"{one.share_of_traffic:.1%}", critical)
        table.add_row(one.supplier, *row)
    return table


def print_check_json(case: Case, result: Check) -> None:
    """Everything as JSON, on stdout."""
    print(msgspec.json.format(msgspec.json.encode(check_record(case, result)), indent=2).decode())


def check_record(case: Case, result: Check) -> dict[str, Any]:
    """What `awase plan check --json` holds."""
    measures: tuple[Measure, ...] = ("equipment", "traffic")
    return {
        "name": result.name,
        "as_of": result.as_of,
        "sites": result.sites,
        "passed": result.passed,
        "rules": result.outcomes,
        "waiting": result.waiting,
        "contradictions": result.contradictions,
        "losses": result.losses,
        "diversity": {
            measure: {
                kind: {
                    level: {"hhi": one.hhi, "effective": one.effective, "shares": one.shares, "known": one.known}
                    for level, one in diversity_by_level(case.estate, kind, measure).items()
                }
                for kind in kinds_of(case.estate)
            }
            for measure in measures
        },
        "standings": standings(case.estate),
        "exposure": {
            "brand": exposures(case.estate),
            **{component: exposures(case.estate, component=component) for component in components_of(case.estate)},
        },
        "figures": case.estate.figures,
        "versions": {"awase": __version__},
    }
