"""NG Reset from the NG-RAN node and from the AMF (TS 38.413 clause 8.7.4)."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.amf.context import Gnb, NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import ng_setup, ue_context_release
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import Cause, CriticalityDiagnostics, UEAssociatedLogicalNGConnectionItem
from awase.protocols.ngap.messages import NGReset, NGResetAcknowledge

_INTERVENTION = Cause("misc", "om-intervention")


def ng_reset(amf: Amf, gnb: Gnb, message: NGReset, diagnostics: CriticalityDiagnostics | None = None) -> None:
    """Everything, or the connections listed; the acknowledgement repeats the list in its order."""
    named: tuple[UEAssociatedLogicalNGConnectionItem, ...] = ()
    before = len(gnb.connections)
    if isinstance(message.reset_type, tuple):
        named = message.reset_type
        for item in named:
            connection = _named(amf, gnb, item)
            if connection is not None:
                ue_context_release.lose(amf, connection)
            elif item.amf_ue_ngap_id is not None:
                gnb.released.pop(item.amf_ue_ngap_id, None)
    else:
        ng_setup.erase(amf, gnb)
    amf.send_to_gnb(
        gnb, NGResetAcknowledge(ue_associated_logical_ng_connection_list=named, criticality_diagnostics=diagnostics)
    )
    lost = before - len(gnb.connections)
    amf.report(
        "NgReset",
        f"{gnb.name} resets {'a part' if named else 'all'} of NG ({message.cause}): {lost} UEs lose their connection",
        level="warning",
        subject=gnb.name,
        ues=lost,
    )


def _named(amf: Amf, gnb: Gnb, item: UEAssociatedLogicalNGConnectionItem) -> NgConnection | None:
    if item.amf_ue_ngap_id is not None:
        connection = amf.connections.get(item.amf_ue_ngap_id)
        return connection if connection is not None and connection.gnb is gnb else None
    return None if item.ran_ue_ngap_id is None else gnb.connections.get(item.ran_ue_ngap_id)


def reset(amf: Amf, gnb: Gnb, connections: Sequence[NgConnection] = ()) -> None:
    """NG RESET that the AMF starts: everything, or these connections (clause 8.7.4.2.1)."""
    key = _key(gnb)
    if not amf.waits_for(key):
        amf.run(_reset(amf, gnb, connections))


def acknowledge(amf: Amf, gnb: Gnb, message: NGResetAcknowledge) -> bool:
    """The node's answer; False where none was awaited."""
    return amf.resume(_key(gnb), message)


def _key(gnb: Gnb) -> tuple[str, int]:
    return ("ng-reset", gnb.association)


def _reset(amf: Amf, gnb: Gnb, connections: Sequence[NgConnection]) -> Procedure[None]:
    part = tuple(
        UEAssociatedLogicalNGConnectionItem(
            amf_ue_ngap_id=connection.amf_ue_ngap_id, ran_ue_ngap_id=connection.ran_ue_ngap_id
        )
        for connection in connections
    )
    amf.send_to_gnb(gnb, NGReset(cause=_INTERVENTION, reset_type=part or "reset-all"))
    if connections:
        for connection in connections:
            ue_context_release.lose(amf, connection, _INTERVENTION)
    else:
        ng_setup.erase(amf, gnb)
    answer = yield Wait(_key(gnb), int(amf.config.ng_response_s * NS_PER_S))
    if answer is None:
        amf.report(
            "NgResetUnanswered",
            f"{gnb.name} did not acknowledge the NG RESET within {amf.config.ng_response_s:g} s",
            level="warning",
            subject=gnb.name,
            config="ng_response_s",
        )
