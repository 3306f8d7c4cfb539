"""Uu: which cell to camp on, and the RRC connection, over RLS (TS 38.304 clause 5.2, TS 38.331 clause 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from awase.functions.ue.states import RrcState
from awase.model.ids import Plmn, Tai
from awase.model.part import Packet
from awase.protocols.nas.elements import FiveGSTmsi
from awase.protocols.rls.entity import CellFound, CellLost, DownlinkData, DownlinkRrc, UeIndication, UeLink
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc import codec
from awase.protocols.rrc.messages import (
    MIB,
    SIB1,
    DLInformationTransfer,
    Message,
    Paging,
    RRCReject,
    RRCRelease,
    RRCSetup,
    RRCSetupComplete,
    RRCSetupRequest,
    ULInformationTransfer,
)
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_CHANNEL_OF = {
    RRCSetupRequest: RrcChannel.UL_CCCH,
    RRCSetupComplete: RrcChannel.UL_DCCH,
    ULInformationTransfer: RrcChannel.UL_DCCH,
}


class Cell:
    """A cell that is heard, and what its system information says."""

    __slots__ = ("barred", "plmn_index", "plmns", "tac", "uac")

    def __init__(self) -> None:
        self.barred: bool | None = None
        self.plmns: tuple[Plmn, ...] = ()
        self.tac: int | None = None
        self.plmn_index = 1
        # uac-BarringInfo in the shapes of `wire.per`, where the cell bars anyone.
        self.uac: Mapping[str, Any] | None = None

    @property
    def known(self) -> bool:
        """Whether MIB and SIB1 have come."""
        return self.barred is not None and self.plmns != ()


class Uu:
    """The UE's radio link and RRC connection."""

    __slots__ = (
        "cells",
        "deaf_until_ns",
        "link",
        "plmn",
        "preferred",
        "serving",
        "state",
        "t302_until_ns",
        "t390_until_ns",
        "ue",
    )

    def __init__(self, ue: Ue, link: UeLink, plmn: Plmn) -> None:
        self.ue = ue
        self.link = link
        self.plmn = plmn
        self.cells: dict[str, Cell] = {}
        self.serving = ""
        # The cell that the user moved to.
        self.preferred = ""
        self.state = RrcState.IDLE
        self.deaf_until_ns = 0
        self.t302_until_ns = 0
        self.t390_until_ns: dict[int, int] | None = None

    # What 5GMM asks.

    @property
    def connected(self) -> bool:
        """Whether there is an RRC connection."""
        return self.state is RrcState.CONNECTED

    @property
    def tai(self) -> Tai | None:
        """Of the cell that is camped on."""
        cell = self.cells.get(self.serving)
        return None if cell is None or cell.tac is None else Tai(self.plmn, cell.tac)

    def send_nas(self, octets: bytes) -> bool:
        """Send a NAS message on the RRC connection; False where there is none."""
        if self.state is not RrcState.CONNECTED:
            return False
        return self.send(ULInformationTransfer(dedicated_nas_message=octets))

    def send_data(self, pdu_session_id: int, packet: bytes, qfi: int = 0) -> bool:
        """Send a user packet; False without a connection."""
        if self.state is not RrcState.CONNECTED:
            return False
        return self.link.send_data(self.serving, pdu_session_id, packet, qfi)

    def give_up(self) -> None:
        """Forget a connection that was only asked for."""
        if self.state is RrcState.SETUP:
            self.state = RrcState.IDLE

    def release(self) -> None:
        """Leave RRC_CONNECTED locally, or stop asking for a connection.

        Who leaves locally falls silent on the radio: over RLS it is another UE from then on, so that its base station
        misses the one that it knows, as it would on air.
        """
        if self.state is RrcState.CONNECTED:
            self.link.close()
            self.ue.send_radio()
            self.link = self.ue.new_link()
            self.cells.clear()
            self.serving = ""
        self._released()

    def _released(self) -> None:
        state, self.state = self.state, RrcState.IDLE
        if state is RrcState.CONNECTED:
            self.ue.connection_lost(orderly=True)
        elif state is RrcState.SETUP:
            self.ue.resume("rrc-setup", None)
            self.ue.resume("t302", None)

    def switch_off(self, link: UeLink) -> None:
        """Leave the cell; `link` is for the next start."""
        self._released()
        self.serving = self.preferred = ""
        self.cells.clear()
        self.t302_until_ns = 0
        self.t390_until_ns = None
        self.link.close()
        self.ue.send_radio()
        self.link = link

    # What the link tells.

    def receive(self, packet: Packet) -> None:
        """A datagram came."""
        payload = packet.payload
        if not isinstance(payload, bytes) or self.ue.now_ns < self.deaf_until_ns:
            return
        try:
            indications = self.link.receive(packet.peer, payload, self.ue.now_ns)
        except DecodeError as error:
            self.ue.malformed("an RLS message", error)
            return
        for indication in indications:
            self._indicated(indication)

    def wake(self) -> None:
        """The link's time has come."""
        for indication in self.link.wake(self.ue.now_ns):
            self._indicated(indication)

    def _indicated(self, indication: UeIndication) -> None:
        if isinstance(indication, DownlinkRrc):
            self._rrc(indication)
        elif isinstance(indication, DownlinkData):
            if self.state is RrcState.CONNECTED and indication.address == self.serving:
                self.ue.user_packet(indication)
        elif isinstance(indication, CellFound):
            self.cells.setdefault(indication.address, Cell())
            self._reselect()
        else:
            self._cell_lost(indication)

    def _cell_lost(self, lost: CellLost) -> None:
        self.cells.pop(lost.address, None)
        if lost.address != self.serving:
            return
        self.serving = ""
        state, self.state = self.state, RrcState.IDLE
        if state is RrcState.CONNECTED:
            self.ue.report(
                "RadioLinkFailure",
                f"the cell at {lost.address} was lost: {lost.loss.value}",
                level="warning",
                subject=self.ue.context.supi,
            )
            self.ue.connection_lost(orderly=False)
        elif state is RrcState.SETUP:
            self.ue.resume("rrc-setup", lost)
        self._reselect()

    def _rrc(self, indication: DownlinkRrc) -> None:
        try:
            message = codec.decode(indication.channel.name, indication.pdu)
        except DecodeError as error:
            self.ue.malformed(f"an RRC message on {indication.channel.name}", error)
            return
        action = _ACTIONS.get(type(message))
        if action is not None and (indication.address == self.serving or isinstance(message, MIB | SIB1)):
            action(self, indication.address, message)

    def _mib(self, address: str, message: MIB) -> None:
        cell = self.cells.get(address)
        if cell is not None:
            cell.barred = message.cell_barred != "notBarred"
            self._reselect()

    def _sib1(self, address: str, message: SIB1) -> None:
        cell = self.cells.get(address)
        if cell is None:
            return
        entries = [(plmn, info) for info in message.plmn_identity_info_list for plmn in info.plmn_identity_list]
        cell.plmns = tuple(plmn for plmn, _ in entries)
        cell.plmn_index = 1 + next((i for i, (plmn, _) in enumerate(entries) if plmn == self.plmn), 0)
        cell.uac = cast("Mapping[str, Any] | None", message.rest.get("uac-BarringInfo"))
        own = [info for plmn, info in entries if plmn == self.plmn]
        old_tac, cell.tac = cell.tac, own[0].tracking_area_code if own else None
        if own and own[0].cell_reserved_for_operator_use == "reserved":
            cell.barred = True
        self._reselect()
        if address == self.serving and old_tac not in (None, cell.tac) and self.state is RrcState.IDLE:
            # The tracking area of a cell can change under a UE (TS 38.331 clause 5.2.2.2.2).
            self.ue.cell_selected()

    def _setup(self, _address: str, message: RRCSetup) -> None:
        if self.state is RrcState.SETUP:
            self.ue.resume("rrc-setup", message)

    def _reject(self, _address: str, message: RRCReject) -> None:
        if self.state is RrcState.SETUP:
            self.ue.resume("rrc-setup", message)

    def _dl_information_transfer(self, _address: str, message: DLInformationTransfer) -> None:
        if self.state is RrcState.CONNECTED and message.dedicated_nas_message:
            self.ue.n1.receive(message.dedicated_nas_message)

    def _rrc_release(self, _address: str, _message: RRCRelease) -> None:
        self._released()

    def _paging(self, _address: str, message: Paging) -> None:
        guti = self.ue.context.guti
        if guti is None or self.state is not RrcState.IDLE:
            return
        tmsi = FiveGSTmsi.of(guti).value
        for record in message.paging_record_list:
            if record.ng_five_g_s_tmsi == tmsi:
                self.ue.n1.paged(non_3gpp=record.access_type is not None)
                return

    # Cell selection.

    def suitable(self, address: str) -> bool:
        """Whether a cell may be camped on (TS 38.304 clause 4.5)."""
        cell, context = self.cells.get(address), self.ue.context
        if cell is None or cell.barred is not False or cell.tac is None:
            return False
        tai = Tai(self.plmn, cell.tac)
        return self.plmn not in context.forbidden_plmns and tai not in context.forbidden_tais

    def _reselect(self) -> None:
        """Stay while the serving cell is suitable, or the RRC connection lasts; else take the first that is."""
        stays = self.serving and (self.state is not RrcState.IDLE or self.suitable(self.serving))
        better = self.preferred != self.serving and self.state is RrcState.IDLE and self.suitable(self.preferred)
        if stays and not better:
            return
        found = next((a for a in self._by_preference() if a in self.cells and self.suitable(a)), "")
        if found != self.serving:
            self.serving = found
            # TS 38.331 clause 5.3.14.4: barring is a cell's own.
            self.t302_until_ns, self.t390_until_ns = 0, None
            if found:
                self.ue.cell_selected()

    def _by_preference(self) -> Sequence[str]:
        found = self.link.search_list
        return (self.preferred, *found) if self.preferred else found

    def move(self, address: str) -> None:
        """Go where another cell is the best: as over RLS there is no handover, a connection is lost on the way."""
        self.preferred = address
        if address == self.serving or not self.suitable(address):
            return
        self.serving = ""
        state, self.state = self.state, RrcState.IDLE
        if state is RrcState.CONNECTED:
            self.ue.connection_lost(orderly=False)
        elif state is RrcState.SETUP:
            self.ue.resume("rrc-setup", None)
            self.ue.resume("t302", None)
        self._reselect()

    def lose_radio(self, until_ns: int) -> None:
        """Hear nothing and be heard by nobody."""
        self.deaf_until_ns = until_ns

    def look_again(self) -> None:
        """Other cells may be suitable by now."""
        self._reselect()

    def leave_cell(self) -> None:
        """Leave a cell that is not suitable any more, and its connection, for another."""
        if self.serving and not self.suitable(self.serving):
            self.release()
            self.serving = ""
            self._reselect()

    def why_no_cell(self) -> tuple[str, str]:
        """Why there is no cell to camp on, in words, and the configuration that explains it."""
        if not self.cells:
            return "no cell answers", "peers.Uu"
        known = [cell for cell in self.cells.values() if cell.known]
        if not known:
            return "no cell sends its system information", "peers.Uu"
        plmns = sorted({str(plmn) for cell in known for plmn in cell.plmns})
        if str(self.plmn) not in plmns:
            return f"no cell belongs to PLMN {self.plmn}, only to {', '.join(plmns)}", "plmn"
        if all(cell.barred for cell in known):
            return "every cell is barred", "peers.Uu"
        return "registration is forbidden in every tracking area that is heard", "plmn"

    def send(self, message: Message) -> bool:
        """Send an RRC message to the serving cell; False where it is not heard."""
        channel = _CHANNEL_OF[type(message)]
        octets = codec.encode(channel.name, message)
        return self.link.send_rrc(self.serving, channel, octets, self.ue.now_ns)


_ACTIONS: dict[type, Callable[..., None]] = {
    MIB: Uu._mib,
    SIB1: Uu._sib1,
    RRCSetup: Uu._setup,
    RRCReject: Uu._reject,
    DLInformationTransfer: Uu._dl_information_transfer,
    RRCRelease: Uu._rrc_release,
    Paging: Uu._paging,
}
