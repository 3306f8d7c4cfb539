"""`awase plan backbone`: what cuts, suppliers' losses and mistrusted routes do to the backbone and its cables."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from awase.model.rules import MustNotCarry
    from awase.planner.backbone.additions import Additions
    from awase.planner.backbone.network import Backbone
    from awase.planner.backbone.outcomes import Outcome
    from awase.planner.backbone.study import CableCut, Study

SHOWN = 8


def backbone(  # noqa: PLR0917 - one parameter per option.
    source: Annotated[
        str,
        typer.Argument(
            metavar="ESTATE|TOPOLOGY",
            help="A file, a folder, an example that ships, topozoo/NAME, sndlib/NAME, cables/JP or cables/GB.",
        ),
    ],
    cut: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A cable, link, site, risk group, supplier, owner or country; repeat it."),
    ] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Every pair of cuts, too.")] = False,
    exact: Annotated[int, typer.Option(min=0, help="The flow programme for so many of the worst.")] = 50,
    survive: Annotated[
        int, typer.Option(min=0, max=2, help="The cheapest links to add to survive any 1 or 2 cuts.")
    ] = 0,
    carried: Annotated[
        bool, typer.Option("--carried", help="With --survive: capacities count, not only that there is a way.")
    ] = False,
    ships: Annotated[int, typer.Option(min=1, help="How many repairs can go on at once.")] = 1,
    telegeography: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="The folder is your own copy of TeleGeography's map; the country at home."),
    ] = None,
    as_of: Annotated[str | None, typer.Option(metavar="QUARTER", help="The estate's quarter: 2026Q4.")] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Rules on what may pass as they bind on this day; default: all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write backbone.json, cuts.csv, pairs.csv.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
) -> None:
    """What cuts, pairs of cuts, suppliers' and owners' losses do to traffic and delay, and what would help.

    The exit status is 0 if nothing loses traffic alone (a cut, risk group, supplier or owner) and every rule on what
    may pass is kept, 1 otherwise, 2 for bad input.
    """
    from awase.cli.plan import plain_input_errors
    from awase.planner.backbone.study import cable_cut, study

    with plain_input_errors():
        network, rules = _load(source, telegeography, (as_of, on))
        answers = [cable_cut(network, cut, rules, ships=ships)] if cut else []
        found = study(network, rules, pairs=pairs, exact=exact)
        added = _additions(network, rules, survive, carried)
    if out is not None:
        write(out, found, answers, added)
    typer.echo(_json(found, answers, added).decode() if json else "\n".join(lines(found, answers, added)))
    raise typer.Exit(1 if found.single_points or found.unmet else 0)


def _load(
    source: str, home: str | None, when: tuple[str | None, str | None]
) -> "tuple[Backbone, tuple[MustNotCarry, ...]]":
    from awase.cli.plan_words import day_named, say_if_shadowed
    from awase.model.plan import Country
    from awase.planner.backbone.sources import load_backbone
    from awase.planner.backbone.telegeography import load_telegeography

    if home is not None:
        return load_telegeography(source, Country(home)), ()
    as_of, on = when
    say_if_shadowed(source)
    return load_backbone(source, as_of=as_of, on=None if on is None else day_named(on, "--on"))


UNIT_COST = {"ends": (150_000, 300_000, 600_000), "per_km": (20_000, 50_000, 100_000)}
"""Of new fibre links, in EUR: a declared assumption for comparing candidates, to be replaced by one's own prices."""


def _unit_cost() -> str:
    ends, per_km = (f"{low:,} to {high:,} EUR" for low, _, high in UNIT_COST.values())
    return f"a new link costs {ends} for its ends and {per_km} a kilometre (declared)"


def _additions(
    network: "Backbone", rules: "tuple[MustNotCarry, ...]", survive: int, carried: bool
) -> "list[Additions]":
    from awase.model.plan import Currency, Range
    from awase.planner.backbone.additions import UnitCost, candidates, cheapest

    if not survive:
        return []
    cost = UnitCost(
        ends=Range(*map(float, UNIT_COST["ends"])),
        per_km=Range(*map(float, UNIT_COST["per_km"])),
        currency=Currency("EUR"),
    )
    offers = candidates(network, cost, nearest=6)
    return [cheapest(network, offers, survives=survive, keep="carried" if carried else "connected", rules=rules)]


def _json(found: "Study", answers: "list[CableCut]", added: "list[Additions]") -> bytes:
    import msgspec

    whole = {"study": found, "cuts": answers, "additions": added}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def write(folder: Path, found: "Study", answers: "list[CableCut]", added: "list[Additions]") -> None:
    """Write the result into a folder, which may exist."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "backbone.json").write_bytes(_json(found, answers, added) + b"\n")
    _csv(folder / "cuts.csv", (*found.cuts, *found.groups))
    if found.pairs:
        _csv(folder / "pairs.csv", found.pairs)


def _csv(path: Path, outcomes: "Iterable[Outcome]") -> None:
    from awase.planner.backbone.outcomes import Outcome

    names = Outcome.__struct_fields__
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for one in outcomes:
            cells = [getattr(one, name) for name in names]
            writer.writerow([" + ".join(cells[0]), *("" if cell is None else f"{cell:.10g}" for cell in cells[1:])])


def lines(found: "Study", answers: "list[CableCut]", added: "list[Additions]") -> list[str]:
    """The summary, line by line."""
    said = [f"{found.name}: {found.sites} sites, {found.links} links, {found.traffic_gbps:g} Gbit/s of traffic"]
    if found.cut_off_gbps:
        said.append(f"  {found.cut_off_gbps:g} Gbit/s have no way even before any cut")
    if found.intact.overloaded_links:
        said.append(f"  {found.intact.overloaded_links} link directions are too full even before any cut")
    for answer in answers:
        said += ["", answer.text]
    said += _table("Worst single cuts", found.cuts)
    said += _table("Worst groups that fail together", found.groups)
    if found.pairs_tried:
        many = f"{found.pairs_lost} lose traffic, {found.pairs_overloaded} overload a link"
        said += _table(f"Worst of {found.pairs_tried} pairs of cuts ({many})", found.pairs)
    said.append("")
    said.append(f"{len(found.single_points) or 'no'} single cut, risk group, supplier or owner loses traffic alone")
    said += [f"  {one.text}" for one in found.unmet]
    said += [one.text for one in added]
    for one in (link for answer in added for link in answer.links):
        said.append(f"  {one.link.id}: {one.cost.low:,.0f} to {one.cost.high:,.0f} {one.currency}")
    assumed = [*found.assumptions, *([_unit_cost()] if added else [])]
    return said + [f"Assumed: {text}" for text in assumed]


def _table(title: str, outcomes: "Iterable[Outcome]") -> list[str]:
    rows = [one for one in outcomes if one.lost_gbps or one.overloaded_links or one.rerouted_gbps][:SHOWN]
    if not rows:
        return []
    said = [
        "",
        title,
        f"  {'lost':>10} {'rerouted':>10} {'too much':>10} {'carried':>10} {'+ms':>8} {'days':>6}  (Gbit/s)",
    ]
    for one in rows:
        carried = "" if one.carried_gbps is None else f"{one.carried_gbps:.1f}"
        figures = f"{one.lost_gbps:>10.1f} {one.rerouted_gbps:>10.1f} {one.excess_gbps:>10.1f} {carried:>10}"
        said.append(f"  {figures} {one.mean_added_delay_ms:>8.2f} {one.repair_days:>6.1f}  {' + '.join(one.failures)}")
    return said
