"""UE-requested PDU session establishment (TS 23.502 clause 4.3.2.2.1, TS 24.501 clause 6.4.1)."""

from awase.functions.smf import n1, n2, subscription
from awase.functions.smf.context import Rejection, SmContext
from awase.functions.smf.procedures.pdu_session_modification import start_modification
from awase.functions.smf.procedures.pdu_session_release import (
    deregistration,
    discard,
    report_released,
    status_notify,
)
from awase.functions.smf.procedures.subscription_data_change import subscribed, watch
from awase.functions.smf.procedures.user_plane import downlink_up, is_up, not_reached, release_resources
from awase.functions.smf.sbi import N1_REFERENCE, words
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, N4State, State, UserPlane
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas import codec as nas
from awase.protocols.nas.messages import PDUSessionEstablishmentRequest
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.data_types import Snssai
from awase.protocols.sbi.entity import Call, Failure
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nsmf_pdu_session import (
    ERRORS,
    SM_CONTEXTS,
    ExtProblemDetails,
    SmContextCreateData,
    SmContextCreatedData,
    SmContextCreateError,
)
from awase.wire.errors import DecodeError

_NO_PTI = (0, 255)
"""Unassigned and reserved: none of them can name a transaction (TS 24.501 clause 7.3.1)."""
_MAX_URI_OCTETS = 512
_REGISTRATION_AGAIN_S = (5, 20, 60)
"""How long after each failure the UDM is asked again to take a registration."""


def create_sm_context(smf: Smf, call: Call, body: SmContextCreateData) -> Response | Procedure[Response]:
    """Nsmf_PDUSession_CreateSMContext (TS 29.502 clause 5.2.2.2)."""
    supi, pdu_session_id = body.supi, body.pdu_session_id
    octets = call.part(body.n1_sm_msg)
    if supi is None or pdu_session_id is None or octets is None:
        return codec.problem(400, "MANDATORY_IE_MISSING", "supi, pduSessionId and an N1 message are needed")
    if body.s_nssai is None or not _is_uri(body.sm_context_status_uri):
        return codec.problem(400, "MANDATORY_IE_INCORRECT", "sNssai is missing, or smContextStatusUri is no URI")
    request = _request(smf, supi, pdu_session_id, octets)
    if isinstance(request, Response):
        return request
    old = smf.sessions.find(supi, pdu_session_id)
    if old is not None:
        _supersede(smf, old, body.sm_context_status_uri)
    refused = _admission(smf, supi, pdu_session_id, request.pti, body.request_type)
    if refused is not None:
        return _rejected(smf, supi, request, refused)
    context = smf.sessions.add(supi, pdu_session_id, smf.consumer.amf(call.peer, body.sm_context_status_uri))
    context.pti = request.pti
    context.dnn = _network_identifier(body.dnn or "")
    context.s_nssai = body.s_nssai.s_nssai()
    context.status_uri = body.sm_context_status_uri
    context.take(Input.ESTABLISHMENT_REQUEST)
    return _establishment(smf, call, context, request, body.presence_in_ladn)


def _is_uri(text: str) -> bool:
    return len(text) <= _MAX_URI_OCTETS and text.isascii() and text.isprintable() and " " not in text


def _request(smf: Smf, supi: str, pdu_session_id: int, octets: bytes) -> PDUSessionEstablishmentRequest | Response:
    try:
        message = nas.decode(octets)
    except DecodeError as error:
        smf.report(
            "MalformedPacket",
            f"5GSM message of {supi} from the AMF: {error}",
            level="warning",
            subject=supi,
            port="sbi",
            what=str(error),
            offset=error.offset or 0,
        )
        cause = error.cause if isinstance(error, nas.NasDecodeError) else None
        if cause is None:
            return _error("N1_SM_ERROR", f"the N1 message cannot be read: {error}", None)
        pti = getattr(error, "pti", 0) or 0
        if getattr(error, "message_type", None) == PDUSessionEstablishmentRequest.message_type:
            # TS 24.501 clause 7.5.1: the reject has cause 96.
            reject = n1.establishment_reject(pdu_session_id, pti, 96)
            return _error("N1_SM_ERROR", f"the N1 message cannot be read: {error}", reject)
        return _error("N1_SM_ERROR", str(error), n1.status(pdu_session_id, pti, cause))
    if isinstance(message, PDUSessionEstablishmentRequest):
        return message
    text = f"{type(message).__name__} is no message that opens a PDU session"
    smf.report("ProtocolError", f"{supi}: {text}", level="warning", subject=supi)
    pti = getattr(message, "pti", 0)
    # TS 24.501 clause 7.3.2: no session has this identity, which cause 43 says.
    return _error("N1_SM_ERROR", text, n1.status(pdu_session_id, pti, 43))


