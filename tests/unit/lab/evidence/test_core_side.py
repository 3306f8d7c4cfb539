"""UEs of others are judged by what passes N2 and N3, which captures of other equipment show."""

from pathlib import Path

import pytest

from awase.lab.decipher import KeyRing
from awase.lab.evidence.core_side import CoreSide, Sightlines
from awase.lab.evidence.subscribers import Subscriber
from awase.model.network import Expectation
from awase.model.part import Packet
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import icmp
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import encode as encode_nas
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import messages as m
from unit.suppliers.stage import staged

VECTORS = Path(__file__).parents[3] / "vectors" / "ngap"
SUPI = "imsi-999700000000001"


def subscriber(name: str = "ue1", supi: str = SUPI) -> Subscriber:
    return Subscriber(name, supi, Expectation(), 1)


def captured(name: str) -> list[bytes]:
    path = VECTORS / f"open5gs-2.8-ueransim-3.3-{name}" / "pdus.txt"
    return [bytes.fromhex(line) for line in path.read_text().split()]


def watch(side: CoreSide, pdus: list[bytes]) -> None:
    uplink = (m.InitialUEMessage, m.UplinkNASTransport)
    for octets in pdus:
        side.signalling("gnb1", octets, isinstance(ngap.decode(octets), uplink), True)


@pytest.mark.parametrize(
    ("cast", "ues", "off_air", "hidden", "flows"),
    [
        ((), (), set(), set(), True),
        (("ue1=ueransim",), ("ue1",), set(), set(), True),
        (("gnb=ueransim",), (), set(), set(), True),
        (("gnb=ueransim", "ue1=ueransim"), ("ue1",), {"ue1"}, set(), True),
        (("core=open5gs",), (), set(), set(), False),
        (("core=open5gs", "gnb=ueransim"), (), set(), {"gnb1"}, False),
        (("core=open5gs", "gnb=ueransim", "ue1=ueransim"), ("ue1",), {"ue1"}, {"gnb1", "ue1"}, False),
    ],
)
def test_a_link_is_seen_if_one_of_its_ends_is_ours(
    cast: tuple[str, ...], ues: tuple[str, ...], off_air: set[str], hidden: set[str], flows: bool
) -> None:
    assembly, _ = staged(*cast)
    assert Sightlines.of(assembly) == Sightlines(ues, frozenset(off_air), frozenset(hidden), flows)


@pytest.mark.parametrize("capture", ["nea0-kernel-sctp", "nea0-usrsctp"])
def test_registration_and_session_of_a_captured_ue_are_seen_at_n2(capture: str) -> None:
    own, other = subscriber(), subscriber("ue2", "imsi-999700000000002")
    watch(CoreSide(KeyRing(), [own, other], [own, other]), captured(capture))
    assert own.registered
    assert own.sessions == {1: bytes((10, 45, 0, 3))}
    assert not other.accepted


def test_what_is_ciphered_with_keys_that_nobody_told_says_nothing() -> None:
    own = subscriber()
    watch(CoreSide(KeyRing(), [own], [own]), captured("nea2-kernel-sctp"))
    assert not own.accepted
    assert own.sessions == {}


def test_a_rejection_is_told_apart_by_the_identity_in_clear() -> None:
    own, other = subscriber(), subscriber("ue2", "imsi-999700000000002")
    side = CoreSide(KeyRing(), [own, other], [])
    initial = next(
        octets for octets in captured("nea0-kernel-sctp") if isinstance(ngap.decode(octets), m.InitialUEMessage)
    )
    ran_id = ngap.decode(initial).ran_ue_ngap_id  # type: ignore[union-attr]
    side.signalling("gnb1", initial, True, True)
    reject = m.DownlinkNASTransport(
        amf_ue_ngap_id=9, ran_ue_ngap_id=ran_id, nas_pdu=encode_nas(nas.RegistrationReject(five_gmm_cause=11))
    )
    assert side.signalling("gnb2", ngap.encode(reject), False, True) is None
    assert side.signalling("gnb1", ngap.encode(reject), False, True) is own
    assert own.rejection == ("RegistrationReject", 11)
    assert other.rejection is None


def test_echoes_of_a_ue_off_the_air_are_seen_at_n3() -> None:
    own = subscriber()
    side = CoreSide(KeyRing(), [own], [own])
    ue, server = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 1))
    own.sessions[1] = ue
    request = icmp.encode_packet(icmp.Echo(icmp.ECHO_REQUEST, 1, 1, b"x" * 32), ue, server)
    reply = icmp.encode_packet(icmp.Echo(icmp.ECHO_REPLY, 1, 1, b"x" * 32), server, ue)
    up = Packet("n3", "10.0.0.1:2152", (encode_g_pdu(5, request, 1, uplink=True), b"noise"))
    assert side.user_plane(up, True, 1000, (1000,)) is None
    assert side.user_plane(Packet("n3", "10.0.0.2:2152", encode_g_pdu(6, reply, 1)), False, 3000, (3000,)) is own
    assert (own.pings.requests, own.pings.replies, own.pings.rtt_max_ns) == (1, 1, 2000)


def test_noise_on_n2_says_nothing() -> None:
    own = subscriber()
    side = CoreSide(KeyRing(), [own], [own])
    for octets in captured("nea0-kernel-sctp"):
        for cut in range(0, len(octets), 7):
            side.signalling("gnb1", octets[:cut], False, True)
