"""The service operations that an SMF consumes: of the UDM (N10) and the AMF (N11)."""

from typing import NamedTuple
from urllib.parse import quote

from awase.functions.smf.config import Config
from awase.functions.smf.context import SmContext
from awase.model.ids import Plmn, SNssai
from awase.model.machine import Machine, Procedure, Wait
from awase.model.part import NS_PER_S, Address
from awase.model.settings import Arp
from awase.protocols.sbi import codec, multipart, nudm_sdm, nudm_uecm
from awase.protocols.sbi.data_types import Arp as SbiArp
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

N1_N2_FAILURE = "/nsmf-callback/v1/sm-contexts/{smContextRef}/n1-n2-failure"
SDM_NOTIFY = "/nsmf-callback/v1/{supi}/sdm-notify"
DATA_RESTORATION = "/nsmf-callback/v1/data-restoration"
"""Our own choice, as all callbacks are."""

_IDEMPOTENT = ("GET", "PUT", "DELETE")
_RETRY_NS = NS_PER_S // 2

SubscriptionData = tuple[nudm_sdm.SessionManagementSubscriptionData, ...]


class Transferred(NamedTuple):
    """What became of a message to UE and NG-RAN: the AMF's cause, and what went wrong (None: nothing)."""

    cause: str
    problem: str | None


class Consumer:
    """Requests to UDM and AMF. `instance` is our NF instance identity."""

    def __init__(self, machine: Machine, config: Config, plmn: Plmn, instance: str) -> None:
        self.client = Client(machine, "SMF", scheme=config.sbi_scheme)
        peers, timeout_s = config.peers, config.sbi_s
        self._udm = next((peer.address for peer in peers.get("N10", ())), "")
        self._amfs = tuple(peer.address for peer in peers.get("N11", ()))
        self._plmn = PlmnId.of(plmn)
        self._instance = instance
        self._root = f"{config.sbi_scheme}://{config.addresses.get('sbi', '')}"
        self._timeout_ns = round(timeout_s * NS_PER_S)
        self._retries = 0
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
            data_restoration_callback_uri=f"{self._root}{DATA_RESTORATION}",
        )
        return self._ask(self._udm, codec.json_request("PUT", _registration(context), body))

    def deregister(self, context: SmContext) -> Procedure[Answer]:
        """Nudm_UECM_Deregistration (TS 29.503 clause 5.3.2.4.3)."""
        return self._ask(self._udm, Request("DELETE", _registration(context)))

    def subscribe(self, supi: str) -> Procedure[Answer]:
        """Nudm_SDM_Subscribe to the session management subscription data and its changes (TS 29.503 clause 5.2.2.3)."""
        body = nudm_sdm.SdmSubscription(
            nf_instance_id=self._instance,
            callback_reference=f"{self._root}{SDM_NOTIFY.replace('{supi}', quote(supi))}",
            monitored_resource_uris=(nudm_sdm.SM_DATA.replace("{supi}", quote(supi)),),
            plmn_id=self._plmn,
            immediate_report=True,
            supported_features=nudm_sdm.IMMEDIATE_REPORT,
            unique_subscription=True,
        )
        path = nudm_sdm.SDM_SUBSCRIPTIONS.replace("{ueId}", quote(supi))
        return self._ask(self._udm, codec.json_request("POST", path, body))

    def unsubscribe(self, path: str) -> Procedure[Answer]:
        """Nudm_SDM_Unsubscribe (TS 29.503 clause 5.2.2.4)."""
        return self._ask(self._udm, Request("DELETE", path))

    def transfer(
        self,
        context: SmContext,
        n1: bytes | None,
        n2: tuple[bytes, str] | None = None,
        *,
        paging: tuple[int, Arp, int | None] | None = None,
    ) -> Procedure[Transferred]:
        """Namf_Communication_N1N2MessageTransfer (TS 29.518 clause 5.2.2.3.1).

        `n2` is a transfer and its N2SmInfoType. `paging`: 5QI, ARP and paging policy indicator of what waits.
        """
        five_qi, arp, ppi = paging or (None, None, None)
        body = N1N2MessageTransferReqData(
            n1_message_container=None if n1 is None else _N1,
            n2_info_container=None if n2 is None else _n2(context, n2[1]),
            pdu_session_id=context.pdu_session_id,
            ppi=ppi,
            arp=None if arp is None else _arp(arp),
            five_qi=five_qi,
            n1n2_failure_txf_notif_uri=None if paging is None else self._failure_uri(context),
        )
        parts = []
        if n1 is not None:
            parts.append(multipart.n1_part(n1))
        if n2 is not None:
            parts.append(multipart.n2_part(n2[0]))
        path = N1_N2_MESSAGES.replace("{ueContextId}", quote(context.supi))
        answer = yield from self._ask(context.amf, codec.json_request("POST", path, body, parts))
        if isinstance(answer, Failure):
            return Transferred(answer.name, answer.value)
        if not answer.ok:
            return Transferred(codec.problem_details(answer).cause or str(answer.status), words(answer))
        try:
            cause = codec.decode(N1N2MessageTransferRspData, answer.body).cause
        except DecodeError as error:
            return Transferred("", f"a body that cannot be read: {error}")
        return Transferred(cause, cause if cause == N1_MSG_NOT_TRANSFERRED else None)

    def _failure_uri(self, context: SmContext) -> str:
        return f"{self._root}{N1_N2_FAILURE.replace('{smContextRef}', context.reference)}"

    def notify_released(self, context: SmContext) -> Procedure[Answer]:
        """Nsmf_PDUSession_SMContextStatusNotify (TS 29.502 clause 5.2.2.5)."""
        path = "/" + context.status_uri.partition("://")[2].partition("/")[2]
        return self._ask(context.amf, Request("POST", path, JSON_HEADERS, _RELEASED))

    def _ask(self, peer: Address, request: Request) -> Procedure[Answer]:
        if not peer:
            return Failure.RESET
        answer = yield from self.client.exchange(peer, request, self._timeout_ns)
        if answer is Failure.RESET and request.method in _IDEMPOTENT:
            # A connection that broke says nothing; a second time does no harm (TS 29.500 clause 5.2.8).
            self._retries += 1
            yield Wait(("sbi retry", self._retries), _RETRY_NS)
            answer = yield from self.client.exchange(peer, request, self._timeout_ns)
        return answer


def words(answer: Answer) -> str:
    """What an answer that is no success says, for a sentence."""
    if isinstance(answer, Failure):
        return answer.value
    details = codec.problem_details(answer)
    return " ".join(str(part) for part in (answer.status, details.cause, details.detail) if part)


def _registration(context: SmContext) -> str:
    path = nudm_uecm.SMF_REGISTRATION.replace("{ueId}", quote(context.supi))
    return path.replace("{pduSessionId}", str(context.pdu_session_id))


def _arp(arp: Arp) -> SbiArp:
    return SbiArp(
        priority_level=arp.priority_level,
        preempt_cap="MAY_PREEMPT" if arp.may_pre_empt else "NOT_PREEMPT",
        preempt_vuln="PREEMPTABLE" if arp.pre_emptable else "NOT_PREEMPTABLE",
    )


def _n2(context: SmContext, n2_type: str | None) -> N2InfoContainer:
    return N2InfoContainer(
        n2_information_class="SM",
        sm_info=N2SmInformation(
            pdu_session_id=context.pdu_session_id,
            n2_info_content=N2InfoContent(ngap_data=N2_REFERENCE, ngap_ie_type=n2_type),
            s_nssai=Snssai.of(context.s_nssai),
        ),
    )