def _supersede(smf: Smf, old: SmContext, status_uri: str) -> None:
    """TS 24.501 clause 6.4.1.7 b): a request for an identity in use ends the session that has it, silently."""
    smf.report(
        "PduSessionReplaced",
        f"{old} is asked for again while it is {old.state.value}: the old one is released locally",
        level="warning",
        subject=old.supi,
        pdu_session_id=old.pdu_session_id,
    )
    # Whoever else had the old context must learn of it (TS 29.502 clause 5.2.2.2.1).
    tell = bool(old.status_uri) and old.status_uri != status_uri
    smf.end(old, _END[old.state])
    smf.sessions.remove(old)
    smf.defer(discard(smf, old))
    if tell:
        smf.defer(status_notify(smf, old))


_END = {
    State.TRANSACTION_PENDING: Input.ESTABLISHMENT_FAILED,
    State.ACTIVE: Input.RELEASE_OF_CONTEXT,
    State.MODIFICATION_PENDING: Input.RELEASE_OF_CONTEXT,
    State.INACTIVE_PENDING: Input.RELEASE_OF_CONTEXT,
    State.INACTIVE: Input.RELEASE_OF_CONTEXT,
}


def _admission(smf: Smf, supi: str, pdu_session_id: int, pti: int, request_type: str | None) -> Rejection | None:
    if pti in _NO_PTI:
        return Rejection(81, "N1_SM_ERROR", f"PTI {pti} names no transaction")
    if not 1 <= pdu_session_id <= 15:
        return Rejection(43, "N1_SM_ERROR", f"PDU session identity {pdu_session_id} is reserved")
    if request_type == "EXISTING_PDU_SESSION":
        return Rejection(54, "N1_SM_ERROR", "the session to be taken over does not exist here")
    if request_type in ("INITIAL_EMERGENCY_REQUEST", "EXISTING_EMERGENCY_PDU_SESSION"):
        return Rejection(31, "REQUEST_REJECTED", "there are no emergency services here")
    if not smf.sessions.room(supi):
        text = f"no room: PDU sessions in all {len(smf.sessions)}, of this UE {smf.sessions.count(supi)}"
        return Rejection(26, "INSUFFICIENT_RESOURCES_SLICE_DNN", text, "limits")
    return None


def _network_identifier(dnn: str) -> str:
    """The DNN without its operator identifier, in lower case (TS 23.003 clause 9.1)."""
    name = dnn.lower()
    return name.partition(".mnc")[0] if name.endswith(".gprs") else name


def _circumstances(
    smf: Smf, context: SmContext, area: str | None, request: PDUSessionEstablishmentRequest
) -> Rejection | None:
    """What else is asked of a session: that the UE is where the DNN is, and that the data network knows it."""
    dnn = context.dnn
    if dnn in smf.config.ladn_dnns and area != "IN_AREA":
        return Rejection(46, "OUT_OF_LADN_SERVICE_AREA", f"the UE is outside the area of DNN {dnn}", "ladn_dnns")
    if dnn in smf.config.authenticated_dnns:
        asked = "nothing that proves it" if request.sm_pdu_dn_request_container is None else "an identity"
        text = f"DNN {dnn} wants secondary authentication, for which there is no DN-AAA server; the UE sent {asked}"
        return Rejection(29, "SUBSCRIPTION_DENIED", text, "authenticated_dnns")
    return None


def _take_wishes(smf: Smf, context: SmContext, request: PDUSessionEstablishmentRequest) -> None:
    """What the session has of its DNN, and what the UE can do."""
    dnn = smf.pools[context.dnn].dnn
    capability = request.five_gsm_capability
    context.reflective = capability is not None and capability.reflective_qos
    context.flows = dnn.flows
    asked = bool(request.always_on_pdu_session_requested)
    context.always_on = dnn.always_on == "required" or (asked and dnn.always_on == "allowed")


