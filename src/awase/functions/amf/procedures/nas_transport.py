"""UL NAS TRANSPORT: 5GSM messages on their way to the SMF (TS 24.501 clauses 5.4.5.2.3 and 5.4.5.2.5)."""

from __future__ import annotations

from awase.functions.amf.context import Session, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import congestion, pdu_session_resource, sm_context
from awase.functions.amf.procedures import n1_n2_message_transfer as transfer
from awase.functions.amf.procedures.ng_setup import without_wildcard
from awase.functions.amf.procedures.sm_context import Update
from awase.model.ids import SNssai
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import GprsTimer3, PayloadContainerType, RequestType
from awase.protocols.nas.messages import DLNASTransport, ULNASTransport

_NEW = (RequestType.initial_request, RequestType.existing_pdu_session)


def uplink(amf: Amf, ue: Ue, message: ULNASTransport) -> None:
    """Route what a UE sends; what cannot be routed goes back to it with a cause."""
    psi = message.pdu_session_id
    if message.payload_container_type != PayloadContainerType.n1_sm_information:
        kind = message.payload_container_type.name.replace("_", " ")
        _return(amf, ue, message, FiveGMMCause.payload_was_not_forwarded, f"{kind} is not served here")
        return
    if psi is None or not 1 <= psi <= 15:
        _return(amf, ue, message, FiveGMMCause.payload_was_not_forwarded, f"PDU session ID {psi} is none")
        return
    session = ue.sessions.get(psi)
    if message.request_type in _NEW:
        if session is not None and session.busy and not session.sm_context:
            # The UE repeats a request that is under way (T3580); one answer will do for both.
            return
        if session is not None and message.request_type == RequestType.initial_request:
            # The UE has begun anew, so it no longer has this session (clause 5.4.5.2.5).
            if session.active:
                pdu_session_resource.replaced(amf, ue, psi)
            sm_context.release(amf, ue, session)
            session = None
        if session is None:
            _create(amf, ue, psi, message, message.request_type)
            return
    if session is None:
        text = f"it has no PDU session {psi} and did not ask for one"
        _return(amf, ue, message, FiveGMMCause.payload_was_not_forwarded, text)
        return
    sm_context.update(amf, ue, session, Update(n1=message.payload_container))


def _create(amf: Amf, ue: Ue, psi: int, message: ULNASTransport, request_type: RequestType) -> None:
    peers = amf.config.peers.get("N11")
    if not peers:
        _return(amf, ue, message, FiveGMMCause.payload_was_not_forwarded, "no SMF is known", config="peers.N11")
        return
    if len(ue.sessions) >= amf.config.limits.sessions_per_ue:
        cause = FiveGMMCause.maximum_number_of_pdu_sessions_reached
        _return(amf, ue, message, cause, "it has as many sessions as it may", config="limits.sessions_per_ue")
        return
    s_nssai = without_wildcard(message.s_nssai.s_nssai) if message.s_nssai is not None else _default(ue)
    if s_nssai not in ue.allowed:
        text = (
            f"slice {s_nssai} is not among its allowed slices ({', '.join(map(str, ue.allowed))}); "
            f"{amf.amf_name} serves {amf.served.words(amf.served.home)}"
        )
        cause = FiveGMMCause.payload_was_not_forwarded
        _return(amf, ue, message, cause, text, config=amf.served.slices_path)
        return
    dnn = _dnn(ue, s_nssai, message.dnn)
    if dnn is None:
        known = ", ".join(ue.dnns.get(s_nssai, ())) or "none"
        text = f"DNN {message.dnn or '(none)'} is not subscribed in slice {s_nssai} (subscribed: {known})"
        cause = FiveGMMCause.dnn_not_supported_or_not_subscribed_in_the_slice
        _return(amf, ue, message, cause, text)
        return
    congested = congestion.of_session(amf, s_nssai, dnn)
    if congested is not None:
        cause, back_off = congested
        text = f"DNN {dnn} in slice {s_nssai} is congested"
        _return(amf, ue, message, cause, text, config="congestion", back_off=back_off)
        return
    session = Session(ue, psi, s_nssai, dnn, peers[0].address)
    ue.sessions[psi] = session
    amf.run(sm_context.create(amf, ue, session, message.payload_container, request_type))


def _default(ue: Ue) -> SNssai:
    """The slice of a UE that names none: of its default ones the first allowed (TS 23.501 clause 5.15.5.3)."""
    return next((item for item in ue.default_slices if item in ue.allowed), ue.allowed[0])


def _dnn(ue: Ue, s_nssai: SNssai, requested: str | None) -> str | None:
    """The DNN to use: the UE's if subscribed, the default one where it names none (TS 23.501 5.6.1)."""
    if not ue.dnns and requested is not None:
        # Without selection data it is for the SMF to say.
        return requested.lower()
    subscribed = ue.dnns.get(s_nssai)
    if requested is None:
        return subscribed[0] if subscribed else None
    if subscribed is None:
        return None
    wanted = requested.lower()
    return next((dnn for dnn in subscribed if dnn.lower() == wanted or dnn == "*"), None) and wanted


def _return(
    amf: Amf,
    ue: Ue,
    message: ULNASTransport,
    cause: FiveGMMCause,
    why: str,
    *,
    config: str = "",
    back_off: GprsTimer3 | None = None,
) -> None:
    """Send it back: DL NAS TRANSPORT with the payload and a cause (clause 5.4.5.3.1 case h)."""
    amf.report(
        "PayloadNotForwarded",
        f"a message of {ue.name()} is returned with cause {int(cause)} ({cause.text}): {why}",
        level="warning",
        subject=ue.subject,
        config=config,
        cause=int(cause),
    )
    if message.pdu_session_id is not None:
        transfer.send_n1(amf, ue, message.pdu_session_id, message.payload_container, cause, back_off=back_off)
        return
    amf.send_to_ue(
        ue,
        DLNASTransport(
            payload_container_type=message.payload_container_type,
            payload_container=message.payload_container,
            five_gmm_cause=cause,
        ),
    )
