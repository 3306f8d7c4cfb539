"""A bench for the AMF: small NG-RAN nodes, UEs and core functions that speak octets at its ports, in virtual time."""

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

from awase.functions.amf.part import PART_TYPE
from awase.model.ids import FiveGGuti, Plmn, SNssai, Tai
from awase.model.part import NS_PER_S, Event, Packet
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import decode as decode_nas
from awase.protocols.nas.codec import encode as encode_nas
from awase.protocols.nas.elements import (
    FiveGSRegistrationType,
    RegistrationType,
    ServiceType,
    Suci,
    UeSecurityCapability,
    nssai,
)
from awase.protocols.nas.elements import FiveGSTmsi as NasFiveGSTmsi
from awase.protocols.nas.entity import SecurityContext, protect_initial
from awase.protocols.ngap import codec as ngap_codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import (
    NRCGI,
    BitString,
    BroadcastPLMNItem,
    Cause,
    FiveGSTMSI,
    GlobalGNBID,
    PDUSessionResourceItemCxtRelReq,
    PDUSessionResourceSetupItemCxtRes,
    SupportedTAItem,
    UserLocationInformationNR,
)
from awase.protocols.sbi import bhttp, codec, multipart
from awase.protocols.sbi.messages import MULTIPART, Request, Response
from awase.security import kdf

PLMN = Plmn("001", "01")
SLICE = SNssai(1)
START_NS = 1_700_000_000 * NS_PER_S
SNN = "5G:mnc001.mcc001.3gppnetwork.org"

AMF_SBI, AUSF, UDM, SMF = "10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080", "10.0.0.4:8080"
GNB = "10.0.1.{}:38412"


class Services:
    """Repeatable randomness, and the keys that were logged."""

    store: Any = None

    def __init__(self) -> None:
        self.count = itertools.count()
        self.keys: list[dict[str, Any]] = []

    def random_bytes(self, n: int, label: str) -> bytes:
        return hashlib.shake_256(f"{label}/{next(self.count)}".encode()).digest(n)

    def key_log(self, record: Any) -> None:
        self.keys.append(dict(record))


def res_star(rand: bytes) -> bytes:
    """What stands for a USIM: the same for every subscriber."""
    return hashlib.sha256(b"res" + rand).digest()[:16]


def k_seaf(rand: bytes) -> bytes:
    return hashlib.sha256(b"k_seaf" + rand).digest()


def imsi(suci: str) -> str:
    _, _, mcc, mnc, *_, output = suci.split("-")
    return f"imsi-{mcc}{mnc}{output}"


