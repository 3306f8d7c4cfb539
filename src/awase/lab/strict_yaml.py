"""YAML read strictly: every value with its line, and nothing that YAML would silently change.

A parser of events, not of objects: duplicate keys, anchors, aliases and tags are refused, size and depth are
bounded, and a scalar that YAML 1.1 would turn into another one (`00101` is 65, `no` is false, `1:30` is 90)
is refused with the quoted form shown.
"""

import re
from typing import Any

import msgspec
import yaml

from awase.lab.problems import NetworkFileError, Problem

Path = tuple[str | int, ...]

MAX_OCTETS = 4 * 1024 * 1024
MAX_DEPTH = 20
MAX_VALUES = 400_000

SECRETS = frozenset({"k", "op", "opc", "top", "topc", "private_key"})
"""Keys whose values no message shows."""

IMSIS = frozenset({"supi", "subscriber"})
"""Keys whose values are SUPIs, which are often written as bare IMSIs."""

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,2})?\Z")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}

# What YAML 1.1 (yaml.org/type) or the JSON schema of YAML 1.2 takes for something that is not text.
_NUMBER_LIKE = re.compile(
    r"""[-+]?(?:
        0b[01_]+ | 0o?[0-7_]+ | 0x[0-9a-fA-F_]+ | [0-9][0-9_]*      # integers in four bases
      | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?                 # sexagesimal
      | (?:[0-9][0-9_]*)?\.[0-9_]+(?:[eE][-+]?[0-9]+)?              # decimals
      | [0-9][0-9_]*\.(?:[eE][-+]?[0-9]+)? | [0-9][0-9_]*[eE][-+]?[0-9]+
      | \.(?:inf|Inf|INF)
    )\Z | \.(?:nan|NaN|NAN)\Z""",
    re.VERBOSE,
)
_WORD_LIKE = re.compile(r"(?:y|n|yes|no|on|off|true|false|null)\Z", re.IGNORECASE)


class Document(msgspec.Struct):
    """Plain data, and for each path the line it stands on and the scalar as it was written."""

    file: str
    data: Any
    lines: dict[Path, int]
    texts: dict[Path, str]

    def __repr__(self) -> str:
        return f"Document({self.file})"

    def place(self, path: Path) -> str:
        """The "FILE:LINE" of a path, or of the nearest above it; the file alone where there are no lines."""
        if not self.lines:
            return self.file
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"


