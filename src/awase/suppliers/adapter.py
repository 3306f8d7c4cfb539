"""What an adapter is: it has someone else's program play a part, and says all that this takes as data.

An adapter starts nothing. It is given a `Brief` and answers with a `Plan`: files to write, programs to start,
what their logs mean. An adapter is an entry point in the group `awase.suppliers`, named as in a cast.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from awase.model.network import Network
from awase.model.part import Address, Level

T = TypeVar("T")


class CastPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the network as an adapter sees it, its own or a neighbour; `config` is complete."""

    name: str
    function: str
    supplier: str
    config: Mapping[str, Any]
    addresses: Mapping[str, Address]
    peers: Mapping[str, Sequence[Mapping[str, str]]] = {}
    options: Mapping[str, Any] = {}
    """What the cast says besides the supplier's name."""

    def __repr__(self) -> str:
        return f"CastPart({self.name}, {self.supplier})"

    def host(self, port: str) -> str:
        """The IP address of a port."""
        return self.addresses[port].rpartition(":")[0]


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter is given: the network, all its parts, and which of them it is to play."""

    network: Network
    parts: Mapping[str, CastPart]
    mine: tuple[str, ...]
    directory: str
    """Where the files will be written; programs are given paths in it."""

    def of(self, *functions: str) -> list[CastPart]:
        """My parts of these functions."""
        return [self.parts[name] for name in self.mine if self.parts[name].function in functions]

    def all_of(self, *functions: str) -> list[CastPart]:
        """Everybody's parts of these functions."""
        return [part for part in self.parts.values() if part.function in functions]


class Sign(msgspec.Struct, frozen=True):
    """A line of a log that matters: what it means. `text` may use the pattern's groups: "{0}", "{1}"."""

    pattern: str
    name: str
    text: str
    level: Level = "info"

    def read(self, line: str) -> str | None:
        """The event's sentence, if the line is such a one."""
        match = re.search(self.pattern, line)
        return None if match is None else self.text.format(*match.groups(""))


class WrittenFile(msgspec.Struct, frozen=True):
    """A file in the adapter's directory. Keys are in most of them, so only their owner reads them."""

    path: str
    text: str
    mode: int = 0o600

    def __repr__(self) -> str:
        return f"WrittenFile({self.path})"


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A program to start. `ready`: the line that says that it serves ("" for one that is to end by itself)."""

    name: str
    plays: tuple[str, ...]
    """The parts that it plays; none for what only helps them (a repository, a set-up command)."""
    command: tuple[str, ...]
    ready: str = ""
    ready_s: float = 30.0
    signs: tuple[Sign, ...] = ()
    needs_root: str = ""
    """Why it needs root; "" if it does not."""
    needs_kernel_sctp: bool = False
    """Whether it speaks SCTP by the kernel alone: where that has none, it can hardly serve."""
    optional: bool = False
    """Whether the network may come up without it: its absence is a note, not an error."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that it takes: files, programs in the order in which they are started, notes for a person."""

    files: tuple[WrittenFile, ...] = ()
    programs: tuple[Program, ...] = ()
    notes: tuple[str, ...] = ()


class Adapter(Protocol):
    """The object behind an entry point of `awase.suppliers`."""

    functions: Sequence[str]
    """The functions that it plays, in our words."""

    def plan(self, brief: Brief) -> Plan:
        """What to write and to start. Raises ValueError, in words for the user, for what it cannot play."""
        ...

    def settings_of_ours(self, brief: Brief) -> Mapping[str, Mapping[str, Any]]:
        """What our parts beside it are to be told, by function: only what an option of the cast asks for."""
        ...


def options_of(part: CastPart, kind: type[T]) -> T:
    """A part's options. Raises ValueError that names the part and the key."""
    try:
        return msgspec.convert(dict(part.options), kind)
    except msgspec.ValidationError as error:
        known = ", ".join(field.name for field in msgspec.structs.fields(kind))  # type: ignore[arg-type]
        raise ValueError(f"cast.{part.name}.options: {error}; {part.supplier} has the options {known}") from None


def program_path(directory: str | None, name: str) -> str:
    """How a program is named in a command: found on PATH, or in the directory that the cast names."""
    return name if directory is None else f"{directory.rstrip('/')}/{name}"


def plmn_digits(plmn: str) -> tuple[str, str]:
    """MCC and MNC of "001-01"."""
    mcc, _, mnc = plmn.partition("-")
    return mcc, mnc
