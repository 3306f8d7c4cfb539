"""The rules that an N4 session consists of, made of its context, and the way from one set to another.

TS 29.244 clauses 5.2 and 7.5: PDRs, FARs, QERs, a URR. Each QoS flow has a PDR in each direction, 2 * QFI - 1
for downlink and 2 * QFI for uplink, and a QER of its QFI.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from awase.functions.smf.context import QFI, Anchor, SmContext, Tunnel
from awase.functions.smf.states import UserPlane
from awase.model.settings import Dnn, FlowRate, QosFlow
from awase.protocols.nas.packet_filters import split
from awase.protocols.nas.session_elements import PacketFilterDirection
from awase.protocols.pfcp.elements import (
    ApplyAction,
    BitRates,
    FTeid,
    GateStatus,
    Interface,
    MeasurementMethod,
    OuterHeaderCreation,
    OuterHeaderCreationDescription,
    OuterHeaderRemoval,
    OuterHeaderRemovalDescription,
    ReportingTrigger,
    SdfFilter,
    UeIpAddress,
    Volume,
)
from awase.protocols.pfcp.messages import (
    CreateFar,
    CreatePdr,
    CreateQer,
    CreateUrr,
    ForwardingParameters,
    Pdi,
    RemoveFar,
    RemovePdr,
    RemoveQer,
    SessionModificationRequest,
    UpdateFar,
    UpdateForwardingParameters,
    UpdatePdr,
    UpdateQer,
)

DOWNLINK, UPLINK, EXHAUSTED, TO_CP = 1, 2, 3, 4
"""FARs; the first two are the default flow's PDRs as well."""
SOLICITATION, FROM_CP = 253, 254
"""PDRs of N4-u: router solicitations to the SMF, and what the SMF sends to the UE."""
SESSION_QER = 64
URR = 1
BAR = 1
_PRECEDENCE = 255

_GATES_OPEN = GateStatus()
_FROM_TUNNEL = OuterHeaderRemoval(description=OuterHeaderRemovalDescription.GTP_U_UDP_IPV4)
_CHOOSE = FTeid(choose_ipv4=True)
_CHOOSE_UPLINK = FTeid(choose_ipv4=True, choose_id=1)
_SOLICITATIONS = (SdfFilter(flow_description="permit out 58 from ff02::2/128 to any"),)
BUFFER = int(ApplyAction.BUFF)
BUFFER_AND_NOTIFY = int(ApplyAction.BUFF | ApplyAction.NOCP)
_MB = 1_000_000


class Rules(NamedTuple):
    """A session's rules by their identities."""

    pdrs: Mapping[int, CreatePdr]
    fars: Mapping[int, CreateFar]
    qers: Mapping[int, CreateQer]
    urrs: Mapping[int, CreateUrr]


class Wishes(NamedTuple):
    """What is not the context's own: its DNN, our end of N4-u, and whether downlink packets wait here."""

    dnn: Dnn
    cp: Tunnel
    hold_here: bool = False


def to_tunnel(tunnel: Tunnel) -> OuterHeaderCreation:
    """GTP-U into a tunnel."""
    return OuterHeaderCreation(
        description=OuterHeaderCreationDescription.GTP_U_UDP_IPV4, teid=tunnel.teid, ipv4_address=tunnel.address
    )


def whole(context: SmContext, wishes: Wishes) -> Rules:
    """The rules of a session on one UPF."""
    qers, urrs = _qers(context), _urrs(wishes.dnn)
    urr_ids = tuple(urrs)
    fars = {
        DOWNLINK: downlink_far(context, wishes),
        UPLINK: CreateFar(
            far_id=UPLINK,
            apply_action=ApplyAction.FORW,
            forwarding_parameters=ForwardingParameters(
                destination_interface=Interface.CORE, network_instance=context.dnn
            ),
        ),
    }
    if urrs and wishes.dnn.on_exhaustion == "block":
        fars[EXHAUSTED] = CreateFar(far_id=EXHAUSTED, apply_action=ApplyAction.DROP)
    pdrs: dict[int, CreatePdr] = {}
    many = bool(context.flows)
    ue = _ue_addresses(context, destination=True)
    to_ue = Pdi(source_interface=Interface.CORE, network_instance=context.dnn, ue_ip_address=ue)
    pdrs[DOWNLINK] = _pdr(DOWNLINK, _PRECEDENCE, to_ue, QFI, urr_ids)
    from_ue = _ue_addresses(context, destination=False)
    uplink = _f_teid(context.uplink, many or bool(context.prefix))
    pdi = Pdi(
        source_interface=Interface.ACCESS,
        f_teid=uplink,
        network_instance=context.dnn,
        ue_ip_address=from_ue,
        qfi=(QFI,),
    )
    pdrs[UPLINK] = _pdr(UPLINK, _PRECEDENCE, pdi, QFI, urr_ids)
    for flow in context.flows:
        _add_flow(pdrs, flow, context, (ue, from_ue, uplink), urr_ids)
    if context.prefix or wishes.hold_here:
        _add_n4u(pdrs, fars, context, wishes, uplink)
    return Rules(pdrs, fars, qers, urrs)


