"""The soak of `make soak` in small: a few UEs, seconds, two kills."""

import pytest

from live.soak import main, network, soak
from live.up import Bench


def test_what_is_killed_is_reported_with_its_recovery(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    found = soak(bench, ues=8, minutes=0.05, kills=2, seed=4, gnbs=2)
    assert len(found.kills) == 2
    assert found.failed() == []
    said = capsys.readouterr().out
    assert "8 UEs registered with a session after" in said
    assert said.count("all as before after") == 2
    assert set(found.last) == {*found.watched.ask("status")["processes"], "supervisor"}


def test_each_process_of_ues_has_a_hundred_at_most() -> None:
    groups = network(250, 4)["run"]["processes"]
    assert [len(group) for group in groups] == [100, 100, 50]


def test_the_command_names_its_options(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["soak", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert "--kills" in capsys.readouterr().out
