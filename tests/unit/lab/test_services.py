"""What parts get from outside: a store that keeps what was committed, and says when it is full."""

import errno

import pytest

from awase.lab.services import MemoryStore


def test_what_was_put_is_seen_at_once_and_durable_after_commit() -> None:
    store = MemoryStore()
    store.put("sub/1", b"a")
    assert store.get("sub/1") == b"a"
    store.roll_back()
    assert store.get("sub/1") is None
    store.put("sub/1", b"b")
    store.commit()
    store.roll_back()
    assert store.get("sub/1") == b"b"


def test_keys_are_sorted_and_those_that_begin_so() -> None:
    store = MemoryStore()
    for key in ("sub/2", "amf", "sub/1", "sub/3"):
        store.put(key, b"")
    store.commit()
    store.put("sub/0", b"")
    store.delete("sub/3")
    assert store.keys("sub/") == ["sub/0", "sub/1", "sub/2"]
    assert store.keys() == ["amf", "sub/0", "sub/1", "sub/2"]


def test_what_was_deleted_comes_back_if_that_was_not_committed() -> None:
    store = MemoryStore()
    store.put("key", b"kept")
    store.commit()
    store.delete("key")
    store.delete("unknown")
    assert store.get("key") is None
    store.roll_back()
    assert store.get("key") == b"kept"
    store.delete("key")
    store.commit()
    store.roll_back()
    assert store.get("key") is None


def test_a_full_store_refuses_and_keeps_what_it_has() -> None:
    store = MemoryStore()
    store.put("key", b"old")
    store.commit()
    store.put("key", b"new")
    store.full = True
    for refused in (store.commit, lambda: store.put("other", b"")):
        with pytest.raises(OSError, match="No space left") as caught:
            refused()
        assert caught.value.errno == errno.ENOSPC
    store.roll_back()
    assert store.get("key") == b"old"
    store.delete("key")
    store.commit()
    assert store.keys() == []
