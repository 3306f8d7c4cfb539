"""What UEs and SMFs do with PDU sessions at the AMF's bench."""

from typing import Any

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import PayloadContainerType, RequestType
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.messages import Response
from unit.functions.amf.bench import SMF, Bench, Ue

N1 = encode(nas.PDUSessionReleaseRequest(pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause.regular_deactivation))
N2 = b"\x00\x00\x01"
FAILURE_PATH = "/nsmf-callback/v1/n1n2-failure/7"


def ask(ue: Ue, psi: int | None = 1, **fields: Any) -> None:
    """PDU session establishment, or another 5GSM message with request_type None."""
    ue.uplink(
        nas.ULNASTransport(
            payload_container_type=PayloadContainerType.n1_sm_information,
            pdu_session_id=psi,
            **{
                "request_type": RequestType.initial_request,
                "dnn": "internet",
                "payload_container": N1,
                **fields,
            },
        )
    )


def transfer(bench: Bench, supi: str, psi: int = 1, kind: str = "PDU_RES_SETUP_REQ", **extra: Any) -> Any:
    """N1N2MessageTransfer from the SMF."""
    body = {
        "n1MessageContainer": {"n1MessageClass": "SM", "n1MessageContent": {"contentId": "n1"}},
        "n2InfoContainer": {
            "n2InformationClass": "SM",
            "smInfo": {
                "pduSessionId": psi,
                "n2InfoContent": {"ngapIeType": kind, "ngapData": {"contentId": "n2"}},
                "sNssai": {"sst": 1},
            },
        },
        "pduSessionId": psi,
        **extra,
    }
    parts = (multipart.n1_part(N1, "n1"), multipart.n2_part(N2, "n2"))
    path = f"/namf-comm/v1/ue-contexts/{supi}/n1-n2-messages"
    response = bench.call(codec.json_request("POST", path, body, parts))
    assert response is not None
    return response


def with_session(bench: Bench) -> Ue:
    ue = Ue(bench.gnb()).register()
    ask(ue)
    assert bench.amf.by_supi[ue.supi].sessions  # type: ignore[index]
    return ue


def notify_released(bench: Bench, uri: str) -> int:
    """SMContextStatusNotify of the SMF to a callback that it was given: the status of the AMF's answer."""
    path = "/" + uri.partition("://")[2].partition("/")[2]
    answer = bench.call(codec.json_request("POST", path, {"statusInfo": {"resourceStatus": "RELEASED"}}))
    assert answer is not None
    return answer.status


def status_uris(bench: Bench) -> list[str]:
    """The callbacks that the SMF was given, one for each context."""
    return [body["smContextStatusUri"] for body in bench.core.bodies(SMF, "POST", "/sm-contexts")]


def n2_alone(bench: Bench, supi: str, psi: int = 1, kind: str = "PDU_RES_SETUP_REQ", **extra: Any) -> Any:
    """N1N2MessageTransfer for a UE that has downlink data waiting (TS 23.502 clause 4.2.3.3 step 3a)."""
    body = {
        "n2InfoContainer": {
            "n2InformationClass": "SM",
            "smInfo": {
                "pduSessionId": psi,
                "n2InfoContent": {"ngapIeType": kind, "ngapData": {"contentId": "n2"}},
                "sNssai": {"sst": 1},
            },
        },
        "pduSessionId": psi,
        "n1n2FailureTxfNotifURI": f"http://{SMF}{FAILURE_PATH}",
        **extra,
    }
    path = f"/namf-comm/v1/ue-contexts/{supi}/n1-n2-messages"
    return bench.call(codec.json_request("POST", path, body, (multipart.n2_part(N2, "n2"),)))


def n1_alone(bench: Bench, supi: str, psi: int = 1, **extra: Any) -> Any:
    """N1N2MessageTransfer with a 5GSM message only."""
    body = {
        "n1MessageContainer": {"n1MessageClass": "SM", "n1MessageContent": {"contentId": "n1"}},
        "pduSessionId": psi,
        "n1n2FailureTxfNotifURI": f"http://{SMF}{FAILURE_PATH}",
        **extra,
    }
    path = f"/namf-comm/v1/ue-contexts/{supi}/n1-n2-messages"
    return bench.call(codec.json_request("POST", path, body, (multipart.n1_part(N1, "n1"),)))


def activating(transfer_octets: bytes = N2) -> Response:
    """The SMF's answer to upCnxState ACTIVATING."""
    answer = {"upCnxState": "ACTIVATING", "n2SmInfo": {"contentId": "b"}, "n2SmInfoType": "PDU_RES_SETUP_REQ"}
    return codec.json_response(200, answer, parts=(multipart.n2_part(transfer_octets, "b"),))
