"""Registration, the AMF's side (TS 24.501 clauses 5.5.1.2 and 5.5.1.3, TS 23.502 clause 4.2.2.2.2)."""

from __future__ import annotations

from awase.functions.amf.context import AccessContext, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    authentication,
    initial_context_setup,
    service_request,
    slices,
    sm_context,
    subscription,
    ue_context_release,
)
from awase.functions.amf.procedures.challenge import Authenticated, Outcome, Rejection
from awase.functions.amf.procedures.identification import identification
from awase.functions.amf.procedures.security_mode_control import security_mode_control
from awase.functions.amf.states import State
from awase.model.ids import Plmn
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import (
    FiveGSNetworkFeatureSupport,
    FiveGSRegistrationResult,
    GprsTimer2,
    GprsTimer3,
    PduSessionIds,
    RegistrationType,
    Suci,
    TaiList,
    nssai,
)
from awase.protocols.nas.messages import (
    RegistrationAccept,
    RegistrationComplete,
    RegistrationReject,
    RegistrationRequest,
)
from awase.protocols.ngap.elements import Cause

TRIES = 5
"""Sent once and again at four expiries of T3550; the fifth ends it (clause 5.5.1.2.8 c)."""

_INITIAL = (RegistrationType.initial_registration, RegistrationType.emergency_registration)
_T3502_DEFAULT_S = 720


def start(amf: Amf, ue: Ue, request: RegistrationRequest, *, verified: bool) -> None:
    """Begin, in place of what ran for this UE before."""
    amf.stop_procedure(ue)
    ue.request = request
    if request.ue_security_capability is not None and ue.security_capability is None:
        ue.security_capability = request.ue_security_capability
    _run(amf, ue, registration(amf, ue, request, verified=verified))


def again(amf: Amf, ue: Ue, request: RegistrationRequest, *, verified: bool) -> None:
    """Another request while one is treated (clauses 5.5.1.2.8 c, d and 5.5.1.3.8 c, d)."""
    if request != ue.request:
        start(amf, ue, request, verified=verified)
    elif RegistrationComplete in ue.expects:
        # The accept was lost: it is sent again, and T3550 starts anew.
        amf.resume(("n1", ue.number), _SEND_AGAIN)


_SEND_AGAIN = object()


def _run(amf: Amf, ue: Ue, procedure: Procedure[None]) -> None:
    running = amf.run(procedure)
    if running.alive:
        ue.procedure = running


def registration(amf: Amf, ue: Ue, request: RegistrationRequest, *, verified: bool) -> Procedure[None]:
    """The whole chart; it ends with the UE registered or turned away."""
    ue.state = State.COMMON_PROCEDURE_INITIATED
    cause = _place(amf, ue) or _kind(amf, ue, request)
    if cause is not None:
        reject(amf, ue, cause)
        return
    if not verified or _needs_new_keys(ue, request):
        whole = yield from _secure(amf, ue, request)
        if whole is None:
            return
        request = ue.request = whole
    initial = request.five_gs_registration_type.value in _INITIAL
    if initial:
        sm_context.release_all(amf, ue)
    if initial or not ue.registered_at_udm:
        cause = yield from subscription.subscribe(amf, ue)
        if cause is not None:
            reject(amf, ue, cause)
            return
    choice = slices.choose(amf, ue, request)
    if choice is None:
        reject(amf, ue, FiveGMMCause.no_network_slices_available)
        return
    if not initial:
        _align_sessions(amf, ue, request)
    yield from _accept(amf, ue, request, choice)


def reject(amf: Amf, ue: Ue, cause: FiveGMMCause) -> None:
    """REGISTRATION REJECT, then the connection ends (clauses 5.5.1.2.5 and 5.5.1.3.5)."""
    connection = ue.connection
    if connection is None:
        return
    # A Rel-15 UE takes no other element than these timers.
    congested = cause == FiveGMMCause.congestion
    t3346 = GprsTimer2.of_seconds(amf.config.t3346_s) if congested else None
    amf.send_to_ue(ue, RegistrationReject(five_gmm_cause=cause, t3346_value=t3346))
    why, config = ue.explanation or ("", "")
    ue.explanation = None
    amf.report(
        "RegistrationRejected",
        f"registration of {ue.name()} through {connection.gnb.name} rejected with cause {int(cause)} "
        f"({cause.text})" + (f": {why}" if why else ""),
        level="error",
        subject=ue.subject,
        config=config,
        cause=int(cause),
    )
    ue.state = State.DEREGISTERED
    if ue.supi is not None and amf.by_supi.get(ue.supi) is ue:
        sm_context.release_all(amf, ue)
        subscription.purge(amf, ue)
    ue_context_release.release(amf, connection)


