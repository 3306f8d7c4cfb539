"""The state table (TS 24.501 clause 5.1.3.3): an input without a row would be lost."""

import itertools

import pytest

from awase.functions.amf.states import TABLE, Action, State
from awase.protocols.nas import messages as nas
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES

FROM_THE_NETWORK = {
    "AuthenticationRequest",
    "AuthenticationResult",
    "AuthenticationReject",
    "RegistrationAccept",
    "RegistrationReject",
    "DLNASTransport",
    "DeregistrationAcceptUEOriginating",
    "DeregistrationRequestUETerminated",
    "ServiceAccept",
    "ServiceReject",
    "ConfigurationUpdateCommand",
    "IdentityRequest",
    "Notification",
    "SecurityModeCommand",
    "NetworkSliceSpecificAuthenticationCommand",
    "NetworkSliceSpecificAuthenticationResult",
    "RelayKeyAccept",
    "RelayKeyReject",
    "RelayAuthenticationRequest",
}
"""TS 24.501 table 9.7.1, the messages that only a network sends."""

UPLINK = [kind for kind in FIVE_GMM_MESSAGES.values() if kind.__name__ not in FROM_THE_NETWORK]


@pytest.mark.parametrize(("state", "message"), list(itertools.product(State, UPLINK)))
def test_every_message_of_a_ue_has_a_row_in_every_state(state: State, message: type[nas.FiveGMMMessage]) -> None:
    assert (state, message) in TABLE


def test_what_only_networks_send_has_no_row() -> None:
    assert {message.__name__ for _, message in TABLE} & FROM_THE_NETWORK == set()


def test_nothing_but_the_beginnings_is_taken_from_a_deregistered_ue() -> None:
    taken = {
        message
        for (state, message), action in TABLE.items()
        if state is State.DEREGISTERED and action not in (Action.NOT_COMPATIBLE, Action.NOT_IMPLEMENTED)
    }
    assert taken == {
        nas.RegistrationRequest,
        nas.DeregistrationRequestUEOriginating,
        nas.ServiceRequest,
        nas.FiveGMMStatus,
    }
