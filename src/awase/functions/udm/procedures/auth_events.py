"""Nudm_UEAuthentication_ResultConfirmation: how an authentication ended (TS 29.503 clause 5.4.2.3)."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.entity import Call, upstream_problem
from awase.protocols.sbi.messages import JSON_HEADERS, Request, Response
from awase.protocols.sbi.nudm_ue_authentication import AuthEvent

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm


def confirm(udm: "Udm", call: Call, event: AuthEvent) -> Procedure[Response]:
    """Keep the event at the UDR as the subscriber's authentication status."""
    supi = call.params["supi"]
    if not event.success:
        udm.report(
            "AuthenticationFailed",
            f"the authentication of {supi[:80]} in {event.serving_network_name[:80]} failed",
            level="warning",
            subject=supi[:80],
        )
    path = nudr_dr.AUTHENTICATION_STATUS.replace("{ueId}", quote(supi, safe="-"))
    answer = yield from udm.ask_udr(Request("PUT", path, JSON_HEADERS, call.request.body))
    if not isinstance(answer, Response) or not answer.ok:
        return upstream_problem(answer, "UDR")
    event_id = udm.services.random_bytes(8, "authEventId").hex()
    location = f"{call.request.path.partition('?')[0]}/{event_id}"
    return codec.json_response(201, call.request.body, location=call.location(location))


def remove(udm: "Udm", call: Call, event: AuthEvent) -> Procedure[Response]:
    """Forget the authentication status (clause 5.4.2.4: authRemovalInd)."""
    if not event.auth_removal_ind:
        return codec.problem(400, "MANDATORY_IE_INCORRECT", "authRemovalInd is not true")
    path = nudr_dr.AUTHENTICATION_STATUS.replace("{ueId}", quote(call.params["supi"], safe="-"))
    answer = yield from udm.ask_udr(Request("DELETE", path))
    if not isinstance(answer, Response) or not answer.ok:
        return upstream_problem(answer, "UDR")
    return Response(204)
