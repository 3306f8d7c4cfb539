"""The rules of the house hold, and each of them notices when it is broken (its mutants)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import house

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: house.Rule) -> None:
    assert rule(ROOT) == []


MUTANTS: dict[str, tuple[house.Rule, str, str]] = {
    "a file of 501 lines": (house.files_are_small, "src/awase/wire/long.py", '"""Long."""\n' + "\n" * 501),
    "a function of 51 lines": (
        house.functions_are_short,
        "src/awase/wire/long.py",
        '"""Long."""\n\n\ndef long():\n' + "    pass\n" * 50,
    ),
    "a room called utils": (house.rooms_have_names, "src/awase/lab/utils.py", '"""Utils."""\n'),
    "a protocol without a codec": (
        house.protocols_have_one_shape,
        "src/awase/protocols/xyz/messages.py",
        '"""TS 1."""\n',
    ),
    "a function without a configuration": (
        house.functions_have_one_shape,
        "src/awase/functions/xyz/part.py",
        '"""TS 1."""\n',
    ),
    "a loop over a set": (
        house.nothing_hangs_on_hash_seeds,
        "src/awase/lab/mutant.py",
        '"""M."""\n\nfor name in {"a", "b"}:\n    pass\n',
    ),
    "a hash of a string": (
        house.nothing_hangs_on_hash_seeds,
        "src/awase/lab/mutant.py",
        '"""M."""\n\nNUMBER = hash("a")\n',
    ),
    "a module without a docstring": (
        house.modules_say_what_they_are,
        "src/awase/lab/mutant.py",
        "NUMBER = 1\n",
    ),
    "a protocol that cites nothing": (
        house.modules_say_what_they_are,
        "src/awase/protocols/ngap/mutant.py",
        '"""Something."""\n',
    ),
    "a radio link that names UERANSIM but not its version": (
        house.modules_say_what_they_are,
        "src/awase/protocols/rls/mutant.py",
        '"""The words are UERANSIM\'s."""\n',
    ),
    "a message that can be changed": (
        house.messages_are_frozen,
        "src/awase/protocols/xyz/messages.py",
        '"""TS 1."""\n\nfrom dataclasses import dataclass\n\n\n@dataclass(slots=True)\nclass M:\n    """M."""\n',
    ),
    "pycrate in the package": (
        house.oracles_stay_outside,
        "src/awase/wire/mutant.py",
        '"""M."""\n\nimport pycrate_core\n',
    ),
    "a generated key": (
        house.keys_are_not_generated,
        "src/awase/security/mutant.py",
        '"""TS 1."""\n\nKEY = X25519PrivateKey.generate()\n',
    ),
    "a skipped test": (
        house.no_test_is_skipped,
        "tests/unit/test_mutant.py",
        "import pytest\n\npytest" + '.skip("no tshark")\n',
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vectors"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_rule_is_noticed(mutant: str, copy: Path) -> None:
    rule, name, text = MUTANTS[mutant]
    _plant(copy, name, text)
    assert any(Path(name).parts[-1] in finding or Path(name).parts[-2] in finding for finding in rule(copy))


def test_a_path_of_the_workplace_is_noticed(copy: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    _plant(copy, "README.md", "See /" + "work/main.\n")
    subprocess.run(["git", "add", "README.md"], cwd=copy, check=True)
    assert house.nothing_of_the_workplace(copy) == ["README.md:1: names the workplace"]


BANNED = {
    "socket": ("src/awase/protocols/ngap/mutant.py", "import socket\n"),
    "time": ("src/awase/functions/amf/mutant.py", "import time\n"),
    "random": ("src/awase/functions/ue/mutant.py", "import random\n"),
    "os": ("src/awase/security/mutant.py", "import os\n"),
    "asyncio": ("src/awase/model/mutant.py", "import asyncio\n"),
    "threading": ("src/awase/wire/mutant.py", "import threading\n"),
    "secrets": ("src/awase/security/mutant.py", "import secrets\n"),
    "uuid": ("src/awase/functions/smf/mutant.py", "import uuid\n"),
    "sqlite3": ("src/awase/functions/udr/mutant.py", "import sqlite3\n"),
    "datetime.now": (
        "src/awase/functions/udm/mutant.py",
        "import datetime\n\nNOW = datetime.datetime.now()\n",
    ),
}


@pytest.mark.parametrize("name", BANNED)
def test_what_only_some_rooms_may_use_is_banned_elsewhere(name: str, copy: Path) -> None:
    path, text = BANNED[name]
    _plant(copy, path, '"""M."""\n\n' + text)
    findings = house.linted(copy, "ruff", "check", "--no-cache", "--select", "TID251", path)
    assert any("TID251" in finding for finding in findings)


IMPORTS = {
    "model needs nobody": ("src/awase/model/mutant.py", "import awase.wire\n"),
    "the vocabulary needs no library": ("src/awase/model/mutant.py", "import yaml\n"),
    "wire does not know protocols": ("src/awase/wire/mutant.py", "import awase.protocols.ngap.codec\n"),
    "protocols do not know functions": (
        "src/awase/protocols/ngap/mutant.py",
        "import awase.functions.amf.part\n",
    ),
    "protocols do not know one another": (
        "src/awase/protocols/ngap/mutant.py",
        "import awase.protocols.nas.codec\n",
    ),
    "functions do not know one another": (
        "src/awase/functions/amf/mutant.py",
        "import awase.functions.smf.part\n",
    ),
    "functions do not know the lab": ("src/awase/functions/amf/mutant.py", "import awase.lab.clockwork\n"),
    "the lab finds parts by entry point": ("src/awase/lab/mutant.py", "import awase.functions.amf.part\n"),
    "nobody imports the command line": ("src/awase/lab/mutant.py", "import awase.cli.main\n"),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_who_may_import_whom_is_kept(name: str, copy: Path) -> None:
    path, text = IMPORTS[name]
    _plant(copy, path, '"""M."""\n\n' + text)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))",
        ],
        cwd=copy,
        env={"PYTHONPATH": str(copy / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "mutant" in done.stdout
