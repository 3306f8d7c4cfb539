"""What every procedure of the gNB stands on: its identity, its tables, and the ways to AMFs and UEs."""

from __future__ import annotations

from awase.functions.gnb.config import Config
from awase.functions.gnb.context import Amf, PduSession, UeContext
from awase.model.ids import Plmn, SNssai, Tai
from awase.model.machine import Machine
from awase.model.part import NS_PER_S, Packet, Services
from awase.protocols.gtpu.entity import Entity as GtpuEntity
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import (
    NRCGI,
    Cause,
    CriticalityDiagnostics,
    UserLocationInformationNR,
)
from awase.protocols.ngap.messages import ErrorIndication, Message, NASNonDeliveryIndication
from awase.protocols.rls.entity import GnbLink
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import DLInformationTransfer, RRCRelease, RRCSetup
from awase.protocols.rrc.messages import Message as RrcMessage
from awase.wire.errors import EncodeError

NGAP_PPID = 60
_REPORT_EVERY_NS = 10 * NS_PER_S
_LINKS_PER_UE, _MIN_LINKS = 4, 4096
"""How many UEs may be heard for each that may be connected, and at least."""

_OLD_TUNNEL_NS = NS_PER_S

RADIO_CONNECTION_LOST = Cause("radioNetwork", "radio-connection-with-ue-lost")


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


