"""What of a subscription changes while it is used (TS 29.503 clauses 5.2.2.5 and 5.3.2.3.2)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from awase.functions.udm.callbacks import target
from awase.functions.udm.procedures.registration import registration_in
from awase.model.ids import Supi
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.data_types import NotifyItem
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import Request, Response
from awase.protocols.sbi.nudm_sdm import ModificationNotification, SdmSubscription
from awase.protocols.sbi.nudm_uecm import DeregistrationData
from awase.protocols.sbi.nudr_dr import DataChangeNotify
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm

_RESOURCES = {
    "am-data": "/nudm-sdm/v2/{supi}/am-data",
    "smf-selection-subscription-data": "/nudm-sdm/v2/{supi}/smf-select-data",
    "sm-data": "/nudm-sdm/v2/{supi}/sm-data",
}
"""Our resources by the last segment of the UDR's."""


WATCHED = tuple(resource.rpartition("/")[2] for resource in _RESOURCES.values())
"""What of a subscriber can be watched."""


def watched(uris: tuple[str, ...]) -> tuple[str, ...]:
    """Which of our resources a subscription is to."""
    names = [uri.partition("?")[0].rpartition("/")[2] for uri in uris]
    return tuple(name for name in WATCHED if name in names)


def notified(udm: "Udm", _call: Call, body: DataChangeNotify) -> Response:
    """What the UDR tells of a subscriber: whoever subscribed to it learns of it."""
    if any(change.op == "REMOVE" and change.path == "" for item in body.notify_items for change in item.changes):
        udm.run(_withdrawn(udm, body.ue_id))
    else:
        udm.run(_changed(udm, body))
    return Response(204)


def _changed(udm: "Udm", body: DataChangeNotify) -> Procedure[None]:
    supi = body.ue_id
    path = nudr_dr.SDM_SUBSCRIPTIONS.replace("{ueId}", quote(supi, safe="-"))
    answer = yield from udm.ask_udr(Request("GET", path))
    if not isinstance(answer, Response) or not answer.ok:
        if not isinstance(answer, Response) or answer.status != 404:
            udm.producer_failed(Supi(supi), answer)
        return
    try:
        known = codec.decode(tuple[SdmSubscription, ...], answer.body)
    except DecodeError as error:
        udm.report("MalformedPacket", f"the UDR's subscriptions to {supi[:80]}: {error}", level="warning", port="sbi")
        return
    ends: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for item in known:
        end = item.callback_reference, watched(item.monitored_resource_uris)
        ends.setdefault(end, []).append(item.subscription_id or "")
    for (callback, wanted), names in ends.items():
        udm.run(_notify(udm, body, (callback, wanted), [f"{path}/{quote(name, safe='')}" for name in names]))


def _notify(
    udm: "Udm", body: DataChangeNotify, end: tuple[str, tuple[str, ...]], paths: Sequence[str]
) -> Procedure[None]:
    """Nudm_SDM_Notification, in our own resources' names. Who no longer has the subscriber wants to hear no more."""
    callback, wanted = end
    supi = body.ue_id
    translated = tuple(
        NotifyItem(resource_id=resource.replace("{supi}", supi), changes=item.changes)
        for item in body.notify_items
        if (resource := _RESOURCES.get(item.resource_id.rpartition("/")[2])) is not None
        and resource.rpartition("/")[2] in wanted
    )
    whom = target(callback)
    if whom is None or not translated:
        return
    address, path = whom
    request = codec.json_request("POST", path, ModificationNotification(notify_items=translated))
    if (yield from _deliver(udm, supi, address, request)) == 404:
        for subscription in paths:
            yield from udm.ask_udr(Request("DELETE", subscription))


def _withdrawn(udm: "Udm", supi: str) -> Procedure[None]:
    """The subscription is withdrawn: the AMF deregisters the UE (TS 23.502 clause 4.2.2.3.3)."""
    path = nudr_dr.AMF_3GPP_ACCESS.replace("{ueId}", quote(supi, safe="-"))
    registered = registration_in((yield from udm.ask_udr(Request("GET", path))))
    end = None if registered is None or registered.purge_flag else target(registered.dereg_callback_uri)
    if end is None:
        return
    address, path = end
    body = DeregistrationData(dereg_reason="SUBSCRIPTION_WITHDRAWN", access_type="3GPP_ACCESS")
    yield from _deliver(udm, supi, address, codec.json_request("POST", path, body))


def _deliver(udm: "Udm", supi: str, address: str, request: Request) -> Procedure[int]:
    """The status of the answer, 0 where there was none."""
    answer = yield from udm.client.exchange(address, request)
    if not isinstance(answer, Response) or not answer.ok:
        why = str(answer.status) if isinstance(answer, Response) else answer.value
        udm.report(
            "NotificationNotDelivered",
            f"{address} did not take what has changed for {supi[:80]}: {why}",
            level="warning",
            subject=supi[:80],
        )
    return answer.status if isinstance(answer, Response) else 0