class Core:
    """AUSF, UDM and SMF. A handler may be replaced; one that returns None is silent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Request]] = []
        self.rand = itertools.count(1)
        self.contexts: dict[str, tuple[str, bytes]] = {}
        self.authenticate: Callable[[Request], Response | None] = self._authenticate
        self.confirm: Callable[[Request], Response | None] = self._confirm
        self.udm: Callable[[Request], Response | None] = self._udm
        self.smf: Callable[[Request], Response | None] = self._smf
        self.slices: Sequence[dict[str, Any]] = ({"sst": 1},)
        self.dnns = {"1": ["internet", "ims"]}
        self.sm_contexts = itertools.count(1)
        self.update_answers: list[Response] = []

    def answer(self, address: str, request: Request) -> Response | None:
        self.requests.append((address, request))
        if address == AUSF:
            return (self.authenticate if request.method == "POST" else self.confirm)(request)
        return self.udm(request) if address == UDM else self.smf(request)

    def bodies(self, address: str, method: str, ending: str = "") -> list[Any]:
        """The JSON bodies of the requests that one function got."""
        return [
            json.loads(json_part(r)[0]) if r.body else None
            for a, r in self.requests
            if a == address and r.method == method and r.path.partition("?")[0].endswith(ending)
        ]

    def _authenticate(self, request: Request) -> Response:
        body = json.loads(request.body)
        rand = hashlib.sha256(b"rand%d" % next(self.rand)).digest()[:16]
        name = body["supiOrSuci"]
        supi = name if name.startswith("imsi-") else imsi(name)
        key = str(len(self.contexts) + 1)
        self.contexts[key] = (supi, rand)
        return codec.json_response(
            201,
            {
                "authType": "5G_AKA",
                "5gAuthData": {
                    "rand": rand.hex(),
                    "autn": bytes(16).hex(),
                    "hxresStar": kdf.hres_star(rand, res_star(rand)).hex(),
                },
                "_links": {
                    "5g-aka": {"href": f"http://{AUSF}/nausf-auth/v1/ue-authentications/{key}/5g-aka-confirmation"}
                },
            },
        )

    def _confirm(self, request: Request) -> Response:
        supi, rand = self.contexts[request.path.split("/")[-2]]
        right = json.loads(request.body)["resStar"] == res_star(rand).hex()
        if not right:
            return codec.json_response(200, {"authResult": "AUTHENTICATION_FAILURE"})
        return codec.json_response(
            200, {"authResult": "AUTHENTICATION_SUCCESS", "supi": supi, "kseaf": k_seaf(rand).hex()}
        )

    def _udm(self, request: Request) -> Response:
        if request.method == "PUT":
            return codec.json_response(201, {})
        if request.method == "PATCH":
            return codec.json_response(204)
        infos = {key: {"dnnInfos": [{"dnn": dnn} for dnn in dnns]} for key, dnns in self.dnns.items()}
        return codec.json_response(
            200,
            {
                "amData": {
                    "subscribedUeAmbr": {"uplink": "1 Gbps", "downlink": "2 Gbps"},
                    "nssai": {"defaultSingleNssais": list(self.slices), "singleNssais": list(self.slices)},
                },
                "smfSelData": {"subscribedSnssaiInfos": infos},
            },
        )

    def _smf(self, request: Request) -> Response:
        if request.path.endswith("/modify"):
            return self.update_answers.pop(0) if self.update_answers else codec.json_response(204)
        if request.path.endswith("/release"):
            return codec.json_response(204)
        ref = next(self.sm_contexts)
        return codec.json_response(201, {}, location=f"http://{SMF}/nsmf-pdusession/v1/sm-contexts/{ref}")


def json_part(message: Request | Response) -> tuple[bytes, dict[str, bytes]]:
    content_type = message.header("content-type") or ""
    if multipart.media_type(content_type) != MULTIPART:
        return message.body, {}
    root, *others = multipart.decode(content_type, message.body)
    return root.content, {part.content_id: part.content for part in others}


class Bench:
    """One AMF with its surroundings."""

    def __init__(self, **config: Any) -> None:
        self.services = Services()
        self.core = Core()
        self.now_ns = START_NS
        self.amf = PART_TYPE.build(
            "amf1",
            {
                "addresses": {"n2": "10.0.0.1:38412", "sbi": AMF_SBI},
                "peers": {
                    "N8": [{"part": "udm1", "function": "udm", "address": UDM}],
                    "N11": [{"part": "smf1", "function": "smf", "address": SMF}],
                    "N12": [{"part": "ausf1", "function": "ausf", "address": AUSF}],
                },
                "plmn": "001-01",
                "tac": 1,
                "slices": [{"sst": 1}],
                **config,
            },
            self.services,
        )
        self.events: list[Event] = []
        self.gnbs: dict[int, Gnb] = {}
        self.responses: dict[int, Response] = {}
        self.ended: list[tuple[str, int | None]] = []
        self.resets: list[Callable[[str, Request], bool]] = []
        """Which requests are reset, by address and request."""
        self._exchange = itertools.count(1)
        self._associations = itertools.count(1)

    def receive(self, packet: Packet) -> None:
        self.amf.receive(packet, self.now_ns)
        self.pump()

    def pump(self) -> None:
        """Let what the AMF sends arrive, and core functions answer, until nothing moves."""
        while packets := self.amf.take_packets():
            for packet in packets:
                self._deliver(packet)
        self.events += self.amf.take_events()

    def _deliver(self, packet: Packet) -> None:
        if packet.port == "n2":
            if packet.kind != "data":
                self.ended.append((packet.kind, packet.association))
                return
            assert packet.ppid == 60
            self.gnbs[packet.association or 0].inbox.append((packet.stream, ngap_codec.decode(packet.payload)))
        elif packet.kind == "request" and self.resets and self._reset(packet):
            self.amf.receive(Packet("sbi", packet.peer, b"", "abort", exchange=packet.exchange), self.now_ns)
        elif packet.kind == "request":
            response = self.core.answer(packet.peer, bhttp.decode_request(packet.payload))
            if response is not None:
                answer = Packet(
                    "sbi", packet.peer, bhttp.encode_response(response), "response", exchange=packet.exchange
                )
                self.amf.receive(answer, self.now_ns)
        else:
            self.responses[packet.exchange or 0] = bhttp.decode_response(packet.payload)

    def _reset(self, packet: Packet) -> bool:
        assert isinstance(packet.payload, bytes)
        request = bhttp.decode_request(packet.payload)
        if not any(resets(packet.peer, request) for resets in self.resets):
            return False
        self.core.requests.append((packet.peer, request))
        return True

    def wait(self, seconds: float) -> None:
        """Let time pass, every timer at its time."""
        end_ns = self.now_ns + int(seconds * NS_PER_S)
        while (due_ns := self.amf.wake_at_ns()) is not None and due_ns <= end_ns:
            self.now_ns = max(self.now_ns, due_ns)
            self.amf.wake(self.now_ns)
            self.pump()
        self.now_ns = end_ns

    def call(self, request: Request, peer: str = SMF) -> Response | None:
        """An HTTP request to the AMF."""
        exchange = next(self._exchange)
        self.receive(Packet("sbi", peer, bhttp.encode_request(request), "request", exchange=exchange))
        return self.responses.get(exchange)

    def gnb(self, *, set_up: bool = True, streams: int | None = None, **setup: Any) -> "Gnb":
        association = next(self._associations)
        gnb = Gnb(self, association)
        self.gnbs[association] = gnb
        self.receive(Packet("n2", gnb.peer, kind="up", association=association, stream=streams))
        if set_up:
            gnb.send(ng_setup_request(**{"gnb_id": association, **setup}))
            assert any(isinstance(message, ngap.NGSetupResponse) for _, message in gnb.inbox), gnb.inbox
        return gnb

    def event(self, name: str) -> Event:
        """The last event of this name."""
        return next(event for event in reversed(self.events) if event.name == name)

    def names(self) -> list[str]:
        return [event.name for event in self.events]


def ng_setup_request(
    *,
    gnb_id: int = 1,
    plmn: Plmn = PLMN,
    tac: int = 1,
    slices: tuple[SNssai, ...] = (SLICE,),
    name: str | None = "gnb1",
) -> ngap.NGSetupRequest:
    return ngap.NGSetupRequest(
        global_ran_node_id=GlobalGNBID(plmn_identity=plmn, gnb_id=BitString(gnb_id, 24)),
        ran_node_name=name,
        supported_ta_list=(
            SupportedTAItem(
                tac=tac,
                broadcast_plmn_list=(BroadcastPLMNItem(plmn_identity=plmn, tai_slice_support_list=slices),),
            ),
        ),
        default_paging_drx="v128",
    )


class Gnb:
    """An NG-RAN node's end of N2."""

    def __init__(self, bench: Bench, association: int) -> None:
        self.bench = bench
        self.association = association
        self.peer = GNB.format(association)
        self.inbox: list[tuple[int | None, Any]] = []
        self.ran_ids = itertools.count(1)

    def send(self, message: ngap.Message, stream: int = 0) -> None:
        self.send_octets(ngap_codec.encode(message), stream)

    def send_octets(self, octets: bytes, stream: int = 0) -> None:
        self.bench.receive(Packet("n2", self.peer, octets, "data", self.association, stream, 60))

    def end(self, kind: str = "down") -> None:
        self.bench.receive(Packet("n2", self.peer, kind=kind, association=self.association))  # type: ignore[arg-type]

    def last(self) -> Any:
        return self.inbox[-1][1]

    def take(self) -> list[Any]:
        """What has come since the last call."""
        messages = [message for _, message in self.inbox]
        self.inbox.clear()
        return messages

    def location(self, tac: int = 1, plmn: Plmn = PLMN) -> UserLocationInformationNR:
        cell = NRCGI(plmn_identity=plmn, nr_cell_identity=self.association << 12)
        return UserLocationInformationNR(nr_cgi=cell, tai=Tai(plmn, tac))


