"""What run.json says first, in virtual and in real time: which network was run, with which parts."""

from typing import Any, Literal

from awase import __version__
from awase.lab.assembly import Assembly
from awase.model.part import NS_PER_S
from awase.model.run import RunResult


def header(assembly: Assembly, result: RunResult, clock: Literal["virtual", "real"]) -> dict[str, Any]:
    """The network, its seed, clock and end, and the cast with its specifications."""
    parts = assembly.parts
    return {
        "network": result.name,
        "seed": result.seed,
        "clock": clock,
        "end_s": result.end_ns / NS_PER_S,
        "awase": __version__,
        "cast": {part.name: part.cast for part in parts},
        "specifications": {f"{part.supplier}.{part.function}": dict(part.part_type.versions) for part in parts},
    }
