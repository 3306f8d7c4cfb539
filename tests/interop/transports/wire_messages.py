"""Small readers: the application messages in frames of Ethernet, by conversation and in order."""

import socket
import struct
from collections import defaultdict

import hpack
from hyperframe.frame import ContinuationFrame, DataFrame, Frame, HeadersFrame

SCTP_UDP = 9899
UDP_PORTS = {2152: "GTP-U", 8805: "PFCP", 4997: "RLS"}
TCP_PORT = 8080
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frames_of_pcapng(octets):
    """The Ethernet frames of a capture, in order."""
    at, interfaces = 0, []
    while at + 12 <= len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        if kind == 1:
            interfaces.append(struct.unpack_from("<H", octets, at + 8)[0])
        elif kind == 6:
            interface, _, _, size = struct.unpack_from("<IIII", octets, at + 8)
            if interfaces[interface] == 1:
                yield octets[at + 28 : at + 28 + size]
        at += length


class Messages:
    """Takes frames, keeps messages: (protocol, source, destination) -> the messages in order.

    N6 within a process or in UDP of our own between two is no protocol of the wire: it is left out.
    """

    def __init__(self, hosts=None):
        self._hosts = hosts
        """Whose frames count; other networks may be up on this host, and in the middle of something."""
        self.found = defaultdict(list)
        self._chunks = {}
        self._tcp = defaultdict(dict)
        self._last_tsn = defaultdict(list)

    def frame(self, octets):
        if octets[12:14] != b"\x08\x00":
            return
        ip = octets[14 : 14 + int.from_bytes(octets[16:18], "big")]
        head = (ip[0] & 15) * 4
        source, destination = socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20])
        if self._hosts is not None and not {source, destination} <= self._hosts:
            return
        rest = ip[head:]
        if ip[9] == 17:
            ports = struct.unpack_from("!HH", rest)
            if SCTP_UDP in ports:
                self._sctp(source, destination, rest[8:])
            else:
                name = next((UDP_PORTS[port] for port in ports if port in UDP_PORTS), None)
                if name is not None:
                    self.found[name, source, destination].append(rest[8:])
        elif ip[9] == 132:
            self._sctp(source, destination, rest)
        elif ip[9] == 6:
            self._segment(source, destination, rest)

    def _sctp(self, source, destination, octets):
        ports = octets[:4]
        at = 12
        while at + 4 <= len(octets):
            kind, flags, length = struct.unpack_from("!BBH", octets, at)
            if kind == 0:
                tsn, stream, _, ppid = struct.unpack_from("!IHHI", octets, at + 4)
                where = source, destination, octets[4:8]
                if tsn not in self._last_tsn[where]:
                    self._last_tsn[where].append(tsn)
                    self._data(where, (ports, stream, ppid), flags, octets[at + 16 : at + length])
            at += length + -length % 4

    def _data(self, where, what, flags, value):
        _, stream, ppid = what
        if flags & 2:
            self._chunks[where, stream] = b""
        self._chunks[where, stream] = self._chunks.get((where, stream), b"") + value
        if flags & 1:
            whole = self._chunks.pop((where, stream))
            self.found["SCTP", where[0], where[1]].append((stream, ppid, whole))

    def _segment(self, source, destination, octets):
        source_port, destination_port, sequence = struct.unpack_from("!HHI", octets)
        if TCP_PORT in (source_port, destination_port):
            flow = source, source_port, destination, destination_port
            data = octets[(octets[12] >> 4) * 4 :]
            flags = octets[13]
            if flags & 2:
                self._tcp[flow]["first"] = sequence + 1
            if data:
                self._tcp[flow].setdefault("data", {}).setdefault(sequence, data)

    def finish(self):
        """All there is."""
        for (source, source_port, destination, _), kept in self._tcp.items():
            stream, at = bytearray(), kept.get("first", min(kept.get("data", {0: b""})))
            for sequence, data in sorted(kept.get("data", {}).items()):
                if sequence <= at < sequence + len(data):
                    stream += data[at - sequence :]
                    at = sequence + len(data)
            is_client = bytes(stream[: len(PREFACE)]) == PREFACE
            self._http2(("request" if is_client else "response", source, destination), bytes(stream), source_port)
        return {key: messages for key, messages in self.found.items() if messages}

    def _http2(self, key, stream, _port):
        stream = stream.removeprefix(PREFACE)
        decoder = hpack.Decoder()
        blocks, bodies, heads = {}, defaultdict(bytes), {}
        at = 0
        while at + 9 <= len(stream):
            frame, length = Frame.parse_frame_header(memoryview(stream)[at : at + 9])
            frame.parse_body(memoryview(stream)[at + 9 : at + 9 + length])
            at += 9 + length
            number = frame.stream_id
            if isinstance(frame, HeadersFrame | ContinuationFrame):
                blocks[number] = blocks.get(number, b"") + frame.data
                if "END_HEADERS" in frame.flags:
                    fields = decoder.decode(blocks.pop(number))
                    heads[number] = tuple(sorted((str(name), str(value)) for name, value in fields))
            elif isinstance(frame, DataFrame):
                bodies[number] += frame.data
            if "END_STREAM" in frame.flags and number in heads:
                self.found[key].append((heads.pop(number), bytes(bodies.pop(number, b""))))
