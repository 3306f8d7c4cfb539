import pytest

from awase.model.machine import Machine
from awase.model.part import NS_PER_S, Packet
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import Cause, NodeId
from awase.protocols.pfcp.entity import MAX_RESPONSES, Config, Entity, recovery_time_stamp

PEER = "10.0.0.2:8805"
NODE = NodeId(ipv4_address="10.0.0.1")


class Node(Machine):
    """A PFCP entity that says yes to every association."""

    def __init__(self, **config):
        super().__init__("node", None)
        self.restarts, self.losses, self.requests, self.answers = [], [], [], []
        self.entity = Entity(
            self,
            "n4",
            NODE,
            peer_seid=lambda seid: None,
            restarted=self.restarts.append,
            lost=self.losses.append,
            config=Config(**config),
        )
        self.now_ns = 10 * NS_PER_S

    def handle(self, packet):
        request = self.entity.receive(packet)
        if request is not None:
            self.requests.append(request.message)
            if isinstance(request.message, m.AssociationReleaseRequest):
                answer = m.AssociationReleaseResponse(node_id=NODE, cause=Cause.REQUEST_ACCEPTED)
                self.entity.respond(request, answer)

    def give(self, octets, peer=PEER):
        self.receive(Packet(port="n4", peer=peer, payload=octets), self.now_ns)
        return self.sent()

    def sent(self):
        return [packet.payload for packet in self.take_packets()]

    def ask(self, message):
        self.run(self.entity.ask(PEER, message), self.answers.append)

    def pass_s(self, seconds):
        out = []
        end = self.now_ns + int(seconds * NS_PER_S)
        while (at := self.wake_at_ns()) is not None and at <= end:
            self.wake(at)
            out += [(at, octets) for octets in self.sent()]
        self.now_ns = end
        return out


def heartbeat(recovery=1, number=5):
    return encode(m.HeartbeatRequest(recovery_time_stamp=recovery), sequence_number=number)


RELEASE = encode(m.AssociationReleaseRequest(node_id=NODE), sequence_number=6)


def test_when_the_peer_is_silent_then_a_request_is_sent_n1_times_at_t1():
    node = Node(t1_ns=2 * NS_PER_S, n1=3)
    node.ask(m.AssociationReleaseRequest(node_id=NODE))
    first = node.sent()
    later = node.pass_s(20)
    assert [at // NS_PER_S for at, _ in later] == [12, 14]
    assert {*first, *(octets for _, octets in later)} == set(first)
    assert node.answers == [None]


def test_a_response_ends_the_wait_and_a_second_one_is_dropped():
    node = Node()
    node.ask(m.AssociationReleaseRequest(node_id=NODE))
    (octets,) = node.sent()
    response = m.AssociationReleaseResponse(node_id=NODE, cause=1)
    answer = encode(response, sequence_number=decode(octets)[0].sequence_number)
    node.give(answer)
    node.give(answer)
    assert node.answers == [response]
    assert node.pass_s(20) == []


def test_a_response_of_another_peer_is_dropped():
    node = Node()
    node.ask(m.AssociationReleaseRequest(node_id=NODE))
    (octets,) = node.sent()
    response = m.AssociationReleaseResponse(node_id=NODE, cause=1)
    node.give(encode(response, sequence_number=decode(octets)[0].sequence_number), "10.9.9.9:8805")
    assert node.answers == []


def test_a_repeated_request_is_handled_once_and_answered_twice():
    node = Node()
    first = node.give(RELEASE)
    assert node.give(RELEASE) == first
    assert len(node.requests) == 1


def test_a_request_that_has_no_answer_yet_is_not_handled_again():
    node = Node()
    octets = encode(m.NodeReportRequest(node_id=NODE, node_report_type=1), sequence_number=6)
    assert node.give(octets) == []
    assert node.give(octets) == []
    assert len(node.requests) == 1


def test_remembered_responses_are_bounded():
    node = Node()
    for number in range(MAX_RESPONSES + 1):
        node.give(encode(m.AssociationReleaseRequest(node_id=NODE), sequence_number=number))
    for number, handled in ((MAX_RESPONSES, 0), (0, 1)):
        node.requests.clear()
        node.give(encode(m.AssociationReleaseRequest(node_id=NODE), sequence_number=number))
        assert len(node.requests) == handled


def test_a_heartbeat_is_answered_with_our_recovery_time_stamp():
    node = Node()
    (octets,) = node.give(heartbeat())
    header, message = decode(octets)
    assert header.sequence_number == 5
    assert message.recovery_time_stamp == recovery_time_stamp(10 * NS_PER_S)


def test_a_peers_restart_is_seen_once_and_an_old_time_stamp_is_none():
    node = Node()
    for recovery in (100, 100, 200, 150, 200):
        node.give(heartbeat(recovery))
    assert node.restarts == [PEER]


class Services:
    """Randomness, as a part has it."""

    def random_bytes(self, n, label):
        return bytes(range(1, n + 1))


def test_an_entity_that_goes_on_after_a_restart_is_not_taken_for_one_that_sends_again():
    first, second = Node(), Node()
    second.services = Services()
    second.entity.take_up(first.entity.recovery_time_stamp)
    for node in (first, second):
        node.ask(m.AssociationSetupRequest(node_id=NODE, recovery_time_stamp=node.entity.recovery_time_stamp))
    (before,), (after,) = first.sent(), second.sent()
    peer = Node()
    peer.give(before)
    peer.give(after)
    assert len(peer.requests) == 2


def test_a_silent_peer_is_lost_after_its_heartbeats():
    node = Node(heartbeat_interval_ns=10 * NS_PER_S, t1_ns=NS_PER_S, n1=2)
    node.entity.watch(PEER)
    node.entity.watch(PEER)
    assert len(node.pass_s(30)) == 2
    assert node.losses == [PEER]


def test_a_peer_that_is_not_watched_any_more_gets_no_heartbeats():
    node = Node(heartbeat_interval_ns=10 * NS_PER_S)
    node.entity.watch(PEER)
    node.entity.unwatch(PEER)
    assert node.pass_s(30) == []
    node.entity.watch(PEER)
    assert len(node.pass_s(10)) == 1


def test_two_entities_do_not_send_version_not_supported_for_ever():
    node = Node()
    octets = bytearray(encode(m.VersionNotSupportedResponse(), sequence_number=1))
    octets[0] = 0x40
    assert node.give(bytes(octets)) == []


@pytest.mark.parametrize("kind", [2, 6, 51, 57])
def test_a_response_that_cannot_be_read_is_not_answered(kind):
    node = Node()
    has_seid = kind > 50
    octets = bytes((0x21 if has_seid else 0x20, kind, 0, 12 if has_seid else 4)) + bytes(12 if has_seid else 4)
    assert node.give(octets) == []
    assert [event.name for event in node.take_events()] == ["MalformedPacket"]
