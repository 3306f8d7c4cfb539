"""Sessions that outlive the UPF: each is kept as the request that would set it up, and taken up again at the start.

A UPF that has kept its sessions keeps its Recovery Time Stamp too, so that its SMFs see no restart (TS 23.527).
"""

import msgspec

from awase.functions.upf.context import Association, Refusal, Session
from awase.functions.upf.core import Core, session_key
from awase.functions.upf.rule import Bar, Far, Pdr, Qer
from awase.functions.upf.rules import Edit
from awase.functions.upf.usage import Urr
from awase.model.part import NS_PER_MS, NS_PER_S, Address
from awase.protocols.gtpu.messages import PORT as GTP_U_PORT
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import (
    FSeid,
    FTeid,
    GateStatus,
    NodeId,
    OuterHeaderCreation,
    OuterHeaderCreationDescription,
    OuterHeaderRemoval,
    UeIpAddress,
)
from awase.wire.addresses import ipv4_text, ipv6_text
from awase.wire.errors import DecodeError, EncodeError

_STARTED = "recovery time stamp"


class _Kept(msgspec.Struct, array_like=True):
    """What a session's request does not say."""

    up_seid: int
    cp_seid: int
    cp_peer: str
    node: str
    supi: str
    dnn: str
    own_addresses: list[tuple[str, bytes]]
    request: bytes


class _KeptAssociation(msgspec.Struct, array_like=True):
    node: str
    peer: Address
    recovery_time_stamp: int


def save(core: Core, session: Session) -> None:
    """Keep a session as it is, before its SMF is answered."""
    if not core.config.persist:
        return
    try:
        request = encode(_request(core, session), sequence_number=0, seid=0)
    except EncodeError as error:
        core.report("SessionNotKept", f"the session of {session.subject} cannot be kept: {error}", level="warning")
        return
    kept = _Kept(
        session.up_seid,
        session.cp_seid,
        session.cp_peer,
        session.node,
        session.supi,
        session.dnn,
        list(session.own_addresses),
        request,
    )
    _put(core, session_key(session), msgspec.msgpack.encode(kept))


def save_association(core: Core, association: Association) -> None:
    """Keep an association."""
    if core.config.persist:
        kept = _KeptAssociation(association.node, association.peer, association.recovery_time_stamp)
        _put(core, f"association/{association.node}", msgspec.msgpack.encode(kept))


def forget_association(core: Core, association: Association) -> None:
    """Keep an association no more."""
    if core.config.persist:
        core.services.store.delete(f"association/{association.node}")
        _commit(core)


def _put(core: Core, key: str, value: bytes) -> None:
    try:
        core.services.store.put(key, value)
    except OSError as error:
        _full(core, error)
        return
    _commit(core)


def _commit(core: Core) -> None:
    try:
        core.services.store.commit()
    except OSError as error:
        _full(core, error)


def _full(core: Core, error: OSError) -> None:
    core.report(
        "StoreFailed",
        f"the store takes no more ({error}): a restart would lose sessions",
        level="error",
        config="persist",
        at_most_per_s=1,
    )


def restore(core: Core) -> None:
    """Take up what was kept; without anything kept, begin to."""
    store = core.services.store
    started = store.get(_STARTED)
    if started is None:
        _put(core, _STARTED, core.pfcp.recovery_time_stamp.to_bytes(4, "big"))
        return
    core.pfcp.take_up(int.from_bytes(started, "big"))
    for key in store.keys("association/"):
        octets = store.get(key)
        if octets is not None:
            _restore_association(core, octets)
    restored = sum(_restore(core, key, store.get(key) or b"") for key in store.keys("session/"))
    core.report("SessionsRestored", f"{restored} PFCP sessions were taken up again", sessions=restored)


def _restore_association(core: Core, octets: bytes) -> None:
    try:
        kept = msgspec.msgpack.decode(octets, type=_KeptAssociation)
    except msgspec.MsgspecError:
        return
    association = Association(kept.node, kept.peer, kept.recovery_time_stamp)
    core.context.associations[kept.node] = association
    core.pfcp.note_recovery(kept.peer, kept.recovery_time_stamp)
    core.pfcp.watch(kept.peer)


def _restore(core: Core, key: str, octets: bytes) -> bool:
    try:
        kept = msgspec.msgpack.decode(octets, type=_Kept)
        _, request = decode(kept.request)
        assert isinstance(request, m.SessionEstablishmentRequest)
        session = Session(kept.up_seid, kept.cp_seid, kept.cp_peer, kept.node)
        session.supi, session.dnn = kept.supi, kept.dnn
        edit = Edit(
            core.context,
            session,
            own_addresses=core.own_addresses,
            max_rules=core.config.max_rules_per_session,
            now_ns=core.now_ns,
        )
        edit.create(request)
        edit.check()
    except (msgspec.MsgspecError, DecodeError, Refusal, AssertionError) as error:
        core.report("SessionNotRestored", f"what was kept under {key} is no session: {error}", level="error")
        return False
    edit.commit()
    session.own_addresses = tuple(kept.own_addresses)
    for address in session.own_addresses:
        core.context.reserved[address] = None
    core.context.add(session)
    for far in session.fars.values():
        if far.teid is not None:
            core.gtpu_of(far.destination_interface).watch(far.peer)
    return True


