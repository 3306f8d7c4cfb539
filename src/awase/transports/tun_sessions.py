"""A UE's port `app` on TUN devices, one for each PDU session (model/ip_session.py). Needs root (CAP_NET_ADMIN).

A device has the session's addresses, and a routing table of its own with a default route; a rule leads there what
comes from these addresses. So it is enough to bind a program to the address or the device, and what the host does
besides is as it was. In a network namespace that the file names, the default route is the session's. Without root an
event says so, and the part is told that there are no programs.
"""

import errno
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Interface, IPv6Interface, ip_interface, ip_network
from socket import if_nameindex, if_nametoindex
from zlib import crc32

import msgspec

from awase.model import ip_session
from awase.model.ip_session import IpSession
from awase.model.part import Packet, PacketKind
from awase.transports import namespace, netlink
from awase.transports.hosting import SessionTuns
from awase.transports.netlink import SourceRule
from awase.transports.ports import Context
from awase.transports.tun import TunDevice

FIRST_TABLE = 20_000
"""A device's routing table: this and the device's index, which no other device of the host ever has."""
LAST_TABLE = 2_000_000_000
METRIC = 100
NAME_OCTETS = 15
MAX_SESSIONS = 255
_EVERYWHERE = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


def device_name(options: SessionTuns, part: str, session: str) -> str:
    """Such as awase-ue1-1; a long name is cut, and told from others by its checksum."""
    names = (f"{options.name}-{session}",) if options.name else (f"awase-{part}-{session}", f"{part}-{session}")
    fitting = next((name for name in names if len(name.encode()) <= NAME_OCTETS), None)
    if fitting is not None:
        return fitting
    tail = f"{crc32(part.encode()):08x}-{session}"
    return f"{part.encode()[: NAME_OCTETS - len(tail)].decode('utf-8', 'ignore')}{tail}"


def sweep() -> None:
    """Remove the rules whose device is gone: what a killed process could not. Raises OSError."""
    there = {FIRST_TABLE + index for index, _ in if_nameindex()}
    for rule in netlink.our_rules():
        if FIRST_TABLE < rule.table < LAST_TABLE and rule.table not in there:
            netlink.delete_rule(rule)


class _Held(msgspec.Struct):
    """A session's device, its addresses and its rules."""

    session: str
    device: TunDevice
    offer: IpSession
    rules: list[SourceRule] = []


class TunSessions:
    """The devices of one UE."""

    def __init__(self, context: Context, options: SessionTuns) -> None:
        self.context = context
        self._options = options
        self._held: dict[str, _Held] = {}
        where = f" in {options.namespace}" * bool(options.namespace)
        self.carrier = f"a TUN device {device_name(options, context.part, 'N')} for each PDU session N{where}"

    async def open(self) -> None:
        """Take away what an earlier process has left; devices come with sessions."""
        try:
            with namespace.inside(self._options.namespace):
                sweep()
        except OSError:
            # Without the right to do this there are no devices either, which will be said.
            return

    def send(self, packet: Packet) -> None:
        """Take a session's packets, or that it comes or goes."""
        if packet.kind == "up" and isinstance(packet.payload, bytes):
            self._up(packet.peer, packet.payload)
        elif packet.kind == "down":
            self._down(packet.peer)
        else:
            held = self._held.get(packet.peer)
            payload = packet.payload
            if held is not None:
                for octets in (payload,) if isinstance(payload, bytes) else payload:
                    held.device.write(octets)

    def _up(self, session: str, payload: bytes) -> None:
        try:
            offer = ip_session.decode(payload)
            addresses = [ip_interface(address) for address in offer.addresses]
            with namespace.inside(self._options.namespace):
                held = self._device(session, offer)
                self._address(held, addresses)
        except (OSError, ValueError) as error:
            self._refuse(session, error)
        kind: PacketKind = "up" if session in self._held else "down"
        self.context.deliver(Packet(self.context.port, session, kind=kind))

    def _device(self, session: str, offer: IpSession) -> _Held:
        held = self._held.get(session)
        if held is not None:
            held.offer = offer
            return held
        if len(self._held) >= MAX_SESSIONS:
            raise ValueError(f"it has {MAX_SESSIONS} devices already")
        come: Callable[[bytes | list[bytes]], None] = partial(self._come, session)
        device = TunDevice(self.context.loop, come, partial(self._gone, session))
        held = self._held[session] = _Held(session, device, offer)
        name = device_name(self._options, self.context.part, session)
        try:
            device.make(name, offer.mtu_bytes)
        except OSError as error:
            if error.errno != errno.EBUSY or self._options.name:
                raise
            # Another network's device has the name: any other does, and is told.
            device.make("", offer.mtu_bytes)
        device.start()
        return held

    def _address(self, held: _Held, addresses: list[IPv4Interface | IPv6Interface]) -> None:
        name = held.device.name
        table = FIRST_TABLE + if_nametoindex(name)
        for address in addresses:
            rule = SourceRule(address.network, table)
            if rule in held.rules:
                continue
            netlink.add_address(name, address)
            everywhere = _EVERYWHERE[address.version]
            netlink.add_route(name, everywhere, table=table)
            if self._options.namespace:
                # A namespace is given to the UE whole; its earlier sessions go first.
                netlink.add_route(name, everywhere, metric=METRIC + len(self._held))
            netlink.add_rule(rule)
            held.rules.append(rule)
        where = f" in network namespace {self._options.namespace}" * bool(self._options.namespace)
        text = f"PDU session {held.session} is TUN device {name}{where}: {', '.join(held.offer.addresses)}"
        self.context.report("TunUp", text, level="info", device=name, mtu_bytes=held.offer.mtu_bytes)

    def _refuse(self, session: str, error: Exception) -> None:
        self._down(session)
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "it takes root and /dev/net/tun; the built-in traffic serves"
        self.context.report("TunUnavailable", f"no TUN device for PDU session {session}: {why}: {hint}")

    def _down(self, session: str) -> None:
        held = self._held.pop(session, None)
        if held is None:
            return
        held.device.close()
        try:
            with namespace.inside(self._options.namespace):
                for rule in held.rules:
                    netlink.delete_rule(rule)
        except OSError as error:
            text = f"the rules of {held.device.name} stay: {error.strerror}; the next start takes them away"
            self.context.report("TunRulesStay", text)

    def _come(self, session: str, payload: bytes | list[bytes]) -> None:
        self.context.deliver(Packet(self.context.port, session, payload))

    def _gone(self, session: str, error: OSError) -> None:
        held = self._held.get(session)
        if held is not None:
            text = f"TUN device {held.device.name} is gone: {error.strerror}; the built-in traffic serves"
            self.context.report("TunLost", text, level="error")
            self._down(session)
            self.context.deliver(Packet(self.context.port, session, kind="down"))

    def flush(self) -> None:
        """Nothing waits."""

    async def close(self, limit_s: float) -> None:
        """Remove all devices."""
        del limit_s
        for session in list(self._held):
            self._down(session)

    def open_links(self) -> int:
        """There are none."""
        return 0
