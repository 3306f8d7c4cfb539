"""How one `awase` speaks to the network that another keeps up: a Unix socket in a directory of the user's own."""

import asyncio
import json
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

MAX_LINE = 1 << 16
ANSWER_S = 60.0
MAX_CLIENTS = 16
MAX_BASE, MAX_NAME = 50, 32

Handler = Callable[[Mapping[str, Any]], Awaitable[Any]]


class NoNetwork(Exception):
    """No network is up, or not the one that is asked for."""


def directory() -> Path:
    """Where the sockets are: only the user may enter. Raises OSError where that is not so."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    # A Unix socket's path has 107 octets at most.
    path = Path(base) / "awase" if base and len(os.fsencode(base)) <= MAX_BASE else Path(f"/tmp/awase-{os.getuid()}")  # noqa: S108 - checked below.
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = path.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(f"{path} is not a directory that is yours alone (mode 0700): remove it")
    return path


class ControlServer:
    """The supervisor's end: one request a connection, a line of JSON, and a line in answer."""

    def __init__(self, name: str, handler: Handler) -> None:
        self.path = directory() / f"{name[:MAX_NAME]}-{os.getpid()}.sock"
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._clients = 0

    async def start(self) -> None:
        """Listen."""
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path, limit=MAX_LINE)
        self.path.chmod(0o600)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients > MAX_CLIENTS:
                return
            async with asyncio.timeout(ANSWER_S):
                line = await reader.readline()
                writer.write(await self._answer(line) + b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass
        finally:
            self._clients -= 1
            writer.close()

    async def _answer(self, line: bytes) -> bytes:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise TypeError("a request is an object")
            return msgspec.json.encode({"result": await self._handler(request)})
        except (ValueError, TypeError, KeyError) as error:
            return msgspec.json.encode({"error": str(error)})


def networks_up() -> dict[str, Path]:
    """The networks of this user that are up: "NAME-PID" -> socket. Sockets that nobody serves are removed."""
    found = {}
    for path in sorted(directory().glob("*.sock")):
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                with suppress(OSError):
                    path.unlink()
                continue
            found[path.stem] = path
    return found


def choose_network(name: str | None) -> Path:
    """The socket of a network by its name, or of the only one. Raises NoNetwork."""
    up = networks_up()
    fitting = {
        stem: path
        for stem, path in up.items()
        if name is None or name == stem or name[:MAX_NAME] == stem.rpartition("-")[0]
    }
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if not up:
        raise NoNetwork("no network is up: awase up starts one")
    listed = ", ".join(up)
    raise NoNetwork(f"{'several networks are' if len(fitting) > 1 else f'{name} is not'} up; name one of: {listed}")


def ask(path: Path, request: Mapping[str, Any], timeout_s: float = ANSWER_S) -> Any:
    """Ask a network that is up. Raises NoNetwork, with what it said."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(dict(request)).encode() + b"\n")
            octets = b""
            while not octets.endswith(b"\n") and (more := connection.recv(1 << 16)):
                octets += more
        except OSError as error:
            raise NoNetwork(f"{path.stem} does not answer: {error.strerror or error}") from None
    if not octets:
        raise NoNetwork(f"{path.stem} does not answer")
    answer = json.loads(octets)
    if "error" in answer:
        raise NoNetwork(str(answer["error"]))
    return answer["result"]
