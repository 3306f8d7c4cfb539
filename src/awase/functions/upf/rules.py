"""A session's rules from the elements of a request (TS 29.244 clauses 5.2 and 7.5.2 to 7.5.4).

An Edit works on copies: either every rule of a request can be kept, or none is (clause 7.5.3.1: there is no
partial acceptance here), and what was there before stays as it was.
"""

from collections.abc import Iterable
from typing import TypeVar

from awase.functions.upf import sdf
from awase.functions.upf.context import Context, Far, Pdr, Qer, Refusal, Session, TokenBucket, Urr
from awase.functions.upf.rule_elements import (
    F_TEID,
    FORWARDING_PARAMETERS,
    NETWORK_INSTANCE,
    OUTER_HEADER_CREATION,
    SDF_FILTER,
    TRAFFIC_ENDPOINT,
    UE_IP_ADDRESS,
    actions_of,
    removes,
    set_outer_header,
    set_urr,
)
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    ApplyAction,
    BitRates,
    Cause,
    FailedRuleId,
    FTeid,
    GateStatus,
    Interface,
    RuleIdType,
    SdfFilter,
    UeIpAddress,
)
from awase.wire.addresses import ipv4_octets, ipv4_text

R = TypeVar("R")


class Edit:
    """A change of a session's rules: apply a request's elements, then `commit` or `release`."""

    def __init__(self, context: Context, session: Session, *, own_address: str, max_rules: int, now_ns: int) -> None:
        self._context = context
        self._session = session
        self._own_address = own_address
        self._max_rules = max_rules
        self._now_ns = now_ns
        self._pdrs = dict(session.pdrs)
        self._fars = dict(session.fars)
        self._qers = dict(session.qers)
        self._urrs = dict(session.urrs)
        self._bars = dict(session.bars)
        self._chosen: dict[int, int] = {}
        self._filters: dict[int | None, sdf.Rule] = {}
        self._new_teids: list[int] = []
        self._new_addresses: list[bytes] = []
        self.created_pdrs: list[m.CreatedPdr] = []
        self.end_markers: list[tuple[str, int]] = []
        """Where a tunnel ends that the SMF wants marked: peer and TEID."""

    def release(self) -> None:
        """Give back what was chosen, since the request is refused."""
        for teid in self._new_teids:
            if not self._context.by_teid.get(teid):
                self._context.by_teid.pop(teid, None)
        for address in self._new_addresses:
            self._context.reserved.pop(address, None)

    def commit(self) -> None:
        """Make the rules the session's."""
        session = self._session
        self._context.unindex(session)
        session.pdrs, session.fars, session.qers = self._pdrs, self._fars, self._qers
        session.urrs, session.bars = self._urrs, self._bars
        session.own_addresses += tuple(self._new_addresses)
        for pdr in session.pdrs.values():
            pdr.far = self._fars.get(pdr.far_id) if pdr.far_id is not None else None
            pdr.qers = tuple(self._qers[i] for i in pdr.qer_ids)
            pdr.urrs = tuple(self._urrs[i] for i in pdr.urr_ids)
            pdr.qfi = next((qer.qfi for qer in pdr.qers if qer.qfi is not None), None)
        for teid in self._new_teids:
            self._context.by_teid.pop(teid, None)
        if session.up_seid in self._context.sessions:
            self._context.index(session)

    # Establishment and modification.

    def create(self, request: m.SessionEstablishmentRequest | m.SessionModificationRequest) -> None:
        """Take the Create elements. Raises Refusal."""
        if request.create_traffic_endpoint:
            raise Refusal(
                Cause.SERVICE_NOT_SUPPORTED,
                "traffic endpoints are not supported (PDIU is not among the UP function features)",
                offending_ie=TRAFFIC_ENDPOINT,
            )
        if request.create_bar is not None:
            self._bars[request.create_bar.bar_id] = request.create_bar.suggested_buffering_packets_count or 0
        for far in request.create_far:
            self._add(self._fars, far.far_id, self._far(far), RuleIdType.FAR)
        for qer in request.create_qer:
            self._add(self._qers, qer.qer_id, self._qer(qer), RuleIdType.QER)
        for urr in request.create_urr:
            self._add(self._urrs, urr.urr_id, self._urr(urr), RuleIdType.URR)
        for pdr in request.create_pdr:
            self._add(self._pdrs, pdr.pdr_id, self._pdr(pdr), RuleIdType.PDR)

    def modify(self, request: m.SessionModificationRequest) -> None:
        """Take the Remove, Create and Update elements, in this order. Raises Refusal."""
        _remove(self._pdrs, [r.pdr_id for r in request.remove_pdr], RuleIdType.PDR)
        _remove(self._fars, [r.far_id for r in request.remove_far], RuleIdType.FAR)
        _remove(self._qers, [r.qer_id for r in request.remove_qer], RuleIdType.QER)
        _remove(self._urrs, [r.urr_id for r in request.remove_urr], RuleIdType.URR)
        if request.remove_bar is not None:
            _remove(self._bars, [request.remove_bar.bar_id], RuleIdType.BAR)
        self.create(request)
        for far in request.update_far:
            self._update_far(far)
        for qer in request.update_qer:
            self._update_qer(qer)
        for urr in request.update_urr:
            updated = _known(self._urrs, urr.urr_id, RuleIdType.URR).copy()
            set_urr(updated, urr.measurement_method, urr.reporting_triggers, urr.volume_threshold)
            self._urrs[urr.urr_id] = updated
        if request.update_bar is not None:
            bar = request.update_bar
            _known(self._bars, bar.bar_id, RuleIdType.BAR)
            if bar.suggested_buffering_packets_count is not None:
                self._bars[bar.bar_id] = bar.suggested_buffering_packets_count
        for pdr in request.update_pdr:
            self._update_pdr(pdr)

    def check(self) -> None:
        """See that every rule leads somewhere. Raises Refusal."""
        for pdr in self._pdrs.values():
            failed = FailedRuleId(rule_id_type=RuleIdType.PDR, rule_id=pdr.pdr_id)
            self._check_references(pdr, failed)
            if pdr.teid is None and pdr.ue_address is None:
                raise Refusal(
                    Cause.CONDITIONAL_IE_MISSING,
                    f"PDR {pdr.pdr_id} has neither an F-TEID nor a UE IPv4 address",
                    offending_ie=UE_IP_ADDRESS,
                    failed_rule_id=failed,
                )
            self._check_owner(pdr, failed)
            far = self._fars.get(pdr.far_id) if pdr.far_id is not None else None
            forwards = far is not None and far.actions & ApplyAction.FORW and not far.peer
            if pdr.teid is not None and forwards and not pdr.outer_header_removal:
                raise Refusal(
                    Cause.RULE_CREATION_MODIFICATION_FAILURE,
                    f"PDR {pdr.pdr_id} would forward GTP-U to N6, since it has no Outer Header Removal",
                    failed_rule_id=failed,
                )

    def _check_references(self, pdr: Pdr, failed: FailedRuleId) -> None:
        for kind, wanted, known in (
            ("FAR", () if pdr.far_id is None else (pdr.far_id,), self._fars),
            ("QER", pdr.qer_ids, self._qers),
            ("URR", pdr.urr_ids, self._urrs),
        ):
            for number in wanted:
                if number not in known:
                    raise Refusal(
                        Cause.RULE_CREATION_MODIFICATION_FAILURE,
                        f"PDR {pdr.pdr_id} names {kind} {number}, which the session does not have",
                        failed_rule_id=failed,
                    )

    def _check_owner(self, pdr: Pdr, failed: FailedRuleId) -> None:
        """No two sessions may have one F-TEID, or one UE address."""
        if pdr.teid is not None:
            others = self._context.by_teid.get(pdr.teid)
            what = "F-TEID"
        else:
            assert pdr.ue_address is not None
            others = self._context.by_ue.get(pdr.ue_address)
            what = f"UE address {ipv4_text(pdr.ue_address)}"
        if others and others[0].session is not self._session:
            raise Refusal(
                Cause.RULE_CREATION_MODIFICATION_FAILURE,
                f"the {what} of PDR {pdr.pdr_id} is that of {others[0].session.subject}",
                failed_rule_id=failed,
            )

    def _add(self, rules: dict[int, R], number: int, rule: R, kind: RuleIdType) -> None:
        if number in rules:
            raise Refusal(
                Cause.RULE_CREATION_MODIFICATION_FAILURE,
                f"{kind.name} {number} is there already",
                failed_rule_id=FailedRuleId(rule_id_type=kind, rule_id=number),
            )
        if len(rules) >= self._max_rules:
            raise Refusal(
                Cause.NO_RESOURCES_AVAILABLE,
                f"a session has at most {self._max_rules} rules of a kind",
                failed_rule_id=FailedRuleId(rule_id_type=kind, rule_id=number),
                config="max_rules_per_session",
            )
        rules[number] = rule

    # PDRs.

    def _pdr(self, element: m.CreatePdr) -> Pdr:
        pdr = Pdr(self._session, element.pdr_id)
        pdr.precedence = element.precedence
        pdr.far_id = element.far_id
        pdr.qer_ids, pdr.urr_ids = element.qer_id, element.urr_id
        pdr.outer_header_removal = removes(element.outer_header_removal)
        if element.activate_predefined_rules:
            raise Refusal(Cause.UNKNOWN_PRE_DEFINED_RULE, "there are no predefined rules here")
        self._set_pdi(pdr, element.pdi)
        return pdr

    def _update_pdr(self, element: m.UpdatePdr) -> None:
        pdr = _known(self._pdrs, element.pdr_id, RuleIdType.PDR).copy()
        if element.activate_predefined_rules:
            raise Refusal(Cause.UNKNOWN_PRE_DEFINED_RULE, "there are no predefined rules here")
        if element.precedence is not None:
            pdr.precedence = element.precedence
        if element.far_id is not None:
            pdr.far_id = element.far_id
        if element.qer_id:
            pdr.qer_ids = element.qer_id
        if element.urr_id:
            pdr.urr_ids = element.urr_id
        if element.outer_header_removal is not None:
            pdr.outer_header_removal = removes(element.outer_header_removal)
        if element.pdi is not None:
            self._set_pdi(pdr, element.pdi)
        self._pdrs[element.pdr_id] = pdr

    def _set_pdi(self, pdr: Pdr, pdi: m.Pdi) -> None:
        pdr.source_interface = pdi.source_interface
        pdr.network_instance = pdi.network_instance
        pdr.qfis = pdi.qfi
        pdr.filters = tuple(self._filter(pdr, element) for element in pdi.sdf_filter)
        if pdi.traffic_endpoint_id:
            raise Refusal(
                Cause.SERVICE_NOT_SUPPORTED,
                "traffic endpoints are not supported (PDIU is not among the UP function features)",
                offending_ie=TRAFFIC_ENDPOINT,
            )
        if pdi.application_id is not None:
            raise Refusal(Cause.UNKNOWN_APPLICATION_ID, "there are no application detection filters here")
        created_teid = self._set_f_teid(pdr, pdi.f_teid) if pdi.f_teid is not None else None
        created_address = self._set_ue_address(pdr, pdi) if pdi.ue_ip_address else None
        if created_teid is not None or created_address is not None:
            self.created_pdrs.append(
                m.CreatedPdr(
                    pdr_id=pdr.pdr_id,
                    f_teid=() if created_teid is None else (created_teid,),
                    ue_ip_address=() if created_address is None else (created_address,),
                )
            )

    def _filter(self, pdr: Pdr, element: SdfFilter) -> sdf.Rule:
        failed = FailedRuleId(rule_id_type=RuleIdType.PDR, rule_id=pdr.pdr_id)
        number = element.sdf_filter_id
        if element.tos_traffic_class or element.security_parameter_index or element.flow_label:
            raise Refusal(
                Cause.SERVICE_NOT_SUPPORTED,
                f"SDF filter of PDR {pdr.pdr_id}: only flow descriptions are supported",
                offending_ie=SDF_FILTER,
                failed_rule_id=failed,
            )
        if element.flow_description is None and number in self._filters:
            # A bidirectional filter is described once, and then referred to (clause 8.2.5).
            return self._filters[number]
        try:
            rule = sdf.parse(element.flow_description or "")
        except ValueError as error:
            raise Refusal(
                Cause.RULE_CREATION_MODIFICATION_FAILURE,
                f"SDF filter of PDR {pdr.pdr_id}: {error}",
                offending_ie=SDF_FILTER,
                failed_rule_id=failed,
            ) from None
        if number is not None:
            self._filters[number] = rule
        return rule

    def _set_f_teid(self, pdr: Pdr, f_teid: FTeid) -> FTeid | None:
        """Clause 5.5.3: chosen here, or given by the SMF. The F-TEID where it was chosen."""
        if f_teid.teid is not None:
            if f_teid.ipv4_address != self._own_address:
                raise Refusal(
                    Cause.INVALID_F_TEID_ALLOCATION_OPTION,
                    f"the F-TEID of PDR {pdr.pdr_id} has another address than this UPF's {self._own_address}",
                    offending_ie=F_TEID,
                    config="addresses.n3",
                )
            if f_teid.teid == 0:
                raise Refusal(Cause.MANDATORY_IE_INCORRECT, "TEID 0 is no tunnel", offending_ie=F_TEID)
            pdr.teid = f_teid.teid
            return None
        if not f_teid.choose_ipv4:
            raise Refusal(
                Cause.NO_RESOURCES_AVAILABLE,
                f"PDR {pdr.pdr_id} asks for an IPv6 F-TEID, but N3 has IPv4 only",
                offending_ie=F_TEID,
                config="addresses.n3",
            )
        choose_id = f_teid.choose_id
        if choose_id is not None and choose_id in self._chosen:
            pdr.teid = self._chosen[choose_id]
        else:
            pdr.teid = self._context.new_teid()
            # Kept for us until the rules are committed.
            self._context.by_teid[pdr.teid] = ()
            self._new_teids.append(pdr.teid)
            if choose_id is not None:
                self._chosen[choose_id] = pdr.teid
        return FTeid(teid=pdr.teid, ipv4_address=self._own_address)

    def _set_ue_address(self, pdr: Pdr, pdi: m.Pdi) -> UeIpAddress | None:
        element = pdi.ue_ip_address[0]
        pdr.address_at = 16 if element.destination else 12
        if element.choose_ipv4:
            pdr.ue_address = self._choose_address(pdi.network_instance)
            return UeIpAddress(ipv4_address=ipv4_text(pdr.ue_address), destination=element.destination)
        if element.ipv4_address is None:
            raise Refusal(
                Cause.SERVICE_NOT_SUPPORTED,
                f"PDR {pdr.pdr_id} has no IPv4 UE address; IPv6 sessions are not supported",
                offending_ie=UE_IP_ADDRESS,
            )
        pdr.ue_address = ipv4_octets(element.ipv4_address)
        return None

    def _choose_address(self, network_instance: str | None) -> bytes:
        if self._new_addresses:
            # Both directions of a session get the same one.
            return self._new_addresses[0]
        if self._session.own_addresses:
            return self._session.own_addresses[0]
        pools = self._context.pools
        pool = pools.get(network_instance or "") or (next(iter(pools.values())) if len(pools) == 1 else None)
        if pool is None:
            raise Refusal(
                Cause.NO_RESOURCES_AVAILABLE,
                f"network instance {network_instance!r} has no pool of UE addresses",
                offending_ie=NETWORK_INSTANCE,
                config="dnns",
            )
        address = pool.choose(self._context)
        if address is None:
            raise Refusal(
                Cause.ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED,
                f"all addresses of {pool.network} are taken",
                offending_ie=UE_IP_ADDRESS,
                config="dnns",
            )
        self._context.reserved[address] = None
        self._new_addresses.append(address)
        return address

    # FARs.

    def _far(self, element: m.CreateFar) -> Far:
        far = Far(element.far_id, actions_of(element.far_id, element.apply_action))
        far.bar_id = element.bar_id
        parameters = element.forwarding_parameters
        if parameters is not None:
            far.destination_interface = parameters.destination_interface
            far.network_instance = parameters.network_instance
            if parameters.outer_header_creation is not None:
                set_outer_header(far, parameters.outer_header_creation)
        self._check_far(far)
        return far

    def _update_far(self, element: m.UpdateFar) -> None:
        old = _known(self._fars, element.far_id, RuleIdType.FAR)
        far = old.copy()
        if element.apply_action is not None:
            far.actions = actions_of(far.far_id, element.apply_action)
        if element.bar_id is not None:
            far.bar_id = element.bar_id
        parameters = element.update_forwarding_parameters
        if parameters is not None:
            if parameters.destination_interface is not None:
                far.destination_interface = parameters.destination_interface
            if parameters.network_instance is not None:
                far.network_instance = parameters.network_instance
            if parameters.outer_header_creation is not None:
                set_outer_header(far, parameters.outer_header_creation)
            # SNDEM: the packets that follow take another path (clause 8.2.32).
            wants_marker = (parameters.pfcpsm_req_flags or 0) & 2
            if wants_marker and old.teid is not None and (old.peer, old.teid) != (far.peer, far.teid):
                self.end_markers.append((old.peer, old.teid))
        self._check_far(far)
        self._fars[far.far_id] = far

    def _check_far(self, far: Far) -> None:
        failed = FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far.far_id)
        if far.actions & ApplyAction.FORW:
            if far.destination_interface is None:
                raise Refusal(
                    Cause.CONDITIONAL_IE_MISSING,
                    f"FAR {far.far_id} forwards, but has no Forwarding Parameters",
                    offending_ie=FORWARDING_PARAMETERS,
                    failed_rule_id=failed,
                )
            if far.destination_interface == Interface.ACCESS and not far.peer:
                raise Refusal(
                    Cause.CONDITIONAL_IE_MISSING,
                    f"FAR {far.far_id} forwards to the access, but creates no outer header",
                    offending_ie=OUTER_HEADER_CREATION,
                    failed_rule_id=failed,
                )

    # QERs and URRs.

    def _qer(self, element: m.CreateQer) -> Qer:
        qer = Qer(element.qer_id)
        self._set_qer(qer, element.gate_status, element.mbr, element.qfi, element.rqi)
        return qer

    def _update_qer(self, element: m.UpdateQer) -> None:
        qer = _known(self._qers, element.qer_id, RuleIdType.QER).copy()
        self._set_qer(qer, element.gate_status, element.mbr, element.qfi, element.rqi)
        self._qers[qer.qer_id] = qer

    def _set_qer(
        self, qer: Qer, gates: GateStatus | None, mbr: BitRates | None, qfi: int | None, rqi: int | None
    ) -> None:
        if gates is not None:
            qer.ul_open, qer.dl_open = not gates.ul_gate, not gates.dl_gate
        if mbr is not None:
            qer.ul_bucket = TokenBucket(mbr.ul_kbps * 1000, self._now_ns)
            qer.dl_bucket = TokenBucket(mbr.dl_kbps * 1000, self._now_ns)
        if qfi is not None:
            qer.qfi = qfi
        if rqi is not None:
            qer.rqi = bool(rqi)

    def _urr(self, element: m.CreateUrr) -> Urr:
        urr = Urr(element.urr_id, self._now_ns)
        set_urr(urr, element.measurement_method, element.reporting_triggers, element.volume_threshold)
        return urr


def _known(rules: dict[int, R], number: int, kind: RuleIdType) -> R:
    rule = rules.get(number)
    if rule is None:
        raise Refusal(
            Cause.RULE_CREATION_MODIFICATION_FAILURE,
            f"there is no {kind.name} {number} to change",
            failed_rule_id=FailedRuleId(rule_id_type=kind, rule_id=number),
        )
    return rule


def _remove(rules: dict[int, R], numbers: Iterable[int], kind: RuleIdType) -> None:
    for number in numbers:
        _known(rules, number, kind)
        del rules[number]
