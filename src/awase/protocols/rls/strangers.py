"""UEs of RLS (UERANSIM 3.3.0) of which nothing but heartbeats were heard: so many, shared between their hosts."""

from collections import OrderedDict

MOST = 4096
STALE_NS = 1_000_000_000
"""A UE of ours has proven to be one long before."""


class Strangers:
    """Who has come, in order. The oldest makes room where its host has more than the newcomer's, or it is stale."""

    __slots__ = ("_came", "_hosts", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self._came: OrderedDict[int, tuple[str, int]] = OrderedDict()
        self._hosts: dict[str, int] = {}

    def __contains__(self, sti: int) -> bool:
        return sti in self._came

    def __len__(self) -> int:
        return len(self._came)

    def is_full(self) -> bool:
        """Whether one must go before another comes."""
        return len(self._came) >= self.most

    def yields(self, host: str, now_ns: int) -> int | None:
        """The STI that makes room for a newcomer of a host; None: it must wait."""
        if not self._came:
            return None
        sti = next(iter(self._came))
        its_host, came_ns = self._came[sti]
        greedy = self._hosts[its_host] > self._hosts.get(host, 0) + 1
        return sti if greedy or now_ns - came_ns > STALE_NS else None

    def enter(self, sti: int, host: str, now_ns: int) -> None:
        """One has come."""
        self._came[sti] = host, now_ns
        self._hosts[host] = self._hosts.get(host, 0) + 1

    def leave(self, sti: int) -> None:
        """One has proven to be a UE, or gone."""
        found = self._came.pop(sti, None)
        if found is not None:
            left = self._hosts.pop(found[0]) - 1
            if left:
                self._hosts[found[0]] = left
