"""Uu: RRC over RLS (TS 38.331), as far as RLS carries it: no AS security, no capabilities, no reconfiguration."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb import n3
from awase.functions.gnb.config import UacBarring
from awase.functions.gnb.core import RADIO_CONNECTION_LOST, Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.functions.gnb.procedures.nas_transport import uplink_nas_transport
from awase.functions.gnb.procedures.rrc_connection_establishment import rrc_setup_request
from awase.functions.gnb.states import UeState
from awase.model.machine import Timer
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


_IDENTITIES = (1, 2, 11, 12, 13, 14, 15)
"""The access identities of uac-BarringForAccessIdentity, the first bit first."""


def uac_barring_info(uac: UacBarring) -> dict[str, object]:
    """uac-BarringInfo of SIB1: one set of parameters for all barred categories (TS 38.331 clause 6.3.2)."""
    barred = sum(1 << 6 - place for place, number in enumerate(_IDENTITIES) if number in uac.identities)
    return {
        "uac-BarringForCommon": [
            {"accessCategory": category, "uac-barringInfoSetIndex": 1} for category in uac.categories or range(1, 64)
        ],
        "uac-BarringInfoSetList": [
            {
                "uac-BarringFactor": f"p{uac.factor:02}",
                "uac-BarringTime": f"s{uac.time_s}",
                "uac-BarringForAccessIdentity": (barred, 7),
            }
        ],
    }


class Broadcast:
    """MIB and SIB1 of the cell (TS 38.331 clause 5.2), encoded once and when they change."""

    def __init__(self, gnb: Gnb) -> None:
        self._gnb = gnb
        self._messages: tuple[tuple[RrcChannel, bytes], ...] = ()
        self._timer: Timer | None = None
        self.change()

    def change(self) -> None:
        """Encode what the cell is."""
        gnb = self._gnb
        cell = PLMNIdentityInfo(
            plmn_identity_list=(gnb.plmn,),
            tracking_area_code=gnb.tai.tac,
            cell_identity=gnb.nr_cell_identity,
        )
        uac = gnb.config.uac
        sib1 = SIB1(
            plmn_identity_info_list=(cell,), rest={} if uac is None else {"uac-BarringInfo": uac_barring_info(uac)}
        )
        self._messages = (
            (RrcChannel.BCCH_BCH, rrc.encode("BCCH_BCH", MIB())),
            (RrcChannel.BCCH_DL_SCH, rrc.encode("BCCH_DL_SCH", sib1)),
        )

    def start(self) -> None:
        """To all UEs, every 10 s."""
        self._timer = self._gnb.start_timer(_BROADCAST_NS, self._again)

    def stop(self) -> None:
        """Broadcast no more."""
        if self._timer is not None:
            self._timer.stop()

    def now(self) -> None:
        """To all UEs at once."""
        for channel, octets in self._messages:
            self._gnb.link.broadcast(channel, octets)

    def _again(self) -> None:
        self.now()
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
            n3.uplink(gnb, indication.sti, indication.pdu_session_id, indication.packet, indication.qfi)
        elif isinstance(indication, UplinkRrc):
            _rrc(gnb, indication)
        elif isinstance(indication, UeFound):
            broadcast.to(indication.sti)
        else:
            _lost(gnb, indication)


def _lost(gnb: Gnb, lost: UeLost) -> None:
    ue = gnb.ue_of_sti.pop(lost.sti, None)
    gnb.give_up(lost.sti)
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
    if ue is None:
        gnb.heard_again(sti)
    # Of no connection, or a second time: TS 38.331 clause 10 has a node ignore what it does not expect.
    gnb.report_rarely("UnexpectedRrcMessage", f"a UE sent {type(message).__name__}, which does not fit its state")
