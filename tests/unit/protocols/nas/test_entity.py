"""NAS security between two ends, and against a hostile one."""

import pytest

from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import decode, encode
from awase.protocols.nas.elements import (
    FiveGMMCapability,
    FiveGSRegistrationType,
    FiveGSTmsi,
    IdentityType,
    Imei,
    PduSessionIds,
    RegistrationType,
    ServiceType,
    Suci,
    UeSecurityCapability,
    nssai,
)
from awase.protocols.nas.entity import (
    NasSecurityError,
    Refusal,
    SecurityContext,
    SecurityHeaderType,
    amf_accepts_unprotected,
    non_cleartext_ies,
    open_container,
    parse_secured,
    protect_initial,
    security_header_type,
    ue_accepts_unprotected,
)
from awase.protocols.nas.messages import (
    AuthenticationReject,
    ConfigurationUpdateCommand,
    IdentityRequest,
    IdentityResponse,
    RegistrationComplete,
    RegistrationReject,
    RegistrationRequest,
    ServiceRequest,
)
from awase.wire.errors import DecodeError, EncodeError

GUTI = FiveGGuti(Guami(Plmn("001", "01"), 2, 1, 0), 7)
PLAIN = encode(RegistrationComplete())


def pair(nea: int = 2, nia: int = 2) -> tuple[SecurityContext, SecurityContext]:
    k_amf = bytes(range(32))
    return (
        SecurityContext("ue", ngksi=1, k_amf=k_amf, nea=nea, nia=nia),
        SecurityContext("amf", ngksi=1, k_amf=k_amf, nea=nea, nia=nia),
    )


def refusal(context: SecurityContext, octets: bytes) -> Refusal:
    with pytest.raises(NasSecurityError) as raised:
        context.unprotect(octets)
    return raised.value.refusal


@pytest.mark.parametrize("nea", [0, 2])
def test_both_ends_understand_each_other(nea: int) -> None:
    ue, amf = pair(nea)
    for i in range(600):
        up = ue.protect(PLAIN)
        assert amf.unprotect(up) == (PLAIN, i, 2)
        assert ue.unprotect(amf.protect(PLAIN, 1)).plain == PLAIN
    assert (PLAIN in up) == (nea == 0)


def test_a_message_is_taken_once() -> None:
    ue, amf = pair()
    first = ue.protect(PLAIN)
    amf.unprotect(first)
    assert refusal(amf, first) == Refusal.replay


def test_an_overtaken_message_is_taken_once_an_old_one_never() -> None:
    ue, amf = pair()
    sent = [ue.protect(PLAIN) for _ in range(300)]
    for octets in sent[:200]:
        amf.unprotect(octets)
    amf.unprotect(sent[210])
    assert amf.unprotect(sent[205]).nas_count == 205
    assert refusal(amf, sent[205]) == Refusal.replay
    assert refusal(amf, sent[150]) == Refusal.mac
    assert amf.unprotect(sent[290]).nas_count == 290
    assert refusal(amf, sent[205]) == Refusal.mac


def test_a_wrong_mac_changes_nothing() -> None:
    ue, amf = pair()
    octets = bytearray(ue.protect(PLAIN))
    for i in range(2, len(octets)):
        octets[i] ^= 1
        assert refusal(amf, bytes(octets)) == Refusal.mac
        octets[i] ^= 1
    assert amf.uplink_count == 0
    assert amf.unprotect(bytes(octets)).plain == PLAIN


def test_a_count_goes_on_after_its_sequence_number_wraps_although_messages_are_lost() -> None:
    ue, amf = pair()
    for i in range(1000):
        octets = ue.protect(PLAIN)
        if i % 100 == 0:
            assert amf.unprotect(octets).nas_count == i


def test_a_used_up_count_is_never_used_again() -> None:
    ue, amf = pair()
    ue.uplink_count = amf.uplink_count = (1 << 24) - 1
    assert ue.exhausted
    assert amf.unprotect(ue.protect(PLAIN)).nas_count == (1 << 24) - 1
    with pytest.raises(EncodeError):
        ue.protect(PLAIN)


def test_keys_are_not_shown() -> None:
    ue, _ = pair()
    assert "k_amf" not in repr(ue)
    assert bytes(range(32)).hex() not in repr(ue)
    assert len(ue.keys()["k_nas_enc"]) == 32


