"""Registration at the UDM and what the subscription allows (TS 29.503 clauses 5.2 and 5.3, TS 23.502 4.2.2.2.2)."""

from __future__ import annotations

import json
from urllib.parse import quote

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf, uri_path
from awase.functions.amf.procedures import sm_context
from awase.model.ids import SNssai
from awase.model.machine import Procedure
from awase.model.settings import Ambr
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.ngap.elements import UEAggregateMaximumBitRate
from awase.protocols.sbi import codec, data_types
from awase.protocols.sbi import nudm_sdm as sdm
from awase.protocols.sbi import nudm_uecm as uecm
from awase.protocols.sbi.data_types import bits_per_s, snssai_key
from awase.protocols.sbi.entity import Answer, Failure
from awase.protocols.sbi.messages import MERGE_PATCH, Request
from awase.protocols.sbi.namf_communication import DATA_RESTORATION, DEREG_NOTIFY, SDM_NOTIFY
from awase.wire.errors import DecodeError

_MAX_BIT_RATE = 4_000_000_000_000
"""Bit Rate (TS 38.413 clause 9.3.1.4)."""

_CAUSES = {
    "UNKNOWN_5GS_SUBSCRIPTION": FiveGMMCause.five_gs_services_not_allowed,
    "NO_PS_SUBSCRIPTION": FiveGMMCause.five_gs_services_not_allowed,
    "USER_NOT_FOUND": FiveGMMCause.five_gs_services_not_allowed,
    "DATA_NOT_FOUND": FiveGMMCause.five_gs_services_not_allowed,
    "ROAMING_NOT_ALLOWED": FiveGMMCause.plmn_not_allowed,
    "ACCESS_NOT_ALLOWED": FiveGMMCause.n1_mode_not_allowed,
    "RAT_NOT_ALLOWED": FiveGMMCause.n1_mode_not_allowed,
}
"""What the UDM says, as a 5GMM cause (TS 29.524 clause 4); congestion for all that may pass."""


def subscribe(amf: Amf, ue: Ue) -> Procedure[FiveGMMCause | None]:
    """Register as the UE's AMF and fetch what it may use; a cause where that fails."""
    answer = yield from register(amf, ue)
    cause = _cause(amf, ue, answer, "register")
    if cause is not None:
        return cause
    ue.registered_at_udm = True
    data = None if ue.sdm_subscription else (yield from watch(amf, ue))
    if data is None:
        return (yield from fetch(amf, ue))
    _take(ue, data)
    return None


def register(amf: Amf, ue: Ue, *, initial: bool = True) -> Procedure[Answer]:
    """Nudm_UECM_Registration; `initial` False: the UDM has lost what it was told (clause 5.3.2.12)."""
    supi = ue.supi or ""
    callback = DEREG_NOTIFY.format(supi=supi)
    registration = uecm.Amf3GppAccessRegistration(
        amf_instance_id=amf.nf_instance_id,
        dereg_callback_uri=f"{amf.sbi_root}{callback}",
        guami=sm_context.guami(amf),
        rat_type="NR",
        initial_registration_ind=initial,
        pei=sm_context.pei(ue),
        data_restoration_callback_uri=f"{amf.sbi_root}{DATA_RESTORATION}",
    )
    path = uecm.AMF_3GPP_ACCESS.format(ueId=supi)
    return _send(amf, codec.json_request("PUT", path, registration))


def fetch(amf: Amf, ue: Ue) -> Procedure[FiveGMMCause | None]:
    """Fetch what the UE may use; a cause where that fails."""
    plmn = quote(json.dumps({"mcc": amf.served.home.mcc, "mnc": amf.served.home.mnc}, separators=(",", ":")))
    path = f"{sdm.DATA_SETS.format(supi=ue.supi or '')}?dataset-names=AM,SMF_SEL&plmn-id={plmn}"
    answer = yield from _send(amf, Request("GET", path))
    cause = _cause(amf, ue, answer, "get the subscription of")
    if cause is not None or isinstance(answer, Failure):
        return cause
    try:
        _take(ue, codec.decode(sdm.SubscriptionDataSets, answer.body))
    except DecodeError as error:
        amf.explain(ue, "MalformedPacket", f"the UDM's subscription data: {error}", port="sbi")
        return FiveGMMCause.congestion
    return None


