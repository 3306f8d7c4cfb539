import time
from collections.abc import Sequence
from typing import Any

import pytest

from awase.lab.assemble import Options, assemble, installed_schema
from awase.lab.assembly import Assembly, PlacedLink
from awase.lab.network_file import parse_network
from awase.lab.problems import NetworkFileError
from awase.lab.services import VirtualServices
from unit.lab.casting import NETWORK, Silent, catalogue

PUBLIC = "5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650"
"""The public key of TS 33.501 annex C.4.3, whose private key the network has."""


def assembled(text: str = NETWORK, cast: Sequence[str] = (), **options: int) -> Assembly:
    file = parse_network(text.encode(), "folder/f.yaml", "f.yaml")
    return assemble(file, Options(cast=cast, **options), catalogue())


def refusal(text: str = NETWORK, cast: Sequence[str] = (), **options: int) -> str:
    with pytest.raises(NetworkFileError) as refused:
        assembled(text, cast, **options)
    return str(refused.value)


def config(assembly: Assembly, name: str) -> Any:
    return next(part.config for part in assembly.parts if part.name == name)


def place(assembly: Assembly, name: str, path: str) -> str:
    return next(part.where(path) for part in assembly.parts if part.name == name)


def links(assembly: Assembly, point: str) -> list[PlacedLink]:
    return [link for link in assembly.links if link.reference_point == point]


# What parts are told.


def test_network_wide_values_reach_each_part_whose_schema_names_them() -> None:
    assembly = assembled()
    assert config(assembly, "gnb1")["tac"] == 7
    assert config(assembly, "gnb1")["slices"] == [{"sst": 1, "sd": "000001"}]
    assert "dnns" not in config(assembly, "gnb1")
    (dnn,) = config(assembly, "smf")["dnns"]
    assert (dnn["name"], dnn["pool"], dnn["dns"], dnn["mtu_bytes"]) == ("internet", "10.45.0.0/16", [], 1400)
    assert [entry["supi"] for entry in config(assembly, "udr")["subscribers"]] == [
        "imsi-001010000000001",
        "imsi-001010000000002",
    ]


def test_a_section_s_own_value_goes_before_the_network_s() -> None:
    assembly = assembled(NETWORK.replace("{function: gnb}", "{function: gnb, tac: 9}"))
    assert config(assembly, "gnb1")["tac"] == 9
    assert place(assembly, "gnb1", "tac") == "f.yaml:20"


def test_where_names_the_line_that_set_a_value() -> None:
    assembly = assembled()
    assert place(assembly, "gnb1", "tac") == "f.yaml:3"
    assert place(assembly, "gnb1", "slices[0].sd") == "f.yaml:5"
    assert place(assembly, "ue1", "opc") == "f.yaml:11"
    assert place(assembly, "ue2", "opc") == "f.yaml:12"
    assert place(assembly, "ue1", "slices") == "f.yaml:4"
    assert place(assembly, "ue2", "subscriber") == "f.yaml:19"
    assert place(assembly, "udr", "subscribers[1].k") == "f.yaml:12"
    assert place(assembly, "amf", "something_of_its_own") == "f.yaml:21"
    assert place(assembly, "amf", "") == "f.yaml:21"


def test_a_ue_is_told_its_subscriber_s_record() -> None:
    told = config(assembled(), "ue1")
    assert told["k"] == "465b5ce8b199b49faa5f0a2ee238a6bc"
    assert told["opc"] == "cd63cb71954a9f4e48a5994e37a02baf"
    assert told["dnns"] == ["internet"]
    assert told["sqn"] == "000000000000"
    assert "op" not in told


def test_a_ue_s_own_op_shuts_out_the_record_s_opc() -> None:
    text = NETWORK.replace("  ue2:\n", '  ue2:\n    op: "cdc202d5123e20f62b6d676ac72cb318"\n')
    assert "opc" not in config(assembled(text), "ue2")


def test_a_record_s_own_slices_go_before_the_network_s() -> None:
    text = NETWORK.replace('k: "0396eb', 'slices: [{sst: 2}], k: "0396eb')
    assembly = assembled(text)
    assert config(assembly, "ue2")["slices"] == [{"sst": 2}]
    assert place(assembly, "ue2", "slices[0]") == "f.yaml:12"
    assert config(assembly, "udr")["subscribers"][0]["slices"] == [{"sst": 1, "sd": "000001"}]


