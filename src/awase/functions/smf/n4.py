"""N4 at the CP function: a PFCP session for each PDU session (TS 29.244 clause 6.3)."""

from collections.abc import Callable, Sequence

from awase.functions.smf.associations import Associations, words
from awase.functions.smf.config import Config
from awase.functions.smf.context import ANCHOR_SEID, Anchor, Rejection, SmContext, Tunnel, Upf
from awase.functions.smf.rules import (
    BAR,
    BUFFER_AND_NOTIFY,
    DOWNLINK,
    FROM_CP,
    UPLINK,
    Rules,
    Wishes,
    difference,
    of_anchor,
    of_intermediate,
    to_tunnel,
    whole,
    with_session_qer,
)
from awase.functions.smf.states import Input, N4State
from awase.model.machine import Machine, Procedure, Wait
from awase.model.part import NS_PER_S, Packet
from awase.model.settings import Dnn
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Cause,
    FSeid,
    Interface,
    PdnType,
    PfcpSeReqFlags,
    PfcpSmReqFlags,
    ReportType,
    UserId,
)
from awase.protocols.pfcp.entity import Request
from awase.protocols.pfcp.messages import (
    CreateBar,
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
    UsageReport,
)

_CHOICES = 2
"""How often UPFs are chosen for a session: again where the first choice has restarted."""
_UNDO_TRIES = 60
_MOST_UNDONE = 10_000
_MOST_OWED = 100_000

Leg = SmContext | Anchor
"""What has an N4 session of its own."""