def _establishment(
    smf: Smf, call: Call, context: SmContext, request: PDUSessionEstablishmentRequest, area: str | None
) -> Procedure[Response]:
    refused = smf.service(context) or _circumstances(smf, context, area, request) or smf.congested(context)
    if refused is None:
        answer = yield from subscribed(smf, context)
        if not context.is_in(State.TRANSACTION_PENDING):
            return codec.problem(404, "CONTEXT_NOT_FOUND", "the context was released meanwhile")
        ssc_mode = 1
        configuration = subscription.configuration(context, answer)
        if isinstance(configuration, Rejection):
            refused = configuration
        else:
            context.qos = subscription.qos(smf, configuration)
            ssc_mode = subscription.ssc_mode(smf, configuration, request.ssc_mode)
            refused = subscription.type_and_mode(smf, context, configuration, request, ssc_mode)
            if refused is None:
                _take_wishes(smf, context, request)
                refused = smf.allocate(context, subscription.static(configuration))
    if refused is not None:
        smf.end(context, Input.ESTABLISHMENT_FAILED)
        smf.forget(context)
        return _rejected(smf, context.supi, request, refused)
    smf.defer(_user_plane_and_accept(smf, context, request, ssc_mode))
    created = SmContextCreatedData(pdu_session_id=context.pdu_session_id, s_nssai=Snssai.of(context.s_nssai))
    return codec.json_response(201, created, location=call.location(f"{SM_CONTEXTS}/{context.reference}"))


def _user_plane_and_accept(
    smf: Smf, context: SmContext, request: PDUSessionEstablishmentRequest, ssc_mode: int
) -> Procedure[None]:
    """Steps 10 to 12: N4 session establishment, then the accept through the AMF."""
    if not context.is_in(State.TRANSACTION_PENDING):
        return
    smf.begin(context)
    failure = yield from smf.n4.establish(context)
    if not context.is_in(State.TRANSACTION_PENDING):
        # Released meanwhile: what the UPF has just made must go.
        if context.n4 is N4State.PENDING:
            context.n4 = N4State.NONE
        yield from discard(smf, context)
        return
    if failure is not None:
        yield from _give_up(smf, context, failure)
        return
    dnn = smf.pools[context.dnn].dnn
    accept = n1.establishment_accept(context, request, dnn, ssc_mode, smf.config.rq_timer_s)
    context.take(Input.ESTABLISHMENT_ACCEPTED)
    answer = yield from smf.consumer.transfer(context, accept, (n2.setup_request(context), n2.SETUP_REQUEST))
    problem = answer.problem
    if problem is None or not context.is_in(State.ACTIVE):
        return
    smf.report(
        "N1N2MessageTransferFailed",
        f"{context}: the AMF did not pass on the accept: {problem}; the session is released",
        level="error",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
    )
    smf.end(context, Input.ESTABLISHMENT_FAILED)
    yield from discard(smf, context)
    yield from status_notify(smf, context)


def _give_up(smf: Smf, context: SmContext, refused: Rejection) -> Procedure[None]:
    """After the AMF has its 201: the reject goes by N1N2MessageTransfer (TS 23.502 clause 4.3.2.2.1, end)."""
    smf.report_rejected(context.supi, context.pdu_session_id, refused)
    smf.end(context, Input.ESTABLISHMENT_FAILED)
    context.n4 = N4State.NONE
    smf.forget(context)
    reject = n1.establishment_reject(context.pdu_session_id, context.pti, refused.cause)
    yield from smf.consumer.transfer(context, reject)
    yield from status_notify(smf, context)


