"""A UE under test, and around it the simplest network that answers by the book: one gNB and core in one."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from hashlib import blake2b
from typing import Any

from awase.functions.ue.part import PART_TYPE
from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai, Tai, snn
from awase.model.part import NS_PER_S, Event, Packet
from awase.protocols.ip import codec as ip
from awase.protocols.ip import icmpv6, ipv6
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause, FiveGSMCause
from awase.protocols.nas.codec import decode, encode
from awase.protocols.nas.elements import (
    Additional5GSecurityInformation,
    FiveGSRegistrationResult,
    PayloadContainerType,
    SelectedNasSecurityAlgorithms,
    TaiList,
    UeSecurityCapability,
    nssai,
)
from awase.protocols.nas.entity import SecurityContext, open_container, security_header_type
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    PduAddress,
    PduSessionType,
    SessionAmbr,
    SscMode,
    default_qos_rule,
)
from awase.protocols.rls.entity import GnbLink, UeFound, UplinkData, UplinkRrc
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import (
    MIB,
    SIB1,
    DLInformationTransfer,
    Paging,
    PagingRecord,
    PLMNIdentityInfo,
    RRCReject,
    RRCRelease,
    RRCSetup,
    RRCSetupComplete,
    RRCSetupRequest,
    ULInformationTransfer,
)
from awase.security import kdf
from awase.security.milenage import Milenage
from awase.wire.errors import DecodeError

K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
OPC = bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")
SUPI = "imsi-001010000000001"
PLMN = Plmn("001", "01")
GNB, UE = "10.0.0.1:4997", "10.0.0.100:4997"
EPOCH_NS = 1_767_225_600 * NS_PER_S


class Services:
    """Repeatable randomness; keys in a list."""

    def __init__(self) -> None:
        self.keys: list[Mapping[str, Any]] = []
        self._count = 0

    def random_bytes(self, n: int, label: str) -> bytes:
        self._count += 1
        return blake2b(f"{label} {self._count}".encode(), digest_size=n).digest()

    def key_log(self, record: Mapping[str, Any]) -> None:
        self.keys.append(record)


def config(**more: Any) -> dict[str, Any]:
    """A UE's section, completed."""
    return {
        "subscriber": SUPI,
        "k": K.hex(),
        "opc": OPC.hex(),
        "plmn": "001-01",
        "peers": {"Uu": [{"part": "gnb1", "function": "gnb", "address": GNB}]},
        "addresses": {"uu": UE},
        **more,
    }


