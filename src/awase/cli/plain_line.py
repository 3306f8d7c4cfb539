"""Reads a command line that has nothing wrong with it, without what Typer takes to explain one.

Typer checks values by a library that costs as much time as reading the network, and memory in every process that is
forked later. So what is plainly right is read here, by what the command's own signature says; anything else (help,
abbreviations, mistakes) is left to Typer.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

_WHOLE = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?\Z", re.ASCII)


class _NotPlain(Exception):
    """Typer is to look at it."""


class _Parameter:
    """One parameter of a command."""

    def __init__(self, name: str, annotation: Any) -> None:
        kind, self.info = get_args(annotation)
        self.name = name
        kinds = [each for each in get_args(kind) if each is not NoneType] if NoneType in get_args(kind) else [kind]
        self.many = kinds == [list[str]]
        self.kind = str if self.many else kinds[0]
        if not isinstance(self.info, ArgumentInfo | OptionInfo) or self.kind not in (str, int, float, bool, Path):
            raise _NotPlain
        self.is_argument = isinstance(self.info, ArgumentInfo)
        # What stands first in an annotation's Option is a name: the default is that of the signature.
        said = tuple(name for name in (self.info.default, *(self.info.param_decls or ())) if isinstance(name, str))
        self.names = said or ("--" + name.replace("_", "-"),)
        if self.kind is bool and not said:
            # It has a twin that says no.
            raise _NotPlain

    def value(self, text: str) -> Any:
        """What a text stands for."""
        if text.startswith("-") or not text:
            raise _NotPlain
        if self.kind in (int, float):
            return self._number(text)
        return self.kind(text)

    def _number(self, text: str) -> Any:
        if not (_WHOLE if self.kind is int else _DECIMAL).match(text):
            raise _NotPlain
        number = self.kind(text)
        low, high = self.info.min, self.info.max
        if (low is not None and number < low) or (high is not None and number > high):
            raise _NotPlain
        return number


def plain_line(command: Callable[..., None], words: Sequence[str]) -> dict[str, Any] | None:
    """What to call a command with; None where Typer is to read the words."""
    try:
        return _read(command, words)
    except _NotPlain:
        return None


def _read(command: Callable[..., None], words: Sequence[str]) -> dict[str, Any]:
    hints = get_type_hints(command, include_extras=True)
    hints.pop("return", None)
    parameters = [_Parameter(name, hint) for name, hint in hints.items()]
    options = {name: parameter for parameter in parameters if not parameter.is_argument for name in parameter.names}
    arguments = iter([parameter for parameter in parameters if parameter.is_argument])
    found: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        if word.startswith("-"):
            name, equals, text = word.partition("=")
            parameter = options.get(name)
            if parameter is None:
                raise _NotPlain
            value = _flag(equals) if parameter.kind is bool else parameter.value(text if equals else next(left, ""))
        else:
            parameter = next(arguments, None)
            if parameter is None:
                raise _NotPlain
            value = parameter.value(word)
        if parameter.many:
            found.setdefault(parameter.name, []).append(value)
        elif parameter.name in found:
            raise _NotPlain
        else:
            found[parameter.name] = value
    _check_complete(command, found)
    return found


def _flag(equals: str) -> bool:
    if equals:
        raise _NotPlain
    return True


def _check_complete(command: Callable[..., None], found: dict[str, Any]) -> None:
    for name, parameter in inspect.signature(command).parameters.items():
        if parameter.default is inspect.Parameter.empty and name not in found:
            raise _NotPlain
