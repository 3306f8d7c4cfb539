"""A session that the network releases with each cause there is: UE and network agree, and it can be had again.

TS 24.501 clause 6.3.3.2; what the UE does about a cause is in clause 6.3.3.3.
"""

from pathlib import Path

import pytest

from awase.lab.assemble import assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network
from awase.protocols.nas.causes import FiveGSMCause

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")
CAUSES = tuple(int(cause) for cause in FiveGSMCause)
REACTIVATION_REQUESTED = 39
CONNECTED, IDLE = "at_s: 1", "at_s: 5"


def ladder_of(text: str, folder: Path) -> list[str]:
    file = folder / "release.yaml"
    file.write_text(text, encoding="utf-8")
    result = run_network(assemble(load_network(str(file))), folder / "run")
    assert [(verdict.id, verdict.text) for verdict in result.verdicts if verdict.status != "pass"] == []
    return (folder / "run" / "ladder.txt").read_text(encoding="utf-8").splitlines()


def count(ladder: list[str], what: str) -> int:
    return sum(what in line for line in ladder)


def test_the_causes_are_those_of_the_table() -> None:
    """Table 9.11.4.2.1."""
    assert {8, 26, 27, 29, 36, 38, 39, 46, 50, 51, 54, 67, 68, 69, 95, 96, 111} <= set(CAUSES)


@pytest.mark.parametrize(
    ("cause", "when"), [*((cause, CONNECTED) for cause in CAUSES), (36, IDLE), (REACTIVATION_REQUESTED, IDLE)]
)
def test_a_session_is_released_with_each_cause(cause: int, when: str, tmp_path: Path) -> None:
    text = BASE.replace("cause: 36", f"cause: {cause}").replace("at_s: 1,", f"{when},")
    ladder = ladder_of(text, tmp_path)
    # On Uu and on N2.
    assert count(ladder, "PDUSessionReleaseCommand  ") == 2
    assert count(ladder, f"five_gsm_cause={FiveGSMCause(cause).name}") == 2
    assert count(ladder, "PDUSessionReleaseComplete") == 2
    assert count(ladder, "SessionDeletionRequest") == 1
    assert count(ladder, "sm-context-status") == 1
    again = cause == REACTIVATION_REQUESTED
    # Who serves the session at once anew stays registered.
    assert count(ladder, "DELETE /nudm-uecm") == (0 if again else 1)
    # The session is made again: at once of the UE's own accord, or as its user asks.
    assert count(ladder, "PDUSessionEstablishmentAccept") == 4
    accepts = [line for line in ladder if "SessionEstablishmentRequest  node_id" in line]
    assert (float(accepts[-1].split()[0]) < 7) == again
