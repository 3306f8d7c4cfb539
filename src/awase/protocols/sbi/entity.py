"""Both ends of the exchanges at an "sbi" port of a Machine: Client and Server (TS 29.500 clause 5.2)."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote

from awase.model.machine import Machine, Procedure, Wait
from awase.model.part import NS_PER_S, Address, Packet
from awase.protocols.sbi import bhttp, codec, multipart
from awase.protocols.sbi.data_types import RefToBinaryData
from awase.protocols.sbi.messages import (
    JSON,
    JSON_PATCH,
    MERGE_PATCH,
    MULTIPART,
    InvalidParam,
    Request,
    Response,
)
from awase.wire.errors import DecodeError

B = TypeVar("B")

REQUEST_TIMEOUT_NS = 10 * NS_PER_S
MAX_BODY_OCTETS = 2 << 20
MAX_OPEN_EXCHANGES = 50_000
"""10,000 UEs that leave at once open 40,000 at the UDM."""
MALFORMED_PER_S = 20
MAX_RETRY_AFTER_S = 2
"""Whoever is to wait longer before it asks again does not wait: those who wait for it would not, either."""

_MAX_QUERY_PARAMETERS = 32
_ACCEPT = "application/json,application/problem+json"
_JSON_TYPES = (JSON, JSON_PATCH, MERGE_PATCH)


class Failure(Enum):
    """Why a request has no response."""

    TIME_OUT = "no answer in time"
    RESET = "not reached, or reset"
    MALFORMED = "an answer that is no HTTP response"


Answer = Response | Failure

# TS 29.509 Table 6.1.7.3-1: what to tell a consumer when our own producer fails us.
_FAILURE_CAUSES = {
    Failure.TIME_OUT: "UPSTREAM_SERVER_ERROR",
    Failure.RESET: "NETWORK_FAILURE",
    Failure.MALFORMED: "UPSTREAM_SERVER_ERROR",
}


def upstream_problem(answer: Answer, producer: str) -> Response:
    """A consumer's own error response, made of the answer that it got, or did not get, from its producer."""
    if isinstance(answer, Failure):
        return codec.problem(504, _FAILURE_CAUSES[answer], f"{producer}: {answer.value}")
    return codec.pass_on(answer)


