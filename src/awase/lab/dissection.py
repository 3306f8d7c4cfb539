"""What a packet is, in words: the message on its reference point and what it carries."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from ipaddress import ip_address
from typing import Any, NamedTuple

import msgspec

from awase.lab.decipher import DOWNLINK, UPLINK, KeyRing
from awase.lab.seats import Path
from awase.model.part import Packet
from awase.model.reference_points import REFERENCE_POINTS
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import GPdu
from awase.protocols.ip import codec, icmpv6, ipv4, ipv6, measurement, udp
from awase.protocols.nas import codec as nas
from awase.protocols.ngap import codec as ngap
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.rls import codec as rls
from awase.protocols.rls.messages import PduTransmission, PduType, RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.sbi import bhttp, multipart
from awase.protocols.sbi.messages import MULTIPART, Request, Response
from awase.wire.errors import DecodeError


class Sight(NamedTuple):
    """A message seen: its protocol, its name, the elements that matter, the message itself."""

    protocol: str
    name: str
    elements: str
    message: Any


SHOWN: dict[str, tuple[str, ...]] = {
    "NGSetupRequest": ("global_ran_node_id", "supported_ta_list"),
    "NGSetupResponse": ("amf_name", "plmn_support_list"),
    "NGSetupFailure": ("cause", "time_to_wait"),
    "InitialUEMessage": ("ran_ue_ngap_id", "rrc_establishment_cause"),
    "DownlinkNASTransport": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "UplinkNASTransport": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "InitialContextSetupRequest": ("amf_ue_ngap_id", "ran_ue_ngap_id", "allowed_nssai"),
    "InitialContextSetupResponse": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "InitialContextSetupFailure": ("amf_ue_ngap_id", "ran_ue_ngap_id", "cause"),
    "PDUSessionResourceSetupRequest": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "PDUSessionResourceSetupResponse": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "PDUSessionResourceReleaseCommand": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "PDUSessionResourceReleaseResponse": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "UEContextReleaseComplete": ("amf_ue_ngap_id", "ran_ue_ngap_id"),
    "UEContextReleaseRequest": ("amf_ue_ngap_id", "ran_ue_ngap_id", "cause"),
    "UEContextReleaseCommand": ("ue_ngap_ids", "cause"),
    "ErrorIndication": (
        "amf_ue_ngap_id",
        "ran_ue_ngap_id",
        "cause",
        "tunnel_endpoint_identifier_data_i",
        "gtp_u_peer_address",
    ),
    "RegistrationRequest": ("five_gs_registration_type", "five_gs_mobile_identity", "requested_nssai"),
    "RegistrationAccept": ("five_g_guti", "allowed_nssai", "rejected_nssai"),
    "RegistrationReject": ("five_gmm_cause",),
    "AuthenticationFailure": ("five_gmm_cause",),
    "AuthenticationRequest": ("ngksi",),
    "SecurityModeCommand": ("selected_nas_security_algorithms",),
    "SecurityModeReject": ("five_gmm_cause",),
    "IdentityRequest": ("identity_type",),
    "ServiceReject": ("five_gmm_cause",),
    "FiveGMMStatus": ("five_gmm_cause",),
    "FiveGSMStatus": ("five_gsm_cause",),
    "ULNASTransport": ("pdu_session_id", "dnn", "s_nssai"),
    "DLNASTransport": ("pdu_session_id", "five_gmm_cause"),
    "PDUSessionEstablishmentRequest": ("pdu_session_id", "pdu_session_type"),
    "PDUSessionEstablishmentAccept": ("pdu_session_id", "pdu_address", "session_ambr"),
    "PDUSessionEstablishmentReject": ("pdu_session_id", "five_gsm_cause"),
    "PDUSessionReleaseCommand": ("pdu_session_id", "five_gsm_cause"),
    "PDUSessionReleaseComplete": ("pdu_session_id",),
    "RRCSetupRequest": ("establishment_cause",),
    "SessionEstablishmentRequest": ("node_id",),
    "SessionEstablishmentResponse": ("cause", "offending_ie"),
    "SessionModificationResponse": ("cause", "offending_ie"),
    "SessionDeletionResponse": ("cause", "offending_ie"),
    "AssociationSetupRequest": ("node_id",),
    "AssociationSetupResponse": ("node_id", "cause"),
}


_CHANGES = {"up": "up", "down": "down", "abort": "aborted"}


def words(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 16 else f"{len(value)} octets"
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return "[" + ", ".join(words(item) for item in value) + "]"
    if isinstance(value, msgspec.Struct) and type(value).__str__ is object.__str__:
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        if len(fields) == 1 or "value" in fields:
            return words(fields.get("value", next(iter(fields.values()))))
        inner = (
            f"{name}={words(item)}"
            for name, item in fields.items()
            if item is not None and item is not False and item not in ((), b"")
        )
        return "{" + " ".join(inner) + "}"
    return str(value)


def _sight(protocol: str, message: object) -> Sight:
    name = type(message).__name__
    shown = (
        f"{element}={words(value)}"
        for element in SHOWN.get(name, ())
        if (value := getattr(message, element, None)) not in (None, ())
    )
    return Sight(protocol, name, " ".join(shown), message)


def nas_pdus(message: Any) -> Iterator[bytes]:
    """The NAS messages that an NGAP message carries."""
    pdu = getattr(message, "nas_pdu", None)
    if pdu:
        yield pdu
    for field in ("pdu_session_resource_setup_list_su_req", "pdu_session_resource_setup_list_cxt_req"):
        for item in getattr(message, field, ()):
            pdu = getattr(item, "pdu_session_nas_pdu", None) or getattr(item, "nas_pdu", None)
            if pdu:
                yield pdu


def rrc_nas(message: Any) -> bytes | None:
    """The NAS message that an RRC message carries."""
    return getattr(message, "dedicated_nas_message", None)


class Dissector:
    """Reads packets of every reference point; NAS with the keys that the run has."""

    def __init__(self, keys: KeyRing, supis: dict[str, str]) -> None:
        self._keys = keys
        self._supis = supis
        self._readers: dict[str, Callable[[Path, Packet], list[Sight]]] = {
            "Uu": self._uu,
            "N2": self._n2,
            "N3": self._n3,
            "N4-u": self._n3,
            "N9": self._n3,
            "N4": self._n4,
            "N6": self._n6,
        }

    def sights(self, path: Path, packet: Packet) -> list[Sight]:
        """The message and what it carries, outermost first; one that cannot be read is named Malformed."""
        if packet.kind in ("up", "down", "abort"):
            carrier = "connection" if REFERENCE_POINTS[path.link.reference_point].transport == "http" else "association"
            return [Sight("", f"{carrier} {_CHANGES[packet.kind]}", "", None)]
        if packet.kind in ("request", "response"):
            return self._http(packet)
        try:
            return self._readers[path.link.reference_point](path, packet)
        except DecodeError as error:
            return [Sight("", "Malformed", str(error), None)]

    def _uu(self, path: Path, packet: Packet) -> list[Sight]:
        message = rls.decode(_octets(packet))
        if not isinstance(message, PduTransmission):
            return [Sight("rls", type(message).__name__, "", message)]
        if message.pdu_type == PduType.DATA:
            # Ends of ours mark the QoS flow above the PDU session identity.
            flow = f" qfi={message.payload >> 8 & 0x3F}" if message.payload >> 8 & 0x3F else ""
            what = f"pdu_session_id={message.payload & 0xFF}{flow}"
            return [Sight("rls", "Data", what, message), *_ip(message.pdu)]
        inner = rrc.glance(RrcChannel(message.payload).name, message.pdu)
        sights = [_sight("rrc", inner)]
        pdu = rrc_nas(inner)
        if pdu:
            ue = path.sender if path.to_server else path.receiver
            direction = UPLINK if path.to_server else DOWNLINK
            sights += self.nas(self._keys.plain(pdu, direction, supi=self._supis.get(ue))[0])
        return sights

    def _n2(self, path: Path, packet: Packet) -> list[Sight]:
        message = ngap.decode(_octets(packet))
        sights = [_sight("ngap", message)]
        direction = UPLINK if path.to_server else DOWNLINK
        amf_id = getattr(message, "amf_ue_ngap_id", None)
        for pdu in nas_pdus(message):
            sights += self.nas(self._keys.plain(pdu, direction, amf_ue_ngap_id=amf_id)[0])
        return sights

    def nas(self, plain: bytes | None) -> list[Sight]:
        """A NAS message without its protection, and the 5GSM message in it."""
        if plain is None:
            return [Sight("nas", "ciphered NAS message", "", None)]
        try:
            message = nas.decode(plain)
        except DecodeError as error:
            return [Sight("nas", "Malformed", str(error), None)]
        sights = [_sight("nas", message)]
        container = getattr(message, "payload_container", None)
        if isinstance(container, bytes) and container[:1] == b"\x2e":
            try:
                sights.append(_sight("nas", nas.decode(container)))
            except DecodeError as error:
                sights.append(Sight("nas", "Malformed", str(error), None))
        return sights

    @staticmethod
    def _n3(_path: Path, packet: Packet) -> list[Sight]:
        message = gtpu.decode(_octets(packet))
        if isinstance(message, GPdu):
            container = message.container
            qfi = f" qfi={container.qfi}" if container is not None else ""
            return [Sight("gtpu", "G-PDU", f"teid={message.teid:#x}{qfi}", message), *_ip(message.payload)]
        return [_sight("gtpu", message)]

    @staticmethod
    def _n4(_path: Path, packet: Packet) -> list[Sight]:
        return [_sight("pfcp", pfcp.decode(_octets(packet))[1])]

    @staticmethod
    def _n6(_path: Path, packet: Packet) -> list[Sight]:
        return _ip(_octets(packet))

    @staticmethod
    def _http(packet: Packet) -> list[Sight]:
        try:
            message = bhttp.glance(_octets(packet), is_request=packet.kind == "request")
        except DecodeError as error:
            return [Sight("sbi", "Malformed", str(error), None)]
        if isinstance(message, Request):
            return [Sight("sbi", f"{message.method} {message.path}", "", message)]
        elements = ""
        if message.status >= 400:
            elements = " ".join(_said(message).decode(errors="replace").split())[:200]
        return [Sight("sbi", str(message.status), elements, message)]


def _said(response: Response) -> bytes:
    """The JSON of a response's body, which may be the first of several parts."""
    content_type = next((value for name, value in response.headers if name == "content-type"), "")
    if multipart.media_type(content_type) == MULTIPART:
        with suppress(DecodeError):
            return multipart.decode(content_type, response.body)[0].content
    return response.body


