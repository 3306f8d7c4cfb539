"""The messages of RLS, as in UERANSIM 3.3.0. There is no standard; the words are UERANSIM's."""

from enum import IntEnum

import msgspec

MAX_PDU_OCTETS = 16384
MAX_ACKS = 4096
OUT_OF_RANGE_DBM = -120
"""A cell whose signal is below this is none (UERANSIM's figure)."""


class PduType(IntEnum):
    """What a PDU transmission carries."""

    RRC = 1
    DATA = 2


class RrcChannel(IntEnum):
    """The logical channel of an RRC message."""

    BCCH_BCH = 0
    BCCH_DL_SCH = 1
    DL_CCCH = 2
    DL_DCCH = 3
    PCCH = 4
    UL_CCCH = 5
    UL_CCCH1 = 6
    UL_DCCH = 7


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A UE looks for cells. `sti` (64 bit) names the sender; x, y, z is its position (signed, 32 bit)."""

    sti: int
    x: int = 0
    y: int = 0
    z: int = 0


class HeartbeatAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A cell answers a heartbeat with the strength of the UE's signal."""

    sti: int
    dbm: int = -1


class PduTransmission(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An RRC message (`payload` is its RrcChannel) or user data (`payload` is the PDU session id).

    `pdu_id` 0 wants no ack.
    """

    sti: int
    pdu_type: PduType
    pdu_id: int = 0
    payload: int
    pdu: bytes


class PduTransmissionAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The PDUs that arrived, at most 4,096."""

    sti: int
    pdu_ids: tuple[int, ...]


Message = Heartbeat | HeartbeatAck | PduTransmission | PduTransmissionAck
