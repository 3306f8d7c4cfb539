"""Nudm_UECM: which AMF and SMFs serve a subscriber (TS 29.503 clause 5.3)."""

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from awase.functions.udm.callbacks import target
from awase.functions.udm.procedures import data_restoration
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.data_types import PatchItem
from awase.protocols.sbi.entity import Answer, Call, upstream_problem
from awase.protocols.sbi.messages import JSON_HEADERS, JSON_PATCH, Request, Response
from awase.protocols.sbi.nudm_uecm import (
    UE_INITIAL_REGISTRATION,
    Amf3GppAccessRegistration,
    Amf3GppAccessRegistrationModification,
    DeregistrationData,
    SmfRegistration,
)
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm

_PATCH_HEADERS = (("content-type", JSON_PATCH),)
_UE_REGISTRATION_AREA_CHANGE = "UE_REGISTRATION_AREA_CHANGE"


def register_amf(udm: "Udm", call: Call, body: Amf3GppAccessRegistration) -> Procedure[Response]:
    """AMF registration for 3GPP access; the AMF before it is told (clause 5.3.2.2.2)."""
    supi = call.params["ueId"]
    data_restoration.remember(udm, body.data_restoration_callback_uri)
    path = _path(nudr_dr.AMF_3GPP_ACCESS, supi)
    before = yield from udm.ask_udr(Request("GET", path))
    former = registration_in(before)
    if former is None and not _is_missing(before):
        return upstream_problem(before, "UDR")
    answer = yield from udm.ask_udr(Request("PUT", path, JSON_HEADERS, call.request.body))
    if not isinstance(answer, Response) or not answer.ok:
        return upstream_problem(answer, "UDR")
    if former is None:
        location = call.request.path.partition("?")[0]
        return codec.json_response(201, call.request.body, location=call.location(location))
    if former.amf_instance_id != body.amf_instance_id and not former.purge_flag:
        udm.run(_deregister(udm, supi, former, body.initial_registration_ind))
    return codec.json_response(200, call.request.body)


def modify_amf(udm: "Udm", call: Call, body: Amf3GppAccessRegistrationModification) -> Procedure[Response]:
    """Parameter update, or deregistration by purgeFlag, of the AMF that is registered (clause 5.3.2.4.2)."""
    path = _path(nudr_dr.AMF_3GPP_ACCESS, call.params["ueId"])
    before = yield from udm.ask_udr(Request("GET", path))
    registered = registration_in(before)
    if registered is None:
        if _is_missing(before):
            return codec.problem(404, "CONTEXT_NOT_FOUND", "no AMF is registered")
        return upstream_problem(before, "UDR")
    if registered.guami != body.guami:
        return codec.problem(403, "INVALID_GUAMI", "another AMF is registered")
    operations = []
    if body.purge_flag is not None:
        operations.append(_add("/purgeFlag", body.purge_flag))
    if body.pei is not None:
        operations.append(_add("/pei", body.pei))
    if not operations:
        return Response(204)
    answer = yield from udm.ask_udr(codec.json_request("PATCH", path, operations, content_type=_PATCH_HEADERS))
    if not isinstance(answer, Response) or not answer.ok:
        return upstream_problem(answer, "UDR")
    return Response(204)


def register_smf(udm: "Udm", call: Call, body: SmfRegistration) -> Procedure[Response]:
    """SMF registration of one PDU session (clause 5.3.2.2.4)."""
    session = call.params["pduSessionId"]
    if session != str(body.pdu_session_id):
        return codec.problem(400, "MANDATORY_IE_INCORRECT", "pduSessionId is not the one of the path")
    data_restoration.remember(udm, body.data_restoration_callback_uri)
    path = _path(nudr_dr.SMF_REGISTRATION, call.params["ueId"]).replace("{pduSessionId}", session)
    answer = yield from udm.ask_udr(Request("PUT", path, JSON_HEADERS, call.request.body))
    if not isinstance(answer, Response) or not answer.ok:
        return upstream_problem(answer, "UDR")
    if answer.status != 201:
        return codec.json_response(200, call.request.body)
    location = call.request.path.partition("?")[0]
    return codec.json_response(201, call.request.body, location=call.location(location))


def deregister_smf(udm: "Udm", call: Call) -> Procedure[Response]:
    """SMF deregistration of one PDU session (clause 5.3.2.4.4)."""
    path = _path(nudr_dr.SMF_REGISTRATION, call.params["ueId"])
    path = path.replace("{pduSessionId}", quote(call.params["pduSessionId"], safe=""))
    answer = yield from udm.ask_udr(Request("DELETE", path))
    if _is_missing(answer):
        return codec.problem(404, "CONTEXT_NOT_FOUND", "no SMF is registered for this PDU session")
    if not isinstance(answer, Response) or not answer.ok:
        return upstream_problem(answer, "UDR")
    return Response(204)


def _deregister(udm: "Udm", supi: str, former: Amf3GppAccessRegistration, initial: bool) -> Procedure[None]:
    """Nudm_UECM_DeregistrationNotification (clause 5.3.2.3.2)."""
    end = target(former.dereg_callback_uri)
    if end is None:
        return
    address, path = end
    reason = UE_INITIAL_REGISTRATION if initial else _UE_REGISTRATION_AREA_CHANGE
    body = DeregistrationData(dereg_reason=reason, access_type="3GPP_ACCESS")
    answer = yield from udm.client.exchange(address, codec.json_request("POST", path, body))
    if not isinstance(answer, Response) or not answer.ok:
        udm.report(
            "DeregistrationNotDelivered",
            f"the former AMF of {supi[:80]} at {address} did not take its deregistration",
            level="warning",
            subject=supi[:80],
        )


def registration_in(answer: Answer) -> Amf3GppAccessRegistration | None:
    """The registration in the UDR's answer, or None."""
    if not isinstance(answer, Response) or answer.status != 200:
        return None
    try:
        return codec.decode(Amf3GppAccessRegistration, answer.body)
    except DecodeError:
        return None


def _is_missing(answer: Answer) -> bool:
    if not isinstance(answer, Response) or answer.status != 404:
        return False
    return codec.problem_details(answer).cause == "DATA_NOT_FOUND"


def _add(path: str, value: object) -> PatchItem:
    return PatchItem(op="add", path=path, value=msgspec.Raw(msgspec.json.encode(value)))


def _path(template: str, supi: str) -> str:
    return template.replace("{ueId}", quote(supi, safe="-"))