# A session as the request that would set it up.


def _request(core: Core, session: Session) -> m.SessionEstablishmentRequest:
    return m.SessionEstablishmentRequest(
        node_id=NodeId(fqdn="kept"),
        cp_f_seid=FSeid(seid=session.cp_seid, ipv4_address="0.0.0.0"),  # noqa: S104 (of no one)
        create_pdr=tuple(_pdr(core, pdr) for pdr in session.pdrs.values()),
        create_far=tuple(_far(far) for far in session.fars.values()),
        create_qer=tuple(_qer(qer) for qer in session.qers.values()),
        create_urr=tuple(_urr(urr) for urr in session.urrs.values()),
        create_bar=next((_bar(bar) for bar in session.bars.values()), None),
    )


def _pdr(core: Core, pdr: Pdr) -> m.CreatePdr:
    own_address = core.own_addresses.get(pdr.source_interface, core.n3_address)
    ue: tuple[UeIpAddress, ...] = ()
    if pdr.address4 is not None or pdr.address6 is not None:
        ue4 = None if pdr.address4 is None else ipv4_text(pdr.address4)
        ue6 = None if pdr.address6 is None else ipv6_text(pdr.address6 + bytes(8))
        ue = (UeIpAddress(ipv4_address=ue4, ipv6_address=ue6, destination=pdr.destination),)
    return m.CreatePdr(
        pdr_id=pdr.pdr_id,
        precedence=pdr.precedence,
        pdi=m.Pdi(
            source_interface=pdr.source_interface,
            f_teid=None if pdr.teid is None else FTeid(teid=pdr.teid, ipv4_address=own_address),
            network_instance=pdr.network_instance,
            ue_ip_address=ue,
            sdf_filter=pdr.sdf_filters,
            qfi=pdr.qfis,
        ),
        outer_header_removal=OuterHeaderRemoval(description=0) if pdr.outer_header_removal else None,
        far_id=pdr.far_id,
        qer_id=pdr.qer_ids,
        urr_id=pdr.urr_ids,
    )


def _far(far: Far) -> m.CreateFar:
    outer = None
    if far.teid is not None:
        outer = OuterHeaderCreation(
            description=OuterHeaderCreationDescription.GTP_U_UDP_IPV4,
            teid=far.teid,
            ipv4_address=far.peer.removesuffix(f":{GTP_U_PORT}"),
        )
    parameters = None
    if far.destination_interface is not None:
        parameters = m.ForwardingParameters(
            destination_interface=far.destination_interface,
            network_instance=far.network_instance,
            outer_header_creation=outer,
        )
    return m.CreateFar(far_id=far.far_id, apply_action=far.actions, forwarding_parameters=parameters, bar_id=far.bar_id)


def _qer(qer: Qer) -> m.CreateQer:
    return m.CreateQer(
        qer_id=qer.qer_id,
        qer_correlation_id=qer.correlation_id,
        gate_status=GateStatus(ul_gate=not qer.ul_open, dl_gate=not qer.dl_open),
        mbr=qer.mbr,
        gbr=qer.gbr,
        qfi=qer.qfi,
        rqi=int(qer.rqi),
        paging_policy_indicator=qer.ppi,
    )


def _urr(urr: Urr) -> m.CreateUrr:
    return m.CreateUrr(
        urr_id=urr.urr_id,
        measurement_method=urr.method,
        reporting_triggers=urr.triggers,
        measurement_period=_seconds(urr.period_ns),
        volume_threshold=urr.volume_threshold,
        volume_quota=urr.volume_quota,
        time_threshold=_seconds(urr.time_threshold_ns),
        time_quota=_seconds(urr.time_quota_ns),
        quota_holding_time=_seconds(urr.holding_ns),
        quota_validity_time=_seconds(urr.validity_ns),
        inactivity_detection_time=_seconds(urr.inactivity_ns),
        linked_urr_id=urr.linked,
        measurement_information=urr.information or None,
        far_id=urr.far_id,
    )


def _seconds(duration_ns: int | None) -> int | None:
    return None if duration_ns is None else duration_ns // NS_PER_S


def _bar(bar: Bar) -> m.CreateBar:
    return m.CreateBar(
        bar_id=bar.bar_id,
        downlink_data_notification_delay=bar.delay_ns // (50 * NS_PER_MS),
        suggested_buffering_packets_count=bar.packets,
    )
