"""`awase doctor` on hosts that lack things, and with strange programs on PATH."""

import time

import msgspec
import pytest

from awase.lab.live import doctor
from awase.transports import probe
from awase.transports.probe import Finding

PROGRAMS = {
    "open5gs-amfd": "echo 'Open5GS daemon v2.7.2-12-g1234'",
    "nr-gnb": "echo 'UERANSIM v3.2.6'",
    "nr-ue": "sleep 60 & sleep 60",
    "gnb": "cat /dev/zero",
    "nr-softmodem": "kill -SEGV $$",
    "ocudu": r"printf '\033[31mv9.9.9\033[0m \377\376 [bold]'",
}


def facts(found):
    return {fact.name: fact for fact in found.facts}


def test_what_is_missing_is_said_with_what_serves_instead_and_the_rest_is_healthy(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(probe, "tun", lambda: Finding(False, "/dev/net/tun: ENOENT"))
    monkeypatch.setattr(probe, "sctp_raw", lambda: Finding(False, "EPERM"))
    found = doctor.diagnose()
    assert found.healthy
    assert found.programs == ()
    assert facts(found)["tshark"].detail == "not on PATH"
    assert "the built-in traffic and data network serve" in facts(found)["TUN"].meaning
    assert "our SCTP goes over UDP" in facts(found)["SCTP raw IP"].meaning


@pytest.mark.parametrize(("missing", "name"), [("loopback_range", "loopback range"), ("udp", "SCTP over UDP")])
def test_without_what_the_default_network_needs_the_host_is_not_healthy(monkeypatch, missing, name):
    monkeypatch.setattr(probe, missing, lambda: Finding(False, "EADDRNOTAVAIL"))
    found = doctor.diagnose()
    assert not found.healthy
    assert facts(found)[name].needed


def test_strange_programs_are_found_and_not_waited_for(monkeypatch, tmp_path):
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "free5gc").write_text("no program at all")
    (tmp_path / "free5gc").chmod(0o755)
    (tmp_path / "curl").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(probe, "ASK_S", 1.0)
    began_s = time.monotonic()
    found = {program.name: program for program in doctor.diagnose().programs if str(tmp_path) in program.path}
    assert time.monotonic() - began_s < 30
    assert {name: program.version for name, program in found.items()} == {
        "open5gs-amfd": "2.7.2-12-g1234", "nr-gnb": "3.2.6", "nr-ue": "unknown", "gnb": "unknown",
        "nr-softmodem": "unknown", "ocudu": "9.9.9", "free5gc": "unknown",
    }  # fmt: skip
    assert "--cast gnb=ueransim" in found["nr-gnb"].meaning


def test_the_json_has_every_field_in_plain_types():
    document = msgspec.to_builtins(doctor.diagnose())
    assert set(document) == {"host", "python", "cores", "root", "sctp", "facts", "programs"}
    for fact in document["facts"]:
        assert {key: type(value) for key, value in fact.items()} == {
            "name": str, "there": bool, "detail": str, "meaning": str, "needed": bool,
        }  # fmt: skip
    for program in document["programs"]:
        assert set(program) == {"name", "of", "path", "version", "meaning"}


@pytest.mark.parametrize("there", [True, False])
def test_programs_that_need_the_kernels_sctp_are_marked_where_it_has_none(monkeypatch, tmp_path, there):
    for name in ("open5gs-amfd", "open5gs-smfd", "nr-gnb", "nr-ue"):
        path = tmp_path / name
        path.write_text("#!/bin/sh\necho v1.2.3\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(probe, "sctp_kernel", lambda: Finding(there, "EPROTONOSUPPORT"))
    meanings = {program.name: program.meaning for program in doctor.diagnose().programs}
    marked = {name for name, meaning in meanings.items() if "not here: the kernel has no SCTP" in meaning}
    assert marked == (set() if there else {"open5gs-amfd", "nr-gnb"})
