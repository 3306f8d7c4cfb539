"""The UDR has lost data: those who registered are told, and register again (TS 29.503 clause 5.3.2.12)."""

from typing import TYPE_CHECKING

from awase.functions.udm.callbacks import target
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nudm_uecm import DataRestorationNotification

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm

PREFIX = "data restoration/"
MOST_CALLBACKS = 256
"""One for each AMF and SMF."""
_TELL_AGAIN_S = (1, 5, 20)


def remember(udm: "Udm", uri: str | None) -> None:
    """Where someone wants to hear of it: what registrations say is in the UDR, and lost with it."""
    known = udm.restoration_callbacks
    if not uri or uri in known or len(known) >= MOST_CALLBACKS or target(uri) is None:
        return
    known[uri] = None
    try:
        udm.services.store.put(PREFIX + uri, b"")
        udm.services.store.commit()
    except OSError as error:
        udm.report("StoreFailed", f"a callback is not durable: {error.strerror or error}", level="warning")


def take_up(udm: "Udm") -> None:
    """The callbacks of before a restart."""
    for key in udm.services.store.keys(PREFIX)[:MOST_CALLBACKS]:
        udm.restoration_callbacks[key.removeprefix(PREFIX)] = None


def notified(udm: "Udm", _call: Call, body: DataRestorationNotification) -> Response:
    """What the UDR tells (TS 29.504 clause 5.2.2.9)."""
    callbacks = udm.restoration_callbacks
    if callbacks:
        udm.report("DataRestoration", f"the UDR has lost data: {len(callbacks)} of those who registered are told")
    for uri in callbacks:
        udm.run(_tell(udm, uri, body))
    return Response(204)


def _tell(udm: "Udm", uri: str, body: DataRestorationNotification) -> Procedure[None]:
    end = target(uri)
    assert end is not None
    address, path = end
    udm.restorations += 1
    number, request = udm.restorations, codec.json_request("POST", path, body)
    for wait_s in (*_TELL_AGAIN_S, None):
        answer = yield from udm.client.exchange(address, request)
        if isinstance(answer, Response):
            return
        if wait_s is not None:
            yield Wait(("data restoration", number), wait_s * NS_PER_S)
    udm.report("NotificationNotDelivered", f"{address} cannot be told of data that the UDR has lost", level="warning")
