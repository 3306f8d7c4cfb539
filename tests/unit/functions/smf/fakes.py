"""An SMF between a UDM, an AMF and a UPF made of the codecs, in virtual time."""

from collections.abc import Callable
from typing import Any

import msgspec

from awase.functions.smf.part import PART_TYPE
from awase.model.ids import SNssai
from awase.model.part import NS_PER_S, Event, Packet
from awase.protocols.nas import codec as nas
from awase.protocols.nas.messages import PDUSessionEstablishmentRequest, PDUSessionReleaseComplete
from awase.protocols.nas.session_elements import IntegrityProtectionMaximumDataRate
from awase.protocols.ngap.codec import encode_transfer
from awase.protocols.ngap.elements import (
    AssociatedQosFlowItem,
    Cause,
    GTPTunnel,
    QosFlowPerTNLInformation,
    QosFlowWithCauseItem,
)
from awase.protocols.ngap.transfers import (
    PDUSessionResourceReleaseResponseTransfer,
    PDUSessionResourceSetupResponseTransfer,
    PDUSessionResourceSetupUnsuccessfulTransfer,
)
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import FSeid, FTeid, NodeId, UpFunctionFeature, features
from awase.protocols.sbi import bhttp, multipart
from awase.protocols.sbi import codec as sbi
from awase.protocols.sbi.messages import Request, Response

SMF, UDM, AMF, UPF, UPF2 = (f"10.0.0.{n}" for n in range(1, 6))
SUPI = "imsi-001010000000001"
START_NS = 1_700_006_400 * NS_PER_S
STATUS_URI = f"http://{AMF}:8080/namf-callback/v1/{SUPI}/sm-context-status/1"


