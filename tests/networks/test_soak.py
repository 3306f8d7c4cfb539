"""Ten minutes of the network's life that `make soak` runs for a day."""

from pathlib import Path

from awase.lab.assemble import assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network

SOAK = Path(__file__).parents[1] / "bench" / "soak.yaml"


def test_500_ues_come_talk_and_leave_over_links_that_lose_one_percent_and_nothing_leaks(tmp_path: Path) -> None:
    result = run_network(assemble(load_network(str(SOAK))), tmp_path / "run", until_s=600)
    assert [(verdict.id, verdict.text) for verdict in result.verdicts if verdict.status != "pass"] == []
    figures = {verdict.id: verdict.figures for verdict in result.verdicts}
    assert figures["registration"]["registered"] == 500
    assert figures["pdu-session"]["established"] == 500
