"""What every procedure of the UE stands on: its context, its radio link, its ways to 5GMM, 5GSM and traffic."""

from __future__ import annotations

from awase.functions.ue.app import App
from awase.functions.ue.config import Config
from awase.functions.ue.context import Context, PduSession
from awase.functions.ue.n1 import N1
from awase.functions.ue.n1_sm import N1Sm
from awase.functions.ue.states import RmState, SessionState
from awase.functions.ue.traffic import TrafficGenerator
from awase.functions.ue.user_plane import UserPlane
from awase.functions.ue.uu import Uu
from awase.model.ids import Plmn
from awase.model.machine import Machine, Timer
from awase.model.part import NS_PER_S, Packet, Services
from awase.protocols.rls.entity import DownlinkData, UeLink
from awase.wire.errors import DecodeError

_CELL_SEARCH_NS = 5 * NS_PER_S
_MAX_MALFORMED = 20
"""How many octets that are none of ours are told of one by one."""


class Ue(Machine):
    """A UE, switched on or off."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.config = config
        self.on = False
        self.leaving = False
        """Whether it has been told to go for good."""
        self.start_ns = 0
        self.context = Context(config)
        self.uu = Uu(self, self.new_link(), Plmn.parse(config.plmn))
        self.n1 = N1(self)
        self.sm = N1Sm(self)
        self.user_plane = UserPlane(self)
        self.traffic = TrafficGenerator(self)
        self.app = App(self) if config.app else None
        self._cell_search: Timer | None = None
        self._malformed = 0

    def new_link(self) -> UeLink:
        """A radio link under a name of its own, as after each start."""
        sti = int.from_bytes(self.services.random_bytes(8, "rls-sti"), "big")
        cells = [peer.address for peer in self.config.peers.get("Uu", ())]
        return UeLink(sti, cells, self.now_ns, round(self.config.rls_silence_s * NS_PER_S))

    def send_radio(self) -> None:
        """Hand out what the radio link has to send; while there is no radio it is lost."""
        deaf = self.now_ns < self.uu.deaf_until_ns
        for address, octets in self.uu.link.take_datagrams():
            if not deaf:
                self.send(Packet("uu", address, octets))

    # What the radio side tells.

    def switch_on(self) -> None:
        """Look for a cell, and register."""
        if self.context.state is not RmState.NULL:
            return
        self.on = True
        self.context.state = RmState.DEREGISTERED_PLMN_SEARCH
        self.n1.register()

    def switch_off(self) -> None:
        """Fall silent."""
        self.on = False
        self.traffic.stop()
        self.n1.abandon()
        self.uu.switch_off(self.new_link())
        self.context.state = RmState.NULL
        self.context.registered = False

    def search_cell(self) -> None:
        """Say why there is none, if none is found in time."""
        if self._cell_search is None or not self._cell_search.running:
            self._cell_search = self.start_timer(_CELL_SEARCH_NS, self._no_cell)

    def _no_cell(self) -> None:
        if self.uu.serving or not self.on:
            return
        why, config = self.uu.why_no_cell()
        self.report(
            "NoSuitableCell",
            f"{self.context.supi} finds no suitable cell: {why}",
            level="error",
            subject=self.context.supi,
            config=config,
        )

    def cell_selected(self) -> None:
        """The UE camps on a cell."""
        if self._cell_search is not None:
            self._cell_search.stop()
        tai = self.uu.tai
        if tai is not None:
            self.report(
                "CellSelected",
                f"{self.context.supi} camps on the cell at {self.uu.serving}, PLMN {tai.plmn}, TAC {tai.tac}",
                subject=self.context.supi,
                tac=tai.tac,
            )
        self.resume("t390", True)
        self.resume("cell", True)
        self.n1.cell_selected()

    def connection_lost(self, *, orderly: bool) -> None:
        """The RRC connection is gone: released by the network (or by us), or lost."""
        self.n1.connection_lost(orderly=orderly)

    def user_packet(self, data: DownlinkData) -> None:
        """User data for a PDU session."""
        session = self.context.sessions.get(data.pdu_session_id)
        if session is None or session.state is SessionState.ACTIVE_PENDING:
            return
        self.user_plane.active(session)
        if data.rqi and session.qos is not None:
            session.qos.reflect(data.packet, data.qfi, self.now_ns)
        if self.app is None or not self.app.takes(session, data.packet):
            self.traffic.receive(session, data.packet)

    def session_usable(self, session: PduSession) -> None:
        """A PDU session has an address, or one more."""
        if self.app is not None:
            self.app.session_usable(session)
        self.traffic.session_established(session)

    def session_gone(self, session: PduSession) -> None:
        """Nothing more goes over a PDU session."""
        self.traffic.session_gone(session)
        if self.app is not None:
            self.app.session_gone(session)

    def malformed(self, what: str, error: DecodeError) -> None:
        """Tell of octets that are no message; nothing else follows from them."""
        self._malformed += 1
        if self._malformed <= _MAX_MALFORMED:
            self.report(
                "MalformedPacket",
                f"what came on uu is not {what}: {error}",
                level="warning",
                subject=self.context.supi,
                port="uu",
                offset=-1 if error.offset is None else error.offset,
            )
