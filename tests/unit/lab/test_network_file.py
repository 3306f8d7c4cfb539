from pathlib import Path

import pytest

from awase.lab.network_file import load_network, parse_fragment, parse_network, shipped, shipped_text
from awase.lab.problems import NetworkFileError
from awase.model.network import TunEntry
from unit.lab.casting import NETWORK


def refusal(text: str) -> str:
    with pytest.raises(NetworkFileError) as refused:
        parse_network(text.encode(), "f.yaml")
    return str(refused.value)


def changed(old: str, new: str) -> str:
    assert old in NETWORK
    return NETWORK.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "place", "what", "hint"),
    [
        ("tac: 7", "tacs: 7", "f.yaml:3: tacs", "unknown key tacs", "did you mean tac?"),
        ("tac: 7", 'tac: "7"', "f.yaml:3: tac", '"7" is not a whole number', "write a plain number"),
        ("tac: 7", "tac: 16777216", "f.yaml:3: tac", "is above 16777215", ""),
        ('plmn: "001-01"', "plmn: 1001", "f.yaml:2: plmn", "1001 is not text", 'write "1001", in quotes'),
        ('plmn: "001-01"', 'plmn: "00101"', "f.yaml:2: plmn", "is not a PLMN; write MCC-MNC", ""),
        ("sst: 1,", "sst: 300,", "f.yaml:5: slices[0].sst", "300 is above 255", ""),
        ('sd: "000001"', "sd: 100001", "f.yaml:5: slices[0].sd", "100001 is not text", 'write "100001"'),
        ('sd: "000001"', 'sd: "0001"', "f.yaml:5: slices[0].sd", "6 hexadecimal digits", ""),
        ('sd: "000001"', "nssai: 1", "f.yaml:5: slices[0].nssai", "unknown key nssai", "known: sd, sst"),
        (
            "supi: imsi-001010000000001",
            "supi: 1010000000001",
            "f.yaml:9: subscribers[0].supi",
            "is not text",
            'write "imsi-1010000000001", in quotes',
        ),
        ("imsi-001010000000002, k", "suci-1, k", "f.yaml:12: subscribers[1].supi", "is not a SUPI", ""),
        (
            "{supi: imsi-001010000000002, k",
            "{supi: imsi-001010000000001, k",
            "f.yaml:12: subscribers[1]",
            "imsi-001010000000001 has a record already, at f.yaml:9",
            "remove one of the two",
        ),
        (
            '    opc: "cd63cb71954a9f4e48a5994e37a02baf"\n',
            "",
            "f.yaml:9: subscribers[0]",
            "neither opc nor op",
            "one of them goes with k",
        ),
        ('opc: "cd', 'opcc: "cd', "f.yaml:11: subscribers[0].opcc", "unknown key", "did you mean opc?"),
        ("10.45.0.0/16", "10.45.0.1/16", "f.yaml:7: dnns[0].pool", "has host bits set", "10.45.0.0/16"),
        ("{name: internet, ", "{", "f.yaml:7: dnns[0]", "name is missing", ""),
        ("amf: {function: amf}", "amf: {}", "f.yaml:21: parts.amf", "function is missing", ""),
        ("amf: {function: amf}", "4mf: {function: amf}", "f.yaml:21: parts.4mf", "is not a name", ""),
        ("name: small", "title: small", "f.yaml:1", "name is missing", ""),
    ],
)
def test_a_mistake_is_named_with_line_and_path(old: str, new: str, place: str, what: str, hint: str) -> None:
    message = refusal(changed(old, new))
    assert message.startswith(place)
    assert what in message
    assert hint in message


