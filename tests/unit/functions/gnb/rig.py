"""A gNB alone, driven through its ports in virtual time: AMFs, UPFs and UEs are played by the test."""

from awase.functions.gnb.part import PART_TYPE
from awase.lab.services import VirtualServices
from awase.model.ids import Guami, Plmn, SNssai
from awase.model.part import Packet
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import (
    AllocationAndRetentionPriority,
    GTPTunnel,
    NonDynamic5QIDescriptor,
    PDUSessionResourceSetupItemCxtReq,
    PDUSessionResourceSetupItemSUReq,
    PLMNSupportItem,
    QosFlowLevelQosParameters,
    QosFlowSetupRequestItem,
    SecurityKey,
    ServedGUAMIItem,
    UEAggregateMaximumBitRate,
    UESecurityCapabilities,
)
from awase.protocols.ngap.transfers import PDUSessionResourceSetupRequestTransfer
from awase.protocols.rls.entity import CellFound, CellLost, DownlinkData, UeLink
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import (
    RRCSetup,
    RRCSetupComplete,
    RRCSetupRequest,
    ULInformationTransfer,
)

S = 1_000_000_000
EPOCH_NS = 1_767_225_600 * S
GNB_UU = "10.0.0.1:4997"
PLMN = Plmn("001", "01")
SLICE = SNssai(1, None)
GUAMI = Guami(PLMN, 2, 1, 0)
NAS = bytes.fromhex("7e004179000d0100f110000000000000000010")
UPF = "10.3.0.1"


def ng_setup_response(name="amf1", guami=GUAMI, capacity=255, plmn=PLMN, slices=(SLICE,)):
    return m.NGSetupResponse(
        amf_name=name,
        served_guami_list=(ServedGUAMIItem(guami=guami),),
        relative_amf_capacity=capacity,
        plmn_support_list=(PLMNSupportItem(plmn_identity=plmn, slice_support_list=slices),),
    )


def flow(qfi=1, five_qi=9):
    return QosFlowSetupRequestItem(
        qos_flow_identifier=qfi,
        qos_flow_level_qos_parameters=QosFlowLevelQosParameters(
            qos_characteristics=NonDynamic5QIDescriptor(five_qi=five_qi),
            allocation_and_retention_priority=AllocationAndRetentionPriority(
                priority_level_arp=8,
                pre_emption_capability="shall-not-trigger-pre-emption",
                pre_emption_vulnerability="not-pre-emptable",
            ),
        ),
    )


def setup_transfer(teid=0x1001, flows=None, **elements):
    elements.setdefault("ul_ngu_up_tnl_information", GTPTunnel(transport_layer_address=UPF, gtp_teid=teid))
    elements.setdefault("pdu_session_type", "ipv4")
    return ngap.encode_transfer(
        PDUSessionResourceSetupRequestTransfer(qos_flow_setup_request_list=flows or (flow(),), **elements)
    )


AMBR = UEAggregateMaximumBitRate(
    ue_aggregate_maximum_bit_rate_dl=1_000_000_000, ue_aggregate_maximum_bit_rate_ul=500_000_000
)


