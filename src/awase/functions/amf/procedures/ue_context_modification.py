"""UE context modification: a node takes over other keys or rates of a UE (TS 38.413 clause 8.3.4)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import ue_context_release
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import SecurityKey, UEAggregateMaximumBitRate
from awase.protocols.ngap.messages import (
    UEContextModificationFailure,
    UEContextModificationRequest,
    UEContextModificationResponse,
)

_REQUESTS = 4
"""How many of them, sent one after another, have their answers awaited."""


def modify(
    amf: Amf,
    connection: NgConnection,
    *,
    security_key: SecurityKey | None = None,
    ambr: UEAggregateMaximumBitRate | None = None,
) -> None:
    """Tell the node. With a key that it does not take it cannot go on; what else it does not take stays as it was."""
    amf.run(_modify(amf, connection, security_key, ambr))


def _key(connection: NgConnection, number: int) -> tuple[str, int, int]:
    return ("ue-context-modification", connection.amf_ue_ngap_id, number)


def _modify(
    amf: Amf, connection: NgConnection, security_key: SecurityKey | None, ambr: UEAggregateMaximumBitRate | None
) -> Procedure[None]:
    amf.send_to_ran(
        connection,
        UEContextModificationRequest(
            amf_ue_ngap_id=connection.amf_ue_ngap_id,
            ran_ue_ngap_id=connection.ran_ue_ngap_id,
            security_key=security_key,
            ue_aggregate_maximum_bit_rate=ambr,
        ),
    )
    number = next((n for n in range(_REQUESTS) if not amf.waits_for(_key(connection, n))), None)
    if number is None:
        return
    answer = yield Wait(_key(connection, number), int(amf.config.ng_response_s * NS_PER_S))
    if isinstance(answer, UEContextModificationResponse):
        return
    if amf.connections.get(connection.amf_ue_ngap_id) is not connection:
        return
    cause = answer.cause if isinstance(answer, UEContextModificationFailure) else None
    amf.report(
        "UeContextModificationFailed",
        f"{connection.gnb.name} did not take over what is new for {connection.ue.name()}: {cause or 'no answer'}",
        level="warning",
        subject=connection.ue.subject,
        config="" if cause is not None else "ng_response_s",
        cause=str(cause or ""),
    )
    if security_key is not None:
        ue_context_release.release(amf, connection, cause or ue_context_release.UNSPECIFIED)


def answered(
    amf: Amf, connection: NgConnection, message: UEContextModificationResponse | UEContextModificationFailure
) -> bool:
    """The node's answer to a request; False where none was awaited."""
    return any(amf.resume(_key(connection, number), message) for number in range(_REQUESTS))
