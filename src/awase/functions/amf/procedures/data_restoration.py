"""The UDM has lost who serves its UEs: the AMF registers for each again (TS 29.503 clause 5.3.2.12)."""

from __future__ import annotations

from collections import deque

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import subscription
from awase.model.machine import Procedure
from awase.protocols.sbi.entity import Call, Failure
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nudm_uecm import DataRestorationNotification

_LANES = 16
"""How many registrations are under way at the same time: an AMF has many UEs."""


def notified(amf: Amf, _call: Call, _body: DataRestorationNotification) -> Response:
    """The UDM says that data have been lost."""
    waiting = deque(ue for ue in amf.by_supi.values() if ue.registered_at_udm)
    amf.report("DataRestoration", f"the UDM has lost data: {len(waiting)} UEs are registered there again")
    for _ in range(min(_LANES, len(waiting))):
        amf.run(_register_again(amf, waiting))
    return Response(204)


def _register_again(amf: Amf, waiting: deque[Ue]) -> Procedure[None]:
    while waiting:
        ue = waiting.popleft()
        if not ue.registered_at_udm or ue.supi is None or amf.by_supi.get(ue.supi) is not ue:
            continue
        answer = yield from subscription.register(amf, ue, initial=False)
        if isinstance(answer, Failure) or not answer.ok:
            why = answer.value if isinstance(answer, Failure) else str(answer.status)
            amf.report_rarely(
                "UdmRegistrationFailed", f"{ue.supi} could not be registered again: {why}", config="peers.N8"
            )
        elif ue.sdm_subscription:
            yield from subscription.watch(amf, ue)
