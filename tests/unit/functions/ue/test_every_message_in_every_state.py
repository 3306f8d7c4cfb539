"""State x message x protection: what a UE takes from a network (TS 24.501 clauses 4.4.4.2, 4.4.3.2 and 7.4)."""

from collections.abc import Callable
from typing import Any

import pytest

from awase.functions.ue.states import NOT_IMPLEMENTED, TABLE, Action, RmState
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import (
    AccessType,
    DeregistrationType,
    IdentityType,
    PayloadContainerType,
    SelectedNasSecurityAlgorithms,
    ServiceType,
    UeSecurityCapability,
)
from awase.protocols.nas.entity import ue_accepts_unprotected
from unit.functions.ue.rig import Network

INTERNET = {"dnn": "internet", "slice": {"sst": 1}}
CAUSE = FiveGMMCause.protocol_error_unspecified
RELEASE = bytes.fromhex("2e0100d324")
MESSAGES: dict[type, Callable[[Network], Any]] = {
    nas.AuthenticationRequest: lambda n: nas.AuthenticationRequest(ngksi=5, abba=bytes(2)),
    nas.AuthenticationResult: lambda n: nas.AuthenticationResult(ngksi=0, eap_message=bytes.fromhex("03010004")),
    nas.AuthenticationReject: lambda n: nas.AuthenticationReject(),
    nas.IdentityRequest: lambda n: nas.IdentityRequest(identity_type=IdentityType.imei),
    nas.SecurityModeCommand: lambda n: nas.SecurityModeCommand(
        selected_nas_security_algorithms=SelectedNasSecurityAlgorithms(nea=0, nia=2),
        ngksi=0,
        replayed_ue_security_capabilities=UeSecurityCapability.of((0,), (1,)),
    ),
    nas.RegistrationAccept: lambda n: n.registration_accept(),
    nas.RegistrationReject: lambda n: nas.RegistrationReject(five_gmm_cause=CAUSE),
    nas.ServiceAccept: lambda n: nas.ServiceAccept(),
    nas.ServiceReject: lambda n: nas.ServiceReject(five_gmm_cause=CAUSE),
    nas.ConfigurationUpdateCommand: lambda n: nas.ConfigurationUpdateCommand(five_g_guti=n.guti),
    nas.DeregistrationAcceptUEOriginating: lambda n: nas.DeregistrationAcceptUEOriginating(),
    nas.DeregistrationRequestUETerminated: lambda n: nas.DeregistrationRequestUETerminated(
        de_registration_type=DeregistrationType()
    ),
    nas.DLNASTransport: lambda n: nas.DLNASTransport(
        payload_container_type=PayloadContainerType.n1_sm_information, payload_container=RELEASE, pdu_session_id=1
    ),
    nas.Notification: lambda n: nas.Notification(access_type=AccessType.non_3gpp_access),
    nas.FiveGMMStatus: lambda n: nas.FiveGMMStatus(five_gmm_cause=CAUSE),
}


def initiated(network: Network) -> None:
    """Secure, and REGISTRATION ACCEPT still awaited."""
    network.answers[nas.SecurityModeComplete] = lambda _: None
    network.run(2)


def registered(network: Network) -> None:
    network.run(2)


def serving(network: Network) -> None:
    network.run(2)
    for session in network.ue.context.sessions.values():
        session.user_plane = False
    network.ue.user_plane.recover(tuple(network.ue.context.sessions.values()))
    network.ue.n1.request_service(ServiceType.data)
    network.run(1)


def leaving(network: Network) -> None:
    network.run(2)
    network.answers[nas.DeregistrationRequestUEOriginating] = lambda _: None
    network.ue.n1.deregister(switch_off=False)
    network.run(1)


SCENES = {
    RmState.REGISTERED_INITIATED: initiated,
    RmState.REGISTERED: registered,
    RmState.SERVICE_REQUEST_INITIATED: serving,
    RmState.DEREGISTERED_INITIATED: leaving,
}
PROTECTIONS = ("plain", "wrong mac", "replayed", "as a command", "reserved")


def at(state: RmState) -> Network:
    network = Network(sessions=[INTERNET])
    SCENES[state](network)
    assert network.ue.context.state is state
    assert network.ue.context.secured
    return network


