"""What a network that is up is told, and what it says of itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from awase.transports.host import SctpOptions


class LiveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a network is kept up. `for_s`: None stays until told to stop; `until_settled` ends with the last verdict."""

    directory: Path
    clear: bool = True
    processes: Any = None
    for_s: float | None = None
    until_settled: bool = False
    books: bool = True
    sctp: SctpOptions = SctpOptions()


class CannotStart(Exception):
    """The network cannot come up; the text says why and what to do."""

    @classmethod
    def of(cls, error: BaseException) -> "CannotStart":
        """For want of a file, room, or descriptors."""
        if isinstance(error, cls):
            return error
        if isinstance(error, OSError) and error.strerror:
            return cls(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
        return cls(str(error))


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How a network is doing, for a live table and `awase status`.

    `ues`: those of the network file; where it has none, `registered` and `sessions` are what AMFs and SMFs know.
    """

    network: str
    directory: str
    up_s: float
    phase: str
    registered: int
    sessions: int
    awaited: int
    ues: int
    associations: int
    processes: Mapping[str, Mapping[str, Any]]
    interfaces: Mapping[str, Mapping[str, int]]
    carriers: Mapping[str, str]
    events: Sequence[Mapping[str, Any]]
