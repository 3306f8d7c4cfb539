"""Each part of a network of 50 UEs with traffic is killed with SIGKILL: all recovers as specified (TS 23.527), and what
has nothing to do with the part goes on meanwhile. Nothing here waits for a time: each wait is for what is expected."""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from live.killing import Watched
from live.up import Bench

NETWORK = Path(__file__).with_name("killed.yaml")
UES = 50
AT_GNB1 = [f"ue{number}" for number in range(1, UES + 1, 2)]
AT_GNB2 = [f"ue{number}" for number in range(2, UES + 1, 2)]
ALL = [*AT_GNB1, *AT_GNB2]


def forgetful(bench: Bench) -> Path:
    """The network with parts that keep nothing; its users ask again for a session that they have lost."""
    text = NETWORK.read_text().replace("persist: true, ", "")
    session = "    sessions: [{dnn: internet}]\n"
    asks = "    actions: [{at_s: 2, do: establish_session, every_s: 2}]\n"
    assert session in text
    file = bench.path / "forgetful.yaml"
    file.write_text(text.replace(session, session + asks))
    return file


def bring_up(bench: Bench, network: Path) -> Watched:
    up = bench.awase("up", str(network), "--detach", "--out", "run", timeout_s=120)
    assert up.returncode == 0, up.stderr
    watched = Watched(bench, UES)
    watched.until_well(0)
    return watched


def kill(watched: Watched, process: str, went_on: Sequence[str] = ()) -> None:
    """Kill a process, again and again until the UEs that need it not have got something meanwhile; wait until all is as
    it was."""
    watched.until_well(watched.hold_down(process, went_on))


def sequence_numbers(bench: Bench, copy: str) -> dict[str, int]:
    """What the UDR's store has on disk."""
    folder = bench.path / copy
    folder.mkdir()
    for file in (bench.path / "run" / "stores").glob("udr.sqlite*"):
        shutil.copy(file, folder)
    database = sqlite3.connect(folder / "udr.sqlite")
    rows = database.execute("SELECT key, value FROM state WHERE key LIKE 'sqn/%'").fetchall()
    database.close()
    return {str(key): int(bytes(value), 16) for key, value in rows}


def finish(bench: Bench) -> dict[str, Any]:
    """Take it down; what run.json says. Every verdict is pass."""
    assert bench.awase("down").returncode == 0
    record: dict[str, Any] = json.loads((bench.path / "run" / "run.json").read_text())
    assert {verdict["id"]: verdict["text"] for verdict in record["verdicts"] if verdict["status"] != "pass"} == {}
    return record


def times(record: dict[str, Any], part: str, name: str) -> int:
    return sum(event["name"] == name and event["part"] == part for event in record["events"])


def registrations(record: dict[str, Any]) -> Counter[str]:
    return Counter(
        event["part"] for event in record["events"] if event["name"] == "Registered" and event["part"] in ALL
    )


def test_each_part_is_killed_and_comes_back_with_what_it_had_kept(bench: Bench) -> None:
    watched = bring_up(bench, NETWORK)
    used = sequence_numbers(bench, "before")
    for process in ("udr", "udm", "ausf", "smf"):
        kill(watched, process, ALL)
    for process in ("upf", "internet", "amf"):
        kill(watched, process)
    kill(watched, "gnb1", AT_GNB2)
    # The UEs at gNB 2 begin anew: they register with all that was killed before.
    kill(watched, "ue2", AT_GNB1)
    record = finish(bench)
    assert registrations(record) == {**dict.fromkeys(AT_GNB1, 1), **dict.fromkeys(AT_GNB2, 2)}
    assert times(record, "amf", "StateRestored") == 1
    assert times(record, "upf", "SessionsRestored") >= 1
    assert times(record, "smf", "SessionsTakenUp") >= 1
    after = sequence_numbers(bench, "after")
    assert len(used) == len(after) == UES
    supis = {name: f"sqn/imsi-{1010000000000 + int(name[2:]):015}" for name in ALL}
    assert all(after[supis[name]] == used[supis[name]] for name in AT_GNB1)
    assert all(after[supis[name]] > used[supis[name]] for name in AT_GNB2)


def test_parts_that_keep_nothing_come_back_and_all_is_set_up_again(bench: Bench) -> None:
    watched = bring_up(bench, forgetful(bench))
    for process in ("upf", "amf", "smf"):
        kill(watched, process)
    record = finish(bench)
    # The AMF that knows them no more sends them to register again, once each.
    assert registrations(record) == dict.fromkeys(ALL, 2)
    assert [
        event["text"].partition(" are made anew")[0]
        for event in record["events"]
        if event["name"] == "SessionsRestored"
    ] == [f"{UES} PDU sessions"]
    assert times(record, "amf", "SmContextLost") >= 1
