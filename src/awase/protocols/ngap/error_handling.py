"""What both ends of NG answer where a message is not as it should be (TS 38.413 clause 10)."""

from collections.abc import Sequence

from awase.protocols.ngap.codec import AbstractSyntaxError
from awase.protocols.ngap.elements import Cause, CriticalityDiagnostics, CriticalityDiagnosticsIEItem
from awase.protocols.ngap.messages import RawMessage
from awase.wire.criticality import OUTCOMES, TRIGGERING

TRANSFER_SYNTAX = Cause("protocol", "transfer-syntax-error")
REJECT = Cause("protocol", "abstract-syntax-error-reject")
NOTIFY = Cause("protocol", "abstract-syntax-error-ignore-and-notify")
WRONG_STATE = Cause("protocol", "message-not-compatible-with-receiver-state")
SEMANTIC = Cause("protocol", "semantic-error")
UNKNOWN_LOCAL = Cause("radioNetwork", "unknown-local-UE-NGAP-ID")
INCONSISTENT_REMOTE = Cause("radioNetwork", "inconsistent-remote-UE-NGAP-ID")

_TRIGGERING_OF = dict(zip(OUTCOMES, TRIGGERING, strict=True))


def of_elements(octets: bytes, items: Sequence[CriticalityDiagnosticsIEItem]) -> CriticalityDiagnostics:
    """Elements to be notified of a message that stands, for an Error Indication (clause 10.3.4.2)."""
    return CriticalityDiagnostics(
        # The head of an NGAP-PDU: choice, procedure code, criticality (clause 9.4.4).
        procedure_code=octets[1],
        triggering_message=TRIGGERING[octets[0] >> 5 & 3],
        procedure_criticality=("reject", "ignore", "notify")[octets[2] >> 6],
        ies_criticality_diagnostics=tuple(items),
    )


def of_error(error: AbstractSyntaxError) -> CriticalityDiagnostics:
    """What is wrong with a message that does not stand (clauses 10.3.4 and 10.3.5)."""
    return CriticalityDiagnostics(
        procedure_code=error.procedure_code if error.procedure_code >= 0 else None,
        triggering_message=error.triggering_message or None,
        procedure_criticality=error.procedure_criticality,
        ies_criticality_diagnostics=error.ies,
    )


def of_procedure(message: RawMessage) -> tuple[Cause, CriticalityDiagnostics] | None:
    """The answer to a procedure that is not comprehended, by its criticality (clause 10.3.4.1); None: no answer."""
    if message.criticality == "ignore" or message.pdu != OUTCOMES[0]:
        return None
    return REJECT if message.criticality == "reject" else NOTIFY, CriticalityDiagnostics(
        procedure_code=message.procedure_code,
        triggering_message=_TRIGGERING_OF[message.pdu],
        procedure_criticality=message.criticality,
    )
