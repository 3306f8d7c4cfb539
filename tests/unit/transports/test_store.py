"""The store in a file: what was committed outlives a SIGKILL at any moment, and refusals say why."""

import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from awase.transports.store import FileStore, MemoryStore

LIVES = 20
WRITER = """
import sys
from pathlib import Path
from awase.transports.store import FileStore

store = FileStore(Path(sys.argv[1]))
number = int(store.get("number") or 0)
print(number, flush=True)
while True:
    number += 1
    store.put("number", b"%d" % number)
    store.put("same", b"%d" % number)
    store.put(f"many/{number % 50}", bytes(number % 3000))
    store.delete(f"many/{(number + 25) % 50}")
    store.commit()
    store.put("number", b"0")
    print(number, flush=True)
    store.put("number", b"%d" % number)
"""


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path):
    made = FileStore(tmp_path / "part.sqlite") if request.param == "file" else MemoryStore()
    yield made
    made.close()


def environment():
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def test_what_was_put_is_seen_at_once(store):
    store.put("sub/1", b"a")
    assert store.get("sub/1") == b"a"
    store.put("sub/1", b"b")
    store.commit()
    assert store.get("sub/1") == b"b"
    store.delete("sub/1")
    store.delete("unknown")
    assert store.get("sub/1") is None
    store.commit()
    assert store.get("sub/1") is None


def test_keys_are_sorted_and_those_that_begin_so(store):
    for key in ("sub/2", "amf", "sub/1", "sub/é", "sub/3", "sub", "suc", "sub/\U0001f4f6"):
        store.put(key, b"")
    store.commit()
    store.put("sub/0", b"")
    store.delete("sub/3")
    assert store.keys("sub/") == ["sub/0", "sub/1", "sub/2", "sub/é", "sub/\U0001f4f6"]
    assert store.keys() == ["amf", "sub", "sub/0", "sub/1", "sub/2", "sub/é", "sub/\U0001f4f6", "suc"]


def test_what_was_not_committed_is_gone_when_the_file_is_opened_again(tmp_path):
    path = tmp_path / "folder" / "part.sqlite"
    store = FileStore(path)
    store.put("kept", b"1")
    store.put("deleted", b"1")
    store.commit()
    store.put("kept", b"2")
    store.put("other", b"2")
    store.delete("deleted")
    store.close()
    store = FileStore(path)
    assert (store.keys(), store.get("kept")) == (["deleted", "kept"], b"1")
    store.close()


def test_it_is_this_users_alone(tmp_path):
    store = FileStore(tmp_path / "part.sqlite")
    store.put("key", b"1")
    store.commit()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    store.close()


def test_what_was_committed_outlives_a_sigkill_at_any_moment(tmp_path):
    path = tmp_path / "part.sqlite"
    chance = random.Random(1)
    said = 0
    for _ in range(LIVES):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=environment(), text=True
        )
        first = int(child.stdout.readline())
        # Committed, but killed before it could say so: one more at most.
        assert said <= first <= said + 1
        time.sleep(chance.random() * 0.1)
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().splitlines()
        child.wait()
        child.stdout.close()
        said = int(rest[-1]) if rest else first
    store = FileStore(path)
    number = int(store.get("number"))
    assert LIVES < said <= number <= said + 1
    assert store.get("same") == b"%d" % number
    assert store.get(f"many/{number % 50}") == bytes(number % 3000)
    assert store.get(f"many/{(number + 25) % 50}") is None
    store.close()


def test_a_full_disk_is_an_error_that_says_so_and_costs_nothing_that_was_durable(tmp_path):
    path = tmp_path / "part.sqlite"
    store = FileStore(path, max_pages=16)
    store.put("key", b"old")
    store.commit()
    store.put("key", b"new")
    store.put("large", bytes(200_000))
    for _ in range(2):
        with pytest.raises(OSError, match=r"part\.sqlite cannot be written.*make room") as caught:
            store.commit()
        assert caught.value.errno == errno.ENOSPC
        assert caught.value.strerror
    other = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0)
    with pytest.raises(sqlite3.OperationalError):
        other.execute("SELECT * FROM state")
    other.close()
    store.delete("large")
    store.commit()
    store.close()
    store = FileStore(path)
    assert (store.get("key"), store.get("large")) == (b"new", None)
    store.close()


def test_many_commits_until_nothing_fits_and_all_that_were_done_are_there(tmp_path):
    """On a file system of 512 KB, where we may mount one; else in a file that may grow to so much."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "awase", str(place)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    store = FileStore(place / "part.sqlite", max_pages=None if mounted else 128)
    done = []

    def fill():
        for number in range(1000):
            store.put(f"key/{number}", bytes(1000))
            store.commit()
            done.append(f"key/{number}")

    try:
        with pytest.raises(OSError, match="make room") as caught:
            fill()
        assert caught.value.errno == errno.ENOSPC
        assert len(done) > 10
        store.close()
        store = FileStore(place / "part.sqlite")
        assert store.keys("key/") == sorted(done)
    finally:
        store.close()
        if mounted:
            subprocess.run(["umount", place], check=True)


def test_one_process_at_a_time(tmp_path):
    path = tmp_path / "part.sqlite"
    store = FileStore(path)
    opened = subprocess.run(
        [sys.executable, "-c", WRITER, str(path)], env=environment(), capture_output=True, text=True, check=False
    )
    assert opened.returncode == 1
    assert "another process has it open" in opened.stderr
    store.close()
    FileStore(path).close()


@pytest.mark.parametrize(
    ("content", "hint"), [(b"no database at all" * 100, "no SQLite file"), (None, "another program's database")]
)
def test_what_is_no_store_is_refused_and_left_as_it_is(tmp_path, content, hint):
    path = tmp_path / "part.sqlite"
    if content is None:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE theirs (x)")
        other.close()
    else:
        path.write_bytes(content)
    with pytest.raises(OSError, match=hint):
        FileStore(path)
    if content is not None:
        assert path.read_bytes() == content


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(IsADirectoryError):
        FileStore(tmp_path)
