"""N4 at the CP function: associations with UPFs, and a PFCP session for each PDU session (TS 29.244 clause 6)."""

from collections.abc import Callable

from awase.functions.smf.config import Config
from awase.functions.smf.context import QFI, Rejection, SmContext, Tunnel, Upf
from awase.functions.smf.states import N4State
from awase.model.machine import Machine, Procedure, Wait
from awase.model.part import NS_PER_S, Address, Packet
from awase.protocols.pfcp.elements import (
    ApplyAction,
    BitRates,
    Cause,
    FSeid,
    FTeid,
    GateStatus,
    Interface,
    NodeId,
    OuterHeaderCreation,
    OuterHeaderCreationDescription,
    OuterHeaderRemoval,
    OuterHeaderRemovalDescription,
    PdnType,
    ReportType,
    UeIpAddress,
    UpFunctionFeature,
    UserId,
    features,
    has_feature,
)
from awase.protocols.pfcp.entity import Config as EntityConfig
from awase.protocols.pfcp.entity import Entity, Request
from awase.protocols.pfcp.messages import (
    AssociationReleaseRequest,
    AssociationReleaseResponse,
    AssociationSetupRequest,
    AssociationSetupResponse,
    AssociationUpdateRequest,
    AssociationUpdateResponse,
    CreateFar,
    CreatePdr,
    CreateQer,
    ForwardingParameters,
    Message,
    NodeReportRequest,
    NodeReportResponse,
    Pdi,
    SessionDeletionRequest,
    SessionDeletionResponse,
    SessionEstablishmentRequest,
    SessionEstablishmentResponse,
    SessionModificationRequest,
    SessionModificationResponse,
    SessionReportRequest,
    SessionReportResponse,
    UpdateFar,
    UpdateForwardingParameters,
)

_DOWNLINK, _UPLINK = 1, 2
"""Identities of the two PDRs and their FARs."""
_QER = 1
_PRECEDENCE = 255

_GATES_OPEN = GateStatus()
_FROM_TUNNEL = OuterHeaderRemoval(description=OuterHeaderRemovalDescription.GTP_U_UDP_IPV4)
_CHOOSE = FTeid(choose_ipv4=True)
_HOLD = CreateFar(far_id=_DOWNLINK, apply_action=ApplyAction.BUFF)
"""Until NG-RAN's tunnel is known: what is early waits."""


