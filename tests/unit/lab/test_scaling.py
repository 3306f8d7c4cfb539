import pytest

from unit.lab.casting import NETWORK
from unit.lab.test_assembly import assembled, config, refusal


def names(function: str, text: str = NETWORK, **options: int) -> list[str]:
    return [part.name for part in assembled(text, **options).parts if part.function == function]


def test_fewer_ues_are_the_first_ones() -> None:
    assert names("ue", ues=1) == ["ue1"]
    text = NETWORK + "links: [{ends: [ue2, gnb1], loss: 0.1}]\ncast: {ue2: awase}\nexpect: {ue2: {cause: 3}}\n"
    assert names("ue", text, ues=1) == ["ue1"]


def test_more_ues_are_clones_of_the_last_with_the_next_numbers() -> None:
    assembly = assembled(ues=4)
    assert names("ue", ues=4) == ["ue1", "ue2", "ue3", "ue4"]
    assert config(assembly, "ue4")["subscriber"] == "imsi-001010000000004"
    records = config(assembly, "udr")["subscribers"]
    assert [record["supi"][-2:] for record in records] == ["01", "02", "03", "04"]
    assert records[3]["k"] == config(assembly, "ue4")["k"]
    assert len({record["k"] for record in records}) == 4


def test_a_clone_s_key_depends_on_its_imsi_alone() -> None:
    assert config(assembled(ues=3), "ue3")["k"] == config(assembled(ues=9), "ue3")["k"]


def test_a_clone_s_events_name_the_line_of_its_original() -> None:
    clone = next(part for part in assembled(ues=3).parts if part.name == "ue3")
    assert clone.where("subscriber") == "f.yaml:19"


def test_numbers_and_imsis_that_are_taken_are_left_out() -> None:
    text = NETWORK.replace(
        "  ue2:\n", '  ue3: {function: ue, subscriber: imsi-001010000000003, k: "' + "0" * 32 + '"}\n  ue2:\n'
    )
    assembly = assembled(text, ues=4)
    assert config(assembly, "ue4")["subscriber"] == "imsi-001010000000004"


def test_a_clone_is_to_go_through_what_its_original_is() -> None:
    text = NETWORK + "expect: {ue2: {registration: rejected, cause: 3}}\n"
    assert assembled(text, ues=3).expectations["ue3"].cause == 3


def test_more_gnbs_have_the_next_ids_and_share_the_ues() -> None:
    text = NETWORK.replace("{function: gnb}", "{function: gnb, gnb_id: 40, name: first}")
    assembly = assembled(text, ues=4, gnbs=3)
    assert [config(assembly, f"gnb{n}")["gnb_id"] for n in (1, 2, 3)] == [40, 41, 42]
    assert "name" not in config(assembly, "gnb2")
    attached = [link.ends[1][0] for link in assembly.links if link.reference_point == "Uu"]
    assert attached == ["gnb1", "gnb2", "gnb3", "gnb1"]


def test_a_set_address_is_not_cloned() -> None:
    text = NETWORK.replace("{function: gnb}", "{function: gnb, address: 192.0.2.1}")
    clone = next(part for part in assembled(text, gnbs=2).parts if part.name == "gnb2")
    assert clone.addresses["n2"] == "10.101.0.2:38412"


@pytest.mark.parametrize(
    ("text", "options", "what"),
    [
        (NETWORK, {"ues": 0}, "--ues 0: 0 is not between 1 and"),
        (NETWORK, {"gnbs": -1}, "--gnbs -1: -1 is not between 1 and"),
        (NETWORK, {"ues": 10**9}, "is not between 1 and"),
        (NETWORK.replace("  gnb1: {function: gnb}\n", ""), {"gnbs": 2}, "--gnbs 2: the network has no gnb to clone"),
        (NETWORK.replace("0000000002", "9999999999"), {"ues": 3}, "no IMSI of 15 digits is left"),
    ],
)
def test_what_cannot_be_scaled_is_refused(text: str, options: dict[str, int], what: str) -> None:
    if "left" in what:
        text = text.replace("imsi-00101", "imsi-99999")
    assert what in refusal(text, **options)


def test_clones_are_started_again_where_the_last_is() -> None:
    text = NETWORK.replace("  gnb1: {function: gnb}", "  gnb1: {function: gnb, restart: always}")
    assembly = assembled(text, gnbs=3)
    assert [part.restart for part in assembly.parts if part.function == "gnb"] == ["always"] * 3