class Gnb(Machine):
    """The identity and the tables of a gNB, and the ways out of it."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.config = config
        self.plmn = Plmn.parse(config.plmn)
        self.ran_node_name = config.name or name
        self.paging_drx: str = config.paging_drx
        self.gbr_capacity_mbps = config.gbr_capacity_mbps
        self.slices = tuple(SNssai(s.sst, s.sd) for s in config.slices)
        self.tai = Tai(self.plmn, config.tac)
        self.gnb_id = self._own_id()
        self.nr_cell_identity = self._own_cell()
        self.user_location_information = self._location()
        self.n3_address = _host(config.addresses.get("n3", "127.0.0.1:2152"))
        peers = config.peers.get("N2", [])
        self.amfs = [Amf(i, peer.part, peer.address) for i, peer in enumerate(peers)]
        self.ues: dict[int, UeContext] = {}
        """By RAN UE NGAP ID."""
        self.ue_of_sti: dict[int, UeContext] = {}
        self._given_up: dict[int, None] = {}
        """Whose connection was given up without their knowing."""
        self.sti_of_tmsi: dict[int, int] = {}
        """Where a UE with a 5G-S-TMSI was last connected, for paging."""
        self.to_page: dict[int, None] = {}
        """The 5G-S-TMSIs that wait for the next paging occasion."""
        self.next_paging_ns = 0
        self.tunnels: dict[int, PduSession] = {}
        """By our TEID."""
        sti = int.from_bytes(services.random_bytes(8, "rls-sti"), "big")
        self.link = GnbLink(
            sti,
            max(config.max_ues * _LINKS_PER_UE, _MIN_LINKS),
            config.signal_dbm,
            round(config.rls_silence_s * NS_PER_S),
        )
        self.rrc_setup = rrc.encode("DL_CCCH", RRCSetup(rrc_transaction_identifier=0))
        """The same for every UE: SRB1 and a cell group that nobody reads."""
        self._rrc_releases = tuple(
            rrc.encode("DL_DCCH", RRCRelease(rrc_transaction_identifier=number)) for number in range(4)
        )
        self.ues_connected = 0
        self.stopping = False
        """Whether it is to leave: no UE is taken any more."""
        self.gtpu = GtpuEntity(self, "n3", lost=lambda peer: None)
        self._last_ran_ue_ngap_id = 0
        self._quiet_until_ns: dict[str, int] = {}
        self._unsaid: dict[str, int] = {}

    def _own_cell(self) -> int:
        config = self.config
        if config.nr_cell_identity is not None:
            return config.nr_cell_identity
        cell_bits = 36 - config.gnb_id_length
        return self.gnb_id << cell_bits | config.cell_id & (1 << cell_bits) - 1

    def _own_id(self) -> int:
        config = self.config
        if config.gnb_id is not None:
            return config.gnb_id & (1 << config.gnb_id_length) - 1
        fields = _host(config.addresses.get("n2", "")).split(".")
        if len(fields) == 4 and all(f.isascii() and f.isdigit() for f in fields):
            return (int(fields[2]) & 0xFF) << 8 | int(fields[3]) & 0xFF
        return 1

    def _location(self) -> UserLocationInformationNR:
        return UserLocationInformationNR(
            nr_cgi=NRCGI(plmn_identity=self.plmn, nr_cell_identity=self.nr_cell_identity), tai=self.tai
        )

    def move_to(self, tac: int) -> None:
        """Be in another tracking area."""
        self.tai = Tai(self.plmn, tac)
        self.user_location_information = self._location()

    # Towards AMFs.

    def send_n2(self, amf: Amf, message: Message, stream: int = 0) -> None:
        """Send an NGAP message; on stream 0 what is not UE-associated (TS 38.412 clause 7)."""
        if amf.association is not None:
            self.send(Packet("n2", amf.address, ngap.encode(message), "data", amf.association, stream, NGAP_PPID))

    def send_ue_n2(self, ue: UeContext, message: Message) -> None:
        """Send a UE-associated NGAP message on the UE's own stream."""
        if ue.amf is not None:
            self.send_n2(ue.amf, message, ue.stream)

    def send_error(
        self,
        amf: Amf,
        cause: Cause,
        *,
        amf_ue_ngap_id: int | None = None,
        ran_ue_ngap_id: int | None = None,
        stream: int = 0,
        criticality_diagnostics: CriticalityDiagnostics | None = None,
    ) -> None:
        """ERROR INDICATION (TS 38.413 clause 8.7.5)."""
        self.send_n2(
            amf,
            ErrorIndication(
                amf_ue_ngap_id=amf_ue_ngap_id,
                ran_ue_ngap_id=ran_ue_ngap_id,
                cause=cause,
                criticality_diagnostics=criticality_diagnostics,
            ),
            stream,
        )

    # Towards UEs.

    def send_rrc(self, sti: int, channel: RrcChannel, message: RrcMessage) -> bool:
        """Send an RRC message; False where the UE is not heard."""
        octets = rrc.encode(channel.name, message)
        return self.link.send_rrc(sti, channel, octets, self.now_ns)

    def send_nas(self, ue: UeContext, nas_pdu: bytes) -> bool:
        """Send a NAS message in DLInformationTransfer; what cannot be sent is told to the AMF.

        NAS NON DELIVERY INDICATION: TS 38.413 clause 8.6.4.
        """
        message = DLInformationTransfer(rrc_transaction_identifier=ue.next_transaction(), dedicated_nas_message=nas_pdu)
        cause = RADIO_CONNECTION_LOST
        if self.ue_of_sti.get(ue.sti) is ue:
            try:
                if self.send_rrc(ue.sti, RrcChannel.DL_DCCH, message):
                    return True
            except EncodeError:
                # More than RLS can carry.
                cause = Cause("radioNetwork", "unspecified")
        if ue.amf_ue_ngap_id is not None:
            self.send_ue_n2(
                ue,
                NASNonDeliveryIndication(
                    amf_ue_ngap_id=ue.amf_ue_ngap_id,
                    ran_ue_ngap_id=ue.ran_ue_ngap_id,
                    nas_pdu=nas_pdu,
                    cause=cause,
                ),
            )
        return False

    def release_rrc(self, ue: UeContext) -> None:
        """Release the RRC connection (TS 38.331 clause 5.3.8) and forget the UE."""
        self.link.send_rrc(ue.sti, RrcChannel.DL_DCCH, self._rrc_releases[ue.next_transaction()], self.now_ns)
        self.forget(ue)

    def give_up(self, sti: int) -> None:
        """A UE was lost: should it be heard again, it is told that it has no connection."""
        if len(self._given_up) >= self.config.max_ues:
            del self._given_up[next(iter(self._given_up))]
        self._given_up[sti] = None

    def heard_again(self, sti: int) -> None:
        """What has no connection sent as if it had: there is no RRC connection re-establishment, so it begins anew."""
        if sti in self._given_up:
            self.link.send_once(sti, RrcChannel.DL_DCCH, self._rrc_releases[0])

    def cell_changed(self) -> None:
        """What the cell broadcasts has changed; the part's."""
        raise NotImplementedError

    # Tables.

    def connect(self, sti: int) -> UeContext:
        """A context for a UE that asks for a connection."""
        self._given_up.pop(sti, None)
        ran_ue_ngap_id = self._new_ran_ue_ngap_id()
        ue = UeContext(sti, ran_ue_ngap_id, self.now_ns)
        ue.stream = 1 + ran_ue_ngap_id % (self.config.n2_streams - 1)
        self.ues[ran_ue_ngap_id] = self.ue_of_sti[sti] = ue
        return ue

    def _new_ran_ue_ngap_id(self) -> int:
        ran_ue_ngap_id = self._last_ran_ue_ngap_id
        while ran_ue_ngap_id == self._last_ran_ue_ngap_id or ran_ue_ngap_id in self.ues:
            # 0 is left out: some AMFs take it for none.
            ran_ue_ngap_id = ran_ue_ngap_id % 0xFFFFFFFF + 1
        self._last_ran_ue_ngap_id = ran_ue_ngap_id
        return ran_ue_ngap_id

    def renumber(self, ue: UeContext) -> None:
        """Give a UE another RAN UE NGAP ID."""
        del self.ues[ue.ran_ue_ngap_id]
        ue.ran_ue_ngap_id = self._new_ran_ue_ngap_id()
        self.ues[ue.ran_ue_ngap_id] = ue

    def forget(self, ue: UeContext) -> None:
        """Remove a UE context, its tunnels and what runs for it."""
        self.ues.pop(ue.ran_ue_ngap_id, None)
        if self.ue_of_sti.get(ue.sti) is ue:
            del self.ue_of_sti[ue.sti]
        for session in ue.sessions.values():
            self.tunnels.pop(session.downlink_teid, None)
        ue.sessions.clear()
        if ue.amf is not None and ue.amf_ue_ngap_id is not None:
            ue.amf.ues.pop(ue.amf_ue_ngap_id, None)
        if ue.running is not None:
            self.cancel(ue.running)
            ue.running = None
        if ue.timer is not None:
            ue.timer.stop()
            ue.timer = None

    def new_teid(self, session: PduSession) -> int:
        """A TEID for a session's downlink, unpredictable (TS 33.501 clause 9.9 asks N3 to be protected)."""
        teid = 0
        while teid == 0 or teid in self.tunnels:
            teid = int.from_bytes(self.services.random_bytes(4, "teid"), "big")
        self.tunnels[teid] = session
        return teid

    def drop_tunnel_later(self, teid: int) -> None:
        """End a tunnel once what is still on its way in it has arrived."""
        self.start_timer(_OLD_TUNNEL_NS, lambda: self._drop_tunnel(teid))

    def _drop_tunnel(self, teid: int) -> None:
        session = self.tunnels.get(teid)
        if session is not None and session.downlink_teid != teid:
            del self.tunnels[teid]

    # Events that a peer can cause at will.

    def report_rarely(
        self, name: str, text: str, *, config: str = "", subject: str = "", **fields: str | int | bool
    ) -> None:
        """A warning, at most one of its name in ten seconds; the next says how many were left unsaid."""
        if self.now_ns < self._quiet_until_ns.get(name, 0):
            self._unsaid[name] = self._unsaid.get(name, 0) + 1
            return
        self._quiet_until_ns[name] = self.now_ns + _REPORT_EVERY_NS
        unsaid = self._unsaid.pop(name, 0)
        if unsaid:
            text += f" ({unsaid} more of these since the last report)"
        self.report(name, text, level="warning", config=config, subject=subject, at_most_per_s=None, **fields)

    def malformed(self, port: str, what: str, offset: int | None) -> None:
        """Octets that are no message."""
        if self.now_ns < self._quiet_until_ns.get("malformed " + port, 0):
            return
        self._quiet_until_ns["malformed " + port] = self.now_ns + NS_PER_S // 10
        self.report(
            "MalformedPacket",
            f"malformed packet on {port}: {what}",
            level="warning",
            port=port,
            what=what,
            offset=-1 if offset is None else offset,
        )
