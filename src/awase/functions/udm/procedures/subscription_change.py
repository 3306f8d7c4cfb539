"""What of a subscription changes while it is used (TS 29.503 clauses 5.2.2.4 and 5.3.2.3.2)."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from awase.functions.udm.procedures.registration import registration_in, target
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.data_types import NotifyItem
from awase.protocols.sbi.messages import Request, Response
from awase.protocols.sbi.nudm_sdm import ModificationNotification
from awase.protocols.sbi.nudm_uecm import DeregistrationData

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm

_RESOURCES = {
    "am-data": "/nudm-sdm/v2/{supi}/am-data",
    "smf-selection-subscription-data": "/nudm-sdm/v2/{supi}/smf-select-data",
    "sm-data": "/nudm-sdm/v2/{supi}/sm-data",
}
"""Our resources by the last segment of the UDR's."""


def notify(udm: "Udm", supi: str, callback: str, items: tuple[NotifyItem, ...]) -> Procedure[None]:
    """Nudm_SDM_Notification, in our own resources' names."""
    translated = tuple(
        NotifyItem(resource_id=resource.replace("{supi}", supi), changes=item.changes)
        for item in items
        if (resource := _RESOURCES.get(item.resource_id.rpartition("/")[2])) is not None
    )
    end = target(callback)
    if end is None or not translated:
        return
    address, path = end
    request = codec.json_request("POST", path, ModificationNotification(notify_items=translated))
    yield from _deliver(udm, supi, address, request)


def withdrawn(udm: "Udm", supi: str) -> Procedure[None]:
    """The subscription is withdrawn: the AMF deregisters the UE (TS 23.502 clause 4.2.2.3.3)."""
    path = nudr_dr.AMF_3GPP_ACCESS.replace("{ueId}", quote(supi, safe="-"))
    registered = registration_in((yield from udm.ask_udr(Request("GET", path))))
    end = None if registered is None or registered.purge_flag else target(registered.dereg_callback_uri)
    if end is None:
        return
    address, path = end
    body = DeregistrationData(dereg_reason="SUBSCRIPTION_WITHDRAWN", access_type="3GPP_ACCESS")
    yield from _deliver(udm, supi, address, codec.json_request("POST", path, body))


def _deliver(udm: "Udm", supi: str, address: str, request: Request) -> Procedure[None]:
    answer = yield from udm.client.exchange(address, request)
    if not isinstance(answer, Response) or not answer.ok:
        why = str(answer.status) if isinstance(answer, Response) else answer.value
        udm.report(
            "NotificationNotDelivered",
            f"{address} did not take what has changed for {supi[:80]}: {why}",
            level="warning",
            subject=supi[:80],
        )