def show(path: Path) -> str:
    """A path for a person: parts.ue1.sessions[0].dnn."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def quoted(path: Path, text: str) -> str:
    """A scalar in quotes, as the file should have it; a secret is not shown."""
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if key in IMSIS and text.isdigit():
        text = f"imsi-{text}"
    return '"..."' if key in SECRETS else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Frame:
    """A collection that is being read."""

    __slots__ = ("items", "key", "path")

    def __init__(self, path: Path, items: dict[str, Any] | list[Any]) -> None:
        self.path = path
        self.items = items
        self.key: str | None = None


class _Reader:
    def __init__(self, file: str) -> None:
        self.document = Document(file, None, {}, {})
        self.problems: list[Problem] = []
        self.frames: list[_Frame] = []
        self.values = 0
        self.documents = 0

    def refuse(self, line: int, path: Path, what: str, hint: str) -> None:
        self.problems.append(Problem(f"{self.document.file}:{line}", show(path), what, hint))

    def stop(self, line: int, what: str, hint: str) -> None:
        path: Path = ()
        if self.frames:
            frame = self.frames[-1]
            path = frame.path if frame.key is None else (*frame.path, frame.key)
        self.refuse(line, path, what, hint)
        raise NetworkFileError(self.problems)

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent", "AliasEvent"):
            line = event.start_mark.line + 1
            self.plain(event, line, kind)
            path = self.place(event, line, kind)
            if path is None:
                return
            # A key's line stands for its value's, which may begin further down.
            self.document.lines.setdefault(path, line)
            if kind == "ScalarEvent":
                self.put(path, self.scalar(event, path, line))
            else:
                self.open(path, {} if kind == "MappingStartEvent" else [], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.frames.pop()
        elif kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.stop(event.start_mark.line + 1, "a second document", "one file is one network")

    def plain(self, event: Any, line: int, kind: str) -> None:
        """Refuse what a plain file does not need, and what could blow it up."""
        self.values += 1
        if self.values > MAX_VALUES:
            self.stop(line, f"more than {MAX_VALUES} values", "clone parts with --ues and --gnbs")
        if event.anchor is not None:
            name = event.anchor
            mark = "*" if kind == "AliasEvent" else "&"
            self.stop(line, f"{mark}{name} is an anchor or an alias", "write the value out where it is used")
        if getattr(event, "tag", None) is not None:
            self.stop(line, f"{event.tag} is a tag", "leave it out: values are read by their form")

    def place(self, event: Any, line: int, kind: str) -> Path | None:
        """The path of a value; None for a key, which is remembered."""
        if not self.frames:
            return ()
        frame = self.frames[-1]
        if isinstance(frame.items, list):
            return (*frame.path, len(frame.items))
        if frame.key is not None:
            key, frame.key = frame.key, None
            return (*frame.path, key)
        if kind != "ScalarEvent":
            self.stop(line, "a key that is no text", "write KEY: VALUE")
        key = event.value
        path = (*frame.path, key)
        if key == "<<":
            self.stop(line, "<< merges other values", "write the values out where they are used")
        if key in frame.items:
            first = self.document.lines[path]
            self.stop(line, f"{key} is there twice, first in line {first}", "remove one of the two")
        self.document.lines[path] = line
        frame.key = key
        return None

    def open(self, path: Path, items: dict[str, Any] | list[Any], line: int) -> None:
        if len(self.frames) >= MAX_DEPTH:
            self.stop(line, f"more than {MAX_DEPTH} levels deep", "no network file needs that")
        self.put(path, items)
        self.frames.append(_Frame(path, items))

    def put(self, path: Path, value: Any) -> None:
        if not path:
            self.document.data = value
            return
        items = self.frames[-1].items
        if isinstance(items, list):
            items.append(value)
        else:
            items[str(path[-1])] = value

    def scalar(self, event: Any, path: Path, line: int) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.match(text):
            self.document.texts[path] = text
            return int(text)
        if _DECIMAL.match(text):
            self.document.texts[path] = text
            return float(text)
        if _NUMBER_LIKE.match(text):
            shown = "the value" if quoted(path, text) == '"..."' else text
            what = f"{shown} is a number that YAML would change"
            hint = f"write {quoted(path, text)}, in quotes"
            if text.lstrip("+-.").isalpha():
                hint = f"write a number in digits; or, where text is meant, {quoted(path, text)}, in quotes"
            self.refuse(line, path, what, hint)
        elif _WORD_LIKE.match(text):
            self.refuse(line, path, f"{text} is not text to YAML", f'write "{text}" in quotes, or true, false or null')
        return text


def read(octets: bytes, file: str) -> Document:
    """Read a file's octets. Raises NetworkFileError."""
    if len(octets) > MAX_OCTETS:
        what = f"more than {MAX_OCTETS} octets"
        raise NetworkFileError([Problem(file, "", what, "clone parts with --ues and --gnbs")])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(file)
    text = ""
    try:
        text = octets.decode("utf-8")
        for event in yaml.parse(text, Loader=loader):
            reader.take(event)
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        reader.stop(line, "an octet that is not UTF-8", "save the file as UTF-8")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reader.stop(line, error.reason, "remove the character, or write it as an escape in quotes")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or "cannot be read as YAML")
        reader.stop(mark.line + 1 if mark else 1, what, "see `awase init demo` for a file to start from")
    if reader.problems:
        raise NetworkFileError(reader.problems)
    return reader.document
