"""The lasting states of a UE, and what each message does in each: a row for every input (TS 24.501)."""

from enum import Enum

from awase.protocols.nas import messages as nas


class RmState(Enum):
    """5GMM states (TS 24.501 clause 5.1.3.2.1), with the substates that matter here."""

    DEREGISTERED = "5GMM-DEREGISTERED.NORMAL-SERVICE"
    DEREGISTERED_PLMN_SEARCH = "5GMM-DEREGISTERED.PLMN-SEARCH"
    DEREGISTERED_ATTEMPTING = "5GMM-DEREGISTERED.ATTEMPTING-REGISTRATION"
    DEREGISTERED_NO_SUPI = "5GMM-DEREGISTERED.NO-SUPI"
    REGISTERED_INITIATED = "5GMM-REGISTERED-INITIATED"
    REGISTERED = "5GMM-REGISTERED.NORMAL-SERVICE"
    REGISTERED_ATTEMPTING = "5GMM-REGISTERED.ATTEMPTING-REGISTRATION-UPDATE"
    REGISTERED_LIMITED = "5GMM-REGISTERED.LIMITED-SERVICE"
    SERVICE_REQUEST_INITIATED = "5GMM-SERVICE-REQUEST-INITIATED"
    DEREGISTERED_INITIATED = "5GMM-DEREGISTERED-INITIATED"
    NULL = "5GMM-NULL"


class RrcState(Enum):
    """RRC states (TS 38.331 clause 4.2.1); over RLS there is no RRC_INACTIVE."""

    IDLE = "RRC_IDLE"
    SETUP = "RRC_IDLE, connection asked for"
    CONNECTED = "RRC_CONNECTED"


class SessionState(Enum):
    """5GSM states of a PDU session (TS 24.501 clause 6.1.3.2)."""

    INACTIVE = "PDU SESSION INACTIVE"
    ACTIVE_PENDING = "PDU SESSION ACTIVE PENDING"
    ACTIVE = "PDU SESSION ACTIVE"
    MODIFICATION_PENDING = "PDU SESSION MODIFICATION PENDING"
    INACTIVE_PENDING = "PDU SESSION INACTIVE PENDING"


class Action(Enum):
    """What the UE does with a message."""

    ANSWER = "answered at once"
    END_REGISTRATION = "what the registration procedure waits for"
    END_SERVICE_REQUEST = "what the service request procedure waits for"
    END_DEREGISTRATION = "what the de-registration procedure waits for"
    END_ESTABLISHMENT = "what the PDU session establishment procedure waits for"
    END_MODIFICATION = "what the PDU session modification procedure waits for"
    END_RELEASE = "what the PDU session release procedure waits for"
    TRANSPORT = "its payload goes to 5GSM"
    NOTE = "noted in an event"
    IGNORE = "nothing follows"
    NOT_COMPATIBLE = "5GMM STATUS with cause 98 (clause 7.4)"
    WRONG_SESSION = "5GSM STATUS with cause 43 (clause 7.3.2)"
    WRONG_STATE = "5GSM STATUS with cause 98 (clause 7.4)"


_DOWNLINK = (
    nas.AuthenticationRequest,
    nas.AuthenticationResult,
    nas.AuthenticationReject,
    nas.IdentityRequest,
    nas.SecurityModeCommand,
    nas.RegistrationAccept,
    nas.RegistrationReject,
    nas.ServiceAccept,
    nas.ServiceReject,
    nas.ConfigurationUpdateCommand,
    nas.DeregistrationAcceptUEOriginating,
    nas.DeregistrationRequestUETerminated,
    nas.DLNASTransport,
    nas.Notification,
    nas.FiveGMMStatus,
)
"""The 5GMM messages that a network sends (TS 24.501 table 9.7.1)."""

NOT_IMPLEMENTED = (
    nas.NetworkSliceSpecificAuthenticationCommand,
    nas.NetworkSliceSpecificAuthenticationResult,
    nas.RelayKeyAccept,
    nas.RelayKeyReject,
    nas.RelayAuthenticationRequest,
    nas.ServiceLevelAuthenticationCommand,
    nas.RemoteUEReportResponse,
)
"""What a network sends to UEs that can do what this one cannot: it answers STATUS with cause 97 (clause 7.4)."""

_COMMON: dict[type[nas.FiveGMMMessage], Action] = {
    nas.AuthenticationRequest: Action.ANSWER,
    nas.AuthenticationResult: Action.IGNORE,
    nas.AuthenticationReject: Action.ANSWER,
    nas.IdentityRequest: Action.ANSWER,
    nas.SecurityModeCommand: Action.ANSWER,
    nas.FiveGMMStatus: Action.NOTE,
}
_REGISTERED: dict[type[nas.FiveGMMMessage], Action] = {
    **_COMMON,
    nas.ConfigurationUpdateCommand: Action.ANSWER,
    nas.DeregistrationRequestUETerminated: Action.ANSWER,
    nas.DLNASTransport: Action.TRANSPORT,
    nas.Notification: Action.ANSWER,
    # It was sent again before our REGISTRATION COMPLETE came (clause 5.5.1.2.8 c).
    nas.RegistrationAccept: Action.ANSWER,
}
_NOTHING_YET: dict[type[nas.FiveGMMMessage], Action] = {
    nas.DeregistrationAcceptUEOriginating: Action.IGNORE,
    nas.FiveGMMStatus: Action.NOTE,
}