@pytest.mark.parametrize(
    ("line", "place", "what", "hint"),
    [
        (
            "links: [{reference_point: N33}]",
            "f.yaml:28: links[0].reference_point",
            '"N33" is not known here',
            "did you mean N3?",
        ),
        (
            "links: [{reference_point: N3, delay_ms: 5}]",
            "f.yaml:28: links[0].delay_ms",
            "unknown key delay_ms",
            "the unit is us: write delay_us: 5000",
        ),
        ("links: [{reference_point: N3, delay: 5}]", "f.yaml:28: links[0].delay", "unknown", "write delay_us"),
        (
            "links: [{reference_point: N3, delay_us: 5 ms}]",
            "f.yaml:28: links[0].delay_us",
            '"5 ms" is not a number',
            "the unit is us: write 5000",
        ),
        ("links: [{reference_point: N3, loss: 5%}]", "f.yaml:28: links[0].loss", "not a number", "write 0.05"),
        ("links: [{reference_point: N3, loss: 1.5}]", "f.yaml:28: links[0].loss", "1.5 is above 1", "share"),
        ("links: [{reference_point: N3, jitter_us: -1}]", "f.yaml:28: links[0].jitter_us", "-1 is below 0", ""),
        ("links: [{ends: [gnb1]}]", "f.yaml:28: links[0].ends", "a list of 1", "write 2"),
        ("run: {until: never}", "f.yaml:28: run.until", '"never" is not "all verdicts" or a number', "plain number"),
        ("run: {seed: 1.5}", "f.yaml:28: run.seed", "1.5 is not a whole number", ""),
        ("run: {until_ms: 500}", "f.yaml:28: run.until_ms", "unknown key until_ms", "write until"),
        ("run: {epoch: 2026-01-01}", "f.yaml:28: run.epoch", "is not a time in UTC", ""),
        ("run: {clock: lunar}", "f.yaml:28: run.clock", '"lunar" is not known here', "known: real, virtual"),
        ("cast: {amf: 3}", "f.yaml:28: cast.amf", "3 is not text or keys and values", 'write "3", in quotes'),
        ("cast: {amf: {suplier: x}}", "f.yaml:28: cast.amf.suplier", "unknown key", "did you mean supplier?"),
        (
            "expect: {ue1: {registration: reject}}",
            "f.yaml:28: expect.ue1.registration",
            '"reject" is not known here',
            "did you mean rejected?",
        ),
        ("expect: {ue9: {cause: 3}}", "f.yaml:28: expect.ue9", "no part ue9", "did you mean"),
        (
            "expect: {gnb1: {registration: rejected}}",
            "f.yaml:28: expect.gnb1.registration",
            "registration is nothing that a gnb goes through",
            "ng_setup",
        ),
        ("expect: {amf: {cause: 3}}", "f.yaml:28: expect.amf.cause", "is nothing that an amf goes through", ""),
    ],
)
def test_a_mistake_in_an_added_line_is_named(line: str, place: str, what: str, hint: str) -> None:
    message = refusal(NETWORK + line)
    assert message.startswith(place)
    assert what in message
    assert hint in message


def test_a_key_of_the_wrong_length_is_refused_without_showing_it() -> None:
    message = refusal(changed('"465b5ce8b199b49faa5f0a2ee238a6bc"', '"465b5ce8b199"'))
    assert message == "f.yaml:10: subscribers[0].k: the value is not 32 or 64 hexadecimal digits in quotes"


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ('{supi: imsi-001010000000001, k: "K", algorithm: tuak}', "neither topc nor top"),
        ('{supi: imsi-001010000000001, k: "K", algorithm: tuak, topc: "K"}', "64 hexadecimal digits"),
        ('{supi: imsi-001010000000001, k: "K", algorithm: tuak, topc: "KK", opc: "K"}', "tuak has no opc"),
        ('{supi: imsi-001010000000001, k: "KK", opc: "K"}', "64 digits are no key of milenage"),
        ('{supi: imsi-001010000000001, k: "K", algorithm: xor, opc: "K"}', "known: milenage, tuak"),
    ],
)
def test_a_subscriber_s_keys_are_those_of_its_algorithm(record: str, what: str) -> None:
    record = record.replace("K", "00" * 16)
    message = refusal(f"name: keys\nsubscribers:\n  - {record}\nparts:\n  udr: {{function: udr}}\n")
    assert what in message
    assert "00" * 16 not in message


def test_several_mistakes_are_shown_together() -> None:
    message = refusal(NETWORK.replace("tac: 7", "tac: x").replace("sst: 1,", "sst: 300,") + "links: 5\n")
    assert [line.split(": ")[0] for line in message.splitlines() if line.startswith("f.yaml")] == [
        "f.yaml:3",
        "f.yaml:5",
        "f.yaml:28",
    ]