class Network:
    """gNB, AMF and SMF in one; a test overrides answers by message type in `answers`."""

    def __init__(self, **more: Any) -> None:
        self.services = Services()
        self.ue: Any = PART_TYPE.build("ue1", config(**more), self.services)  # type: ignore[arg-type]
        self.now_ns = EPOCH_NS
        self.link = GnbLink(7, 10)
        self.sti = 0
        self.mib = MIB()
        self.plmn, self.tac = PLMN, 1
        self.received: list[Any] = []
        self.headers: list[int | None] = []
        self.user_packets: list[bytes] = []
        self.events: list[Event] = []
        self.answers: dict[type, Callable[[Any], None]] = {
            nas.RegistrationRequest: self.challenge,
            nas.AuthenticationResponse: self.command_security,
            nas.SecurityModeComplete: self.accept_registration,
            nas.ULNASTransport: self.session_message,
            nas.DeregistrationRequestUEOriginating: self.accept_deregistration,
            nas.PDUSessionEstablishmentRequest: self.accept_session,
            nas.PDUSessionReleaseRequest: self.release_session,
        }
        self.deaf_to_rrc = False
        self.sqn = 0
        self.management_field = bytes.fromhex("8000")
        self.k = K
        self.ngksi = 0
        self.nea, self.nia = 2, 2
        self.replayed = UeSecurityCapability.of((0, 1, 2, 3), (1, 2, 3))
        self.rand = bytes(16)
        self.k_amf = b""
        self.res_star = b""
        self.context: SecurityContext | None = None
        self.guti = FiveGGuti(Guami(PLMN, 2, 1, 0), 0xC0000001)
        self.silent = False
        self.tolerant = False
        self.qfis: list[int] = []
        self.rqi = False
        # Whether the gNB's radio link is one of ours, by its marks.
        self.marked = False
        self.advertisement: icmpv6.RouterAdvertisement | None = None
        self.sib1_rest: dict[str, Any] = {}
        self.session_extra: dict[str, Any] = {}

    # Time.

    def run(self, seconds: float = 1.0) -> "Network":
        """Let time pass; datagrams take 1 ms."""
        end_ns = self.now_ns + int(seconds * NS_PER_S)
        self._call(lambda: self.ue.wake(self.now_ns))
        while True:
            at_ns = self.ue.wake_at_ns()
            link_ns = self.link.wake_at_ns()
            times = [t for t in (at_ns, link_ns) if t is not None]
            soonest = max(min(times), self.now_ns) if times else end_ns + 1
            if soonest > end_ns:
                break
            self.now_ns = soonest
            if link_ns is not None and link_ns <= self.now_ns:
                self.link.wake(self.now_ns)
            self._call(lambda: self.ue.wake(self.now_ns))
        self.now_ns = end_ns
        return self

    def _call(self, action: Callable[[], None]) -> None:
        action()
        self._exchange()

    def _exchange(self) -> None:
        for _ in range(10_000):
            packets = list(self.ue.take_packets())
            self.events += list(self.ue.take_events())
            downlink = list(self.link.take_datagrams())
            if not packets and not downlink:
                return
            for packet in packets:
                if not self.silent:
                    self._uplink(packet)
            for _, octets in downlink:
                self.ue.receive(Packet("uu", GNB, octets), self.now_ns)
        raise AssertionError("the exchange does not end")

    # gNB.

    def _uplink(self, packet: Packet) -> None:
        assert isinstance(packet.payload, bytes)
        for indication in self.link.receive(UE, packet.payload, self.now_ns):
            if isinstance(indication, UeFound):
                self.sti = indication.sti
                self.broadcast()
            elif isinstance(indication, UplinkRrc):
                self._rrc(rrc.decode(indication.channel.name, indication.pdu))
            elif isinstance(indication, UplinkData):
                self.user_packets.append(indication.packet)
                self._user(indication)

    def broadcast(self) -> None:
        """MIB and SIB1."""
        info = PLMNIdentityInfo(plmn_identity_list=(self.plmn,), tracking_area_code=self.tac, cell_identity=16)
        self._broadcast(RrcChannel.BCCH_BCH, self.mib)
        self._broadcast(RrcChannel.BCCH_DL_SCH, SIB1(plmn_identity_info_list=(info,), rest=self.sib1_rest))

    def _broadcast(self, channel: RrcChannel, message: Any) -> None:
        if self.marked:
            self.link.send_broadcast(self.sti, channel, rrc.encode(channel.name, message), self.now_ns)
        else:
            self.send_rrc(channel, message)

    def _rrc(self, message: Any) -> None:
        self.received.append(message)
        if isinstance(message, RRCSetupRequest):
            answer = self.answers.get(RRCSetupRequest)
            if answer is not None:
                answer(message)
            elif not self.deaf_to_rrc:
                self.send_rrc(RrcChannel.DL_CCCH, RRCSetup(rrc_transaction_identifier=0))
        elif isinstance(message, RRCSetupComplete | ULInformationTransfer):
            assert message.dedicated_nas_message is not None
            self._nas(message.dedicated_nas_message)

    def send_rrc(self, channel: RrcChannel, message: Any) -> None:
        self.link.send_rrc(self.sti, channel, rrc.encode(channel.name, message), self.now_ns)

    def release(self) -> None:
        """RRCRelease."""
        self.send_rrc(RrcChannel.DL_DCCH, RRCRelease(rrc_transaction_identifier=0))
        self._exchange()

    def page(self, access_type: str | None = None) -> None:
        """Paging with the UE's own 5G-S-TMSI."""
        record = PagingRecord(ng_five_g_s_tmsi=1 << 38 | self.guti.five_g_tmsi, access_type=access_type)
        self.send_rrc(RrcChannel.PCCH, Paging(paging_record_list=(record,)))

    def serve(self, **more: Any) -> None:
        """SERVICE ACCEPT from now on."""
        self.answers[nas.ServiceRequest] = lambda _: self.send(nas.ServiceAccept(**more))

    def refuse_service(self, cause: int, **more: Any) -> None:
        """SERVICE REJECT from now on."""
        reject = nas.ServiceReject(five_gmm_cause=FiveGMMCause(cause), **more)
        self.answers[nas.ServiceRequest] = lambda _: self.send(reject)

    def down(self, packet: bytes, pdu_session_id: int = 1) -> None:
        """User data to the UE."""
        self.link.send_data(self.sti, pdu_session_id, packet)
        self._exchange()

    def reject_rrc(self, _message: Any) -> None:
        self.send_rrc(RrcChannel.DL_CCCH, RRCReject(wait_time=2))

    def _user(self, data: UplinkData) -> None:
        self.qfis.append(data.qfi)
        found = ip.echo(ip.decode(data.packet))
        if isinstance(found, icmpv6.RouterSolicitation) and self.advertisement is not None:
            router = ipv6.link_local(bytes(7) + b"\x01")
            packet = icmpv6.encode_packet(self.advertisement, router, ipv6.ALL_NODES)
            self.link.send_data(self.sti, data.pdu_session_id, packet)
        elif isinstance(found, ip.EchoSeen) and found.is_request:
            self.link.send_data(self.sti, data.pdu_session_id, ip.reply_to(data.packet), rqi=self.rqi, qfi=data.qfi)

    # AMF.

    def _nas(self, octets: bytes) -> None:
        header = security_header_type(octets)
        self.headers.append(header)
        count = 0
        if header:
            if self.tolerant and not self._understands(octets):
                self.context = None
                return
            assert self.context is not None, "protected before there is a context"
            opened = self.context.unprotect(octets)
            octets, count = opened.plain, opened.nas_count
        message: Any = decode(octets)
        if isinstance(message, nas.RegistrationRequest | nas.ServiceRequest) and header:
            assert self.context is not None
            message = open_container(message, self.context, count)
        self.take(message)

    def _understands(self, octets: bytes) -> bool:
        """Whether a protected message can be checked; else the core asks for another authentication."""
        try:
            if self.context is None:
                raise DecodeError("no context")
            decode(deepcopy(self.context).unprotect(octets).plain)
        except DecodeError:
            self.challenge()
            return False
        return True

    def take(self, message: Any) -> None:
        """Note a message and answer it."""
        self.received.append(message)
        answer = self.answers.get(type(message))
        if answer is not None:
            answer(message)

    def send(self, message: Any, header: int | None = None) -> None:
        """Send a 5GMM message, protected where there is a context (or plain with header 0)."""
        octets = encode(message)
        if self.context is not None and header != 0:
            octets = self.context.protect(octets, header or 2)
        self.send_octets(octets)

    def send_octets(self, octets: bytes) -> None:
        self.send_rrc(
            RrcChannel.DL_DCCH, DLInformationTransfer(rrc_transaction_identifier=0, dedicated_nas_message=octets)
        )

    def deliver(self) -> None:
        """Let what a test has sent arrive, and its answers."""
        self._exchange()

    def challenge(self, _message: Any = None) -> None:
        """AUTHENTICATION REQUEST with the next sequence number."""
        self.context = None
        self.sqn += 33
        self.ngksi = (self.ngksi + 1) % 7
        self.rand = blake2b(str(self.sqn).encode(), digest_size=16).digest()
        milenage = Milenage(self.k, OPC)
        out = milenage.f2345(self.rand)
        autn = milenage.build_autn(self.rand, self.sqn.to_bytes(6, "big"), self.management_field, out.ak)
        name = snn(PLMN)
        self.res_star = kdf.res_star(out.ck, out.ik, name, self.rand, out.res)
        k_ausf = kdf.k_ausf(out.ck, out.ik, name, autn[:6])
        self.k_amf = kdf.k_amf(kdf.k_seaf(k_ausf, name), SUPI, b"\0\0")
        self.send(
            nas.AuthenticationRequest(
                ngksi=self.ngksi,
                abba=b"\0\0",
                authentication_parameter_rand=self.rand,
                authentication_parameter_autn=autn,
            ),
            0,
        )

    def command_security(self, message: Any = None) -> None:
        """SECURITY MODE COMMAND."""
        if message is not None:
            assert message.authentication_response_parameter == self.res_star
        self.context = SecurityContext("amf", ngksi=self.ngksi, k_amf=self.k_amf, nea=self.nea, nia=self.nia)
        self.send(
            nas.SecurityModeCommand(
                selected_nas_security_algorithms=SelectedNasSecurityAlgorithms(nea=self.nea, nia=self.nia),
                ngksi=self.ngksi,
                replayed_ue_security_capabilities=self.replayed,
                imeisv_request=1,
                additional_5g_security_information=Additional5GSecurityInformation(
                    retransmission_of_initial_nas_message_requested=True
                ),
            ),
            3,
        )

    def accept_registration(self, message: Any = None) -> None:
        if isinstance(message, nas.SecurityModeComplete) and message.nas_message_container:
            self.received.append(decode(message.nas_message_container))
        self.send(self.registration_accept())

    def registration_accept(self) -> nas.RegistrationAccept:
        return nas.RegistrationAccept(
            five_gs_registration_result=FiveGSRegistrationResult(),
            five_g_guti=self.guti,
            tai_list=TaiList.of((Tai(PLMN, 1),)),
            allowed_nssai=nssai((SNssai(1),)),
        )

    def accept_deregistration(self, _message: Any) -> None:
        self.send(nas.DeregistrationAcceptUEOriginating())

    # SMF.

    def session_message(self, message: nas.ULNASTransport) -> None:
        self.take(decode(message.payload_container))

    def send_session(self, message: Any, **more: Any) -> None:
        self.send(
            nas.DLNASTransport(
                payload_container_type=PayloadContainerType.n1_sm_information,
                payload_container=encode(message),
                pdu_session_id=message.pdu_session_id,
                **more,
            )
        )

    def accept_session(self, message: nas.PDUSessionEstablishmentRequest) -> None:
        elements: dict[str, Any] = {
            "selected_pdu_session_type": PduSessionType.ipv4,
            "selected_ssc_mode": SscMode.ssc_mode_1,
            "authorized_qos_rules": (default_qos_rule(1),),
            "session_ambr": SessionAmbr.of_bps(downlink_bps=10**9, uplink_bps=10**9),
            "pdu_address": PduAddress(ipv4=f"10.45.0.{message.pdu_session_id + 1}"),
            "dnn": "internet",
            "extended_protocol_configuration_options": ExtendedProtocolConfigurationOptions.of(
                ((0x0D, bytes((10, 45, 0, 1))),)
            ),
            **self.session_extra,
        }
        self.send_session(
            nas.PDUSessionEstablishmentAccept(pdu_session_id=message.pdu_session_id, pti=message.pti, **elements)
        )

    def release_session(self, message: nas.PDUSessionReleaseRequest) -> None:
        self.send_session(
            nas.PDUSessionReleaseCommand(
                pdu_session_id=message.pdu_session_id, pti=message.pti, five_gsm_cause=FiveGSMCause.regular_deactivation
            )
        )

    # What tests ask.

    def all(self, kind: type) -> list[Any]:
        """The messages of a kind that the UE sent."""
        return [message for message in self.received if type(message) is kind]

    def event(self, name: str) -> Event:
        """The only event of a name."""
        (found,) = [event for event in self.events if event.name == name]
        return found

    def names(self) -> list[str]:
        return [event.name for event in self.events]