class MemoryStore:
    """A store whose next writes may fail."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.full = False

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def keys(self, prefix: str = "") -> list[str]:
        return sorted(key for key in self.kept if key.startswith(prefix))

    def put(self, key: str, value: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.kept[key] = value

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)

    def commit(self) -> None:
        if self.full:
            raise OSError(28, "No space left on device")


class FakeServices:
    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()

    def random_bytes(self, n: int, label: str) -> bytes:
        return bytes(range(1, n + 1))

    def key_log(self, record: Any) -> None:
        raise AssertionError("an SMF has no keys")


class Udm:
    """Answers Nudm_SDM and Nudm_UECM; `reports`: it has the feature ImmediateReport."""

    def __init__(self) -> None:
        self.silent = False
        self.reports = True
        self.status = 200
        self.requests: list[Request] = []
        self.registered: dict[str, Any] = {}
        self.subscribed: list[str] = []
        self.dnns: dict[str, Any] | None = {"internet": self.configuration()}
        self.slices: tuple[dict[str, Any], ...] = ({"sst": 1}, {"sst": 1, "sd": "000002"})

    @staticmethod
    def configuration(**changes: Any) -> dict[str, Any]:
        return {
            "pduSessionTypes": {"defaultSessionType": "IPV4", "allowedSessionTypes": ["IPV4"]},
            "sscModes": {"defaultSscMode": "SSC_MODE_1", "allowedSscModes": ["SSC_MODE_1", "SSC_MODE_2"]},
            "5gQosProfile": {
                "5qi": 7,
                "arp": {"priorityLevel": 3, "preemptCap": "NOT_PREEMPT", "preemptVuln": "PREEMPTABLE"},
            },
            "sessionAmbr": {"uplink": "100 Mbps", "downlink": "2 Gbps"},
            **changes,
        }

    def answer(self, request: Request) -> Response | None:
        if self.silent:
            return None
        self.requests.append(request)
        if self.status != 200:
            return sbi.problem(self.status, "DATA_NOT_FOUND" if self.status == 404 else None)
        if "/sm-data?" in request.path:
            return sbi.json_response(200, self._data())
        if "/sdm-subscriptions" in request.path:
            if request.method == "DELETE":
                self.subscribed.remove(request.path)
                return Response(204)
            path = f"{request.path}/{len(self.requests)}"
            self.subscribed.append(path)
            body = msgspec.json.decode(request.body)
            if self.reports and body["immediateReport"]:
                body["report"] = {"smData": self._data()}
            return sbi.json_response(201, body, location=f"http://{UDM}:8080{path}")
        if "/smf-registrations/" in request.path:
            key = request.path.rpartition("/")[2]
            if request.method == "PUT":
                self.registered[key] = msgspec.json.decode(request.body)
                return sbi.json_response(201, self.registered[key])
            self.registered.pop(key, None)
            return Response(204)
        raise AssertionError(request.path)

    def _data(self) -> list[dict[str, Any]]:
        return [{"singleNssai": s, "dnnConfigurations": self.dnns} for s in self.slices]


class Upf:
    """A PFCP user plane that keeps sessions by its own SEID."""

    def __init__(self, host: str, *, ftup: bool = True) -> None:
        self.host = host
        self.ftup = ftup
        self.features: tuple[int, ...] = (UpFunctionFeature.FTUP,) if ftup else ()
        self.flags: int | None = None
        self.silent = False
        self.cause = 1
        self.sessions: dict[int, n4.SessionEstablishmentRequest] = {}
        self.fars: dict[int, n4.UpdateFar] = {}
        self.received: list[n4.Message] = []
        self.last_seid = 100
        self.recovery = 1000

    def answer(self, octets: bytes) -> bytes | None:
        header, message = pfcp.decode(octets)
        self.received.append(message)
        if self.silent:
            return None
        seid: int | None = None
        reply: n4.Message
        node_id = NodeId(ipv4_address=self.host)
        if isinstance(message, n4.AssociationSetupRequest):
            reply = n4.AssociationSetupResponse(
                node_id=node_id,
                cause=1,
                recovery_time_stamp=self.recovery,
                up_function_features=features(*self.features),
                pfcpas_rsp_flags=self.flags,
            )
        elif isinstance(message, n4.HeartbeatRequest):
            reply = n4.HeartbeatResponse(recovery_time_stamp=self.recovery)
        elif isinstance(message, n4.SessionEstablishmentRequest):
            seid = message.cp_f_seid.seid
            reply = self._establish(message, node_id)
        elif isinstance(message, n4.SessionModificationRequest):
            reply, seid = self._modify(header.seid, message)
        elif isinstance(message, n4.SessionDeletionRequest):
            session = self.sessions.pop(header.seid, None)
            seid = session.cp_f_seid.seid if session else 0
            reply = n4.SessionDeletionResponse(cause=self.cause if session else 65)
        else:
            return None
        return pfcp.encode(reply, sequence_number=header.sequence_number, seid=seid)

    def _establish(self, message: n4.SessionEstablishmentRequest, node_id: NodeId) -> n4.Message:
        if self.cause != 1:
            return n4.SessionEstablishmentResponse(node_id=node_id, cause=self.cause)
        self.last_seid += 1
        self.sessions[self.last_seid] = message
        created: tuple[n4.CreatedPdr, ...] = ()
        if self.ftup:
            created = tuple(
                n4.CreatedPdr(pdr_id=pdr.pdr_id, f_teid=(self._chosen(pdr),))
                for pdr in message.create_pdr
                if pdr.pdi.f_teid is not None and pdr.pdi.f_teid.teid is None
            )
        return n4.SessionEstablishmentResponse(
            node_id=node_id,
            cause=1,
            up_f_seid=FSeid(seid=self.last_seid, ipv4_address=self.host),
            created_pdr=created,
        )

    def _chosen(self, pdr: n4.CreatePdr) -> FTeid:
        kind = {254: 0x3000, 1: 0x2000}.get(pdr.pdr_id, 0x1000)
        return FTeid(teid=kind + self.last_seid, ipv4_address=self.host)

    def _modify(self, seid: int | None, message: n4.SessionModificationRequest) -> tuple[n4.Message, int]:
        session = self.sessions.get(seid or 0)
        if session is None:
            return n4.SessionModificationResponse(cause=65), 0
        if self.cause == 1 and message.update_far:
            self.fars[seid or 0] = message.update_far[0]
        return n4.SessionModificationResponse(cause=self.cause), session.cp_f_seid.seid


class Transfer(msgspec.Struct):
    """An N1N2MessageTransfer as the AMF got it."""

    body: dict[str, Any]
    n1: Any
    n2: bytes | None
    n2_type: str | None


class Amf:
    """Takes N1N2MessageTransfers and status notifications."""

    def __init__(self) -> None:
        self.silent = False
        self.status = 200
        self.cause = "N1_N2_TRANSFER_INITIATED"
        self.transfers: list[Transfer] = []
        self.notified: list[tuple[str, Any]] = []

    def answer(self, request: Request) -> Response | None:
        if self.silent:
            return None
        if request.path.startswith("/namf-callback/"):
            self.notified.append((request.path, msgspec.json.decode(request.body)))
            return Response(204)
        body, n1, n2 = unpack(request)
        info = body.get("n2InfoContainer", {}).get("smInfo", {}).get("n2InfoContent", {})
        self.transfers.append(Transfer(body, n1, n2, info.get("ngapIeType")))
        if self.status != 200:
            return sbi.problem(self.status, "UE_NOT_REACHABLE" if self.cause.startswith("N1_N2") else self.cause)
        return sbi.json_response(202 if self.cause == "ATTEMPTING_TO_REACH_UE" else 200, {"cause": self.cause})


def unpack(message: Request | Response) -> tuple[Any, Any, bytes | None]:
    """JSON, decoded N1 message and N2 octets of a message."""
    kind = message.header("content-type") or ""
    if not kind.startswith("multipart/"):
        return msgspec.json.decode(message.body) if message.body else None, None, None
    root, *others = multipart.decode(kind, message.body)
    parts = {part.content_type: part.content for part in others}
    first = parts.get("application/vnd.3gpp.5gnas")
    return (
        msgspec.json.decode(root.content),
        None if first is None else nas.decode(first),
        parts.get("application/vnd.3gpp.ngap"),
    )


class Bench:
    """The SMF and its peers. Packets pass at once; `advance` lets time pass."""

    def __init__(
        self, *, start: bool = True, upfs: tuple[Upf, ...] = (), store: MemoryStore | None = None, **config: Any
    ) -> None:
        self.store = store or MemoryStore()
        self.user_packets: list[Packet] = []
        self.udm, self.amf = Udm(), Amf()
        self.upfs = {upf.host: upf for upf in upfs or (Upf(UPF),)}
        self.upf = next(iter(self.upfs.values()))
        self.now_ns = START_NS
        self.events: list[Event] = []
        self.answers: dict[int, Response] = {}
        self.drop: Callable[[Packet], bool] = lambda packet: False
        self._exchange = 0
        settings = {
            "addresses": {"sbi": f"{SMF}:8080", "n4": f"{SMF}:8805"},
            "peers": {
                "N4": [
                    {"part": f"upf{n}", "function": "upf", "address": f"{host}:8805"}
                    for n, host in enumerate(self.upfs, 1)
                ],
                "N10": [{"part": "udm1", "function": "udm", "address": f"{UDM}:8080"}],
                "N11": [{"part": "amf1", "function": "amf", "address": f"{AMF}:8080"}],
            },
            "plmn": "001-01",
            "slices": [{"sst": 1}, {"sst": 1, "sd": "000002"}],
            "dnns": [
                {"name": "internet", "pool": "10.45.0.0/29", "dns": ["10.45.0.1"], "mtu_bytes": 1400},
                {"name": "ims", "pool": "10.46.0.0/24"},
            ],
            **config,
        }
        self.smf = PART_TYPE.build("smf1", settings, FakeServices(self.store))
        if start:
            self.smf.wake(self.now_ns)
            self.pump()

    def pump(self) -> None:
        """Pass packets until there are none."""
        while packets := self.smf.take_packets():
            for packet in packets:
                self._deliver(packet)
        self.events += self.smf.take_events()

    def advance(self, seconds: float) -> None:
        """Let time pass, timer by timer."""
        until = self.now_ns + round(seconds * NS_PER_S)
        while (at := self.smf.wake_at_ns()) is not None and at <= until:
            self.now_ns = at
            self.smf.wake(at)
            self.pump()
        self.now_ns = until

    def _deliver(self, packet: Packet) -> None:
        if self.drop(packet):
            return
        host = packet.peer.rpartition(":")[0]
        if packet.port == "n4u":
            self.user_packets.append(packet)
            return
        assert isinstance(packet.payload, bytes)
        if packet.port == "n4":
            upf = self.upfs.get(host)
            answer = upf.answer(packet.payload) if upf else None
            if answer is not None:
                self.receive(Packet("n4", packet.peer, answer))
        elif packet.kind == "response":
            assert packet.exchange is not None
            self.answers[packet.exchange] = bhttp.decode_response(packet.payload)
        else:
            request = bhttp.decode_request(packet.payload)
            response = {UDM: self.udm.answer, AMF: self.amf.answer}[host](request)
            if response is not None:
                octets = bhttp.encode_response(response)
                self.receive(Packet("sbi", packet.peer, octets, kind="response", exchange=packet.exchange))

    def receive(self, packet: Packet) -> None:
        """Hand the SMF a packet."""
        self.smf.receive(packet, self.now_ns)

    def ask(self, method: str, path: str, body: Any = None, n1: Any = None, n2: bytes | None = None) -> int:
        """A request of the AMF; its exchange, for `answers`."""
        parts = []
        if n1 is not None:
            parts.append(multipart.n1_part(n1 if isinstance(n1, bytes) else nas.encode(n1)))
        if n2 is not None:
            parts.append(multipart.n2_part(n2))
        request = sbi.json_request(method, path, body, parts)
        octets = bhttp.encode_request(msgspec.structs.replace(request, authority=f"{SMF}:8080"))
        self._exchange += 1
        exchange = self._exchange
        self.receive(Packet("sbi", f"{AMF}:8080", octets, kind="request", exchange=exchange))
        self.pump()
        return exchange

    def report(self, message: n4.Message, seid: int = 1, number: int | None = None) -> None:
        """A PFCP request of the UPF."""
        self._number = getattr(self, "_number", 1000) + 1
        octets = pfcp.encode(message, sequence_number=number or self._number, seid=seid)
        self.receive(Packet("n4", f"{self.upf.host}:8805", octets))
        self.pump()

    def create(self, **wishes: Any) -> int:
        """Nsmf_PDUSession_CreateSMContext with an establishment request; its exchange."""
        wanted = {
            "supi": SUPI,
            "psi": 1,
            "pti": 1,
            "dnn": "internet",
            "slice": {"sst": 1},
            "request_type": "INITIAL_REQUEST",
            "uri": STATUS_URI,
            "n1": None,
            "request": {},
            **wishes,
        }
        n1 = wanted["n1"] or PDUSessionEstablishmentRequest(
            pdu_session_id=wanted["psi"],
            pti=wanted["pti"],
            integrity_protection_maximum_data_rate=IntegrityProtectionMaximumDataRate(),
            **wanted["request"],
        )
        body = {
            "supi": wanted["supi"],
            "pduSessionId": wanted["psi"],
            "dnn": wanted["dnn"],
            "sNssai": wanted["slice"],
            "servingNfId": "amf1",
            "servingNetwork": {"mcc": "001", "mnc": "01"},
            "requestType": wanted["request_type"],
            "anType": "3GPP_ACCESS",
            "smContextStatusUri": wanted["uri"],
            "n1SmMsg": {"contentId": "5gnas-sm"},
        }
        body = {name: value for name, value in body.items() if value is not None}
        return self.ask("POST", "/nsmf-pdusession/v1/sm-contexts", body, n1)

    def modify(self, reference: str, n1: Any = None, n2: bytes | None = None, kind: str = "", **body: Any) -> int:
        """Nsmf_PDUSession_UpdateSMContext; its exchange."""
        if n1 is not None:
            body["n1SmMsg"] = {"contentId": "5gnas-sm"}
        if n2 is not None:
            body["n2SmInfo"] = {"contentId": "ngap-sm"}
            body["n2SmInfoType"] = kind
        return self.ask("POST", f"/nsmf-pdusession/v1/sm-contexts/{reference}/modify", body, n1, n2)

    def release(self, reference: str) -> int:
        """Nsmf_PDUSession_ReleaseSMContext; its exchange."""
        return self.ask("POST", f"/nsmf-pdusession/v1/sm-contexts/{reference}/release", {})

    def setup_response(self, reference: str, teid: int = 7) -> int:
        """NG-RAN has set up its resources."""
        return self.modify(reference, n2=setup_response(teid), kind="PDU_RES_SETUP_RSP")

    def establish(self, **wishes: Any) -> str:
        """The whole establishment; the smContextRef."""
        response = self.answers[self.create(**wishes)]
        assert response.status == 201, (response, self.events)
        reference = (response.header("location") or "").rpartition("/")[2]
        assert self.answers[self.setup_response(reference)].status == 204
        return reference

    def complete(self, reference: str, psi: int = 1, pti: int = 1) -> int:
        """NG-RAN and the UE answer a release command."""
        transfer = encode_transfer(PDUSessionResourceReleaseResponseTransfer())
        assert self.answers[self.modify(reference, n2=transfer, kind="PDU_RES_REL_RSP")].status == 204
        return self.modify(reference, PDUSessionReleaseComplete(pdu_session_id=psi, pti=pti))

    def names(self) -> list[str]:
        """The events' names."""
        return [event.name for event in self.events]

    def event(self, name: str) -> Event:
        """The one event of a name."""
        (event,) = [event for event in self.events if event.name == name]
        return event


