"""Every network that there is, in virtual time and on real sockets: the same verdicts, and the same messages.

The order of the messages is compared where it is set (ladders.py). Real networks mostly wait: fifteen are up at once.
"""

import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.network_file import load_network, shipped, shipped_text
from awase.lab.run import run_network
from live.ladders import differences, rows
from live.real_runs import RealRuns, alone, started
from networks.test_networks import FEWER

NETWORKS = Path(__file__).parents[1] / "networks"
FILES = {str(path.relative_to(NETWORKS).with_suffix("")): str(path) for path in sorted(NETWORKS.rglob("*.yaml"))}
FILES |= {name: name for name in shipped()}

FOREIGN = "meant for programs of others at addresses that are not loopback's: test_golden.py"
IN_TEST = "its base station is written in the test of its folder, and made for virtual time"
IMPAIRED = "it is about a loss on its links that real sockets do not have"
LEFT_OUT = {
    "golden-core": FOREIGN,
    "golden-ran": FOREIGN,
    "before_ng_setup/hasty": IN_TEST,
    "floods/flood": IN_TEST,
    "silent_upf": IMPAIRED,
}
"""Networks that are not run on real sockets, and why. Besides: the faults of a file are for virtual time."""

BY_CLOCK = "a UE loses its radio in the middle of a registration, at a time of the virtual clock"
OWN_ORDER = {
    "fault_table/base": "its UEs act at close times, and a busy machine puts them in another order",
    "gnb_full": "how often a UE is rejected until there is room hangs on when it begins",
    "impaired_links": IMPAIRED,
    "mobility": "which of four cells answers a UE first is not set",
    "radio_lost": BY_CLOCK,
}
"""Networks whose real run has another ladder, and why; the verdicts are the same."""

EDITS = {
    # The SMF is told where the UPF is by number.
    "f_teids_of_the_smf": (("10.104.0.1", "127.250.0.1"),),
    # A UE that is turned away before there is security waits 15 to 30 minutes, whatever T3346 says (TS 24.501
    # clause 5.3.9): the others do not have to.
    "nas_congestion": (
        ("until: 2000", "until: 70"),
        (
            "{procedures: {initial_registration: 1}, receives: {RegistrationReject: 1, RegistrationAccept: 1}}",
            "{registration: rejected, cause: 22, sessions: unanswered}",
        ),
    ),
    # It may begin in the other tracking area.
    "mobility": (("mobility_registration_update: 2", "mobility_registration_update: {at_least: 1, at_most: 2}"),),
    # The same three times as fast.
    "lost_from_sight": (
        ("inactivity_s: 3", "inactivity_s: 1"),
        ("at_s: 250", "at_s: 84"),
        ("at_s: 10, do: radio_loss, for_s: 200", "at_s: 10, do: radio_loss, for_s: 66"),
        ("at_s: 10, do: radio_loss, for_s: 40", "at_s: 10, do: radio_loss, for_s: 14"),
        ("t3512_s: 30, mobile_reachable_s: 30, implicit_deregistration_s: 30",
         "t3512_s: 10, mobile_reachable_s: 10, implicit_deregistration_s: 10"),
        ("{at_s: 30, ue: 10.45.0.2, count: 1}, {at_s: 90, ue: 10.45.0.2, count: 1}",
         "{at_s: 13, ue: 10.45.0.2, count: 1}, {at_s: 50, ue: 10.45.0.2, count: 1}"),
        ("until: 270", "until: 101"),
    ),
    # Its sessions are there when they are modified, also where that is later.
    "qos": (("at_s: 2, do: modify_session", "at_s: 3.5, do: modify_session"), ("at_s: 5, do:", "at_s: 6, do:")),
    # The UE is in connected mode when its session is released, also where that is later.
    "release_causes/base": (("at_s: 1,", "at_s: 2,"), ("inactivity_s: 2", "inactivity_s: 3.5")),
}  # fmt: skip
"""What is written otherwise in a file, in both runs."""

