"""The same seed gives the same run to the byte, under any hash seed; another seed other keys and identifiers."""

import json
import subprocess
import sys
from pathlib import Path

from awase.lab.assemble import Options, assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network

RUN = (
    "import sys; from pathlib import Path; from awase.lab.assemble import assemble, Options; "
    "from awase.lab.network_file import load_network; from awase.lab.run import run_network; "
    "run_network(assemble(load_network('demo'), Options(ues=6, gnbs=2)), Path(sys.argv[1]))"
)


def run(folder: Path, hash_seed: str) -> None:
    subprocess.run(
        [sys.executable, "-c", RUN, str(folder)], env={"PYTHONHASHSEED": hash_seed}, check=True, capture_output=True
    )


def test_run_and_capture_are_equal_to_the_byte_under_any_hash_seed(tmp_path: Path) -> None:
    for hash_seed in ("0", "12345"):
        run(tmp_path / hash_seed, hash_seed)
    for name in ("run.json", "capture.pcapng", "ladder.txt", "junit.xml", "keys.json"):
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "12345" / name).read_bytes(), name


def test_another_seed_draws_other_keys(tmp_path: Path) -> None:
    keys = []
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        run_network(assemble(load_network("demo"), Options(seed=seed)), folder)
        records = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
        keys.append([record["k_nas_int"] for record in records if record["kind"] == "nas"])
    assert keys[0]
    assert not [key for key in keys[0] if key in keys[1]]


def test_keys_are_readable_by_their_owner_only_and_nothing_of_the_host_is_in_run_json(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_network(assemble(load_network("demo")), folder)
    assert (folder / "keys.json").stat().st_mode & 0o777 == 0o600
    assert str(tmp_path) not in (folder / "run.json").read_text(encoding="utf-8")
