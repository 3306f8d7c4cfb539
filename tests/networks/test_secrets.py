"""Keys stay where they belong, and what proves that one holds a key is compared in constant time."""

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.lab.assemble import assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network
from awase.model.part import Part, Services
from awase.model.run import RunResult
from awase.security import kdf

RES_STAR = 0x6B
"""FC of RES*, which crosses the air (TS 33.501 annex A.4)."""


class Kept:
    """A part type that keeps what it makes and what of."""

    def __init__(self, part_type: Any) -> None:
        self._part_type = part_type
        self.function, self.ports, self.versions = part_type.function, part_type.ports, part_type.versions
        self.config_schema = part_type.config_schema
        self.made: list[Any] = []

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> Part:
        part: Part = self._part_type.build(name, config, services)
        self.made.append(part)
        return part


def run(network: str, out: Path) -> tuple[RunResult, list[Any]]:
    assembly = assemble(load_network(network))
    types = {part.name: Kept(part.part_type) for part in assembly.parts}
    parts = tuple(msgspec.structs.replace(part, part_type=types[part.name]) for part in assembly.parts)
    result = run_network(msgspec.structs.replace(assembly, parts=parts), out)
    return result, [assembly, *parts, *(made for kind in types.values() for made in kind.made)]


def everything(roots: list[Any]) -> list[Any]:
    """All objects of ours that can be reached from these."""
    seen: set[int] = set()
    found = []
    stack = list(roots)
    while stack:
        item = stack.pop()
        if id(item) in seen or isinstance(item, str | bytes | int | float | type(None) | type):
            continue
        seen.add(id(item))
        if isinstance(item, Mapping):
            stack += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set | frozenset):
            stack += item
        elif type(item).__module__.startswith("awase."):
            found.append(item)
            names = list(getattr(item, "__dict__", ()))
            for owner in type(item).__mro__:
                slots = owner.__dict__.get("__slots__", ())
                names += [slots] if isinstance(slots, str) else list(slots)
            stack += [getattr(item, name, None) for name in names]
    return found


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, str]:
    """Every key that is derived or derived from while the test runs, and what it is."""
    keys: dict[bytes, str] = {}
    real = kdf.kdf

    def noting(key: bytes, fc: int, *parameters: bytes) -> bytes:
        octets = real(key, fc, *parameters)
        for half in (key, key[:16], key[16:]):
            keys.setdefault(half, f"into FC {fc:#x}")
        if fc != RES_STAR:
            for part in (octets, octets[16:]):
                keys.setdefault(part, f"out of FC {fc:#x}")
        return octets

    monkeypatch.setattr(kdf, "kdf", noting)
    return keys


def test_no_key_is_in_what_a_person_is_shown(derived: dict[bytes, str], tmp_path: Path) -> None:
    result, roots = run("demo", tmp_path / "run")
    assert result.passed
    document = load_network("demo").network
    keys = dict(derived)
    for subscriber in document.subscribers:
        keys[bytes.fromhex(subscriber.k)] = "K"
        keys[bytes.fromhex(subscriber.opc or "")] = "OPc"
    for key in document.home_network_keys:
        keys[bytes.fromhex(key.private_key or "")] = "home network private key"
    logged = msgspec.json.decode((tmp_path / "run" / "keys.json").read_bytes())
    for record in logged:
        for name in ("k_nas_enc", "k_nas_int"):
            assert bytes.fromhex(record[name]) in keys
    # CK, IK, K_AUSF, K_SEAF, K_AMF, K_gNB and the NAS keys of two UEs are among them.
    fcs = {what.split()[-1] for what in keys.values() if "FC" in what}
    assert {"0x6a", "0x6c", "0x6d", "0x6e", "0x69"} <= fcs
    shown = {name: (tmp_path / "run" / name).read_bytes() for name in ("ladder.txt", "run.json", "junit.xml")}
    shown["events"] = repr(result).encode()
    for item in everything(roots):
        shown[f"repr of {type(item).__module__}.{type(item).__name__}"] = repr(item).encode()
    assert len(shown) > 30
    leaks = [
        (what, where)
        for key, what in keys.items()
        if len(key) >= 16
        for where, octets in shown.items()
        if key in octets or key.hex().encode() in octets.lower() or repr(key)[2:-1].encode() in octets
    ]
    assert leaks == []


def test_without_clear_no_key_is_written_at_all(derived: dict[bytes, str], tmp_path: Path) -> None:
    assembly = assemble(load_network("demo"))
    run_network(assembly, tmp_path / "run", clear=False)
    assert not (tmp_path / "run" / "keys.json").exists()
    shown = b"".join(path.read_bytes() for path in (tmp_path / "run").iterdir() if path.name != "capture.pcapng")
    assert [what for key, what in derived.items() if len(key) >= 16 and key.hex().encode() in shown] == []


@pytest.mark.parametrize("what", ["NAS MAC", "MAC-A", "HRES*", "RES*"])
def test_what_proves_a_key_is_judged_by_constant_time_comparison(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it compared in another way, a run in which only this comparison says no would go well."""
    hashes: set[bytes] = set()
    real_hash, real_compare = kdf.hres_star, hmac.compare_digest

    def noting(rand: bytes, res_star: bytes) -> bytes:
        hashes.add(octets := real_hash(rand, res_star))
        return octets

    def kind_of(one: bytes) -> str:
        return {4: "NAS MAC", 8: "MAC-A", 16: "HRES*" if one in hashes else "RES*"}.get(len(one), "other")

    monkeypatch.setattr(kdf, "hres_star", noting)
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: kind_of(one) != what and real_compare(one, other))
    result, _ = run("demo", tmp_path / "run")
    assert "Registered" not in [event.name for event in result.events if event.part.startswith("ue")]
    assert not result.passed
