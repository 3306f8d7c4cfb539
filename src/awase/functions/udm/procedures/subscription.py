"""Subscriptions to changes of subscription data: the UDR keeps them (TS 29.503 clause 5.2.2.3, TS 29.505 5.2.16)."""

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from awase.functions.udm.procedures.subscription_change import WATCHED, watched
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.entity import Call, upstream_problem
from awase.protocols.sbi.messages import JSON_HEADERS, Request, Response
from awase.protocols.sbi.nudm_sdm import IMMEDIATE_REPORT, SdmSubscription

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm

_DATA_SETS = dict(zip(WATCHED, ("AM", "SMF_SEL", "SM"), strict=True))
"""DataSetName (clause 6.1.6.3.3) of what can be watched."""
_MAX_SUPI = len("imsi-") + 15


def at_udr(template: str, supi: str) -> str:
    """The path of a subscriber's resource at the UDR."""
    return template.replace("{ueId}", quote(supi, safe="-"))


def subscribe(udm: "Udm", call: Call, body: SdmSubscription) -> Procedure[Response]:
    """Nudm_SDM_Subscribe; what is watched comes with the answer if that is asked for (clause 5.2.2.3.1)."""
    supi = call.params["ueId"]
    if not supi.startswith("imsi-") or len(supi) > _MAX_SUPI:
        return codec.problem(404, "USER_NOT_FOUND", "only IMSIs are known here")
    data_sets = [_DATA_SETS[name] for name in watched(body.monitored_resource_uris)] if body.immediate_report else []
    answered = body
    if data_sets:
        plmn = udm.home_plmn if body.plmn_id is None else body.plmn_id.mcc + body.plmn_id.mnc
        path = at_udr(nudr_dr.PROVISIONED_DATA, supi).replace("{servingPlmnId}", plmn)
        report = yield from udm.ask_udr(Request("GET", f"{path}?dataset-names={','.join(data_sets)}"))
        if not isinstance(report, Response) or not report.ok:
            return upstream_problem(report, "UDR")
        answered = msgspec.structs.replace(body, report=msgspec.Raw(report.body), supported_features=IMMEDIATE_REPORT)
    kept = yield from udm.ask_udr(
        Request("POST", at_udr(nudr_dr.SDM_SUBSCRIPTIONS, supi), JSON_HEADERS, call.request.body)
    )
    if not isinstance(kept, Response) or not kept.ok:
        return upstream_problem(kept, "UDR")
    name = (kept.header("location") or "").rpartition("/")[2]
    path = f"{call.request.path.partition('?')[0]}/{name}"
    return codec.json_response(201, answered, location=call.location(path))


def unsubscribe(udm: "Udm", call: Call) -> Procedure[Response]:
    """Nudm_SDM_Unsubscribe (clause 5.2.2.4)."""
    path = at_udr(nudr_dr.SDM_SUBSCRIPTION, call.params["ueId"])
    path = path.replace("{subsId}", quote(call.params["subscriptionId"], safe=""))
    answer = yield from udm.ask_udr(Request("DELETE", path))
    if not isinstance(answer, Response):
        return upstream_problem(answer, "UDR")
    if answer.status == 404:
        return codec.problem(404, "SUBSCRIPTION_NOT_FOUND")
    return Response(204) if answer.ok else upstream_problem(answer, "UDR")