class Ue:
    """A UE, and the part of its node that knows it."""

    def __init__(self, gnb: Gnb, number: int = 1, **registration: Any) -> None:
        self.gnb = gnb
        self.number = number
        self.supi = f"imsi-00101{number:010}"
        self.suci = Suci.null(PLMN, f"{number:010}")
        self.ran_id = 0
        self.amf_id: int | None = None
        self.capability = UeSecurityCapability.of((0, 1, 2, 3), (1, 2, 3), eps=True)
        self.security: SecurityContext | None = None
        self.secure = False
        self.guti: FiveGGuti | None = None
        self.rand = b""
        self.received: list[nas.Message] = []
        self.messages: list[Any] = []
        self.registration = registration

    def request(self, kind: RegistrationType = RegistrationType.initial_registration, **fields: Any) -> Any:
        given = {
            "five_gs_registration_type": FiveGSRegistrationType(value=kind, follow_on_request=True),
            "requested_nssai": nssai((SLICE,)),
            **self.registration,
            **fields,
        }
        return nas.RegistrationRequest(
            ngksi=self.security.ngksi if self.security is not None else 7,
            five_gs_mobile_identity=self.guti or self.suci,
            ue_security_capability=self.capability,
            **given,
        )

    def service(self, **fields: Any) -> Any:
        """A service request."""
        assert self.guti is not None
        ksi = self.security.ngksi if self.security is not None else 7
        given = {"service_type": ServiceType.data, **fields}
        return nas.ServiceRequest(ngksi=ksi, five_g_s_tmsi=NasFiveGSTmsi.of(self.guti), **given)

    def begin(self, message: Any = None, *, octets: bytes | None = None, tac: int = 1, **fields: Any) -> None:
        """INITIAL UE MESSAGE with an initial NAS message, as TS 24.501 clause 4.4.6 protects it."""
        if octets is None:
            octets = protect_initial(self.request() if message is None else message, self.security)
        self.ran_id = next(self.gnb.ran_ids)
        self.amf_id = None
        self.secure = False
        self.gnb.send(
            ngap.InitialUEMessage(
                ran_ue_ngap_id=self.ran_id,
                nas_pdu=octets,
                user_location_information=self.gnb.location(tac),
                **{
                    "rrc_establishment_cause": "mo-Signalling",
                    "ue_context_request": "requested",
                    **fields,
                },
            ),
            1,
        )
        self.take()

    def uplink(self, message: nas.Message, *, plain: bool = False, header: int = 2) -> None:
        """A NAS message, protected once there are keys in use."""
        octets = encode_nas(message)
        if self.secure and self.security is not None and not plain:
            octets = self.security.protect(octets, header)
        self.uplink_octets(octets)

    def uplink_octets(self, octets: bytes) -> None:
        self.gnb.send(
            ngap.UplinkNASTransport(
                amf_ue_ngap_id=self.amf_id or 0,
                ran_ue_ngap_id=self.ran_id,
                nas_pdu=octets,
                user_location_information=self.gnb.location(),
            ),
            1,
        )
        self.take()

    def take(self) -> None:
        """Take the messages for this UE out of its node's inbox, and open their NAS messages."""
        rest = []
        for stream, message in self.gnb.inbox:
            if getattr(message, "ran_ue_ngap_id", None) == self.ran_id or (
                isinstance(message, ngap.UEContextReleaseCommand)
                and getattr(message.ue_ngap_ids, "ran_ue_ngap_id", None) == self.ran_id
            ):
                self._see(message)
                if not isinstance(message, ngap.ErrorIndication):
                    assert stream is not None
                    assert stream > 0
            else:
                rest.append((stream, message))
        self.gnb.inbox[:] = rest

    def _see(self, message: Any) -> None:
        self.messages.append(message)
        if isinstance(message, ngap.UEContextReleaseCommand):
            self.secure = False
            return
        if self.amf_id is None:
            self.amf_id = message.amf_ue_ngap_id
        pdus = [getattr(message, "nas_pdu", None)]
        if isinstance(message, ngap.PDUSessionResourceSetupRequest):
            pdus += [i.pdu_session_nas_pdu for i in message.pdu_session_resource_setup_list_su_req]
        if isinstance(message, ngap.InitialContextSetupRequest):
            pdus += [i.nas_pdu for i in message.pdu_session_resource_setup_list_cxt_req]
        for pdu in pdus:
            if pdu is not None:
                self.received.append(self._open(pdu))

    def _open(self, pdu: bytes) -> nas.Message:
        if pdu[1] == 0:
            return decode_nas(pdu)
        if pdu[1] == 3:
            command = decode_nas(pdu[7:])
            assert isinstance(command, nas.SecurityModeCommand)
            chosen = command.selected_nas_security_algorithms
            if self.security is None or self.security.ngksi != command.ngksi or self.security.uplink_count:
                key = kdf.k_amf(k_seaf(self.rand), self.supi, bytes(2))
                self.security = SecurityContext("ue", ngksi=command.ngksi, k_amf=key, nea=chosen.nea, nia=chosen.nia)
        assert self.security is not None
        self.secure = self.secure or pdu[1] == 2
        return decode_nas(self.security.unprotect(pdu).plain)

    def last(self) -> Any:
        return self.received[-1]

    # What a UE does with the messages of a registration.

    def authenticate(self) -> None:
        request = self.last()
        assert isinstance(request, nas.AuthenticationRequest), request
        self.rand = request.authentication_parameter_rand or b""
        self.uplink(nas.AuthenticationResponse(authentication_response_parameter=res_star(self.rand)))

    def complete_security(self, **fields: Any) -> None:
        assert isinstance(self.last(), nas.SecurityModeCommand), self.last()
        self.secure = True
        whole = encode_nas(self.request(**fields))
        self.uplink(nas.SecurityModeComplete(nas_message_container=whole), header=4)

    def set_up_context(self, *sessions: int) -> None:
        self.gnb.send(
            ngap.InitialContextSetupResponse(
                amf_ue_ngap_id=self.amf_id,
                ran_ue_ngap_id=self.ran_id,
                pdu_session_resource_setup_list_cxt_res=tuple(
                    PDUSessionResourceSetupItemCxtRes(
                        pdu_session_id=psi, pdu_session_resource_setup_response_transfer=b"ok"
                    )
                    for psi in sessions
                ),
            ),
            1,
        )
        self.take()

    def complete_registration(self) -> None:
        accept = self.last()
        assert isinstance(accept, nas.RegistrationAccept), accept
        assert isinstance(accept.five_g_guti, FiveGGuti)
        self.guti = accept.five_g_guti
        self.uplink(nas.RegistrationComplete())

    def register(self) -> "Ue":
        """The whole of an initial registration."""
        self.begin()
        self.authenticate()
        self.complete_security()
        self.set_up_context()
        self.complete_registration()
        return self

    def s_tmsi(self) -> FiveGSTMSI:
        assert self.guti is not None
        guami = self.guti.guami
        return FiveGSTMSI(amf_set_id=guami.amf_set_id, amf_pointer=guami.amf_pointer, five_g_tmsi=self.guti.five_g_tmsi)

    def release_requested(self, cause: Any, *sessions: int) -> None:
        self.gnb.send(
            ngap.UEContextReleaseRequest(
                amf_ue_ngap_id=self.amf_id or 0,
                ran_ue_ngap_id=self.ran_id,
                pdu_session_resource_list_cxt_rel_req=tuple(
                    PDUSessionResourceItemCxtRelReq(pdu_session_id=psi) for psi in sessions
                ),
                cause=cause,
            ),
            1,
        )
        self.take()

    def idle(self, *sessions: int) -> "Ue":
        """Released for inactivity."""
        self.release_requested(Cause("radioNetwork", "user-inactivity"), *sessions)
        self.released()
        return self

    def released(self) -> Any:
        """The UE CONTEXT RELEASE COMMAND that came last, which the node confirms."""
        command = self.messages[-1]
        assert isinstance(command, ngap.UEContextReleaseCommand), command
        self.gnb.send(
            ngap.UEContextReleaseComplete(
                amf_ue_ngap_id=command.ue_ngap_ids.amf_ue_ngap_id, ran_ue_ngap_id=self.ran_id
            ),
            1,
        )
        return command
