"""Nudm_UEAuthentication_ResultConfirmation: how an authentication ended (TS 33.501 clause 6.1.4.1a)."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from awase.functions.ausf.context import Confirmed
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudm_ue_authentication
from awase.protocols.sbi.data_types import date_time
from awase.protocols.sbi.entity import Answer, Call
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nudm_ue_authentication import AuthEvent

if TYPE_CHECKING:
    from awase.functions.ausf.part import Ausf

_MAX_LOCATION = 1024


def tell(ausf: "Ausf", supi: str, name: str, auth_type: str, *, success: bool) -> Procedure[Confirmed]:
    """Tell the UDM, which must know of failures too; what it does with the result does not change it."""
    event = _event(ausf, name, auth_type, success=success)
    path = nudm_ue_authentication.AUTH_EVENTS.replace("{supi}", quote(supi, safe="-"))
    answer = yield from ausf.ask_udm(codec.json_request("POST", path, event))
    return Confirmed(auth_type, name, _event_path(answer))


def delete(ausf: "Ausf", call: Call) -> Procedure[Response]:
    """Delete the result of an authentication, here and at the UDM (TS 29.509 clause 5.2.2.2.5)."""
    confirmed = ausf.authentications.delete(call.params["authCtxId"])
    if confirmed is None:
        return codec.problem(404, "CONTEXT_NOT_FOUND", "no such authentication")
    if confirmed.event_path:
        event = _event(ausf, confirmed.serving_network_name, confirmed.auth_type, success=True, removal=True)
        yield from ausf.ask_udm(codec.json_request("PUT", confirmed.event_path, event))
    return Response(204)


def _event_path(answer: Answer) -> str:
    # TS 29.503 clause 5.4.2.3: the UDM's Location names the event.
    location = answer.header("location") if isinstance(answer, Response) and answer.ok else None
    if location is None or len(location) > _MAX_LOCATION:
        return ""
    _, _, rest = location.rpartition("://")
    _, slash, path = rest.partition("/")
    return slash + path


def _event(ausf: "Ausf", name: str, auth_type: str, *, success: bool, removal: bool = False) -> AuthEvent:
    return AuthEvent(
        nf_instance_id=ausf.instance_id,
        success=success,
        time_stamp=date_time(ausf.now_ns),
        auth_type=auth_type,
        serving_network_name=name,
        auth_removal_ind=removal,
    )
