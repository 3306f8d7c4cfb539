"""The MBS containers: octets worked out from TS 24.501 clauses 9.11.4.30 and 9.11.4.31.

pycrate 0.8.1 is no oracle here: it gives TMGI the type 0, IPv4 the type 1 and no type to IPv6, where table 9.11.4.30.1
has 1, 2 and 3, and it leaves out the lengths of TMGI, TAI list and NR CGI list. That TMGI has its length, as it is
coded from octet 2 of TS 24.008 clause 10.5.6.13 on, shows in the shortest elements: 8 octets and 9.
"""

import pytest

from awase.model.ids import Plmn, Tai
from awase.protocols.nas import multicast as mc
from awase.protocols.nas.codec import layout
from awase.protocols.nas.elements import GprsTimer3, TaiList
from awase.protocols.nas.messages import PDUSessionEstablishmentAccept, PDUSessionEstablishmentRequest
from awase.wire.errors import DecodeError, EncodeError
from unit.protocols.nas.mutated import values

PLMN = Plmn("001", "01")
TMGI = mc.Tmgi(service_id=0x010203, plmn=PLMN)
IPV4 = mc.SourceSpecificAddress(source="10.0.0.1", destination="232.0.0.7")
IPV6 = mc.SourceSpecificAddress(source="2001:db8::1", destination="ff3e::7")
V6 = "20010db8000000000000000000000001 ff3e0000000000000000000000000007"
JOIN, LEAVE = mc.MbsOperation.join_multicast_mbs_session, mc.MbsOperation.leave_multicast_mbs_session
KEYS = mc.MbsSecurityKeys(
    key_domain_id=b"\x01\x02\x03",
    msk_id=b"\x04\x05\x06\x07",
    msk=b"\x5a" * 16,
    mtk_id=b"\x08\x09",
    encrypted_mtk=b"\xa5" * 16,
)

REQUESTED = [
    (mc.RequestedMbsInformation(operation=JOIN, session=TMGI), "05 06 010203 00f110"),
    (mc.RequestedMbsInformation(operation=LEAVE, session=mc.Tmgi(service_id=7)), "09 03 000007"),
    (mc.RequestedMbsInformation(operation=JOIN, session=IPV4), "06 0a000001 e8000007"),
    (mc.RequestedMbsInformation(operation=LEAVE, session=IPV6), "0b" + V6),
]

RECEIVED = [
    (
        mc.ReceivedMbsInformation(decision=mc.MbsDecision.mbs_join_is_accepted, tmgi=mc.Tmgi(service_id=7)),
        "02 00 03 000007",
    ),
    (
        mc.ReceivedMbsInformation(
            decision=mc.MbsDecision.mbs_join_is_rejected,
            rejection_cause=mc.MbsRejectionCause.insufficient_resources,
            tmgi=TMGI,
            address=IPV4,
            back_off_timer=GprsTimer3(4, 3),
        ),
        "23 05 06 010203 00f110 0a000001 e8000007 83",
    ),
    (
        mc.ReceivedMbsInformation(
            decision=mc.MbsDecision.mbs_service_area_update,
            tmgi=TMGI,
            address=IPV6,
            tai_list=TaiList.of((Tai(PLMN, 7),)),
            nr_cgis=(mc.NrCgi(nr_cell_id=0x123456789, plmn=PLMN),),
            start_time=bytes(range(6)),
            security=(KEYS,),
        ),
        "19 1b 06 010203 00f110" + V6 + "07 00 00f110 000007  08 1234567890 00f110  000102030405"
        "01 01 010203 04050607" + "5a" * 16 + "0809" + "a5" * 16,
    ),
]


@pytest.mark.parametrize(("session", "octets"), REQUESTED)
def test_what_a_ue_asks_has_the_octets_of_the_clause(session: mc.RequestedMbsInformation, octets: str) -> None:
    container = mc.RequestedMbsContainer((session,))
    assert container.encode().hex() == bytes.fromhex(octets).hex()
    assert mc.RequestedMbsContainer.decode(bytes.fromhex(octets)) == container


@pytest.mark.parametrize(("session", "octets"), RECEIVED)
def test_what_a_network_decides_has_the_octets_of_the_clause(session: mc.ReceivedMbsInformation, octets: str) -> None:
    container = mc.ReceivedMbsContainer((session,))
    assert container.encode().hex() == bytes.fromhex(octets).hex()
    assert mc.ReceivedMbsContainer.decode(bytes.fromhex(octets)) == container


def test_the_shortest_containers_have_the_lengths_of_tables_8_3_1_1_1_and_8_3_2_1_1() -> None:
    shortest = {
        row.name: row.ie.shortest
        for kind in (PDUSessionEstablishmentRequest, PDUSessionEstablishmentAccept)
        for row in layout(kind).optional
        if row.name.endswith("mbs_container")
    }
    requested = mc.RequestedMbsContainer((REQUESTED[1][0],)).encode()
    received = mc.ReceivedMbsContainer((RECEIVED[0][0],)).encode()
    assert shortest == {"requested_mbs_container": 3 + len(requested), "received_mbs_container": 3 + len(received)}


def test_several_sessions_follow_one_another() -> None:
    requested = bytes.fromhex("".join(octets for _, octets in REQUESTED))
    assert mc.RequestedMbsContainer.decode(requested).sessions == tuple(session for session, _ in REQUESTED)
    received = bytes.fromhex("".join(octets for _, octets in RECEIVED))
    assert mc.ReceivedMbsContainer.decode(received).sessions == tuple(session for session, _ in RECEIVED)


def test_a_key_is_not_in_the_text_of_its_set() -> None:
    assert "Z" not in repr(KEYS)
    assert "\\xa5" not in repr(KEYS)


def test_whatever_the_octets_there_is_a_value_that_comes_back_or_an_error() -> None:
    assert values(mc.RequestedMbsContainer, bytes.fromhex("".join(o for _, o in REQUESTED))) > 100
    assert values(mc.ReceivedMbsContainer, bytes.fromhex("".join(o for _, o in RECEIVED))) > 100


@pytest.mark.parametrize("octets", ["04", "05 04 01020304", "05 06 010203", "06 0a000001"])
def test_a_session_that_is_reserved_or_cut_off_is_no_value(octets: str) -> None:
    with pytest.raises((DecodeError, IndexError)):
        mc.RequestedMbsContainer.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "session",
    [
        mc.RequestedMbsInformation(operation=mc.MbsOperation(4), session=TMGI),
        mc.RequestedMbsInformation(
            operation=JOIN, session=mc.SourceSpecificAddress(source="10.0.0.1", destination="ff3e::7")
        ),
        mc.ReceivedMbsInformation(decision=mc.MbsDecision(8), tmgi=TMGI),
        mc.ReceivedMbsInformation(decision=mc.MbsDecision(1), tmgi=TMGI, start_time=b""),
        mc.ReceivedMbsInformation(
            decision=mc.MbsDecision(1), tmgi=TMGI, start_time=bytes(6), back_off_timer=GprsTimer3(0, 0)
        ),
        mc.MbsSecurityKeys(key_domain_id=b"", msk_id=bytes(4), msk=bytes(16)),
        mc.MbsSecurityKeys(key_domain_id=bytes(3), msk_id=bytes(4), msk=bytes(16), encrypted_mtk=bytes(16)),
    ],
)
def test_a_value_that_does_not_fit_is_an_encode_error(
    session: mc.RequestedMbsInformation | mc.ReceivedMbsInformation | mc.MbsSecurityKeys,
) -> None:
    with pytest.raises(EncodeError):
        session.encode()
