"""`awase swap`: another supplier for a part of a network that is up."""

from typing import Annotated

import typer


def swap(
    change: Annotated[str, typer.Argument(metavar="PART=SUPPLIER[+QUIRK]", help="Which part, and who plays it then.")],
    network: Annotated[str | None, typer.Option(help="The network, where several are up.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Swap a UPF or a gNB in a network that is up, and measure what was lost.

    The exit status is 1 if sessions were lost, or UEs with traffic got none back; 2 for bad input.
    """
    from awase.lab.live.control import NoNetwork, ask, choose_network

    part, equals, supplier = change.partition("=")
    if not part or not equals or not supplier:
        typer.echo(f"awase: {change}: not understood; write PART=SUPPLIER[+QUIRK...]", err=True)
        raise typer.Exit(2)
    try:
        result = ask(choose_network(network), {"do": "swap", "part": part, "supplier": supplier})
    except NoNetwork as error:
        typer.echo(f"awase: {error}", err=True)
        raise typer.Exit(1) from None
    if json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(result), indent=1).decode())
    else:
        print(result["text"])
    raise typer.Exit(1 if result["sessions_lost"] or result["ues_silent"] else 0)
