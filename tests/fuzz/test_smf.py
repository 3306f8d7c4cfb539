"""Mutated octets on every port and in every container of an SMF: answered or reported, never an exception."""

import random

import msgspec

from awase.model.part import Packet
from awase.protocols.nas import codec as nas
from awase.protocols.nas.messages import FiveGSMStatus, PDUSessionEstablishmentRequest, PDUSessionReleaseRequest
from awase.protocols.nas.session_elements import IntegrityProtectionMaximumDataRate
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import FTeid, NodeId
from awase.protocols.sbi import bhttp, multipart
from awase.protocols.sbi import codec as sbi
from unit.functions.smf.fakes import AMF, SUPI, UPF, Bench, setup_response


def mutated(rng: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(rng.randrange(1, 4)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randrange(len(changed) + 1)]) if rng.random() < 0.2 else bytes(changed)


def throw(bench: Bench, packet: Packet) -> None:
    bench.receive(packet)
    bench.smf.take_packets()
    bench.smf.take_events()


def test_n4() -> None:
    bench = Bench()
    bench.establish()
    node_id = NodeId(ipv4_address=UPF)
    indication = n4.ErrorIndicationReport(f_teid=(FTeid(teid=7, ipv4_address="10.0.0.9"),))
    good = [
        pfcp.encode(
            n4.SessionReportRequest(report_type=4, error_indication_report=indication), sequence_number=9, seid=1
        ),
        pfcp.encode(n4.AssociationUpdateRequest(node_id=node_id), sequence_number=9),
        pfcp.encode(n4.HeartbeatRequest(recovery_time_stamp=1000), sequence_number=9),
        pfcp.encode(n4.SessionModificationResponse(cause=1), sequence_number=2, seid=1),
    ]
    rng = random.Random(1)
    for turn in range(10_000):
        throw(bench, Packet("n4", f"{UPF}:8805", mutated(rng, good[turn % len(good)])))
    assert bench.smf.sessions.find(SUPI, 1) is not None


def request(n1: bytes, n2: bytes, path: str, **body: object) -> bytes:
    content = sbi.json_request("POST", path, body, [multipart.n1_part(n1), multipart.n2_part(n2)])
    return bhttp.encode_request(msgspec.structs.replace(content, authority="10.0.0.1:8080"))


def test_sbi() -> None:
    bench = Bench()
    bench.establish()
    establishment = nas.encode(
        PDUSessionEstablishmentRequest(
            pdu_session_id=2, pti=1, integrity_protection_maximum_data_rate=IntegrityProtectionMaximumDataRate()
        )
    )
    good = [
        request(
            establishment,
            b"",
            "/nsmf-pdusession/v1/sm-contexts",
            supi=SUPI,
            pduSessionId=2,
            dnn="internet",
            sNssai={"sst": 1},
            servingNfId="a",
            servingNetwork={"mcc": "001", "mnc": "01"},
            anType="3GPP_ACCESS",
            smContextStatusUri="http://10.0.0.3:8080/x",
            n1SmMsg={"contentId": "5gnas-sm"},
        ),
        request(
            nas.encode(PDUSessionReleaseRequest(pdu_session_id=9, pti=1)),
            setup_response(),
            "/nsmf-pdusession/v1/sm-contexts/1/modify",
            n1SmMsg={"contentId": "5gnas-sm"},
            n2SmInfo={"contentId": "ngap-sm"},
            n2SmInfoType="PDU_RES_SETUP_RSP",
        ),
    ]
    rng = random.Random(2)
    for turn in range(5_000):
        octets = mutated(rng, good[turn % len(good)])
        throw(bench, Packet("sbi", f"{AMF}:8080", octets, kind="request", exchange=turn))
        if turn % 100 == 0:
            bench.advance(30)
    assert len(bench.smf.sessions) <= 15


def test_containers() -> None:
    rng = random.Random(3)
    bench = Bench()
    reference = bench.establish()
    messages = [
        nas.encode(PDUSessionReleaseRequest(pdu_session_id=1, pti=0)),
        nas.encode(FiveGSMStatus(pdu_session_id=1, pti=0, five_gsm_cause=47)),  # type: ignore[arg-type]
    ]
    for turn in range(5_000):
        kind = "PDU_RES_SETUP_RSP" if turn % 2 else "PDU_RES_SETUP_FAIL"
        if turn % 3:
            exchange = bench.modify(reference, mutated(rng, messages[turn % 2]))
        else:
            exchange = bench.modify(reference, n2=mutated(rng, setup_response()), kind=kind)
        assert bench.answers.pop(exchange).status in (200, 204, 403)
        if bench.smf.sessions.find(SUPI, 1) is None or not bench.smf.sessions.find(SUPI, 1).registered:  # type: ignore[union-attr]
            reference = bench.establish()
        elif turn % 50 == 0:
            bench.advance(100)
            reference = bench.establish(pti=2)