LATER_S = 3.0
LATER = (
    "amf_operator",
    "end_marker",
    "gbr_capacity",
    "quota_block",
    "quota_release",
    "reflective_qos",
    "session_ambr",
    "session_modification",
    "ue_ambr",
)
"""What has a time in these files happens so much later in both runs: on a busy machine a registration takes seconds."""
_TIME = re.compile(r"(?<=at_s: )[0-9.]+|(?<=until: )[0-9.]+|(?<=until_s: )[0-9.]+")
UNTIL_S = {"fault_table/base": 71.0}
"""How long a network lives, where neither its file nor its ladder says so: until each of its procedures has been."""

SETTLED_S = 2.0
"""How long a network that ends with its last verdict lives on, so that all that belongs to it has been said."""
STARTS_S = 0.5
"""A real network begins when its parts serve, one after the other."""


def _is_run(name: str) -> bool:
    network = load_network(FILES[name]).network
    return name not in LEFT_OUT and not network.faults


NAMES = sorted(filter(_is_run, FILES))


def _file(name: str, directory: Path) -> str:
    if name not in EDITS and name not in LATER:
        return FILES[name]
    text = shipped_text(name) if name in shipped() else Path(FILES[name]).read_text(encoding="utf-8")
    for before, after in EDITS.get(name, ()):
        assert before in text
        text = text.replace(before, after)
    if name in LATER:
        text = _TIME.sub(lambda match: f"{float(match[0]) + LATER_S:g}", text)
    file = directory / f"{name.replace('/', '-')}.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def _until_s(name: str, file: str) -> float:
    until = load_network(file).network.run.until
    if until != "all verdicts":
        return until
    if name in UNTIL_S:
        return UNTIL_S[name]
    golden = NETWORKS / "golden" / f"{name}.txt"
    last = re.findall(r"^ *([0-9]+)\.[0-9]{6} ", golden.read_text(encoding="utf-8"), re.MULTILINE)[-1]
    return math.ceil(float(last)) + 1 + SETTLED_S


def _job(name: str, directory: Path) -> tuple[float, str, list[str]]:
    file = _file(name, directory)
    until_s = _until_s(name, file)
    fewer = FEWER.get(name, Options())
    counts = [f"--{key}={count}" for key, count in (("ues", fewer.ues), ("gnbs", fewer.gnbs)) if count is not None]
    arguments = ["up", file, "--for", str(until_s + STARTS_S), "--out", "run", "--json", *counts]
    return until_s, name.replace("/", "-"), arguments


@pytest.fixture(scope="session")
def real_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRuns]:
    """The real runs of the networks that this session has chosen."""
    files = tmp_path_factory.mktemp("files")
    chosen = {
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.function is test_the_network_is_the_same_in_virtual_and_real_time
    }
    jobs = sorted((_job(name, files) for name in chosen), reverse=True)
    shared = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if shared else base) / "real"
    with started(directory, [(name, arguments) for _, name, arguments in jobs], shared=shared) as runs:
        yield runs


@pytest.mark.parametrize("name", NAMES)
def test_the_network_is_the_same_in_virtual_and_real_time(name: str, real_runs: RealRuns, tmp_path: Path) -> None:
    file = _file(name, tmp_path)
    until_s = _until_s(name, file)
    virtual = run_network(assemble(load_network(file), FEWER.get(name)), tmp_path / "run", until_s=until_s)
    expected = {verdict.id: verdict.status for verdict in virtual.verdicts}
    assert set(expected.values()) == {"pass"}

    def found(real: Mapping[str, Any], folder: Path) -> list[str]:
        verdicts = {verdict["id"]: verdict["status"] for verdict in real["verdicts"]}
        if verdicts != expected:
            return [str(verdict) for verdict in real["verdicts"]]
        if name in OWN_ORDER:
            return []
        ladders = [(run / "ladder.txt").read_text(encoding="utf-8") for run in (tmp_path / "run", folder)]
        return differences(rows(ladders[0], until_s), rows(ladders[1], until_s + STARTS_S))

    said = found(*real_runs.wait(name.replace("/", "-")))
    if said:
        # Many run beside one another, and a process that stalls for longer than a timer makes another history.
        said = found(*alone(tmp_path, _job(name, tmp_path)[2]))
    assert said == []


def test_each_network_that_is_left_out_is_there() -> None:
    assert {*LEFT_OUT, *OWN_ORDER, *EDITS, *LATER, *UNTIL_S} <= set(FILES)
