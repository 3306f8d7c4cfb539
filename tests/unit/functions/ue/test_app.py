"""Programs behind the UE: its sessions on port app (model/ip_session.py)."""

from typing import Any

from awase.model import ip_session
from awase.model.part import Packet
from awase.protocols.ip import codec as ip
from awase.protocols.ip import icmpv6, ipv6, udp
from awase.protocols.nas import messages as nas
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    PduAddress,
    PduSessionType,
)
from unit.functions.ue.rig import Network

INTERNET = {"dnn": "internet", "slice": {"sst": 1}}
ADDRESS, GATEWAY = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 1))
MTU = 0x0010


class Programs(Network):
    """The rig, with whoever has the programs."""

    def __init__(self, answer: Any = "up", kind: str = "ipv4", **more: Any) -> None:
        super().__init__(app=True, sessions=[{**INTERNET, "type": kind}], **more)
        self.answer = answer
        self.apps: list[Packet] = []

    def _uplink(self, packet: Packet) -> None:
        if packet.port != ip_session.PORT:
            super()._uplink(packet)
            return
        self.apps.append(packet)
        if packet.kind == "up":
            self.ue.receive(Packet("app", packet.peer, kind=self.answer), self.now_ns)

    def app(self, payload: Any, session: str = "1", kind: Any = "data") -> None:
        """Something comes from the programs."""
        self._call(lambda: self.ue.receive(Packet("app", session, payload, kind), self.now_ns))


def datagram(source: bytes, destination: bytes, payload: bytes = b"hello") -> bytes:
    return udp.encode_packet(udp.Udp(4000, 5000, payload), source, destination)


def offers(network: Programs) -> list[ip_session.IpSession]:
    return [ip_session.decode(p.payload) for p in network.apps if p.kind == "up" and isinstance(p.payload, bytes)]


def test_a_session_is_offered_with_its_address_and_the_mtu_of_the_network() -> None:
    network = Programs()
    options = ExtendedProtocolConfigurationOptions.of(((MTU, (1320).to_bytes(2, "big")),))
    network.session_extra = {"extended_protocol_configuration_options": options}
    network.run(1)
    assert [p.peer for p in network.apps] == ["1"]
    assert offers(network) == [ip_session.IpSession(addresses=("10.45.0.2/32",), mtu_bytes=1320)]


def test_without_an_mtu_of_the_network_it_is_1400_bytes() -> None:
    assert [offer.mtu_bytes for offer in offers(Programs().run(1))] == [1400]  # type: ignore[arg-type]


def test_the_mtu_is_asked_for_where_there_are_programs_alone() -> None:
    for network, asks in ((Programs(), True), (Network(sessions=[INTERNET]), False)):
        network.run(1)
        (request,) = network.all(nas.PDUSessionEstablishmentRequest)
        containers = request.extended_protocol_configuration_options.containers(from_network=False)
        assert (MTU in dict(containers)) is asks


def test_packets_go_up_and_down_between_programs_and_network() -> None:
    network = Programs()
    network.run(1)
    up = [datagram(ADDRESS, GATEWAY, bytes((n,))) for n in range(3)]
    network.app(up[0])
    network.app(up[1:])
    assert network.user_packets == up
    down = datagram(GATEWAY, ADDRESS)
    network.down(down)
    assert network.apps[-1] == Packet("app", "1", down)
    request = ip.echo_request(GATEWAY, ADDRESS, 9, 1, 84)
    network.down(request)
    assert network.apps[-1].payload == request
    assert network.user_packets == up


def test_what_is_not_from_the_sessions_address_does_not_go_up() -> None:
    network = Programs()
    network.run(1)
    for octets in (datagram(bytes((192, 0, 2, 1)), GATEWAY), b"", b"\x45", b"\x60" + bytes(50), b"\x00"):
        network.app(octets)
    assert network.user_packets == []
    assert "192.0.2.1 into PDU session 1" in network.event("SourceNotOfSession").text
    for session in ("2", "", "x", "\u00b2", "9" * 400):
        network.app(datagram(ADDRESS, GATEWAY), session)
    assert network.user_packets == []


def test_traffic_of_the_configuration_goes_on_beside_programs() -> None:
    network = Programs(traffic=[{"ping": {"count": 3, "interval_ms": 100}}])
    network.run(2)
    assert network.event("PingFinished").fields["received"] == 3
    assert all(p.kind == "up" for p in network.apps)


def test_where_there_are_no_programs_after_all_the_ue_answers_itself() -> None:
    network = Programs(answer="down")
    network.run(1)
    network.down(ip.echo_request(GATEWAY, ADDRESS, 9, 1, 84))
    assert [ip.echo(ip.decode(packet)).is_request for packet in network.user_packets] == [False]  # type: ignore[union-attr]
    assert len(network.apps) == 1


def test_the_session_is_taken_back_when_it_is_released() -> None:
    network = Programs(actions=[{"at_s": 2, "do": "release_session"}, {"at_s": 3, "do": "establish_session"}])
    network.run(2.5)
    assert [p.kind for p in network.apps] == ["up", "down"]
    network.app(datagram(ADDRESS, GATEWAY))
    assert network.user_packets == []
    network.run(1)
    assert [p.kind for p in network.apps] == ["up", "down", "up"]


def test_an_ipv6_session_is_offered_once_it_has_its_prefix_and_keeps_router_advertisements_to_itself() -> None:
    network = Programs(kind="ipv6")
    network.session_extra = {
        "selected_pdu_session_type": PduSessionType.ipv6,
        "pdu_address": PduAddress(ipv4=None, interface_identifier=bytes(7) + b"\x02"),
    }
    prefix = icmpv6.PrefixInformation(bytes.fromhex("20010db8004500010000000000000000"))
    network.advertisement = icmpv6.RouterAdvertisement(prefixes=(prefix,), mtu_bytes=1400)
    network.run(2)
    assert offers(network) == [ip_session.IpSession(addresses=("2001:db8:45:1::2/64",), mtu_bytes=1400)]
    advertised = icmpv6.encode_packet(network.advertisement, ipv6.link_local(bytes(7) + b"\x01"), ipv6.ALL_NODES)
    before = len(network.apps)
    network.down(advertised)
    assert len(network.apps) == before
