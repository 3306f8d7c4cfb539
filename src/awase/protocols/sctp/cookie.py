"""The state cookie: all of an association that its listener keeps until the peer shows it again (RFC 9260 5.1.3)."""

import hmac
from collections.abc import Callable

import msgspec

RandomBytes = Callable[[int, str], bytes]
"""So many octets of randomness, for a purpose named in words."""

KEY_BYTES = 32
MAC_BYTES = 32


class StateCookie(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What makes the transmission control block, and what tells restart from collision (clauses 5.1.3, 5.2.2)."""

    made_ns: int
    life_ns: int
    local_port: int
    peer_port: int
    local_tag: int
    peer_tag: int
    local_tie_tag: int
    peer_tie_tag: int
    local_initial_tsn: int
    peer_initial_tsn: int
    peer_window: int
    outbound_streams: int
    inbound_streams: int
    hosts: tuple[str, ...]
    """The peer's addresses; the INIT came from the first."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(StateCookie).decode


class CookieJar:
    """Seals and opens state cookies with a key of its own, which changes once in a cookie's longest life."""

    __slots__ = ("_changed_ns", "_count", "_keys", "_life_ns", "_random_bytes")

    def __init__(self, random_bytes: RandomBytes, life_ns: int) -> None:
        self._random_bytes = random_bytes
        self._life_ns = life_ns
        self._changed_ns = 0
        self._count = 0
        self._keys: dict[int, bytes] = {}

    def seal(self, cookie: StateCookie, now_ns: int) -> bytes:
        """The octets of a cookie: number of the key, MAC, content."""
        if not self._keys or now_ns - self._changed_ns >= self._life_ns:
            self._count = self._count + 1 & 0xFF
            # The key before stays: cookies made with it are still on their way.
            self._keys = {n: key for n, key in self._keys.items() if n == self._count - 1 & 0xFF}
            self._keys[self._count] = self._random_bytes(KEY_BYTES, "sctp cookie key")
            self._changed_ns = now_ns
        content = _encode(cookie)
        return bytes((self._count,)) + self._mac(self._keys[self._count], content) + content

    def open(self, octets: bytes) -> StateCookie | None:
        """The cookie, or None where it is not of our making; whether it is stale is for others to see."""
        key = self._keys.get(octets[0]) if octets else None
        content = octets[1 + MAC_BYTES :]
        if key is None or not hmac.compare_digest(self._mac(key, content), octets[1 : 1 + MAC_BYTES]):
            return None
        return _decode(content)

    @staticmethod
    def _mac(key: bytes, content: bytes) -> bytes:
        return hmac.digest(key, content, "sha256")
