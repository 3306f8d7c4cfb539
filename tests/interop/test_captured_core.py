"""Open5GS 2.8 as it was captured serves our UE and gNB, and its SMF our UPF: the octets are those that it sent.

The captured UE's keys are our UE's, so that whatever depends on them must come out as it did: RES*, the MAC of each
NAS message, the address of the session.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.functions.gnb.part import PART_TYPE as GNB
from awase.functions.ue.part import PART_TYPE as UE
from awase.functions.upf.part import PART_TYPE as UPF
from awase.lab.services import VirtualServices
from awase.model.part import NS_PER_S, Event, Packet
from awase.protocols.gtpu import messages as gtpu_messages
from awase.protocols.gtpu.codec import decode as decode_gtpu
from awase.protocols.gtpu.codec import decode_g_pdu, encode_g_pdu
from awase.protocols.ip import icmp, ipv4
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import decode as decode_nas
from awase.protocols.ngap import codec as ngap_codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import GTPTunnel
from awase.protocols.ngap.transfers import PDUSessionResourceSetupResponseTransfer
from awase.protocols.pfcp import messages as pfcp
from awase.protocols.pfcp.codec import decode as decode_pfcp
from awase.protocols.pfcp.codec import encode as encode_pfcp
from awase.protocols.pfcp.elements import NodeId

VECTORS = Path(__file__).parents[1] / "vectors"
CAPTURES = ("nea0-kernel-sctp", "nea0-usrsctp", "nea2-kernel-sctp")
EPOCH_NS = 1_767_225_600 * NS_PER_S
UE_AT, GNB_AT, AMF_AT = "10.53.1.3:4997", "10.53.1.2", "10.53.1.1:38412"
NETWORK = {"plmn": "999-70", "slices": [{"sst": 1}]}
UE_CONFIG = {
    **NETWORK,
    "subscriber": "imsi-999700000000001",
    "k": "465B5CE8B199B49FAA5F0A2EE238A6BC",
    "opc": "E8ED289DEBA952E4283B54E88E6183CA",
    "integrity": [0, 1, 2, 3],
    "eps_algorithms": True,
    "sessions": [{"dnn": "internet", "slice": {"sst": 1}}],
    "traffic": [{"ping": {"count": 2}}],
    "addresses": {"uu": UE_AT},
    "peers": {"Uu": [{"part": "gnb1", "function": "gnb", "address": f"{GNB_AT}:4997"}]},
}
SMF, SMF_AT = NodeId(ipv4_address="127.0.0.4"), "127.0.0.4:8805"
GNB_CONFIG = {
    **NETWORK,
    "tac": 1,
    "gnb_id": 1,
    "addresses": {"uu": f"{GNB_AT}:4997", "n2": f"{GNB_AT}:38412", "n3": f"{GNB_AT}:2152"},
    "peers": {"N2": [{"part": "amf", "function": "amf", "address": AMF_AT}]},
}


def pdus(capture: str) -> list[Any]:
    path = VECTORS / "ngap" / f"open5gs-2.8-ueransim-3.3-{capture}" / "pdus.txt"
    return [ngap_codec.decode(bytes.fromhex(line)) for line in path.read_text().split()]


class CapturedAmf:
    """Sends what the captured AMF sent, in its order: for each of our messages what followed its peer's."""

    def __init__(self, capture: str) -> None:
        self._pdus = pdus(capture)
        self._at = 0
        self.received: list[Any] = []
        self.unlike: list[tuple[str, str]] = []

    def answer(self, message: Any, ran_id: int | None) -> Iterator[Any]:
        """What the AMF sent to this one."""
        self.received.append(message)
        theirs = self._pdus[self._at]
        if type(theirs) is not type(message):
            self.unlike.append((type(theirs).__name__, type(message).__name__))
        self._at += 1
        while self._at < len(self._pdus) and isinstance(self._pdus[self._at], _OF_AMF):
            answer = self._pdus[self._at]
            self._at += 1
            yield (
                msgspec.structs.replace(answer, ran_ue_ngap_id=ran_id) if hasattr(answer, "ran_ue_ngap_id") else answer
            )


_OF_AMF = (
    ngap.NGSetupResponse,
    ngap.DownlinkNASTransport,
    ngap.InitialContextSetupRequest,
    ngap.PDUSessionResourceSetupRequest,
    ngap.PDUSessionResourceReleaseCommand,
    ngap.UEContextReleaseCommand,
)


