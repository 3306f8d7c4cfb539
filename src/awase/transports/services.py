"""What a part gets from outside in real time: the operating system's randomness, a key log, a store."""

import os
from collections.abc import Callable, Mapping

from awase.model.part import Store


class RealServices:
    """Services on a real host."""

    __slots__ = ("_key_log", "_store")

    def __init__(self, store: Store, key_log: Callable[[Mapping[str, str | int]], None]) -> None:
        self._store = store
        self._key_log = key_log

    @property
    def store(self) -> Store:
        """The part's own store."""
        return self._store

    def random_bytes(self, n: int, label: str) -> bytes:
        """`n` octets of the operating system's generator; the label is for virtual time."""
        del label
        return os.urandom(n)

    def key_log(self, record: Mapping[str, str | int]) -> None:
        """Hand out a key. Raises TypeError for what is no record."""
        if not isinstance(record, Mapping) or not all(
            isinstance(key, str) and isinstance(value, str | int) for key, value in record.items()
        ):
            raise TypeError("key_log takes a mapping of names to text or integers")
        self._key_log(record)
