"""The kernel's carrier on sockets that say again what those of a Linux kernel said, octet for octet."""

import json
from collections import deque
from pathlib import Path

import pytest

from awase.transports.hosting import SctpOptions
from awase.transports.ports import Context
from awase.transports.sctp_kernel import MAX_MESSAGE_BYTES, MAX_QUEUED_BYTES, MAX_UNREAD_BYTES, KernelHub

ROWS = Path(__file__).parents[2] / "vectors" / "sctp" / "linux-6.1" / "sockets.jsonl"
RECORDED = [json.loads(line) for line in ROWS.read_text().splitlines()]
SERVER, CLIENT = ("127.0.81.1", 38412), ("127.0.81.2", 38412)
MSG_NOTIFICATION, MSG_EOR, SCTP = 0x8000, 0x80, 132
UP, LOST, RESTART, DOWN, CANT_START = (f"{state:02x}00" for state in range(5))


class Socket:
    def __init__(self, number, rows=()):
        self.number, self.rows, self.sent, self.room = number, deque(rows), [], 1 << 30
        self.connected, self.closed, self.error = [], False, None

    def fileno(self):
        return self.number

    def listen(self, backlog):
        pass

    def connect(self, peer):
        self.connected.append(peer)
        raise BlockingIOError

    def sendmsg(self, buffers, ancillary, flags):
        if self.error is not None:
            raise self.error
        if self.room < len(buffers[0]):
            raise BlockingIOError
        self.room -= len(buffers[0])
        self.sent.append((buffers[0], ancillary))
        return len(buffers[0])

    def recvmsg_into(self, buffers, size):
        if not self.rows:
            raise BlockingIOError
        row = self.rows.popleft()
        octets = bytes.fromhex(row["octets"])
        buffers[0][: len(octets)] = octets
        ancillary = [(level, kind, bytes.fromhex(value)) for level, kind, value in row["ancillary"]]
        return len(octets), ancillary, row["flags"], tuple(row["address"])

    def close(self):
        self.closed = True


class Source:
    def __init__(self, sockets):
        self.sockets, self.branched = deque(sockets), []

    def open(self, address, streams):
        return self.sockets.popleft()

    def branch(self, sock, association):
        if not self.sockets:
            raise OSError(24, "Too many open files")
        self.branched.append(association)
        return self.sockets.popleft()


class Loop:
    def __init__(self):
        self.readers, self.writers = {}, {}

    def add_reader(self, number, call, *arguments):
        self.readers[number] = lambda: call(*arguments)

    def add_writer(self, number, call, *arguments):
        self.writers[number] = lambda: call(*arguments)

    def remove_reader(self, number):
        self.readers.pop(number, None)

    def remove_writer(self, number):
        self.writers.pop(number, None)


class Port:
    def __init__(self):
        self.told = []

    def up(self, link, peer):
        self.told.append(("up", link, peer))

    def data(self, link, stream, ppid, octets):
        self.told.append(("data", link, stream, ppid, octets))

    def down(self, link, kind):
        self.told.append((kind, link))

    def refused(self, peer):
        self.told.append(("refused", peer))


class Rig:
    def __init__(self, own, sockets, serves=True):
        self.loop, self.events, self.port, self.sockets = Loop(), [], Port(), sockets
        context = Context(
            part="amf",
            function="amf",
            port="n2",
            address="",
            loop=self.loop,
            now_ns=lambda: 0,
            deliver=lambda packet: None,
            report_event=self.events.append,
            flush_soon=lambda transport: None,
            exchanges=None,
        )
        self.source = Source(sockets)
        self.hub = KernelHub(context, SctpOptions(), own[0], self.source)
        self.hub.open(self.port, own[1], serves)

    def pump(self):
        while any(sock.rows and sock.number in self.loop.readers for sock in self.sockets):
            for sock in self.sockets:
                if sock.rows and sock.number in self.loop.readers:
                    self.loop.readers[sock.number]()


def recorded(number):
    return Socket(number, [row for row in RECORDED if row["socket"] == number and "octets" in row])


def row(octets, *, flags=MSG_EOR, ancillary=(), address=CLIENT):
    return {"octets": octets, "flags": flags, "ancillary": list(ancillary), "address": address}


