"""Each network of this folder, in virtual time: its verdicts hold, and its message ladder is the golden one.

After a change that is meant: AWASE_GOLDEN=write pytest tests/networks, and say why in the commit.
"""

import os
from pathlib import Path

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.network_file import load_network, shipped
from awase.lab.run import run_network

HERE = Path(__file__).parent
FILES = {path.stem: str(path) for path in sorted(HERE.glob("*.yaml"))} | {name: name for name in shipped()}
NETWORKS = {name: file for name, file in FILES.items() if load_network(file).network.run.clock == "virtual"}
"""Name -> what `awase run` is given: the failures of this folder, and every network that ships."""


FEWER = {"many": Options(ues=6, gnbs=3)}
"""What a test runs of a network that is meant for a bench."""


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_ends_as_it_should(name: str, tmp_path: Path) -> None:
    assembly = assemble(load_network(NETWORKS[name]), FEWER.get(name))
    result = run_network(assembly, tmp_path / "run")
    assert [(verdict.id, verdict.text) for verdict in result.verdicts if verdict.status != "pass"] == []
    ladder = (tmp_path / "run" / "ladder.txt").read_text(encoding="utf-8").replace(str(HERE), "networks")
    golden = HERE / "golden" / f"{name}.txt"
    if os.environ.get("AWASE_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(ladder, encoding="utf-8")
    assert ladder == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_over_links_that_lose_double_and_reorder_all_ues_end_registered_with_a_session(
    seed: int, tmp_path: Path
) -> None:
    network = load_network(str(HERE / "impaired_links.yaml"))
    result = run_network(assemble(network, Options(ues=25, gnbs=2, seed=seed)), tmp_path / "run")
    verdicts = {verdict.id: verdict for verdict in result.verdicts}
    assert verdicts["registration"].figures == {"UEs": 25, "registered": 25, "rejected": 0}
    assert verdicts["pdu-session"].figures == {"wanted": 25, "established": 25}
    assert verdicts["parts"].status == "pass"


def test_256_ues_register_and_each_has_its_echo(tmp_path: Path) -> None:
    """Osmocom ng_register_ping4_256."""
    network = load_network(str(HERE / "ue_context_release.yaml"))
    result = run_network(assemble(network, Options(ues=256, gnbs=2)), tmp_path / "run", until_s=4)
    verdicts = {verdict.id: verdict for verdict in result.verdicts}
    assert verdicts["registration"].figures == {"UEs": 256, "registered": 256, "rejected": 0}
    assert verdicts["ping"].status == "pass"
    assert verdicts["ping"].figures["replies"] == 256
