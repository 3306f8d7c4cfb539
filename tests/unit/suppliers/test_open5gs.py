import json

import pytest

from awase.lab.problems import NetworkFileError
from unit.suppliers.stage import document, staged, text

NRF = {"nrf": [{"uri": "http://127.0.0.10:7777"}]}


def sbi(host: str) -> dict[str, object]:
    return {"server": [{"address": host, "port": 7777}], "client": NRF}


def test_a_core_is_eight_daemons_their_database_and_a_tun_device() -> None:
    _, (play,) = staged("core=open5gs")
    assert [program.name for program in play.plan.programs] == [
        "setup-tun",
        "subscribers",
        *(f"open5gs-{name}d" for name in ("nrf", "udr", "udm", "ausf", "pcf", "bsf", "nssf", "upf", "smf", "amf")),
    ]
    assert play.plan.programs[-1].ready == r"AMF initialize\.\.\.done"
    assert play.plan.programs[-1].command[0] == "open5gs-amfd"


def test_the_amfs_configuration_says_what_the_network_file_says() -> None:
    _, (play,) = staged("core=open5gs")
    written = document(play, "amf.yaml")
    assert written["amf"] == {
        "sbi": sbi("127.3.0.1"),
        "ngap": {"server": [{"address": "127.3.0.1", "port": 38412}]},
        "metrics": {"server": [{"address": "127.3.0.1", "port": 9090}]},
        "guami": [{"plmn_id": {"mcc": "001", "mnc": "01"}, "amf_id": {"region": 2, "set": 1}}],
        "tai": [{"plmn_id": {"mcc": "001", "mnc": "01"}, "tac": 7}],
        "plmn_support": [{"plmn_id": {"mcc": "001", "mnc": "01"}, "s_nssai": [{"sst": 1, "sd": "00000a"}, {"sst": 2}]}],
        "security": {"integrity_order": ["NIA2"], "ciphering_order": ["NEA2", "NEA0"]},
        "network_name": {"full": "Awase", "short": "Awase"},
        "amf_name": "amf",
        "time": {"t3512": {"value": 600}},
    }
    assert written["global"] == {"max": {"ue": 1024, "peer": 64}}
    assert written["logger"]["level"] == "info"
    assert written["logger"]["file"]["path"].endswith("plan/open5gs/amf.log")


def test_the_smfs_configuration_says_what_the_network_file_says() -> None:
    _, (play,) = staged("core=open5gs")
    assert document(play, "smf.yaml")["smf"] == {
        "sbi": sbi("127.4.0.1"),
        "pfcp": {"server": [{"address": "127.4.0.1"}], "client": {"upf": [{"address": "127.5.0.1"}]}},
        "gtpc": {"server": [{"address": "127.4.0.1"}]},
        "gtpu": {"server": [{"address": "127.4.0.1"}]},
        "metrics": {"server": [{"address": "127.4.0.1", "port": 9090}]},
        "session": [{"subnet": "10.45.0.0/16", "gateway": "10.45.0.1", "dnn": "internet"}],
        "dns": ["10.45.0.1"],
        "mtu": 1390,
        "info": [{"s_nssai": [{"sst": 1, "sd": "00000a", "dnn": ["internet"]}, {"sst": 2, "dnn": ["internet"]}]}],
    }


def test_the_upfs_configuration_says_what_the_network_file_says() -> None:
    _, (play,) = staged("upf=open5gs")
    assert [program.name for program in play.plan.programs] == ["setup-tun", "open5gs-upfd"]
    assert document(play, "upf.yaml")["upf"] == {
        "pfcp": {"server": [{"address": "127.5.0.1"}]},
        "gtpu": {"server": [{"address": "127.5.0.1"}]},
        "session": [{"subnet": "10.45.0.0/16", "gateway": "10.45.0.1", "dnn": "internet", "dev": "ogstun"}],
        "metrics": {"server": [{"address": "127.5.0.1", "port": 9090}]},
    }
    assert "ip address replace 10.45.0.1/16 dev ogstun" in text(play, "setup-tun.sh")


