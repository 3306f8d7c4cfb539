"""The states of an AMF's UE context, and what each 5GMM message does in each (TS 24.501 clause 5.1.3.3)."""

from enum import Enum

from awase.protocols.nas import messages as nas


class State(Enum):
    """The 5GMM main states in the network (TS 24.501 clause 5.1.3.3.1)."""

    DEREGISTERED = "5GMM-DEREGISTERED"
    COMMON_PROCEDURE_INITIATED = "5GMM-COMMON-PROCEDURE-INITIATED"
    REGISTERED = "5GMM-REGISTERED"
    DEREGISTERED_INITIATED = "5GMM-DEREGISTERED-INITIATED"


class Action(Enum):
    """What the AMF does with a 5GMM message."""

    REGISTER = "registration"
    REGISTER_AGAIN = "registration collides with one under way (clauses 5.5.1.2.8 d and 5.5.1.3.8 d)"
    DEREGISTER = "UE-initiated de-registration"
    SERVE = "service request"
    RESUME = "what the running common procedure waits for"
    TRANSPORT = "UL NAS transport"
    NOTE = "noted in an event"
    UPDATE = "ends the generic UE configuration update, where one is under way"
    IGNORE = "nothing follows"
    NOT_IMPLEMENTED = "5GMM STATUS with cause 97 (clause 7.4)"
    NOT_COMPATIBLE = "5GMM STATUS with cause 98 (clause 7.4)"


_UPLINK = (
    nas.RegistrationRequest,
    nas.RegistrationComplete,
    nas.DeregistrationRequestUEOriginating,
    nas.DeregistrationAcceptUETerminated,
    nas.ServiceRequest,
    nas.IdentityResponse,
    nas.AuthenticationResponse,
    nas.AuthenticationFailure,
    nas.SecurityModeComplete,
    nas.SecurityModeReject,
    nas.ULNASTransport,
    nas.ConfigurationUpdateComplete,
    nas.NotificationResponse,
    nas.FiveGMMStatus,
)
"""The messages that a UE sends and an AMF acts on (TS 24.501 table 9.7.1)."""

_OTHERS = (
    nas.ControlPlaneServiceRequest,
    nas.NetworkSliceSpecificAuthenticationComplete,
    nas.RelayKeyRequest,
    nas.RelayAuthenticationResponse,
)
"""Messages of features that this AMF offers to no UE: CIoT optimisation, slice authentication, relays."""

_KEYS = (
    nas.IdentityResponse,
    nas.AuthenticationResponse,
    nas.AuthenticationFailure,
    nas.SecurityModeComplete,
    nas.SecurityModeReject,
)

_ROWS: dict[State, dict[type[nas.FiveGMMMessage], Action]] = {
    State.DEREGISTERED: {
        nas.RegistrationRequest: Action.REGISTER,
        nas.DeregistrationRequestUEOriginating: Action.DEREGISTER,
        nas.ServiceRequest: Action.SERVE,
        nas.FiveGMMStatus: Action.NOTE,
    },
    State.COMMON_PROCEDURE_INITIATED: {
        nas.RegistrationRequest: Action.REGISTER_AGAIN,
        nas.DeregistrationRequestUEOriginating: Action.DEREGISTER,
        nas.FiveGMMStatus: Action.NOTE,
        **dict.fromkeys((nas.RegistrationComplete, *_KEYS), Action.RESUME),
    },
    State.REGISTERED: {
        nas.RegistrationRequest: Action.REGISTER,
        nas.DeregistrationRequestUEOriginating: Action.DEREGISTER,
        nas.ServiceRequest: Action.SERVE,
        nas.ULNASTransport: Action.TRANSPORT,
        nas.ConfigurationUpdateComplete: Action.UPDATE,
        nas.NotificationResponse: Action.IGNORE,
        nas.FiveGMMStatus: Action.NOTE,
        # The accept was sent again before the first answer came in (clause 5.5.1.2.8 c).
        nas.RegistrationComplete: Action.IGNORE,
        # New keys may be agreed on with a UE that is registered (TS 33.501 clause 6.4.3.1).
        **dict.fromkeys(_KEYS, Action.RESUME),
    },
    State.DEREGISTERED_INITIATED: {
        nas.RegistrationRequest: Action.REGISTER,
        nas.DeregistrationRequestUEOriginating: Action.DEREGISTER,
        nas.DeregistrationAcceptUETerminated: Action.RESUME,
        nas.ULNASTransport: Action.IGNORE,
        nas.ServiceRequest: Action.IGNORE,
        nas.FiveGMMStatus: Action.NOTE,
    },
}

TABLE: dict[tuple[State, type[nas.FiveGMMMessage]], Action] = {
    (state, message): _ROWS[state].get(message, Action.NOT_COMPATIBLE) for state in State for message in _UPLINK
} | {(state, message): Action.NOT_IMPLEMENTED for state in State for message in _OTHERS}
"""Every message a UE sends, in every state; a message that only networks send has no row and is a protocol error."""
