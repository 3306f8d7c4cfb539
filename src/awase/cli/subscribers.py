"""`awase subscribers`: import, export and check subscribers of other cores, and tables."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from awase.suppliers.subscriber_documents.documents import Format
    from awase.suppliers.subscriber_documents.records import Contents, Finding

SHOWN = 100
"""How many findings are shown."""

app = typer.Typer(name="subscribers", help="Import, export and check subscribers.", no_args_is_help=True)


class Form(StrEnum):
    """What a document is written in."""

    yaml = "yaml"
    csv = "csv"
    open5gs = "open5gs"
    free5gc = "free5gc"


File = Annotated[Path, typer.Argument(metavar="FILE", help="YAML, CSV, or JSON of Open5GS or free5GC.")]
Source = Annotated[Form | None, typer.Option("--format", help="What FILE is; found out by itself otherwise.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where to; must not exist. It holds keys: only its owner reads it."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over what --out names.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=COLUMN",
        help="What a table's column of another name is; NAME= leaves it out. Repeatable.",
    ),
]


@app.command("import")
def import_(file: File, form: Source = None, out: Out = None, column: Columns = None, *, force: Force = False) -> None:
    """Read subscribers, and write them as the network file has them.

    Bad records are left out and named; the exit status is 0 if there are none, 1 if there are, 2 for bad input.
    """
    contents, _ = _read(file, form, column)
    _show(file, contents.findings)
    _write(contents, "yaml", "", out, force=force)
    raise typer.Exit(1 if contents.errors else 0)


@app.command()
def export(
    file: File,
    form: Annotated[Form, typer.Option("--format", help="What to write.")] = Form.csv,
    out: Out = None,
    *,
    force: Force = False,
) -> None:
    """Read subscribers, of a network file for one, and write them for another core or as a table.

    The exit status is 0 if every record could be read and written, 1 if one could not, 2 for bad input.
    """
    contents, plmn = _read(file, None)
    _show(file, contents.findings)
    bad = _write(contents, form.value, plmn, out, force=force)
    raise typer.Exit(1 if contents.errors or bad else 0)


@app.command()
def check(file: File, form: Source = None, column: Columns = None) -> None:
    """Say what is wrong with each record; the exit status is 0 if nothing is, 1 if one is bad, 2 for bad input."""
    contents, _ = _read(file, form, column)
    _show(file, contents.findings)
    good, bad = len(contents.subscribers), contents.errors
    typer.echo(f"{file}: {good} good record{'s' * (good != 1)}, {bad} bad")
    raise typer.Exit(1 if bad else 0)


def _read(file: Path, form: Form | None, columns: list[str] | None = None) -> "tuple[Contents, str]":
    """What a file holds, and the PLMN that it names ("")."""
    names = {}
    for pair in columns or ():
        name, equals, column = pair.partition("=")
        if not equals:
            _refuse(f"--column {pair}: write NAME=COLUMN, the name in the file first")
        names[name] = column
    from awase.suppliers.subscriber_documents import documents
    from awase.suppliers.subscriber_documents.records import MAX_OCTETS, DocumentError

    try:
        with file.open("rb") as opened:
            octets = opened.read(MAX_OCTETS + 1)
        if len(octets) > MAX_OCTETS:
            _refuse(f"{file}: more than {MAX_OCTETS} octets; split it")
        text = octets.decode("utf-8-sig")
        kind: Format = documents.format_of(text) if form is None else form.value
        if names and kind != "csv":
            _refuse(f"{file}: is no table, and --column is for one")
        if kind == "yaml":
            return _read_yaml(octets, file)
        return documents.read(text, kind, names), ""
    except OSError as error:
        _refuse(f"{file}: {error.strerror or error}")
    except UnicodeDecodeError:
        _refuse(f"{file}: is not UTF-8; save it as UTF-8")
    except DocumentError as error:
        _refuse(f"{file}: {error}")


def _read_yaml(octets: bytes, file: Path) -> "tuple[Contents, str]":
    import msgspec

    from awase.lab.strict_yaml import read
    from awase.model.settings import Slice
    from awase.suppliers.subscriber_documents import documents

    data = read(octets, str(file)).data
    if isinstance(data, dict) and not isinstance(data.get("subscribers"), list):
        _refuse(f"{file}: no subscribers; a list of records under subscribers: is wanted")
    entries = data["subscribers"] if isinstance(data, dict) else data
    if not isinstance(entries, list):
        _refuse(f"{file}: no subscribers; a list of records under subscribers: is wanted")
    contents = documents.collect(documents.numbered(entries), "yaml")
    if not isinstance(data, dict):
        return contents, ""
    # A record without slices or data networks of its own has those of its network.
    slices: tuple[Slice, ...] = ()
    dnns: tuple[str, ...] = ()
    try:
        slices = msgspec.convert(data.get("slices", []), tuple[Slice, ...])
        dnns = tuple(str(dnn["name"]) for dnn in data.get("dnns", []))
    except (msgspec.ValidationError, TypeError, KeyError):
        _refuse(f"{file}: slices or dnns cannot be read; `awase run {file}` says what is wrong")
    contents.subscribers = [documents.completed(subscriber, slices, dnns) for subscriber in contents.subscribers]
    plmn = data.get("plmn")
    return contents, plmn.replace("-", "") if isinstance(plmn, str) else ""


def _write(contents: "Contents", form: "Format", plmn: str, out: Path | None, *, force: bool) -> int:
    """Write them; how many could not be."""
    from awase.suppliers.subscriber_documents import documents

    first = contents.subscribers[0].supi if contents.subscribers else "imsi-00101"
    text, findings = documents.write(contents.subscribers, form, plmn or first.removeprefix("imsi-")[:5])
    for finding in findings[:SHOWN]:
        typer.echo(f"{form}: {'note: ' if finding.level == 'note' else ''}{finding}", err=True)
    bad = sum(finding.level == "error" for finding in findings)
    if out is None:
        typer.echo(text, nl=False)
    else:
        try:
            _keep(out, text, force=force)
        except FileExistsError as error:
            _refuse(f"{out}: {error.strerror}; nothing that was there is written over without --force")
        except OSError as error:
            _refuse(f"{out}: {error.strerror or error}; nothing that was there is written over")
        typer.echo(f"{out}: {len(contents.subscribers) - bad} subscribers", err=True)
    return bad


def _keep(out: Path, text: str, *, force: bool) -> None:
    """Write keys where only their owner reads them; what was there stays until all is written."""
    target = out.with_name(f".{out.name}.{os.getpid()}") if force else out
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if force:
            target.replace(out)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def _show(file: Path, findings: "list[Finding]") -> None:
    for finding in findings[:SHOWN]:
        kind = "" if finding.level == "error" else "note: "
        typer.echo(f"{file}: {kind}{finding}", err=True)
    if len(findings) > SHOWN:
        typer.echo(f"{file}: and {len(findings) - SHOWN} more", err=True)


def _refuse(text: str) -> NoReturn:
    typer.echo(f"awase: {text}", err=True)
    raise typer.Exit(2)
