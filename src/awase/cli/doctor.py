"""`awase doctor`: what this host offers, and what that means."""

from typing import Annotated

import typer


def doctor(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show what this host offers. The exit status is 1 if something is missing that the default network needs."""
    from awase.lab.live.doctor import diagnose

    found = diagnose()
    if json:
        import msgspec

        document = {**msgspec.to_builtins(found), "healthy": found.healthy}
        print(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())
        raise typer.Exit(0 if found.healthy else 1)
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=140)
    root = "root" if found.root else "not root"
    console.print(f"{found.host}, Python {found.python}, {found.cores} cores, {root}; SCTP: {found.sctp}", markup=False)
    table = Table("what", "", "found", "which means")
    for fact in found.facts:
        missing = Text("no", "bold red" if fact.needed else "yellow")
        table.add_row(fact.name, Text("yes", "green") if fact.there else missing, fact.detail, fact.meaning)
    console.print(table)
    if found.programs:
        programs = Table("program", "version", "of", "which means", "where")
        for program in found.programs:
            row = (program.name, program.version, program.of, program.meaning, program.path)
            programs.add_row(*map(Text, row))
        console.print(programs)
    else:
        console.print("no third party's program is on PATH")
    raise typer.Exit(0 if found.healthy else 1)