class Client:
    """Sends requests and hands each answer to the procedure that waits for it.

    `user_agent` is the sender's NF type (TS 29.500 clause 5.2.2: "AMF", "SMF", ...); `scheme` is "https" where the
    port speaks TLS.
    """

    def __init__(self, machine: Machine, user_agent: str, *, port: str = "sbi", scheme: str = "http") -> None:
        self._machine = machine
        self._port = port
        self._scheme = scheme
        self._last_exchange = 0
        self._headers = (("user-agent", user_agent), ("accept", _ACCEPT))
        self._timed: dict[int, tuple[tuple[str, str], ...]] = {}

    def request(self, peer: Address, request: Request, timeout_ns: int = REQUEST_TIMEOUT_NS) -> Wait:
        """Send a request; yield the Wait at once. It is resumed with an Answer, or with None on time-out."""
        self._last_exchange += 1
        exchange = self._last_exchange
        headers = self._timed.get(timeout_ns)
        if headers is None:
            # TS 29.500 clause 5.2.3.3.3: milliseconds after which the client no longer waits.
            headers = (*self._headers, ("3gpp-sbi-max-rsp-time", str(timeout_ns // 1_000_000)))
            if len(self._timed) < 16:
                self._timed[timeout_ns] = headers
        whole = Request(
            request.method,
            request.path,
            headers + request.headers,
            request.body,
            request.authority or peer,
            self._scheme,
        )
        self._machine.send(
            Packet(
                port=self._port,
                peer=peer,
                payload=bhttp.encode_request(whole),
                kind="request",
                exchange=exchange,
            )
        )
        return Wait((self._port, peer, exchange), timeout_ns)

    def exchange(self, peer: Address, request: Request, timeout_ns: int = REQUEST_TIMEOUT_NS) -> Procedure[Answer]:
        """`answer = yield from client.exchange(...)`: a Response, or a Failure.

        Who answers with 503 has done nothing yet: what it says may come again soon goes once more.
        """
        answer = yield self.request(peer, request, timeout_ns)
        if isinstance(answer, Response) and answer.status == 503:
            after_s = _retry_after_s(answer)
            if after_s is not None:
                self._last_exchange += 1
                yield Wait(("retry after", self._port, self._last_exchange), after_s * NS_PER_S)
                answer = yield self.request(peer, request, timeout_ns)
        return Failure.TIME_OUT if answer is None else answer

    def exchange_with_any(
        self, producer: str, peers: Sequence[Address], request: Request, timeout_ns: int, *, config: str
    ) -> Procedure[Answer]:
        """One exchange with the first of several that can be reached; a failure is an event that names `producer`."""
        answer: Answer = Failure.RESET
        for peer in peers:
            answer = yield from self.exchange(peer, request, timeout_ns)
            if answer is not Failure.RESET:
                break
        if isinstance(answer, Failure):
            self._machine.report(
                "ProducerFailed",
                f"{producer} {', '.join(peers) or '(none is configured)'}: {answer.value}",
                level="error",
                config=config,
            )
        return answer

    def handle(self, packet: Packet) -> bool:
        """Take a `response`, or the `abort` of a request of ours; False if it is neither. A late one is dropped."""
        if packet.kind not in ("response", "abort") or packet.port != self._port:
            return False
        key = (self._port, packet.peer, packet.exchange)
        if self._machine.waits_for(key):
            self._machine.resume(key, self._answer(packet))
        return True

    def _answer(self, packet: Packet) -> Answer:
        if packet.kind == "abort":
            return Failure.RESET
        try:
            return bhttp.decode_response(_octets(packet))
        except DecodeError as error:
            _report_malformed(self._machine, packet, error)
            return Failure.MALFORMED


class Call:
    """One request under way at a Server: what its handler may look at."""

    __slots__ = ("params", "parts", "peer", "request")

    def __init__(self, peer: Address, request: Request, params: Mapping[str, str]) -> None:
        self.peer = peer
        self.request = request
        self.params = params
        self.parts: dict[str, bytes] = {}

    def part(self, reference: RefToBinaryData | None) -> bytes | None:
        """The octets of the body part that a member refers to; None where it or the part is missing."""
        return None if reference is None else self.parts.get(reference.content_id)

    def query(self) -> dict[str, str]:
        """The query parameters, percent-decoded; of two with one name the first."""
        text = self.request.path.partition("?")[2]
        if not text:
            return {}
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_QUERY_PARAMETERS)
        except ValueError:
            return {}
        return dict(reversed(pairs))

    def location(self, path: str) -> str:
        """An absolute URI of ours."""
        return f"{self.request.scheme}://{self.request.authority}{path}"


Outcome = Response | Procedure[Response]
Handler = Callable[[Call], Outcome]
BodyHandler = Callable[[Call, B], Outcome]


class _Route:
    __slots__ = ("body", "handler", "names", "types")

    def __init__(
        self, handler: Callable[..., Outcome], names: tuple[str, ...], body: Any, types: tuple[str, ...]
    ) -> None:
        self.handler = handler
        self.names = names
        self.body = body
        self.types = types


class _Node:
    __slots__ = ("literal", "routes", "variable")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.routes: dict[str, _Route] = {}


class Server:
    """Answers requests: finds the route, decodes and checks the body, runs the handler.

    A handler returns a Response, or a procedure that does. Wrong paths, methods, media types and bodies
    are answered here, with the status and cause of TS 29.500 Table 5.2.7.1-1 and 5.2.7.2-1.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        port: str = "sbi",
        max_body_octets: int = MAX_BODY_OCTETS,
        max_open: int = MAX_OPEN_EXCHANGES,
    ) -> None:
        self._machine = machine
        self._port = port
        self._max_body_octets = max_body_octets
        self._max_open = max_open
        self._open: dict[tuple[Address, int | None], None] = {}
        self._root = _Node()

    @property
    def open_exchanges(self) -> int:
        """How many requests have no answer yet."""
        return len(self._open)

    def route(self, method: str, template: str, handler: Handler) -> None:
        """Serve an operation without a body: "/nudm-sdm/v2/{supi}/am-data"."""
        self._add(method, template, handler, None, ())

    def body_route(
        self,
        method: str,
        template: str,
        body: type[B],
        handler: BodyHandler[B],
        *,
        types: Sequence[str] = (JSON,),
    ) -> None:
        """Serve an operation with a JSON body of a type; `types` may also allow MULTIPART around it."""
        self._add(method, template, handler, body, tuple(types))

    def handle(self, packet: Packet) -> bool:
        """Take a `request` packet; False if it is none."""
        if packet.kind != "request" or packet.port != self._port:
            return False
        self._take(packet)
        return True

    def _add(
        self,
        method: str,
        template: str,
        handler: Callable[..., Outcome],
        body: Any,
        types: tuple[str, ...],
    ) -> None:
        node = self._root
        names = []
        for segment in template.split("/")[1:]:
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.literal.setdefault(segment, _Node())
        node.routes[method] = _Route(handler, tuple(names), body, types)

    def _take(self, packet: Packet) -> None:
        try:
            request = bhttp.decode_request(_octets(packet))
        except DecodeError as error:
            _report_malformed(self._machine, packet, error)
            self._respond(packet, codec.problem(400, "INVALID_MSG_FORMAT", str(error)))
            return
        outcome = self._outcome(packet.peer, request)
        if isinstance(outcome, Response):
            self._respond(packet, outcome)
            return
        key = (packet.peer, packet.exchange)
        if key in self._open or len(self._open) >= self._max_open:
            outcome.close()
            self._respond(packet, codec.congested("too many exchanges are open"))
            return
        self._open[key] = None
        self._machine.run(outcome, partial(self._finish, packet))

    def _finish(self, packet: Packet, response: Response) -> None:
        del self._open[(packet.peer, packet.exchange)]
        self._respond(packet, response)

    def _respond(self, packet: Packet, response: Response) -> None:
        self._machine.send(
            Packet(
                port=self._port,
                peer=packet.peer,
                payload=bhttp.encode_response(response),
                kind="response",
                exchange=packet.exchange,
            )
        )

    def _outcome(self, peer: Address, request: Request) -> Outcome:
        path = request.path.partition("?")[0]
        node = self._root
        values: list[str] = []
        segments = path.split("/")[1:]
        for depth, segment in enumerate(segments):
            following = node.literal.get(segment)
            if following is None:
                following = node.variable
                if following is None or not segment:
                    return _not_found(depth, path)
                values.append(unquote(segment) if "%" in segment else segment)
            node = following
        route = node.routes.get(request.method)
        if route is None:
            return _not_allowed(node, request, path) if node.routes else _not_found(len(segments), path)
        params = dict(zip(route.names, values, strict=True))
        call = Call(peer, request, params)
        if route.body is None:
            return route.handler(call)
        return self._with_body(call, route)

    def _with_body(self, call: Call, route: _Route) -> Outcome:
        request = call.request
        if len(request.body) > self._max_body_octets:
            return codec.problem(413, None, f"at most {self._max_body_octets} octets are taken")
        content_type = request.header("content-type") or ""
        kind = multipart.media_type(content_type)
        if kind not in route.types:
            return codec.problem(415, None, f"{kind[:80] or 'no media type'}; wanted: {', '.join(route.types)}")
        try:
            octets = self._open_multipart(call, content_type) if kind == MULTIPART else request.body
            body = codec.decode(route.body, octets)
        except codec.BodyError as error:
            invalid = (InvalidParam(param=error.param, reason=error.what[:200]),) if error.param else ()
            return self._bad_request(call, error.cause, error.what, invalid)
        except DecodeError as error:
            return self._bad_request(call, "INVALID_MSG_FORMAT", str(error), ())
        return route.handler(call, body)

    def _open_multipart(self, call: Call, content_type: str) -> bytes:
        root, *others = multipart.decode(content_type, call.request.body)
        if root.content_type not in _JSON_TYPES:
            raise DecodeError(f"the root body part is {root.content_type[:80]}, not JSON", path="multipart")
        call.parts = {part.content_id: part.content for part in others if part.content_id}
        return root.content

    def _bad_request(self, call: Call, cause: str, what: str, invalid: tuple[InvalidParam, ...]) -> Response:
        where = f"{call.request.method} {call.request.path.partition('?')[0][:200]}"
        self._machine.report(
            "MalformedPacket",
            f"{where} from {call.peer}: {what[:200]}",
            level="warning",
            at_most_per_s=MALFORMED_PER_S,
            port=self._port,
            what=what[:200],
        )
        return codec.problem(400, cause, what[:500], invalid_params=invalid)


def _not_allowed(node: _Node, request: Request, path: str) -> Response:
    allow = (("allow", ", ".join(node.routes)),)
    return codec.problem(405, None, f"{request.method[:40]} on {path[:200]}", headers=allow)


def _not_found(depth: int, path: str) -> Response:
    # Fewer than two segments matched: the API's name or version is not one of ours.
    if depth < 2:
        return codec.problem(400, "INVALID_API", f"{path[:200]} is no API of this function")
    return codec.problem(404, "RESOURCE_URI_STRUCTURE_NOT_FOUND", f"{path[:200]} is no resource here")


def _retry_after_s(response: Response) -> int | None:
    """Retry-After in seconds (RFC 9110 clause 10.2.3); None where it has none, is a date, or is more than we wait."""
    text = response.header("retry-after") or ""
    if len(text) > 2 or not (text.isascii() and text.isdecimal()):
        return None
    return int(text) if int(text) <= MAX_RETRY_AFTER_S else None


def _octets(packet: Packet) -> bytes:
    payload = packet.payload
    if not isinstance(payload, bytes):
        raise DecodeError("a batch on an HTTP port", offset=0)
    return payload


def _report_malformed(machine: Machine, packet: Packet, error: DecodeError) -> None:
    machine.report(
        "MalformedPacket",
        f"{packet.kind} from {packet.peer} on {packet.port}: {error}",
        level="warning",
        at_most_per_s=MALFORMED_PER_S,
        port=packet.port,
        what=str(error),
        offset=error.offset or 0,
    )
