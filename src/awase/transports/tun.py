"""TUN devices, so that ordinary programs use a session; a port of IP packets (n6) on one. It takes root."""

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_interface, ip_network
from pathlib import Path

from awase.model.part import Packet
from awase.transports import namespace, netlink
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


class TunDevice:
    """A device: what the host routes there is handed to `come`, what is written the host receives."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        come: Callable[[bytes | list[bytes]], None],
        gone: Callable[[OSError], None],
    ) -> None:
        self.name = ""
        self.lost = 0
        """Packets that the host did not take."""
        self._loop = loop
        self._come = come
        self._gone = gone
        self._descriptor = -1

    def make(self, name: str, mtu_bytes: int) -> None:
        """Make it in the namespace that this thread is in. Raises OSError."""
        self._descriptor, self.name = open_tun(name)
        _have_no_link_local_address(self.name)
        netlink.set_up(self.name, mtu_bytes)

    def start(self) -> None:
        """Hand out what comes from now on."""
        self._loop.add_reader(self._descriptor, self._read)

    def write(self, octets: bytes) -> None:
        """Let the host receive a packet."""
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
                self._loop.remove_reader(self._descriptor)
                self._gone(error)
                break
        if come:
            self._come(come[0] if len(come) == 1 else come)

    def close(self) -> None:
        """Remove the device: it lives as long as its descriptor."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)


class TunTransport:
    """A port on one TUN device."""

    def __init__(self, context: Context, options: TunOptions) -> None:
        self.context = context
        self.carrier = "TUN"
        self._options = options
        self._device = TunDevice(context.loop, self._come, self._gone)

    @property
    def lost(self) -> int:
        """Packets that the host did not take."""
        return self._device.lost

    async def open(self) -> None:
        """Make the device, with its addresses and routes. Raises TransportError."""
        options, device = self._options, self._device
        try:
            addresses = [ip_interface(address) for address in options.addresses]
            routes = [ip_network(route) for route in options.routes]
        except ValueError as error:
            raise self.context.unusable("no TUN device", OSError(str(error)), "correct the address") from error
        try:
            with namespace.inside(options.namespace):
                device.make(options.name, options.mtu_bytes)
                for address in addresses:
                    netlink.add_address(device.name, address)
                for route in routes:
                    netlink.add_route(device.name, route)
        except OSError as error:
            device.close()
            hint = "run as root with /dev/net/tun, or leave the TUN device out: the built-in data network needs none"
            raise self.context.unusable(f"no TUN device {options.name}".rstrip(), error, hint) from error
        self.carrier = f"TUN device {device.name}" + f" in {options.namespace}" * bool(options.namespace)
        device.start()

    def send(self, packet: Packet) -> None:
        """Hand packets to the host."""
        payload = packet.payload
        for octets in (payload,) if isinstance(payload, bytes) else payload:
            self._device.write(octets)

    def _come(self, payload: bytes | list[bytes]) -> None:
        self.context.deliver(Packet(self.context.port, "", payload))

    def _gone(self, error: OSError) -> None:
        self.context.report("TunLost", f"{self.carrier} is gone: {error.strerror}", level="error")

    def flush(self) -> None:
        """Nothing waits."""

    async def close(self, limit_s: float) -> None:
        """Remove the device."""
        del limit_s
        self._device.close()

    def open_links(self) -> int:
        """There are none."""
        return 0
