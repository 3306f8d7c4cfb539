"""What parts get from outside in virtual time: repeatable randomness, a key log, a store in memory."""

from collections.abc import Callable, Mapping
from hashlib import shake_256

from awase.lab.contract import check_key

KeyRecord = Mapping[str, str | int]


class MemoryStore:
    """A store that lives as long as the run."""

    def __init__(self) -> None:
        self._durable: dict[str, bytes] = {}
        self._pending: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """The octets under a key, or None."""
        value = self._pending.get(key)
        return self._durable.get(key) if value is None else value

    def put(self, key: str, value: bytes) -> None:
        """Set the octets under a key."""
        self._pending[key] = value

    def commit(self) -> None:
        """Make what was put durable."""
        self._durable.update(self._pending)
        self._pending.clear()


class VirtualServices:
    """Services whose randomness is a keyed hash of seed, part, label and counter.

    Each label has its own counter, so that adding a part, or a draw under another label, shifts nothing.
    """

    __slots__ = ("_counters", "_key_log", "_prefix", "_store")

    def __init__(self, seed: int, part: str, key_log: Callable[[KeyRecord], None]) -> None:
        self._prefix = f"awase/{seed}/{part}/".encode()
        self._counters: dict[str, int] = {}
        self._key_log = key_log
        self._store: MemoryStore | None = None

    @property
    def store(self) -> MemoryStore:
        """The part's own store."""
        if self._store is None:
            self._store = MemoryStore()
        return self._store

    def random_bytes(self, n: int, label: str) -> bytes:
        """`n` octets that depend on seed, part, label and how often this label was drawn before."""
        count = self._counters.get(label, 0)
        self._counters[label] = count + 1
        return shake_256(self._prefix + f"{label}/{count}".encode()).digest(n)

    def key_log(self, record: KeyRecord) -> None:
        """Hand a key to the run."""
        check_key(record)
        self._key_log(record)
