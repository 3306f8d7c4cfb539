"""What changes of a subscription while its UE is registered (TS 23.502 clause 4.5.1, TS 29.503 clause 5.2.2.5)."""

from __future__ import annotations

from awase.functions.amf.context import AccessContext, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    configuration_update,
    deregistration,
    subscription,
    ue_context_modification,
)
from awase.functions.amf.states import State
from awase.model.machine import Procedure
from awase.protocols.nas.causes import FiveGMMCause


def notified(amf: Amf, ue: Ue) -> None:
    """The UDM says that something has changed: it is fetched anew."""
    amf.run(_take_over(amf, ue))


def _take_over(amf: Amf, ue: Ue) -> Procedure[None]:
    ambr = ue.ambr
    cause = yield from subscription.fetch(amf, ue)
    if cause is not None or ue.state is not State.REGISTERED:
        # During a registration its own answer counts; what could not be fetched is used as it was.
        ue.explanation = None
        return
    amf.touch(ue)
    amf.report("SubscriptionChanged", f"the subscription of {ue.name()} has changed", subject=ue.subject)
    connection = ue.connection
    if ue.ambr != ambr and connection is not None and connection.access_context is AccessContext.SET_UP:
        ue_context_modification.modify(amf, connection, ambr=ue.ambr)
    _change_slices(amf, ue)


def _change_slices(amf: Amf, ue: Ue) -> None:
    """Slices that are subscribed to no more are taken back (TS 23.501 clause 5.15.5.2.2)."""
    left = tuple(item for item in ue.allowed if item in ue.subscribed)
    if left == ue.allowed:
        return
    if not left:
        cause = FiveGMMCause.no_network_slices_available
        deregistration.by_network(amf, ue, re_registration_required=False, cause=cause)
        return
    change = configuration_update.Change(allowed=left, registration_requested=True)
    if not configuration_update.reach(amf, ue, change):
        ue.allowed = left
