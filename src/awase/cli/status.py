"""`awase status`: how the network that is up is doing."""

from typing import Annotated, Any

import typer


def status(
    network: Annotated[str | None, typer.Argument(metavar="[NETWORK]", help="Its name, where several are up.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show how a network that is up is doing. The exit status is 1 if none is."""
    from awase.lab.live.control import NoNetwork, ask, choose_network

    try:
        state = ask(choose_network(network), {"do": "status"}, timeout_s=10)
    except NoNetwork as error:
        typer.echo(f"awase: {error}", err=True)
        raise typer.Exit(1) from None
    if json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(state), indent=1).decode())
        return
    print_state(state)


def print_state(state: dict[str, Any]) -> None:
    """For a person."""
    from awase.cli.live_table import condition_of, registered_in_words

    print(f"{state['network']}: {state['phase']}, {state['up_s']:.1f} s; Run folder: {state['directory']}")
    registered = registered_in_words(state["registered"], state["ues"])
    print(f"  {registered}, {state['sessions']} sessions, {state['associations']} associations")
    for name, process in state["processes"].items():
        condition = condition_of(process)
        again = f", started {process['starts']} times" if process["starts"] > 1 else ""
        parts = ", ".join(process["parts"][:8]) + (" ..." if len(process["parts"]) > 8 else "")
        print(f"  {name:<12} {condition}, pid {process['pid']}{again}: {parts}")
    for name, figures in state["interfaces"].items():
        print(f"  {name:<4} {figures['messages']:>8,} messages {figures['octets']:>12,} octets")
