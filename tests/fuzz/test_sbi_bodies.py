"""Every operation with a body, of each server: whatever is wrong with it is a problem, and changes nothing.

Missing, of another type, twice, of an unknown enumeration, a megabyte long, nested deep (TS 29.500 clause 5.2.7.2).
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from awase.functions.amf.part import PART_TYPE as AMF
from awase.functions.ausf.part import PART_TYPE as AUSF
from awase.functions.udm.part import PART_TYPE as UDM
from awase.functions.udr.part import PART_TYPE as UDR
from unit.protocols.sbi.exchanges import Desk, Exchange, LocalServices, Request

SUPI = "imsi-001010000000001"
NEXT = "10.0.0.7:8080"
PLMN = {"mcc": "001", "mnc": "01"}
GUAMI = {"plmnId": PLMN, "amfId": "020040"}
SNN = "5G:mnc001.mcc001.3gppnetwork.org"
AMF_REGISTRATION = {
    "amfInstanceId": "a",
    "deregCallbackUri": "http://10.0.0.2:8080/x",
    "guami": GUAMI,
    "ratType": "NR",
    "initialRegistrationInd": True,
}
SMF_REGISTRATION = {
    "smfInstanceId": "s",
    "pduSessionId": 1,
    "singleNssai": {"sst": 1, "sd": "000001"},
    "dnn": "internet",
    "plmnId": PLMN,
}
AUTH_EVENT = {
    "nfInstanceId": "a",
    "success": True,
    "timeStamp": "2026-01-01T00:00:00Z",
    "authType": "5G_AKA",
    "servingNetworkName": SNN,
}
DATA_RESTORATION = {"recoveryTime": "2026-01-01T00:00:00Z", "lastReplicationTime": "2025-12-31T00:00:00Z"}
UDR_UE = f"/nudr-dr/v2/subscription-data/{SUPI}"
JSON_PATCH = "application/json-patch+json"
OPERATIONS: dict[str, tuple[tuple[str, str, str, Any], ...]] = {
    "udr": (
        (
            "PATCH",
            f"{UDR_UE}/authentication-data/authentication-subscription",
            JSON_PATCH,
            [{"op": "replace", "path": "/sequenceNumber/sqn", "value": "000000000021"}],
        ),
        ("PUT", f"{UDR_UE}/authentication-data/authentication-status", "", AUTH_EVENT),
        ("PUT", f"{UDR_UE}/context-data/amf-3gpp-access", "", AMF_REGISTRATION),
        (
            "PATCH",
            f"{UDR_UE}/context-data/amf-3gpp-access",
            JSON_PATCH,
            [{"op": "replace", "path": "/purgeFlag", "value": True}],
        ),
        ("PUT", f"{UDR_UE}/context-data/smf-registrations/1", "", SMF_REGISTRATION),
    ),
    "udm": (
        (
            "POST",
            f"/nudm-ueau/v1/{SUPI}/security-information/generate-auth-data",
            "",
            {
                "servingNetworkName": SNN,
                "ausfInstanceId": "a",
                "resynchronizationInfo": {"rand": "00" * 16, "auts": "00" * 14},
            },
        ),
        ("POST", f"/nudm-ueau/v1/{SUPI}/auth-events", "", AUTH_EVENT),
        ("PUT", f"/nudm-ueau/v1/{SUPI}/auth-events/1", "", {**AUTH_EVENT, "authRemovalInd": True}),
        (
            "POST",
            f"/nudm-sdm/v2/{SUPI}/sdm-subscriptions",
            "",
            {
                "nfInstanceId": "a",
                "callbackReference": "http://10.0.0.2:8080/x",
                "monitoredResourceUris": [f"/nudm-sdm/v2/{SUPI}/am-data"],
                "singleNssai": {"sst": 1},
                "dnn": "internet",
                "plmnId": PLMN,
            },
        ),
        ("PUT", f"/nudm-uecm/v1/{SUPI}/registrations/amf-3gpp-access", "", AMF_REGISTRATION),
        ("PATCH", f"/nudm-uecm/v1/{SUPI}/registrations/amf-3gpp-access", "", {"guami": GUAMI, "purgeFlag": True}),
        ("PUT", f"/nudm-uecm/v1/{SUPI}/registrations/smf-registrations/1", "", SMF_REGISTRATION),
        ("POST", "/nudr-callback/v1/data-restoration-notify", "", DATA_RESTORATION),
        (
            "POST",
            "/nudr-callback/v1/data-change-notify",
            "",
            {
                "ueId": SUPI,
                "notifyItems": [
                    {
                        "resourceId": f"{UDR_UE}/provisioned-data/am-data",
                        "changes": [
                            {"op": "REPLACE", "path": "/nssai", "newValue": {"defaultSingleNssais": [{"sst": 1}]}}
                        ],
                    }
                ],
            },
        ),
    ),
    "ausf": (
        (
            "POST",
            "/nausf-auth/v1/ue-authentications",
            "",
            {
                "supiOrSuci": "suci-0-001-01-0000-0-0-0000000001",
                "servingNetworkName": SNN,
                "resynchronizationInfo": {"rand": "00" * 16, "auts": "00" * 14},
            },
        ),
        ("PUT", "/nausf-auth/v1/ue-authentications/1/5g-aka-confirmation", "", {"resStar": "00" * 16}),
        ("POST", "/nausf-auth/v1/ue-authentications/1/eap-session", "", {"eapPayload": "AgAABA=="}),
    ),
    "amf": (
        (
            "POST",
            f"/namf-comm/v1/ue-contexts/{SUPI}/n1-n2-messages",
            "",
            {
                "n1MessageContainer": {"n1MessageClass": "SM", "n1MessageContent": {"contentId": "n1"}},
                "n2InfoContainer": {
                    "n2InformationClass": "SM",
                    "smInfo": {
                        "pduSessionId": 1,
                        "n2InfoContent": {"ngapIeType": "PDU_RES_SETUP_REQ", "ngapData": {"contentId": "n2"}},
                        "sNssai": {"sst": 1},
                    },
                },
                "pduSessionId": 1,
                "ppi": 1,
                "arp": {"priorityLevel": 1, "preemptCap": "MAY_PREEMPT", "preemptVuln": "PREEMPTABLE"},
                "5qi": 9,
                "n1n2FailureTxfNotifURI": "http://10.0.0.3:8080/x",
            },
        ),
        (
            "POST",
            f"/namf-callback/v1/{SUPI}/sm-context-status/1/0123456789abcdef",
            "",
            {"statusInfo": {"resourceStatus": "RELEASED", "cause": "REL_DUE_TO_UNSPECIFIED_REASON"}},
        ),
        ("POST", "/namf-callback/v1/data-restoration", "", DATA_RESTORATION),
        (
            "POST",
            f"/namf-callback/v1/{SUPI}/dereg-notify",
            "",
            {"deregReason": "SUBSCRIPTION_WITHDRAWN", "accessType": "3GPP_ACCESS"},
        ),
    ),
}
TABLE = [(server, *row) for server, rows in OPERATIONS.items() for row in rows]

DEEP: Any = None
for _ in range(200):
    DEEP = [DEEP]
ODD: list[Any] = [None, True, -1, 2**70, 1e300, "", "UNHEARD_OF", "\ud83d\ude00", "x" * 1_000_000, [], {}, [{}], DEEP]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where members and items are, at every depth."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from places(below, (*path, key))


def changed(body: Any, path: tuple[Any, ...], act: Callable[[Any, Any], None]) -> bytes:
    whole = copy.deepcopy(body)
    place = whole
    for key in path[:-1]:
        place = place[key]
    act(place, path[-1])
    return json.dumps(whole).encode()


def mutated(body: Any) -> Iterator[bytes]:
    for path in places(body):
        for odd in ODD:
            yield changed(body, path, lambda place, key, odd=odd: place.__setitem__(key, odd))
        yield changed(body, path, lambda place, key: place.__delitem__(key))
    whole = json.dumps(body).encode()
    yield from (b"", b"[]", b"{}", b"null", b"7", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000)
    yield from (whole[:-1], whole + b"}", whole * 2, b"\xef\xbb\xbf" + whole)
    if isinstance(body, dict):
        # Each member twice, and again with another value.
        yield whole[:-1] + b"," + whole[1:]
        yield whole[:-1] + b"".join(b"," + json.dumps(key).encode() + b":null" for key in body) + b"}"


def peers(*points: str) -> dict[str, Any]:
    return {point: [{"part": "next", "function": "next", "address": NEXT}] for point in points}


class Served(Exchange):
    """Where a server's own requests go to nobody, that is a reset."""

    def ask(self, request: Request) -> Any:
        exchange = self.desk.send(request)
        while self.desk.requests:
            packet, upstream = self.desk.requests[0]
            server = self.servers.get(packet.peer)
            if server is None:
                self.desk.reset()
            else:
                self.desk.answer(server.ask(upstream))
        return self.desk.responses.pop(exchange)


