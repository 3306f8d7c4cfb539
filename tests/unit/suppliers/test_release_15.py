"""A UE that throws away a NAS message with an element that it does not know, as UERANSIM's does, on our network."""

from pathlib import Path
from typing import Any

import pytest

from awase.functions.amf.part import PART_TYPE as AMF
from awase.functions.ue import n1, n1_sm
from awase.lab.assemble import assemble
from awase.lab.network_file import parse_network
from awase.lab.run import run_network
from awase.lab.services import VirtualServices
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import NasDecodeError
from awase.protocols.nas.optional import omissions, optional_elements, without
from awase.suppliers.ueransim_nas import ACCEPTED, unread_elements
from unit.suppliers.stage import staged

NETWORKS = Path(__file__).parents[2] / "networks"


@pytest.fixture
def thrown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The elements for which UEs threw messages away; from now on they are as strict as that."""
    found: list[str] = []

    def strict(decode: Any) -> Any:
        def read(octets: bytes) -> Any:
            message = decode(octets)
            accepted = ACCEPTED.get(type(message))
            if accepted is None:
                return message
            unread = [
                f"{type(message).__name__}.{name}"
                for name, iei in optional_elements(type(message)).items()
                if getattr(message, name) is not None and iei not in accepted
            ]
            found.extend(unread)
            if unread:
                raise NasDecodeError("Bad constructed NAS message")
            return message

        return read

    for module in (n1, n1_sm):
        monkeypatch.setattr(module, "decode", strict(module.decode))
    return found


def failing(name: str, directory: Path, amf: str = "") -> list[str]:
    """The verdicts of one of the test networks that do not pass."""
    text = (NETWORKS / f"{name}.yaml").read_text()
    if amf:
        assert "amf: {function: amf" in text
        text = text.replace("amf: {function: amf", f"amf: {{function: amf{amf}")
    result = run_network(assemble(parse_network(text.encode(), "f.yaml")), directory / "run")
    return [verdict.id for verdict in result.verdicts if verdict.status != "pass"]


@pytest.mark.parametrize(
    "name",
    [
        "access_barred",
        "address_pool_exhausted",
        "amf_full",
        "configuration_updates",
        "eap_aka_prime",
        "nas_congestion",
        "network_deregistration",
        "no_allowed_slice",
        "slices_and_dnns",
        "sqn_too_old",
        "subscription_withdrawn",
        "two_slices",
        "unknown_slice",
        "wrong_k",
    ],
)
def test_it_reads_all_that_our_network_sends(name: str, tmp_path: Path, thrown: list[str]) -> None:
    failing(name, tmp_path)
    assert thrown == []


@pytest.mark.parametrize(
    ("amf", "seen"), [("", True), (", omit_elements: [RegistrationAccept.five_gs_network_feature_support]", False)]
)
def test_an_element_that_is_left_out_does_not_reach_the_ue(
    amf: str, seen: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bool] = []
    decode = n1.decode

    def noted(octets: bytes) -> Any:
        message = decode(octets)
        if isinstance(message, nas.RegistrationAccept):
            read.append(message.five_gs_network_feature_support is not None)
        return message

    monkeypatch.setattr(n1, "decode", noted)
    assert failing("two_slices", tmp_path, amf) == []
    assert set(read) == {seen}


def test_only_the_option_has_our_amf_leave_elements_out() -> None:
    without_it, _ = staged("ue1=ueransim")
    asked, _ = staged(more="cast: {ue1: {supplier: ueransim, options: {release_15_nas: true}}}\n")
    found = [
        next(part.config.get("omit_elements") for part in network.parts if part.name == "amf")
        for network in (without_it, asked)
    ]
    assert found == [None, unread_elements()]


def test_what_is_left_out_is_what_is_named_and_nothing_else() -> None:
    reject = nas.ServiceReject(five_gmm_cause=9, t3346_value=None, eap_message=b"1234")
    left_out = omissions(["ServiceReject.eap_message"])
    assert without(reject, left_out) == nas.ServiceReject(five_gmm_cause=9)
    assert without(nas.ServiceAccept(), left_out) == nas.ServiceAccept()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("RegistrationReject.five_gmm_cause", "the optional elements of RegistrationReject are t3346_value"),
        ("RegistrationReject", "the optional elements of RegistrationReject are t3346_value"),
        ("RegistrationDenied.cause", "there is no message RegistrationDenied"),
    ],
)
def test_what_cannot_be_left_out_is_refused_with_what_can(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        AMF.build("amf", {"omit_elements": [name]}, VirtualServices(1, "amf", lambda record: None))