def test_only_the_udm_is_told_the_private_half_of_a_home_network_key() -> None:
    assembly = assembled()
    for name in ("ue1", "amf", "udr"):
        assert config(assembly, name)["home_network_keys"] == [{"id": 1, "scheme": "profile-a", "public_key": PUBLIC}]
    assert config(assembly, "udm")["home_network_keys"][0]["private_key"].startswith("c53c2220")


def test_an_unknown_subscriber_can_be_run_with_keys_of_its_own() -> None:
    unknown = NETWORK.replace("    subscriber: imsi-001010000000002", "    subscriber: imsi-001010000000099")
    message = refusal(unknown)
    assert message.startswith("folder/f.yaml:17: parts.ue2: k of ue2 is not known")
    assert "add imsi-001010000000099 to subscribers, or set k in its section" in message
    own = unknown.replace("  ue2:\n", '  ue2:\n    k: "465b5ce8b199b49faa5f0a2ee238a6bc"\n')
    assert config(assembled(own), "ue2")["subscriber"] == "imsi-001010000000099"


def test_two_ues_may_have_one_supi() -> None:
    assembly = assembled(
        NETWORK.replace("    subscriber: imsi-001010000000002", "    subscriber: imsi-001010000000001")
    )
    assert config(assembly, "ue2")["k"] == config(assembly, "ue1")["k"]


def test_secrets_are_not_in_the_repr_of_an_assembly() -> None:
    assert "465b5ce8" not in repr(assembled())


# Sections.


@pytest.mark.parametrize(
    ("old", "new", "place_", "what", "hint"),
    [
        (
            "sessions: [{dnn: internet}]",
            "session: []",
            "folder/f.yaml:16: parts.ue1.session",
            "unknown key session",
            "did you mean sessions?",
        ),
        (
            "sessions: [{dnn: internet}]",
            "sessions: [{dmn: internet}]",
            "folder/f.yaml:16: parts.ue1.sessions[0].dmn",
            "unknown key dmn",
            "did you mean dnn?",
        ),
        (
            "sessions: [{dnn: internet}]",
            "sessions: [{slice: {sst: 1, sd: 100001}}]",
            "folder/f.yaml:16: parts.ue1.sessions[0].slice.sd",
            "100001 is not text",
            'write "100001", in quotes',
        ),
        (
            "sessions: [{dnn: internet}]",
            "registration_ms: 500",
            "folder/f.yaml:16: parts.ue1.registration_ms",
            "unknown key",
            "the unit is s: write registration_s: 0.5",
        ),
        (
            "subscriber: imsi-001010000000001,",
            "",
            "folder/f.yaml:16: parts.ue1",
            "subscriber is missing",
            "",
        ),
        ("{function: gnb}", "{function: gnb, peers: {}}", "folder/f.yaml:20: parts.gnb1.peers", "unknown key", ""),
        (
            "{function: gnb}",
            "{function: gnbb}",
            "folder/f.yaml:20: parts.gnb1.function",
            "unknown function gnbb",
            "did you mean gnb?",
        ),
        (
            "{function: gnb}",
            "{function: gnb, addresses: {n9: 1.2.3.4:5}}",
            "folder/f.yaml:20: parts.gnb1.addresses",
            "no port n9",
            "known: n2, n3, uu",
        ),
        (
            "{function: gnb}",
            "{function: gnb, address: 10.0.0.300}",
            "folder/f.yaml:20: parts.gnb1.address",
            "10.0.0.300 is no address",
            "",
        ),
        (
            "{function: gnb}",
            "{function: gnb, addresses: {n2: 10.0.0.3:70000}}",
            "folder/f.yaml:20: parts.gnb1.addresses.n2",
            "10.0.0.3:70000 is no address",
            "",
        ),
        (
            "{function: udr}",
            "{function: udr, address: 10.106.0.1}",
            "folder/f.yaml:26: parts.udr",
            "port sbi has the address 10.106.0.1:8080, which is that of udm sbi",
            "give one of them another address",
        ),
        (
            "10.45.0.0/16",
            "10.104.0.0/16",
            "folder/f.yaml:7: dnns[0].pool",
            "10.104.0.0/16 holds 10.104.0.1, which is the address of upf",
            "take a pool without",
        ),
    ],
)
def test_a_mistake_in_a_section_is_named(old: str, new: str, place_: str, what: str, hint: str) -> None:
    assert old in NETWORK
    message = refusal(NETWORK.replace(old, new))
    assert message.startswith(place_)
    assert what in message
    assert hint in message


