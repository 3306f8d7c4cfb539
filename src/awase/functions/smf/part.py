"""The SMF as a part: its routes, its ports, its operator's actions (TS 29.502, TS 29.244)."""

from awase.functions.smf.config import Action, Config
from awase.functions.smf.procedures.pdu_session_establishment import create_sm_context
from awase.functions.smf.procedures.pdu_session_release import (
    release_by_network,
    release_sm_context,
    upf_restarted,
)
from awase.functions.smf.procedures.update_sm_context import update_sm_context
from awase.functions.smf.procedures.user_plane import error_indication
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input
from awase.model.machine import Procedure
from awase.model.part import NS_PER_S, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Call, Server
from awase.protocols.sbi.messages import JSON, MULTIPART, Response
from awase.protocols.sbi.nsmf_pdu_session import (
    SM_CONTEXT_MODIFY,
    SM_CONTEXT_RELEASE,
    SM_CONTEXTS,
    SmContextCreateData,
    SmContextUpdateData,
)


class SmfPart(Smf):
    """A session management function."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, config, services)
        self.server = Server(self)
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
        self.n4.find_session = self.sessions.by_seid
        self.n4.on_restart = lambda upf: upf_restarted(self, upf)
        self.n4.on_error_indication = lambda context: error_indication(self, context)

    def start(self) -> None:
        """Set up the associations, and wind the operator's clock."""
        self.n4.start()
        for i, action in enumerate(self.config.actions):
            self._schedule(action, f"actions[{i}]")

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if packet.port == "n4":
            self.n4.handle(packet)
        elif not self.consumer.client.handle(packet):
            self.server.handle(packet)
        self.run_deferred()

    def _release(self, call: Call) -> Response | Procedure[Response]:
        context = self.sessions.by_reference(call.params["smContextRef"])
        if context is None:
            return codec.problem(404, "CONTEXT_NOT_FOUND", "there is no such SM context")
        if not context.may(Input.RELEASE_OF_CONTEXT):
            return Response(204)
        return release_sm_context(self, context)

    def _schedule(self, action: Action, path: str) -> None:
        self.start_timer(round(action.at_s * NS_PER_S), lambda: self._act(action, path))

    def _act(self, action: Action, path: str) -> None:
        context = self.sessions.find(action.supi, action.pdu_session_id)
        if context is None or not context.may(Input.RELEASE_BY_NETWORK):
            self.report(
                "ActionFailed",
                f"{action.do}: {action.supi} has no PDU session {action.pdu_session_id} to release",
                level="warning",
                subject=action.supi,
                config=path,
            )
            return
        why = f"as the operator asks, cause {action.cause} ({FiveGSMCause(action.cause).text})"
        self.run(release_by_network(self, context, action.cause, why))


PART_TYPE = StructPartType(
    function="smf",
    ports=("sbi", "n4"),
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