def _pdr(pdr_id: int, precedence: int, pdi: Pdi, qfi: int, urr_ids: tuple[int, ...]) -> CreatePdr:
    """A PDR of a flow, odd downlink and even uplink."""
    uplink = pdr_id % 2 == 0
    return CreatePdr(
        pdr_id=pdr_id,
        precedence=precedence,
        pdi=pdi,
        outer_header_removal=_FROM_TUNNEL if uplink else None,
        far_id=UPLINK if uplink else DOWNLINK,
        urr_id=urr_ids,
        qer_id=(qfi,),
    )


def _add_flow(
    pdrs: dict[int, CreatePdr],
    flow: QosFlow,
    context: SmContext,
    ends: tuple[tuple[UeIpAddress, ...], tuple[UeIpAddress, ...], FTeid],
    urr_ids: tuple[int, ...],
) -> None:
    ue, from_ue, uplink = ends
    down, up = _filters(flow)
    precedence = flow.precedence or flow.qfi
    if down:
        pdi = Pdi(source_interface=Interface.CORE, network_instance=context.dnn, ue_ip_address=ue, sdf_filter=down)
        pdrs[2 * flow.qfi - 1] = _pdr(2 * flow.qfi - 1, precedence, pdi, flow.qfi, urr_ids)
    if up:
        pdi = Pdi(
            source_interface=Interface.ACCESS,
            f_teid=uplink,
            network_instance=context.dnn,
            ue_ip_address=from_ue,
            sdf_filter=up,
            qfi=(flow.qfi,),
        )
        pdrs[2 * flow.qfi] = _pdr(2 * flow.qfi, precedence, pdi, flow.qfi, urr_ids)


def _filters(flow: QosFlow) -> tuple[tuple[SdfFilter, ...], tuple[SdfFilter, ...]]:
    """Downlink and uplink; what the UE derives by reflection comes up wherever it may go down."""
    parts = [split(text) for text in flow.packet_filters]
    down = tuple(
        SdfFilter(flow_description=rule)
        for direction, rule in parts
        if direction is not PacketFilterDirection.uplink_only
    )
    up = tuple(
        SdfFilter(flow_description=rule)
        for direction, rule in parts
        if flow.reflective or direction is not PacketFilterDirection.downlink_only
    )
    return down, up


def _add_n4u(
    pdrs: dict[int, CreatePdr], fars: dict[int, CreateFar], context: SmContext, wishes: Wishes, uplink: FTeid
) -> None:
    """User packets between UPF and SMF (clause 5.3)."""
    if context.prefix:
        pdi = Pdi(
            source_interface=Interface.ACCESS,
            f_teid=uplink,
            network_instance=context.dnn,
            sdf_filter=_SOLICITATIONS,
            qfi=(QFI,),
        )
        pdrs[SOLICITATION] = CreatePdr(
            pdr_id=SOLICITATION, precedence=0, pdi=pdi, outer_header_removal=_FROM_TUNNEL, far_id=TO_CP
        )
        fars[TO_CP] = CreateFar(
            far_id=TO_CP,
            apply_action=ApplyAction.FORW,
            forwarding_parameters=ForwardingParameters(
                destination_interface=Interface.CP_FUNCTION, outer_header_creation=to_tunnel(wishes.cp)
            ),
        )
    pdrs[FROM_CP] = CreatePdr(
        pdr_id=FROM_CP,
        precedence=_PRECEDENCE,
        pdi=Pdi(
            source_interface=Interface.CP_FUNCTION, f_teid=_f_teid(context.n4u, False), network_instance=context.dnn
        ),
        outer_header_removal=_FROM_TUNNEL,
        far_id=DOWNLINK,
        qer_id=(QFI,),
    )


def _f_teid(tunnel: Tunnel | None, shared: bool) -> FTeid:
    if tunnel is not None:
        return FTeid(teid=tunnel.teid, ipv4_address=tunnel.address)
    return _CHOOSE_UPLINK if shared else _CHOOSE


def _ue_addresses(context: SmContext, *, destination: bool) -> tuple[UeIpAddress, ...]:
    # The prefix length is 64 where nothing else is said (clause 8.2.62).
    prefix = context.prefix.partition("/")[0] or None
    return (UeIpAddress(ipv4_address=context.address or None, ipv6_address=prefix, destination=destination),)