class Ue:
    """A UE's end of the radio link."""

    def __init__(self, rig, number):
        self.rig = rig
        self.address = f"10.1.0.{number}:40000"
        self.link = UeLink(number, [GNB_UU], rig.now_ns)
        self.inbox = []
        self.data = []
        self.indications = []
        self.silent = False

    def take(self, indications):
        for indication in indications:
            if isinstance(indication, DownlinkData):
                self.data.append((indication.pdu_session_id, indication.packet))
            elif isinstance(indication, CellFound | CellLost):
                self.indications.append(indication)
            else:
                self.inbox.append(rrc.decode(indication.channel.name, indication.pdu))

    def send(self, channel, message):
        self.send_octets(channel, rrc.encode(channel.name, message))

    def send_octets(self, channel, octets):
        assert self.link.send_rrc(GNB_UU, channel, octets, self.rig.now_ns)
        self.rig.pump()

    def request(self, random_value=7, cause="mo-Signalling", **identity):
        identity = identity or {"random_value": random_value}
        self.send(RrcChannel.UL_CCCH, RRCSetupRequest(establishment_cause=cause, **identity))

    def complete(self, nas=NAS, **elements):
        complete = RRCSetupComplete(rrc_transaction_identifier=0, dedicated_nas_message=nas, **elements)
        self.send(RrcChannel.UL_DCCH, complete)

    def attach(self, nas=NAS, cause="mo-Signalling", **elements):
        """Up to the initial UE message, which is returned."""
        self.request(cause=cause)
        assert isinstance(self.last(), RRCSetup)
        self.complete(nas, **elements)
        return self.rig.last(m.InitialUEMessage)

    def nas(self, nas):
        self.send(RrcChannel.UL_DCCH, ULInformationTransfer(dedicated_nas_message=nas))

    def last(self, kind=object):
        """The newest message of a kind."""
        return next((message for message in reversed(self.inbox) if isinstance(message, kind)), None)


class Rig:
    """The gNB, its clock, and what it sent."""

    def __init__(self, *, amfs=1, setup=True, **config):
        peers = [{"part": f"amf{i + 1}", "function": "amf", "address": f"10.2.0.{i + 1}:38412"} for i in range(amfs)]
        config = {
            "addresses": {"uu": GNB_UU, "n2": "10.0.0.1:38412", "n3": "10.0.0.1:2152"},
            "peers": {"N2": peers},
            **config,
        }
        self.now_ns = EPOCH_NS
        self.gnb = PART_TYPE.build("gnb1", config, VirtualServices(1, "gnb1", lambda record: None))
        self.amf_addresses = [peer["address"] for peer in peers]
        self.inbox = []
        """(AMF's number, stream, message)"""
        self.n3 = []
        self.events = []
        self.connects = []
        self.aborted = []
        self.ues = {}
        self.associations = {}
        self.accepting = True
        self.gnb.wake(self.now_ns)
        self.pump()
        if setup:
            for number in range(amfs):
                self.amf_send(ng_setup_response(f"amf{number + 1}"), stream=0, amf=number)

    # Time and packets.

    def pump(self):
        while True:
            packets = list(self.gnb.take_packets())
            self.events += self.gnb.take_events()
            for ue in list(self.ues.values()):
                for address, octets in ue.link.take_datagrams():
                    assert address == GNB_UU
                    if not ue.silent:
                        packets.append(Packet("to-gnb", ue.address, octets))
            if not packets:
                return
            for packet in packets:
                self._carry(packet)

    def _carry(self, packet):
        if packet.port == "to-gnb":
            self.gnb.receive(Packet("uu", packet.peer, packet.payload), self.now_ns)
        elif packet.port == "uu":
            ue = self.ues.get(packet.peer)
            if ue is not None and not ue.silent:
                ue.take(ue.link.receive(GNB_UU, packet.payload, self.now_ns))
        elif packet.port == "n3":
            self.n3.append((packet.peer, packet.payload))
        else:
            self._carry_n2(packet)

    def _carry_n2(self, packet):
        number = self.amf_addresses.index(packet.peer)
        if packet.kind == "connect":
            self.connects.append(self.now_ns)
            if self.accepting:
                self.associations[number] = 100 * len(self.connects) + number
                self.amf_packet(kind="up", amf=number)
            else:
                self.gnb.receive(Packet("n2", packet.peer, kind="down"), self.now_ns)
        elif packet.kind == "data":
            assert packet.ppid == 60
            assert packet.association == self.associations[number]
            self.inbox.append((number, packet.stream, ngap.decode(packet.payload)))
        else:
            self.aborted.append(packet)

    def advance(self, seconds):
        until_ns = self.now_ns + int(seconds * S)
        while True:
            self.pump()
            gnb_ns = self.gnb.wake_at_ns()
            times = [] if gnb_ns is None else [gnb_ns]
            times += [ue.link.wake_at_ns() for ue in self.ues.values()]
            if not times or min(times) > until_ns:
                break
            self.now_ns = max(min(times), self.now_ns)
            if gnb_ns is not None and gnb_ns <= self.now_ns:
                self.gnb.wake(self.now_ns)
            for ue in self.ues.values():
                if ue.link.wake_at_ns() <= self.now_ns:
                    ue.take(ue.link.wake(self.now_ns))
        self.now_ns = until_ns

    # The AMF.

    def amf_packet(self, payload=b"", *, kind="data", stream=None, amf=0):
        self.gnb.receive(
            Packet(
                "n2",
                self.amf_addresses[amf],
                payload,
                kind,
                self.associations.get(amf),
                stream,
                60 if kind == "data" else None,
            ),
            self.now_ns,
        )
        self.pump()

    def amf_send(self, message, *, stream=1, amf=0):
        self.amf_packet(ngap.encode(message), stream=stream, amf=amf)

    def last(self, kind):
        """The newest message of a kind that an AMF got."""
        return next((m for _, _, m in reversed(self.inbox) if isinstance(m, kind)), None)

    def all(self, kind):
        return [m for _, _, m in self.inbox if isinstance(m, kind)]

    def event(self, name):
        return next((event for event in self.events if event.name == name), None)

    # UEs.

    def new_ue(self):
        """A UE that has found the cell."""
        ue = Ue(self, len(self.ues) + 1)
        self.ues[ue.address] = ue
        ue.take(ue.link.wake(self.now_ns))
        self.pump()
        return ue

    def connected_ue(self, amf_id=None):
        """A UE with a NAS connection; its AMF UE NGAP ID is 1000 + its number."""
        ue = self.new_ue()
        ran_id = ue.attach().ran_ue_ngap_id
        ue.ids = {"amf_ue_ngap_id": amf_id or 1000 + len(self.ues), "ran_ue_ngap_id": ran_id}
        self.amf_send(m.DownlinkNASTransport(nas_pdu=b"\x7e\x00\x56", **ue.ids))
        return ue

    def ue_with_context(self, sessions=()):
        ue = self.connected_ue()
        self.amf_send(initial_context_setup_request(ue.ids, sessions))
        return ue

    def ue_with_session(self, number=1, **transfer):
        ue = self.ue_with_context()
        self.amf_send(session_setup_request(ue.ids, (number, setup_transfer(**transfer))))
        return ue