def changed(state, association="01000000", more=""):
    size = (20 + len(more) // 2).to_bytes(4, "little").hex()
    octets = f"01800000{size}{state}000010001000{association}{more}"
    return row(octets, flags=MSG_NOTIFICATION | MSG_EOR)


def info(ppid_octets="0000003c", stream="0500"):
    return [SCTP, 3, f"{stream}000000000000{ppid_octets}" + "00" * 12 + "01000000"]


def up_and(*rows, branches=1):
    """A server with an association, on whose socket that comes."""
    bound = Socket(10, [changed(UP)])
    rig = Rig(SERVER, [bound, *(Socket(11 + n, rows if not n else ()) for n in range(branches))])
    rig.pump()
    return rig


def test_what_a_kernel_told_a_server_is_its_associations_life():
    rig = Rig(SERVER, [recorded(number) for number in (2, 3, 5, 7)])
    rig.pump()
    kinds = [told[0] for told in rig.port.told]
    assert kinds.count("up") == 4
    assert [kind for kind in kinds if kind != "up"] == ["data", "data", "down", "abort", "down"]
    data = [told for told in rig.port.told if told[0] == "data"]
    assert [(stream, ppid, len(octets)) for _, _, stream, ppid, octets in data] == [(0, 1, 20), (1, 2, 7939)]
    assert rig.port.told[0][2] == CLIENT
    assert [event.name for event in rig.events] == ["AssociationRestarted"]


def test_what_a_kernel_told_a_client_is_refused_up_aborted_and_down():
    rig = Rig(CLIENT, [recorded(number) for number in (1, 4, 6)], serves=False)
    bound = rig.sockets[0]
    later = [bound.rows.pop() for _ in range(len(bound.rows) - 1)]
    rig.hub.connect(rig.port, 38412, SERVER)
    rig.pump()
    assert rig.port.told == [("refused", "127.0.81.1:38412")]
    rig.port.told.clear()
    for arrival in reversed(later):
        rig.hub.connect(rig.port, 38412, SERVER)
        bound.rows.append(arrival)
        rig.pump()
    assert [told[0] for told in rig.port.told] == ["up", "data", "data", "abort", "up", "down"]
    assert [event.name for event in rig.events] == ["AssociationLost"]
    assert "enough of it" in rig.events[0].text
    assert all(sock.closed for sock in rig.sockets[1:])


def test_a_message_is_given_to_the_kernel_with_stream_and_ppid_in_network_order():
    rig = up_and()
    assert rig.hub.send(1, 5, 60, b"abc") == ""
    assert rig.sockets[1].sent == [(b"abc", [(SCTP, 2, bytes.fromhex("050000000000003c0000000001000000"))])]


def test_a_message_that_comes_in_parts_is_delivered_whole():
    rig = up_and(row("aabb", flags=0, ancillary=[info()]), row("cc", ancillary=[info()]))
    assert rig.port.told[1:] == [("data", 1, 5, 60, b"\xaa\xbb\xcc")]


def test_a_message_without_end_is_aborted_and_not_kept():
    part = row("aa" * (1 << 16), flags=0, ancillary=[info()])
    rig = up_and(*[part] * (MAX_MESSAGE_BYTES // (1 << 16) + 1))
    assert rig.port.told[1:] == [("abort", 1)]
    assert [event.name for event in rig.events] == ["AssociationAborted"]
    assert rig.sockets[1].closed


@pytest.mark.parametrize(
    "octets", ["", "0180", "ff" * 20, "0580000014000000" + "00" * 12, "0180000014000000ff" + "00" * 11]
)
def test_a_notification_that_means_nothing_changes_nothing(octets):
    rig = up_and(row(octets, flags=MSG_NOTIFICATION))
    assert [told[0] for told in rig.port.told] == ["up"]


def test_what_the_kernel_has_no_room_for_waits_up_to_a_bound_and_goes_in_order():
    rig = up_and()
    sock = rig.sockets[1]
    sock.room = 0
    size, count = 100_000, MAX_QUEUED_BYTES // 100_000
    for i in range(count):
        assert rig.hub.send(1, 0, i, bytes(size)) == ""
    assert "too slowly" in rig.hub.send(1, 0, count, bytes(size))
    assert rig.hub.queued(1) == count * size
    rig.hub.shutdown(1)
    sock.room = 3 * size
    rig.loop.writers[sock.number]()
    assert len(sock.sent) == 3
    sock.room = 1 << 30
    rig.loop.writers[sock.number]()
    assert rig.loop.writers == {}
    ppids = [int.from_bytes(ancillary[0][2][4:8], "big") for _, ancillary in sock.sent]
    assert ppids == [*range(count), 0]
    end_of_file = sock.sent[-1][1][0][2]
    assert end_of_file[2:4] == b"\0\2"


def test_who_cannot_be_given_a_socket_is_aborted_and_the_others_stay():
    bound = Socket(10, [changed(UP), changed(UP, "02000000"), changed(UP, "03000000")])
    rig = Rig(SERVER, [bound, Socket(11)])
    rig.pump()
    assert [told[0] for told in rig.port.told] == ["up"]
    aborts = [ancillary[0][2] for _, ancillary in bound.sent]
    assert [(octets[2], octets[12]) for octets in aborts] == [(4, 2), (4, 3)]
    assert {event.name for event in rig.events} == {"AssociationRefused"}


def test_a_stream_that_the_peer_did_not_grant_is_an_error_in_words():
    rig = up_and()
    assert rig.hub.send(1, 16, 60, b"abc") == "stream 16 of 16"


def test_sending_on_what_has_just_gone_is_left_to_its_notification():
    rig = up_and()
    rig.sockets[1].error = BrokenPipeError(32, "Broken pipe")
    assert rig.hub.send(1, 0, 60, b"abc") == ""


def test_a_port_is_taken_once():
    rig = up_and()
    with pytest.raises(OSError, match="taken by another part"):
        rig.hub.open(Port(), 38412, True)


def test_closing_a_port_closes_all_its_sockets():
    rig = up_and()
    assert rig.hub.close(rig.port, 38412)
    assert all(sock.closed for sock in rig.sockets)
    assert rig.loop.readers == {}


def test_all_slow_readers_together_are_bounded_by_the_end_of_the_slowest():
    count = MAX_UNREAD_BYTES // MAX_QUEUED_BYTES + 2
    bound = Socket(10, [changed(UP, f"{n:02x}000000") for n in range(1, count + 1)])
    rig = Rig(SERVER, [bound, *(Socket(10 + n) for n in range(1, count + 1))])
    rig.pump()
    for sock in rig.sockets:
        sock.room = 16
    for n in range(1, count + 1):
        for _ in range(MAX_QUEUED_BYTES // 200_000):
            assert rig.hub.send(n, 0, 60, bytes(200_000)) == ""
    assert sum(rig.hub.queued(n) for n in range(1, count + 1)) <= MAX_UNREAD_BYTES
    ended = [told for told in rig.port.told if told[0] == "abort"]
    assert 1 <= len(ended) <= 2
    assert {event.name for event in rig.events} == {"AssociationAborted"}
