"""UE-requested PDU session establishment (TS 23.502 clause 4.3.2.2.1, TS 24.501 clause 6.4.1)."""

from awase.functions.smf import n1, n2
from awase.functions.smf.context import MAX_BIT_RATE_BPS, Qos, Rejection, SmContext
from awase.functions.smf.procedures.pdu_session_release import discard, status_notify
from awase.functions.smf.sbi import N1_REFERENCE, words
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, N4State, State, UserPlane
from awase.model.machine import Procedure
from awase.protocols.nas import codec as nas
from awase.protocols.nas.messages import PDUSessionEstablishmentRequest
from awase.protocols.nas.session_elements import PduSessionType
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.data_types import Arp, Snssai, bits_per_s
from awase.protocols.sbi.entity import Answer, Call, Failure
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nsmf_pdu_session import (
    ERRORS,
    SM_CONTEXTS,
    ExtProblemDetails,
    SmContextCreateData,
    SmContextCreatedData,
    SmContextCreateError,
)
from awase.protocols.sbi.nudm_sdm import DnnConfiguration, SessionManagementSubscriptionData
from awase.wire.errors import DecodeError

_NO_PTI = (0, 255)
"""Unassigned and reserved: none of them can name a transaction (TS 24.501 clause 7.3.1)."""
_MAX_URI_OCTETS = 512


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
    return _establishment(smf, call, context, request)


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


