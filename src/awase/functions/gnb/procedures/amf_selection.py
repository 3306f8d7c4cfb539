"""NNSF: which AMF a UE's first message goes to (TS 23.501 clause 6.3.5, TS 38.410 clause 5.9)."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.states import AmfState
from awase.model.ids import Guami, Plmn
from awase.protocols.rrc.messages import RRCSetupComplete


def select_amf(gnb: Gnb, plmn: Plmn, complete: RRCSetupComplete, five_g_s_tmsi: int | None) -> Amf | None:
    """The AMF that knows the UE, else one of its set, else one that serves the PLMN, by relative capacity."""
    serving = [
        amf
        for amf in gnb.amfs
        if amf.state is AmfState.SERVING and plmn in amf.plmn_slices and (not amf.unavailable or available(amf))
    ]
    identifier = None
    region = None
    if complete.registered_amf is not None:
        identifier = complete.registered_amf.amf_identifier & 0xFFFF
        region = complete.registered_amf.amf_identifier >> 16
    elif five_g_s_tmsi is not None:
        identifier = five_g_s_tmsi >> 32
    if identifier is not None:
        set_id, pointer = identifier >> 6, identifier & 0x3F
        for amf in serving:
            for guami in available(amf):
                if (guami.amf_set_id, guami.amf_pointer) == (set_id, pointer) and region in (
                    None,
                    guami.amf_region_id,
                ):
                    return amf
        same_set = [amf for amf in serving if any(g.amf_set_id == set_id for g in available(amf))]
        serving = same_set or serving
    return by_capacity(gnb, serving)


def available(amf: Amf) -> list[Guami]:
    """The GUAMIs that an AMF serves and has not said to be unavailable."""
    return [guami for guami in amf.guamis if guami not in amf.unavailable]


def by_capacity(gnb: Gnb, amfs: Sequence[Amf]) -> Amf | None:
    """One of several, with a probability in proportion to its relative capacity."""
    if len(amfs) < 2:
        return amfs[0] if amfs else None
    total = sum(amf.capacity for amf in amfs)
    if not total:
        return amfs[0]
    drawn = int.from_bytes(gnb.services.random_bytes(4, "amf-selection"), "big") % total
    for amf in amfs:
        drawn -= amf.capacity
        if drawn < 0:
            return amf
    return amfs[-1]
