"""What the adapters of a cast ask for: files, programs, settings of our parts (suppliers/adapter.py)."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.completion import takes
from awase.lab.live.placement import is_foreign
from awase.lab.live.records import CannotStart
from awase.lab.problems import NetworkFileError, Problem
from awase.suppliers.adapter import Adapter, Brief, CastPart, Plan
from awase.suppliers.catalogue import adapter
from awase.transports import probe


class Play(msgspec.Struct, frozen=True):
    """A supplier's plan, and where its files are."""

    supplier: str
    directory: Path
    plan: Plan


def plays_of(assembly: Assembly, directory: Path) -> tuple[Assembly, tuple[Play, ...]]:
    """The plans of all adapters, and the network with what they ask of our parts. Raises NetworkFileError.

    Nothing is written: `write_plays` does that.
    """
    suppliers = dict.fromkeys(part.supplier for part in assembly.parts if is_foreign(part))
    plays = []
    for supplier in suppliers:
        found = adapter(supplier)
        if found is None:
            raise NetworkFileError([Problem("", "cast", f"no adapter of {supplier} is installed")])
        folder = directory / supplier
        brief = _brief(assembly, supplier, folder)
        try:
            assembly = _with_settings(assembly, found, brief)
            plays.append(Play(supplier, folder, found.plan(brief)))
        except ValueError as error:
            raise NetworkFileError([Problem("", "cast", str(error))]) from None
    return assembly, tuple(plays)


def write_plays(plays: tuple[Play, ...]) -> list[Path]:
    """Write the files of all plans; each only for its owner, because keys are in them."""
    written = []
    for play in plays:
        if play.plan.files:
            play.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in play.plan.files:
            path = play.directory / file.path
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, file.mode)
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.write(file.text)
            written.append(path)
    return written


def prepare(plays: tuple[Play, ...]) -> list[str]:
    """Write the files, see whether the programs are there; what a person should know. Raises CannotStart."""
    write_plays(plays)
    _check_programs(plays)
    return [note for play in plays for note in (*handicaps(play), *play.plan.notes)]


def _check_programs(plays: Iterable[Play]) -> None:
    """Raises CannotStart that names the programs which are not there, before any is started."""
    for play in plays:
        names = dict.fromkeys(program.command[0] for program in play.plan.programs if not program.optional)
        missing = [name for name in names if shutil.which(name) is None]
        if not missing:
            continue
        be, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        where = "there" if any("/" in name for name in missing) else "on PATH"
        raise CannotStart(
            f"{play.supplier}: {', '.join(missing)} {be} not {where}: install {them}, or name the right directory in "
            f"the cast (options: {{directory: /opt/...}}); awase doctor lists what is found on PATH"
        )


def handicaps(play: Play) -> list[str]:
    """What this host lacks of what the programs need. They are started all the same: there may be ways round it."""
    notes = []
    kernel = probe.sctp_kernel()
    for program in play.plan.programs:
        if program.needs_root and os.geteuid() != 0:
            notes.append(f"{program.name} needs root: {program.needs_root}; it is started all the same")
        if program.needs_kernel_sctp and not kernel.there:
            what = Path(program.command[0]).name
            notes.append(
                f"{program.name}: {what} speaks SCTP by the kernel alone, and this kernel has none ({kernel.detail}):"
                " modprobe sctp, or have ours play the part, which brings its own; it is started all the same"
            )
    return notes


def _brief(assembly: Assembly, supplier: str, folder: Path) -> Brief:
    parts = {part.name: _cast_part(assembly, part) for part in assembly.parts}
    mine = tuple(part.name for part in assembly.parts if part.supplier == supplier)
    return Brief(network=assembly.network, parts=parts, mine=mine, directory=str(folder.absolute()))


def _cast_part(assembly: Assembly, part: PlacedPart) -> CastPart:
    peers: dict[str, list[dict[str, str]]] = {}
    by_name = {other.name: other for other in assembly.parts}
    for link in assembly.links:
        for (name, _), (far, far_port) in (link.ends, link.ends[::-1]):
            if name == part.name:
                entry = {"part": far, "address": by_name[far].addresses.get(far_port, "")}
                peers.setdefault(link.reference_point, []).append(entry)
    return CastPart(
        name=part.name,
        function=part.function,
        supplier=part.supplier,
        config=part.config,
        addresses=part.addresses,
        peers=peers,
        options=part.options,
    )


def _with_settings(assembly: Assembly, found: Adapter, brief: Brief) -> Assembly:
    """Tell our parts what an option of the adapter asks of them; what their section says goes before it."""
    settings: Mapping[str, Mapping[str, Any]] = found.settings_of_ours(brief)
    if not settings:
        return assembly
    parts = []
    for part in assembly.parts:
        asked = settings.get(part.function, {})
        known = {key: value for key, value in asked.items() if key in takes(part.part_type)}
        if known and not is_foreign(part):
            own = assembly.network.parts[part.name].section
            config = {**part.config, **{key: value for key, value in known.items() if key not in own}}
            part = msgspec.structs.replace(part, config=config)
        parts.append(part)
    return msgspec.structs.replace(assembly, parts=tuple(parts))