def resource_setup_response(smf: Smf, context: SmContext, octets: bytes) -> Procedure[Response]:
    """Steps 14 to 17: NG-RAN's tunnel goes to the UPF (TS 29.502 clause 5.2.2.3.2.2)."""
    try:
        tunnel, failed = n2.downlink_tunnel(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the setup response transfer: {error}")
    if not is_up(context):
        return Response(204)
    problem = yield from downlink_up(smf, context, tunnel)
    if not is_up(context):
        return Response(204)
    if problem is not None:
        return (yield from resource_setup_failed(smf, context, 38, problem))
    if not context.registered:
        context.registered = True
        _report_established(smf, context)
        smf.defer(_registration(smf, context))
        smf.defer(watch(smf, context.supi))
        smf.advertise(context)
    lost = [flow.qfi for flow in context.flows if flow.qfi in failed]
    if lost:
        # Step 15: the session goes on with the flows that NG-RAN took.
        left = tuple(flow for flow in context.flows if flow.qfi not in lost)
        why = f"without QoS flows {lost}: NG-RAN did not set them up"
        smf.report("QosFlowsRefused", f"{context}: {why}", level="warning", subject=context.supi)
        smf.defer(start_modification(smf, context, (left, None), why, n2_too=False))
    return Response(204)


def resource_setup_unsuccessful(smf: Smf, context: SmContext, octets: bytes) -> Procedure[Response]:
    """NG-RAN has no resources: the session goes, and the UE is told why (TS 23.502 clause 4.3.2.2.1, step 16)."""
    try:
        cause = n2.unsuccessful_cause(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the setup unsuccessful transfer: {error}")
    if not is_up(context):
        return Response(204)
    if context.registered:
        # It was up before: only its activation failed, and it stays, without user plane.
        held_already = cause == n2.HELD_ALREADY
        if held_already and context.user_plane is UserPlane.ACTIVATED:
            # It was asked for twice, and the other answer has come.
            return Response(204)
        context.user_plane = UserPlane.DEACTIVATED
        if held_already:
            # NG-RAN holds resources of which we were not told: an answer was lost.
            smf.defer(release_resources(smf, context, cause))
        if context.notifying:
            smf.defer(not_reached(smf, context, f"NG-RAN did not set up its resources: {cause}"))
        return Response(204)
    text = f"NG-RAN did not set up its resources: {cause}"
    return (yield from resource_setup_failed(smf, context, n2.five_gsm_cause(cause), text))


def resource_setup_failed(smf: Smf, context: SmContext, cause: int, text: str) -> Procedure[Response]:
    """Release the N4 session, and answer with a reject for the UE."""
    smf.report_rejected(context.supi, context.pdu_session_id, Rejection(cause, "N2_SM_ERROR", text))
    smf.end(context, Input.RESOURCE_SETUP_UNSUCCESSFUL)
    yield from discard(smf, context)
    if context.registered:
        # It was established long ago: the UE learns of its end by a release command's cause.
        context.ended = True
        report_released(smf, context, f"by the network: {text}")
        smf.defer(deregistration(smf, context))
        smf.defer(status_notify(smf, context))
        command = n1.release_command(context, 0, cause)
        return codec.json_response(200, {"n1SmMsg": N1_REFERENCE}, parts=[multipart.n1_part(command)])
    reject = n1.establishment_reject(context.pdu_session_id, context.pti, cause)
    smf.defer(status_notify(smf, context))
    return codec.json_response(200, {"n1SmMsg": N1_REFERENCE}, parts=[multipart.n1_part(reject)])


def _report_established(smf: Smf, context: SmContext) -> None:
    upf = context.upf
    smf.report(
        "PduSessionEstablished",
        f"{context}: DNN {context.dnn}, slice {context.s_nssai}, address {context.addresses}, "
        f"UPF {upf.name if upf else ''}",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
        dnn=context.dnn,
        s_nssai=str(context.s_nssai),
        address=context.addresses,
    )


def _registration(smf: Smf, context: SmContext) -> Procedure[None]:
    """Step 16c: the UDM learns who serves the session, later where it cannot be reached."""
    for wait_s in (*_REGISTRATION_AGAIN_S, None):
        answer = yield from smf.consumer.register(context)
        if not isinstance(answer, Failure) and answer.ok:
            return
        refused = not isinstance(answer, Failure) and answer.status < 500
        if refused:
            wait_s = None
        again = "the session stays" if wait_s is None else f"the session stays, it is asked again in {wait_s} s"
        smf.report(
            "UdmRegistrationFailed",
            f"{context}: the UDM did not take the registration: {words(answer)}; {again}",
            level="warning",
            subject=context.supi,
        )
        if wait_s is None:
            return
        yield Wait(("udm registration", context.reference), wait_s * NS_PER_S)
        if not is_up(context):
            return


def _rejected(smf: Smf, supi: str, request: PDUSessionEstablishmentRequest, refused: Rejection) -> Response:
    smf.report_rejected(supi, request.pdu_session_id, refused)
    modes, back_off_s = smf.config.ssc_modes, refused.back_off_s
    reject = n1.establishment_reject(request.pdu_session_id, request.pti, refused.cause, modes, back_off_s)
    return _error(refused.error, refused.text, reject)


def _error(error: str, text: str, message: bytes | None) -> Response:
    status = ERRORS.get(error, 403)
    body = SmContextCreateError(
        error=ExtProblemDetails(status=status, cause=error, detail=text[:500]),
        n1_sm_msg=None if message is None else N1_REFERENCE,
    )
    return codec.json_response(status, body, parts=[] if message is None else [multipart.n1_part(message)])
