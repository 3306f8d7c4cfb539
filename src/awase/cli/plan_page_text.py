"""The one-page summary of a plan on the terminal."""

from collections.abc import Mapping
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from awase.model.plan import PlanResult, Range, RuleOutcome
from awase.planner.uncertainty.outlook import Outlook

WIDTH = 118
"""Of what is not shown on a terminal, which has its own."""
MOST_CONFLICTS = 5


def page() -> Console:
    """Where a page of text goes."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def print_plan(result: PlanResult, outlook: Outlook | None, folder: str) -> None:
    """Status, rules, money, concentration, what binds, what may go wrong."""
    console = page()
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
    return f"{result.name}: {result.status}{gap}; {Money(result).range(result.cost)}; {work}"


class Money(NamedTuple):
    """How amounts of one plan are written: all of them in millions, or all of them as they are."""

    result: PlanResult

    @property
    def is_large(self) -> bool:
        """Whether there are millions to speak of."""
        return self.result.cost is not None and self.result.cost.high >= 1e6

    @property
    def unit(self) -> str:
        """What stands behind an amount."""
        return f"million {self.result.currency}" if self.is_large else self.result.currency

    def bare(self, amount: float) -> str:
        """An amount without its unit."""
        if not self.is_large:
            return f"{amount:,.0f}"
        return f"{amount / 1e6:,.{1 if self.result.cost and self.result.cost.high >= 1e7 else 2}f}"

    def one(self, amount: float) -> str:
        """An amount."""
        return f"{self.bare(amount)} {self.unit}"

    def range(self, amount: Range) -> str:
        """What an amount is between."""
        return f"{self.bare(amount.mid)} ({self.bare(amount.low)} to {self.bare(amount.high)}) {self.unit}"


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
        text = outcome.text
        if outcome.priced and not outcome.met:
            text += f"; it may be, at its price: the plan pays {Money(result).one(outcome.penalty)} for it"
        row = [outcome.id, verdict(outcome), slack(outcome), text, *chance]
        table.add_row(*row, style="" if outcome.met else "yellow" if outcome.priced else "red")
    return table


def verdict(outcome: RuleOutcome) -> str:
    """Whether a rule is met; one that has a price may be broken, and then it is paid for."""
    return "met" if outcome.met else "broken, paid for" if outcome.priced else "broken"


def slack(outcome: RuleOutcome) -> str:
    """A slack for a person: "28 quarters", "-31.7 %"."""
    if outcome.slack is None:
        return ""
    if outcome.unit == "share":
        return f"{outcome.slack:+.1%}"
    if outcome.unit == "index":
        return f"{outcome.slack:+.3f}"
    unit = outcome.unit.removesuffix("s") if abs(outcome.slack) == 1 else outcome.unit
    return f"{outcome.slack:,.0f} {unit}"


def _years(result: PlanResult) -> Table:
    table = Table(box=box.SIMPLE, title=f"Money per year, {Money(result).unit}", title_justify="left")
    for name in ("year", "low", "mid", "high"):
        table.add_column(name, justify="right")
    for year, spent in result.spent_per_year.items():
        table.add_row(year, *map(Money(result).bare, (spent.low, spent.mid, spent.high)))
    return table


def _lines(result: PlanResult, outlook: Outlook | None) -> list[str]:
    lines = [f"HHI of {kind}: {_first_and_last(values)}" for kind, values in result.hhi.items()]
    money = Money(result)
    lines += [f"Pays back: {name} {money.one(paid)}" for name, paid in result.subsidy.items()]
    for year, kept in list(result.operating_per_year.items())[-1:]:
        lines.append(f"Keeping what stands costs {money.range(kept)} in {year}, as far as the catalogue says")
    for test in result.tests:
        cost = f"{money.one(test.cost.mid)}, {test.quarters} quarters"
        lines.append(f"To be tested first: {test.a} with {test.b} over {test.interface} ({cost})")
    lines += [f"Binds: {binding.text}" for binding in result.binding[:5]]
    if outlook:
        quantiles = " to ".join(money.bare(outlook.cost[name]) for name in ("0.05", "0.95"))
        how = f"{outlook.draws:,} draws, slips as in {outlook.chances.stretch}"
        lines.append(
            f"Risk ({how}): all dates met in {outlook.all_met:.0%}; cost {quantiles} {money.unit} (5 % to 95 %)"
        )
    lines += [f"The checker objects: {text}" for text in result.violations[:MOST_CONFLICTS]]
    return lines + [f"Note: {note}" for note in (*result.notes, *(outlook.notes if outlook else ()))]


def _first_and_last(values: Mapping[str, float]) -> str:
    first, last = next(iter(values)), list(values)[-1]
    return f"{values[first]:.3f} ({first}) to {values[last]:.3f} ({last})"