def setup_response(teid: int = 7, qfi: int = 1) -> bytes:
    return encode_transfer(
        PDUSessionResourceSetupResponseTransfer(
            dl_qos_flow_per_tnl_information=QosFlowPerTNLInformation(
                up_transport_layer_information=GTPTunnel(transport_layer_address="10.0.0.9", gtp_teid=teid),
                associated_qos_flow_list=(AssociatedQosFlowItem(qos_flow_identifier=qfi),),
            )
        )
    )


def setup_with_failures(*failed: int) -> bytes:
    return encode_transfer(
        PDUSessionResourceSetupResponseTransfer(
            dl_qos_flow_per_tnl_information=QosFlowPerTNLInformation(
                up_transport_layer_information=GTPTunnel(transport_layer_address="10.0.0.9", gtp_teid=7),
                associated_qos_flow_list=(AssociatedQosFlowItem(qos_flow_identifier=1),),
            ),
            qos_flow_failed_to_setup_list=tuple(
                QosFlowWithCauseItem(
                    qos_flow_identifier=qfi, cause=Cause("radioNetwork", "radio-resources-not-available")
                )
                for qfi in failed
            ),
        )
    )


def setup_unsuccessful(group: str, name: str) -> bytes:
    return encode_transfer(PDUSessionResourceSetupUnsuccessfulTransfer(cause=Cause(group, name)))


__all__ = ["AMF", "SUPI", "UDM", "UPF", "UPF2", "Bench", "SNssai", "Upf", "setup_response", "unpack"]
