"""N4-u: user packets between UPF and SMF in GTP-U (TS 29.244 clause 5.3).

Router solicitations come up and advertisements go down (TS 23.501 clause 5.8.2.2.3); downlink packets of idle
UEs wait here where UPFs leave buffering to the SMF (clause 5.8.3).
"""

from collections.abc import Callable
from ipaddress import IPv6Address

from awase.functions.smf.context import QFI, SmContext
from awase.functions.smf.states import UserPlane
from awase.model.machine import Machine
from awase.model.part import Packet
from awase.model.settings import Dnn
from awase.protocols.gtpu import codec
from awase.protocols.gtpu.entity import Config as GtpuConfig
from awase.protocols.gtpu.entity import Entity
from awase.protocols.gtpu.messages import PORT, DlPduSessionInformation, GPdu
from awase.protocols.ip import icmpv6, ipv6
from awase.wire.errors import DecodeError

_ROUTER = ipv6.link_local((1).to_bytes(8))
"""The address of ours on every UE's link; no UE gets its interface identifier."""
_EVENTS_PER_S = 20


class N4u:
    """The N4-u port."""

    def __init__(self, machine: Machine, address: str, *, most_held: int, most_per_session: int) -> None:
        self._machine = machine
        self._address = address
        self._most_held = most_held
        self._most_per_session = most_per_session
        self._held = 0
        self._entity = Entity(machine, "n4u", lost=lambda peer: None, config=GtpuConfig(echo_interval_ns=None))
        self.find_session: Callable[[int], SmContext | None] = lambda teid: None
        self.dnn: Callable[[SmContext], Dnn]
        self.on_held: Callable[[SmContext], None] = lambda context: None

    def handle(self, packet: Packet) -> None:
        """Take a datagram, or a batch of them."""
        payload = packet.payload
        for octets in (payload,) if isinstance(payload, bytes) else payload:
            self._take(packet.peer, octets)

    def _take(self, peer: str, octets: bytes) -> None:
        try:
            message = codec.decode(octets)
        except DecodeError as error:
            self._entity.refuse(peer, error)
            return
        if not isinstance(message, GPdu):
            self._entity.receive(peer, message)
            return
        context = self.find_session(message.teid)
        if context is None:
            self._entity.send_error_indication(peer, message.teid, self._address)
            return
        if context.prefix and self._is_solicitation(context, message.payload):
            self.advertise(context)
        elif context.user_plane is UserPlane.ACTIVATED:
            # It was on its way when the UPF was told where to forward to.
            self._send(context, message.payload)
        else:
            self._hold(context, message.payload)

    def _is_solicitation(self, context: SmContext, octets: bytes) -> bool:
        if len(octets) < 40 or octets[0] >> 4 != 6 or octets[24:40] != ipv6.ALL_ROUTERS:
            return False
        try:
            return isinstance(icmpv6.decode(ipv6.decode(octets)), icmpv6.RouterSolicitation)
        except DecodeError as error:
            self._machine.report(
                "MalformedPacket",
                f"{context}: a packet to all routers is no router solicitation: {error}",
                level="warning",
                subject=context.supi,
                at_most_per_s=_EVENTS_PER_S,
                port="n4u",
                what=str(error),
            )
        return False

    def advertise(self, context: SmContext) -> None:
        """Router advertisement: the UE's prefix (TS 29.061 clause 11.2.1.3.2)."""
        if not context.prefix:
            return
        dnn = self.dnn(context)
        prefix = IPv6Address(context.prefix.partition("/")[0]).packed
        message = icmpv6.RouterAdvertisement(
            prefixes=(icmpv6.PrefixInformation(prefix),),
            mtu_bytes=max(dnn.mtu_bytes, 1280),
            dns=tuple(IPv6Address(server).packed for server in dnn.dns if ":" in server),
        )
        self._send(context, icmpv6.encode_packet(message, _ROUTER, ipv6.ALL_NODES))

    def _hold(self, context: SmContext, octets: bytes) -> None:
        held = context.held
        if held is None:
            held = context.held = []
        if len(held) >= self._most_per_session or self._held >= self._most_held:
            self._machine.report(
                "BufferFull",
                f"a downlink packet for {context} was dropped: the buffer is full",
                level="warning",
                subject=context.supi,
                config="limits.buffered_packets",
                at_most_per_s=_EVENTS_PER_S,
            )
        else:
            held.append(octets)
            self._held += 1
        self.on_held(context)

    def drop(self, context: SmContext) -> None:
        """Forget what waits for a UE."""
        if context.held is not None:
            self._held -= len(context.held)
            context.held = None

    def flush(self, context: SmContext) -> None:
        """Send on what waited, in order."""
        held = context.held
        if held is not None:
            self.drop(context)
            for octets in held:
                self._send(context, octets)

    def _send(self, context: SmContext, octets: bytes) -> None:
        if context.n4u is None:
            return
        container = DlPduSessionInformation(qfi=QFI)
        message = GPdu(teid=context.n4u.teid, payload=octets, container=container)
        self._machine.send(Packet(port="n4u", peer=f"{context.n4u.address}:{PORT}", payload=codec.encode(message)))
