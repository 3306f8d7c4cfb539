"""The state tables have a row for every input."""

import pytest

from awase.functions.ue.states import NOT_IMPLEMENTED, SM_TABLE, TABLE, Action, RmState, SessionState
from awase.protocols.nas import messages as nas
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES, FIVE_GSM_MESSAGES

UPLINK_ONLY = {
    nas.RegistrationRequest,
    nas.RegistrationComplete,
    nas.DeregistrationRequestUEOriginating,
    nas.DeregistrationAcceptUETerminated,
    nas.ServiceRequest,
    nas.ConfigurationUpdateComplete,
    nas.AuthenticationResponse,
    nas.AuthenticationFailure,
    nas.IdentityResponse,
    nas.SecurityModeComplete,
    nas.SecurityModeReject,
    nas.NotificationResponse,
    nas.ULNASTransport,
    nas.ControlPlaneServiceRequest,
    nas.NetworkSliceSpecificAuthenticationComplete,
    nas.RelayKeyRequest,
    nas.RelayAuthenticationResponse,
    nas.ServiceLevelAuthenticationComplete,
    nas.RemoteUEReport,
    nas.PDUSessionEstablishmentRequest,
    nas.PDUSessionAuthenticationComplete,
    nas.PDUSessionModificationRequest,
    nas.PDUSessionModificationComplete,
    nas.PDUSessionModificationCommandReject,
    nas.PDUSessionReleaseRequest,
    nas.PDUSessionReleaseComplete,
}


@pytest.mark.parametrize("state", RmState)
def test_every_5gmm_message_of_a_network_has_a_row(state: RmState) -> None:
    for message in FIVE_GMM_MESSAGES.values():
        assert ((state, message) in TABLE) == (message not in UPLINK_ONLY | set(NOT_IMPLEMENTED))


@pytest.mark.parametrize("state", SessionState)
def test_every_5gsm_message_of_a_network_has_a_row(state: SessionState) -> None:
    for message in FIVE_GSM_MESSAGES.values():
        assert ((state, message) in SM_TABLE) == (message not in UPLINK_ONLY | set(NOT_IMPLEMENTED))


def test_nothing_is_taken_over_before_there_is_a_registration() -> None:
    for state in (RmState.DEREGISTERED, RmState.DEREGISTERED_PLMN_SEARCH, RmState.DEREGISTERED_NO_SUPI):
        assert TABLE[state, nas.RegistrationAccept] is Action.NOT_COMPATIBLE
        assert TABLE[state, nas.SecurityModeCommand] is Action.NOT_COMPATIBLE
