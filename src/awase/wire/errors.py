"""The two faults of a codec: the peer's (DecodeError) and our caller's (EncodeError)."""


class DecodeError(ValueError):
    """Octets that are not a message: what was wrong, at which octet, in which element.

    A decoder raises nothing else, whatever the octets.
    """

    def __init__(self, what: str, *, offset: int | None = None, path: str = "") -> None:
        self.what = what
        self.offset = offset
        self.path = path
        where = f" at octet {offset}" if offset is not None else ""
        super().__init__(f"{path}: {what}{where}" if path else f"{what}{where}")


class EncodeError(ValueError):
    """A value that the wire format cannot carry: our own caller's mistake."""