def test_the_other_daemons_find_repository_and_database() -> None:
    _, (play,) = staged("core=open5gs")
    assert document(play, "nrf.yaml")["nrf"] == {
        "serving": [{"plmn_id": {"mcc": "001", "mnc": "01"}}],
        "sbi": {"server": [{"address": "127.0.0.10", "port": 7777}]},
    }
    assert document(play, "ausf.yaml")["ausf"] == {"sbi": sbi("127.6.0.1")}
    assert document(play, "udr.yaml")["db_uri"] == "mongodb://localhost/open5gs"
    assert document(play, "pcf.yaml")["db_uri"] == "mongodb://localhost/open5gs"
    assert document(play, "nssf.yaml")["nssf"]["sbi"]["client"]["nsi"] == [
        {"uri": "http://127.0.0.10:7777", "s_nssai": {"sst": 1, "sd": "00000a"}},
        {"uri": "http://127.0.0.10:7777", "s_nssai": {"sst": 2}},
    ]
    hnet = document(play, "udm.yaml")["udm"]["hnet"]
    assert [(key["id"], key["scheme"]) for key in hnet] == [(1, 1)]
    assert "BEGIN PRIVATE KEY" in text(play, "hnet-1.key")


def test_subscribers_are_written_for_mongosh_and_for_dbctl() -> None:
    _, (play,) = staged("core=open5gs")
    script = text(play, "subscribers.js")
    head = 'db.subscribers.replaceOne({imsi: "001010000000001"}, '
    record = json.loads(script[script.index(head) + len(head) : script.index(", {upsert: true});")])
    assert record["security"] == {
        "k": "465b5ce8b199b49faa5f0a2ee238a6bc",
        "op": None,
        "opc": "cd63cb71954a9f4e48a5994e37a02baf",
        "amf": "8000",
        "sqn": 32,
    }
    assert record["ambr"] == {"downlink": {"value": 100, "unit": 2}, "uplink": {"value": 50, "unit": 2}}
    assert [(item["sst"], item.get("sd"), item["default_indicator"]) for item in record["slice"]] == [
        (1, "00000a", True),
        (2, None, False),
    ]
    assert [session["name"] for session in record["slice"][0]["session"]] == ["internet"]
    assert (
        "add_ue_with_slice 001010000000001 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf "
        "internet 1 00000a"
    ) in text(play, "subscribers.sh")


def test_part_of_a_core_is_refused_because_it_would_look_for_the_rest_in_its_nrf() -> None:
    with pytest.raises(NetworkFileError, match="amf would look for smf, ausf, udm, udr in its NRF"):
        staged("amf=open5gs")


def test_our_upf_beside_its_core_is_no_part_of_the_plan() -> None:
    _, (play,) = staged("core=open5gs", "upf=awase")
    names = [program.name for program in play.plan.programs]
    assert "open5gs-upfd" not in names
    assert "open5gs-smfd" in names


def test_only_an_option_has_our_gnb_strip_the_requested_nssai() -> None:
    without, _ = staged("core=open5gs")
    asked, _ = staged(more="cast: {core: {supplier: open5gs, options: {strip_requested_nssai: true}}}\n")
    settings = [
        next(part.config.get("strip_requested_nssai") for part in network.parts if part.name == "gnb1")
        for network in (without, asked)
    ]
    assert settings == [None, True]


def test_ueransims_ue_on_our_gnb_draws_attention_to_that_option() -> None:
    _, plays = staged("core=open5gs", "ue=ueransim")
    notes = [note for play in plays for note in play.plan.notes]
    assert any("set the option strip_requested_nssai" in note for note in notes)


@pytest.mark.parametrize(
    ("daemon", "line", "name"),
    [
        ("open5gs-amfd", "INFO: gNB-N2 accepted[10.53.1.2]:43000 in ng-path module", "AssociationUp"),
        ("open5gs-amfd", "WARNING: NG-Setup failure:", "NgSetupRefused"),
        ("open5gs-amfd", "01/01 00:00:00.000: [gmm] ERROR: Non cleartext IEs is included", "NonCleartextIe"),
        ("open5gs-smfd", "[smf] INFO: PFCP associated [127.0.0.7]:8805 (../src/smf/pfcp-sm.c:174)", "PfcpAssociated"),
        ("open5gs-udrd", "[dbi] ERROR: No suitable servers found: localhost:27017", "NoDatabase"),
        ("open5gs-upfd", "[app] ERROR: ogs_tun_open(dev:ogstun) failed", "NoTun"),
        ("open5gs-ausfd", "[core] FATAL: cannot bind (../lib/core/ogs-socket.c:1)", "ForeignFailure"),
    ],
)
def test_a_line_of_a_log_that_matters_becomes_an_event(daemon: str, line: str, name: str) -> None:
    _, (play,) = staged("core=open5gs")
    program = next(program for program in play.plan.programs if program.name == daemon)
    assert next(sign.name for sign in program.signs if sign.read(line) is not None) == name
