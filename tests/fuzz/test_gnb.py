"""A gNB whose every port gets octets that nobody should send: it stays alive, bounded, and serves its UEs."""

import random

from awase.model.part import Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import EchoRequest, ErrorIndication
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import Cause, UENGAPIDPair
from awase.protocols.rls.codec import encode
from awase.protocols.rls.messages import Heartbeat, PduTransmission, PduType, RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import (
    RRCSetupComplete,
    RRCSetupRequest,
    ULInformationTransfer,
)
from unit.functions.gnb.rig import (
    GNB_UU,
    NAS,
    UPF,
    Rig,
    initial_context_setup_request,
    session_setup_request,
    setup_transfer,
)


def mutated(rng, octets):
    octets = bytearray(octets)
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(4)
        if kind == 0 and octets:
            octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        elif kind == 1 and octets:
            del octets[rng.randrange(len(octets)) :]
        elif kind == 2 and octets:
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        else:
            octets += rng.randbytes(rng.randint(1, 4))
    return bytes(octets)


def seeds(ids):
    def uplink(sti, channel, message):
        pdu = rrc.encode(channel.name, message)
        return encode(PduTransmission(sti=sti, pdu_type=PduType.RRC, payload=channel, pdu=pdu))

    complete = RRCSetupComplete(rrc_transaction_identifier=0, dedicated_nas_message=NAS)
    request = RRCSetupRequest(random_value=5, establishment_cause="mo-Data")
    return {
        "uu": [
            encode(Heartbeat(sti=77)),
            uplink(77, RrcChannel.UL_CCCH, request),
            uplink(77, RrcChannel.UL_DCCH, complete),
            uplink(77, RrcChannel.UL_DCCH, ULInformationTransfer(dedicated_nas_message=NAS)),
            encode(PduTransmission(sti=77, pdu_type=PduType.DATA, payload=1, pdu=bytes(40))),
        ],
        "n3": [
            gtpu.encode_g_pdu(5, bytes(40), 1),
            gtpu.encode(EchoRequest(sequence_number=1)),
            gtpu.encode(ErrorIndication(tunnel_endpoint_identifier_data_i=1, gtp_u_peer_address=UPF)),
        ],
        "n2": [
            ngap.encode(message)
            for message in (
                m.DownlinkNASTransport(nas_pdu=NAS, **ids),
                initial_context_setup_request(ids, [(1, setup_transfer())]),
                session_setup_request(ids, (2, setup_transfer())),
                m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ids), cause=Cause("nas", "normal-release")),
                m.NGReset(cause=Cause("misc", "unspecified"), reset_type="reset-all"),
                m.ErrorIndication(cause=Cause("misc", "unspecified")),
                m.OverloadStart(amf_overload_response="reject-rrc-cr-signalling"),
            )
        ],
    }


PEERS = {"uu": "10.7.7.7:7", "n3": f"{UPF}:2152", "n2": "10.2.0.1:38412"}


def feed(rig, port, octets):
    association = rig.associations[0] if port == "n2" else None
    rig.gnb.receive(Packet(port, PEERS[port], octets, "data", association, 1 if association else None, 60), rig.now_ns)
    assert len(rig.gnb.take_packets()) < 100
    assert len(rig.gnb.take_events()) < 20


def test_random_octets_on_every_port_change_nothing():
    rng = random.Random(3)
    rig = Rig()
    ue = rig.ue_with_session(1)
    before = (dict(rig.gnb.ues), dict(rig.gnb.tunnels), rig.gnb.link.ues)
    for _ in range(3_000):
        for port in PEERS:
            feed(rig, port, rng.randbytes(rng.randint(0, 60)))
    assert (dict(rig.gnb.ues), dict(rig.gnb.tunnels), rig.gnb.link.ues) == before
    ue.link.send_data(GNB_UU, 1, bytes(20))
    rig.pump()
    assert len(rig.n3) == 1


def test_mutated_messages_on_every_port_leave_a_gnb_that_still_serves():
    rng = random.Random(4)
    rig = Rig(max_ues=20)
    ue = rig.ue_with_context()
    stock = seeds(ue.ids)
    for number in range(6_000):
        port = ("uu", "n2", "n3")[number % 3]
        octets = rng.choice(stock[port])
        feed(rig, port, mutated(rng, octets) if rng.random() < 0.9 else octets)
        if number % 100 == 0:
            rig.advance(0.2)
        assert len(rig.gnb.ues) <= 20
        assert len(rig.gnb.link.ues) <= 4096
    rig.advance(60)
    rig.amf_packet(kind="abort")
    rig.advance(10)
    rig.inbox.clear()
    again = Rig()
    assert again.ue_with_session(1)


def test_the_contract_holds_for_packets_of_no_sense():
    rig = Rig()
    for port in ("uu", "n2", "n3", "n6"):
        for kind in ("data", "up", "down", "abort", "request", "response", "connect"):
            for payload in (b"", (b"", b"\xff")):
                rig.gnb.receive(Packet(port, "nobody", payload, kind), rig.now_ns)
                rig.gnb.receive(Packet(port, "", payload, kind, 1, 0, 0, 1), rig.now_ns)
    rig.pump()
    assert rig.ue_with_session(1)