def seen(network: Network) -> tuple[Any, ...]:
    """What would change if a message were acted upon; a reject of a command under a new context is no such change."""
    network.deliver()
    context = network.ue.context
    answers = [m for m in network.received if not isinstance(m, nas.SecurityModeReject | nas.FiveGMMStatus)]
    return context.state, context.guti, context.registered, tuple(context.sessions), len(answers)


def octets(network: Network, plain: bytes, protection: str) -> bytes:
    assert network.context is not None
    if protection == "plain":
        return plain
    if protection == "reserved":
        return bytes((0x7E, 9)) + bytes(5) + plain
    protected = network.context.protect(plain, 3 if protection == "as a command" else 2)
    if protection == "wrong mac":
        return protected[:2] + bytes((protected[2] ^ 1,)) + protected[3:]
    return protected


@pytest.mark.parametrize("state", SCENES)
@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_nothing_that_is_not_protected_as_it_must_be_changes_anything(state: RmState, kind: type) -> None:
    network = at(state)
    before = seen(network)
    for protection in PROTECTIONS:
        if protection == "as a command" and kind is nas.SecurityModeCommand:
            continue
        sent = octets(network, encode(MESSAGES[kind](network)), protection)
        if protection == "replayed":
            # A message that nothing follows from takes the NAS COUNT, and the octets come a second time.
            sent = octets(network, encode(nas.FiveGMMStatus(five_gmm_cause=CAUSE)), "right")
            network.send_octets(sent)
            before = seen(network)
        network.send_octets(sent)
        assert seen(network) == before, protection
    assert "NasMessageDiscarded" in network.names() or "MalformedPacket" in network.names()


@pytest.mark.parametrize("state", SCENES)
@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_a_message_is_taken_once_and_answered_as_the_table_says(state: RmState, kind: type) -> None:
    network = at(state)
    sent = octets(network, encode(MESSAGES[kind](network)), "right")
    statuses = len(network.all(nas.FiveGMMStatus))
    network.send_octets(sent)
    network.deliver()
    action = TABLE[state, kind]
    causes = [int(m.five_gmm_cause) for m in network.all(nas.FiveGMMStatus)[statuses:]]
    assert causes == ([98] if action is Action.NOT_COMPATIBLE else [])
    after = seen(network)
    network.send_octets(sent)
    assert seen(network) == after


@pytest.mark.parametrize("kind", [k for k in NOT_IMPLEMENTED if issubclass(k, nas.FiveGMMMessage)])
def test_what_this_ue_cannot_do_is_answered_by_status_97(kind: type) -> None:
    network = at(RmState.REGISTERED)
    plain = {
        nas.RelayKeyAccept: "7e006a010031" + 49 * "00",
        nas.RelayKeyReject: "7e006b01",
        nas.RelayAuthenticationRequest: "7e006c01000403010004",
    }.get(kind, f"7e00{kind.message_type:02x}0101000403010004")  # type: ignore[attr-defined]
    network.send_octets(octets(network, bytes.fromhex(plain), "right"))
    network.deliver()
    assert [int(m.five_gmm_cause) for m in network.all(nas.FiveGMMStatus)] == [97]


BEFORE_SECURITY = {
    nas.AuthenticationRequest,
    nas.AuthenticationResult,
    nas.AuthenticationReject,
    nas.RegistrationReject,
    nas.ServiceReject,
    nas.DeregistrationAcceptUEOriginating,
}
"""TS 24.501 clause 4.4.4.2; IDENTITY REQUEST only for the SUCI."""


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_before_secure_exchange_only_the_messages_of_clause_4_4_4_2_are_taken_in_clear(kind: type) -> None:
    network = Network()
    message = MESSAGES[kind](network)
    assert ue_accepts_unprotected(message, secured=False) == (kind in BEFORE_SECURITY)
    assert not ue_accepts_unprotected(message, secured=True)
    suci = nas.IdentityRequest(identity_type=IdentityType.suci)
    assert ue_accepts_unprotected(suci, secured=False)


def test_a_nas_count_that_is_used_up_ends_the_context_and_a_new_one_begins() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.ue.context.context.uplink_count = (1 << 24) - 10
    network.tolerant = True
    network.ue.n1.update()
    network.run(30)
    assert network.ue.context.state is RmState.REGISTERED
    assert network.ue.context.context.uplink_count < 100
