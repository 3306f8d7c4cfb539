"""What passes a UE's port `app`, behind which ordinary programs are: IP packets, and what a PDU session offers them.

`peer` is the PDU session identity. The UE sends `up` when a session can be used, and again when its addresses change:
its payload is an `IpSession`. Whoever has programs answers with `up`, else with `down`; from then on `data` is an IP
packet of the session, or a batch. The UE sends `down` when the session is gone.
"""

import msgspec

PORT = "app"


class IpSession(msgspec.Struct, frozen=True, kw_only=True):
    """A PDU session as the programs see it: its own addresses with prefix lengths, and its MTU."""

    addresses: tuple[str, ...]
    mtu_bytes: int = 1400


def encode(session: IpSession) -> bytes:
    """The payload of `up`."""
    return msgspec.json.encode(session)


def decode(payload: bytes) -> IpSession:
    """The same, read. Raises msgspec.DecodeError, which is a ValueError."""
    return msgspec.json.decode(payload, type=IpSession)
