import pytest

from awase.lab.problems import NetworkFileError
from unit.suppliers.stage import NETWORK, document, staged, text


def test_the_gnbs_configuration_says_what_the_network_file_says() -> None:
    _, (play,) = staged("gnb=ueransim")
    assert document(play, "gnb1.yaml") == {
        "mcc": "001",
        "mnc": "01",
        "nci": "0x000000053",
        "idLength": 32,
        "tac": 7,
        "linkIp": "127.2.0.1",
        "ngapIp": "127.2.0.1",
        "gtpIp": "127.2.0.1",
        "amfConfigs": [{"address": "127.3.0.1", "port": 38412}],
        "slices": [{"sst": 1, "sd": 10}, {"sst": 2}],
        "ignoreStreamIds": True,
    }
    assert "sd: 0x00000a" in text(play, "gnb1.yaml")
    assert "mnc: '01'" in text(play, "gnb1.yaml")


def test_the_ues_configuration_says_what_its_subscription_says() -> None:
    _, (play,) = staged("ue1=ueransim")
    assert document(play, "ue1.yaml") == {
        "supi": "imsi-001010000000001",
        "mcc": "001",
        "mnc": "01",
        "protectionScheme": 1,
        "homeNetworkPublicKey": "5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650",
        "homeNetworkPublicKeyId": 1,
        "routingIndicator": "0000",
        "key": "465B5CE8B199B49FAA5F0A2EE238A6BC",
        "op": "CD63CB71954A9F4E48A5994E37A02BAF",
        "opType": "OPC",
        "amf": "8000",
        "imei": "356938035643803",
        "imeiSv": "4370816125816151",
        "tunNetmask": "255.255.255.0",
        "gnbSearchList": ["127.2.0.1"],
        "uacAic": {"mps": False, "mcs": False},
        "uacAcc": {
            "normalClass": 0,
            "class11": False,
            "class12": False,
            "class13": False,
            "class14": False,
            "class15": False,
        },
        "sessions": [{"type": "IPv4", "apn": "internet", "slice": {"sst": 1, "sd": 10}}],
        "configured-nssai": [{"sst": 1, "sd": 10}, {"sst": 2}],
        "default-nssai": [{"sst": 1, "sd": 10}, {"sst": 2}],
        "integrity": {"IA1": True, "IA2": True, "IA3": True},
        "ciphering": {"EA1": True, "EA2": True, "EA3": True},
        "integrityMaxRate": {"uplink": "full", "downlink": "full"},
    }


def test_files_with_keys_are_for_their_owner_alone() -> None:
    _, (play,) = staged("ue=ueransim")
    assert {file.mode for file in play.plan.files} == {0o600}


def test_the_commands_name_program_and_file() -> None:
    _, (play,) = staged("gnb=ueransim", "ue1=ueransim")
    commands = [program.command for program in play.plan.programs]
    assert [command[:2] for command in commands] == [("nr-gnb", "-c"), ("nr-ue", "-c")]
    assert [command[2].rpartition("plan/")[2] for command in commands] == ["ueransim/gnb1.yaml", "ueransim/ue1.yaml"]
    assert [program.plays for program in play.plan.programs] == [("gnb1",), ("ue1",)]


@pytest.mark.parametrize(
    ("line", "name", "level"),
    [
        ("[2026-01-01 00:00:00.000] [ngap] [info] NG Setup procedure is successful", "NgSetupAccepted", "info"),
        ("[sctp] [info] SCTP connection established (127.0.0.5:38412)", "AssociationUp", "info"),
        (
            "[ngap] [error] AMF selection for UE[1] failed. No suitable AMF.",
            "AmfSelectionFailed",
            "error",
        ),
    ],
)
def test_a_line_of_the_gnbs_log_that_matters_becomes_an_event(line: str, name: str, level: str) -> None:
    _, (play,) = staged("gnb=ueransim")
    sign = next(sign for sign in play.plan.programs[0].signs if sign.read(line) is not None)
    assert (sign.name, sign.level) == (name, level)


@pytest.mark.parametrize(
    ("line", "name", "said"),
    [
        ("[nas] [info] Initial Registration is successful", "Registered", "it is registered"),
        ("[nas] [info] Initial Registration failed [PLMN_NOT_ALLOWED]", "RegistrationRejected", "PLMN_NOT_ALLOWED"),
        ("[nas] [info] PDU Session establishment is successful PSI[1]", "SessionEstablished", "PDU session 1"),
        ("[app] [info] TUN interface[uesimtun0, 10.45.0.2] is up.", "TunUp", "uesimtun0"),
    ],
)
def test_a_line_of_the_ues_log_that_matters_becomes_an_event(line: str, name: str, said: str) -> None:
    _, (play,) = staged("ue1=ueransim")
    sign = next(sign for sign in play.plan.programs[0].signs if sign.read(line) is not None)
    assert sign.name == name
    assert said in str(sign.read(line))


def test_what_nr_ue_cannot_do_is_refused_with_the_key_that_asks_for_it() -> None:
    with pytest.raises(NetworkFileError, match="nr-ue knows profile-a only, and suci_scheme is profile-b"):
        staged(
            "ue1=ueransim",
            source=NETWORK.replace("suci_scheme: profile-a", "suci_scheme: profile-b").replace(
                "  - {id: 1, scheme: profile-a,", "  - {id: 1, scheme: profile-b,"
            ),
        )


def test_an_unknown_option_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(NetworkFileError, match=r"cast.gnb1.options: .*direktory.*directory, ignore_stream_ids"):
        staged(more="cast: {gnb1: {supplier: ueransim, options: {direktory: /opt}}}\n")


def test_options_of_the_cast_reach_command_and_file() -> None:
    options = "{directory: /opt/ueransim, ignore_stream_ids: false, cell_access_type: nr-leo}"
    _, (play,) = staged(more=f"cast: {{gnb1: {{supplier: ueransim, options: {options}}}}}\n")
    assert play.plan.programs[0].command[0] == "/opt/ueransim/nr-gnb"
    assert document(play, "gnb1.yaml")["ignoreStreamIds"] is False
    assert document(play, "gnb1.yaml")["cellAccessType"] == "nr-leo"