class N4(Associations):
    """The N4 port. The callbacks are the SMF's: what it does about what a UPF reports."""

    def __init__(self, machine: Machine, config: Config, dnns: Callable[[str], Dnn]) -> None:
        super().__init__(machine, config, self._peer_seid)
        self._dnn = dnns
        self.n4u_address = config.addresses.get("n4u", f"{self._host}:2152").rpartition(":")[0]
        self.find_session: Callable[[int], SmContext | None] = lambda seid: None
        self._restoring: dict[int, list[int]] = {}
        """By SEID, who waits until a session is made anew."""
        self._undoing = 0
        self._settling: dict[str, None] = {}
        self.on_undoing: Callable[[int, bool], None] = lambda number, begins: None
        self.on_error_indication: Callable[[SmContext, Upf | None], None] = lambda context, peer: None
        self.on_downlink_data: Callable[[SmContext, SessionReportRequest], None] = lambda context, report: None
        self.on_usage: Callable[[SmContext, Sequence[UsageReport], bool], None] = lambda context, usage, last: None

    # Sessions (TS 29.244 clause 6.3).

    def establish(self, context: SmContext) -> Procedure[Rejection | None]:
        """PFCP Session Establishment: the UPF's tunnel goes into the context, or what went wrong comes back."""
        refused: Rejection | None = None
        for _ in range(_CHOICES):
            context.n4 = N4State.PENDING
            choice = yield from self.select(context)
            if choice is None:
                names = ", ".join(upf.name for choice in self.choices(context) for upf in choice) or "none configured"
                return refused or Rejection(38, "UPF_NOT_RESPONDING", f"no UPF is associated ({names})", "peers")
            context.upf = choice[0]
            context.anchor = Anchor(choice[1], context.seid | ANCHOR_SEID) if len(choice) == 2 else None
            refused = yield from self._establish_legs(context)
            restarted = not all(upf.associated for upf in choice)
            if refused is None or not restarted or not context.may(Input.ESTABLISHMENT_ACCEPTED):
                break
            # It was about to be told, and knows no association with us: it has restarted meanwhile.
        return refused

    def restore(self, context: SmContext, upf: Upf) -> Procedure[Rejection | None]:
        """Make a session anew at a UPF that lost it, with what it had (TS 23.527 clause 4.3.2)."""
        yield from self._restored(context)
        self.lost(context, upf)
        return (yield from self._restore(context))

    def restore_if_lost(self, context: SmContext) -> Procedure[Rejection | None]:
        """The same, unless somebody who needed the session has done it already, or does it now."""
        yield from self._restored(context)
        if all(leg.n4 is N4State.ESTABLISHED for leg in _legs(context)):
            return None
        return (yield from self._restore(context))

    def lost(self, context: SmContext, upf: Upf) -> None:
        """A UPF has nothing of a session: whoever needs it first has it made anew."""
        for leg in _legs(context):
            if leg.upf is upf and leg.n4 is N4State.ESTABLISHED:
                leg.n4 = N4State.NONE

    def _restore(self, context: SmContext) -> Procedure[Rejection | None]:
        waiting = self._restoring[context.seid] = []
        refused = yield from self._establish_legs(context, restoring=True)
        del self._restoring[context.seid]
        for number in waiting:
            self._machine.resume(("n4 restored", context.seid, number), True)
        if not context.may(Input.RELEASE_BY_NETWORK):
            # It was released while it was being made anew.
            yield from self.delete(context)
        return refused

    def _restored(self, context: SmContext) -> Procedure[None]:
        """Wait while a session is being made anew."""
        while (waiting := self._restoring.get(context.seid)) is not None:
            waiting.append(len(waiting))
            yield Wait(("n4 restored", context.seid, waiting[-1]), None)

    def _healing(self, context: SmContext, act: Callable[[], Procedure[str | None]]) -> Procedure[str | None]:
        """Do it; where the UPF has lost the session, make that anew first (TS 23.527 clause 4.3.2)."""
        yield from self._restored(context)
        problem = yield from act()
        upf = context.upf
        # Where the session is being released, it is not the UPF that has lost it.
        released = not context.may(Input.RELEASE_BY_NETWORK)
        if problem is None or upf is None or not upf.associated or context.n4 is not N4State.NONE or released:
            return problem
        refused = yield from self.restore_if_lost(context)
        return (yield from act()) if refused is None else refused.text

    def _establish_legs(self, context: SmContext, *, restoring: bool = False) -> Procedure[Rejection | None]:
        anchor = context.anchor
        if anchor is not None and anchor.n4 is not N4State.ESTABLISHED:
            refused = yield from self._establish_leg(context, anchor, restoring=restoring)
            if refused is not None:
                return refused
        if context.n4 is not N4State.ESTABLISHED:
            refused = yield from self._establish_leg(context, context, restoring=restoring)
            if refused is not None:
                if not restoring:
                    yield from self._delete_leg(context, anchor)
                return refused
        if anchor is not None and not restoring:
            assert anchor.access is not None
            far = UpdateFar(
                far_id=DOWNLINK,
                apply_action=ApplyAction.FORW,
                update_forwarding_parameters=UpdateForwardingParameters(
                    destination_interface=Interface.ACCESS, outer_header_creation=to_tunnel(anchor.access)
                ),
            )
            problem = yield from self._modify(anchor, SessionModificationRequest(update_far=(far,)))
            if problem is not None:
                yield from self.delete(context)
                return Rejection(38, "NETWORK_FAILURE", problem)
        return None

    def _establish_leg(self, context: SmContext, leg: Leg, *, restoring: bool) -> Procedure[Rejection | None]:
        upf = leg.upf
        assert upf is not None
        if not upf.ftup and leg.uplink is None and not self._allocate(context, leg, upf):
            text = f"UPF {upf.name} leaves F-TEIDs to the SMF, and its N3 address is not in n3_addresses"
            return Rejection(38, "NETWORK_FAILURE", text, "n3_addresses")
        message = self._establishment(context, leg, restoring=restoring)
        number = self.entity.next_sequence_number(upf.address)
        response = yield from self.entity.ask(upf.address, message, seid=0, number=number)
        if not isinstance(response, SessionEstablishmentResponse):
            self._machine.run(self._undo(upf, message, number))
            return Rejection(38, "UPF_NOT_RESPONDING", f"UPF {upf.name} does not answer on N4", "peers")
        if response.cause != Cause.REQUEST_ACCEPTED or response.up_f_seid is None:
            self._unassociated(upf, response.cause)
            cause = 26 if response.cause in _NO_RESOURCES else 38
            return Rejection(cause, "NETWORK_FAILURE", f"UPF {upf.name} refused the session, {words(response)}")
        leg.upf_seid = response.up_f_seid.seid
        leg.n4 = N4State.ESTABLISHED
        context.bar = context.bar and leg is not context
        if upf.ftup:
            _take_tunnels(context, leg, response)
        if leg.uplink is None:
            leg.n4 = N4State.NONE
            yield from self.entity.ask(upf.address, SessionDeletionRequest(), seid=leg.upf_seid)
            return Rejection(38, "NETWORK_FAILURE", f"UPF {upf.name} chose no IPv4 F-TEID for the uplink")
        return None

    def _unassociated(self, upf: Upf, cause: int) -> None:
        """Where a UPF knows no association with us, there is none, nor any session (TS 29.244 clause 6.2.6)."""
        if cause == Cause.NO_ESTABLISHED_PFCP_ASSOCIATION and upf.associated:
            self._restarted(upf.address)

    def _undo(self, upf: Upf, message: SessionEstablishmentRequest, number: int) -> Procedure[None]:
        """Delete a session that a UPF may have made, and whose SEID it could not tell.

        Asked again with the same sequence number it tells (TS 29.244 clause 6.4).
        """
        life, tries = self.entity.peer_started(upf.address), 0
        if self._undoing >= _MOST_UNDONE:
            return
        self._undoing += 1
        self.on_undoing(number, True)
        while tries < _UNDO_TRIES and not self._stopping:
            yield Wait(("n4 undo", upf.address, number), round(self._config.association_retry_s * NS_PER_S))
            if self.entity.peer_started(upf.address) != life:
                # With its former life the session is gone.
                break
            if not upf.associated:
                continue
            tries += 1
            response = yield from self.entity.ask(upf.address, message, seid=0, number=number)
            if isinstance(response, SessionEstablishmentResponse):
                if response.cause == Cause.REQUEST_ACCEPTED and response.up_f_seid is not None:
                    self.owe(upf, response.up_f_seid.seid, now=True)
                break
        self._undoing -= 1
        self.on_undoing(number, False)

    def _allocate(self, context: SmContext, leg: Leg, upf: Upf) -> bool:
        """F-TEIDs that we choose, for a UPF without FTUP (TS 29.244 clause 5.5.2)."""
        leg.uplink = self._own_tunnel(context, upf, 0)
        if leg is context:
            context.n4u = self._own_tunnel(context, upf, 0x80000000)
            if context.anchor is not None:
                context.anchor.access = self._own_tunnel(context, upf, 0x40000000)
        return leg.uplink is not None

    def _own_tunnel(self, context: SmContext, upf: Upf, kind: int) -> Tunnel | None:
        addresses = self._config.n3_addresses
        address = addresses.get(upf.name) or addresses.get(upf.address)
        teid = ((self._first_teid + context.seid) & 0xFFFFFFFF) ^ kind
        # TEID 0 is for signalling; of two sessions that share one, one is 2^30 sessions old.
        return Tunnel(address, teid or 0xFFFFFFFF) if address else None

    def wishes(self, context: SmContext) -> Wishes:
        """What the rules of a session need to know besides."""
        upf = context.upf
        hold_here = self._config.buffering == "smf" and upf is not None and upf.bucp
        return Wishes(self._dnn(context.dnn), Tunnel(self.n4u_address, context.seid & 0xFFFFFFFF), hold_here)

    def rules(self, context: SmContext, leg: Leg) -> Rules:
        """The rules of one N4 session of a context."""
        wishes, anchor = self.wishes(context), context.anchor
        if anchor is None:
            return with_session_qer(whole(context, wishes), context)
        return of_anchor(context, anchor, wishes) if leg is anchor else of_intermediate(context, anchor, wishes)

    def rules_of_flows(self, context: SmContext) -> Rules:
        """The rules where QoS is enforced: the anchor's, if there is one."""
        return self.rules(context, context.anchor or context)

    def move(self, context: SmContext, old: Rules, new: Rules) -> Procedure[str | None]:
        """Have the rules where QoS is enforced from one set to another; what went wrong, or None."""
        request = difference(old, new)
        if request is None:
            return None
        return (yield from self._modify(context.anchor or context, request))

    def forward(self, context: SmContext, tunnel: Tunnel, *, end_marker: bool = False) -> Procedure[str | None]:
        """Send downlink packets into NG-RAN's tunnel (TS 23.502 clause 4.3.2.2.1, step 16a)."""
        far = UpdateFar(
            far_id=DOWNLINK,
            apply_action=ApplyAction.FORW,
            update_forwarding_parameters=UpdateForwardingParameters(
                destination_interface=Interface.ACCESS,
                outer_header_creation=to_tunnel(tunnel),
                pfcpsm_req_flags=PfcpSmReqFlags.SNDEM if end_marker else None,
            ),
        )
        request = SessionModificationRequest(update_far=(far,))
        return self._healing(context, lambda: self._modify(context, request))

    def hold(self, context: SmContext) -> Procedure[str | None]:
        """Hold downlink packets back, and tell of them: no tunnel is there for them (TS 23.502 clause 4.2.6, 6a)."""
        return self._healing(context, lambda: self._hold(context))

    def _hold(self, context: SmContext) -> Procedure[str | None]:
        wishes = self.wishes(context)
        if wishes.hold_here:
            far = UpdateFar(
                far_id=DOWNLINK,
                apply_action=ApplyAction.FORW,
                update_forwarding_parameters=UpdateForwardingParameters(
                    destination_interface=Interface.CP_FUNCTION, outer_header_creation=to_tunnel(wishes.cp)
                ),
            )
            return self._modify(context, SessionModificationRequest(update_far=(far,)))
        bar = None
        if not context.bar:
            context.bar = True
            bar = CreateBar(bar_id=BAR, suggested_buffering_packets_count=self._config.buffered_packets)
        far = UpdateFar(far_id=DOWNLINK, apply_action=BUFFER_AND_NOTIFY, bar_id=BAR)
        return self._modify(context, SessionModificationRequest(create_bar=bar, update_far=(far,)))

    def drop_buffered(self, context: SmContext) -> Procedure[str | None]:
        """The UE is not reached: drop what waits, and tell of what comes next (TS 29.244 clause 5.2.3.1)."""
        far = UpdateFar(far_id=DOWNLINK, apply_action=BUFFER_AND_NOTIFY)
        return self._modify(
            context, SessionModificationRequest(update_far=(far,), pfcpsm_req_flags=PfcpSmReqFlags.DROBU)
        )

    def _modify(self, leg: Leg, request: SessionModificationRequest) -> Procedure[str | None]:
        upf = leg.upf
        if upf is None or leg.n4 is not N4State.ESTABLISHED:
            return "there is no N4 session"
        seid = leg.upf_seid
        response = yield from self.entity.ask(upf.address, request, seid=seid)
        if not isinstance(response, SessionModificationResponse):
            return f"UPF {upf.name} does not answer on N4"
        if response.cause == Cause.SESSION_CONTEXT_NOT_FOUND:
            if leg.upf_seid != seid:
                # It was made anew meanwhile: the new one is meant.
                return (yield from self._modify(leg, request))
            leg.n4 = N4State.NONE
        self._unassociated(upf, response.cause)
        if response.cause != Cause.REQUEST_ACCEPTED:
            return f"UPF {upf.name} refused the modification, {words(response)}"
        if isinstance(leg, SmContext) and response.usage_report_modification:
            self.on_usage(leg, response.usage_report_modification, False)
        return None

    def delete(self, context: SmContext) -> Procedure[str | None]:
        """PFCP Session Deletion; what went wrong, or None. The session counts as gone in any case."""
        problem = yield from self._delete_leg(context, context)
        if context.anchor is not None:
            problem = (yield from self._delete_leg(context, context.anchor)) or problem
        return problem

    def _delete_leg(self, context: SmContext, leg: Leg | None) -> Procedure[str | None]:
        upf = None if leg is None else leg.upf
        if leg is None or upf is None or leg.n4 is not N4State.ESTABLISHED:
            return None
        leg.n4 = N4State.NONE
        response = yield from self.entity.ask(upf.address, SessionDeletionRequest(), seid=leg.upf_seid)
        if not isinstance(response, SessionDeletionResponse):
            self.owe(upf, leg.upf_seid)
            return f"UPF {upf.name} does not answer on N4"
        if response.usage_report_deletion:
            self.on_usage(context, response.usage_report_deletion, True)
        if response.cause in (Cause.REQUEST_ACCEPTED, Cause.SESSION_CONTEXT_NOT_FOUND):
            return None
        return f"UPF {upf.name} refused the deletion, {words(response)}"

    def abandon(self, context: SmContext) -> None:
        """Its UPFs are not there: whatever they still have of it they are to delete when they are back."""
        for leg in _legs(context):
            if leg.n4 is N4State.ESTABLISHED and leg.upf is not None:
                leg.n4 = N4State.NONE
                self.owe(leg.upf, leg.upf_seid)

    def owe(self, upf: Upf, seid: int, *, now: bool = False) -> None:
        """A session that a UPF may still have, and that nobody wants: it is to be deleted, later or `now`."""
        if upf.forgetful or len(upf.owed) >= _MOST_OWED:
            return
        if seid not in upf.owed:
            upf.owed[seid] = None
            self.on_owed(upf, seid)
        if upf.address not in self._settling:
            self._settling[upf.address] = None
            self._machine.run(self._settle(upf, now=now))

    def _settle(self, upf: Upf, *, now: bool) -> Procedure[None]:
        while upf.owed and not self._stopping:
            if not now:
                yield Wait(("n4 owed", upf.address), round(self._config.association_retry_s * NS_PER_S))
            now = False
            for seid in tuple(upf.owed) if upf.associated else ():
                if seid not in upf.owed:
                    # It restarted meanwhile, and may have given the number to another session.
                    break
                response = yield from self.entity.ask(upf.address, SessionDeletionRequest(), seid=seid)
                if not isinstance(response, SessionDeletionResponse):
                    break
                upf.owed.pop(seid, None)
                self.on_settled(upf, (seid,))
        del self._settling[upf.address]

    def _establishment(self, context: SmContext, leg: Leg, *, restoring: bool) -> SessionEstablishmentRequest:
        rules = self.rules(context, leg)
        return SessionEstablishmentRequest(
            node_id=self._node_id,
            cp_f_seid=FSeid(seid=leg.seid, ipv4_address=self._host),
            create_pdr=tuple(rules.pdrs.values()),
            create_far=tuple(rules.fars.values()),
            create_urr=tuple(rules.urrs.values()),
            create_qer=tuple(rules.qers.values()),
            pdn_type=_PDN_TYPES[context.kind],
            user_id=_user_id(context.supi),
            apn_dnn=context.dnn,
            pfcpse_req_flags=PfcpSeReqFlags.RESTI if restoring else None,
            s_nssai=context.s_nssai,
        )

    # What a UPF asks of us.

    def handle(self, packet: Packet) -> None:
        """Take a packet of the port."""
        if packet.kind != "data":
            return
        request = self.entity.receive(packet)
        if request is None:
            return
        if not self.answer(request) and isinstance(request.message, SessionReportRequest):
            self._take_report(request)

    def _take_report(self, request: Request) -> None:
        """PFCP Session Report (clause 6.3.5)."""
        message = request.message
        assert isinstance(message, SessionReportRequest)
        found = self._of(request)
        if found is None:
            self.entity.respond(request, SessionReportResponse(cause=Cause.SESSION_CONTEXT_NOT_FOUND), seid=0)
            return
        context, leg = found
        self.entity.respond(request, SessionReportResponse(cause=Cause.REQUEST_ACCEPTED), seid=leg.upf_seid)
        if message.usage_report:
            self.on_usage(context, message.usage_report, False)
        if message.report_type & ReportType.ERIR:
            self.on_error_indication(context, _other_end(context, leg, message))
        if message.report_type & ReportType.DLDR and leg is context:
            self.on_downlink_data(context, message)

    def _of(self, request: Request) -> tuple[SmContext, Leg] | None:
        seid = request.header.seid or 0
        context = self.find_session(seid)
        leg = None if context is None else _leg(context, seid)
        if context is None or leg is None or leg.upf is None or leg.upf.address != request.peer:
            return None
        return context, leg

    def _peer_seid(self, seid: int) -> int | None:
        context = self.find_session(seid)
        leg = None if context is None else _leg(context, seid)
        return None if leg is None else leg.upf_seid