@pytest.mark.parametrize("text", ["", "- a\n", "hello\n", "null"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert refusal(text).startswith("f.yaml:1: no keys: a network file begins with name:")


def test_the_network_is_decoded() -> None:
    network = parse_network(
        (NETWORK + "cast: {amf: awase+q1+q2, default: acme}\nlinks: [{ends: [gnb1, amf], loss: 0.1}]\n").encode(), "f"
    ).network
    assert network.tac == 7
    assert network.slices[0].sd == "000001"
    assert network.parts["ue1"].section["subscriber"] == "imsi-001010000000001"
    assert str(network.cast["amf"]) == "awase+q1+q2"
    assert network.links[0].ends == ("gnb1", "amf")
    assert network.run.until == "all verdicts"


def test_secrets_are_not_in_the_repr_of_a_network() -> None:
    text = changed("ue2:\n", 'ue2:\n    k: "ffffffffffffffffffffffffffffffff"\n')
    shown = repr(parse_network(text.encode(), "f"))
    assert "465b5ce8" not in shown
    assert "ffffffff" not in shown
    assert "c53c2220" not in shown


def test_a_fragment_of_a_quirk_is_decoded_as_strictly() -> None:
    with pytest.raises(NetworkFileError, match=r"^quirk q: expect\.a\.ng_setup: "):
        parse_fragment({"parts": {"a": {"function": "gnb"}}, "expect": {"a": {"ng_setup": "no"}}}, "quirk q")
    with pytest.raises(NetworkFileError, match="unknown key links"):
        parse_fragment({"parts": {"a": {"function": "gnb"}}, "links": []}, "quirk q")


def test_a_source_that_is_no_file_and_no_shipped_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match=r"^demoo is neither a file nor .*\n  did you mean demo\?"):
        load_network("demoo")
    with pytest.raises(NetworkFileError, match="No such file or directory"):
        load_network(str(tmp_path / "none.yaml"))
    with pytest.raises(NetworkFileError, match="Is a directory"):
        load_network(f"{tmp_path}/")
    with pytest.raises(NetworkFileError, match="no network"):
        shipped_text("../demo")


def test_a_file_is_named_without_its_folder_in_events(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(NETWORK)
    assert load_network(str(path)).short == "mine.yaml"
    assert load_network("demo").short == "networks/demo.yaml"


def test_every_network_that_ships_has_a_title_and_its_file_s_name() -> None:
    for name, title in shipped().items():
        assert title
        assert load_network(name).network.name == name


@pytest.mark.parametrize(
    ("section", "tun"),
    [
        ("tun: true", TunEntry()),
        ("tun: false", None),
        ("tun: awase-ue", TunEntry(name="awase-ue")),
        ("tun: {netns: far}", TunEntry(netns="far")),
    ],
)
def test_a_parts_tun_devices_are_named_in_three_ways(section: str, tun: TunEntry | None) -> None:
    text = f"name: net\nparts:\n  upf: {{function: upf, {section}}}\n"
    assert parse_network(text.encode(), "n.yaml").network.parts["upf"].tun == tun


@pytest.mark.parametrize(
    "section", ["tun: 7", "tun: a-name-of-16-oct", "tun: a/b", "tun: {netns: a/b}", "tun: {nets: a}", "tls: {key: a}"]
)
def test_what_is_no_device_or_certificate_is_told_with_its_line(section: str) -> None:
    with pytest.raises(NetworkFileError, match=r"n\.yaml:3"):
        parse_network(f"name: net\nparts:\n  upf: {{function: upf, {section}}}\n".encode(), "n.yaml")


def test_the_sbi_is_in_clear_text_unless_the_file_says_tls() -> None:
    text = "name: net\nparts:\n  upf: {function: upf}\n"
    assert not parse_network(text.encode(), "n.yaml").network.sbi.tls
    sbi = parse_network(f"{text}sbi: {{tls: true, mutual: true}}\n".encode(), "n.yaml").network.sbi
    assert (sbi.tls, sbi.mutual, sbi.authority) == (True, True, None)
