"""The page of a plan: one HTML file that needs no network, and no script for anything but sorting and paging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from awase.model.calendar import Quarter, index, plus
from awase.model.plan import Estate, Kind, Limits, Market, PlanResult
from awase.model.rules import ConcentrationCap, RuleSet
from awase.report import charts, estate_map, rule_calendar, sources, standings, words, work
from awase.report.hanging import hanging
from awase.report.inputs import (
    ExposureShown,
    GoalShown,
    OutcomeShown,
    OutlookShown,
    RegretShown,
    StepsShown,
    StudyShown,
)

MOST_NOTES = 200
MOST_OUTCOMES = 15
MOST_BINDING = 10
MOST_CURVES = 12
MOST_SUPPLIERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What else is known beside the plan and its estate; a section without data says so.

    `outlook` and `regrets` are the planner's over Monte-Carlo draws, `backbone` its study of cuts.
    """

    rules: RuleSet = field(default_factory=RuleSet)
    limits: Limits = field(default_factory=Limits)
    market: Market = field(default_factory=Market)
    outlook: OutlookShown | None = None
    regrets: Sequence[RegretShown] = ()
    backbone: StudyShown | None = None
    steps: StepsShown | None = None


def plan_page(result: PlanResult, estate: Estate, beside: Beside | None = None) -> str:
    """The page: the same octets for the same input; whatever stands in the input is text, never markup."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("awase.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        whole=words.whole,
        short=words.short,
        percent=words.percent,
        kind=words.kind,
        pieces=_pieces,
        shares=standings.shares,
    )
    return environment.get_template("plan.html").render(_context(result, estate, beside or Beside()))


def _pieces(names: Sequence[str]) -> str:
    return " + ".join(names)


def _context(result: PlanResult, estate: Estate, beside: Beside) -> dict[str, Any]:
    """All that the template speaks of."""
    figures = beside.backbone.figures if beside.backbone else ()
    found = sources.sources(result, estate, beside.rules, beside.market, figures)
    return {
        "result": result,
        "estate": estate,
        "beside": beside,
        "status": words.STATUSES.get(result.status, result.status),
        "is_plan": result.status in ("optimal", "feasible"),
        "synthetic": sum(site.synthetic for site in estate.sites),
        "map": estate_map.draw(estate, frozenset(action.site for action in result.actions)),
        "hanging": hanging(estate, result.actions),
        "diversity": _diversity(result, beside.rules),
        "steps": _steps(beside.steps),
        **_standings(beside.steps),
        **_timeline(result, estate, beside.limits),
        **_money(result, beside.limits),
        **_people(result, estate, beside),
        "power": charts.ranges("Power of the equipment, kW", result.power_kw) if result.power_kw else "",
        **_rules(result, estate, beside),
        "binding": result.binding[:MOST_BINDING],
        "dearest": max((one.price for one in result.binding), default=0.0) or 1.0,
        **_risk(beside.outlook),
        **_backbone(beside.backbone),
        **_actions(result, estate),
        "sources": found,
        "most_sources": sources.MOST_ROWS,
        "marks": sources.marks(found),
        "mark_words": words.MARKS,
        "notes": result.notes[:MOST_NOTES],
    }


def _steps(steps: StepsShown | None) -> list[tuple[Quarter, ExposureShown]]:
    """What each supplier's end would take down, step by step; the worst of each step first."""
    if steps is None:
        return []
    return [(quarter, one) for quarter, found in steps.hanging.items() for one in found[:MOST_SUPPLIERS]]


def _standings(steps: StepsShown | None) -> dict[str, Any]:
    """Who holds what where, before and after; and the charts of who is behind the brands."""
    rows = standings.rows(steps.standings) if steps is not None else []
    return {
        "standings": rows[: standings.MOST_ROWS],
        "more_standings": max(0, len(rows) - standings.MOST_ROWS),
        "behind": standings.behind_brands(steps.standings) if steps is not None else [],
    }


def _diversity(result: PlanResult, rules: RuleSet) -> list[dict[str, Any]]:
    """Per kind: the chart, and what the index and the effective number are first, at worst and last."""
    found = []
    for name, values in result.hhi.items():
        series = {Quarter(quarter): value for quarter, value in sorted(values.items())}
        if not series:
            continue
        caps = [rule.cap for rule in rules.rules if isinstance(rule, ConcentrationCap) and _covers(rule, name)]
        ordered = list(series.values())
        title = f"Concentration of {words.kind(name)}: index (left), effective number of suppliers (right)"
        found.append(
            {
                "kind": words.kind(name),
                "chart": charts.concentration(title, series, caps),
                "series": series,
                "first": ordered[0],
                "worst": max(ordered),
                "last": ordered[-1],
            }
        )
    return found


def _covers(rule: ConcentrationCap, name: str) -> bool:
    kinds: Sequence[Kind] = rule.scope.kinds
    return not rule.component and (not kinds or name in kinds)


