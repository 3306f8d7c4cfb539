"""The authentications under way at an AUSF: bounded, and forgotten in time."""

from typing import TypeVar

import msgspec

A = TypeVar("A", "Authentication", "EapAuthentication")


class Authentication(msgspec.Struct, frozen=True):
    """What the AUSF keeps between the challenge and the answer (TS 33.501 clause 6.1.3.2.0 step 4)."""

    supi: str
    serving_network_name: str
    xres_star: bytes
    k_seaf: bytes
    deadline_ns: int

    def __repr__(self) -> str:
        return f"Authentication({self.supi})"


class EapAuthentication(msgspec.Struct, frozen=True):
    """What the AUSF keeps while EAP-AKA' is under way (TS 33.501 clause 6.1.3.1 step 3).

    `supi_or_suci` is what the vector was asked for with; `identifier` is that of the last request.
    """

    supi: str
    supi_or_suci: str
    serving_network_name: str
    identifier: int
    rand: str
    xres: bytes
    k_aut: bytes
    k_seaf: bytes
    resynchronised: bool
    deadline_ns: int

    def __repr__(self) -> str:
        return f"EapAuthentication({self.supi})"


class Confirmed(msgspec.Struct, frozen=True):
    """Whom a context authenticated and how, and where the UDM keeps the event ("" where it did not take it)."""

    auth_type: str
    serving_network_name: str
    event_path: str


class Authentications:
    """Contexts by identifier; all live equally long, so that the oldest is always the first."""

    def __init__(self, lifetime_ns: int, limit: int) -> None:
        self._lifetime_ns = lifetime_ns
        self._limit = limit
        self._pending: dict[str, Authentication | EapAuthentication] = {}
        self._confirmed: dict[str, Confirmed] = {}

    def __len__(self) -> int:
        return len(self._pending) + len(self._confirmed)

    def deadline_ns(self, now_ns: int) -> int:
        """When a context that is made now ends."""
        return now_ns + self._lifetime_ns

    def add(self, context_id: str, authentication: Authentication | EapAuthentication, now_ns: int) -> None:
        """Keep a context. The oldest makes room: whoever never answers cannot keep others out."""
        self.expire(now_ns)
        if len(self._pending) >= self._limit:
            del self._pending[next(iter(self._pending))]
        self._pending[context_id] = authentication

    def take(self, context_id: str, now_ns: int, kind: type[A]) -> A | None:
        """Take a context of a kind out: it is good for one answer."""
        self.expire(now_ns)
        found = self._pending.get(context_id)
        if not isinstance(found, kind):
            return None
        del self._pending[context_id]
        return found

    def confirm(self, context_id: str, confirmed: Confirmed) -> None:
        """Remember how a context ended, for the deletion of the result."""
        if len(self._confirmed) >= self._limit:
            del self._confirmed[next(iter(self._confirmed))]
        self._confirmed[context_id] = confirmed

    def delete(self, context_id: str) -> Confirmed | None:
        """A confirmed context, which is forgotten."""
        return self._confirmed.pop(context_id, None)

    def expire(self, now_ns: int) -> None:
        """Forget what has waited too long."""
        pending = self._pending
        while pending:
            oldest = next(iter(pending))
            if pending[oldest].deadline_ns > now_ns:
                return
            del pending[oldest]