def _octets(packet: Packet) -> bytes:
    payload = packet.payload
    if isinstance(payload, bytes):
        return payload
    if len(payload) == 1:
        return payload[0]
    raise DecodeError(f"a batch of {len(payload)} packets")


_ROUTER_DISCOVERY: dict[type, str] = {
    icmpv6.RouterSolicitation: "ICMPv6 router solicitation",
    icmpv6.RouterAdvertisement: "ICMPv6 router advertisement",
}


def _ip(octets: bytes) -> list[Sight]:
    packet = codec.decode(octets)
    route = f"{ip_address(packet.source)} -> {ip_address(packet.destination)}"
    if packet.protocol in (ipv4.ICMP, ipv6.ICMPV6):
        version = "ICMP" if packet.protocol == ipv4.ICMP else "ICMPv6"
        echo = codec.echo(packet)
        if isinstance(echo, codec.EchoSeen):
            name = f"{version} echo {'request' if echo.is_request else 'reply'}"
            return [Sight("ip", name, f"{route} seq={echo.sequence_number}", echo)]
        return [Sight("ip", _ROUTER_DISCOVERY.get(type(echo), version), route, echo)]
    if packet.protocol == ipv4.UDP:
        datagram = udp.decode(packet)
        measured = ""
        if measurement.PORT in (datagram.source_port, datagram.destination_port):
            data = measurement.decode(datagram.payload)
            if isinstance(data, measurement.Data):
                measured = f" flow={data.flow_id} {data.sequence_number + 1}/{data.total}"
            else:
                measured = f" flow={data.flow_id} asks for {data.total} datagrams"
        return [Sight("ip", "UDP", f"{route}{measured}", datagram)]
    return [Sight("ip", f"IP protocol {packet.protocol}", route, packet)]
