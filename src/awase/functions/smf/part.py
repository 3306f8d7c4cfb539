"""The SMF as a part: its routes, its ports, its operator's actions (TS 29.502, TS 29.244)."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from awase.functions.smf.config import Action, Config, Congestion
from awase.functions.smf.context import SmContext
from awase.functions.smf.n4u import N4u
from awase.functions.smf.persistence import Persistence
from awase.functions.smf.procedures.pdu_session_establishment import create_sm_context
from awase.functions.smf.procedures.pdu_session_modification import start_modification
from awase.functions.smf.procedures.pdu_session_release import release_by_network, release_sm_context
from awase.functions.smf.procedures.restoration import error_indication, upf_absent, upf_lost, upf_returned
from awase.functions.smf.procedures.subscription_data_change import data_lost, notified, unwatch
from awase.functions.smf.procedures.update_sm_context import update_sm_context
from awase.functions.smf.procedures.user_plane import (
    downlink_data,
    failure_notification,
    usage_reported,
)
from awase.functions.smf.sbi import DATA_RESTORATION, N1_N2_FAILURE, SDM_NOTIFY
from awase.functions.smf.smf import Smf, bps, check_flows
from awase.functions.smf.states import Input, N4State, State
from awase.model.books import BookEntry
from awase.model.machine import Procedure
from awase.model.part import NS_PER_S, Address, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.pfcp.entity import recovery_time_stamp
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Call, Server
from awase.protocols.sbi.messages import JSON, MULTIPART, Response
from awase.protocols.sbi.namf_communication import N1N2MsgTxfrFailureNotification
from awase.protocols.sbi.nsmf_pdu_session import (
    SM_CONTEXT_MODIFY,
    SM_CONTEXT_RELEASE,
    SM_CONTEXTS,
    SmContextCreateData,
    SmContextUpdateData,
)
from awase.protocols.sbi.nudm_sdm import ModificationNotification
from awase.protocols.sbi.nudm_uecm import DataRestorationNotification

_REGULAR_DEACTIVATION = 36
_SECONDS_PER_DAY = 86_400
_SESSIONS_PER_S = 1 << 16


class SmfPart(Smf):
    """A session management function."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, config, services)
        self.server = Server(self)
        self._serve()
        self._persistence = Persistence(services.store) if config.persist else None
        self._listen_to_upfs()
        self.n4u = N4u(
            self,
            self.n4.n4u_address,
            most_held=config.limits.buffered_packets,
            most_per_session=config.buffered_packets,
        )
        self.n4u.find_session = self.sessions.by_seid
        self.n4u.dnn = lambda context: self.pools[context.dnn].dnn
        self.n4u.on_held = lambda context: downlink_data(self, context)
        self._do: dict[str, Callable[[Action, str], None]] = {
            "release_session": self._release_session,
            "modify_session": self._modify_session,
            "congest": self._congest,
            "relieve": self._relieve,
        }

    def familiar(self, port: str) -> Sequence[Address]:
        """The UPFs; where those have addresses for user data of their own, they are strangers there."""
        return [] if port == "sbi" else [upf.address for upf in self.n4.upfs]

    def _serve(self) -> None:
        with_parts = (JSON, MULTIPART)
        self.server.body_route(
            "POST", SM_CONTEXTS, SmContextCreateData, lambda c, b: create_sm_context(self, c, b), types=with_parts
        )
        self.server.body_route(
            "POST",
            SM_CONTEXT_MODIFY,
            SmContextUpdateData,
            lambda c, b: update_sm_context(self, c, b),
            types=with_parts,
        )
        # Its body is optional, and says nothing that changes what we do (TS 29.502 table 6.1.3.3.4.3.2-1).
        self.server.route("POST", SM_CONTEXT_RELEASE, self._release)
        self.server.body_route(
            "POST", N1_N2_FAILURE, N1N2MsgTxfrFailureNotification, lambda c, b: failure_notification(self, c, b)
        )
        self.server.body_route("POST", SDM_NOTIFY, ModificationNotification, lambda c, b: notified(self, c, b))
        self.server.body_route(
            "POST", DATA_RESTORATION, DataRestorationNotification, lambda c, b: data_lost(self, c, b)
        )

    def _listen_to_upfs(self) -> None:
        self.n4.find_session = self.sessions.by_seid
        self.n4.has_sessions = lambda upf: bool(upf.owed or self.sessions.on(upf))
        self.n4.on_absence = lambda upf: upf_absent(self, upf)
        self.n4.on_loss = lambda upf: upf_lost(self, upf)
        self.n4.on_return = lambda upf: upf_returned(self, upf)
        self.n4.on_error_indication = lambda context, peer: error_indication(self, context, peer)
        self.n4.on_downlink_data = lambda context, report: downlink_data(self, context, report)
        self.n4.on_usage = lambda context, reports, last: usage_reported(self, context, reports, last)
        if self._persistence is not None:
            kept = self._persistence
            self.n4.on_owed = lambda upf, seid: self._store(lambda: kept.owe(upf, seid))
            self.n4.on_settled = lambda upf, seids: self._store(lambda: kept.settle(upf, seids))
            self.n4.on_undoing = lambda number, begins: self._store(lambda: kept.undoing(number, begins))

    def start(self) -> None:
        """Take up what a restart left, set up the associations, and wind the operator's clock."""
        # Whoever asks for a context of before a restart must not meet a new one under its number.
        second = self.now_ns // NS_PER_S % _SECONDS_PER_DAY
        self.sessions.start_after(second * _SESSIONS_PER_S)
        if self._persistence is not None:
            self._take_up(self._persistence)
        self.n4.start()
        for i, action in enumerate(self.config.actions):
            self._schedule(action, f"actions[{i}]")

    def _take_up(self, persistence: Persistence) -> None:
        try:
            stamp = persistence.recovery_time_stamp(recovery_time_stamp(self.now_ns))
            half_made = persistence.half_made()
        except OSError as error:
            self._store_failed(error)
            return
        self.watches = persistence.watches()
        for upf in self.n4.upfs:
            for seid in persistence.owed(upf):
                self.n4.owe(upf, seid, now=True)
        found = persistence.restore(self.sessions, {upf.name: upf for upf in self.n4.upfs})
        self.n4.entity.take_up(stamp)
        for upf in self.n4.upfs if half_made else ():
            # Nobody knows what it made for us last: it is to begin with nothing, and gets every session again.
            upf.forgetful = True
        for context in found:
            pool = self.pools.get(context.dnn)
            if pool is not None and context.address:
                pool.take(context.address)
            if pool is not None and context.prefix:
                pool.take_prefix(context.prefix)
        if found:
            self.report(
                "SessionsTakenUp", f"{len(found)} PDU sessions are taken up from the store", sessions=len(found)
            )

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if packet.port == "n4":
            self.n4.handle(packet)
        elif packet.port == "n4u":
            self.n4u.handle(packet)
        elif not self.consumer.client.handle(packet):
            self.server.handle(packet)
        self.run_deferred()

    def stop(self, now_ns: int) -> None:
        """Release the associations with the UPFs."""
        self.now_ns = now_ns
        self.n4.stop()

    def books(self) -> Sequence[BookEntry]:
        """What we hold with AMF, UDM, UPF and UE."""
        entries: list[BookEntry] = []
        for context in self.sessions.all():
            session = f"{context.supi}/{context.pdu_session_id}"
            entries.append(BookEntry("sm contexts", session, context.reference))
            if context.state in (State.ACTIVE, State.MODIFICATION_PENDING):
                entries.append(BookEntry("sessions", session, f"{context.dnn} {context.s_nssai} {context.kind}"))
                entries.append(BookEntry("ue addresses", session, context.addresses))
            if context.registered:
                entries.append(BookEntry("smf registrations", session, context.dnn))
            entries += self._n4_books(context)
        return entries

    def _n4_books(self, context: SmContext) -> list[BookEntry]:
        entries: list[BookEntry] = []
        anchor = context.anchor
        for leg in (context,) if anchor is None else (context, anchor):
            if leg.n4 is N4State.ESTABLISHED and leg.upf is not None:
                up_ip = leg.upf.address.rpartition(":")[0]
                key = f"{self.n4.host}/{leg.seid:016x}/{up_ip}/{leg.upf_seid:016x}"
                entries.append(BookEntry("n4 sessions", key))
        last = anchor or context
        if last.n4 is N4State.ESTABLISHED:
            owner = f"{self.n4.host}/{last.seid:016x}"
            entries += [
                BookEntry("routed addresses", f"{context.dnn}/{address}", owner)
                for address in (context.address, context.prefix)
                if address
            ]
        return entries

    # What sessions need of the part.

    def flush(self, context: SmContext) -> None:
        """Send on what waited here for a UE."""
        self.n4u.flush(context)

    def drop_held(self, context: SmContext) -> None:
        """Forget what waits here for a UE."""
        self.n4u.drop(context)

    def advertise(self, context: SmContext) -> None:
        """Tell a UE its IPv6 prefix."""
        self.n4u.advertise(context)

    def last_gone(self, supi: str) -> None:
        """Nothing of the UE is of interest any more."""
        self.defer(unwatch(self, supi))

    def keep_watch(self, supi: str, path: str) -> None:
        """Make a subscription at the UDM durable, or its end."""
        if self._persistence is not None:
            # A restart without it subscribes once more.
            with suppress(OSError):
                self._persistence.keep_watch(supi, path)

    def begin(self, context: SmContext) -> None:
        """Remember that a context is being made."""
        if self._persistence is not None:
            # That the store has no room is said where the session itself is kept.
            with suppress(OSError):
                self._persistence.begin(context)

    def keep(self, context: SmContext) -> None:
        """Make a context durable."""
        if self._persistence is not None and self.sessions.by_reference(context.reference) is context:
            try:
                self._persistence.keep(context)
            except OSError as error:
                self._store_failed(error)

    def unkeep(self, context: SmContext) -> None:
        """Forget what is durable of a context."""
        if self._persistence is not None:
            try:
                self._persistence.unkeep(context)
            except OSError as error:
                self._store_failed(error)

    def _store(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self._store_failed(error)

    def _store_failed(self, error: OSError) -> None:
        self.report(
            "StoreFailed",
            f"a session is not durable, and would be lost in a restart: {error.strerror or error}",
            level="error",
            config="persist",
        )

    def _release(self, call: Call) -> Response | Procedure[Response]:
        context = self.sessions.by_reference(call.params["smContextRef"])
        if context is None:
            return codec.problem(404, "CONTEXT_NOT_FOUND", "there is no such SM context")
        if not context.may(Input.RELEASE_OF_CONTEXT):
            return Response(204)
        return release_sm_context(self, context)

    # The operator.

    def _schedule(self, action: Action, path: str) -> None:
        self.start_timer(round(action.at_s * NS_PER_S), lambda: self._do[action.do](action, path))

    def _of(self, action: Action, path: str, what: Input) -> SmContext | None:
        context = self.sessions.find(action.supi, action.pdu_session_id)
        if context is not None and context.may(what):
            return context
        verb = action.do.partition("_")[0]
        text = f"{action.do}: {action.supi} has no PDU session {action.pdu_session_id} to {verb}"
        self._failed(action, path, text)
        return None

    def _failed(self, action: Action, path: str, text: str) -> None:
        self.report("ActionFailed", text, level="warning", subject=action.supi, config=path)

    def _release_session(self, action: Action, path: str) -> None:
        context = self._of(action, path, Input.RELEASE_BY_NETWORK)
        if context is not None:
            cause = _REGULAR_DEACTIVATION if action.cause is None else action.cause
            why = f"as the operator asks, cause {cause} ({FiveGSMCause(cause).text})"
            self.run(release_by_network(self, context, cause, why))

    def _modify_session(self, action: Action, path: str) -> None:
        context = self._of(action, path, Input.MODIFICATION_BY_NETWORK)
        if context is None:
            return
        flows = {flow.qfi: flow for flow in context.flows}
        if action.remove is not None and flows.pop(action.remove, None) is None:
            self._failed(action, path, f"modify_session: {context} has no QoS flow {action.remove}")
            return
        if action.flow is not None:
            flows[action.flow.qfi] = action.flow
        qos = context.qos
        if action.session_ambr is not None and qos is not None:
            uplink_bps, downlink_bps = bps(action.session_ambr)
            qos = qos._replace(uplink_bps=uplink_bps, downlink_bps=downlink_bps)
        wanted = tuple(flows[qfi] for qfi in sorted(flows))
        try:
            check_flows(wanted, f"{path}.flow")
        except ValueError as error:
            self._failed(action, path, f"modify_session: {error}")
            return
        self.run(start_modification(self, context, (wanted, qos), "as the operator asks"))

    def _congest(self, action: Action, path: str) -> None:
        if action.cause not in (None, 26, 67, 69):
            self._failed(action, path, f"congest: cause {action.cause} is none of 26, 67 and 69")
            return
        row = Congestion(dnn=action.dnn, slice=action.slice)
        if action.cause is not None:
            row = msgspec.structs.replace(row, cause=action.cause)
        if action.back_off_s is not None:
            row = msgspec.structs.replace(row, back_off_s=action.back_off_s)
        self.congestion.append(row)

    def _relieve(self, action: Action, _path: str) -> None:
        self.congestion = [
            row
            for row in self.congestion
            if (action.dnn, action.slice) != (None, None) and (row.dnn, row.slice) != (action.dnn, action.slice)
        ]


PART_TYPE = StructPartType(
    function="smf",
    ports=("sbi", "n4", "n4u"),
    config=Config,
    make=SmfPart,
    versions={
        "TS 23.502": "17",
        "TS 24.501": "17",
        "TS 29.244": "17",
        "TS 29.502": "17",
        "TS 29.503": "17",
        "TS 29.518": "17",
    },
)
