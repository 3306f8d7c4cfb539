"""A session's rules from the elements of a request (TS 29.244 clauses 5.2 and 7.5.2 to 7.5.4).

An Edit works on copies: either every rule of a request can be kept, or none is (clause 7.5.3.1: there is no
partial acceptance here), and what was there before stays as it was.
"""

from collections.abc import Iterable
from typing import TypeVar

from awase.functions.upf import sdf
from awase.functions.upf.allocation import Allocation, set_ue_addresses
from awase.functions.upf.context import Context, Refusal, Session
from awase.functions.upf.rule import Bar, Far, Pdr, Qer
from awase.functions.upf.rule_elements import (
    FORWARDING_PARAMETERS,
    OUTER_HEADER_CREATION,
    SDF_FILTER,
    TRAFFIC_ENDPOINT,
    UE_IP_ADDRESS,
    actions_of,
    check_pdi,
    check_urr,
    removes,
    set_bar,
    set_outer_header,
    set_qer,
)
from awase.functions.upf.usage import Urr
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Cause,
    FailedRuleId,
    Interface,
    PfcpSmReqFlags,
    RuleIdType,
    SdfFilter,
)
from awase.wire.addresses import ipv4_text, ipv6_text

R = TypeVar("R")


class Edit:
    """A change of a session's rules: apply a request's elements, then `commit` or `release`."""

    def __init__(
        self, context: Context, session: Session, *, own_addresses: dict[int, str], max_rules: int, now_ns: int
    ) -> None:
        self._context = context
        self._session = session
        self._max_rules = max_rules
        self._now_ns = now_ns
        self._pdrs = dict(session.pdrs)
        self._fars = dict(session.fars)
        self._qers = dict(session.qers)
        self._urrs = dict(session.urrs)
        self._bars = dict(session.bars)
        self._filters: dict[int, SdfFilter] = {
            element.sdf_filter_id: element
            for pdr in session.pdrs.values()
            for element in pdr.sdf_filters
            if element.sdf_filter_id is not None
        }
        self._allocation = Allocation(context, session, own_addresses)
        self.end_markers: list[tuple[int | None, str, int]] = []
        """Where a tunnel ends that the SMF wants marked: interface, peer and TEID."""

    @property
    def created_pdrs(self) -> list[m.CreatedPdr]:
        """What was chosen here, for the response."""
        return self._allocation.created_pdrs

    def release(self) -> None:
        """Give back what was chosen, since the request is refused."""
        self._allocation.release()

    def commit(self) -> None:
        """Make the rules the session's."""
        session = self._session
        self._context.unindex(session)
        for number, urr in session.urrs.items():
            if self._urrs.get(number) is not urr:
                urr.stop()
        session.pdrs, session.fars, session.qers = self._pdrs, self._fars, self._qers
        session.urrs, session.bars = self._urrs, self._bars
        for pdr in session.pdrs.values():
            pdr.join(self._fars, self._qers, self._urrs)
        self._allocation.commit()
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
            bar = Bar(request.create_bar.bar_id)
            set_bar(bar, request.create_bar)
            self._add(self._bars, bar.bar_id, bar, RuleIdType.BAR)
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
            check_urr(urr)
            updated.set(urr, self._now_ns)
            self._urrs[urr.urr_id] = updated
        if request.update_bar is not None:
            bar = _known(self._bars, request.update_bar.bar_id, RuleIdType.BAR).copy()
            set_bar(bar, request.update_bar)
            self._bars[bar.bar_id] = bar
        for pdr in request.update_pdr:
            self._update_pdr(pdr)

    def check(self) -> None:
        """See that every rule leads somewhere. Raises Refusal."""
        for pdr in self._pdrs.values():
            failed = FailedRuleId(rule_id_type=RuleIdType.PDR, rule_id=pdr.pdr_id)
            self._check_references(pdr, failed)
            if pdr.teid is None and pdr.address4 is None and pdr.address6 is None:
                raise Refusal(
                    Cause.CONDITIONAL_IE_MISSING,
                    f"PDR {pdr.pdr_id} has neither an F-TEID nor a UE IP address",
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
        """No two sessions may have one F-TEID, or one UE address in one data network."""
        if pdr.teid is not None:
            found = [("F-TEID", self._context.by_teid.get(pdr.teid))]
        else:
            space = self._context.spaces[self._context.space_of(pdr.network_instance or self._session.dnn)]
            found = [
                (f"UE address {_address_text(address)}", space.get(address))
                for address in (pdr.address4, pdr.address6)
                if address is not None
            ]
        for what, others in found:
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
        check_pdi(pdr, pdi)
        pdr.source_interface = pdi.source_interface
        pdr.network_instance = pdi.network_instance
        pdr.qfis = pdi.qfi
        pdr.sdf_filters = tuple(self._described(pdr, element) for element in pdi.sdf_filter)
        pdr.filters = tuple(_filter(pdr, element) for element in pdr.sdf_filters)
        set_ue_addresses(pdr, pdi)
        self._allocation.allocate(pdr, pdi)

    def _described(self, pdr: Pdr, element: SdfFilter) -> SdfFilter:
        """A bidirectional filter is described once, and then referred to (clause 8.2.5)."""
        number = element.sdf_filter_id
        if number is None:
            return element
        bare = element.flow_description is None and element.tos_traffic_class is None
        if bare and element.security_parameter_index is None and element.flow_label is None:
            if number not in self._filters:
                raise _filter_refusal(pdr, f"SDF filter {number} is described nowhere")
            return self._filters[number]
        self._filters[number] = element
        return element

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
            wants_marker = (parameters.pfcpsm_req_flags or 0) & PfcpSmReqFlags.SNDEM
            if wants_marker and old.teid is not None and (old.peer, old.teid) != (far.peer, far.teid):
                self.end_markers.append((old.destination_interface, old.peer, old.teid))
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
            if far.destination_interface in (Interface.ACCESS, Interface.CP_FUNCTION) and not far.peer:
                raise Refusal(
                    Cause.CONDITIONAL_IE_MISSING,
                    f"FAR {far.far_id} forwards to the access or the SMF, but creates no outer header",
                    offending_ie=OUTER_HEADER_CREATION,
                    failed_rule_id=failed,
                )
        if far.bar_id is not None and far.actions & ApplyAction.BUFF and far.bar_id not in self._bars:
            raise Refusal(
                Cause.RULE_CREATION_MODIFICATION_FAILURE,
                f"FAR {far.far_id} names BAR {far.bar_id}, which the session does not have",
                failed_rule_id=failed,
            )

    # QERs and URRs.

    def _qer(self, element: m.CreateQer) -> Qer:
        qer = Qer(element.qer_id)
        set_qer(qer, element, self._context.correlated, self._session.node, self._now_ns)
        return qer

    def _update_qer(self, element: m.UpdateQer) -> None:
        qer = _known(self._qers, element.qer_id, RuleIdType.QER).copy()
        set_qer(qer, element, self._context.correlated, self._session.node, self._now_ns)
        self._qers[qer.qer_id] = qer

    def _urr(self, element: m.CreateUrr) -> Urr:
        check_urr(element)
        urr = Urr(element.urr_id, self._now_ns)
        urr.set(element, self._now_ns)
        return urr


def _address_text(address: bytes) -> str:
    return ipv4_text(address) if len(address) == 4 else f"{ipv6_text(address + bytes(8))}/64"


def _filter_refusal(pdr: Pdr, text: str) -> Refusal:
    return Refusal(
        Cause.RULE_CREATION_MODIFICATION_FAILURE,
        f"SDF filter of PDR {pdr.pdr_id}: {text}",
        offending_ie=SDF_FILTER,
        failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.PDR, rule_id=pdr.pdr_id),
    )


def _filter(pdr: Pdr, element: SdfFilter) -> sdf.Rule:
    try:
        return sdf.rule_of(element)
    except ValueError as error:
        raise _filter_refusal(pdr, str(error)) from None


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
