"""services.store in a file: SQLite with a write-ahead log, so that what was committed survives a SIGKILL."""

import errno
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

LOCK_S = 1.0
"""How long the file may still be another process's: one that has just been killed, and is not quite gone."""
APPLICATION_ID: Final = 0x41574153
"""What tells a store from another program's database: "AWAS" in the file's header."""
_OTHERS_CALLED: Final = {
    sqlite3.SQLITE_FULL: (errno.ENOSPC, "make room on its disk"),
    sqlite3.SQLITE_BUSY: (errno.EBUSY, "another process has it open: stop that one, or name another file"),
    sqlite3.SQLITE_READONLY: (errno.EROFS, "give this user the right to write there"),
    sqlite3.SQLITE_CANTOPEN: (errno.EACCES, "is it a file that this user may read and write?"),
    sqlite3.SQLITE_NOTADB: (errno.EINVAL, "it is no SQLite file: move it away, or name another"),
    sqlite3.SQLITE_CORRUPT: (errno.EIO, "it is damaged: move it away, and take back a copy"),
}
"""By SQLite's primary result code."""


class FileStore:
    """Octets by key. A part has a file of its own, and no other process opens it.

    Changes wait in memory for `commit`, which writes them as one transaction and syncs them to disk.
    """

    def __init__(self, path: Path, *, max_pages: int | None = None) -> None:
        """Open or make the file, for this user alone: it holds keys. `max_pages` bounds its size. Raises OSError."""
        self._path = path
        self._pending: dict[str, bytes | None] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        try:
            self._database = sqlite3.connect(path, timeout=LOCK_S, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._failed("opened", error) from error
        try:
            self._prepare(max_pages)
        except sqlite3.Error as error:
            self._database.close()
            raise self._failed("opened", error) from error
        except OSError:
            self._database.close()
            raise

    def _prepare(self, max_pages: int | None) -> None:
        run = self._database.execute
        run("PRAGMA locking_mode=EXCLUSIVE")
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        if max_pages is not None:
            run(f"PRAGMA max_page_count={max_pages:d}")
        # The lock is taken by the first that writes, and kept.
        run("BEGIN IMMEDIATE")
        found = run("PRAGMA application_id").fetchone()[0]
        tables = run("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if found != APPLICATION_ID:
            if found or tables:
                what = f"the store {self._path} cannot be opened: it is another program's database: name another file"
                raise OSError(errno.EINVAL, what)
            run(f"PRAGMA application_id={APPLICATION_ID:d}")
            run("CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        run("COMMIT")

    def get(self, key: str) -> bytes | None:
        """The octets under a key, or None. Raises OSError where the file cannot be read."""
        if key in self._pending:
            return self._pending[key]
        try:
            row = self._database.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._failed("read", error) from error
        return None if row is None else bytes(row[0])

    def keys(self, prefix: str = "") -> Sequence[str]:
        """The keys that begin so, sorted. Raises OSError where the file cannot be read."""
        try:
            # In the order of code points: what begins so lies between the prefix and the prefix with the last one.
            rows = self._database.execute(
                "SELECT key FROM state WHERE key >= ? AND key < ?", (prefix, prefix + "\U0010ffff")
            ).fetchall()
        except sqlite3.Error as error:
            raise self._failed("read", error) from error
        found = {str(row[0]) for row in rows}
        for key, value in self._pending.items():
            if key.startswith(prefix):
                (found.discard if value is None else found.add)(key)
        return sorted(found)

    def put(self, key: str, value: bytes) -> None:
        """Set the octets under a key."""
        self._pending[key] = value

    def delete(self, key: str) -> None:
        """Forget a key; nothing if it is not there."""
        self._pending[key] = None

    def commit(self) -> None:
        """Make durable what was put and deleted. Raises OSError: then nothing is, and a later commit tries again."""
        if not self._pending:
            return
        run = self._database.execute
        try:
            run("BEGIN")
            for key, value in self._pending.items():
                if value is None:
                    run("DELETE FROM state WHERE key = ?", (key,))
                else:
                    run("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))
            run("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                run("ROLLBACK")
            raise self._failed("written", error) from error
        self._pending.clear()

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        self._pending.clear()
        self._database.close()

    def _failed(self, what: str, error: sqlite3.Error) -> OSError:
        number, hint = _OTHERS_CALLED.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, (errno.EIO, ""))
        text = f"the store {self._path} cannot be {what}: {error}"
        return OSError(number, f"{text}; {hint}" if hint else text)


class MemoryStore:
    """A store that lives as long as its part is hosted."""

    def __init__(self) -> None:
        self._durable: dict[str, bytes] = {}
        self._pending: dict[str, bytes | None] = {}

    def get(self, key: str) -> bytes | None:
        """The octets under a key, or None."""
        return self._pending[key] if key in self._pending else self._durable.get(key)

    def keys(self, prefix: str = "") -> Sequence[str]:
        """The keys that begin so, sorted."""
        seen = {**self._durable, **self._pending}
        return sorted(key for key, value in seen.items() if value is not None and key.startswith(prefix))

    def put(self, key: str, value: bytes) -> None:
        """Set the octets under a key."""
        self._pending[key] = value

    def delete(self, key: str) -> None:
        """Forget a key."""
        self._pending[key] = None

    def commit(self) -> None:
        """Make it so."""
        for key, value in self._pending.items():
            if value is None:
                self._durable.pop(key, None)
            else:
                self._durable[key] = value
        self._pending.clear()

    def close(self) -> None:
        """Forget what was not committed."""
        self._pending.clear()