@pytest.mark.parametrize("octets", [b"", b"\x7e", b"\x7e\x02", bytes(20), b"\x7e\x05" + bytes(20)])
def test_what_is_no_protected_message(octets: bytes) -> None:
    assert refusal(pair()[0], octets) == Refusal.malformed
    with pytest.raises(NasSecurityError):
        parse_secured(octets)


def test_the_security_header_type_of_a_5gsm_message_is_none() -> None:
    assert security_header_type(bytes.fromhex("2e0101d6")) is None
    assert security_header_type(PLAIN) == 0


def registration(**more: object) -> RegistrationRequest:
    return RegistrationRequest(
        five_gs_registration_type=FiveGSRegistrationType(value=RegistrationType.initial_registration),
        ngksi=1,
        five_gs_mobile_identity=GUTI,
        ue_security_capability=UeSecurityCapability.of((0, 2), (2,)),
        five_gmm_capability=FiveGMMCapability(),
        requested_nssai=nssai((SNssai(1),)),
        **more,  # type: ignore[arg-type]
    )


def test_without_a_context_only_cleartext_elements_go() -> None:
    message = registration()
    assert non_cleartext_ies(message) == ("five_gmm_capability", "requested_nssai")
    sent = decode(protect_initial(message, None))
    assert isinstance(sent, RegistrationRequest)
    assert non_cleartext_ies(sent) == ()
    assert sent.ue_security_capability == message.ue_security_capability


def test_with_a_context_the_whole_goes_ciphered_in_a_container() -> None:
    ue, amf = pair()
    ue.uplink_count = amf.uplink_count = 77
    message = registration()
    octets = protect_initial(message, ue)
    assert security_header_type(octets) == SecurityHeaderType.integrity_protected
    opened = amf.unprotect(octets)
    outer = decode(opened.plain)
    assert isinstance(outer, RegistrationRequest)
    assert outer.requested_nssai is None
    assert encode(message) not in octets
    assert open_container(outer, amf, opened.nas_count) == message


def test_a_service_request_with_sessions_has_a_container_too() -> None:
    ue, amf = pair()
    message = ServiceRequest(
        ngksi=1,
        service_type=ServiceType.data,
        five_g_s_tmsi=FiveGSTmsi.of(GUTI),
        uplink_data_status=PduSessionIds((1,)),
    )
    opened = amf.unprotect(protect_initial(message, ue))
    outer = decode(opened.plain)
    assert isinstance(outer, ServiceRequest)
    assert outer.uplink_data_status is None
    assert open_container(outer, amf, opened.nas_count) == message


def test_a_container_with_another_message_is_refused() -> None:
    ue, amf = pair()
    container = ue.cipher_container(encode(RegistrationComplete()), 0)
    with pytest.raises(DecodeError):
        open_container(registration(nas_message_container=container), amf, 0)


def test_what_a_ue_believes_without_protection() -> None:
    reject = RegistrationReject(five_gmm_cause=FiveGMMCause.plmn_not_allowed)
    assert ue_accepts_unprotected(reject, secured=False)
    assert not ue_accepts_unprotected(reject, secured=True)
    assert not ue_accepts_unprotected(RegistrationReject(five_gmm_cause=FiveGMMCause(76)), secured=False)
    assert ue_accepts_unprotected(IdentityRequest(identity_type=IdentityType.suci), secured=False)
    assert not ue_accepts_unprotected(IdentityRequest(identity_type=IdentityType.imeisv), secured=False)
    assert ue_accepts_unprotected(AuthenticationReject(), secured=False)
    assert not ue_accepts_unprotected(ConfigurationUpdateCommand(), secured=False)


def test_what_an_amf_believes_without_protection() -> None:
    suci = Suci.null(Plmn("001", "01"), "1")
    assert amf_accepts_unprotected(registration(), secured=False)
    assert amf_accepts_unprotected(IdentityResponse(mobile_identity=suci), secured=False)
    assert not amf_accepts_unprotected(IdentityResponse(mobile_identity=Imei(digits="123456789012345")), secured=False)
    assert not amf_accepts_unprotected(RegistrationComplete(), secured=False)
    assert not amf_accepts_unprotected(RegistrationComplete(), secured=True)