def test_what_a_part_type_refuses_when_it_is_built_names_the_line_too() -> None:
    assembly = assembled()
    part = assembly.parts[0]

    class Strict:
        function, ports, config_schema, versions = "ue", ("uu",), {}, {}

        def build(self, name: str, config: Any, services: Any) -> Any:
            raise ValueError("opc: 32 digits are wanted")

    import msgspec

    with pytest.raises(NetworkFileError, match=r"^f\.yaml:11: parts\.ue1: opc: 32 digits are wanted"):
        msgspec.structs.replace(part, part_type=Strict()).build(VirtualServices(1, "ue1", print))


def test_what_only_the_part_type_can_tell_is_told_before_anything_runs() -> None:
    text = NETWORK.replace("{function: gnb}", "{function: gnb, gnb_id: 13}")
    assert refusal(text, gnbs=2) == "folder/f.yaml:20: parts.gnb1: gnb_id: 13 brings bad luck"


# Addresses and peers.


def test_addresses_are_stable_and_follow_the_number_in_a_name() -> None:
    text = NETWORK.replace("  gnb1: {function: gnb}", "  gnb7: {function: gnb}\n  gnb: {function: gnb}")
    addresses = {part.name: part.addresses for part in assembled(text).parts}
    assert addresses["gnb7"] == {"uu": "10.101.0.7:4997", "n2": "10.101.0.7:38412", "n3": "10.101.0.7:2152"}
    assert addresses["gnb"]["n2"] == "10.101.0.1:38412"
    assert addresses["ue2"] == {"uu": "10.100.0.2:4997"}
    assert addresses["upf"] == {"n3": "10.104.0.1:2152", "n4": "10.104.0.1:8805"}
    assert addresses["dn"] == {}


def test_addresses_can_be_set() -> None:
    text = NETWORK.replace("{function: upf}", "{function: upf, address: 192.0.2.1, addresses: {n4: 192.0.2.2:8806}}")
    assembly = assembled(text)
    assert config(assembly, "upf")["addresses"] == {"n3": "192.0.2.1:2152", "n4": "192.0.2.2:8806"}
    assert config(assembly, "smf")["peers"]["N4"] == [{"part": "upf", "function": "upf", "address": "192.0.2.2:8806"}]


def test_peers_are_told_by_reference_point_at_both_ends() -> None:
    assembly = assembled()
    assert config(assembly, "amf")["peers"]["N2"] == [
        {"part": "gnb1", "function": "gnb", "address": "10.101.0.1:38412"}
    ]
    assert sorted(config(assembly, "amf")["peers"]) == ["N11", "N12", "N2", "N8"]
    assert [peer["part"] for peer in config(assembly, "gnb1")["peers"]["Uu"]] == ["ue1", "ue2"]
    assert config(assembly, "dn")["peers"]["N6"] == [{"part": "upf", "function": "upf", "address": ""}]


# Links.


def test_links_follow_from_the_functions() -> None:
    names = [link.name for link in assembled().links]
    assert names == [
        "Uu:ue1-gnb1",
        "Uu:ue2-gnb1",
        "N2:gnb1-amf",
        "N3:gnb1-upf",
        "N4:smf-upf",
        "N6:upf-dn",
        "N8:amf-udm",
        "N10:smf-udm",
        "N11:amf-smf",
        "N12:amf-ausf",
        "N13:ausf-udm",
        "N35:udm-udr",
    ]


def test_ues_are_joined_to_gnbs_in_turn_unless_a_link_is_named() -> None:
    text = NETWORK.replace("  gnb1: {function: gnb}", "  gnb1: {function: gnb}\n  gnb2: {function: gnb}")
    named = text + "links: [{ends: [gnb2, ue1]}]\n"
    assert [link.name for link in links(assembled(text), "Uu")] == ["Uu:ue1-gnb1", "Uu:ue2-gnb2"]
    assert [link.name for link in links(assembled(named), "Uu")] == ["Uu:ue1-gnb2", "Uu:ue2-gnb1"]


