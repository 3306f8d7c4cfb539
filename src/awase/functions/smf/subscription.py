"""What a subscription allows a PDU session (TS 29.503 clause 6.1.6.2.8), and what becomes of the UE's wishes."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Network

from awase.functions.smf.context import MAX_BIT_RATE_BPS, Qos, Rejection, SmContext
from awase.functions.smf.sbi import SubscriptionData, words
from awase.functions.smf.smf import Smf
from awase.model.settings import PduSessionType as PduSessionKind
from awase.protocols.nas.messages import PDUSessionEstablishmentRequest
from awase.protocols.nas.session_elements import PduSessionType
from awase.protocols.sbi import codec
from awase.protocols.sbi.data_types import Arp, bits_per_s
from awase.protocols.sbi.entity import Answer, Failure
from awase.protocols.sbi.nudm_sdm import DnnConfiguration, SdmSubscription, SubscriptionDataSets
from awase.wire.errors import DecodeError


def reported(answer: Answer) -> SubscriptionData | None:
    """What the answer to a subscription says of all slices and DNNs (TS 29.503 clause 6.1.6.2.3); None: nothing."""
    if isinstance(answer, Failure) or not answer.ok:
        return None
    try:
        report = codec.decode(SdmSubscription, answer.body).report
        return codec.decode(SubscriptionDataSets, bytes(report)).sm_data if report else None
    except DecodeError:
        return None


def configuration(context: SmContext, answer: Answer | SubscriptionData) -> DnnConfiguration | Rejection:
    """The subscription for the slice and DNN asked for, or why there is none."""
    data = answer if isinstance(answer, tuple) else _of_slice_and_dnn(context, answer)
    if isinstance(data, Rejection):
        return data
    of_slice = [entry for entry in data if entry.single_nssai.s_nssai() == context.s_nssai]
    for entry in of_slice:
        found = (entry.dnn_configurations or {}).get(context.dnn) or (entry.dnn_configurations or {}).get("*")
        if found is not None:
            return found
    if not of_slice:
        text = f"slice {context.s_nssai} is not in the subscription of {context.supi}"
        return Rejection(33, "SUBSCRIPTION_DENIED", text)
    text = f"DNN {context.dnn!r} is not subscribed in slice {context.s_nssai}"
    return Rejection(70, "DNN_DENIED", text)


def _of_slice_and_dnn(context: SmContext, answer: Answer) -> SubscriptionData | Rejection:
    """What the UDM says when it is asked for one slice and DNN."""
    if isinstance(answer, Failure):
        return Rejection(38, "PEER_NOT_RESPONDING", f"the UDM: {answer.value}", "peers")
    if answer.status == 404:
        text = f"the UDM has no subscription to DNN {context.dnn!r} in slice {context.s_nssai}: {words(answer)}"
        return Rejection(33, "SUBSCRIPTION_DENIED", text)
    if not answer.ok:
        return Rejection(38, "NETWORK_FAILURE", f"the UDM answered {words(answer)}")
    try:
        return codec.decode(SubscriptionData, answer.body)
    except DecodeError as error:
        return Rejection(38, "NETWORK_FAILURE", f"the UDM's subscription data cannot be read: {error}")


def qos(smf: Smf, data: DnnConfiguration) -> Qos:
    """The session's QoS: the subscription's, else ours."""
    found = smf.default_qos()
    profile, ambr = data.five_g_qos_profile, data.session_ambr
    if profile is not None:
        arp: Arp = profile.arp
        found = found._replace(
            five_qi=profile.five_qi,
            priority_level=arp.priority_level,
            may_pre_empt=arp.preempt_cap == "MAY_PREEMPT",
            pre_emptable=arp.preempt_vuln == "PREEMPTABLE",
        )
    if ambr is not None:
        try:
            uplink_bps, downlink_bps = bits_per_s(ambr.uplink), bits_per_s(ambr.downlink)
            found = found._replace(
                uplink_bps=min(uplink_bps, MAX_BIT_RATE_BPS), downlink_bps=min(downlink_bps, MAX_BIT_RATE_BPS)
            )
        except DecodeError as error:
            smf.report("MalformedPacket", f"session-AMBR from the UDM: {error}", level="warning", port="sbi")
    return found


def ssc_mode(smf: Smf, data: DnnConfiguration, asked: int | None) -> int:
    """The SSC mode that was asked for, else the subscription's."""
    if asked is not None:
        return int(asked)
    default = data.ssc_modes.default_ssc_mode
    return int(default[-1]) if default[-1:].isdecimal() else smf.config.ssc_modes[0]