def _place(amf: Amf, ue: Ue) -> FiveGMMCause | None:
    """Whether the UE may register where it is (TS 24.501 clause 5.5.1.2.5)."""
    connection = ue.connection
    if connection is None:
        return None
    tai, served = connection.tai, amf.served
    if tai.plmn not in served.slices:
        _explain(amf, ue, f"it is in PLMN {tai.plmn}, {amf.amf_name} serves others", served.plmn_path)
        return FiveGMMCause.plmn_not_allowed
    if tai not in served.tais:
        text = f"it is in TAC {tai.tac} of {tai.plmn}, which {amf.amf_name} does not serve"
        _explain(amf, ue, text, served.tac_path)
        return FiveGMMCause.no_suitable_cells_in_tracking_area
    identity = ue.identity
    if isinstance(identity, Suci) and not _home(amf, identity.plmn):
        text = f"its home network {identity.plmn} is none of {amf.amf_name}'s, and there is no roaming"
        _explain(amf, ue, text, served.plmn_path)
        return FiveGMMCause.plmn_not_allowed
    return None


def _home(amf: Amf, plmn: Plmn) -> bool:
    return plmn in amf.served.slices


def _kind(amf: Amf, ue: Ue, request: RegistrationRequest) -> FiveGMMCause | None:
    kind = request.five_gs_registration_type.value
    if kind == RegistrationType.emergency_registration:
        _explain(amf, ue, "emergency services are not offered", "")
        return FiveGMMCause.illegal_ue
    if request.ue_security_capability is None and ue.security_capability is None:
        _explain(amf, ue, "it gave no UE security capability", "")
        return FiveGMMCause.ue_security_capabilities_mismatch
    return None


def _explain(amf: Amf, ue: Ue, why: str, config: str) -> None:
    amf.explain(
        ue,
        "RegistrationNotAllowed",
        f"{ue.name()} may not register: {why}",
        config=config,
    )


def _needs_new_keys(ue: Ue, request: RegistrationRequest) -> bool:
    capability = request.ue_security_capability
    changed = capability is not None and capability != ue.security_capability
    return changed or ue.security is None or ue.security.exhausted


def _secure(amf: Amf, ue: Ue, request: RegistrationRequest) -> Procedure[RegistrationRequest | None]:
    """Who it is, proof of it, and keys in use: the request as repeated under protection, or None."""
    if request.ue_security_capability is not None:
        ue.security_capability = request.ue_security_capability
    outcome: Outcome | FiveGMMCause | None = yield from identify(amf, ue)
    if outcome is None:
        outcome = yield from authentication.authentication(amf, ue)
    if not isinstance(outcome, Authenticated):
        turn_away(amf, ue, outcome)
        return None
    connection = ue.connection
    if connection is None:
        return None
    amf.authenticated(connection)
    ue.supi = outcome.supi
    if not _room(amf, ue):
        reject(amf, ue, FiveGMMCause.congestion)
        return None
    whole = yield from security_mode_control(amf, ue, outcome, request)
    if isinstance(whole, FiveGMMCause):
        reject(amf, ue, whole)
        return None
    if whole is None:
        turn_away(amf, ue, Rejection.SILENT)
        return None
    take_over(amf, ue, initial=whole.five_gs_registration_type.value in _INITIAL)
    return whole


def identify(amf: Amf, ue: Ue) -> Procedure[Rejection | FiveGMMCause | None]:
    """The SUCI of a UE whose 5G-GUTI says nothing here (TS 23.502 clause 4.2.2.2.2 step 6)."""
    if ue.supi is not None or isinstance(ue.identity, Suci):
        return None
    suci = yield from identification(amf, ue)
    if suci is None:
        return Rejection.SILENT
    return _place(amf, ue)


def turn_away(amf: Amf, ue: Ue, outcome: Rejection | FiveGMMCause) -> None:
    """End the connection of a UE that did not prove who it is, and tell it if it is to be told."""
    if isinstance(outcome, FiveGMMCause):
        reject(amf, ue, outcome)
        return
    if outcome is Rejection.AUTHENTICATION_REJECT:
        authentication.reject(amf, ue)
    ue.state = State.DEREGISTERED
    if ue.connection is not None:
        ue_context_release.release(amf, ue.connection, ue_context_release.AUTHENTICATION_FAILURE)


def take_over(amf: Amf, ue: Ue, *, initial: bool) -> None:
    """This context is now its SUPI's: an older one ends (TS 24.501 clause 5.5.1.2.4, TS 33.501 6.12.3)."""
    supi = ue.supi
    if supi is None:
        return
    old = amf.by_supi.get(supi)
    if old is not None and old is not ue:
        if old.connection is not None:
            amf.report(
                "RegisteredAgain",
                f"{supi} registers through {ue.connection.gnb.name if ue.connection else 'nowhere'} while it is "
                f"connected through {old.connection.gnb.name}: the newer takes over and the older is released; "
                "two UEs may have one SUPI",
                level="warning",
                subject=supi,
            )
            former, old.state = old.connection, State.DEREGISTERED
            amf.forget_ue(old)
            ue_context_release.release(amf, former)
        else:
            amf.stop_procedure(old)
            amf.forget_ue(old)
        if initial:
            sm_context.release_all(amf, old)
        else:
            ue.sessions = old.sessions
        ue.radio_capability = ue.radio_capability or old.radio_capability
        ue.used_ng_ksi = ue.security.ngksi if ue.security is not None else old.used_ng_ksi
    amf.by_supi[supi] = ue
    amf.deregistered.pop(supi, None)


