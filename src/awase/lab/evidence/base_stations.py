"""What each gNB's NG Setup came to, read from N2 (TS 38.413 clause 8.7.1)."""

from awase.lab.seats import Path
from awase.model.network import Expectation
from awase.model.part import Packet
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.messages import NGSetupFailure, NGSetupResponse
from awase.wire.errors import DecodeError

_NG_SETUP = b"\x15"
"""Procedure code 21 (TS 38.413 clause 9.4.7), the second octet of an NGAP-PDU."""


class BaseStation:
    """One gNB: what is expected of it, and what was seen."""

    __slots__ = ("accepted", "cause", "expected", "name", "unsettled")

    def __init__(self, name: str, expected: Expectation) -> None:
        self.name = name
        self.expected = expected
        self.accepted = False
        """An NG Setup Response reached it."""
        self.cause: str | None = None
        """The cause of the NG Setup Failure that reached it."""
        self.unsettled = True

    @property
    def settled(self) -> bool:
        """Whether its NG Setup was answered."""
        return self.accepted or self.cause is not None


def observe_ng_setup(
    stations: dict[str, BaseStation], path: Path, packet: Packet, arrivals_ns: tuple[int, ...]
) -> BaseStation | None:
    """One packet towards a gNB; the gNB, if it was the answer to its NG Setup."""
    station = stations.get(path.receiver)
    payload = packet.payload
    if station is None or not arrivals_ns or not isinstance(payload, bytes) or payload[1:2] != _NG_SETUP:
        return None
    try:
        message = ngap.decode(payload)
    except DecodeError:
        return None
    if isinstance(message, NGSetupResponse):
        station.accepted = True
        return station
    if isinstance(message, NGSetupFailure):
        station.cause = "" if message.cause is None else message.cause.name
        return station
    return None
