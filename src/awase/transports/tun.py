"""A port of IP packets on a TUN device, so that ordinary programs use the session. Needs root (CAP_NET_ADMIN)."""

import fcntl
import os
import struct
from contextlib import suppress
from ipaddress import ip_interface, ip_network
from pathlib import Path

from awase.model.part import Packet
from awase.transports import netlink
from awase.transports.hosting import TunOptions
from awase.transports.ports import Context

DEVICE = "/dev/net/tun"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000
READ_AT_ONCE = 64
_MAX_PACKET_BYTES = 65_535


def open_tun(name: str) -> tuple[int, str]:
    """A file descriptor and the device's name ("" chooses awase0, awase1, ...). Raises OSError."""
    descriptor = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        request = struct.pack("16sH22x", (name or "awase%d").encode()[:15], _IFF_TUN | _IFF_NO_PI)
        made = fcntl.ioctl(descriptor, _TUNSETIFF, request)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, made[:16].rstrip(b"\0").decode()


def _have_no_link_local_address(name: str) -> None:
    """Else the host solicits routers over the device, which nobody there answers."""
    with suppress(OSError):
        Path(f"/proc/sys/net/ipv6/conf/{name}/addr_gen_mode").write_text("1", encoding="ascii")


class TunTransport:
    """A TUN device: what the host routes there goes to the part, what the part sends the host receives."""

    def __init__(self, context: Context, options: TunOptions) -> None:
        self.context = context
        self.carrier = "TUN"
        self.lost = 0
        """Packets that the host did not take."""
        self._options = options
        self._descriptor = -1

    async def open(self) -> None:
        """Make the device, with its addresses and routes. Raises TransportError."""
        options = self._options
        try:
            addresses = [ip_interface(address) for address in options.addresses]
            routes = [ip_network(route) for route in options.routes]
        except ValueError as error:
            raise self.context.unusable("no TUN device", OSError(str(error)), "correct the address") from error
        try:
            self._descriptor, name = open_tun(options.name)
            self.carrier = f"TUN device {name}"
            _have_no_link_local_address(name)
            netlink.set_up(name, options.mtu_bytes)
            for address in addresses:
                netlink.add_address(name, address)
            for route in routes:
                netlink.add_route(name, route)
        except OSError as error:
            await self.close(0)
            hint = "run as root with /dev/net/tun, or leave the TUN device out: the built-in data network needs none"
            raise self.context.unusable(f"no TUN device {options.name}".rstrip(), error, hint) from error
        self.context.loop.add_reader(self._descriptor, self._read)

    def send(self, packet: Packet) -> None:
        """Hand packets to the host."""
        payload = packet.payload
        for octets in (payload,) if isinstance(payload, bytes) else payload:
            try:
                os.write(self._descriptor, octets)
            except OSError:
                # What is no IP packet, or has no room: the network layer loses it.
                self.lost += 1

    def _read(self) -> None:
        come: list[bytes] = []
        for _ in range(READ_AT_ONCE):
            try:
                come.append(os.read(self._descriptor, _MAX_PACKET_BYTES))
            except BlockingIOError:
                break
            except OSError as error:
                # Somebody has removed the device: it would be readable, and say so, for ever.
                self.context.loop.remove_reader(self._descriptor)
                self.context.report("TunLost", f"{self.carrier} is gone: {error.strerror}", level="error")
                break
        if come:
            self.context.deliver(Packet(self.context.port, "", come[0] if len(come) == 1 else come))

    def flush(self) -> None:
        """Nothing waits."""

    async def close(self, limit_s: float) -> None:
        """Remove the device: it lives as long as its descriptor."""
        del limit_s
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self.context.loop.remove_reader(descriptor)
            os.close(descriptor)

    def open_links(self) -> int:
        """There are none."""
        return 0
