import pytest

from awase.lab.services import VirtualServices
from unit.lab.casting import NETWORK, Silent
from unit.lab.test_assembly import assembled, refusal

AMF = "cast:\n  amf: awase+misleading-cause\n"
NO_N6 = NETWORK.replace("  dn: {function: data_network}\n", "")


def cast(text: str = NETWORK, *options: str) -> dict[str, str]:
    return {part.name: part.cast for part in assembled(text, options).parts}


def test_all_parts_are_ours_unless_they_are_cast() -> None:
    assert set(cast().values()) == {"awase"}


def test_a_part_or_a_function_can_be_cast_in_the_file_or_on_the_command_line() -> None:
    assert cast(NO_N6 + "cast: {upf: acme}\n")["upf"] == "acme"
    assert cast(NO_N6, "upf=acme")["upf"] == "acme"
    assert cast(NETWORK, "amf=awase+misleading-cause")["amf"] == "awase+misleading-cause"
    assert cast(NETWORK + AMF, "amf=awase")["amf"] == "awase"


def test_a_part_s_name_goes_before_its_function_s() -> None:
    text = NO_N6.replace("  upf: {function: upf}", "  edge: {function: upf}\n  upf1: {function: upf}")
    chosen = cast(text, "upf=acme", "edge=awase")
    assert (chosen["edge"], chosen["upf1"]) == ("awase", "acme")


@pytest.mark.parametrize(
    ("options", "what", "hint"),
    [
        (("upff=acme",), "--cast upff=acme: the network has no part upff", "did you mean upf?"),
        (
            ("upf=acne",),
            "--cast upf=acne: supplier acne of upf is not installed",
            "pip install ./examples/acne_upf; available for upf: acme, awase",
        ),
        (("amf=acme",), "--cast amf=acme: supplier acme offers no amf, only upf", "available for amf: awase"),
        (("amf=awase+misleading",), "no quirk misleading", "did you mean misleading-cause?"),
        (("smf=awase+misleading-cause",), "misleading-cause is one of an amf, smf is an smf", "cast it for an amf"),
        (("smf=broken",), "broken.smf is installed but cannot be loaded: ImportError: no module", "install it again"),
        (("amf",), "--cast amf: not understood", "write PART=SUPPLIER[+QUIRK...]"),
        (("amf=",), "--cast amf=: not understood", "write PART=SUPPLIER"),
        (("amf=awase", "amf=awase"), "amf is cast twice", "leave one of the two out"),
    ],
)
def test_a_cast_that_cannot_be_is_refused(options: tuple[str, ...], what: str, hint: str) -> None:
    message = refusal(NETWORK, options)
    assert what in message
    assert hint in message


def test_a_cast_of_the_file_is_refused_with_its_line() -> None:
    assert refusal(NETWORK + "cast:\n  pcf: awase\n").startswith(
        "folder/f.yaml:29: cast.pcf: the network has no part pcf"
    )
    assert refusal(NETWORK + "cast:\n  upf: acne\n").startswith(
        "folder/f.yaml:29: cast.upf: supplier acne of upf is not installed"
    )


def test_a_port_that_a_link_needs_and_a_supplier_has_not_is_named() -> None:
    message = refusal(NETWORK, ("upf=acme",))
    assert message.startswith("folder/f.yaml:23: parts.upf: upf has no port n6, which N6 needs")
    assert "the upf of acme has n3, n4" in message


def test_a_stranger_is_told_what_its_schema_names() -> None:
    part = next(part for part in assembled(NO_N6, ("upf=acme",)).parts if part.name == "upf")
    assert sorted(part.config) == ["dnns", "peers"]
    assert part.config["peers"]["N4"][0]["address"] == "10.103.0.1:8805"


def test_a_quirk_wraps_the_part_and_brings_what_provokes_it() -> None:
    assembly = assembled(NETWORK + AMF)
    amf = next(part for part in assembly.parts if part.name == "amf")
    built = amf.build(VirtualServices(1, "amf", print))
    assert isinstance(built, Silent)
    assert built.name == "wrapped"
    brought = assembly.parts[-1]
    assert (brought.name, brought.function) == ("gnb2", "gnb")
    assert brought.config["slices"] == [{"sst": 9}]
    assert brought.where("slices") == "quirk misleading-cause"
    assert assembly.expectations["gnb2"].cause == "slice-not-supported"
    assert [link.name for link in assembly.links if "gnb2" in link.name] == ["N2:gnb2-amf", "N3:gnb2-upf"]


def test_a_provocation_takes_another_name_if_its_own_is_taken_and_no_ues() -> None:
    text = NETWORK.replace("  gnb1: {function: gnb}", "  gnb1: {function: gnb}\n  gnb2: {function: gnb}")
    assembly = assembled(text + AMF, ues=6)
    assert assembly.parts[-1].name == "gnb2-2"
    attached = [link.ends[1][0] for link in assembly.links if link.reference_point == "Uu"]
    assert attached == ["gnb1", "gnb2"] * 3
