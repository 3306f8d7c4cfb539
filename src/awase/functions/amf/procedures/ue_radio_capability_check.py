"""UE radio capability check: whether radio matches the network's IMS voice (TS 38.413 8.14.2, TS 23.502 4.2.8a)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection
from awase.functions.amf.core import Amf
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.messages import UERadioCapabilityCheckRequest, UERadioCapabilityCheckResponse


def start(amf: Amf, connection: NgConnection) -> None:
    """Ask the node, with the radio capability that we keep."""
    if not amf.waits_for(_key(connection)):
        amf.run(_check(amf, connection))


def _key(connection: NgConnection) -> tuple[str, int]:
    return ("radio-capability-check", connection.amf_ue_ngap_id)


def _check(amf: Amf, connection: NgConnection) -> Procedure[None]:
    amf.send_to_ran(
        connection,
        UERadioCapabilityCheckRequest(
            amf_ue_ngap_id=connection.amf_ue_ngap_id,
            ran_ue_ngap_id=connection.ran_ue_ngap_id,
            ue_radio_capability=connection.ue.radio_capability,
        ),
    )
    answer = yield Wait(_key(connection), int(amf.config.ng_response_s * NS_PER_S))
    name = connection.ue.name()
    if not isinstance(answer, UERadioCapabilityCheckResponse):
        amf.report(
            "RadioCapabilityCheckFailed",
            f"{connection.gnb.name} did not say whether IMS voice is possible for {name}",
            level="warning",
            subject=connection.ue.subject,
            config="ng_response_s",
        )
        return
    amf.report(
        "RadioCapabilityChecked",
        f"IMS voice over NR is {answer.ims_voice_support_indicator} for {name}",
        subject=connection.ue.subject,
        ims_voice_support_indicator=answer.ims_voice_support_indicator,
    )


def response(amf: Amf, connection: NgConnection, message: UERadioCapabilityCheckResponse) -> bool:
    """The node's answer; False where none was awaited."""
    return amf.resume(_key(connection), message)
