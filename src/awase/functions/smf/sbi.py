"""The service operations that an SMF consumes: of the UDM (N10) and the AMF (N11)."""

from urllib.parse import quote

from awase.functions.smf.context import SmContext
from awase.model.ids import Plmn, SNssai
from awase.model.machine import Machine, Procedure
from awase.model.part import NS_PER_S, Address
from awase.model.settings import Peer
from awase.protocols.sbi import codec, multipart, nudm_sdm, nudm_uecm
from awase.protocols.sbi.data_types import PlmnId, RefToBinaryData, Snssai
from awase.protocols.sbi.entity import Answer, Client, Failure
from awase.protocols.sbi.messages import JSON_HEADERS, Request
from awase.protocols.sbi.namf_communication import (
    N1_MSG_NOT_TRANSFERRED,
    N1_N2_MESSAGES,
    N1MessageContainer,
    N1N2MessageTransferReqData,
    N1N2MessageTransferRspData,
    N2InfoContainer,
    N2InfoContent,
    N2SmInformation,
)
from awase.protocols.sbi.nsmf_pdu_session import SmContextStatusNotification, StatusInfo
from awase.wire.errors import DecodeError

N1_REFERENCE = RefToBinaryData(content_id=multipart.N1_CONTENT_ID)
N2_REFERENCE = RefToBinaryData(content_id=multipart.N2_CONTENT_ID)

_N1 = N1MessageContainer(n1_message_class="SM", n1_message_content=N1_REFERENCE)
_RELEASED = codec.encode(SmContextStatusNotification(status_info=StatusInfo(resource_status="RELEASED")))

SubscriptionData = tuple[nudm_sdm.SessionManagementSubscriptionData, ...]


class Consumer:
    """Requests to UDM and AMF. `instance` is our NF instance identity."""

    def __init__(
        self, machine: Machine, peers: dict[str, list[Peer]], plmn: Plmn, instance: str, timeout_s: float
    ) -> None:
        self.client = Client(machine, "SMF")
        self._udm = next((peer.address for peer in peers.get("N10", ())), "")
        self._amfs = tuple(peer.address for peer in peers.get("N11", ()))
        self._plmn = PlmnId.of(plmn)
        self._instance = instance
        self._timeout_ns = round(timeout_s * NS_PER_S)
        self._queries: dict[tuple[SNssai, str], str] = {}

    def amf(self, source: Address, status_uri: str) -> Address:
        """The AMF that serves a UE: only ever one that we are configured with."""
        authority = status_uri.partition("://")[2].partition("/")[0]
        for address in self._amfs:
            if authority == address or source.rpartition(":")[0] == address.rpartition(":")[0]:
                return address
        return self._amfs[0] if self._amfs else source

    def subscription(self, context: SmContext) -> Procedure[Answer]:
        """Nudm_SDM_Get of the session management subscription data (TS 29.503 clause 5.2.2.2.5)."""
        key = (context.s_nssai, context.dnn)
        query = self._queries.get(key)
        if query is None:
            s_nssai = codec.encode(Snssai.of(context.s_nssai)).decode()
            plmn = codec.encode(self._plmn).decode()
            query = f"?single-nssai={quote(s_nssai)}&dnn={quote(context.dnn)}&plmn-id={quote(plmn)}"
            self._queries[key] = query
        path = nudm_sdm.SM_DATA.replace("{supi}", quote(context.supi)) + query
        return self._ask(self._udm, Request("GET", path))

    def register(self, context: SmContext) -> Procedure[Answer]:
        """Nudm_UECM_Registration (TS 29.503 clause 5.3.2.2.3)."""
        body = nudm_uecm.SmfRegistration(
            smf_instance_id=self._instance,
            pdu_session_id=context.pdu_session_id,
            single_nssai=Snssai.of(context.s_nssai),
            plmn_id=self._plmn,
            dnn=context.dnn,
        )
        return self._ask(self._udm, codec.json_request("PUT", _registration(context), body))

    def deregister(self, context: SmContext) -> Procedure[Answer]:
        """Nudm_UECM_Deregistration (TS 29.503 clause 5.3.2.4.3)."""
        return self._ask(self._udm, Request("DELETE", _registration(context)))

    def transfer(
        self, context: SmContext, n1: bytes | None, n2: bytes | None = None, n2_type: str | None = None
    ) -> Procedure[str | None]:
        """Namf_Communication_N1N2MessageTransfer (TS 29.518 clause 5.2.2.3.1); what went wrong, or None."""
        body = N1N2MessageTransferReqData(
            n1_message_container=None if n1 is None else _N1,
            n2_info_container=None if n2 is None else _n2(context, n2_type),
            pdu_session_id=context.pdu_session_id,
        )
        parts = []
        if n1 is not None:
            parts.append(multipart.n1_part(n1))
        if n2 is not None:
            parts.append(multipart.n2_part(n2))
        path = N1_N2_MESSAGES.replace("{ueContextId}", quote(context.supi))
        answer = yield from self._ask(context.amf, codec.json_request("POST", path, body, parts))
        if isinstance(answer, Failure) or not answer.ok:
            return words(answer)
        try:
            cause = codec.decode(N1N2MessageTransferRspData, answer.body).cause
        except DecodeError as error:
            return f"a body that cannot be read: {error}"
        return cause if cause == N1_MSG_NOT_TRANSFERRED else None

    def notify_released(self, context: SmContext) -> Procedure[Answer]:
        """Nsmf_PDUSession_SMContextStatusNotify (TS 29.502 clause 5.2.2.5)."""
        path = "/" + context.status_uri.partition("://")[2].partition("/")[2]
        return self._ask(context.amf, Request("POST", path, JSON_HEADERS, _RELEASED))

    def _ask(self, peer: Address, request: Request) -> Procedure[Answer]:
        if not peer:
            return Failure.RESET
        return (yield from self.client.exchange(peer, request, self._timeout_ns))


def words(answer: Answer) -> str:
    """What an answer that is no success says, for a sentence."""
    if isinstance(answer, Failure):
        return answer.value
    details = codec.problem_details(answer)
    return " ".join(str(part) for part in (answer.status, details.cause, details.detail) if part)


def _registration(context: SmContext) -> str:
    path = nudm_uecm.SMF_REGISTRATION.replace("{ueId}", quote(context.supi))
    return path.replace("{pduSessionId}", str(context.pdu_session_id))


def _n2(context: SmContext, n2_type: str | None) -> N2InfoContainer:
    return N2InfoContainer(
        n2_information_class="SM",
        sm_info=N2SmInformation(
            pdu_session_id=context.pdu_session_id,
            n2_info_content=N2InfoContent(ngap_data=N2_REFERENCE, ngap_ie_type=n2_type),
            s_nssai=Snssai.of(context.s_nssai),
        ),
    )
