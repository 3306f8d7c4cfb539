"""What UEs went through that others play, read from N2 and N3 (TS 38.413, TS 24.501).

Where UE and base station are programs of others nobody of ours sees their radio link. Their messages are seen where
they reach the core: a pass then says that the AMF sent, or was sent, what proves it.
"""

from collections.abc import Iterable
from typing import Any, Self

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.decipher import DOWNLINK, UPLINK, KeyRing
from awase.lab.dissection import nas_pdus
from awase.lab.evidence.subscribers import Subscriber, read_message
from awase.lab.foreign import ForeignPartType
from awase.model.part import Packet
from awase.protocols.gtpu.codec import decode, decode_g_pdu
from awase.protocols.gtpu.messages import GPdu
from awase.protocols.nas import codec as nas
from awase.protocols.nas.elements import Suci
from awase.protocols.nas.messages import RegistrationRequest
from awase.protocols.ngap import codec as ngap
from awase.wire.errors import DecodeError

_PLAIN = b"\x7e\x00"
"""How a plain 5GMM message begins (TS 24.501 clauses 9.2 and 9.3)."""
MAX_UES = 65_536


class Sightlines(msgspec.Struct, frozen=True):
    """What can be seen of a network in which others play: a link is seen if one of its ends is ours."""

    foreign_ues: tuple[str, ...]
    off_air: frozenset[str]
    """UEs whose radio link is not seen."""
    hidden: frozenset[str]
    """UEs and base stations of which nothing is seen: nothing is said of them."""
    flows: bool
    """Whether measured flows are seen where they arrive: the UPFs are ours."""

    @classmethod
    def of(cls, assembly: Assembly) -> Self:
        """Those of a network."""
        foreign = [part for part in assembly.parts if isinstance(part.part_type, ForeignPartType)]
        names = frozenset(part.name for part in foreign)
        seen: dict[str, set[str]] = {"Uu": set(), "N2": set()}
        cells: dict[str, list[str]] = {}
        for link in assembly.links:
            (first, _), (second, _) = link.ends
            if link.reference_point in seen and not names.issuperset((first, second)):
                seen[link.reference_point].update((first, second))
            if link.reference_point == "Uu":
                cells.setdefault(first, []).append(second)
                cells.setdefault(second, []).append(first)
        ues = tuple(part.name for part in foreign if part.function == "ue")
        stations = {part.name for part in foreign if part.function == "gnb" and part.name not in seen["N2"]}
        off_air = frozenset(ues) - seen["Uu"]
        silent = {name for name in off_air if stations.issuperset(cells.get(name, ()))}
        return cls(
            foreign_ues=ues,
            off_air=off_air,
            hidden=frozenset(stations | silent),
            flows=not any(part.function == "upf" for part in foreign),
        )


class CoreSide:
    """Attributes what passes N2 and N3 to the UEs whose radio link is not seen."""

    def __init__(self, keys: KeyRing, subscribers: Iterable[Subscriber], unseen: Iterable[Subscriber]) -> None:
        self._keys = keys
        self._by_supi = {subscriber.supi: subscriber for subscriber in subscribers}
        self._unseen = tuple(unseen)
        self._by_ran_id: dict[tuple[str, int], Subscriber] = {}
        """By base station and RAN UE NGAP ID."""

    def signalling(self, station: str, payload: bytes, uplink: bool, arrives: bool) -> Subscriber | None:
        """A message on N2; the UE about which something may have changed."""
        try:
            message: Any = ngap.decode(payload)
        except DecodeError:
            return None
        direction = UPLINK if uplink else DOWNLINK
        amf_id = getattr(message, "amf_ue_ngap_id", None)
        changed = None
        for pdu in nas_pdus(message):
            plain, _ = self._keys.plain(pdu, direction, amf_ue_ngap_id=amf_id)
            if plain is None and pdu[7:9] == _PLAIN:
                # Nobody told us keys: with NEA0 none are needed to read it.
                plain = pdu[7:]
            if plain is None:
                continue
            try:
                subscriber = self._owner(station, message, plain)
                if subscriber is not None and arrives and read_message(subscriber, plain):
                    changed = subscriber
            except DecodeError:
                continue
        return changed

    def _owner(self, station: str, message: Any, plain: bytes) -> Subscriber | None:
        ran_id, amf_id = getattr(message, "ran_ue_ngap_id", None), getattr(message, "amf_ue_ngap_id", None)
        key = (station, -1 if ran_id is None else int(ran_id))
        supi = None if amf_id is None else self._keys.supi_of(int(amf_id))
        if supi is None and amf_id is None:
            supi = _supi_in_clear(plain)
        found = self._by_supi.get(supi or "")
        if found is not None and len(self._by_ran_id) < MAX_UES:
            self._by_ran_id[key] = found
        elif amf_id is None:
            # A new connection, of one that does not say who it is.
            self._by_ran_id.pop(key, None)
        if found is None:
            found = self._by_ran_id.get(key)
        if found is None and len(self._by_supi) == 1:
            (found,) = self._by_supi.values()
        return found

    def user_plane(self, packet: Packet, uplink: bool, sent_ns: int, arrivals_ns: tuple[int, ...]) -> Subscriber | None:
        """Packets on N3; the UE that an echo reply reached."""
        payload = packet.payload
        changed = None
        for octets in (payload,) if isinstance(payload, bytes) else payload:
            inner = _user_packet(octets)
            if len(inner) < 20:
                continue
            address = inner[12:16] if uplink else inner[16:20]
            for subscriber in self._unseen:
                if address in subscriber.sessions.values() and subscriber.pings.seen(
                    inner, uplink, sent_ns, arrivals_ns
                ):
                    changed = subscriber
        return changed


def _user_packet(octets: bytes) -> bytes:
    """What a G-PDU carries; nothing where it is none."""
    try:
        plain = decode_g_pdu(octets)
        if plain is not None:
            return plain[2]
        message = decode(octets)
    except DecodeError:
        return b""
    return message.payload if isinstance(message, GPdu) else b""


def _supi_in_clear(plain: bytes) -> str | None:
    """The SUPI of a plain REGISTRATION REQUEST whose SUCI hides nothing (TS 33.501 annex C.2)."""
    message = nas.decode(plain)
    identity = getattr(message, "five_gs_mobile_identity", None)
    if not isinstance(message, RegistrationRequest) or not isinstance(identity, Suci):
        return None
    if identity.protection_scheme_id != 0:
        return None
    return f"imsi-{identity.plmn.mcc}{identity.plmn.mnc}{identity.msin}"
