"""The SBI over TLS in a network that is up: between our parts, towards curl, and against certificates that are none."""

import json
import re
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

from awase.lab.network_file import shipped_text
from awase.transports.certificates import LabAuthority
from live.up import Bench, failing

DAY_NS = 86_400 * 10**9


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.awase("down")
    made.close()


def network(bench, settings="tls: true", udm="{function: udm}"):
    text = shipped_text("demo").replace("\nrun: {", f"\nsbi: {{{settings}}}\nrun: {{processes: separate, ", 1)
    assert "{function: udm}" in text
    (bench.path / "network.yaml").write_text(text.replace("{function: udm}", udm))
    return "network.yaml"


def curl(*arguments):
    command = ("curl", "-sS", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_version} %{http_code}")
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def address_of(state, port):
    return re.search(r"[\d.]+:\d+$", state["carriers"][port])[0]


def events(bench, name):
    return [e for e in json.loads((bench.path / "run" / "run.json").read_text())["events"] if e["name"] == name]


def test_all_verdicts_pass_and_the_keys_are_kept_for_this_user_alone(bench):
    done = bench.awase("up", network(bench, "tls: true, mutual: true"), "--until-settled", "--out", "run", "--json")
    assert failing(done) == []
    carriers = json.loads((bench.path / "run" / "run.json").read_text())["carriers"]
    assert all("with TLS" in text for port, text in carriers.items() if port.endswith(".sbi"))
    keys = bench.path / "run" / "tls" / "keys.log"
    assert keys.stat().st_mode & 0o777 == 0o600
    labels = {line.split()[0] for line in keys.read_text().splitlines() if not line.startswith("#")}
    assert {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} <= labels
    assert events(bench, "TlsFailed") == []


def test_nothing_in_clear_means_no_keys_of_tls_either(bench):
    done = bench.awase("up", network(bench), "--until-settled", "--out", "run", "--json", "--no-clear")
    assert failing(done) == []
    assert not (bench.path / "run" / "tls" / "keys.log").exists()


def test_curl_is_answered_where_it_trusts_the_authority_and_not_where_it_does_not(bench):
    started = bench.awase("up", network(bench), "--detach", "--out", "run")
    assert started.returncode == 0, started.stderr
    state = bench.until(lambda state: state["sessions"] == 2)
    url = f"https://{address_of(state, 'udm.sbi')}/nudm-sdm/v2/imsi-001010000000001/am-data"
    authority = bench.path / "run" / "tls" / "authority.pem"
    for version in (("--tls-max", "1.2"), ("--tlsv1.3",)):
        answered = curl("--http2", "--cacert", str(authority), *version, url)
        assert answered.stdout == "2 200", answered.stderr
    stranger = LabAuthority.make(time.time_ns()).write(bench.path / "other", "x", ("127.0.0.1",), time.time_ns())
    refused = curl("--http2", "--cacert", stranger.authorities, url)
    assert refused.returncode == 60
    bench.until(lambda state: any(e["name"] == "TlsFailed" for e in state["events"]), 10)
    bench.awase("down")
    (told,) = events(bench, "TlsFailed")
    assert told["part"] == "udm"
    assert "no TLS with 127.0.0.1: it does not trust the authority of our certificate" in told["text"]


def test_with_mutual_a_client_without_a_certificate_of_the_run_is_refused(bench):
    started = bench.awase("up", network(bench, "tls: true, mutual: true"), "--detach", "--out", "run")
    assert started.returncode == 0, started.stderr
    state = bench.until(lambda state: state["sessions"] == 2)
    url = f"https://{address_of(state, 'udm.sbi')}/nudm-sdm/v2/imsi-001010000000001/am-data"
    folder = bench.path / "run" / "tls"
    trusting = ("--http2", "--cacert", str(folder / "authority.pem"))
    assert (
        curl(*trusting, "--cert", str(folder / "amf.pem"), "--key", str(folder / "amf.key.pem"), url).stdout == "2 200"
    )
    other = LabAuthority.make(time.time_ns()).write(bench.path / "other", "x", ("127.0.0.1",), time.time_ns())
    assert curl(*trusting, url).returncode != 0
    assert curl(*trusting, "--cert", other.certificate, "--key", other.key, url).returncode != 0
    plain = curl("--http2-prior-knowledge", url.replace("https", "http"))
    assert plain.returncode != 0
    bench.awase("down")
    told = " | ".join(e["text"] for e in events(bench, "TlsFailed"))
    assert "it shows no certificate, and the port asks for one" in told
    assert "its certificate is of an authority that is not trusted here" in told
    assert "it speaks HTTP without TLS" in told or "it does not speak TLS" in told


@pytest.mark.parametrize(
    ("age_days", "mine", "words"),
    [
        (40, True, "its certificate has expired"),
        (0, False, "its certificate is of an authority that is not trusted here"),
    ],
    ids=["expired", "of another authority"],
)
def test_a_udm_whose_certificate_is_no_good_is_told_of_by_the_part_that_asks(bench, age_days, mine, words):
    now_ns = time.time_ns()
    authority = LabAuthority.make(now_ns - age_days * DAY_NS)
    files = authority.write(bench.path / "its", "udm", ("127.200.0.7",), now_ns - age_days * DAY_NS)
    tls = f"{{certificate: {files.certificate}, key: {files.key}, authority: {files.authorities}}}"
    udm = f'{{function: udm, addresses: {{sbi: "127.200.0.7:8080"}}, tls: {tls}}}'
    settings = f"tls: true, authority: {files.authorities}" if mine else "tls: true"
    done = bench.awase("up", network(bench, settings, udm), "--for", "4", "--out", "run", "--json")
    assert "registration" in str(failing(done)).lower()
    told = [e for e in events(bench, "TlsFailed") if e["part"] == "ausf"]
    assert words in told[0]["text"]
    assert "127.200.0.7:8080" in told[0]["text"]


def test_an_authority_that_cannot_be_read_is_bad_input(bench):
    done = bench.awase("up", network(bench, "tls: true, authority: nowhere.pem"), "--for", "1", "--out", "run")
    assert done.returncode == 2
    assert "nowhere.pem" in done.stderr
    assert "sbi.authority" in done.stderr


def test_certificates_are_for_thirty_days(tmp_path):
    from cryptography import x509

    options = LabAuthority.make(time.time_ns()).write(tmp_path, "udm", ("127.0.0.1",), time.time_ns())
    with open(options.certificate, "rb") as file:
        made = x509.load_pem_x509_certificate(file.read())
    assert timedelta(days=29) < made.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=30)
