"""Error Indication (TS 38.413 clause 8.7.5), and the errors of clause 10."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.protocols.ngap import error_handling as errors
from awase.protocols.ngap.codec import AbstractSyntaxError
from awase.protocols.ngap.elements import Cause, CriticalityDiagnostics
from awase.protocols.ngap.messages import (
    AMFConfigurationUpdateFailure,
    ErrorIndication,
    InitialContextSetupFailure,
    RawMessage,
    UEContextModificationFailure,
)

_AMF_CONFIGURATION_UPDATE, _ERROR_INDICATION, _INITIAL_CONTEXT_SETUP, _UE_CONTEXT_MODIFICATION = 0, 9, 14, 40
_INITIATING = "initiating-message"


def error_indication_received(gnb: Gnb, amf: Amf, message: ErrorIndication) -> None:
    """The AMF found an error: an event, and an end to a UE context that it does not know."""
    gnb.report_rarely(
        "ErrorIndication",
        f"{amf.name} indicates an error: {message.cause or 'no cause'}",
        subject=amf.name,
        cause=str(message.cause or ""),
    )
    ue = None
    if message.ran_ue_ngap_id is not None:
        ue = gnb.ues.get(message.ran_ue_ngap_id)
    elif message.amf_ue_ngap_id is not None:
        ue = amf.ues.get(message.amf_ue_ngap_id)
    # Clause 10.6: the peer released what it knew under these identifiers.
    if ue is not None and ue.amf is amf and message.cause in (errors.UNKNOWN_LOCAL, errors.INCONSISTENT_REMOTE):
        ue_context_release.leave(gnb, ue)


def abstract_syntax_error(gnb: Gnb, amf: Amf, error: AbstractSyntaxError, stream: int) -> None:
    """Clause 10.3: the procedure's failure message where it has one, else an Error Indication."""
    diagnostics = errors.of_error(error)
    gnb.malformed("n2", str(error), error.offset)
    if error.procedure_code == _ERROR_INDICATION:
        # An error in an Error Indication is not answered, or two nodes would never end.
        return
    cause = Cause("protocol", error.cause)
    ue = gnb.ues.get(error.ran_ue_ngap_id) if error.ran_ue_ngap_id is not None else None
    if error.reject and error.triggering_message == _INITIATING:
        if error.procedure_code == _AMF_CONFIGURATION_UPDATE:
            gnb.send_n2(amf, AMFConfigurationUpdateFailure(cause=cause, criticality_diagnostics=diagnostics), 0)
            return
        failure = _FAILURES.get(error.procedure_code)
        if failure is not None and ue is not None and ue.amf is amf and error.amf_ue_ngap_id is not None:
            gnb.send_ue_n2(
                ue,
                failure(
                    amf_ue_ngap_id=error.amf_ue_ngap_id,
                    ran_ue_ngap_id=error.ran_ue_ngap_id,
                    cause=cause,
                    criticality_diagnostics=diagnostics,
                ),
            )
            return
    gnb.send_error(
        amf,
        cause,
        amf_ue_ngap_id=error.amf_ue_ngap_id,
        ran_ue_ngap_id=error.ran_ue_ngap_id,
        stream=stream,
        criticality_diagnostics=diagnostics,
    )


_FAILURES: dict[int, type[InitialContextSetupFailure] | type[UEContextModificationFailure]] = {
    _INITIAL_CONTEXT_SETUP: InitialContextSetupFailure,
    _UE_CONTEXT_MODIFICATION: UEContextModificationFailure,
}


def not_comprehended(gnb: Gnb, amf: Amf, message: RawMessage, stream: int) -> None:
    """Clause 10.3.4.1: a procedure that we do not have, by its criticality."""
    gnb.report_rarely(
        "NgapMessageUnsupported",
        f"{amf.name} sent NGAP procedure {message.procedure_code}, which this gNB does not have",
        subject=amf.name,
    )
    answer = errors.of_procedure(message)
    if answer is not None:
        cause, diagnostics = answer
        gnb.send_error(amf, cause, stream=stream, criticality_diagnostics=diagnostics)


def notify(gnb: Gnb, amf: Amf, message: object, diagnostics: CriticalityDiagnostics, stream: int) -> None:
    """Clause 10.3.4.2: elements not comprehended, of criticality notify, in a message that stands."""
    gnb.send_error(
        amf,
        errors.NOTIFY,
        amf_ue_ngap_id=getattr(message, "amf_ue_ngap_id", None),
        ran_ue_ngap_id=getattr(message, "ran_ue_ngap_id", None),
        stream=stream,
        criticality_diagnostics=diagnostics,
    )