def _room(amf: Amf, ue: Ue) -> bool:
    """Whether one more UE fits: contexts that are only kept for later make room."""
    limit = amf.config.limits.ues
    if ue.supi in amf.by_supi:
        return True
    while len(amf.by_supi) >= limit and amf.deregistered:
        _, oldest = amf.deregistered.popitem(last=False)
        amf.forget_ue(oldest)
    if len(amf.by_supi) < limit:
        return True
    amf.report_rarely(
        "TooManyUes", f"{ue.supi} is one UE more than {amf.amf_name} may serve ({limit})", config="limits.ues"
    )
    return False


def _align_sessions(amf: Amf, ue: Ue, request: RegistrationRequest) -> None:
    """Sessions that the UE no longer has are released (clause 5.5.1.3.4)."""
    status = request.pdu_session_status
    if status is None:
        return
    for session in list(ue.sessions.values()):
        if session.pdu_session_id not in status.ids:
            sm_context.release(amf, ue, session)


def _accept(amf: Amf, ue: Ue, request: RegistrationRequest, choice: slices.Choice) -> Procedure[None]:
    connection = ue.connection
    if connection is None:
        return
    ue.allowed = choice.allowed
    ue.registration_area = amf.served.registration_area(connection.tai)
    accept = _message(amf, ue, request, choice)
    ue.expects = (RegistrationComplete,)
    initial = request.five_gs_registration_type.value in _INITIAL
    reactivate = service_request.wanted(ue, request.uplink_data_status)
    needs_context = connection.context_requested or bool(reactivate) or initial
    confirmed = False
    for attempt in range(TRIES):
        nas_pdu = amf.protect(ue, accept)
        if attempt == 0 and needs_context and connection.access_context is AccessContext.NONE:
            initial_context_setup.start(amf, ue, connection, nas_pdu)
        else:
            amf.send_nas(connection, nas_pdu)
        answer = yield Wait(("n1", ue.number), int(amf.config.t3550_s * NS_PER_S))
        while answer is _SEND_AGAIN:
            amf.send_nas(connection, amf.protect(ue, accept))
            answer = yield Wait(("n1", ue.number), int(amf.config.t3550_s * NS_PER_S))
        if answer is not None:
            confirmed = True
            break
    ue.expects = ()
    ue.procedure = ue.request = ue.explanation = None
    ue.state = State.REGISTERED
    if confirmed:
        amf.confirm_guti(ue)
    else:
        amf.report(
            "RegistrationNotCompleted",
            f"{ue.name()} did not confirm {TRIES} registration accepts: both its 5G-GUTIs stay valid",
            level="warning",
            subject=ue.subject,
            config="t3550_s",
        )
    amf.report(
        "Registered",
        f"{ue.supi} is registered through {connection.gnb.name} with slices {', '.join(map(str, ue.allowed))}",
        subject=ue.subject,
        amf_ue_ngap_id=connection.amf_ue_ngap_id,
        slices=", ".join(map(str, ue.allowed)),
    )
    service_request.activate(amf, ue, reactivate)
    if not initial and not needs_context and not request.five_gs_registration_type.follow_on_request:
        # Nothing more to say (TS 23.502 clause 4.2.2.2.2): the node is not kept waiting.
        ue_context_release.release(amf, connection, Cause("nas", "normal-release"))


def _message(amf: Amf, ue: Ue, request: RegistrationRequest, choice: slices.Choice) -> RegistrationAccept:
    """REGISTRATION ACCEPT with elements of Rel-15 only: a Rel-15 UE takes no others."""
    config = amf.config
    asked_for_sessions = request.pdu_session_status is not None or request.uplink_data_status is not None
    sessions = PduSessionIds(tuple(sorted(ue.sessions))) if asked_for_sessions else None
    return RegistrationAccept(
        five_gs_registration_result=FiveGSRegistrationResult(),
        five_g_guti=amf.new_guti(ue),
        tai_list=TaiList.of(ue.registration_area),
        allowed_nssai=nssai(choice.allowed),
        rejected_nssai=choice.rejected or None,
        configured_nssai=nssai(choice.configured) if choice.configured else None,
        five_gs_network_feature_support=FiveGSNetworkFeatureSupport(octets=bytes((config.ims_voice, 0))),
        pdu_session_status=sessions,
        t3512_value=GprsTimer3.of_seconds(config.t3512_s) if config.t3512_s else GprsTimer3(7, 0),
        t3502_value=GprsTimer2.of_seconds(config.t3502_s) if config.t3502_s != _T3502_DEFAULT_S else None,
    )
