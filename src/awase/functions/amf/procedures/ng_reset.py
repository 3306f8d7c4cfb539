"""NG Reset from the NG-RAN node (TS 38.413 clause 8.7.4.2.2)."""

from __future__ import annotations

from awase.functions.amf.context import Gnb, NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import ng_setup, ue_context_release
from awase.protocols.ngap.elements import CriticalityDiagnostics, UEAssociatedLogicalNGConnectionItem
from awase.protocols.ngap.messages import NGReset, NGResetAcknowledge


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