def servers() -> dict[str, Any]:
    subscriber = {"supi": SUPI, "k": "465b5ce8b199b49faa5f0a2ee238a6bc", "opc": "cd63cb71954a9f4e48a5994e37a02baf"}
    record = subscriber | {"slices": [{"sst": 1}], "dnns": ["internet"]}
    udr = Served(Desk(UDR.build("udr", {"subscribers": [record]}, LocalServices())), {})
    udr.desk.part.wake(udr.desk.now_ns)
    udm = Served(Desk(UDM.build("udm", {"peers": peers("N35")}, LocalServices())), {NEXT: udr})
    ausf = Desk(AUSF.build("ausf", {"peers": peers("N13"), "plmn": "001-01"}, LocalServices()))
    amf = Desk(AMF.build("amf", {"peers": peers("N8", "N11", "N12")}, LocalServices()))
    return {"udr": udr, "udm": udm, "ausf": Served(ausf, {NEXT: udm}), "amf": Served(amf, {})}


@pytest.mark.parametrize(
    ("server", "method", "path", "kind", "body"), TABLE, ids=[f"{s} {m} {p}" for s, m, p, *_ in TABLE]
)
def test_a_mutated_body_is_a_problem_and_changes_nothing(server: str, method: str, path: str, kind: str, body: Any):
    network = servers()
    exchange = network[server]
    part, udr = exchange.desk.part, network["udr"].desk.part

    def state() -> Any:
        books = getattr(part, "books", list)()
        return books, udr.books(), dict(udr.services.store.values)

    refused = 0
    for octets in mutated(body):
        before = state()
        fields = (("content-type", kind or "application/json"),)
        answer = exchange.ask(Request(method, path, fields, octets, "10.0.0.1:8080"))
        exchange.desk.events.clear()
        if answer.status < 300:
            continue
        refused += 1
        assert 400 <= answer.status < 500, (octets[:200], answer)
        problem = json.loads(answer.body)
        assert problem.get("error", problem)["status"] == answer.status
        assert state() == before, octets[:200]
    assert refused > 10


@pytest.mark.parametrize(
    ("server", "method", "path", "kind", "body"), TABLE, ids=[f"{s} {m} {p}" for s, m, p, *_ in TABLE]
)
def test_a_body_of_another_media_type_is_refused(server: str, method: str, path: str, kind: str, body: Any):
    del kind
    for media_type in ("text/plain", "application/xml", "multipart/related; boundary=x", "", "x" * 5000):
        request = Request(method, path, (("content-type", media_type),), json.dumps(body).encode(), "10.0.0.1:8080")
        assert servers()[server].ask(request).status in (400, 415)