def type_and_mode(
    smf: Smf,
    context: SmContext,
    data: DnnConfiguration,
    request: PDUSessionEstablishmentRequest,
    mode: int,
) -> Rejection | None:
    """What UE, subscription and SMF all allow (TS 24.501 clauses 6.4.1.3, 6.4.1.4.1); the context gets the type."""
    asked = request.pdu_session_type
    served = smf.pools[context.dnn].types
    types = data.pdu_session_types
    subscribed = types.allowed_session_types or (types.default_session_type or "IPV4",)
    if asked is None:
        wanted = (types.default_session_type or "IPV4").lower()
    elif asked in _TYPES:
        wanted = _TYPES[asked]
    else:
        text = f"PDU session type {PduSessionType(asked).name} was asked for, only {', '.join(served)} are served"
        return Rejection(28, "PDUTYPE_NOT_SUPPORTED", text)
    allowed = [kind for kind in _KINDS if kind in served and _is_subscribed(kind, subscribed)]
    kind = next((kind for kind in _FALL_BACK.get(wanted, ()) if kind in allowed), None)
    if kind is None:
        return _no_type(wanted, served, subscribed, allowed)
    context.kind = kind
    if mode not in _ssc_modes(smf, data):
        return Rejection(68, "SSC_NOT_SUPPORTED", f"SSC mode {mode} is not served or subscribed", "ssc_modes")
    return None


def _is_subscribed(kind: str, subscribed: tuple[str, ...]) -> bool:
    # Who may have both versions may have one of them (TS 23.501 clause 5.8.2.2.1).
    return kind.upper() in subscribed or "IPV4V6" in subscribed


def _no_type(
    wanted: str, served: tuple[str, ...], subscribed: tuple[str, ...], allowed: list[PduSessionKind]
) -> Rejection:
    if wanted not in served and wanted in ("ipv4", "ipv6"):
        cause = 50 if wanted == "ipv6" else 51
        name, other = ("IPv6", "IPv4") if wanted == "ipv6" else ("IPv4", "IPv6")
        return Rejection(cause, "PDUTYPE_NOT_SUPPORTED", f"{name} was asked for, only {other} is served")
    if allowed and wanted in ("ipv4", "ipv6"):
        cause = 50 if wanted == "ipv6" else 51
        return Rejection(cause, "PDUTYPE_DENIED", f"{wanted} was asked for, only {', '.join(allowed)} is allowed")
    text = f"only {', '.join(subscribed)} is subscribed, and {', '.join(served)} served"
    return Rejection(28, "PDUTYPE_DENIED", text)


_KINDS: tuple[PduSessionKind, ...] = ("ipv4", "ipv6", "ipv4v6")
_TYPES = {PduSessionType.ipv4: "ipv4", PduSessionType.ipv6: "ipv6", PduSessionType.ipv4v6: "ipv4v6"}
_FALL_BACK: dict[str, tuple[PduSessionKind, ...]] = {
    "ipv4": ("ipv4",),
    "ipv6": ("ipv6",),
    "ipv4v6": ("ipv4v6", "ipv4", "ipv6"),
}
"""Whoever asks for both versions takes one (TS 24.501 clause 6.4.1.3)."""


def static(data: DnnConfiguration) -> tuple[str, str]:
    """The IPv4 address and the IPv6 prefix that are subscribed to, or "" each."""
    address = prefix = ""
    for entry in data.static_ip_address or ():
        address = entry.ipv4_addr or address
        prefix = entry.ipv6_prefix or prefix
    return (address if _is(IPv4Address, address) else ""), (prefix if _is(IPv6Network, prefix) else "")


def _is(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _ssc_modes(smf: Smf, data: DnnConfiguration) -> tuple[int, ...]:
    modes = data.ssc_modes
    subscribed = (modes.default_ssc_mode, *modes.allowed_ssc_modes)
    return tuple(mode for mode in smf.config.ssc_modes if f"SSC_MODE_{mode}" in subscribed)
