"""What a link does to packets: delay, jitter, loss, duplication, reordering, rate.

Datagrams are lost, doubled and overtaken. Where the transport is reliable (SCTP, HTTP over TCP) a lost segment is sent
again after a retransmission time-out, so loss shows as delay, and order is kept.
"""

from hashlib import blake2b

import msgspec

from awase.model.part import NS_PER_MS, NS_PER_S, NS_PER_US

RTO_NS = 1 * NS_PER_S
"""RTO.Initial of RFC 9260 clause 16 and RFC 6298 clause 2."""

MAX_TIMEOUT_NS = 1024 * NS_PER_S
"""A segment is given up and taken as arrived after ten retransmissions (RFC 9260 clause 16)."""

QUEUE_NS = 200 * NS_PER_MS
"""How much a datagram may wait for its turn on a link with a rate before it is dropped."""

_UNIT = 1 / 2**32


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What a link does to packets."""

    delay_us: float = 0.0
    jitter_us: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    rate_mbps: float | None = None

    @property
    def plain(self) -> bool:
        """Whether it only delays."""
        return not (self.jitter_us or self.loss or self.duplication or self.reordering or self.rate_mbps)


class Channel:
    """One direction of a link."""

    __slots__ = (
        "_busy_until_ns",
        "_count",
        "_delay_ns",
        "_duplication",
        "_jitter_ns",
        "_key",
        "_last_ns",
        "_loss",
        "_ns_per_octet",
        "_reliable",
        "_reordering",
        "plain",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        seed: int,
        reliable: bool,
        quality: Quality,
    ) -> None:
        self._key = blake2b(f"{seed}/{name}".encode(), digest_size=32).digest()
        self._count = 0
        self._reliable = reliable
        self._busy_until_ns = 0
        self._last_ns = 0
        self._be(quality)

    def _be(self, quality: Quality) -> None:
        self._delay_ns = round(quality.delay_us * NS_PER_US)
        self._jitter_ns = round(quality.jitter_us * NS_PER_US)
        self._loss = quality.loss
        self._duplication = 0.0 if self._reliable else quality.duplication
        self._reordering = 0.0 if self._reliable else quality.reordering
        self._ns_per_octet = 8000 / quality.rate_mbps if quality.rate_mbps else 0.0
        self.plain = quality.plain

    def change(self, quality: Quality, now_ns: int) -> None:
        """Be another link from now on; what is on its way stays so, and is not overtaken where order is kept."""
        if self.plain:
            self._last_ns = now_ns + self._delay_ns
        self._be(quality)
        if self._reliable:
            self.plain = False

    def arrivals(self, now_ns: int, octets: int) -> tuple[int, ...]:
        """When a packet of that size, sent now, arrives: nothing if lost, twice if duplicated."""
        if self.plain:
            return (now_ns + self._delay_ns,)
        if self._ns_per_octet:
            start_ns = max(now_ns, self._busy_until_ns)
            if start_ns - now_ns > QUEUE_NS and not self._reliable:
                return ()
            self._busy_until_ns = start_ns + round(octets * self._ns_per_octet)
            now_ns = self._busy_until_ns
        draws = self._draws()
        arrival_ns = now_ns + self._delay_ns + int(self._jitter_ns * draws[0])
        if self._reliable:
            return (self._reliably(arrival_ns, draws[1]),)
        if draws[1] < self._loss:
            return ()
        if draws[2] < self._reordering:
            # Held back long enough that packets sent in the meantime overtake it.
            arrival_ns += max(4 * self._delay_ns, NS_PER_MS)
        if draws[3] < self._duplication:
            return arrival_ns, arrival_ns + self._delay_ns + int(self._jitter_ns * draws[4])
        return (arrival_ns,)

    def _reliably(self, arrival_ns: int, draw: float) -> int:
        timeout_ns = RTO_NS
        threshold = self._loss
        while draw < threshold and timeout_ns < MAX_TIMEOUT_NS:
            arrival_ns += timeout_ns
            timeout_ns *= 2
            threshold *= self._loss
        self._last_ns = max(arrival_ns, self._last_ns)
        return self._last_ns

    def _draws(self) -> tuple[float, ...]:
        digest = blake2b(self._count.to_bytes(8, "big"), key=self._key, digest_size=20).digest()
        self._count += 1
        return tuple(int.from_bytes(digest[i : i + 4], "big") * _UNIT for i in range(0, 20, 4))
