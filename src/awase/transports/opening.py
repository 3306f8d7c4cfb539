"""Which transport a port gets: by its kind in model/reference_points.py, and by what the supervisor says of it."""

import asyncio

from awase.model.reference_points import REFERENCE_POINTS
from awase.model.reference_points import Transport as Kind
from awase.transports.direct import HandedOver, IpHub
from awase.transports.hosting import HostedPart, TransportError, TunOptions
from awase.transports.ip_over_udp import IpOverUdpTransport
from awase.transports.ports import Context, Transport
from awase.transports.sctp import Hubs, SctpTransport
from awase.transports.tun import TunTransport
from awase.transports.tun_sessions import TunSessions
from awase.transports.udp import UdpTransport


class Shared:
    """What ports of several parts share."""

    def __init__(self, *, loop: asyncio.AbstractEventLoop, ip: IpHub) -> None:
        self.ip = ip
        self.sctp = Hubs(loop)


def kind_of(function: str, port: str) -> Kind | None:
    """What carries a port of a function."""
    for row in REFERENCE_POINTS.values():
        if (function, port) in ((row.client, row.client_port), (row.server, row.server_port)):
            return row.transport
    return None


def serves(function: str, port: str) -> bool:
    """Whether others come to this port unasked."""
    return any((function, port) == (row.server, row.server_port) for row in REFERENCE_POINTS.values())


def is_joined(one: Context, other: Context) -> bool:
    """Whether a reference point joins two ports."""
    ends = ((one.function, one.port), (other.function, other.port))
    return any(
        ((row.client, row.client_port), (row.server, row.server_port)) in (ends, ends[::-1])
        for row in REFERENCE_POINTS.values()
    )


def open_transport(part: HostedPart, context: Context, shared: Shared) -> Transport:
    """The transport of a port, not open yet. Raises TransportError for what none can be made of."""
    port = context.port
    if port in part.tuns:
        options = part.tuns[port]
        return TunTransport(context, options) if isinstance(options, TunOptions) else TunSessions(context, options)
    if port in part.ip_over_udp:
        return IpOverUdpTransport(context, part.ip_over_udp[port])
    kind = kind_of(part.function, port)
    if kind == "ip":
        return HandedOver(context, shared.ip)
    if not context.address:
        raise TransportError(0, f"{part.name}, port {port}: it has no address; give it one in `addresses`")
    if kind == "sctp":
        return SctpTransport(context, part.sctp, shared.sctp, serves(part.function, port))
    if kind == "http":
        # Where there is no HTTP, the library that speaks it needs no room.
        from awase.transports.http2 import HttpTransport

        return HttpTransport(context, part.tls)
    if kind in ("udp", "rls"):
        return UdpTransport(context)
    raise TransportError(0, f"{part.name}: nothing carries port {port} of a {part.function}")
