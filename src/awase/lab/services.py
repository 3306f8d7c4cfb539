"""What parts get from outside in virtual time: repeatable randomness, a key log, a store in memory."""

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import shake_256

from awase.lab.contract import check_key

KeyRecord = Mapping[str, str | int]


class MemoryStore:
    """A store that lives as long as the run; a part's kill leaves what was committed."""

    __slots__ = ("_durable", "_pending", "full")

    def __init__(self) -> None:
        self._durable: dict[str, bytes] = {}
        self._pending: dict[str, bytes | None] = {}
        """What is not yet committed; None: to be forgotten."""
        self.full = False
        """Whether there is no room for anything more."""

    def get(self, key: str) -> bytes | None:
        """The octets under a key, or None."""
        return self._pending[key] if key in self._pending else self._durable.get(key)

    def keys(self, prefix: str = "") -> Sequence[str]:
        """The keys that begin so, sorted."""
        known = (key for key in {**self._durable, **self._pending} if key.startswith(prefix))
        return sorted(key for key in known if self.get(key) is not None)

    def put(self, key: str, value: bytes) -> None:
        """Set the octets under a key. Raises OSError if there is no room."""
        if self.full:
            raise _no_room()
        self._pending[key] = value

    def delete(self, key: str) -> None:
        """Forget a key."""
        if key in self._durable:
            self._pending[key] = None
        else:
            self._pending.pop(key, None)

    def commit(self) -> None:
        """Make durable what was put and deleted. Raises OSError if there is no room."""
        if self.full and any(value is not None for value in self._pending.values()):
            raise _no_room()
        for key, value in self._pending.items():
            if value is None:
                self._durable.pop(key, None)
            else:
                self._durable[key] = value
        self._pending.clear()

    def roll_back(self) -> None:
        """Undo what was not committed."""
        self._pending.clear()


def _no_room() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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

    def lose_store(self) -> None:
        """Take the store away; the next use finds an empty one."""
        self._store = None

    def random_bytes(self, n: int, label: str) -> bytes:
        """`n` octets that depend on seed, part, label and how often this label was drawn before."""
        count = self._counters.get(label, 0)
        self._counters[label] = count + 1
        return shake_256(self._prefix + f"{label}/{count}".encode()).digest(n)

    def key_log(self, record: KeyRecord) -> None:
        """Hand a key to the run."""
        check_key(record)
        self._key_log(record)
