"""The one-page summary of a plan on the terminal."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from awase.model.plan import PlanResult, Range, RuleOutcome
from awase.planner.uncertainty.outlook import Outlook

WIDTH = 118
MOST_CONFLICTS = 5


def print_plan(result: PlanResult, outlook: Outlook | None, folder: str) -> None:
    """Status, rules, money, concentration, what binds, what may go wrong."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(headline(result), markup=False, soft_wrap=True, style="bold")
    for conflict in result.conflicts[:MOST_CONFLICTS]:
        console.print(f"No plan: {conflict.text}.", markup=False, soft_wrap=True)
        if conflict.relaxation:
            console.print(f"The cheapest way out: {conflict.relaxation}.", markup=False, soft_wrap=True)
    if result.rules:
        console.print(_rules(result, outlook))
    if result.spent_per_year:
        console.print(_years(result))
    for line in _lines(result, outlook):
        console.print(line, markup=False, soft_wrap=True)
    if folder:
        console.print(f"Plan folder: {folder}", markup=False, soft_wrap=True)


def headline(result: PlanResult) -> str:
    """The first line."""
    if result.cost is None:
        return f"{result.name}: {result.status}, objective {result.objective}"
    gap = "" if result.gap is None else f", proven gap {result.gap:.2%}"
    sites = len({action.site for action in result.actions})
    work = f"{len(result.actions):,} pieces at {sites:,} sites"
    return f"{result.name}: {result.status}{gap}; {money(result.cost, result.currency)}; {work}"


def money(amount: Range, currency: str) -> str:
    """A range of money in millions."""
    low, mid, high = (value / 1e6 for value in (amount.low, amount.mid, amount.high))
    return f"{mid:,.1f} ({low:,.1f} to {high:,.1f}) million {currency}"


def _rules(result: PlanResult, outlook: Outlook | None) -> Table:
    table = Table(box=box.SIMPLE, title="Rules", title_justify="left")
    names = ["rule", "", "slack", "how"] + (["chance of its date"] if outlook else [])
    for name in names:
        table.add_column(name, overflow="fold")
    chances: dict[str, float] = {}
    for goal in outlook.goals if outlook else ():
        chances[goal.rule] = min(goal.probability, chances.get(goal.rule, 1.0))
    for outcome in result.rules:
        chance = [f"{chances[outcome.id]:.0%}" if outcome.id in chances else ""] if outlook else []
        row = [outcome.id, "met" if outcome.met else "broken", slack(outcome), outcome.text, *chance]
        table.add_row(*row, style="" if outcome.met else "red")
    return table


def slack(outcome: RuleOutcome) -> str:
    """A slack for a person."""
    if outcome.slack is None:
        return ""
    return f"{outcome.slack:+.1%}" if outcome.unit == "share" else f"{outcome.slack:g} {outcome.unit}"


def _years(result: PlanResult) -> Table:
    table = Table(box=box.SIMPLE, title=f"Money per year, million {result.currency}", title_justify="left")
    for name in ("year", "low", "mid", "high"):
        table.add_column(name, justify="right")
    for year, spent in result.spent_per_year.items():
        table.add_row(year, *(f"{value / 1e6:,.1f}" for value in (spent.low, spent.mid, spent.high)))
    return table


def _lines(result: PlanResult, outlook: Outlook | None) -> list[str]:
    lines = [f"HHI of {kind}: {_first_and_last(values)}" for kind, values in result.hhi.items()]
    lines += [f"Pays back: {name} {paid / 1e6:,.1f} million {result.currency}" for name, paid in result.subsidy.items()]
    for test in result.tests:
        cost = f"{test.cost.mid / 1e6:,.2f} million {result.currency}, {test.quarters} quarters"
        lines.append(f"To be tested first: {test.a} with {test.b} over {test.interface} ({cost})")
    lines += [f"Binds: {binding.text}" for binding in result.binding[:5]]
    if outlook:
        quantiles = " to ".join(f"{outlook.cost[name] / 1e6:,.1f}" for name in ("0.05", "0.95"))
        how = f"{outlook.draws:,} draws, slips as in {outlook.chances.stretch}"
        lines.append(f"Risk ({how}): all dates met in {outlook.all_met:.0%}; cost {quantiles} million (5 % to 95 %)")
    lines += [f"The checker objects: {text}" for text in result.violations[:MOST_CONFLICTS]]
    return lines + [f"Note: {note}" for note in (*result.notes, *(outlook.notes if outlook else ()))]


def _first_and_last(values: Mapping[str, float]) -> str:
    first, last = next(iter(values)), list(values)[-1]
    return f"{values[first]:.3f} ({first}) to {values[last]:.3f} ({last})"
