"""The UE addresses of a DNN (TS 23.501 clause 5.8.2.2): IPv4 addresses, and an IPv6 prefix of 64 bits each."""

from collections import deque
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from awase.model.settings import Dnn, PduSessionType
from awase.wire.addresses import ipv4_octets, ipv4_text

_SHIFT = 64


class Numbers:
    """The numbers from `first` to before `end` but one; a used one comes back last.

    A UPF that was silent when a session ended may hold its address still.
    """

    __slots__ = ("_end", "_first", "_free", "_never", "_next", "_taken")

    def __init__(self, first: int, end: int, never: int) -> None:
        self._first = self._next = first
        self._end = end
        self._never = never
        self._free: deque[int] = deque()
        self._taken: set[int] = set()

    def allocate(self) -> int | None:
        """A number that was never used, else the one that has been free for longest, or None."""
        while self._next == self._never or self._next in self._taken:
            self._next += 1
        if self._next < self._end:
            number = self._next
            self._next += 1
        else:
            # One that was asked for by name may be among the free.
            while self._free and self._free[0] in self._taken:
                self._free.popleft()
            if not self._free:
                return None
            number = self._free.popleft()
        self._taken.add(number)
        return number

    def take(self, number: int) -> bool:
        """Take this one; False where it is taken, or none of ours."""
        if number in self._taken or number == self._never or not self._first <= number < self._end:
            return False
        self._taken.add(number)
        return True

    def release(self, number: int) -> None:
        """Give a number back; idempotent."""
        if number in self._taken:
            self._taken.remove(number)
            if number < self._next:
                self._free.append(number)

    def __len__(self) -> int:
        return len(self._taken)


class AddressPool:
    """The addresses of one DNN. Raises ValueError for a pool that is none.

    Never the network's, the broadcast or the gateway's address, nor the data network's own /64.
    """

    __slots__ = ("_four", "_six", "dnn", "path", "types")

    def __init__(self, dnn: Dnn, path: str) -> None:
        self.dnn = dnn
        self.path = path
        try:
            network = IPv4Network(dnn.pool)
            first = int(network.network_address)
            gateway = int(IPv4Address(dnn.gateway)) if dnn.gateway else first + 1
            for server in dnn.dns:
                IPv6Address(server) if ":" in server else IPv4Address(server)
            self._six = None if dnn.pool6 is None else _prefixes(dnn.pool6, dnn.gateway6)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if network.prefixlen > 30:
            raise ValueError(f"{path}.pool: {dnn.pool} has no room for a gateway and a UE; give a /30 or larger")
        if not 68 <= dnn.mtu_bytes <= 0xFFFF:
            raise ValueError(f"{path}.mtu_bytes: {dnn.mtu_bytes} is no MTU of IPv4 (68 to 65535)")
        self._four = Numbers(first + 1, int(network.broadcast_address), gateway)
        self.types: tuple[PduSessionType, ...] = dnn.types or (
            ("ipv4",) if self._six is None else ("ipv4", "ipv6", "ipv4v6")
        )
        if self._six is None and any(kind != "ipv4" for kind in self.types):
            raise ValueError(f"{path}.types: IPv6 needs a pool6")

    def allocate(self) -> str | None:
        """An IPv4 address, or None."""
        number = self._four.allocate()
        return None if number is None else ipv4_text(number.to_bytes(4))

    def take(self, address: str) -> bool:
        """Take an IPv4 address that is asked for by name; False where that cannot be."""
        return self._four.take(int.from_bytes(ipv4_octets(address)))

    def release(self, address: str) -> None:
        """Give an IPv4 address back; idempotent."""
        self._four.release(int.from_bytes(ipv4_octets(address)))

    def allocate_prefix(self) -> str | None:
        """An IPv6 prefix "2001:db8:45:1::/64", or None."""
        number = None if self._six is None else self._six.allocate()
        return None if number is None else f"{IPv6Address(number << _SHIFT)}/64"

    def take_prefix(self, prefix: str) -> bool:
        """Take an IPv6 prefix that is asked for by name; False where that cannot be."""
        return self._six is not None and self._six.take(_number(prefix))

    def release_prefix(self, prefix: str) -> None:
        """Give an IPv6 prefix back; idempotent."""
        if self._six is not None:
            self._six.release(_number(prefix))

    @property
    def in_use(self) -> int:
        """How many IPv4 addresses are allocated."""
        return len(self._four)

    @property
    def prefixes_in_use(self) -> int:
        """How many IPv6 prefixes are allocated."""
        return 0 if self._six is None else len(self._six)


def _prefixes(pool: str, gateway: str | None) -> Numbers:
    network = IPv6Network(pool)
    if network.prefixlen > 63:
        raise ValueError(f"pool6 {pool} has no room for the data network and a UE; give a /63 or larger")
    first = int(network.network_address) >> _SHIFT
    own = first if gateway is None else int(IPv6Address(gateway)) >> _SHIFT
    return Numbers(first + 1, first + (1 << _SHIFT - network.prefixlen), own)


def _number(prefix: str) -> int:
    return int(IPv6Address(prefix.partition("/")[0])) >> _SHIFT