def watch(amf: Amf, ue: Ue) -> Procedure[sdm.SubscriptionDataSets | None]:
    """Have the UDM tell what changes of it, and what it is (TS 23.502 clause 4.2.2.2.2 step 14b and c).

    None: it has to be asked for. Who is not told what changes uses it as it is.
    """
    supi = ue.supi or ""
    resources = (sdm.AM_DATA, sdm.SMF_SELECT_DATA)
    body = sdm.SdmSubscription(
        nf_instance_id=amf.nf_instance_id,
        callback_reference=f"{amf.sbi_root}{SDM_NOTIFY.format(supi=supi)}",
        monitored_resource_uris=tuple(resource.format(supi=supi) for resource in resources),
        plmn_id=data_types.PlmnId.of(amf.served.home),
        immediate_report=True,
        supported_features=sdm.IMMEDIATE_REPORT,
        unique_subscription=True,
    )
    answer = yield from _send(amf, codec.json_request("POST", sdm.SDM_SUBSCRIPTIONS.format(ueId=supi), body))
    path = "" if isinstance(answer, Failure) or not answer.ok else uri_path(answer.header("location") or "")
    if not path or isinstance(answer, Failure):
        why = answer.value if isinstance(answer, Failure) else str(answer.status)
        amf.report_rarely("NotSubscribed", f"the UDM will not tell what changes of {supi}: {why}", config="peers.N8")
        return None
    amf.touch(ue)
    ue.sdm_subscription = path
    if not ue.registered_at_udm:
        _unwatch(amf, ue)
    try:
        report = codec.decode(sdm.SdmSubscription, answer.body).report
        return codec.decode(sdm.SubscriptionDataSets, bytes(report)) if report else None
    except DecodeError:
        return None


def _unwatch(amf: Amf, ue: Ue) -> None:
    path, ue.sdm_subscription = ue.sdm_subscription, ""
    if path:
        amf.run(_forget(amf, path))


def _forget(amf: Amf, path: str) -> Procedure[None]:
    # It may have ended there already: what comes of it changes nothing.
    yield from _send(amf, Request("DELETE", path))


def purge(amf: Amf, ue: Ue) -> None:
    """The UE is deregistered: the UDM need not ask us for it (TS 29.503 clauses 5.2.2.4 and 5.3.2.4)."""
    _unwatch(amf, ue)
    if ue.registered_at_udm:
        ue.registered_at_udm = False
        amf.run(_purge(amf, ue))


def _purge(amf: Amf, ue: Ue) -> Procedure[None]:
    body = uecm.Amf3GppAccessRegistrationModification(guami=sm_context.guami(amf), purge_flag=True)
    request = codec.json_request(
        "PATCH",
        uecm.AMF_3GPP_ACCESS.format(ueId=ue.supi or ""),
        body,
        content_type=(("content-type", MERGE_PATCH),),
    )
    answer = yield from _send(amf, request)
    if isinstance(answer, Failure):
        amf.report_rarely("UdmSilent", f"the UDM gave {answer.value} on a purge", config="peers.N8")


def _send(amf: Amf, request: Request) -> Procedure[Answer]:
    peers = amf.config.peers.get("N8")
    if not peers:
        return Failure.RESET
    answer = yield from amf.exchange(peers[0].address, request)
    return answer


def _cause(amf: Amf, ue: Ue, answer: Answer, what: str) -> FiveGMMCause | None:
    if isinstance(answer, Failure):
        amf.explain(
            ue,
            "UdmSilent",
            f"the UDM gave {answer.value} on the attempt to {what} {ue.name()}",
            config="peers.N8",
        )
        return FiveGMMCause.congestion
    if answer.ok:
        return None
    problem = codec.problem_details(answer)
    words = " ".join(text for text in (problem.cause, problem.detail) if text)
    amf.explain(
        ue,
        "SubscriptionRefused",
        f"the UDM refuses to {what} {ue.name()}: {answer.status} {words}".rstrip(),
        status=answer.status,
    )
    return _CAUSES.get(problem.cause or "", FiveGMMCause.congestion)


def _take(ue: Ue, data: sdm.SubscriptionDataSets) -> None:
    am = data.am_data
    nssai = am.nssai if am is not None else None
    defaults = nssai.default_single_nssais if nssai is not None else ()
    others = nssai.single_nssais if nssai is not None else ()
    ue.default_slices = tuple(dict.fromkeys(item.s_nssai() for item in defaults))
    ue.subscribed = tuple(dict.fromkeys((*ue.default_slices, *(item.s_nssai() for item in others))))
    ue.ambr = _ambr(am.subscribed_ue_ambr if am is not None else None)
    infos = (data.smf_sel_data.subscribed_snssai_infos if data.smf_sel_data is not None else None) or {}
    keyed = {snssai_key(item): item for item in ue.subscribed}
    dnns: dict[SNssai, tuple[str, ...]] = {}
    for key, info in infos.items():
        item = keyed.get(key.lower())
        if item is not None:
            ordered = sorted(info.dnn_infos, key=lambda dnn: not dnn.default_dnn_indicator)
            dnns[item] = tuple(dnn.dnn for dnn in ordered)
    ue.dnns = dnns


def _ambr(given: data_types.Ambr | None) -> UEAggregateMaximumBitRate:
    """The UE-AMBR; our default where the subscription has none: a node refuses sessions with 0."""
    default = Ambr()
    downlink, uplink = int(default.downlink_mbps * 1e6), int(default.uplink_mbps * 1e6)
    if given is not None:
        downlink = bits_per_s(given.downlink) or downlink
        uplink = bits_per_s(given.uplink) or uplink
    return UEAggregateMaximumBitRate(
        ue_aggregate_maximum_bit_rate_dl=min(downlink, _MAX_BIT_RATE),
        ue_aggregate_maximum_bit_rate_ul=min(uplink, _MAX_BIT_RATE),
    )
