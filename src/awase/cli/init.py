"""`awase init`: a commented network file to start from, on stdout."""

from typing import Annotated

import typer


def init(name: Annotated[str, typer.Argument(help="The name of a network that ships.")] = "demo") -> None:
    """Print a network that ships: `awase init demo > mine.yaml`."""
    from awase.lab.network_file import shipped_text

    print(shipped_text(name), end="")
