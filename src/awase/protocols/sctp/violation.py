"""What ends an association by ABORT from inside its machinery (RFC 9260 clause 3.3.10)."""

from awase.protocols.sctp.messages import CauseCode


class ViolationError(Exception):
    """The peer did what it must not; never leaves the endpoint."""

    def __init__(self, reason: str, cause: int = CauseCode.PROTOCOL_VIOLATION, information: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause
        self.information = information