def _establishment(
    smf: Smf, call: Call, context: SmContext, request: PDUSessionEstablishmentRequest
) -> Procedure[Response]:
    refused = smf.service(context)
    if refused is None:
        answer = yield from smf.consumer.subscription(context)
        if not context.is_in(State.TRANSACTION_PENDING):
            return codec.problem(404, "CONTEXT_NOT_FOUND", "the context was released meanwhile")
        ssc_mode = 1
        configuration = _configuration(context, answer)
        if isinstance(configuration, Rejection):
            refused = configuration
        else:
            context.qos = _qos(smf, configuration)
            ssc_mode = _ssc_mode(smf, configuration, request.ssc_mode)
            refused = _type_and_mode(smf, configuration, request, ssc_mode) or smf.allocate(context)
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
    accept = n1.establishment_accept(context, request, smf.pools[context.dnn].dnn, ssc_mode)
    context.take(Input.ESTABLISHMENT_ACCEPTED)
    problem = yield from smf.consumer.transfer(context, accept, n2.setup_request(context), n2.SETUP_REQUEST)
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
        tunnel = n2.downlink_tunnel(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the setup response transfer: {error}")
    if not context.is_in(State.ACTIVE):
        return Response(204)
    problem = yield from smf.n4.forward(context, tunnel)
    if not context.is_in(State.ACTIVE):
        return Response(204)
    if problem is not None:
        return (yield from resource_setup_failed(smf, context, 38, problem))
    context.user_plane = UserPlane.ACTIVATED
    if not context.registered:
        context.registered = True
        _report_established(smf, context)
        smf.defer(_registration(smf, context))
    return Response(204)


def resource_setup_unsuccessful(smf: Smf, context: SmContext, octets: bytes) -> Procedure[Response]:
    """NG-RAN has no resources: the session goes, and the UE is told why (TS 23.502 clause 4.3.2.2.1, step 16)."""
    try:
        cause = n2.unsuccessful_cause(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the setup unsuccessful transfer: {error}")
    if not context.is_in(State.ACTIVE):
        return Response(204)
    if context.registered:
        # It was up before: only its activation failed, and it stays, without user plane.
        context.user_plane = UserPlane.DEACTIVATED
        return Response(204)
    text = f"NG-RAN did not set up its resources: {cause}"
    return (yield from resource_setup_failed(smf, context, n2.five_gsm_cause(cause), text))


def resource_setup_failed(smf: Smf, context: SmContext, cause: int, text: str) -> Procedure[Response]:
    """Release the N4 session, and answer with a reject for the UE."""
    smf.report_rejected(context.supi, context.pdu_session_id, Rejection(cause, "N2_SM_ERROR", text))
    smf.end(context, Input.RESOURCE_SETUP_UNSUCCESSFUL)
    yield from discard(smf, context)
    reject = n1.establishment_reject(context.pdu_session_id, context.pti, cause)
    smf.defer(status_notify(smf, context))
    return codec.json_response(200, {"n1SmMsg": N1_REFERENCE}, parts=[multipart.n1_part(reject)])


def _report_established(smf: Smf, context: SmContext) -> None:
    upf = context.upf
    smf.report(
        "PduSessionEstablished",
        f"{context}: DNN {context.dnn}, slice {context.s_nssai}, address {context.address}, "
        f"UPF {upf.name if upf else ''}",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
        dnn=context.dnn,
        s_nssai=str(context.s_nssai),
        address=context.address,
    )


def _registration(smf: Smf, context: SmContext) -> Procedure[None]:
    """Step 16c: the UDM learns who serves the session."""
    answer = yield from smf.consumer.register(context)
    if isinstance(answer, Failure) or not answer.ok:
        smf.report(
            "UdmRegistrationFailed",
            f"{context}: the UDM did not take the registration: {words(answer)}; the session stays",
            level="warning",
            subject=context.supi,
        )


def _configuration(context: SmContext, answer: Answer) -> DnnConfiguration | Rejection:
    """The subscription for the slice and DNN asked for, or why there is none."""
    if isinstance(answer, Failure):
        return Rejection(38, "PEER_NOT_RESPONDING", f"the UDM: {answer.value}", "peers")
    if answer.status == 404:
        text = f"the UDM has no subscription to DNN {context.dnn!r} in slice {context.s_nssai}: {words(answer)}"
        return Rejection(33, "SUBSCRIPTION_DENIED", text)
    if not answer.ok:
        return Rejection(38, "NETWORK_FAILURE", f"the UDM answered {words(answer)}")
    try:
        data = codec.decode(tuple[SessionManagementSubscriptionData, ...], answer.body)
    except DecodeError as error:
        return Rejection(38, "NETWORK_FAILURE", f"the UDM's subscription data cannot be read: {error}")
    of_slice = [entry for entry in data if entry.single_nssai.s_nssai() == context.s_nssai]
    if not of_slice:
        text = f"slice {context.s_nssai} is not in the subscription of {context.supi}"
        return Rejection(33, "SUBSCRIPTION_DENIED", text)
    for entry in of_slice:
        found = (entry.dnn_configurations or {}).get(context.dnn) or (entry.dnn_configurations or {}).get("*")
        if found is not None:
            return found
    text = f"DNN {context.dnn!r} is not subscribed in slice {context.s_nssai}"
    return Rejection(70, "DNN_DENIED", text)


def _qos(smf: Smf, configuration: DnnConfiguration) -> Qos:
    qos = smf.default_qos()
    profile, ambr = configuration.five_g_qos_profile, configuration.session_ambr
    if profile is not None:
        arp: Arp = profile.arp
        qos = qos._replace(
            five_qi=profile.five_qi,
            priority_level=arp.priority_level,
            may_pre_empt=arp.preempt_cap == "MAY_PREEMPT",
            pre_emptable=arp.preempt_vuln == "PREEMPTABLE",
        )
    if ambr is not None:
        try:
            uplink_bps, downlink_bps = bits_per_s(ambr.uplink), bits_per_s(ambr.downlink)
            qos = qos._replace(
                uplink_bps=min(uplink_bps, MAX_BIT_RATE_BPS), downlink_bps=min(downlink_bps, MAX_BIT_RATE_BPS)
            )
        except DecodeError as error:
            smf.report("MalformedPacket", f"session-AMBR from the UDM: {error}", level="warning", port="sbi")
    return qos


def _ssc_mode(smf: Smf, configuration: DnnConfiguration, asked: int | None) -> int:
    if asked is not None:
        return int(asked)
    default = configuration.ssc_modes.default_ssc_mode
    return int(default[-1]) if default[-1:].isdecimal() else smf.config.ssc_modes[0]


def _type_and_mode(
    smf: Smf, configuration: DnnConfiguration, request: PDUSessionEstablishmentRequest, ssc_mode: int
) -> Rejection | None:
    """TS 24.501 clauses 6.4.1.3 and 6.4.1.4.1: only IPv4 is served, and what subscription and SMF both allow."""
    kind = request.pdu_session_type
    if kind == PduSessionType.ipv6:
        return Rejection(50, "PDUTYPE_NOT_SUPPORTED", "IPv6 was asked for, only IPv4 is served")
    if kind not in (None, PduSessionType.ipv4, PduSessionType.ipv4v6):
        text = f"PDU session type {PduSessionType(kind).name} was asked for, only IPv4 is served"
        return Rejection(28, "PDUTYPE_NOT_SUPPORTED", text)
    types = configuration.pdu_session_types
    allowed = types.allowed_session_types or (types.default_session_type or "IPV4",)
    if "IPV4" not in allowed and "IPV4V6" not in allowed:
        return Rejection(28, "PDUTYPE_DENIED", f"only {', '.join(allowed)} is subscribed, and IPv4 is served")
    if ssc_mode not in _ssc_modes(smf, configuration):
        return Rejection(68, "SSC_NOT_SUPPORTED", f"SSC mode {ssc_mode} is not served or subscribed", "ssc_modes")
    return None


def _ssc_modes(smf: Smf, configuration: DnnConfiguration) -> tuple[int, ...]:
    modes = configuration.ssc_modes
    subscribed = (modes.default_ssc_mode, *modes.allowed_ssc_modes)
    return tuple(mode for mode in smf.config.ssc_modes if f"SSC_MODE_{mode}" in subscribed)


def _rejected(smf: Smf, supi: str, request: PDUSessionEstablishmentRequest, refused: Rejection) -> Response:
    smf.report_rejected(supi, request.pdu_session_id, refused)
    reject = n1.establishment_reject(request.pdu_session_id, request.pti, refused.cause, smf.config.ssc_modes)
    return _error(refused.error, refused.text, reject)


def _error(error: str, text: str, message: bytes | None) -> Response:
    status = ERRORS.get(error, 403)
    body = SmContextCreateError(
        error=ExtProblemDetails(status=status, cause=error, detail=text[:500]),
        n1_sm_msg=None if message is None else N1_REFERENCE,
    )
    return codec.json_response(status, body, parts=[] if message is None else [multipart.n1_part(message)])
