"""Which slices a UE may use: requested, subscribed, served here (TS 23.501 clause 5.15.5.2.1, TS 24.501 4.6.2)."""

from __future__ import annotations

from typing import NamedTuple

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures.ng_setup import without_wildcard
from awase.model.ids import SNssai
from awase.protocols.nas.elements import RejectedNssai, RejectedSNssai
from awase.protocols.nas.messages import RegistrationRequest

_NOT_IN_PLMN = 0
_NOT_IN_AREA = 1
"""Cause values of table 9.11.3.46.1."""
_ALLOWED = 8
"""Most S-NSSAIs in an allowed NSSAI (TS 24.501 clause 9.11.3.37)."""
_CONFIGURED = 16
_REJECTED = 8


class Choice(NamedTuple):
    """Allowed NSSAI, rejected NSSAI, and configured NSSAI where the UE's own does not fit."""

    allowed: tuple[SNssai, ...]
    rejected: RejectedNssai
    configured: tuple[SNssai, ...]


def choose(amf: Amf, ue: Ue, request: RegistrationRequest) -> Choice:
    """What the UE may use; where that is nothing, the event that says why is out."""
    connection = ue.connection
    if connection is None:
        return Choice((), (), ())
    tai = connection.tai
    here = amf.served.slices.get(tai.plmn, ())
    area = connection.gnb.tais.get(tai, here)
    requested = tuple(dict.fromkeys(without_wildcard(item.s_nssai) for item in request.requested_nssai or ()))
    allowed = tuple(s for s in requested if s in ue.subscribed and s in here and s in area)
    rejected = tuple(
        RejectedSNssai(s_nssai=s, cause=_NOT_IN_AREA if s in ue.subscribed and s in here else _NOT_IN_PLMN)
        for s in requested
        if s not in allowed
    )
    if not allowed:
        allowed = tuple(s for s in ue.default_slices if s in here and s in area)
    usable = tuple(s for s in ue.subscribed if s in here)
    configured = usable[:_CONFIGURED] if rejected or not requested else ()
    if rejected or not allowed:
        _explain(amf, ue, tuple(item.s_nssai for item in rejected) or ue.default_slices, refused=not allowed)
    return Choice(allowed[:_ALLOWED], rejected[:_REJECTED], configured)


def _explain(amf: Amf, ue: Ue, wanted: tuple[SNssai, ...], *, refused: bool) -> None:
    connection = ue.connection
    if connection is None:
        return
    here = amf.served.slices.get(connection.tai.plmn, ())
    reasons = []
    config = ""
    for item in wanted:
        if item not in ue.subscribed:
            reasons.append(f"slice {item} is not in the subscription of {ue.supi}")
        elif item not in here:
            reasons.append(f"slice {item} of {ue.supi} is not in {amf.served.slices_path} of {amf.amf_name}")
            config = amf.served.slices_path
        else:
            reasons.append(f"slice {item} of {ue.supi} is not supported by {connection.gnb.name} in its area")
    text = "; ".join(reasons) or f"{ue.supi} subscribes to no slice by default and requested none"
    if refused:
        amf.explain(ue, "SliceNotAllowed", f"{text}: no slice is left", config=config)
    else:
        amf.report("SliceNotAllowed", text, level="warning", subject=ue.subject, config=config)
