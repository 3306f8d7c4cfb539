"""UE context suspend and resume, which only user plane CIoT optimisation needs: refused (TS 38.413 8.3.7, 8.3.8)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection
from awase.functions.amf.core import Amf
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.messages import (
    RRCInactiveTransitionReport,
    UEContextResumeFailure,
    UEContextResumeRequest,
    UEContextSuspendFailure,
    UEContextSuspendRequest,
)

NOT_SUPPORTED = Cause("misc", "unspecified")


def suspend(amf: Amf, connection: NgConnection, message: UEContextSuspendRequest) -> None:
    """The AMF negotiates no such optimisation with any UE, so that the node must not ask (TS 23.501 5.31.18)."""
    amf.send_to_ran(
        connection,
        UEContextSuspendFailure(
            amf_ue_ngap_id=connection.amf_ue_ngap_id, ran_ue_ngap_id=connection.ran_ue_ngap_id, cause=NOT_SUPPORTED
        ),
    )


def resume(amf: Amf, connection: NgConnection, message: UEContextResumeRequest) -> None:
    """Nothing was suspended."""
    amf.send_to_ran(
        connection,
        UEContextResumeFailure(
            amf_ue_ngap_id=connection.amf_ue_ngap_id, ran_ue_ngap_id=connection.ran_ue_ngap_id, cause=NOT_SUPPORTED
        ),
    )


def inactive(amf: Amf, connection: NgConnection, message: RRCInactiveTransitionReport) -> None:
    """RRC INACTIVE TRANSITION REPORT: a UE in RRC_INACTIVE is CM-CONNECTED (TS 23.501 clause 5.3.3.2.5)."""
    amf.report(
        "RrcState",
        f"{connection.ue.name()} through {connection.gnb.name} is in RRC state {message.rrc_state}",
        subject=connection.ue.subject,
        rrc_state=message.rrc_state or "",
    )
