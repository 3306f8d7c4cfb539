"""Registration, the AMF's side (TS 24.501 clauses 5.5.1.2 and 5.5.1.3, TS 23.502 clause 4.2.2.2.2)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    authentication,
    configuration_update,
    congestion,
    n1_n2_message_transfer,
    paging,
    slices,
    sm_context,
    subscription,
    ue_context_release,
    user_plane_activation,
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
from awase.protocols.nas.network_elements import DrxParameters

TRIES = 5
"""Sent once and again at four expiries of T3550; the fifth ends it (clause 5.5.1.2.8 c)."""

_INITIAL = (RegistrationType.initial_registration, RegistrationType.emergency_registration)
_T3502_DEFAULT_S = 720
_STAYS_REGISTERED = (
    FiveGMMCause.no_suitable_cells_in_tracking_area,
    FiveGMMCause.roaming_not_allowed_in_this_tracking_area,
)
"""A UE that is told so in an update keeps its registration, and updates it where it may (clause 5.5.1.3.5)."""


def start(amf: Amf, ue: Ue, request: RegistrationRequest, *, verified: bool) -> None:
    """Begin, in place of what ran for this UE before."""
    amf.stop_procedure(ue)
    # It will be told all that is new in the accept (clause 5.4.4.6 d).
    configuration_update.stop(amf, ue)
    ue.request = request
    if request.ue_security_capability is not None and ue.security_capability is None:
        ue.security_capability = request.ue_security_capability
    amf.run_for(ue, registration(amf, ue, request, verified=verified))


def again(amf: Amf, ue: Ue, request: RegistrationRequest, *, verified: bool) -> None:
    """Another request while one is treated (clauses 5.5.1.2.8 c, d and 5.5.1.3.8 c, d)."""
    if request != ue.request:
        start(amf, ue, request, verified=verified)
    elif RegistrationComplete in ue.expects:
        # The accept was lost: it is sent again, and T3550 starts anew.
        amf.resume(("n1", ue.number), _SEND_AGAIN)


_SEND_AGAIN = object()


def registration(amf: Amf, ue: Ue, request: RegistrationRequest, *, verified: bool) -> Procedure[None]:
    """The whole chart; it ends with the UE registered or turned away."""
    was_registered = ue.state is State.REGISTERED
    ue.state = State.COMMON_PROCEDURE_INITIATED
    cause = _place(amf, ue) or _kind(amf, ue, request)
    if cause is None and ue.connection is not None and congestion.holds_off(amf, ue.connection, request):
        put_off(amf, ue, registered=was_registered)
        return
    if cause is not None:
        reject(amf, ue, cause, stays=was_registered and cause in _STAYS_REGISTERED)
        return
    if not verified or _needs_new_keys(ue, request):
        whole = yield from _secure(amf, ue, request)
        if whole is None:
            return
        request = ue.request = whole
    initial = request.five_gs_registration_type.value in _INITIAL
    if initial:
        sm_context.release_all(amf, ue)
        paging.fail(amf, ue)
    if initial or not ue.registered_at_udm:
        cause = yield from subscription.subscribe(amf, ue)
        if cause is not None:
            reject(amf, ue, cause)
            return
    choice = slices.choose(amf, ue, request)
    if not choice.allowed:
        reject(amf, ue, FiveGMMCause.no_network_slices_available)
        return
    if not initial:
        _align_sessions(amf, ue, request)
    uplink = request.uplink_data_status
    psis = user_plane_activation.wanted(ue, uplink)
    activated = yield from user_plane_activation.activate(amf, ue, psis, uplink)
    yield from _accept(amf, ue, request, choice, activated)


def put_off(amf: Amf, ue: Ue, *, registered: bool) -> None:
    """Cause 22: a UE that is registered stays so, and tries again when T3346 has expired (clause 5.5.1.3.5)."""
    connection = ue.connection
    if connection is None:
        return
    cause = FiveGMMCause.congestion
    amf.send_to_ue(ue, RegistrationReject(five_gmm_cause=cause, t3346_value=congestion.t3346(amf)))
    amf.report_rarely(
        "RegistrationPutOff",
        f"{amf.amf_name} is congested: registration of {ue.name()} rejected with cause 22 (congestion)",
        config="congestion",
    )
    ue.request = None
    ue.state = State.REGISTERED if registered else State.DEREGISTERED
    ue_context_release.release(amf, connection)


def reject(amf: Amf, ue: Ue, cause: FiveGMMCause, *, stays: bool = False, passing: bool = False) -> None:
    """REGISTRATION REJECT, then the connection ends (clauses 5.5.1.2.5 and 5.5.1.3.5).

    `stays`: the UE is registered, and remains so. `passing`: cause 22 stands for another function that gave no answer.
    """
    connection = ue.connection
    if connection is None:
        return
    # A Rel-15 UE takes no other element than these timers: no rejected NSSAI (TS 24.501 V15.7.0 table 8.2.9.1.1).
    t3346 = congestion.t3346(amf) if cause == FiveGMMCause.congestion else None
    if passing and not connection.secure:
        # A UE that cannot believe the timer waits a quarter of an hour or longer; without one it is back after T3511.
        t3346 = None
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
    ue.state = State.REGISTERED if stays else State.DEREGISTERED
    if not stays and ue.supi is not None and amf.by_supi.get(ue.supi) is ue:
        sm_context.release_all(amf, ue)
        subscription.purge(amf, ue)
        paging.fail(amf, ue)
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
        reject(amf, ue, outcome, passing=True)
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
            for session in ue.sessions.values():
                session.ue = ue
            ue.paging, old.paging = old.paging, None
            ue.subscribed, ue.default_slices = old.subscribed, old.default_slices
            ue.dnns, ue.ambr = old.dnns, old.ambr
        ue.registered_at_udm = old.registered_at_udm
        ue.sdm_subscription, old.sdm_subscription = old.sdm_subscription, ""
        paging.fail(amf, old)
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


def _accept(
    amf: Amf, ue: Ue, request: RegistrationRequest, choice: slices.Choice, activated: user_plane_activation.Activated
) -> Procedure[None]:
    connection = ue.connection
    if connection is None:
        return
    ue.allowed = choice.allowed
    ue.registration_area = amf.served.registration_area(connection.tai)
    ue.t3512_s = (GprsTimer3.of_seconds(amf.config.t3512_s).seconds or 0) if amf.config.t3512_s else 0
    accept = _message(amf, ue, request, choice, activated)
    ue.expects = (RegistrationComplete,)
    initial = request.five_gs_registration_type.value in _INITIAL
    needs_context = connection.context_requested or initial
    confirmed = False
    for attempt in range(TRIES):
        nas_pdu = amf.protect(ue, accept)
        if attempt == 0:
            user_plane_activation.connect(amf, ue, connection, nas_pdu, activated.messages, context=needs_context)
        else:
            amf.send_nas(connection, nas_pdu)
        answer = yield Wait(("n1", ue.number), int(amf.config.t3550_s * NS_PER_S))
        while answer is _SEND_AGAIN:
            amf.send_nas(connection, amf.protect(ue, accept))
            answer = yield Wait(("n1", ue.number), int(amf.config.t3550_s * NS_PER_S))
        if answer is not None:
            confirmed = True
            break
    _registered(amf, ue, connection, confirmed=confirmed)
    pending = paging.take(ue)
    n1_n2_message_transfer.follow(amf, ue, pending, {message.pdu_session_id for message in activated.messages})
    status = request.pdu_session_status
    gone = status is not None and any(psi not in ue.sessions for psi in status.ids)
    # Who learns that its sessions are gone will ask for them anew.
    busy = gone or bool(pending) or any(session.active for session in ue.sessions.values())
    if not initial and not busy and not request.five_gs_registration_type.follow_on_request:
        # Nothing more to say (TS 24.501 clause 5.3.1.3): neither node nor UE is kept waiting.
        ue_context_release.release(amf, connection)


def _registered(amf: Amf, ue: Ue, connection: NgConnection, *, confirmed: bool) -> None:
    ue.expects = ()
    ue.procedure = ue.request = ue.explanation = None
    ue.state = State.REGISTERED
    ue.reachable = True
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


def _message(
    amf: Amf, ue: Ue, request: RegistrationRequest, choice: slices.Choice, activated: user_plane_activation.Activated
) -> RegistrationAccept:
    """REGISTRATION ACCEPT with elements of Rel-15 only: a Rel-15 UE takes no others."""
    config = amf.config
    asked_for_sessions = request.pdu_session_status is not None or request.uplink_data_status is not None
    sessions = PduSessionIds(tuple(sorted(ue.sessions))) if asked_for_sessions else None
    uplink = request.uplink_data_status
    reactivation = None
    if uplink is not None or request.allowed_pdu_session_status is not None:
        missing = [psi for psi in (uplink.ids if uplink is not None else ()) if psi not in ue.sessions]
        reactivation = PduSessionIds(tuple(sorted({*missing, *activated.result().ids})))
    ue.drx = _drx(request.requested_drx_parameters)
    return RegistrationAccept(
        five_gs_registration_result=FiveGSRegistrationResult(),
        five_g_guti=amf.new_guti(ue),
        tai_list=TaiList.of(ue.registration_area),
        allowed_nssai=nssai(choice.allowed),
        rejected_nssai=choice.rejected or None,
        configured_nssai=nssai(choice.configured) if choice.configured else None,
        five_gs_network_feature_support=FiveGSNetworkFeatureSupport(octets=bytes((config.ims_voice, 0))),
        pdu_session_status=sessions,
        pdu_session_reactivation_result=reactivation,
        pdu_session_reactivation_result_error_cause=activated.causes() if uplink is not None else None,
        t3512_value=GprsTimer3.of_seconds(config.t3512_s) if config.t3512_s else GprsTimer3(7, 0),
        t3502_value=GprsTimer2.of_seconds(config.t3502_s) if config.t3502_s != _T3502_DEFAULT_S else None,
        negotiated_drx_parameters=request.requested_drx_parameters if ue.drx is not None else None,
    )


def _drx(requested: DrxParameters | None) -> str | None:
    """The DRX cycle that the UE asks for, which is granted (TS 24.501 clause 9.11.3.2A)."""
    return None if requested is None else {1: "v32", 2: "v64", 3: "v128", 4: "v256"}.get(int(requested.value))
