"""A UPF between a scripted SMF, a scripted base station and a scripted data network."""

import hashlib

from awase.functions.upf.part import PART_TYPE
from awase.model.part import NS_PER_S, Packet
from awase.protocols.gtpu.codec import decode as decode_gtpu
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import icmp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode, is_session_message
from awase.protocols.pfcp.elements import (
    ApplyAction,
    BitRates,
    FSeid,
    FTeid,
    GateStatus,
    Interface,
    NodeId,
    OuterHeaderCreation,
    OuterHeaderRemoval,
    UeIpAddress,
    UserId,
)

SMF, UPF, GNB = "10.101.0.2", "10.101.0.3", "10.101.0.4"
SMF_PORT, GNB_PORT = f"{SMF}:8805", f"{GNB}:2152"
UE = bytes((10, 45, 0, 2))
SERVER = bytes((10, 45, 0, 1))
GNB_TEID = 0x1001
CP_SEID = 77
START = 1_700_000_000 * NS_PER_S


class Services:
    """Randomness from a counter; no store, no keys."""

    store = None

    def __init__(self):
        self.count = 0

    def random_bytes(self, n, label):
        self.count += 1
        return hashlib.sha256(f"{label} {self.count}".encode()).digest()[:n]

    def key_log(self, record):
        raise AssertionError("a UPF has no keys")


def establishment(*, ue="10.45.0.2", f_teid=None, qer=None, pdrs=None, fars=None, supi="001010000000001", **more):
    """The request of an SMF that knows no gNB tunnel yet: uplink forwards, downlink waits."""
    chosen = f_teid or FTeid(choose_ipv4=True, choose_id=1)
    default_pdrs = (
        m.CreatePdr(
            pdr_id=1,
            precedence=255,
            pdi=m.Pdi(
                source_interface=Interface.ACCESS,
                f_teid=chosen,
                network_instance="internet",
                ue_ip_address=(UeIpAddress(ipv4_address=ue),),
                qfi=(1,),
            ),
            outer_header_removal=OuterHeaderRemoval(description=0),
            far_id=1,
            qer_id=(1,),
        ),
        m.CreatePdr(
            pdr_id=2,
            precedence=255,
            pdi=m.Pdi(
                source_interface=Interface.CORE,
                network_instance="internet",
                ue_ip_address=(UeIpAddress(ipv4_address=ue, destination=True),),
            ),
            far_id=2,
            qer_id=(1,),
        ),
    )
    default_fars = (
        m.CreateFar(
            far_id=1,
            apply_action=ApplyAction.FORW,
            forwarding_parameters=m.ForwardingParameters(destination_interface=Interface.CORE),
        ),
        m.CreateFar(far_id=2, apply_action=ApplyAction.BUFF | ApplyAction.NOCP),
    )
    return m.SessionEstablishmentRequest(
        node_id=NodeId(ipv4_address=SMF),
        cp_f_seid=FSeid(seid=CP_SEID, ipv4_address=SMF),
        create_pdr=default_pdrs if pdrs is None else pdrs,
        create_far=default_fars if fars is None else fars,
        create_qer=(
            qer
            or m.CreateQer(
                qer_id=1,
                gate_status=GateStatus(),
                mbr=BitRates(ul_kbps=1_000_000, dl_kbps=1_000_000),
                qfi=1,
            ),
        ),
        pdn_type=1,
        user_id=UserId(imsi=supi),
        apn_dnn="internet",
        **more,
    )


def to_gnb(teid=GNB_TEID, address=GNB, flags=None):
    """The change that opens the downlink."""
    return m.SessionModificationRequest(
        update_far=(
            m.UpdateFar(
                far_id=2,
                apply_action=ApplyAction.FORW,
                update_forwarding_parameters=m.UpdateForwardingParameters(
                    destination_interface=Interface.ACCESS,
                    outer_header_creation=OuterHeaderCreation(description=0x0100, teid=teid, ipv4_address=address),
                    pfcpsm_req_flags=flags,
                ),
            ),
        )
    )