_ROWS: dict[RmState, dict[type[nas.FiveGMMMessage], Action]] = {
    RmState.NULL: dict.fromkeys(_DOWNLINK, Action.IGNORE),
    RmState.DEREGISTERED: _NOTHING_YET,
    RmState.DEREGISTERED_PLMN_SEARCH: _NOTHING_YET,
    RmState.DEREGISTERED_ATTEMPTING: _NOTHING_YET,
    RmState.DEREGISTERED_NO_SUPI: _NOTHING_YET,
    RmState.REGISTERED_INITIATED: {
        **_COMMON,
        nas.RegistrationAccept: Action.END_REGISTRATION,
        nas.RegistrationReject: Action.END_REGISTRATION,
        # Clause 5.5.1.2.7 f: the network's request goes first, but for 3GPP access it is ignored here.
        nas.DeregistrationRequestUETerminated: Action.ANSWER,
    },
    RmState.REGISTERED: _REGISTERED,
    RmState.REGISTERED_ATTEMPTING: _REGISTERED,
    RmState.REGISTERED_LIMITED: _REGISTERED,
    RmState.SERVICE_REQUEST_INITIATED: {
        **_REGISTERED,
        nas.ServiceAccept: Action.END_SERVICE_REQUEST,
        nas.ServiceReject: Action.END_SERVICE_REQUEST,
    },
    RmState.DEREGISTERED_INITIATED: {
        **_COMMON,
        nas.DeregistrationAcceptUEOriginating: Action.END_DEREGISTRATION,
        # Clause 5.5.2.2.6: both sides de-register; the network's request is answered.
        nas.DeregistrationRequestUETerminated: Action.ANSWER,
        nas.ConfigurationUpdateCommand: Action.IGNORE,
        nas.DLNASTransport: Action.IGNORE,
    },
}

TABLE: dict[tuple[RmState, type[nas.FiveGMMMessage]], Action] = {
    (state, message): _ROWS[state].get(message, Action.NOT_COMPATIBLE) for state in RmState for message in _DOWNLINK
}
"""Every 5GMM message of a network, in every state; one that only UEs send has no row and is a protocol error."""

_DOWNLINK_SM = (
    nas.PDUSessionEstablishmentAccept,
    nas.PDUSessionEstablishmentReject,
    nas.PDUSessionAuthenticationCommand,
    nas.PDUSessionAuthenticationResult,
    nas.PDUSessionModificationReject,
    nas.PDUSessionModificationCommand,
    nas.PDUSessionReleaseReject,
    nas.PDUSessionReleaseCommand,
    nas.FiveGSMStatus,
)
"""The 5GSM messages that a network sends (TS 24.501 table 9.7.2)."""

_SM_ROWS: dict[SessionState, dict[type[nas.FiveGSMMessage], Action]] = {
    SessionState.INACTIVE: {
        nas.PDUSessionReleaseCommand: Action.WRONG_SESSION,
        nas.PDUSessionModificationCommand: Action.WRONG_SESSION,
        nas.PDUSessionAuthenticationCommand: Action.WRONG_SESSION,
        nas.FiveGSMStatus: Action.NOTE,
    },
    SessionState.ACTIVE_PENDING: {
        nas.PDUSessionEstablishmentAccept: Action.END_ESTABLISHMENT,
        nas.PDUSessionEstablishmentReject: Action.END_ESTABLISHMENT,
        nas.PDUSessionReleaseCommand: Action.ANSWER,
        nas.PDUSessionAuthenticationCommand: Action.ANSWER,
        nas.PDUSessionAuthenticationResult: Action.IGNORE,
        nas.FiveGSMStatus: Action.NOTE,
    },
    SessionState.ACTIVE: {
        nas.PDUSessionReleaseCommand: Action.ANSWER,
        nas.PDUSessionModificationCommand: Action.ANSWER,
        nas.PDUSessionAuthenticationCommand: Action.ANSWER,
        nas.PDUSessionAuthenticationResult: Action.IGNORE,
        nas.PDUSessionEstablishmentAccept: Action.IGNORE,
        nas.FiveGSMStatus: Action.NOTE,
    },
    SessionState.MODIFICATION_PENDING: {
        nas.PDUSessionReleaseCommand: Action.ANSWER,
        # By its PTI it is the answer, or a modification of the network's own (clauses 6.3.2.5 and 6.4.2.6).
        nas.PDUSessionModificationCommand: Action.END_MODIFICATION,
        nas.PDUSessionModificationReject: Action.END_MODIFICATION,
        nas.PDUSessionAuthenticationCommand: Action.ANSWER,
        nas.PDUSessionAuthenticationResult: Action.IGNORE,
        nas.FiveGSMStatus: Action.NOTE,
    },
    SessionState.INACTIVE_PENDING: {
        nas.PDUSessionReleaseCommand: Action.END_RELEASE,
        nas.PDUSessionReleaseReject: Action.END_RELEASE,
        # Clause 6.4.3.6: the release goes on.
        nas.PDUSessionModificationCommand: Action.IGNORE,
        nas.FiveGSMStatus: Action.NOTE,
    },
}

SM_TABLE: dict[tuple[SessionState, type[nas.FiveGSMMessage]], Action] = {
    (state, message): _SM_ROWS[state].get(message, Action.WRONG_STATE)
    for state in SessionState
    for message in _DOWNLINK_SM
}
"""Every 5GSM message of a network, in every state of its PDU session."""