def test_a_named_link_replaces_the_implied_one_and_takes_what_it_does_not_say_from_its_reference_point() -> None:
    text = NETWORK + (
        "links:\n"
        "  - {reference_point: N3, loss: 0.05, jitter_us: 20}\n"
        "  - {ends: [upf, gnb1], reference_point: N3, loss: 0.5, delay_us: 7, rate_mbps: 10}\n"
        "  - {reference_point: N4, reordering: 0.1, duplication: 0.2}\n"
    )
    assembly = assembled(text)
    (n3,), (n4,), (n2,) = (links(assembly, point) for point in ("N3", "N4", "N2"))
    assert n3.ends == (("gnb1", "n3"), ("upf", "n3"))
    assert (n3.loss, n3.jitter_us, n3.delay_us, n3.rate_mbps) == (0.5, 20, 7, 10)
    assert (n4.reordering, n4.duplication, n4.loss, n4.delay_us) == (0.1, 0.2, 0, 100)
    assert (n2.delay_us, n2.loss) == (100, 0)


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("{ends: [gnb1, amff]}", "no part amff", "did you mean amf?"),
        ("{ends: [gnb1, smf]}", "no reference point joins a gnb and an smf", ""),
        ("{ends: [gnb1, upf], reference_point: N2}", "N2 joins a gnb and an amf, not a gnb and a upf", "it is N3"),
        ("{loss: 0.1}", "neither ends nor reference_point", "write ends: [a, b]"),
    ],
)
def test_a_mistake_in_a_link_is_named(line: str, what: str, hint: str) -> None:
    message = refusal(f"{NETWORK}links:\n  - {line}\n")
    assert message.startswith("folder/f.yaml:29: links[0]")
    assert what in message
    assert hint in message


def test_one_link_twice_is_refused() -> None:
    message = refusal(f"{NETWORK}links:\n  - {{ends: [gnb1, amf]}}\n  - {{ends: [amf, gnb1]}}\n")
    assert message.startswith("folder/f.yaml:30: links[1]: N2 between gnb1 and amf is there twice")
    assert "the first is at folder/f.yaml:29" in message


# Expectations, the run.


def test_expectations_are_a_part_s_then_its_function_s_then_that_all_works() -> None:
    text = NETWORK + "expect: {ue: {registration: rejected, cause: 3}, ue2: {sessions: rejected}}\n"
    expectations = assembled(text).expectations
    assert expectations["ue1"].cause == 3
    assert expectations["ue2"].registration == "accepted"
    assert expectations["ue2"].sessions == "rejected"
    assert expectations["gnb1"].ng_setup == "accepted"
    assert list(expectations)[:4] == ["ue1", "ue2", "gnb1", "amf"]


def test_seed_and_epoch_are_the_file_s_unless_the_command_line_has_another_seed() -> None:
    text = NETWORK + 'run: {seed: 7, epoch: "1970-01-02T00:00:00Z"}\n'
    assert assembled(text).seed == 7
    assert assembled(text, seed=8).seed == 8
    assert assembled(text).epoch_ns == 86_400 * 10**9
    assert refusal(NETWORK + 'run: {epoch: "2026-13-01T00:00:00Z"}').startswith("folder/f.yaml:28: run.epoch: ")


# Speed, schema.


def test_a_thousand_ues_are_assembled_in_half_a_second() -> None:
    started_s = time.process_time()
    assembly = assembled(ues=1000, gnbs=4)
    assert time.process_time() - started_s < 0.5
    assert len(assembly.parts) == 1011
    assert len({part.addresses["uu"] for part in assembly.parts if part.function == "ue"}) == 1000


def test_the_schema_takes_what_the_reader_takes() -> None:
    import json

    import yaml
    from jsonschema import Draft202012Validator

    schema = json.loads(installed_schema(catalogue(), suppliers=("awase", "acme")))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert not list(validator.iter_errors(yaml.safe_load(NETWORK)))
    assert list(validator.iter_errors(yaml.safe_load(NETWORK.replace("sessions:", "session:"))))
    assert list(validator.iter_errors(yaml.safe_load(NETWORK.replace("{function: gnb}", "{function: x}"))))


def test_parts_of_the_assembly_can_be_built() -> None:
    assembly = assembled()
    built = [part.build(VirtualServices(1, part.name, print)) for part in assembly.parts]
    assert all(isinstance(part, Silent) for part in built)
