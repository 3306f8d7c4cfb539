"""PFCP associations of an SMF with its UPFs (TS 29.244 clause 6.2.6), and which UPF serves a session."""

from collections.abc import Callable, Sequence

from awase.functions.smf.config import Config
from awase.functions.smf.context import SmContext, Upf
from awase.model.machine import Machine, Procedure, Running, Wait
from awase.model.part import NS_PER_S, Address
from awase.protocols.pfcp.elements import (
    Cause,
    NodeId,
    PfcpAsRspFlags,
    UpFunctionFeature,
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
    HeartbeatRequest,
    HeartbeatResponse,
    Message,
    NodeReportRequest,
    NodeReportResponse,
)


class Associations:
    """The associations of one SMF. `on_return`, `on_absence` and `on_loss` say what to do about UPFs that went."""

    def __init__(self, machine: Machine, config: Config, peer_seid: Callable[[int], int | None]) -> None:
        self._machine = machine
        self._config = config
        self._host = config.addresses.get("n4", "127.0.0.1:8805").rpartition(":")[0]
        self._node_id = NodeId(ipv4_address=self._host)
        self.upfs = [Upf(peer.part, peer.address) for peer in config.peers.get("N4", ())]
        self._by_address = {upf.address: upf for upf in self.upfs}
        self._by_name = {upf.name: upf for upf in self.upfs}
        self._waiting = 0
        self._waiters: dict[int, None] = {}
        self._setups: dict[Address, Running] = {}
        self._checks: dict[Address, list[int]] = {}
        self._first_teid = 0
        self._stopping = False
        self.has_sessions: Callable[[Upf], bool] = lambda upf: False
        self.on_return: Callable[[Upf], None] = lambda upf: None
        self.on_absence: Callable[[Upf], None] = lambda upf: None
        self.on_loss: Callable[[Upf], None] = lambda upf: None
        self.on_owed: Callable[[Upf, int], None] = lambda upf, seid: None
        self.on_settled: Callable[[Upf, Sequence[int]], None] = lambda upf, seids: None
        self.entity = Entity(
            machine,
            "n4",
            self._node_id,
            peer_seid=peer_seid,
            restarted=self._restarted,
            lost=self._lost,
            config=EntityConfig(
                t1_ns=round(config.n4_t1_s * NS_PER_S),
                n1=config.n4_n1,
                heartbeat_interval_ns=round(config.heartbeat_s * NS_PER_S),
            ),
        )

    @property
    def host(self) -> str:
        """Our address, as F-SEIDs have it."""
        return self._host

    def start(self) -> None:
        """Set up the associations."""
        self._first_teid = int.from_bytes(self._machine.services.random_bytes(4, "teid"))
        for upf in self.upfs:
            self._set_up(upf)

    def stop(self) -> None:
        """Release the associations (clause 6.2.8); the UPFs delete their sessions."""
        self._stopping = True
        for upf in self.upfs:
            self.entity.unwatch(upf.address)
            if upf.associated:
                upf.associated = False
                self._machine.run(self._release(upf))
            else:
                self._machine.resume(("n4 association", upf.address), True)

    def _release(self, upf: Upf) -> Procedure[None]:
        yield from self.entity.ask(upf.address, AssociationReleaseRequest(node_id=self._node_id))

    def _let_go(self, upf: Upf) -> Procedure[None]:
        yield from self._release(upf)
        if upf.associated:
            upf.forgetful = True
            # It is leaving: whoever comes after it may ask itself, and is asked a little later.
            self._disassociate(upf, after_ns=round(self._config.n4_t1_s * NS_PER_S))
            self.on_absence(upf)

    # Associations (TS 29.244 clause 6.2.6).

    def _association(self, upf: Upf, after_ns: int = 0) -> Procedure[None]:
        """PFCP Association Setup, until it succeeds."""
        warned = False
        upf.associating = True
        if after_ns:
            yield Wait(("n4 association", upf.address), after_ns)
        while not upf.associated and not self._stopping:
            # Of our own accord we want the sessions kept that it may still have (clause 6.2.6.2.2).
            retention = b"" if self.has_sessions(upf) and not upf.forgetful else None
            response = yield from self.entity.ask(
                upf.address,
                AssociationSetupRequest(
                    node_id=self._node_id,
                    recovery_time_stamp=self.entity.recovery_time_stamp,
                    cp_function_features=features(),
                    session_retention_information=retention,
                ),
            )
            if isinstance(response, AssociationSetupResponse) and response.cause == Cause.REQUEST_ACCEPTED:
                retained = bool((response.pfcpas_rsp_flags or 0) & PfcpAsRspFlags.PSREI)
                if retention is not None and not retained:
                    upf.forgetful = True
                self._associated(upf, response)
                break
            if upf.associated:
                break
            if not warned:
                warned = True
                why = "does not answer" if response is None else f"refuses, {words(response)}"
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
        upf.bucp = has_feature(peer.up_function_features, UpFunctionFeature.BUCP)
        allocator = "the UPF" if upf.ftup else "the SMF"
        self._machine.report(
            "UpfAssociated",
            f"PFCP association with UPF {upf.name} at {upf.address}; {allocator} allocates F-TEIDs",
            subject=upf.name,
        )
        self.entity.watch(upf.address)
        if upf.forgetful:
            upf.forgetful = False
            self.on_settled(upf, tuple(upf.owed))
            upf.owed.clear()
            self.on_return(upf)
        waiters, self._waiters = self._waiters, {}
        for number in waiters:
            self._machine.resume(("n4 associated", number), True)

    def _restarted(self, address: Address) -> None:
        upf = self._by_address.get(address)
        if upf is None:
            return
        upf.forgetful = True
        if not upf.associated:
            return
        self._machine.report(
            "UpfRestarted",
            f"UPF {upf.name} at {address} restarted: it has lost its sessions",
            level="error",
            subject=upf.name,
        )
        self._disassociate(upf)
        self.on_absence(upf)

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
            self.on_loss(upf)

    def check(self, upf: Upf) -> Procedure[None]:
        """Whether a UPF with which something is amiss lives, and has not restarted: now, not at the next heartbeat."""
        waiting = self._checks.get(upf.address)
        if waiting is not None:
            waiting.append(len(waiting))
            yield Wait(("n4 checked", upf.address, waiting[-1]), None)
            return
        self._checks[upf.address] = []
        response = yield from self.entity.ask(
            upf.address, HeartbeatRequest(recovery_time_stamp=self.entity.recovery_time_stamp)
        )
        if isinstance(response, HeartbeatResponse):
            self.entity.note_recovery(upf.address, response.recovery_time_stamp)
            # Where an association is waited for: it is there now.
            self._machine.resume(("n4 association", upf.address), True)
        else:
            self._lost(upf.address)
        for number in self._checks.pop(upf.address):
            self._machine.resume(("n4 checked", upf.address, number), True)

    def _disassociate(self, upf: Upf, after_ns: int = 0) -> None:
        upf.associated = False
        self.entity.unwatch(upf.address)
        if not upf.associating and not self._stopping:
            self._set_up(upf, after_ns)

    def _set_up(self, upf: Upf, after_ns: int = 0) -> None:
        self._setups[upf.address] = self._machine.run(self._association(upf, after_ns))

    def choices(self, context: SmContext) -> list[tuple[Upf, ...]]:
        """Which UPFs may serve a session: alone, or an intermediate one and an anchor."""
        by_name = self._by_name
        for chain in self._config.chains:
            if chain.dnn == context.dnn:
                return [tuple(by_name[name] for name in chain.upfs)]
        for row in self._config.selection:
            s_nssai = row.slice
            if row.dnn in (None, context.dnn) and (
                s_nssai is None or (s_nssai.sst, (s_nssai.sd or "").lower()) == _pair(context)
            ):
                return [(by_name[name],) for name in row.upfs]
        return [(upf,) for upf in self.upfs]

    def select(self, context: SmContext) -> Procedure[tuple[Upf, ...] | None]:
        """The first choice whose UPFs are all associated; if there is none, the first to become so in time."""
        deadline_ns = self._machine.now_ns + round(self._config.association_wait_s * NS_PER_S)
        choices = self.choices(context)
        while True:
            for choice in choices:
                if all(upf.associated for upf in choice):
                    return choice
            if not choices or self._machine.now_ns >= deadline_ns:
                return None
            self._waiting += 1
            number = self._waiting
            self._waiters[number] = None
            yield Wait(("n4 associated", number), deadline_ns - self._machine.now_ns)
            self._waiters.pop(number, None)

    # What a UPF asks of us.

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
        if upf.associated:
            # A node that sets up again what it has starts anew, unless it asks for its sessions (clause 6.2.6.3.2).
            upf.associated = False
            self.entity.unwatch(upf.address)
            upf.forgetful = upf.forgetful or message.session_retention_information is None
        if upf.associating:
            # Ours has been overtaken: sent again it would end what this one begins.
            self._machine.cancel(self._setups[upf.address])
            upf.associating = False
        self._associated(upf, message)

    def _take_update(self, request: Request) -> None:
        self.entity.respond(request, AssociationUpdateResponse(node_id=self._node_id, cause=self._accepted(request)))
        upf, message = self._by_address.get(request.peer), request.message
        assert isinstance(message, AssociationUpdateRequest)
        if upf is not None and upf.associated and message.association_release_request:
            # It wants to leave (clause 6.2.7.3.2): its sessions wait for its return.
            self._machine.run(self._let_go(upf))

    def _take_release(self, request: Request) -> None:
        self.entity.respond(request, AssociationReleaseResponse(node_id=self._node_id, cause=self._accepted(request)))
        upf = self._by_address.get(request.peer)
        if upf is not None and upf.associated:
            # With the association its sessions are gone (clause 6.2.8.3).
            upf.forgetful = True
            self._disassociate(upf)
            self.on_absence(upf)

    def _take_node_report(self, request: Request) -> None:
        self.entity.respond(request, NodeReportResponse(node_id=self._node_id, cause=self._accepted(request)))

    def _accepted(self, request: Request) -> Cause:
        upf = self._by_address.get(request.peer)
        known = upf is not None and upf.associated
        return Cause.REQUEST_ACCEPTED if known else Cause.NO_ESTABLISHED_PFCP_ASSOCIATION

    def answer(self, request: Request) -> bool:
        """Answer a request about an association; False if it is about something else."""
        answer = _ANSWERS.get(type(request.message))
        if answer is None:
            return False
        answer(self, request)
        return True


_ANSWERS: dict[type[Message], Callable[[Associations, Request], None]] = {
    AssociationSetupRequest: Associations._take_setup,
    AssociationUpdateRequest: Associations._take_update,
    AssociationReleaseRequest: Associations._take_release,
    NodeReportRequest: Associations._take_node_report,
}


def _pair(context: SmContext) -> tuple[int, str]:
    return context.s_nssai.sst, context.s_nssai.sd or ""


def words(response: Message) -> str:
    """The cause of a response, for a sentence."""
    cause = getattr(response, "cause", 0)
    try:
        return f"cause {cause} ({Cause(cause).name.lower().replace('_', ' ')})"
    except ValueError:
        return f"cause {cause}"
