"""JSON bodies of service operations: typed both ways, the peer's mistakes named (TS 29.501 clause 5.2)."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from awase.protocols.sbi import multipart
from awase.protocols.sbi.messages import (
    JSON_HEADERS,
    PROBLEM_HEADERS,
    Headers,
    InvalidParam,
    ProblemDetails,
    Request,
    Response,
)
from awase.wire.errors import DecodeError

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_RETRY_AFTER: Headers = (("retry-after", "1"),)


class BodyError(DecodeError):
    """A body that is not what the operation wants: with what ProblemDetails says of it."""

    def __init__(self, what: str, *, cause: str, param: str = "") -> None:
        super().__init__(what, path=param)
        self.cause = cause
        self.param = param


def encode(body: object) -> bytes:
    """A JSON body. Members that hold their default are left out where the type says so."""
    return _encoder.encode(body)


def decode(kind: type[T], octets: bytes) -> T:
    """A typed body; members it does not name are ignored (TS 29.501 clause 5.2.5). Raises BodyError only."""
    try:
        value: T = _decoder(kind).decode(octets)
    except msgspec.ValidationError as error:
        raise _validation_error(str(error)) from None
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _no_json(error) from None
    try:
        _refuse_duplicates(octets)
    except BodyError:
        raise
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _no_json(error) from None
    return value


def json_request(
    method: str,
    path: str,
    body: object = None,
    parts: Sequence[multipart.BodyPart] = (),
    content_type: Headers = JSON_HEADERS,
) -> Request:
    """A request with a JSON body, or with JSON and binary parts, or (body None) with none."""
    headers, content = _content(body, parts, content_type)
    return Request(method, path, headers, content)


def json_response(
    status: int,
    body: object = None,
    *,
    parts: Sequence[multipart.BodyPart] = (),
    location: str | None = None,
    content_type: Headers = JSON_HEADERS,
) -> Response:
    """A response with a JSON body, or with JSON and binary parts, or (body None) with none."""
    headers, content = _content(body, parts, content_type)
    if location is not None:
        headers = (*headers, ("location", location))
    return Response(status, headers, content)


def problem(
    status: int,
    cause: str | None = None,
    detail: str | None = None,
    *,
    invalid_params: Sequence[InvalidParam] = (),
    headers: Headers = (),
) -> Response:
    """An error response with ProblemDetails (TS 29.500 clause 5.2.7.1)."""
    details = ProblemDetails(status=status, cause=cause, detail=detail, invalid_params=tuple(invalid_params) or None)
    return Response(status, PROBLEM_HEADERS + headers, _encoder.encode(details))


def congested(detail: str) -> Response:
    """An error response to what may be asked again in a second (TS 29.500 clause 6.4.2, RFC 9110 clause 10.2.3)."""
    return problem(503, "NF_CONGESTION", detail, headers=_RETRY_AFTER)


def problem_details(response: Response) -> ProblemDetails:
    """What an error response says; only its status where it says nothing that can be read."""
    if response.body:
        try:
            return decode(ProblemDetails, response.body)
        except DecodeError:
            pass
    return ProblemDetails(status=response.status)


def pass_on(response: Response) -> Response:
    """A consumer's own error response, made of the one it got from its producer: status, cause and detail."""
    details = problem_details(response)
    status = response.status if response.status >= 400 else 500
    return problem(status, details.cause, details.detail)


def _content(body: object, parts: Sequence[multipart.BodyPart], content_type: Headers) -> tuple[Headers, bytes]:
    if body is None:
        return (), b""
    octets = body if isinstance(body, bytes) else _encoder.encode(body)
    if not parts:
        return content_type, octets
    kind, octets = multipart.encode(octets, parts)
    return (("content-type", kind),), octets


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    return decoder


def _no_json(error: Exception) -> BodyError:
    what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return BodyError(f"the body is no JSON: {what}", cause="INVALID_MSG_FORMAT")


def _validation_error(text: str) -> BodyError:
    # msgspec says "Expected `str`, got `int` - at `$.guami`" and "Object missing required field `mcc` - ...".
    what, _, at = text.partition(" - at `")
    # The values of a map have no names there: "$.subscribedSnssaiInfos[...].dnnInfos[0]".
    at = at.removesuffix("`").removeprefix("$").partition("[...]")[0]
    pointer = at.replace("[", "/").replace("]", "").replace(".", "/")
    if what.startswith("Object missing required field `"):
        name = what.split("`")[1]
        return BodyError(f"{name} is missing", cause="MANDATORY_IE_MISSING", param=f"{pointer}/{name}")
    return BodyError(what, cause="MANDATORY_IE_INCORRECT", param=pointer or "/")


def _refuse_duplicates(octets: bytes) -> None:
    """A name given twice is two messages to two suppliers (RFC 8259 clause 4)."""
    # Octets that come back the same from a decoder that keeps one member of each name hold no name twice.
    if _encoder.encode(msgspec.json.decode(octets)) != octets:
        json.loads(octets, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BodyError(f"{twice[:80]} is given twice", cause="INVALID_MSG_FORMAT", param=f"/{twice[:80]}")