def downlink_far(context: SmContext, wishes: Wishes) -> CreateFar:
    """What becomes of downlink packets, as the user plane stands."""
    if context.user_plane is UserPlane.ACTIVATED and context.downlink is not None:
        return _forwarding(DOWNLINK, Interface.ACCESS, context.downlink)
    if context.user_plane is UserPlane.DEACTIVATED and wishes.hold_here:
        return _forwarding(DOWNLINK, Interface.CP_FUNCTION, wishes.cp)
    action = BUFFER_AND_NOTIFY if context.user_plane is UserPlane.DEACTIVATED else BUFFER
    return CreateFar(far_id=DOWNLINK, apply_action=action)


def _forwarding(far_id: int, interface: Interface, tunnel: Tunnel) -> CreateFar:
    return CreateFar(
        far_id=far_id,
        apply_action=ApplyAction.FORW,
        forwarding_parameters=ForwardingParameters(
            destination_interface=interface, outer_header_creation=to_tunnel(tunnel)
        ),
    )


def _qers(context: SmContext) -> dict[int, CreateQer]:
    """The default flow's bounds it by the session-AMBR, and so does one for all non-GBR flows, if there are more."""
    qos = context.qos
    assert qos is not None
    ambr = BitRates(ul_kbps=-(-qos.uplink_bps // 1000), dl_kbps=-(-qos.downlink_bps // 1000))
    qers = {QFI: CreateQer(qer_id=QFI, gate_status=_GATES_OPEN, mbr=ambr, qfi=QFI)}
    for flow in context.flows:
        most = flow.mbr or flow.gbr
        qers[flow.qfi] = CreateQer(
            qer_id=flow.qfi,
            gate_status=_GATES_OPEN,
            mbr=None if most is None else _kbps(most),
            gbr=None if flow.gbr is None else _kbps(flow.gbr),
            qfi=flow.qfi,
            rqi=1 if flow.reflective and context.reflective else None,
            averaging_window=flow.averaging_window_ms,
        )
    if any(flow.gbr is None for flow in context.flows):
        qers[SESSION_QER] = CreateQer(qer_id=SESSION_QER, gate_status=_GATES_OPEN, mbr=ambr)
    return qers


def _kbps(rate: FlowRate) -> BitRates:
    return BitRates(ul_kbps=round(rate.uplink_mbps * 1000), dl_kbps=round(rate.downlink_mbps * 1000))


def _urrs(dnn: Dnn) -> dict[int, CreateUrr]:
    """One for the session, where the DNN is measured at all."""
    triggers = 0
    if dnn.volume_threshold_mb is not None:
        triggers |= ReportingTrigger.VOLTH
    if dnn.time_threshold_s is not None:
        triggers |= ReportingTrigger.TIMTH
    if dnn.quota_mb is not None:
        triggers |= ReportingTrigger.VOLQU
    if dnn.time_quota_s is not None:
        triggers |= ReportingTrigger.TIMQU
    if not triggers:
        return {}
    quota = dnn.quota_mb is not None or dnn.time_quota_s is not None
    urr = CreateUrr(
        urr_id=URR,
        measurement_method=MeasurementMethod.VOLUM | MeasurementMethod.DURAT,
        reporting_triggers=triggers,
        volume_threshold=_volume(dnn.volume_threshold_mb),
        volume_quota=_volume(dnn.quota_mb),
        time_threshold=dnn.time_threshold_s,
        time_quota=dnn.time_quota_s,
        far_id=EXHAUSTED if quota and dnn.on_exhaustion == "block" else None,
    )
    return {URR: urr}


def _volume(megabytes: float | None) -> Volume | None:
    return None if megabytes is None else Volume(total_bytes=round(megabytes * _MB))


def with_session_qer(rules: Rules, context: SmContext) -> Rules:
    """The QER of all non-GBR flows goes with each of their PDRs (clause 5.4.4)."""
    if SESSION_QER not in rules.qers:
        return rules
    of_non_gbr = {QFI, *(flow.qfi for flow in context.flows if flow.gbr is None)}
    pdrs: dict[int, Any] = {}
    for pdr_id, pdr in rules.pdrs.items():
        shared = pdr.qer_id and pdr.qer_id[0] in of_non_gbr
        pdrs[pdr_id] = _replace(pdr, qer_id=(*pdr.qer_id, SESSION_QER)) if shared else pdr
    return rules._replace(pdrs=pdrs)


def _replace(pdr: CreatePdr, *, qer_id: tuple[int, ...]) -> CreatePdr:
    return CreatePdr(
        pdr_id=pdr.pdr_id,
        precedence=pdr.precedence,
        pdi=pdr.pdi,
        outer_header_removal=pdr.outer_header_removal,
        far_id=pdr.far_id,
        urr_id=pdr.urr_id,
        qer_id=qer_id,
    )


def of_anchor(context: SmContext, anchor: Anchor, wishes: Wishes) -> Rules:
    """The anchor's rules: as a session's on one UPF, but its access is the intermediate UPF (clause 5.6)."""
    rules = with_session_qer(whole(context, wishes), context)
    far = (
        CreateFar(far_id=DOWNLINK, apply_action=ApplyAction.DROP)
        if anchor.access is None
        else _forwarding(DOWNLINK, Interface.ACCESS, anchor.access)
    )
    uplink = _f_teid(anchor.uplink, len(rules.pdrs) > 2)
    pdrs = {}
    for pdr_id, pdr in rules.pdrs.items():
        pdi = pdr.pdi
        if pdi.source_interface == Interface.ACCESS:
            pdi = Pdi(
                source_interface=pdi.source_interface,
                f_teid=uplink,
                network_instance=pdi.network_instance,
                ue_ip_address=pdi.ue_ip_address,
                sdf_filter=pdi.sdf_filter,
                qfi=pdi.qfi,
            )
        pdrs[pdr_id] = CreatePdr(
            pdr_id=pdr.pdr_id,
            precedence=pdr.precedence,
            pdi=pdi,
            outer_header_removal=pdr.outer_header_removal,
            far_id=pdr.far_id,
            urr_id=pdr.urr_id,
            qer_id=pdr.qer_id,
        )
    return rules._replace(pdrs=pdrs, fars={**rules.fars, DOWNLINK: far})


def of_intermediate(context: SmContext, anchor: Anchor, wishes: Wishes) -> Rules:
    """The intermediate UPF's: from N3 to N9 and back, QFIs as they come."""
    assert anchor.uplink is not None
    down = Pdi(
        source_interface=Interface.CORE,
        f_teid=_f_teid(anchor.access, False),
        network_instance=context.dnn,
    )
    up = Pdi(source_interface=Interface.ACCESS, f_teid=_f_teid(context.uplink, False), network_instance=context.dnn)
    pdrs = {
        pdr_id: CreatePdr(
            pdr_id=pdr_id, precedence=_PRECEDENCE, pdi=pdi, outer_header_removal=_FROM_TUNNEL, far_id=pdr_id
        )
        for pdr_id, pdi in ((DOWNLINK, down), (UPLINK, up))
    }
    fars = {
        DOWNLINK: downlink_far(context, wishes),
        UPLINK: _forwarding(UPLINK, Interface.CORE, anchor.uplink),
    }
    return Rules(pdrs, fars, {}, {})


def difference(old: Rules, new: Rules) -> SessionModificationRequest | None:
    """What takes one set of rules to another, or None where they are the same."""
    changed_far = [far for number, far in new.fars.items() if number in old.fars and old.fars[number] != far]
    changed_qer = [qer for number, qer in new.qers.items() if number in old.qers and old.qers[number] != qer]
    changed_pdr = [pdr for number, pdr in new.pdrs.items() if number in old.pdrs and old.pdrs[number] != pdr]
    request = SessionModificationRequest(
        remove_pdr=tuple(RemovePdr(pdr_id=number) for number in old.pdrs if number not in new.pdrs),
        remove_far=tuple(RemoveFar(far_id=number) for number in old.fars if number not in new.fars),
        remove_qer=tuple(RemoveQer(qer_id=number) for number in old.qers if number not in new.qers),
        create_pdr=tuple(pdr for number, pdr in new.pdrs.items() if number not in old.pdrs),
        create_far=tuple(far for number, far in new.fars.items() if number not in old.fars),
        create_qer=tuple(qer for number, qer in new.qers.items() if number not in old.qers),
        update_pdr=tuple(
            UpdatePdr(pdr_id=pdr.pdr_id, precedence=pdr.precedence, pdi=pdr.pdi, qer_id=pdr.qer_id, urr_id=pdr.urr_id)
            for pdr in changed_pdr
        ),
        update_far=tuple(_update_far(far) for far in changed_far),
        update_qer=tuple(
            UpdateQer(
                qer_id=qer.qer_id,
                mbr=qer.mbr,
                gbr=qer.gbr,
                rqi=qer.rqi if qer.rqi is not None else (0 if old.qers[qer.qer_id].rqi else None),
                averaging_window=qer.averaging_window,
            )
            for qer in changed_qer
        ),
    )
    return None if request == SessionModificationRequest() else request


def _update_far(far: CreateFar) -> UpdateFar:
    parameters = far.forwarding_parameters
    return UpdateFar(
        far_id=far.far_id,
        apply_action=far.apply_action,
        update_forwarding_parameters=None
        if parameters is None
        else UpdateForwardingParameters(
            destination_interface=parameters.destination_interface,
            network_instance=parameters.network_instance,
            outer_header_creation=parameters.outer_header_creation,
        ),
    )
