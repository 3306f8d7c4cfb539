"""What stands on the command line of a plan: amounts, prices, exits, budgets; and the case with them in it."""

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import typer

from awase.model.calendar import Date, Quarter, at, index
from awase.model.plan import Budget, CatalogueItem, OperatorName, Price, Slips, Supplier, SupplierName
from awase.model.rules import Case
from awase.planner.loading.cells import Refusal, date
from awase.planner.optimise.model import horizon
from awase.planner.problems import Place, PlanInputError, Problem, choose

_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(k|m|bn)?\Z", re.IGNORECASE)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_DAY = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])(?:-[0-3][0-9])?\Z")


def refuse(option: str, what: str, hint: str) -> PlanInputError:
    """An error of the command line."""
    return PlanInputError([Problem(Place(option), what, hint)])


def say_if_shadowed(name: str) -> None:
    """Say on stderr which one was taken where an example that ships and something here have one name."""
    from awase.planner.loading.case import examples

    if name in examples() and Path(name).exists():
        typer.echo(f"awase: {name} is the example that ships; for the one in this folder write ./{name}", err=True)


def day_named(text: str, option: str) -> Date:
    """A day of an option. Raises PlanInputError."""
    read = date(text)
    if isinstance(read, Refusal):
        raise refuse(option, read.what, read.hint)
    return read


def one_of(text: str, words: Any, option: str) -> Any:
    """A word of a vocabulary (a `Literal`). Raises PlanInputError."""
    known = get_args(words)
    if text not in known:
        raise refuse(option, f"{text!r} is none of its words", f"write one of: {', '.join(known)}")
    return text


def words_of(text: str) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def amount_of(text: str, option: str) -> int:
    """An amount of money: 250000, 250k, 120m, 2bn. Raises PlanInputError."""
    match = _AMOUNT.match(text.strip())
    if not match:
        raise refuse(option, f"{text!r} is no amount", "write 250000, 250k, 120m or 2bn, in the estate's currency")
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()])


def with_budgets(case: Case, budgets: list[str]) -> Case:
    """A case with budgets for every year (`120m`) or one (`2025=80m`), of an operator or of all (`BT:2025=80m`)."""
    if not budgets:
        return case
    start, end = horizon(case)
    own = {(one.operator, one.year): one for one in case.limits.budgets}
    for text in budgets:
        whose, _, rest = text.rpartition(":")
        year, sign, amount = rest.partition("=")
        known = {operator.name for operator in case.estate.operators}
        if whose and whose not in known:
            raise refuse("--budget", f"{whose} is no operator of the estate", choose(whose, known))
        if sign and not year.strip().isdigit():
            raise refuse("--budget", f"{year!r} is no year", "write AMOUNT, YEAR=AMOUNT or OPERATOR:YEAR=AMOUNT")
        value = amount_of(amount if sign else rest, "--budget")
        for one in [int(year)] if sign else range(start // 4, end // 4 + 1):
            operator = OperatorName(whose)
            budget = Budget(year=one, amount=value, currency=case.estate.currency, operator=operator)
            own[operator, one] = budget
    limits = msgspec.structs.replace(case.limits, budgets=tuple(own.values()))
    return msgspec.structs.replace(case, limits=limits)


def with_exits(case: Case, exits: list[str]) -> Case:
    """A case in which suppliers leave: `NEC@2025-12` or `NEC@2025Q4` (nothing new from that quarter on)."""
    suppliers = {one.name: one for one in case.estate.suppliers}
    sold = {item.supplier for item in case.market.catalogue}
    for text in exits:
        name, sign, when = text.rpartition("@")
        supplier = SupplierName(name.strip())
        if not sign or (supplier not in suppliers and supplier not in sold):
            raise refuse("--supplier-exit", f"{text!r} names no supplier and day", choose(name, {*suppliers, *sold}))
        leaves = quarter_named(when.strip(), "--supplier-exit")
        known = suppliers.get(supplier, Supplier(name=supplier))
        earlier = min(known.leaves or leaves, leaves)
        suppliers[supplier] = msgspec.structs.replace(known, leaves=earlier)
    estate = msgspec.structs.replace(case.estate, suppliers=tuple(suppliers.values()))
    return msgspec.structs.replace(case, estate=estate)


def quarter_named(text: str, option: str) -> Quarter:
    """The quarter of 2025Q4, 2025-12 or 2025-12-31. Raises PlanInputError."""
    day = _DAY.match(text)
    try:
        return at(int(day[1]) * 4 + (int(day[2]) - 1) // 3) if day else at(index(Quarter(text)))
    except ValueError:
        raise refuse(option, f"{text!r} is no quarter or month", "write 2025Q4 or 2025-12") from None


def with_slips(case: Case, slips: str | None) -> Case:
    """A case whose work slips as a calibration says."""
    if slips is None:
        return case
    named = one_of(slips, Slips, "--stretch")
    return msgspec.structs.replace(case, limits=msgspec.structs.replace(case.limits, slips=named))


def with_prices(case: Case, changes: list[str]) -> Case:
    """A case with other prices: `+20%` for all, `Nokia=-5%` for a supplier or an item."""
    for text in changes:
        whose, sign, change = text.rpartition("=")
        match = re.fullmatch(r"\s*([+-][0-9]+(?:\.[0-9]+)?)\s*%\s*", change)
        if not match or float(match[1]) < -100:
            raise refuse("--price", f"{text!r} is no change of price", "write +20% or Nokia=-5%")
        names = {name for item in case.market.catalogue for name in (item.id, item.supplier)}
        if sign and whose not in names:
            raise refuse("--price", f"{whose} sells nothing here", choose(whose, names))
        factor = 1.0 + float(match[1]) / 100.0
        items = tuple(
            _dearer(item, factor) if not sign or whose in (item.id, item.supplier) else item
            for item in case.market.catalogue
        )
        case = msgspec.structs.replace(case, market=msgspec.structs.replace(case.market, catalogue=items))
    return case


def _dearer(item: CatalogueItem, factor: float) -> CatalogueItem:
    price: Price = item.price
    low, mid, high = (int(amount * factor + 0.5) for amount in (price.low, price.mid, price.high))
    return msgspec.structs.replace(item, price=msgspec.structs.replace(price, low=low, mid=mid, high=high))