def initial_context_setup_request(ids, sessions=(), nas=b"\x7e\x00\x42"):
    return m.InitialContextSetupRequest(
        **ids,
        ue_aggregate_maximum_bit_rate=AMBR if sessions else None,
        guami=GUAMI,
        pdu_session_resource_setup_list_cxt_req=tuple(
            PDUSessionResourceSetupItemCxtReq(
                pdu_session_id=number,
                nas_pdu=b"session" + bytes((number,)),
                s_nssai=SLICE,
                pdu_session_resource_setup_request_transfer=transfer,
            )
            for number, transfer in sessions
        ),
        allowed_nssai=(SLICE,),
        ue_security_capabilities=UESecurityCapabilities(
            nr_encryption_algorithms=0xE000,
            nr_integrity_protection_algorithms=0xE000,
            eutra_encryption_algorithms=0,
            eutra_integrity_protection_algorithms=0,
        ),
        security_key=SecurityKey(bytes(range(32))),
        nas_pdu=nas,
    )


def session_setup_request(ids, *sessions, s_nssai=SLICE):
    return m.PDUSessionResourceSetupRequest(
        **ids,
        pdu_session_resource_setup_list_su_req=tuple(
            PDUSessionResourceSetupItemSUReq(
                pdu_session_id=number,
                pdu_session_nas_pdu=b"session" + bytes((number,)),
                s_nssai=s_nssai,
                pdu_session_resource_setup_request_transfer=transfer,
            )
            for number, transfer in sessions
        ),
        ue_aggregate_maximum_bit_rate=AMBR,
    )
