"""An HTTP exchange of a service based interface, and the error it may carry (TS 29.500, TS 29.571)."""

from typing import Annotated

import msgspec

Headers = tuple[tuple[str, str], ...]
"""Field lines in order, names in lower case."""

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
HAL_JSON = "application/3gppHal+json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
MULTIPART = "multipart/related"
NAS_5GS = "application/vnd.3gpp.5gnas"
NGAP = "application/vnd.3gpp.ngap"

JSON_HEADERS: Headers = (("content-type", JSON),)
PROBLEM_HEADERS: Headers = (("content-type", PROBLEM_JSON),)

BoundedText = Annotated[str, msgspec.Meta(max_length=1024)]


class Request(msgspec.Struct, frozen=True):
    """An HTTP request (RFC 9110). `path` holds the query too; `authority` is filled in by the client."""

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""
    authority: str = ""
    scheme: str = "http"

    def header(self, name: str) -> str | None:
        """The first field of this name (lower case), or None."""
        for field, value in self.headers:
            if field == name:
                return value
        return None


class Response(msgspec.Struct, frozen=True):
    """A final HTTP response (RFC 9110)."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first field of this name (lower case), or None."""
        for field, value in self.headers:
            if field == name:
                return value
        return None

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class InvalidParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parameter that was wrong: `param` is a JSON pointer (TS 29.571 clause 5.2.4.2)."""

    param: BoundedText
    reason: str | None = None


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What went wrong (TS 29.571 clause 5.2.4.1, RFC 9457)."""

    title: str | None = None
    status: int | None = None
    detail: str | None = None
    instance: str | None = None
    cause: str | None = None
    invalid_params: tuple[InvalidParam, ...] | None = None
