"""The sockets below our own SCTP: UDP (RFC 6951), and raw IP (protocol 132)."""

import socket
from errno import EADDRINUSE

from awase.transports.guard import attach, attach_dropping, dropping
from awase.transports.ports import HostPort, text_of
from awase.transports.sctp_user import Port, UserHub
from awase.transports.udp import BUFFER_BYTES, open_udp

_FILTER_PORTS = 200
_IP_RECVERR = 11
_buffer = memoryview(bytearray(65_536))
"""What is read is copied from here at its own length: one buffer does for all sockets."""


class UdpHub(UserHub):
    """SCTP in UDP at the own address: at port 9899 where others come to us, else at any port.

    Who only connects must not have 9899, which a server at the same address would miss; peers learn where we are from
    our first packet (RFC 6951 clause 5.4). UDP_SEGMENT would spare a tenth of the time and is not used: Linux 6.1
    panics when its own SCTP is given such a row of packets on the same host.
    """

    def _open(self) -> socket.socket:
        return self._at(0)

    def _filter(self) -> None:
        attach_dropping(self.socket, self._shield.blocked)

    def _take(self) -> tuple[bytes, HostPort]:
        size, address = self.socket.recvfrom_into(_buffer)
        return bytes(_buffer[:size]), address

    def _at(self, number: int) -> socket.socket:
        made = open_udp((self.host, number))
        made.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        self.carrier = f"SCTP over UDP, {text_of(made.getsockname())}"
        return made

    def open(self, port: Port, number: int, serves: bool) -> None:
        """Use an SCTP port number. Raises OSError."""
        if serves and self.socket.getsockname()[1] != self.options.udp_port:
            try:
                made = self._at(self.options.udp_port)
            except OSError as error:
                if error.errno == EADDRINUSE:
                    taken = f"UDP port {self.options.udp_port} of {self.host} is taken: set another udp_port"
                    raise OSError(EADDRINUSE, taken) from error
                raise
            self._loop.remove_reader(self.socket)
            self._loop.remove_writer(self.socket)
            self.socket.close()
            self.socket = made
            self._loop.add_reader(made, self._read)
        super().open(port, number, serves)


class RawHub(UserHub):
    """SCTP as IP protocol 132, with a filter for the ports in use.

    What comes for other ports is not answered, against RFC 9260 clause 8.4: each process with such a socket sees the
    packets of all at the same address, and an ABORT for a port that is another's would end what is well.
    """

    def _open(self) -> socket.socket:
        self._claims: dict[int, socket.socket] = {}
        made = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
        try:
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            made.setblocking(False)
            made.bind((self.host, 0))
            made.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        except OSError:
            made.close()
            raise
        self.carrier = f"SCTP over raw IP, {self.host}"
        return made

    def open(self, port: Port, number: int, serves: bool) -> None:
        """Use an SCTP port number, which no other process of ours may have. Raises OSError."""
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            # Raw sockets share all there is: a name in the abstract namespace, gone with its owner, is not shared.
            claim.bind(f"\0awase-sctp-{self.host}-{number}")
            super().open(port, number, serves)
        except OSError as error:
            claim.close()
            if error.errno == EADDRINUSE and number not in self._claims:
                taken = f"SCTP port {number} of {self.host} is taken by another process"
                raise OSError(EADDRINUSE, taken) from error
            raise
        self._claims[number] = claim

    def close(self, port: Port, number: int) -> bool:
        """A port is done; True where the hub closed with its last one."""
        if self._ports.get(number) is port:
            self._claims.pop(number).close()
        return super().close(port, number)

    def _take(self) -> tuple[bytes, HostPort]:
        size, address = self.socket.recvfrom_into(_buffer)
        return bytes(_buffer[(_buffer[0] & 15) * 4 : size]), address

    def _udp_port(self, host: str) -> int:
        del host
        return 0

    def _write(self, octets: bytes, address: HostPort) -> None:
        super()._write(octets, (address[0], 0))

    def _filter(self) -> None:
        """Classic BPF: X = length of the IP header; the destination port must be one of ours."""
        numbers = list(self._ports)[:_FILTER_PORTS]
        program = [*dropping(self._shield.blocked), (0xB1, 0, 0, 0), (0x48, 0, 0, 2)]
        for at, number in enumerate(numbers):
            program.append((0x15, len(numbers) - at, 0, number))
        attach(self.socket, [*program, (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)])
