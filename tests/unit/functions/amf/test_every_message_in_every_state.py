"""State x message x protection: what an AMF takes from a UE (TS 24.501 clauses 4.4.4.3, 4.4.5 and 7.4)."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from awase.functions.amf.states import TABLE, Action, State
from awase.model.ids import SNssai
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import (
    DeregistrationType,
    FiveGSRegistrationResult,
    FiveGSTmsi,
    IdentityType,
    PayloadContainerType,
    RegistrationType,
    SelectedNasSecurityAlgorithms,
    ServiceType,
    SNssaiElement,
)
from awase.protocols.nas.entity import SecurityContext
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES
from awase.protocols.nas.proximity import RelayKeyRequestParameters, RelayKeyResponseParameters
from awase.protocols.ngap import messages as ngap
from unit.functions.amf.bench import SLICE, Bench, Ue
from unit.functions.amf.sessions import N1, with_session

SLICE_SPECIFIC = (
    nas.NetworkSliceSpecificAuthenticationCommand,
    nas.NetworkSliceSpecificAuthenticationComplete,
    nas.NetworkSliceSpecificAuthenticationResult,
)
RELAY_AUTHENTICATION = (nas.RelayAuthenticationRequest, nas.RelayAuthenticationResponse)


def message(kind: type, ue: Ue) -> Any:
    """A message of each kind, which only its state makes right or wrong."""
    cause = FiveGMMCause.protocol_error_unspecified
    container = {"payload_container_type": PayloadContainerType.n1_sm_information, "payload_container": N1}
    given: dict[type, Callable[[], Any]] = {
        nas.RegistrationRequest: lambda: ue.request(RegistrationType.mobility_registration_updating),
        nas.DeregistrationRequestUEOriginating: lambda: nas.DeregistrationRequestUEOriginating(
            de_registration_type=DeregistrationType(switch_off=False),
            ngksi=0,
            five_gs_mobile_identity=ue.guti or ue.suci,
        ),
        nas.DeregistrationRequestUETerminated: lambda: nas.DeregistrationRequestUETerminated(
            de_registration_type=DeregistrationType()
        ),
        nas.ServiceRequest: lambda: nas.ServiceRequest(
            ngksi=ue.security.ngksi if ue.security else 7,
            service_type=ServiceType.signalling,
            five_g_s_tmsi=FiveGSTmsi.of(ue.guti) if ue.guti else FiveGSTmsi(amf_set_id=1, amf_pointer=0, five_g_tmsi=9),
        ),
        nas.IdentityResponse: lambda: nas.IdentityResponse(mobile_identity=ue.suci),
        nas.IdentityRequest: lambda: nas.IdentityRequest(identity_type=IdentityType.suci),
        nas.AuthenticationResponse: lambda: nas.AuthenticationResponse(authentication_response_parameter=bytes(16)),
        nas.AuthenticationFailure: lambda: nas.AuthenticationFailure(five_gmm_cause=cause),
        nas.AuthenticationRequest: lambda: nas.AuthenticationRequest(ngksi=0, abba=bytes(2)),
        nas.AuthenticationResult: lambda: nas.AuthenticationResult(ngksi=0, eap_message=bytes(4)),
        nas.SecurityModeCommand: lambda: nas.SecurityModeCommand(
            selected_nas_security_algorithms=SelectedNasSecurityAlgorithms(nea=0, nia=2),
            ngksi=0,
            replayed_ue_security_capabilities=ue.capability,
        ),
        nas.SecurityModeReject: lambda: nas.SecurityModeReject(five_gmm_cause=cause),
        nas.ULNASTransport: lambda: nas.ULNASTransport(pdu_session_id=9, **container),
        nas.DLNASTransport: lambda: nas.DLNASTransport(pdu_session_id=9, **container),
        nas.RegistrationAccept: lambda: nas.RegistrationAccept(five_gs_registration_result=FiveGSRegistrationResult()),
        nas.RegistrationReject: lambda: nas.RegistrationReject(five_gmm_cause=cause),
        nas.ServiceReject: lambda: nas.ServiceReject(five_gmm_cause=cause),
        nas.Notification: lambda: nas.Notification(access_type=1),
        nas.ControlPlaneServiceRequest: lambda: nas.ControlPlaneServiceRequest(ngksi=0, control_plane_service_type=0),
        nas.NetworkSliceSpecificAuthenticationComplete: lambda: nas.NetworkSliceSpecificAuthenticationComplete(
            s_nssai=SNssaiElement(s_nssai=SLICE), eap_message=bytes(4)
        ),
        nas.RelayAuthenticationResponse: lambda: nas.RelayAuthenticationResponse(
            prose_relay_transaction_identity=1, eap_message=bytes(4)
        ),
        nas.FiveGMMStatus: lambda: nas.FiveGMMStatus(five_gmm_cause=cause),
        nas.RelayKeyRequest: lambda: nas.RelayKeyRequest(
            prose_relay_transaction_identity=1,
            relay_key_request_parameters=RelayKeyRequestParameters(
                relay_service_code=1, nonce_1=bytes(16), cp_pruk_id=b"7@relay"
            ),
        ),
        nas.RelayKeyAccept: lambda: nas.RelayKeyAccept(
            prose_relay_transaction_identity=1,
            relay_key_response_parameters=RelayKeyResponseParameters(
                knr_prose=bytes(32), nonce_2=bytes(16), cp_pruk_id=b"7@relay"
            ),
        ),
        nas.RelayKeyReject: lambda: nas.RelayKeyReject(prose_relay_transaction_identity=1),
    }
    if kind in SLICE_SPECIFIC:
        return kind(s_nssai=SNssaiElement(s_nssai=SNssai(1)), eap_message=bytes(4))
    if kind in RELAY_AUTHENTICATION:
        return kind(prose_relay_transaction_identity=1, eap_message=bytes(4))
    return given[kind]() if kind in given else kind()


def registered(bench: Bench) -> Ue:
    return with_session(bench)


def authenticating(bench: Bench) -> Ue:
    ue = Ue(bench.gnb())
    ue.begin()
    return ue


def securing(bench: Bench) -> Ue:
    ue = authenticating(bench)
    ue.authenticate()
    return ue


def accepting(bench: Bench) -> Ue:
    ue = securing(bench)
    ue.complete_security()
    return ue


def updating(bench: Bench) -> Ue:
    """Registered, and its mobility registration not yet confirmed."""
    ue = with_session(bench).idle(1)
    ue.begin(ue.request(RegistrationType.mobility_registration_updating))
    return ue


def serving(bench: Bench) -> Ue:
    """Registered, back by service request."""
    ue = with_session(bench).idle(1)
    ue.begin(ue.service())
    return ue


def leaving(bench: Bench) -> Ue:
    ue = with_session(bench)
    bench.wait(10)
    ue.take()
    assert isinstance(ue.last(), nas.DeregistrationRequestUETerminated)
    return ue


SCENES: dict[str, Callable[[Bench], Ue]] = {
    scene.__name__: scene for scene in (authenticating, securing, accepting, registered, updating, serving, leaving)
}
SECURE = ("accepting", "registered", "updating", "serving", "leaving")
PROTECTIONS = ("plain", "wrong mac", "replayed", "not ciphered", "as a command", "as a completion", "reserved", "right")
OURS = {message for _, message in TABLE} | {
    nas.AuthenticationRequest,
    nas.AuthenticationResult,
    nas.AuthenticationReject,
    nas.RegistrationAccept,
    nas.RegistrationReject,
    nas.DLNASTransport,
    nas.DeregistrationAcceptUEOriginating,
    nas.DeregistrationRequestUETerminated,
    nas.ServiceAccept,
    nas.ServiceReject,
    nas.ConfigurationUpdateCommand,
    nas.IdentityRequest,
    nas.Notification,
    nas.SecurityModeCommand,
}
KINDS = [kind for kind in FIVE_GMM_MESSAGES.values() if kind in OURS]


def bench_for(scene: str) -> Bench:
    actions = [{"at_s": 5, "do": "deregister", "supi": "imsi-001010000000001"}] if scene == "leaving" else []
    return Bench(actions=actions, ciphering=["NEA2"])


def octets(ue: Ue, kind: type, protection: str) -> bytes:
    plain = encode(message(kind, ue))
    security = ue.security
    assert security is not None
    if protection == "plain":
        return plain
    if protection == "reserved":
        return bytes((0x7E, 9)) + bytes(5) + plain
    header = {"not ciphered": 1, "as a command": 3, "as a completion": 4}.get(protection, 2)
    protected = security.protect(plain, header)
    if protection == "wrong mac":
        return protected[:2] + bytes((protected[2] ^ 1,)) + protected[3:]
    return protected


def seen(bench: Bench, ue: Ue) -> tuple[int, int, State]:
    """What would change if a message were acted upon."""
    bench.pump()
    connection = bench.amf.connections[ue.amf_id or 0]  # type: ignore[attr-defined]
    return len(ue.messages), len(bench.core.requests), connection.ue.state


@pytest.mark.parametrize("scene", SECURE)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_that_is_not_protected_as_it_must_be_changes_anything(scene: str, kind: type) -> None:
    """TS 24.501 clause 4.4.4.3: once secure exchange is established, such a message is discarded."""
    bench = bench_for(scene)
    ue = SCENES[scene](bench)
    initial = kind in (nas.RegistrationRequest, nas.ServiceRequest, nas.DeregistrationRequestUEOriginating)
    before = seen(bench, ue)
    for protection in PROTECTIONS[:-1]:
        if protection == "replayed":
            continue
        if protection == "not ciphered" and initial:
            continue
        if protection == "as a completion" and kind is nas.SecurityModeComplete:
            continue
        ue.uplink_octets(octets(ue, kind, protection))
        assert seen(bench, ue) == before, protection


@pytest.mark.parametrize("scene", SECURE)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_message_is_taken_once(scene: str, kind: type) -> None:
    """Replay: the NAS COUNT of an accepted message is used (TS 24.501 clause 4.4.3.2)."""
    bench = bench_for(scene)
    ue = SCENES[scene](bench)
    once = octets(ue, kind, "right")
    ue.uplink_octets(once)
    if ue.amf_id not in bench.amf.connections:  # type: ignore[attr-defined]
        return
    before = seen(bench, ue)
    ue.uplink_octets(once)
    assert seen(bench, ue) == before


@pytest.mark.parametrize("scene", SECURE)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_message_of_right_protection_does_what_its_row_says(scene: str, kind: type[Any]) -> None:
    bench = bench_for(scene)
    ue = SCENES[scene](bench)
    context = bench.amf.connections[ue.amf_id or 0].ue  # type: ignore[attr-defined]
    action = TABLE.get((context.state, kind), Action.NOT_COMPATIBLE)
    if action is Action.RESUME and kind not in context.expects:
        action = Action.NOT_COMPATIBLE
    before = len(ue.received)
    ue.uplink_octets(octets(ue, kind, "right"))
    ue.take()
    answers = [m for m in ue.received[before:] if isinstance(m, nas.FiveGMMStatus)]
    causes = [answer.five_gmm_cause for answer in answers]
    if action is Action.NOT_COMPATIBLE:
        assert causes == [FiveGMMCause.message_type_not_compatible_with_the_protocol_state]
    elif action is Action.NOT_IMPLEMENTED:
        assert causes == [FiveGMMCause.message_type_non_existent_or_not_implemented]
    else:
        assert causes == []


@pytest.mark.parametrize("scene", ["authenticating", "securing"])
@pytest.mark.parametrize(
    ("kind", "protection"),
    list(itertools.product(KINDS, ("plain", "wrong mac", "not ciphered", "reserved"))),
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_before_secure_exchange_only_the_messages_that_may_come_without_integrity_count(
    scene: str, kind: type, protection: str
) -> None:
    """TS 24.501 clause 4.4.4.3, the list of messages."""
    bench = Bench()
    ue = SCENES[scene](bench)
    stranger = SecurityContext("ue", ngksi=5, k_amf=bytes(32), nea=0, nia=2)
    plain = encode(message(kind, ue))
    header = {"not ciphered": 1, "wrong mac": 2}.get(protection)
    sent = plain if protection == "plain" else bytes((0x7E, 9)) + bytes(5) + plain
    if header is not None:
        sent = stranger.protect(plain, header)
    before = seen(bench, ue)
    ue.uplink_octets(sent)
    may = kind in (
        nas.RegistrationRequest,
        nas.IdentityResponse,
        nas.AuthenticationResponse,
        nas.AuthenticationFailure,
        nas.SecurityModeReject,
        nas.DeregistrationRequestUEOriginating,
        nas.DeregistrationAcceptUETerminated,
    )
    if not may or protection == "reserved":
        assert seen(bench, ue) == before


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("header", [0, 1, 2, 3, 4, 5, 15])
def test_only_an_initial_message_begins_a_connection(kind: type, header: int) -> None:
    """TS 24.501 clause 4.4.4.3; whatever comes, no context of a UE that is known changes."""
    bench = Bench()
    ue = with_session(bench).idle(1)
    assert ue.security is not None
    plain = encode(message(kind, ue))
    stranger = SecurityContext("ue", ngksi=ue.security.ngksi, k_amf=bytes(32), nea=2, nia=2)
    sent = plain if header == 0 else stranger.protect(plain, header)
    requests = len(bench.core.requests)
    ue.begin(octets=sent, five_g_s_tmsi=ue.s_tmsi())
    known = bench.amf.by_supi[ue.supi]  # type: ignore[attr-defined]
    assert (known.state, known.connection, list(known.sessions)) == (State.REGISTERED, None, [1])
    initial = kind in (nas.RegistrationRequest, nas.DeregistrationRequestUEOriginating)
    if header > 1 or not initial:
        assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
        assert len(bench.core.requests) == requests
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)


def test_messages_that_overtook_one_another_are_all_taken() -> None:
    """TS 24.501 clause 4.4.3.1: the estimate of the NAS COUNT spans both sides of what is expected."""
    bench = Bench()
    ue = registered(bench)
    first, second = (octets(ue, nas.FiveGMMStatus, "right") for _ in range(2))
    ue.uplink_octets(second)
    ue.uplink_octets(first)
    assert bench.names().count("FiveGMMStatus") == 2
    before = seen(bench, ue)
    for again in (second, first):
        ue.uplink_octets(again)
    assert seen(bench, ue) == before
    assert bench.names().count("FiveGMMStatus") == 2
