"""What each UE went through, read from its radio link: registration, sessions, traffic (TS 24.501)."""

from typing import Any

from awase.lab.decipher import DOWNLINK, UPLINK, KeyRing
from awase.lab.dissection import rrc_nas
from awase.lab.evidence.procedures import Procedures
from awase.lab.evidence.traffic import Pings
from awase.lab.seats import Path
from awase.model.ids import FiveGGuti
from awase.model.network import Expectation
from awase.model.part import Packet
from awase.protocols.nas import codec as nas
from awase.protocols.nas.elements import FiveGSTmsi
from awase.protocols.nas.messages import (
    AuthenticationReject,
    ConfigurationUpdateCommand,
    DLNASTransport,
    RegistrationAccept,
    RegistrationComplete,
    RegistrationReject,
)
from awase.protocols.rls import codec as rls
from awase.protocols.rls.messages import PduTransmission, PduType, RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import Paging, RRCRelease
from awase.wire.errors import DecodeError

_CARRIES_NAS = {int(channel): channel.name for channel in (RrcChannel.DL_DCCH, RrcChannel.UL_DCCH)}


class Subscriber:
    """One UE: what is expected of it, and what was seen."""

    __slots__ = (
        "accepted", "complete", "expected", "name", "pings", "procedures", "refused_sessions", "rejection", "sessions",
        "supi", "unsettled", "wanted_sessions",
    )  # fmt: skip

    def __init__(self, name: str, supi: str, expected: Expectation, wanted_sessions: int) -> None:
        self.name = name
        self.supi = supi
        self.expected = expected
        self.wanted_sessions = wanted_sessions
        self.accepted = False
        """A Registration Accept reached it."""
        self.complete = False
        """Its Registration Complete reached the base station."""
        self.rejection: tuple[str, int | None] | None = None
        """The message that refused its registration, and the 5GMM cause."""
        self.sessions: dict[int, bytes] = {}
        """PDU session id -> IPv4 address, for each PDU Session Establishment Accept that reached it."""
        self.refused_sessions: dict[int, tuple[str, int | None]] = {}
        self.pings = Pings()
        self.procedures = Procedures(expected) if expected.procedures else None
        self.unsettled = True

    @property
    def registered(self) -> bool:
        """Whether the registration was seen through."""
        return self.accepted and self.complete

    def registration_settled(self) -> bool:
        """Whether the registration came to an end."""
        return self.registered or self.rejection is not None

    def sessions_settled(self) -> bool:
        """Whether every session it asks for was accepted or refused, or never will be."""
        if self.rejection is not None and not self.registered:
            return True
        return len(self.sessions) + len(self.refused_sessions) >= self.wanted_sessions


class SubscriberObserver:
    """Reads the radio links (RLS) for what reaches the UEs and leaves them."""

    def __init__(self, keys: KeyRing, subscribers: dict[str, Subscriber]) -> None:
        self._keys = keys
        self._subscribers = subscribers

    def packet(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> bool:
        """One packet on a radio link; whether something about its UE may have changed."""
        payload = packet.payload
        name = path.sender if path.to_server else path.receiver
        subscriber = self._subscribers.get(name)
        if subscriber is None or not isinstance(payload, bytes):
            return False
        try:
            message = rls.decode(payload)
            if not isinstance(message, PduTransmission):
                return False
            if message.pdu_type == PduType.DATA:
                return subscriber.pings.seen(message.pdu, path.to_server, sent_ns, arrivals_ns)
            procedures = subscriber.procedures
            if not arrivals_ns or (procedures and procedures.again(path.to_server, message.sti, message.pdu_id)):
                return False
            channel = _CARRIES_NAS.get(message.payload)
            if channel is None:
                return procedures is not None and _paged(procedures, message)
            signalling = rrc.glance(channel, message.pdu)
            if procedures is not None and isinstance(signalling, RRCRelease):
                return procedures.add("rrc_release")
            pdu = rrc_nas(signalling)
            if not pdu:
                return False
            direction = UPLINK if path.to_server else DOWNLINK
            plain, _ = self._keys.plain(pdu, direction, supi=subscriber.supi)
            if plain is None:
                return False
            counted = procedures is not None and procedures.message(plain, path.to_server)
            return read_message(subscriber, plain) or counted
        except DecodeError:
            return False


def _paged(procedures: Procedures, message: PduTransmission) -> bool:
    """Whether it is paging for the UE."""
    if message.payload != RrcChannel.PCCH:
        return False
    paging = rrc.decode("PCCH", message.pdu)
    records = paging.paging_record_list if isinstance(paging, Paging) else ()
    own = procedures.tmsi is not None and any(record.ng_five_g_s_tmsi == procedures.tmsi for record in records)
    return own and procedures.add("paging")


def _own_tmsi(subscriber: Subscriber, message: Any) -> None:
    """Take the 5G-GUTI that a message allocates."""
    if subscriber.procedures is not None and isinstance(message.five_g_guti, FiveGGuti):
        subscriber.procedures.tmsi = FiveGSTmsi.of(message.five_g_guti).value


def _configuration_update(subscriber: Subscriber, message: Any) -> bool:
    _own_tmsi(subscriber, message)
    return False


def _registration_accept(subscriber: Subscriber, message: Any) -> bool:
    _own_tmsi(subscriber, message)
    subscriber.accepted = True
    if message.five_g_guti is None:
        # TS 24.501 clause 5.5.1.2.4: without a new 5G-GUTI there is no Registration Complete.
        subscriber.complete = True
    return True


def _registration_complete(subscriber: Subscriber, _message: Any) -> bool:
    subscriber.complete = True
    return True


def _refused(subscriber: Subscriber, message: Any) -> bool:
    cause = getattr(message, "five_gmm_cause", None)
    subscriber.rejection = (type(message).__name__, None if cause is None else int(cause))
    return True


def _session_message(subscriber: Subscriber, message: Any) -> bool:
    container = message.payload_container
    if not isinstance(container, bytes):
        return False
    inner: Any = nas.decode(container)
    name = type(inner).__name__
    if name == "PDUSessionEstablishmentAccept":
        address = None if inner.pdu_address is None else inner.pdu_address.ipv4
        subscriber.sessions[inner.pdu_session_id] = b"" if address is None else bytes(map(int, address.split(".")))
        subscriber.refused_sessions.pop(inner.pdu_session_id, None)
    elif name == "PDUSessionEstablishmentReject":
        subscriber.refused_sessions[inner.pdu_session_id] = (name, int(inner.five_gsm_cause))
    elif name == "PDUSessionEstablishmentRequest" and message.five_gmm_cause is not None:
        # The AMF sends a request back that it could not forward (TS 24.501 clause 5.4.5.3.1 case f).
        subscriber.refused_sessions[inner.pdu_session_id] = ("DLNASTransport", int(message.five_gmm_cause))
    else:
        return False
    return True


_ACTIONS = {
    kind.message_type: action
    for kind, action in (
        (RegistrationAccept, _registration_accept),
        (RegistrationComplete, _registration_complete),
        (RegistrationReject, _refused),
        (AuthenticationReject, _refused),
        (DLNASTransport, _session_message),
        (ConfigurationUpdateCommand, _configuration_update),
    )
}
"""By 5GMM message type; the others need not be decoded."""


def read_message(subscriber: Subscriber, plain: bytes) -> bool:
    """Note what a NAS message says of its UE; whether it says anything."""
    action = _ACTIONS.get(plain[2]) if len(plain) > 2 and plain[0] == nas.EPD_5GMM else None
    return action is not None and action(subscriber, nas.decode(plain))
