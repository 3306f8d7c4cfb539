"""What the UDM tells of the subscription of a session in use (TS 23.502 clause 4.3.3.2 step 1c, TS 29.503 5.2.2)."""

from collections import deque

from awase.functions.smf import subscription
from awase.functions.smf.context import Rejection, SmContext
from awase.functions.smf.procedures.pdu_session_modification import start_modification
from awase.functions.smf.procedures.pdu_session_release import REGULAR_DEACTIVATION, release_by_network
from awase.functions.smf.sbi import SubscriptionData, words
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import State
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Answer, Call, Failure
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nudm_sdm import ModificationNotification
from awase.protocols.sbi.nudm_uecm import DataRestorationNotification

_DENIED = ("SUBSCRIPTION_DENIED", "DNN_DENIED")
_WAITS = 24
_WAIT_NS = 5 * NS_PER_S
"""A session that is being modified is looked at again so often, and after so long."""
_LANES = 16


def subscribed(smf: Smf, context: SmContext) -> Procedure[Answer | SubscriptionData]:
    """What a session may be (TS 23.502 clause 4.3.2.2.1 step 4): it comes with the subscription, or is asked for."""
    answer = yield from watch(smf, context.supi)
    if answer is Failure.TIME_OUT:
        # Who is silent now would be so once more, and the UE does not wait for ever.
        return answer
    data = None if answer is None else subscription.reported(answer)
    return (yield from smf.consumer.subscription(context)) if data is None else data


def watch(smf: Smf, supi: str) -> Procedure[Answer | None]:
    """Have the UDM tell what changes: once for all sessions of a UE. Its answer; None: it does so already."""
    if supi in smf.watches:
        return None
    smf.watches[supi] = ""
    answer = yield from smf.consumer.subscribe(supi)
    location = "" if isinstance(answer, Failure) or not answer.ok else answer.header("location") or ""
    # Of a URI the path counts: the UDM is the one that we know.
    _, _, rest = location.partition("://")
    path = location if location.startswith("/") else "/" + rest.partition("/")[2] if rest else ""
    if not path:
        del smf.watches[supi]
        smf.report(
            "NotSubscribed",
            f"the UDM will not tell what changes of {supi}: {words(answer)}",
            level="warning",
            subject=supi,
            config="peers",
            at_most_per_s=1,
        )
        return answer
    smf.watches[supi] = path
    smf.keep_watch(supi, path)
    if not smf.sessions.count(supi):
        yield from unwatch(smf, supi)
    return answer


def unwatch(smf: Smf, supi: str) -> Procedure[None]:
    """The last session of a UE has gone."""
    path = smf.watches.get(supi, "")
    if path and not smf.sessions.count(supi):
        del smf.watches[supi]
        smf.keep_watch(supi, "")
        # It may have ended there already: what comes of it changes nothing.
        yield from smf.consumer.unsubscribe(path)


def notified(smf: Smf, call: Call, _body: ModificationNotification) -> Response:
    """Nudm_SDM_Notification: what the sessions may be is fetched anew."""
    contexts = smf.sessions.of(call.params["supi"])
    if not contexts:
        return codec.problem(404, "CONTEXT_NOT_FOUND", "no session of this UE is here")
    for context in contexts:
        smf.defer(_take_over(smf, context))
    return Response(204)


def _take_over(smf: Smf, context: SmContext) -> Procedure[None]:
    for _ in range(_WAITS):
        if context.is_in(State.ACTIVE):
            break
        yield Wait(("subscription change", smf.next_wait()), _WAIT_NS)
    answer = yield from smf.consumer.subscription(context)
    if not context.is_in(State.ACTIVE) or context.qos is None:
        return
    found = subscription.configuration(context, answer)
    if isinstance(found, Rejection):
        if found.error in _DENIED:
            yield from release_by_network(
                smf, context, REGULAR_DEACTIVATION, f"it is subscribed to no more: {found.text}"
            )
        return
    qos = subscription.qos(smf, found)
    if qos != context.qos:
        yield from start_modification(smf, context, (context.flows, qos), "its subscription has changed")


def data_lost(smf: Smf, _call: Call, _body: DataRestorationNotification) -> Response:
    """The UDM has lost who serves its UEs: each session is registered again (TS 29.503 clause 5.3.2.12)."""
    waiting = deque(context for context in smf.sessions.all() if context.registered)
    smf.report("DataRestoration", f"the UDM has lost data: {len(waiting)} sessions are registered there again")
    watched = deque(supi for supi, path in smf.watches.items() if path)
    for _ in range(min(_LANES, max(len(waiting), len(watched)))):
        smf.defer(_register_again(smf, waiting, watched))
    return Response(204)


def _register_again(smf: Smf, waiting: deque[SmContext], watched: deque[str]) -> Procedure[None]:
    while waiting:
        context = waiting.popleft()
        if not context.registered or smf.sessions.by_reference(context.reference) is not context:
            continue
        answer = yield from smf.consumer.register(context)
        if isinstance(answer, Failure) or not answer.ok:
            smf.report(
                "UdmRegistrationFailed",
                f"{context}: the UDM did not take the registration again: {words(answer)}",
                level="warning",
                subject=context.supi,
            )
    while watched:
        supi = watched.popleft()
        if smf.watches.pop(supi, ""):
            yield from watch(smf, supi)
