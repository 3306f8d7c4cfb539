"""What an application protocol says of messages that are not as they should be (clause 10 of TS 38.413 and its kin)."""

from collections.abc import Mapping

from msgspec import Struct

from awase.wire.errors import DecodeError
from awase.wire.per_typed import RawIE

OUTCOMES = ("initiatingMessage", "successfulOutcome", "unsuccessfulOutcome")
TRIGGERING = ("initiating-message", "successful-outcome", "unsuccessful-outcome")
"""TriggeringMessage, spelt as the standard spells it."""


class CriticalityDiagnosticsIEItem(Struct, frozen=True, kw_only=True):
    """CriticalityDiagnostics-IE-Item (TS 38.413 clause 9.3.1.3): an IE that was not understood, or is missing."""

    ie_criticality: str
    ie_id: int
    type_of_error: str
    ie_extensions: tuple[RawIE, ...] = ()


class RawMessage(Struct, frozen=True, kw_only=True):
    """A message of a procedure that has no type here: which, its criticality, and its IEs as they came."""

    pdu: str
    """One of OUTCOMES."""
    procedure_code: int
    criticality: str
    unknown: tuple[RawIE, ...] = ()


class AbstractSyntaxError(DecodeError):
    """A message that decodes but breaks clause 10.3 of its protocol: not comprehended, missing, falsely built."""

    def __init__(
        self,
        what: str,
        *,
        cause: str,
        procedure_code: int = -1,
        triggering_message: str = "",
        procedure_criticality: str = "reject",
        ies: tuple[CriticalityDiagnosticsIEItem, ...] = (),
        identifiers: Mapping[str, int] | None = None,
        path: str = "",
    ) -> None:
        super().__init__(what, path=path)
        self.cause = cause
        """The protocol cause to answer with: abstract-syntax-error-reject, -ignore-and-notify or
        -falsely-constructed-message."""
        self.procedure_code = procedure_code
        self.triggering_message = triggering_message
        """One of TRIGGERING."""
        self.procedure_criticality = procedure_criticality
        self.ies = ies
        self.identifiers: Mapping[str, int] = identifiers or {}
        """The identifiers of the UE that could be read, by field."""

    @property
    def reject(self) -> bool:
        """Whether the procedure is rejected (by its failure message if it has one, else by an Error Indication)."""
        return self.cause != "abstract-syntax-error-ignore-and-notify"


Diagnostics = list[CriticalityDiagnosticsIEItem]