_NO_RESOURCES = (
    Cause.NO_RESOURCES_AVAILABLE,
    Cause.PFCP_ENTITY_IN_CONGESTION,
    Cause.ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED,
)

_PDN_TYPES = {"ipv4": PdnType.IPV4, "ipv6": PdnType.IPV6, "ipv4v6": PdnType.IPV4V6}


def _legs(context: SmContext) -> tuple[Leg, ...]:
    return (context,) if context.anchor is None else (context, context.anchor)


def _leg(context: SmContext, seid: int) -> Leg | None:
    return next((leg for leg in _legs(context) if leg.seid == seid), None)


def _other_end(context: SmContext, leg: Leg, report: SessionReportRequest) -> Upf | None:
    """Which UPF of a chain does not know its end of the tunnel; None: NG-RAN."""
    anchor, lost = context.anchor, report.error_indication_report
    if anchor is None:
        return None
    if leg is anchor:
        return context.upf
    ends = () if lost is None else lost.f_teid
    far_end = anchor.uplink
    known = far_end is not None and any((end.ipv4_address, end.teid) == (far_end.address, far_end.teid) for end in ends)
    return anchor.upf if known else None


def _user_id(supi: str) -> UserId | None:
    digits = supi.removeprefix("imsi-")
    return UserId(imsi=digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def _take_tunnels(context: SmContext, leg: Leg, response: SessionEstablishmentResponse) -> None:
    """Keep the F-TEIDs that the UPF chose."""
    for created in response.created_pdr:
        f_teid = created.f_teid[0] if created.f_teid else None
        if f_teid is None or not f_teid.teid or not f_teid.ipv4_address:
            continue
        tunnel = Tunnel(f_teid.ipv4_address, f_teid.teid)
        if created.pdr_id == UPLINK:
            leg.uplink = tunnel
        elif created.pdr_id == FROM_CP:
            context.n4u = tunnel
        elif created.pdr_id == DOWNLINK and context.anchor is not None and leg is context:
            context.anchor.access = tunnel