def ping(source=UE, destination=SERVER, number=1):
    return icmp.encode_packet(icmp.Echo(icmp.ECHO_REQUEST, 1, number, b"x" * 32), source, destination)


class Bench:
    def __init__(self, part_type=PART_TYPE, **config):
        config = {"addresses": {"n3": f"{UPF}:2152", "n4": f"{UPF}:8805"}, **config}
        if part_type is PART_TYPE:
            config.setdefault("dnns", [{"name": "internet", "pool": "10.45.0.0/29"}])
        self.upf = part_type.build("upf1", config, Services())
        self.now = START
        self.events = []
        self.number = 0

    def give(self, port, payload, peer="", kind="data"):
        """Hand a packet in; what comes out."""
        self.upf.receive(Packet(port=port, peer=peer, payload=payload, kind=kind), self.now)
        return self.take()

    def take(self):
        self.events += self.upf.take_events()
        return list(self.upf.take_packets())

    def pass_s(self, seconds):
        """Let time pass; what comes out on the way."""
        out = []
        end = self.now + int(seconds * NS_PER_S)
        while (at := self.upf.wake_at_ns()) is not None and at <= end:
            self.now = at
            self.upf.wake(at)
            out += self.take()
        self.now = end
        return out

    def ask(self, message, seid=None, peer=SMF_PORT, number=None):
        """The UPF's response to a request of the SMF, and its header."""
        if number is None:
            self.number += 1
            number = self.number
        if is_session_message(m.NUMBER_OF_MESSAGE[type(message)]):
            seid = seid or 0
        octets = encode(message, sequence_number=number, seid=seid)
        packets = self.give("n4", octets, peer)
        self.others = packets[1:]
        assert packets[0].peer == peer
        header, response = decode(packets[0].payload)
        assert header.sequence_number == number
        self.header = header
        return response

    def associate(self, recovery=1, peer=SMF_PORT, node=SMF):
        return self.ask(
            m.AssociationSetupRequest(node_id=NodeId(ipv4_address=node), recovery_time_stamp=recovery),
            peer=peer,
        )

    def establish(self, **changes):
        """A session that forwards both ways: UP SEID and uplink TEID."""
        self.associate()
        response = self.ask(establishment(**changes))
        assert response.cause == 1, response
        seid = response.up_f_seid.seid
        teid = response.created_pdr[0].f_teid[0].teid if response.created_pdr else None
        assert self.ask(to_gnb(), seid).cause == 1
        return seid, teid

    def names(self):
        return [event.name for event in self.events]

    def event(self, name):
        return next(event for event in self.events if event.name == name)


def requests(packets):
    """The PFCP requests among packets, decoded: (header, message)."""
    return [decode(packet.payload) for packet in packets if packet.port == "n4"]


def gtpu(packets):
    """The GTP-U messages among packets: (peer, message)."""
    return [(packet.peer, decode_gtpu(packet.payload)) for packet in packets if packet.port == "n3"]


def n6(packets):
    return [packet.payload for packet in packets if packet.port == "n6"]


def down_and_up(teid):
    """A packet of each kind that a UPF gets: (port, peer, octets)."""
    stranger = "10.66.0.1:8805"
    return [
        ("n3", GNB_PORT, encode_g_pdu(teid, ping(), 1, uplink=True)),
        ("n6", "", ping(SERVER, UE)),
        ("n4", stranger, encode(establishment(ue="10.45.0.4"), sequence_number=900, seid=0)),
        ("n4", SMF_PORT, encode(establishment(ue="10.45.0.4"), sequence_number=901, seid=0)),
        ("n4", stranger, encode(to_gnb(), sequence_number=902, seid=5)),
        ("n4", stranger, encode(m.HeartbeatRequest(recovery_time_stamp=1), sequence_number=903)),
    ]
