"""Every NAS message of captures of real equipment is checked, deciphered, decoded and encoded again."""

import json
from pathlib import Path

import pytest

from awase.model.ids import Plmn, snn
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.codec import decode, encode
from awase.protocols.nas.entity import SecurityContext, open_container, parse_secured, security_header_type
from awase.protocols.nas.messages import (
    AuthenticationRequest,
    AuthenticationResponse,
    DLNASTransport,
    FiveGSMMessage,
    Message,
    PDUSessionEstablishmentAccept,
    PDUSessionReleaseCommand,
    RegistrationAccept,
    RegistrationRequest,
    SecurityModeCommand,
    SecurityModeComplete,
    ULNASTransport,
)
from awase.security import kdf
from awase.security.milenage import Milenage

VECTORS = Path(__file__).parents[3] / "vectors" / "nas" / "open5gs-2.8-ueransim-3.3"
CAPTURES = ("nea2-kernel-sctp", "nea0-kernel-sctp", "nea0-usrsctp")
K = bytes.fromhex("465B5CE8B199B49FAA5F0A2EE238A6BC")
OPC = bytes.fromhex("E8ED289DEBA952E4283B54E88E6183CA")
SUPI = "imsi-999700000000001"
SNN = snn(Plmn("999", "70"))


class Listener:
    """Follows both directions with the subscriber's keys."""

    def __init__(self) -> None:
        self.k_amf = b""
        self.ue: SecurityContext | None = None
        self.amf: SecurityContext | None = None
        self.res_star = b""

    def hear(self, direction: str, octets: bytes) -> tuple[bytes, int]:
        """The plain message, and its NAS COUNT."""
        header = security_header_type(octets)
        if header == 0:
            return octets, 0
        if header == 3:
            command = decode(parse_secured(octets).payload)
            assert isinstance(command, SecurityModeCommand)
            chosen = command.selected_nas_security_algorithms
            self.ue, self.amf = (
                SecurityContext(side, ngksi=command.ngksi, k_amf=self.k_amf, nea=chosen.nea, nia=chosen.nia)
                for side in ("ue", "amf")
            )
        receiver = self.amf if direction == "uplink" else self.ue
        assert receiver is not None
        opened = receiver.unprotect(octets)
        return opened.plain, opened.nas_count

    def learn(self, message: Message) -> None:
        """Derive keys from a challenge; check its answer."""
        if isinstance(message, AuthenticationRequest):
            rand, autn = message.authentication_parameter_rand, message.authentication_parameter_autn
            assert rand is not None
            assert autn is not None
            out = Milenage(K, OPC).f2345(rand)
            self.res_star = kdf.res_star(out.ck, out.ik, SNN, rand, out.res)
            k_ausf = kdf.k_ausf(out.ck, out.ik, SNN, autn[:6])
            self.k_amf = kdf.k_amf(kdf.k_seaf(k_ausf, SNN), SUPI, message.abba)
        if isinstance(message, AuthenticationResponse):
            assert message.authentication_response_parameter == self.res_star


def messages(capture: str) -> list[tuple[bytes, Message]]:
    """Each plain message with its octets, those in containers as well."""
    listener, found = Listener(), []
    for packet in json.loads((VECTORS / f"{capture}.json").read_text()):
        plain, _ = listener.hear(packet["direction"], bytes.fromhex(packet["octets"]))
        message = decode(plain)
        listener.learn(message)
        found.append((plain, message))
        if isinstance(message, ULNASTransport | DLNASTransport):
            found.append((message.payload_container, decode(message.payload_container)))
        if isinstance(message, SecurityModeComplete) and message.nas_message_container is not None:
            found.append((message.nas_message_container, decode(message.nas_message_container)))
    return found


@pytest.mark.parametrize("capture", CAPTURES)
def test_every_message_encodes_again_to_its_octets(capture: str) -> None:
    found = messages(capture)
    assert len(found) > 20
    for plain, message in found:
        assert encode(message).hex() == plain.hex(), message
        assert message.unknown_ies == ()


def test_the_registration_accept_says_what_the_core_was_configured_with() -> None:
    accept = next(m for _, m in messages("nea2-kernel-sctp") if isinstance(m, RegistrationAccept))
    assert accept.tai_list is not None
    assert [(str(tai.plmn), tai.tac) for tai in accept.tai_list.tais] == [("999-70", 1)]
    assert accept.allowed_nssai is not None
    assert [str(s.s_nssai) for s in accept.allowed_nssai] == ["1"]
    assert accept.t3512_value is not None
    assert accept.t3512_value.seconds == 540


def test_the_session_has_an_address_an_ambr_and_a_default_rule() -> None:
    accept = next(m for _, m in messages("nea0-usrsctp") if isinstance(m, PDUSessionEstablishmentAccept))
    assert accept.pdu_address is not None
    assert accept.pdu_address.ipv4 is not None
    assert accept.pdu_address.ipv4.startswith("10.")
    assert accept.dnn == "internet"
    assert accept.session_ambr.downlink_bps == 9_999_872_000
    (rule,) = accept.authorized_qos_rules
    assert (rule.default_qos_rule, rule.qfi, rule.precedence) == (True, 1, 255)
    assert accept.authorized_qos_flow_descriptions is not None
    assert accept.authorized_qos_flow_descriptions[0].five_qi == 9


def test_the_session_is_released_with_its_cause() -> None:
    commands = [m for _, m in messages("nea0-kernel-sctp") if isinstance(m, PDUSessionReleaseCommand)]
    assert [c.five_gsm_cause for c in commands] == [FiveGSMCause.regular_deactivation]
    assert isinstance(commands[0], FiveGSMMessage)
    assert commands[0].pdu_session_id == 1


def test_the_whole_registration_request_comes_in_the_security_mode_complete() -> None:
    requests = [m for _, m in messages("nea2-kernel-sctp") if isinstance(m, RegistrationRequest)]
    clear, whole = requests[0], requests[1]
    assert clear.requested_nssai is None
    assert whole.requested_nssai is not None
    assert whole.five_gs_mobile_identity == clear.five_gs_mobile_identity


def test_a_message_without_a_container_is_the_whole_message() -> None:
    _, request = messages("nea0-usrsctp")[0]
    assert isinstance(request, RegistrationRequest)
    context = SecurityContext("amf", ngksi=0, k_amf=bytes(32), nea=0, nia=2)
    assert open_container(request, context, 0) is request