class Scene:
    """Our UE and gNB, the captured AMF, and an echoing user plane."""

    def __init__(self, capture: str) -> None:
        self.now_ns = EPOCH_NS
        self.ue: Any = UE.build("ue1", UE_CONFIG, VirtualServices(1, "ue1", lambda record: None))
        self.gnb: Any = GNB.build("gnb1", GNB_CONFIG, VirtualServices(1, "gnb1", lambda record: None))
        self.amf = CapturedAmf(capture)
        self.events: list[Event] = []
        self.tunnel: GTPTunnel | None = None
        self.pings: list[tuple[int, bytes]] = []

    def run(self, seconds: float) -> None:
        end_ns = self.now_ns + round(seconds * NS_PER_S)
        for part in (self.gnb, self.ue):
            part.wake(self.now_ns)
        self._exchange()
        while True:
            times = [at for at in (self.ue.wake_at_ns(), self.gnb.wake_at_ns()) if at is not None]
            if not times or min(times) > end_ns:
                break
            self.now_ns = max(self.now_ns, min(times))
            for part in (self.gnb, self.ue):
                at_ns = part.wake_at_ns()
                if at_ns is not None and at_ns <= self.now_ns:
                    part.wake(self.now_ns)
            self._exchange()
        self.now_ns = end_ns

    def _exchange(self) -> None:
        moved = True
        while moved:
            moved = False
            for part in (self.ue, self.gnb):
                self.events += part.take_events()
                for packet in part.take_packets():
                    moved = True
                    self._carry(part, packet)

    def _carry(self, sender: Any, packet: Packet) -> None:
        if packet.port == "uu":
            far, near = (self.gnb, UE_AT) if sender is self.ue else (self.ue, f"{GNB_AT}:4997")
            far.receive(Packet("uu", near, packet.payload), self.now_ns)
        elif packet.port == "n3":
            self._user_plane(packet.payload)
        elif packet.kind == "connect":
            self.gnb.receive(Packet("n2", AMF_AT, kind="up", association=1), self.now_ns)
        elif packet.kind == "data":
            self._n2(packet.payload)

    def _n2(self, octets: Any) -> None:
        message: Any = ngap_codec.decode(octets)
        if isinstance(message, ngap.PDUSessionResourceSetupResponse):
            item = message.pdu_session_resource_setup_list_su_res[0]
            transfer = ngap_codec.decode_transfer(
                PDUSessionResourceSetupResponseTransfer, item.pdu_session_resource_setup_response_transfer
            )
            tunnel = transfer.dl_qos_flow_per_tnl_information.up_transport_layer_information
            assert isinstance(tunnel, GTPTunnel)
            self.tunnel = tunnel
        for answer in self.amf.answer(message, getattr(message, "ran_ue_ngap_id", None)):
            payload = ngap_codec.encode(answer)
            stream = 1 if hasattr(answer, "amf_ue_ngap_id") else 0
            packet = Packet("n2", AMF_AT, payload, association=1, stream=stream, ppid=60)
            self.gnb.receive(packet, self.now_ns)

    def _user_plane(self, octets: Any) -> None:
        plain = decode_g_pdu(octets)
        if plain is None:
            assert not isinstance(decode_gtpu(octets), gtpu_messages.GPdu)
            return
        teid, _, packet = plain
        self.pings.append((teid, packet[12:16]))
        echo = icmp.decode(ipv4.decode(packet))
        assert self.tunnel is not None
        back = icmp.encode_packet(
            icmp.Echo(icmp.ECHO_REPLY, echo.identifier, echo.sequence_number, echo.data), packet[16:20], packet[12:16]
        )
        answer = encode_g_pdu(self.tunnel.gtp_teid, back, 1)
        self.gnb.receive(Packet("n3", "10.53.1.1:2152", answer), self.now_ns)

    def names(self) -> list[str]:
        return [event.name for event in self.events]


def nas_of(messages: list[Any], kind: type) -> Any:
    for message in messages:
        octets = getattr(message, "nas_pdu", None) or b""
        if octets[1:2] == b"\x00":
            found = decode_nas(octets)
            if isinstance(found, kind):
                return found
    raise AssertionError(f"no {kind.__name__}")


