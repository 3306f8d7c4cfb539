"""The lasting states of a gNB: of its way to an AMF, and of a UE; what may happen in each is a table."""

from enum import Enum

from awase.protocols.ngap import messages as m


class AmfState(Enum):
    """An AMF as this gNB sees it (TS 38.412 clause 7, TS 38.413 clause 8.7.1)."""

    DOWN = "no association"
    CONNECTING = "association asked for"
    SETTING_UP = "NG Setup under way"
    REFUSED = "NG Setup refused"
    SERVING = "NG interface operational"


class UeState(Enum):
    """A UE with an RRC connection (TS 38.331 clause 4.2.1, TS 38.413 clause 8.3)."""

    RRC_SETUP = "RRCSetup sent"
    SIGNALLING = "connected, without a UE context"
    CONTEXT = "connected, with a UE context"
    RELEASING = "release asked for"


AMF_TRANSITIONS: dict[tuple[AmfState, str], AmfState] = {
    (AmfState.DOWN, "connect"): AmfState.CONNECTING,
    (AmfState.CONNECTING, "up"): AmfState.SETTING_UP,
    (AmfState.CONNECTING, "down"): AmfState.DOWN,
    (AmfState.SETTING_UP, "response"): AmfState.SERVING,
    (AmfState.SETTING_UP, "failure"): AmfState.REFUSED,
    (AmfState.SETTING_UP, "down"): AmfState.DOWN,
    (AmfState.REFUSED, "retry"): AmfState.SETTING_UP,
    (AmfState.REFUSED, "down"): AmfState.DOWN,
    (AmfState.SERVING, "down"): AmfState.DOWN,
}
"""The state after an input; an input without a row is a protocol error."""

_ALWAYS: tuple[type, ...] = (m.UEContextReleaseCommand, m.DownlinkNASTransport, m.ErrorIndication)
_WITH_CONTEXT: tuple[type, ...] = (
    m.PDUSessionResourceSetupRequest,
    m.PDUSessionResourceReleaseCommand,
    m.PDUSessionResourceModifyRequest,
    m.UEContextModificationRequest,
    m.UERadioCapabilityCheckRequest,
)

RECEIVABLE: dict[UeState, frozenset[type]] = {
    UeState.RRC_SETUP: frozenset(),
    UeState.SIGNALLING: frozenset((*_ALWAYS, m.InitialContextSetupRequest, m.RerouteNASRequest)),
    UeState.CONTEXT: frozenset((*_ALWAYS, *_WITH_CONTEXT)),
    UeState.RELEASING: frozenset((*_ALWAYS, *_WITH_CONTEXT, m.InitialContextSetupRequest)),
}
"""The UE-associated messages that an AMF may send in a state; another is not compatible with the state."""
