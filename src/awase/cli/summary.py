"""Prints what came of a run: the table of verdicts, the interfaces, the folder."""

from collections.abc import Mapping, Sequence
from typing import Any

from awase.model.part import NS_PER_S
from awase.model.reference_points import REFERENCE_POINTS
from awase.model.run import InterfaceFigures, RunResult, Verdict

PLAIN_WIDTH = 118
_COLOURS = {"pass": "green", "fail": "bold red", "inconclusive": "yellow", "not applicable": "dim"}


def print_json(result: RunResult) -> None:
    """The result as JSON, on stdout."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(result), indent=1).decode())


def print_result(result: RunResult) -> None:
    """The result for a person, on stdout."""
    title = f"{result.name}, seed {result.seed}, {result.end_ns / NS_PER_S:.3f} s of network time"
    print_verdicts(title, result.verdicts, result.figures, result.interfaces)
    if result.directory:
        print(f"Run folder: {result.directory}")


def print_verdicts(
    title: str,
    verdicts: Sequence[Verdict],
    figures: Mapping[str, Any],
    interfaces: Mapping[str, InterfaceFigures],
) -> None:
    """Verdicts with the figures behind them, then what is wrong in words, then octets by interface."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    console.print(_verdict_table(title, verdicts))
    for verdict in verdicts:
        if verdict.status not in ("pass", "not applicable"):
            console.print(Text.assemble((f"{verdict.title}: ", "bold"), verdict.text))
            for line in _grounds(verdict):
                console.print(Text(f"  {line}"))
    if figures:
        console.print(Text(_figures(figures)))
    if interfaces:
        console.print(_interface_table(interfaces))


def _grounds(verdict: Verdict) -> list[str]:
    named = {
        "message": verdict.message,
        "element": verdict.element,
        "clause": verdict.clause,
        "modelled on": verdict.report,
    }
    return [f"{name}: {text}" for name, text in named.items() if text]


def _verdict_table(title: str, verdicts: Sequence[Verdict]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", title_style="bold")
    table.add_column("verdict")
    table.add_column("what")
    table.add_column("figures", overflow="fold")
    for verdict in verdicts:
        status = Text(verdict.status, style=_COLOURS[verdict.status])
        table.add_row(status, Text(verdict.title), Text(_figures(verdict.figures)))
    return table


def _interface_table(interfaces: Mapping[str, InterfaceFigures]) -> Any:
    from rich.table import Table

    table = Table("interface")
    table.add_column("messages", justify="right")
    table.add_column("octets", justify="right")
    known = list(REFERENCE_POINTS)
    for name in sorted(interfaces, key=lambda name: known.index(name) if name in known else len(known)):
        counted = interfaces[name]
        table.add_row(name, f"{counted.messages:,}", f"{counted.octets:,}")
    return table


def _figures(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_figure(value)}" for name, value in figures.items())


def _figure(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