@pytest.mark.parametrize("capture", CAPTURES)
def test_our_ue_registers_with_the_captured_core_and_answers_as_the_captured_ue_did(capture: str) -> None:
    scene = Scene(capture)
    scene.run(15)
    assert {"NgSetupComplete", "Registered", "ConfigurationUpdated", "SessionEstablished"} <= set(scene.names())
    ours = nas_of(scene.amf.received, nas.AuthenticationResponse)
    theirs = nas_of(pdus(capture), nas.AuthenticationResponse)
    assert ours.authentication_response_parameter == theirs.authentication_response_parameter
    assert scene.amf.unlike == []


@pytest.mark.parametrize("capture", CAPTURES)
def test_user_data_of_the_captured_session_goes_through_the_captured_tunnel_and_back(capture: str) -> None:
    scene = Scene(capture)
    scene.run(15)
    assert {address for _, address in scene.pings} == {bytes((10, 45, 0, 2))}
    assert len({teid for teid, _ in scene.pings}) == 1
    finished = next(event for event in scene.events if event.name == "PingFinished")
    assert "sent 2 echo requests" in finished.text
    assert "got 2 replies" in finished.text


# Open5GS's SMF and our UPF.


def n4(capture: str) -> list[bytes]:
    path = VECTORS / "pfcp" / "open5gs-2.8-ueransim-3.3" / f"{capture}.txt"
    return [bytes.fromhex(line.split()[1]) for line in path.read_text().splitlines()]


def requests_and_answers(capture: str) -> list[tuple[Any, Any, Any]]:
    """Each request that has a response of the same name and number: its header, it, and the response."""
    read = [decode_pfcp(octets) for octets in n4(capture)]
    answers = {(type(message).__name__, header.sequence_number): message for header, message in read}
    found = []
    for header, message in read:
        name = type(message).__name__
        answer = answers.get((name.replace("Request", "Response"), header.sequence_number))
        if name.endswith("Request") and answer is not None and not isinstance(message, pfcp.HeartbeatRequest):
            found.append((header, message, answer))
    return found


@pytest.mark.parametrize("capture", CAPTURES)
def test_our_upf_answers_the_captured_smf_as_its_own_upf_did(capture: str) -> None:
    config = {
        "addresses": {"n3": "127.0.0.7:2152", "n4": "127.0.0.7:8805"},
        "dnns": [{"name": "internet", "pool": "10.45.0.0/16"}],
    }
    upf: Any = UPF.build("upf", config, VirtualServices(1, "upf", lambda record: None))
    upf.wake(EPOCH_NS)
    seids = {0: 0}

    def ask(header: Any, message: Any) -> tuple[Any, Any]:
        seid = None if header.seid is None else seids[header.seid]
        octets = encode_pfcp(message, sequence_number=header.sequence_number, seid=seid)
        upf.receive(Packet("n4", SMF_AT, octets), EPOCH_NS)
        (packet,) = [packet for packet in upf.take_packets() if packet.port == "n4"]
        assert isinstance(packet.payload, bytes)
        return decode_pfcp(packet.payload)

    exchanges = requests_and_answers(capture)
    if not isinstance(exchanges[0][1], pfcp.AssociationSetupRequest) or exchanges[0][1].node_id != SMF:
        # In this capture the UPF was faster, so that the SMF only answered.
        setup = pfcp.AssociationSetupRequest(node_id=SMF, recovery_time_stamp=1)
        ask(pfcp.Header(message_type=5, seid=None, sequence_number=0), setup)
        exchanges = [exchange for exchange in exchanges if exchange[0].seid is not None]
    for header, request, theirs in exchanges:
        _, ours = ask(header, request)
        assert (type(ours), ours.cause) == (type(theirs), theirs.cause)
        if isinstance(ours, pfcp.SessionEstablishmentResponse):
            seids[theirs.up_f_seid.seid] = ours.up_f_seid.seid
            assert [len(rule.f_teid) for rule in ours.created_pdr] == [len(rule.f_teid) for rule in theirs.created_pdr]
    kinds = {type(request) for _, request, _ in exchanges}
    assert kinds >= {pfcp.SessionEstablishmentRequest, pfcp.SessionModificationRequest, pfcp.SessionDeletionRequest}