class N4:
    """The N4 port. `restarted` is called with a UPF that has lost all its sessions."""

    def __init__(self, machine: Machine, config: Config) -> None:
        self._machine = machine
        self._config = config
        self._host = config.addresses.get("n4", "127.0.0.1:8805").rpartition(":")[0]
        self._node_id = NodeId(ipv4_address=self._host)
        self.upfs = [Upf(peer.part, peer.address) for peer in config.peers.get("N4", ())]
        self._by_address = {upf.address: upf for upf in self.upfs}
        self._waiting = 0
        self._waiters: dict[int, None] = {}
        self._first_teid = 0
        self.find_session: Callable[[int], SmContext | None] = lambda seid: None
        self.on_restart: Callable[[Upf], None] = lambda upf: None
        self.on_error_indication: Callable[[SmContext], None] = lambda context: None
        self.entity = Entity(
            machine,
            "n4",
            self._node_id,
            peer_seid=self._peer_seid,
            restarted=self._restarted,
            lost=self._lost,
            config=EntityConfig(
                t1_ns=round(config.n4_t1_s * NS_PER_S),
                n1=config.n4_n1,
                heartbeat_interval_ns=round(config.heartbeat_s * NS_PER_S),
            ),
        )

    def start(self) -> None:
        """Set up the associations."""
        self._first_teid = int.from_bytes(self._machine.services.random_bytes(4, "teid"))
        for upf in self.upfs:
            self._machine.run(self._association(upf))

    # Associations (TS 29.244 clause 6.2.6).

    def _association(self, upf: Upf) -> Procedure[None]:
        """PFCP Association Setup, until it succeeds."""
        warned = False
        upf.associating = True
        while not upf.associated:
            response = yield from self.entity.ask(
                upf.address,
                AssociationSetupRequest(
                    node_id=self._node_id,
                    recovery_time_stamp=self.entity.recovery_time_stamp,
                    cp_function_features=features(),
                ),
            )
            if isinstance(response, AssociationSetupResponse) and response.cause == Cause.REQUEST_ACCEPTED:
                self._associated(upf, response)
                break
            if upf.associated:
                break
            if not warned:
                warned = True
                why = "does not answer" if response is None else f"refuses, {_words(response)}"
                self._machine.report(
                    "UpfNotAssociated",
                    f"UPF {upf.name} at {upf.address} {why}; PFCP Association Setup goes on",
                    level="error",
                    subject=upf.name,
                    config="peers",
                )
            yield Wait(("n4 association", upf.address), round(self._config.association_retry_s * NS_PER_S))
        upf.associating = False

    def _associated(self, upf: Upf, peer: AssociationSetupRequest | AssociationSetupResponse) -> None:
        self.entity.note_recovery(upf.address, peer.recovery_time_stamp)
        upf.associated = True
        upf.ftup = has_feature(peer.up_function_features, UpFunctionFeature.FTUP)
        allocator = "the UPF" if upf.ftup else "the SMF"
        self._machine.report(
            "UpfAssociated",
            f"PFCP association with UPF {upf.name} at {upf.address}; {allocator} allocates F-TEIDs",
            subject=upf.name,
        )
        self.entity.watch(upf.address)
        waiters, self._waiters = self._waiters, {}
        for number in waiters:
            self._machine.resume(("n4 associated", number), True)

    def _restarted(self, address: Address) -> None:
        upf = self._by_address.get(address)
        if upf is None or not upf.associated:
            return
        self._machine.report(
            "UpfRestarted",
            f"UPF {upf.name} at {address} restarted: it has lost its sessions",
            level="error",
            subject=upf.name,
        )
        self._disassociate(upf)
        self.on_restart(upf)

    def _lost(self, address: Address) -> None:
        upf = self._by_address.get(address)
        if upf is not None and upf.associated:
            self._machine.report(
                "UpfLost",
                f"UPF {upf.name} at {address} left a heartbeat unanswered; its sessions stay for its return",
                level="error",
                subject=upf.name,
            )
            self._disassociate(upf)

    def _disassociate(self, upf: Upf) -> None:
        upf.associated = False
        self.entity.unwatch(upf.address)
        if not upf.associating:
            self._machine.run(self._association(upf))

    def _select(self) -> Procedure[Upf | None]:
        """The first UPF with an association; if there is none, the first to get one in time."""
        deadline_ns = self._machine.now_ns + round(self._config.association_wait_s * NS_PER_S)
        while True:
            for upf in self.upfs:
                if upf.associated:
                    return upf
            if not self.upfs or self._machine.now_ns >= deadline_ns:
                return None
            self._waiting += 1
            number = self._waiting
            self._waiters[number] = None
            yield Wait(("n4 associated", number), deadline_ns - self._machine.now_ns)
            self._waiters.pop(number, None)

    # Sessions (TS 29.244 clause 6.3).

    def establish(self, context: SmContext) -> Procedure[Rejection | None]:
        """PFCP Session Establishment: the UPF's tunnel goes into the context, or what went wrong comes back."""
        context.n4 = N4State.PENDING
        upf = yield from self._select()
        if upf is None:
            names = ", ".join(upf.name for upf in self.upfs) or "none configured"
            return Rejection(38, "UPF_NOT_RESPONDING", f"no UPF is associated ({names})", "peers")
        context.upf = upf
        if not upf.ftup:
            context.uplink = self._own_tunnel(context, upf)
            if context.uplink is None:
                text = f"UPF {upf.name} leaves F-TEIDs to the SMF, and its N3 address is not in n3_addresses"
                return Rejection(38, "NETWORK_FAILURE", text, "n3_addresses")
        response = yield from self.entity.ask(upf.address, self._establishment(context), seid=0)
        if not isinstance(response, SessionEstablishmentResponse):
            return Rejection(38, "UPF_NOT_RESPONDING", f"UPF {upf.name} does not answer on N4", "peers")
        if response.cause != Cause.REQUEST_ACCEPTED or response.up_f_seid is None:
            cause = 26 if response.cause in _NO_RESOURCES else 38
            return Rejection(cause, "NETWORK_FAILURE", f"UPF {upf.name} refused the session, {_words(response)}")
        context.upf_seid = response.up_f_seid.seid
        context.n4 = N4State.ESTABLISHED
        if upf.ftup:
            context.uplink = _created_tunnel(response)
        if context.uplink is None:
            context.n4 = N4State.NONE
            yield from self.entity.ask(upf.address, SessionDeletionRequest(), seid=context.upf_seid)
            return Rejection(38, "NETWORK_FAILURE", f"UPF {upf.name} chose no IPv4 F-TEID for the uplink")
        return None

    def forward(self, context: SmContext, tunnel: Tunnel) -> Procedure[str | None]:
        """Send downlink packets into NG-RAN's tunnel (TS 23.502 clause 4.3.2.2.1, step 16a)."""
        far = UpdateFar(
            far_id=_DOWNLINK,
            apply_action=ApplyAction.FORW,
            update_forwarding_parameters=UpdateForwardingParameters(
                destination_interface=Interface.ACCESS,
                outer_header_creation=OuterHeaderCreation(
                    description=OuterHeaderCreationDescription.GTP_U_UDP_IPV4,
                    teid=tunnel.teid,
                    ipv4_address=tunnel.address,
                ),
            ),
        )
        return self._modify(context, far)

    def hold(self, context: SmContext) -> Procedure[str | None]:
        """Hold downlink packets back: there is no tunnel for them (TS 23.502 clause 4.2.6, step 6a)."""
        return self._modify(context, UpdateFar(far_id=_DOWNLINK, apply_action=ApplyAction.BUFF))

    def _modify(self, context: SmContext, far: UpdateFar) -> Procedure[str | None]:
        upf = context.upf
        if upf is None or context.n4 is not N4State.ESTABLISHED:
            return "there is no N4 session"
        response = yield from self.entity.ask(
            upf.address, SessionModificationRequest(update_far=(far,)), seid=context.upf_seid
        )
        if not isinstance(response, SessionModificationResponse):
            return f"UPF {upf.name} does not answer on N4"
        if response.cause != Cause.REQUEST_ACCEPTED:
            return f"UPF {upf.name} refused the modification, {_words(response)}"
        return None

    def delete(self, context: SmContext) -> Procedure[str | None]:
        """PFCP Session Deletion; what went wrong, or None. The session counts as gone in any case."""
        upf = context.upf
        if upf is None or context.n4 is not N4State.ESTABLISHED:
            return None
        context.n4 = N4State.NONE
        response = yield from self.entity.ask(upf.address, SessionDeletionRequest(), seid=context.upf_seid)
        if not isinstance(response, SessionDeletionResponse):
            return f"UPF {upf.name} does not answer on N4"
        if response.cause in (Cause.REQUEST_ACCEPTED, Cause.SESSION_CONTEXT_NOT_FOUND):
            return None
        return f"UPF {upf.name} refused the deletion, {_words(response)}"

    def _establishment(self, context: SmContext) -> SessionEstablishmentRequest:
        dnn, qos = context.dnn, context.qos
        assert qos is not None
        to_core = ForwardingParameters(destination_interface=Interface.CORE, network_instance=dnn)
        return SessionEstablishmentRequest(
            node_id=self._node_id,
            cp_f_seid=FSeid(seid=context.seid, ipv4_address=self._host),
            create_pdr=_pdrs(context),
            create_far=(
                _HOLD,
                CreateFar(far_id=_UPLINK, apply_action=ApplyAction.FORW, forwarding_parameters=to_core),
            ),
            create_qer=(
                CreateQer(
                    qer_id=_QER,
                    gate_status=_GATES_OPEN,
                    mbr=BitRates(ul_kbps=-(-qos.uplink_bps // 1000), dl_kbps=-(-qos.downlink_bps // 1000)),
                    qfi=QFI,
                ),
            ),
            pdn_type=PdnType.IPV4,
            user_id=_user_id(context.supi),
            apn_dnn=dnn,
            s_nssai=context.s_nssai,
        )

    def _own_tunnel(self, context: SmContext, upf: Upf) -> Tunnel | None:
        """An uplink F-TEID that we choose, for a UPF without FTUP (TS 29.244 clause 5.5.2)."""
        addresses = self._config.n3_addresses
        address = addresses.get(upf.name) or addresses.get(upf.address)
        teid = (self._first_teid + context.seid) & 0xFFFFFFFF
        # TEID 0 is for signalling; of two sessions that share one, one is 2^32 sessions old.
        return Tunnel(address, teid or 0xFFFFFFFF) if address else None

    # What a UPF asks of us.

    def handle(self, packet: Packet) -> None:
        """Take a packet of the port."""
        if packet.kind != "data":
            return
        request = self.entity.receive(packet)
        if request is None:
            return
        answer = _ANSWERS.get(type(request.message))
        if answer is not None:
            answer(self, request)

    def _take_setup(self, request: Request) -> None:
        """An association that the UPF sets up itself (clause 6.2.6.3): only of UPFs that we know."""
        upf, message = self._by_address.get(request.peer), request.message
        assert isinstance(message, AssociationSetupRequest)
        self.entity.respond(
            request,
            AssociationSetupResponse(
                node_id=self._node_id,
                cause=Cause.REQUEST_REJECTED if upf is None else Cause.REQUEST_ACCEPTED,
                recovery_time_stamp=self.entity.recovery_time_stamp,
                cp_function_features=features(),
            ),
        )
        if upf is None:
            self._machine.report(
                "UpfUnknown",
                f"a UPF at {request.peer} asks for an association, and is none of our peers",
                level="warning",
                config="peers",
            )
            return
        self._associated(upf, message)
        self._machine.resume(("n4 association", upf.address), True)

    def _take_update(self, request: Request) -> None:
        self.entity.respond(request, AssociationUpdateResponse(node_id=self._node_id, cause=self._accepted(request)))

    def _take_release(self, request: Request) -> None:
        self.entity.respond(request, AssociationReleaseResponse(node_id=self._node_id, cause=self._accepted(request)))
        upf = self._by_address.get(request.peer)
        if upf is not None and upf.associated:
            self._disassociate(upf)
            self.on_restart(upf)

    def _take_node_report(self, request: Request) -> None:
        self.entity.respond(request, NodeReportResponse(node_id=self._node_id, cause=self._accepted(request)))

    def _accepted(self, request: Request) -> Cause:
        upf = self._by_address.get(request.peer)
        known = upf is not None and upf.associated
        return Cause.REQUEST_ACCEPTED if known else Cause.NO_ESTABLISHED_PFCP_ASSOCIATION

    def _take_report(self, request: Request) -> None:
        """PFCP Session Report (clause 6.3.5)."""
        message = request.message
        assert isinstance(message, SessionReportRequest)
        context = self._of(request)
        if context is None:
            self.entity.respond(request, SessionReportResponse(cause=Cause.SESSION_CONTEXT_NOT_FOUND), seid=0)
            return
        self.entity.respond(request, SessionReportResponse(cause=Cause.REQUEST_ACCEPTED), seid=context.upf_seid)
        if message.report_type & ReportType.ERIR:
            self.on_error_indication(context)

    def _of(self, request: Request) -> SmContext | None:
        context = self.find_session(request.header.seid or 0)
        if context is None or context.upf is None or context.upf.address != request.peer:
            return None
        return context

    def _peer_seid(self, seid: int) -> int | None:
        context = self.find_session(seid)
        return None if context is None else context.upf_seid


_NO_RESOURCES = (
    Cause.NO_RESOURCES_AVAILABLE,
    Cause.PFCP_ENTITY_IN_CONGESTION,
    Cause.ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED,
)

_ANSWERS: dict[type[Message], Callable[[N4, Request], None]] = {
    AssociationSetupRequest: N4._take_setup,
    AssociationUpdateRequest: N4._take_update,
    AssociationReleaseRequest: N4._take_release,
    NodeReportRequest: N4._take_node_report,
    SessionReportRequest: N4._take_report,
}


def _pdrs(context: SmContext) -> tuple[CreatePdr, CreatePdr]:
    """What the UE is sent, and what it sends: from its own address only, in its own tunnel."""
    address, dnn, uplink = context.address, context.dnn, context.uplink
    downlink = Pdi(
        source_interface=Interface.CORE,
        network_instance=dnn,
        ue_ip_address=(UeIpAddress(ipv4_address=address, destination=True),),
    )
    from_ue = Pdi(
        source_interface=Interface.ACCESS,
        f_teid=_CHOOSE if uplink is None else FTeid(teid=uplink.teid, ipv4_address=uplink.address),
        network_instance=dnn,
        ue_ip_address=(UeIpAddress(ipv4_address=address),),
        qfi=(QFI,),
    )
    return (
        CreatePdr(pdr_id=_DOWNLINK, precedence=_PRECEDENCE, pdi=downlink, far_id=_DOWNLINK, qer_id=(_QER,)),
        CreatePdr(
            pdr_id=_UPLINK,
            precedence=_PRECEDENCE,
            pdi=from_ue,
            outer_header_removal=_FROM_TUNNEL,
            far_id=_UPLINK,
            qer_id=(_QER,),
        ),
    )


def _user_id(supi: str) -> UserId | None:
    digits = supi.removeprefix("imsi-")
    return UserId(imsi=digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def _created_tunnel(response: SessionEstablishmentResponse) -> Tunnel | None:
    for created in response.created_pdr:
        if created.pdr_id == _UPLINK and created.f_teid:
            f_teid = created.f_teid[0]
            if f_teid.teid and f_teid.ipv4_address:
                return Tunnel(f_teid.ipv4_address, f_teid.teid)
    return None


def _words(response: Message) -> str:
    cause = getattr(response, "cause", 0)
    try:
        return f"cause {cause} ({Cause(cause).name.lower().replace('_', ' ')})"
    except ValueError:
        return f"cause {cause}"
