"""Uu: RRC over RLS (TS 38.331), as far as RLS carries it: no AS security, no capabilities, no reconfiguration."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb import n3
from awase.functions.gnb.core import RADIO_CONNECTION_LOST, Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.functions.gnb.procedures.nas_transport import uplink_nas_transport
from awase.functions.gnb.procedures.rrc_connection_establishment import rrc_setup_request
from awase.functions.gnb.states import UeState
from awase.model.part import NS_PER_S, Packet
from awase.protocols.rls.entity import GnbIndication, UeFound, UeLost, UplinkData, UplinkRrc
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import (
    MIB,
    SIB1,
    PLMNIdentityInfo,
    RRCSetupComplete,
    RRCSetupRequest,
    ULInformationTransfer,
)
from awase.wire.errors import DecodeError

_BROADCAST_NS = 10 * NS_PER_S


class Broadcast:
    """MIB and SIB1 of the cell (TS 38.331 clause 5.2), encoded once."""

    def __init__(self, gnb: Gnb) -> None:
        self._gnb = gnb
        cell = PLMNIdentityInfo(
            plmn_identity_list=(gnb.plmn,),
            tracking_area_code=gnb.config.tac,
            cell_identity=gnb.nr_cell_identity,
        )
        self._messages = (
            (RrcChannel.BCCH_BCH, rrc.encode("BCCH_BCH", MIB())),
            (RrcChannel.BCCH_DL_SCH, rrc.encode("BCCH_DL_SCH", SIB1(plmn_identity_info_list=(cell,)))),
        )

    def start(self) -> None:
        """To all UEs, every 10 s."""
        self._gnb.start_timer(_BROADCAST_NS, self._again)

    def _again(self) -> None:
        for channel, octets in self._messages:
            self._gnb.link.broadcast(channel, octets)
        self.start()

    def to(self, sti: int) -> None:
        """To one UE that needs them now."""
        for channel, octets in self._messages:
            self._gnb.link.send_broadcast(sti, channel, octets, self._gnb.now_ns)


def receive(gnb: Gnb, broadcast: Broadcast, packet: Packet) -> None:
    """A datagram of the radio link."""
    payload = packet.payload if isinstance(packet.payload, bytes) else b"".join(packet.payload)
    try:
        indications = gnb.link.receive(packet.peer, payload, gnb.now_ns)
    except DecodeError as error:
        gnb.malformed("uu", str(error), error.offset)
        return
    if indications:
        act(gnb, broadcast, indications)


def act(gnb: Gnb, broadcast: Broadcast, indications: Sequence[GnbIndication]) -> None:
    """What the radio link brought, or lost."""
    for indication in indications:
        if isinstance(indication, UplinkData):
            n3.uplink(gnb, indication.sti, indication.pdu_session_id, indication.packet)
        elif isinstance(indication, UplinkRrc):
            _rrc(gnb, indication)
        elif isinstance(indication, UeFound):
            broadcast.to(indication.sti)
        else:
            _lost(gnb, indication)


def _lost(gnb: Gnb, lost: UeLost) -> None:
    ue = gnb.ue_of_sti.pop(lost.sti, None)
    if ue is not None:
        gnb.report_rarely("RadioLinkFailure", f"a connected UE was lost: {lost.loss.value}")
        ue_context_release.request(gnb, ue, RADIO_CONNECTION_LOST)


def _rrc(gnb: Gnb, indication: UplinkRrc) -> None:
    sti = indication.sti
    try:
        message = rrc.decode(indication.channel.name, indication.pdu)
    except DecodeError as error:
        gnb.malformed("uu", str(error), error.offset)
        return
    if isinstance(message, RRCSetupRequest):
        rrc_setup_request(gnb, sti, message, indication.pdu)
        return
    ue = gnb.ue_of_sti.get(sti)
    if ue is not None and isinstance(message, ULInformationTransfer) and ue.state is not UeState.RRC_SETUP:
        ue.active_ns = gnb.now_ns
        if message.dedicated_nas_message is not None:
            uplink_nas_transport(gnb, ue, message.dedicated_nas_message)
        return
    if isinstance(message, RRCSetupComplete) and ue is not None:
        expected = gnb.resume(("rrc-setup", ue.ran_ue_ngap_id), message)
        if expected:
            return
    # Of no connection, or a second time: TS 38.331 clause 10 has a node ignore what it does not expect.
    gnb.report_rarely("UnexpectedRrcMessage", f"a UE sent {type(message).__name__}, which does not fit its state")
