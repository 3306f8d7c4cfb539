"""UE contexts in the part's store, so that a restart loses none (TS 23.527 clause 6, TS 23.501 clause 5.21.2)."""

from __future__ import annotations

import msgspec

from awase.functions.amf.context import Session, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.states import State
from awase.model.ids import FiveGGuti, SNssai, Supi, Tai
from awase.protocols.nas.elements import Imei, UeSecurityCapability
from awase.protocols.nas.entity import SecurityContext
from awase.protocols.ngap.elements import UEAggregateMaximumBitRate

_PREFIX = "ue/"


class _Keys(msgspec.Struct, frozen=True):
    """A 5G NAS security context."""

    ngksi: int
    k_amf: bytes
    nea: int
    nia: int
    uplink_count: int
    downlink_count: int

    def __repr__(self) -> str:
        return f"Keys({self.ngksi})"


class _Session(msgspec.Struct, frozen=True):
    """A PDU session routing context."""

    pdu_session_id: int
    s_nssai: SNssai
    dnn: str
    smf: str
    sm_context: str
    active: bool
    token: str = ""


class _Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a UE."""

    registered: bool
    keys: _Keys | None = None
    used_ng_ksi: int = 6
    guti: FiveGGuti | None = None
    old_guti: FiveGGuti | None = None
    pei: str = ""
    capability: bytes = b""
    default_slices: tuple[SNssai, ...] = ()
    subscribed: tuple[SNssai, ...] = ()
    allowed: tuple[SNssai, ...] = ()
    dnns: tuple[tuple[SNssai, tuple[str, ...]], ...] = ()
    ambr: tuple[int, int] | None = None
    area: tuple[Tai, ...] = ()
    t3512_s: int = 0
    drx: str | None = None
    radio_capability: bytes | None = None
    registered_at_udm: bool = False
    sdm_subscription: str = ""
    sessions: tuple[_Session, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


def flush(amf: Amf) -> None:
    """Write what has changed; before this returns, nothing of it has left the part."""
    touched = amf.touched
    if not touched:
        return
    amf.touched = {}
    store = amf.services.store
    try:
        for ue in touched.values():
            supi = ue.supi
            if supi is None or (supi in amf.by_supi and amf.by_supi[supi] is not ue):
                continue
            if supi in amf.by_supi:
                store.put(_PREFIX + supi, _encoder.encode(_kept(ue)))
            else:
                store.delete(_PREFIX + supi)
        store.commit()
    except OSError as error:
        amf.touched = touched | (amf.touched or {})
        amf.report_rarely(
            "StoreFailed", f"{len(touched)} UE contexts cannot be kept: {error.strerror}", config="persist"
        )


def take_up(amf: Amf) -> None:
    """The UEs of an earlier life: registered, and CM-IDLE."""
    store = amf.services.store
    for key in store.keys(_PREFIX):
        octets = store.get(key)
        try:
            kept = _decoder.decode(octets or b"")
        except msgspec.DecodeError as error:
            amf.report("StoreFailed", f"what is kept of {key[3:60]} cannot be read: {error}", level="warning")
            store.delete(key)
            continue
        _restore(amf, Supi(key.removeprefix(_PREFIX)), kept)
    if amf.by_supi:
        amf.report("StateRestored", f"{len(amf.by_supi)} UE contexts are taken up again", ues=len(amf.by_supi))


def _kept(ue: Ue) -> _Kept:
    keys = ue.security
    return _Kept(
        registered=ue.state is State.REGISTERED
        or (ue.state is State.COMMON_PROCEDURE_INITIATED and ue.registered_at_udm and ue.guti is not None),
        keys=None
        if keys is None
        else _Keys(keys.ngksi, keys.k_amf, keys.nea, keys.nia, keys.uplink_count, keys.downlink_count),
        used_ng_ksi=ue.used_ng_ksi,
        guti=ue.guti,
        old_guti=ue.old_guti,
        pei=ue.pei.digits if ue.pei is not None else "",
        capability=ue.security_capability.octets if ue.security_capability is not None else b"",
        default_slices=ue.default_slices,
        subscribed=ue.subscribed,
        allowed=ue.allowed,
        dnns=tuple(ue.dnns.items()),
        ambr=None
        if ue.ambr is None
        else (ue.ambr.ue_aggregate_maximum_bit_rate_dl, ue.ambr.ue_aggregate_maximum_bit_rate_ul),
        area=ue.registration_area,
        t3512_s=ue.t3512_s,
        drx=ue.drx,
        radio_capability=ue.radio_capability,
        registered_at_udm=ue.registered_at_udm,
        sdm_subscription=ue.sdm_subscription,
        sessions=tuple(
            _Session(s.pdu_session_id, s.s_nssai, s.dnn, s.smf, s.sm_context, s.active, s.token)
            for s in ue.sessions.values()
            if s.sm_context
        ),
    )


def _restore(amf: Amf, supi: Supi, kept: _Kept) -> None:
    ue = amf.new_ue()
    ue.supi = supi
    if kept.keys is not None:
        keys = kept.keys
        ue.security = SecurityContext("amf", ngksi=keys.ngksi, k_amf=keys.k_amf, nea=keys.nea, nia=keys.nia)
        ue.security.take_up(keys.uplink_count, keys.downlink_count)
    ue.used_ng_ksi = kept.used_ng_ksi
    ue.guti, ue.old_guti = kept.guti, kept.old_guti
    for guti in (kept.guti, kept.old_guti):
        if guti is not None:
            amf.by_tmsi[guti.five_g_tmsi] = ue
    ue.pei = Imei(digits=kept.pei) if kept.pei else None
    ue.security_capability = UeSecurityCapability(octets=kept.capability) if kept.capability else None
    ue.default_slices, ue.subscribed, ue.allowed = kept.default_slices, kept.subscribed, kept.allowed
    ue.dnns = dict(kept.dnns)
    if kept.ambr is not None:
        downlink, uplink = kept.ambr
        ue.ambr = UEAggregateMaximumBitRate(
            ue_aggregate_maximum_bit_rate_dl=downlink, ue_aggregate_maximum_bit_rate_ul=uplink
        )
    ue.registration_area, ue.t3512_s, ue.drx = kept.area, kept.t3512_s, kept.drx
    ue.radio_capability, ue.registered_at_udm = kept.radio_capability, kept.registered_at_udm
    ue.sdm_subscription = kept.sdm_subscription
    for item in kept.sessions:
        session = Session(ue, item.pdu_session_id, item.s_nssai, item.dnn, item.smf)
        session.sm_context, session.active, session.token = item.sm_context, item.active, item.token
        ue.sessions[item.pdu_session_id] = session
    amf.by_supi[supi] = ue
    ue.state = State.REGISTERED if kept.registered else State.DEREGISTERED
    amf.cm_idle(ue)