def _timeline(result: PlanResult, estate: Estate, limits: Limits) -> dict[str, Any]:
    sites: work.Sites = {site.id: site for site in estate.sites}
    table = work.sites_by_region_and_year(result.actions, sites)
    worked = [year for row in table.values() for year in row]
    done = work.finished(result.actions)
    chart = ""
    if done:
        first = min(done)
        series = {plus(first, -1): 0.0, **done}
        chart = charts.progress("Sites with all their work done", series, limits.end or max(done))
    years = _all_between(worked)
    return {
        "region_years": table,
        "years": years,
        "year_heads": [f"#{year}" for year in years],
        "busiest": max((count for row in table.values() for count in row.values()), default=1),
        "done": done,
        "done_chart": chart,
    }


def _money(result: PlanResult, limits: Limits) -> dict[str, Any]:
    budget = work.budgets(limits, result.currency)
    title = f"Money per year, {result.currency}: low, mid, high; the line across is the budget"
    chart = charts.ranges(title, result.spent_per_year, budget) if result.spent_per_year else ""
    return {"money": chart, "budget": budget, "total": work.sums(result.actions)}


def _people(result: PlanResult, estate: Estate, beside: Beside) -> dict[str, Any]:
    sites: work.Sites = {site.id: site for site in estate.sites}
    use = work.crew_use(result.actions, sites, beside.limits, beside.market)
    years = [year for crew in use for year in crew.visits]
    columns = _all_between(years)
    return {"crews": use, "crew_years": columns, "crew_heads": [f"#{year}" for year in columns]}


def _all_between(years: Sequence[int]) -> list[int]:
    """All years from the first to the last."""
    return list(range(min(years), max(years) + 1)) if years else []


def _rules(result: PlanResult, estate: Estate, beside: Beside) -> dict[str, Any]:
    rows = rule_calendar.entries(result.rules, beside.rules, beside.backbone)
    first = beside.limits.start or plus(estate.as_of, 1)
    last = beside.limits.end or max((action.quarter for action in result.actions), default=first)
    return {
        "rules": rows[: rule_calendar.MOST_ROWS],
        "more_rules": max(0, len(rows) - rule_calendar.MOST_ROWS),
        "calendar": rule_calendar.draw(rows, first, max(first, last, key=index)),
        "judged": sum(row.verdict in rule_calendar.JUDGED for row in rows),
        "broken": sum(row.verdict == "broken" for row in rows),
        "paid": sum(row.verdict == "paid for" for row in rows),
    }


def _risk(outlook: OutlookShown | None) -> dict[str, Any]:
    if outlook is None:
        return {"costs": "", "quantiles": [], "curves": []}
    quantiles = _quantiles(outlook.cost)
    title = "Share of the draws that cost no more than an amount"
    chart = charts.likelihood(title, quantiles, outlook.cost_mean) if quantiles else ""
    return {"costs": chart, "quantiles": quantiles, "curves": _curves(outlook)}


def _curves(outlook: OutlookShown) -> list[dict[str, str]]:
    """For each dated rule, the one line of its worst group: the probability of being done, quarter by quarter."""
    worst: dict[str, GoalShown] = {}
    for goal in outlook.goals:
        if goal.by_quarter and goal.probability <= worst.get(goal.rule, goal).probability:
            worst[goal.rule] = goal
    found = []
    for rule, goal in list(worst.items())[:MOST_CURVES]:
        name = f"{rule}, {goal.group}" if goal.group else rule
        title = f"{name}: probability of being done by the end of each quarter"
        found.append({"name": name, "chart": charts.chances(title, goal.by_quarter, goal.by)})
    return found


def _quantiles(cost: Mapping[str, float]) -> list[tuple[float, float]]:
    return sorted((float(share), amount) for share, amount in cost.items())


def _backbone(study: StudyShown | None) -> dict[str, Any]:
    if study is None:
        return {"failures": []}
    tables: list[tuple[str, Sequence[OutcomeShown]]] = [
        ("Worst single cuts", study.cuts),
        ("Worst groups that fail together", study.groups),
        (f"Worst of {study.pairs_tried:,} pairs of cuts", study.pairs),
    ]
    return {"failures": [(title, _harmful(rows)) for title, rows in tables]}


def _harmful(rows: Sequence[OutcomeShown]) -> list[OutcomeShown]:
    return [one for one in rows if one.lost_gbps or one.overloaded_links or one.rerouted_gbps][:MOST_OUTCOMES]


def _actions(result: PlanResult, estate: Estate) -> dict[str, Any]:
    sites: work.Sites = {site.id: site for site in estate.sites}
    packages, unit = work.packages(result.actions, sites)
    few = len(result.actions) <= work.MOST_ROWS
    return {
        "packages": packages[: work.MOST_PACKAGES],
        "more_packages": max(0, len(packages) - work.MOST_PACKAGES),
        "package_unit": unit,
        "actions": result.actions if few else result.actions[: work.FIRST_ROWS],
        "sites": sites,
        "data": work.action_data(result.actions, estate) if result.actions else "",
    }
