"""`awase subscribers`: what is printed, what is written, with which exit status."""

import json
import stat
import sys
from pathlib import Path

import pytest

from awase.cli.main import main

K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
FILE = f"""plmn: "001-01"
slices: [{{sst: 1, sd: "000001"}}]
dnns: [{{name: internet, pool: 10.45.0.0/16}}]
subscribers:
  - {{supi: imsi-001010000000001, k: "{K}", opc: "{OPC}"}}
  - {{supi: imsi-001010000000002, k: "{K}", opc: "{OPC[:-2]}"}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(FILE)
    return tmp_path


def awase(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["awase", "subscribers", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code if isinstance(ended.value.code, int) else 0


@pytest.mark.usefixtures("folder")
def test_check_names_each_bad_record_and_shows_no_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert awase(monkeypatch, "check", "mine.yaml") == 1
    out, error = capsys.readouterr()
    assert out == "mine.yaml: 1 good record, 1 bad\n"
    expected = "mine.yaml: record 2 (imsi-001010000000002): opc: 32 hexadecimal digits are wanted, there are 30\n"
    assert error == expected


@pytest.mark.parametrize("form", ["csv", "open5gs", "free5gc", "yaml"])
def test_what_is_exported_is_its_owner_s_alone_and_comes_back(
    form: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert awase(monkeypatch, "export", "mine.yaml", "--format", form, "--out", "out") == 1
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o600
    capsys.readouterr()
    assert awase(monkeypatch, "import", "out") == 0
    out, error = capsys.readouterr()
    assert error == ""
    assert out.startswith('subscribers:\n  - supi: "imsi-001010000000001"\n')
    assert 'slices: [{sst: 1, sd: "000001"}]' in out
    assert 'dnns: ["internet"]' in out


def test_nothing_is_written_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out").write_text("mine")
    assert awase(monkeypatch, "export", "mine.yaml", "--out", "out") == 2
    assert "awase: out: File exists" in capsys.readouterr().err
    assert (folder / "out").read_text() == "mine"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"\xff", "is not UTF-8"),
        (b"a: 1", "no subscribers"),
        (b"[{}]", "neither Open5GS's"),
        (b"a,b\n", "no column supi"),
    ],
)
def test_a_file_that_is_no_document_is_bad_input(
    octets: bytes, words: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad").write_bytes(octets)
    assert awase(monkeypatch, "check", "bad") == 2
    assert words in capsys.readouterr().err
    assert awase(monkeypatch, "check", "nowhere") == 2


def test_the_plmn_of_the_network_goes_into_free5gc_s_documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    awase(monkeypatch, "export", "mine.yaml", "--format", "free5gc", "--out", "out")
    assert json.loads((folder / "out").read_text())[0]["plmnID"] == "00101"


def test_a_table_with_columns_of_its_own_becomes_a_network_file_that_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cards.csv").write_text(f"ICCID;IMSI-Nr;Ki;OPc\n8981;001010000000001;{K};{OPC}\n")
    columns = ("--column", "ICCID=", "--column", "imsi-nr=supi")
    assert awase(monkeypatch, "import", "cards.csv", *columns, "--out", "cards.yaml") == 0
    network = (
        'name: mine\nplmn: "001-01"\nslices: [{sst: 1}]\n'
        "dnns: [{name: internet, pool: 10.45.0.0/16, dns: [10.45.0.1]}]\nparts:\n"
        "  ue1: {function: ue, subscriber: imsi-001010000000001, sessions: [{dnn: internet}],"
        " traffic: [{ping: {count: 1}}]}\n"
        "  gnb1: {function: gnb}\n"
        + "".join(f"  {name}: {{function: {name}}}\n" for name in ("amf", "smf", "upf", "ausf", "udm", "udr"))
        + "  internet: {function: data_network}\n"
    )
    (folder / "mine.yaml").write_text(network + (folder / "cards.yaml").read_text())
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["awase", "run", "mine.yaml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "registered 1" in capsys.readouterr().out


def test_force_writes_over_and_leaves_it_its_owner_s(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "out").write_text("of before")
    (folder / "out").chmod(0o644)
    assert awase(monkeypatch, "export", "mine.yaml", "--out", "out") == 2
    assert (folder / "out").read_text() == "of before"
    assert awase(monkeypatch, "export", "mine.yaml", "--out", "out", "--force") == 1
    assert (folder / "out").read_text().startswith("supi,k,opc")
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["mine.yaml", "out"]
