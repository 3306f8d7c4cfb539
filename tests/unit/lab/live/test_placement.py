"""Which parts share a process."""

from pathlib import Path

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.live.placement import Hosting, groups_of, with_tls
from awase.lab.network_file import parse_network, shipped_text
from awase.lab.problems import NetworkFileError
from awase.transports import probe
from awase.transports.host import HostedPart, SctpOptions, SessionTuns, TunOptions
from awase.transports.probe import Finding
from unit.lab.test_assembly import assembled


def test_two_processes_of_ues_have_two_names() -> None:
    groups = groups_of(assembled(ues=4), [["ue1", "ue3"], ["ue2", "ue4"]])
    found = {group.name: [part.name for part in group.parts] for group in groups}
    assert (found["ues"], found["ue2"]) == (["ue1", "ue3"], ["ue2", "ue4"])
    assert len(found) == len(groups)


def test_a_part_in_two_processes_is_refused() -> None:
    with pytest.raises(NetworkFileError, match="ue1 is in two processes"):
        groups_of(assembled(), [["ue1"], ["ue1"]])


def hosting(monkeypatch: pytest.MonkeyPatch, upf: str, ue: str, *, can: bool, data_network: bool = True) -> Hosting:
    """What the processes of the demo network are told, with TUN devices as the file has them."""
    detail = "/dev/net/tun" if can else "/dev/net/tun: EPERM"
    monkeypatch.setattr(probe, "tun", lambda: Finding(can, detail))
    text = shipped_text("demo").replace("upf: {function: upf}", f"upf: {{function: upf, tun: {upf}}}")
    text = text.replace("    function: ue\n", f"    function: ue\n    tun: {ue}\n", 1)
    if not data_network:
        text = text.replace("  internet: {function: data_network}\n", "")
    made = assemble(parse_network(text.encode(), "demo.yaml"), Options(loopback=0))
    return Hosting(made, groups_of(made), Path("stores"), SctpOptions())


def told(made: Hosting, name: str) -> HostedPart:
    return made.hosted(made._parts[name])


@pytest.mark.parametrize(
    ("ue", "options"),
    [
        ("true", SessionTuns()),
        ("phone", SessionTuns(name="phone")),
        ("{name: phone, netns: other}", SessionTuns(name="phone", namespace="other")),
    ],
)
def test_a_ue_has_devices_as_its_section_says(monkeypatch: pytest.MonkeyPatch, ue: str, options: SessionTuns) -> None:
    made = hosting(monkeypatch, "false", ue, can=True)
    assert (told(made, "ue1").tuns, told(made, "ue1").ports) == ({"app": options}, ("uu", "app"))
    assert (told(made, "ue2").tuns, told(made, "ue2").ports) == ({}, ("uu",))
    assert made.notes() == []


def test_a_upf_has_a_device_with_the_gateways_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    made = hosting(monkeypatch, "{netns: far}", "false", can=True)
    assert told(made, "upf").tuns == {"n6": TunOptions(namespace="far", addresses=("10.45.0.1/16",))}


def test_without_root_the_data_network_of_the_file_serves_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made = hosting(monkeypatch, "true", "false", can=False)
    assert told(made, "upf").tuns == {}
    (note,) = made.notes()
    assert "upf has no TUN device (/dev/net/tun: EPERM; it takes root)" in note
    alone = hosting(monkeypatch, "true", "false", can=False, data_network=False)
    assert set(told(alone, "upf").tuns) == {"n6"}
    assert alone.notes() == []


def test_devices_of_both_ends_in_one_namespace_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    (note,) = hosting(monkeypatch, "true", "true", can=True).notes()
    assert "of one network namespace" in note
    assert hosting(monkeypatch, "true", "{netns: other}", can=True).notes() == []


def test_a_part_whose_sbi_speaks_tls_is_told_so_and_what_the_file_says_goes_before_it() -> None:
    made = assemble(parse_network(shipped_text("demo").encode(), "demo.yaml"), Options())
    parts = {part.name: part for part in made.parts}
    smf = parts["smf"]
    assert with_tls(smf.config, smf.part_type)["sbi_scheme"] == "https"
    assert with_tls({"sbi_scheme": "http"}, smf.part_type) == {"sbi_scheme": "http"}
    assert with_tls({}, parts["upf"].part_type) == {}
