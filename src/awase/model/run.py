"""A run as data: the verdicts and the figures they are drawn from (DESIGN sections 1 and 6)."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Status = Literal["pass", "fail", "inconclusive", "not applicable"]
Figure = str | int | float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement. A fail names the message, the element and the clause, and where it can, the report.

    `text` is one sentence: what was seen, and what should have been.
    """

    id: str
    title: str
    status: Status
    figures: Mapping[str, Figure] = {}
    text: str = ""
    message: str = ""
    element: str = ""
    clause: str = ""
    report: str = ""


class InterfaceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What passed all links of a reference point: counted where it was sent."""

    messages: int = 0
    octets: int = 0


class RunEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a part, `time_ns` after the run's start; `text` names file and line where it can."""

    time_ns: int
    part: str
    name: str
    level: str
    text: str
    subject: str = ""
    fields: Mapping[str, Figure] = {}


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run has come: virtual time, UEs registered, sessions, UEs and gNBs not yet judged."""

    time_ns: int
    registered: int
    sessions: int
    awaited: int


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run. `directory` is the Run folder as the user named it; `end_ns` the virtual end."""

    name: str
    seed: int
    verdicts: tuple[Verdict, ...]
    figures: Mapping[str, Figure] = {}
    interfaces: Mapping[str, InterfaceFigures] = {}
    events: tuple[RunEvent, ...] = ()
    directory: str = ""
    end_ns: int = 0

    @property
    def passed(self) -> bool:
        """Whether every verdict is `pass`."""
        return bool(self.verdicts) and all(verdict.status == "pass" for verdict in self.verdicts)
