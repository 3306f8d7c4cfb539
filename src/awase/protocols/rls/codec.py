"""RLS as octets, as in UERANSIM 3.3.0: big-endian, one message a datagram."""

import struct

from awase.protocols.rls.messages import (
    MAX_ACKS,
    MAX_PDU_OCTETS,
    Heartbeat,
    HeartbeatAck,
    Message,
    PduTransmission,
    PduTransmissionAck,
    PduType,
    RrcChannel,
)
from awase.wire.errors import DecodeError, EncodeError

COMPATIBILITY = 0x03
VERSION = (3, 3, 0)
PREAMBLE = bytes((COMPATIBILITY, *VERSION))

HEARTBEAT, HEARTBEAT_ACK, PDU_TRANSMISSION, PDU_TRANSMISSION_ACK = 4, 5, 6, 7

_HEADER = struct.Struct(">4sBQ")
_HEARTBEAT = struct.Struct(">4sBQiii")
_HEARTBEAT_ACK = struct.Struct(">4sBQi")
_PDU = struct.Struct(">4sBQBIII")
_ACK = struct.Struct(">4sBQI")

USER_DATA_OFFSET = _PDU.size
"""Where the PDU of a PDU transmission starts."""


def encode(message: Message) -> bytes:
    """The octets of a message. Raises EncodeError for a value that does not fit."""
    try:
        if isinstance(message, PduTransmission):
            if message.pdu_type == PduType.RRC:
                RrcChannel(message.payload)
            return encode_pdu(message.sti, message.pdu_type, message.pdu_id, message.payload, message.pdu)
        if isinstance(message, PduTransmissionAck):
            return encode_ack(message.sti, message.pdu_ids)
        if isinstance(message, Heartbeat):
            return _HEARTBEAT.pack(PREAMBLE, HEARTBEAT, message.sti, message.x, message.y, message.z)
        return _HEARTBEAT_ACK.pack(PREAMBLE, HEARTBEAT_ACK, message.sti, message.dbm)
    except (struct.error, ValueError) as error:
        raise EncodeError(str(error)) from None


def encode_pdu(sti: int, pdu_type: int, pdu_id: int, payload: int, pdu: bytes) -> bytes:
    """A PDU transmission without the detour over an object: the user plane's way."""
    if len(pdu) > MAX_PDU_OCTETS:
        raise EncodeError(f"a PDU of {len(pdu)} octets; RLS carries {MAX_PDU_OCTETS}")
    return _PDU.pack(PREAMBLE, PDU_TRANSMISSION, sti, pdu_type, pdu_id, payload, len(pdu)) + pdu


def encode_ack(sti: int, pdu_ids: tuple[int, ...] | list[int]) -> bytes:
    """An ack of several PDUs."""
    count = len(pdu_ids)
    if count > MAX_ACKS:
        raise EncodeError(f"{count} acks; RLS carries {MAX_ACKS}")
    return _ACK.pack(PREAMBLE, PDU_TRANSMISSION_ACK, sti, count) + struct.pack(f">{count}I", *pdu_ids)


def decode(octets: bytes) -> Message:
    """The message in a datagram. Raises DecodeError and nothing else, whatever the octets."""
    if len(octets) < _HEADER.size:
        raise DecodeError(f"{len(octets)} octets, an RLS header has {_HEADER.size}", offset=len(octets))
    preamble, kind, sti = _HEADER.unpack_from(octets)
    if preamble != PREAMBLE:
        raise _wrong_preamble(preamble)
    if kind == PDU_TRANSMISSION:
        return _decode_pdu(octets)
    if kind == PDU_TRANSMISSION_ACK:
        return _decode_ack(octets, sti)
    if kind == HEARTBEAT:
        _expect_length(octets, _HEARTBEAT.size, "heartbeat")
        _, _, _, x, y, z = _HEARTBEAT.unpack(octets)
        return Heartbeat(sti=sti, x=x, y=y, z=z)
    if kind == HEARTBEAT_ACK:
        _expect_length(octets, _HEARTBEAT_ACK.size, "heartbeat ack")
        return HeartbeatAck(sti=sti, dbm=_HEARTBEAT_ACK.unpack(octets)[3])
    raise DecodeError(f"unknown RLS message type {kind}", offset=4)


def _decode_pdu(octets: bytes) -> PduTransmission:
    if len(octets) < _PDU.size:
        raise DecodeError("truncated PDU transmission", offset=len(octets))
    _, _, sti, pdu_type, pdu_id, payload, length = _PDU.unpack_from(octets)
    if length > MAX_PDU_OCTETS:
        raise DecodeError(f"PDU length {length} is above {MAX_PDU_OCTETS}", offset=_PDU.size - 4)
    _expect_length(octets, _PDU.size + length, "PDU transmission")
    if pdu_type == 1:
        if payload > RrcChannel.UL_DCCH:
            raise DecodeError(f"unknown RRC channel {payload}", offset=18)
    elif pdu_type != 2:
        raise DecodeError(f"unknown PDU type {pdu_type}", offset=13)
    return PduTransmission(
        sti=sti,
        pdu_type=PduType.RRC if pdu_type == 1 else PduType.DATA,
        pdu_id=pdu_id,
        payload=payload,
        pdu=octets[_PDU.size :],
    )


def _decode_ack(octets: bytes, sti: int) -> PduTransmissionAck:
    if len(octets) < _ACK.size:
        raise DecodeError("truncated PDU transmission ack", offset=len(octets))
    count = _ACK.unpack_from(octets)[3]
    if count > MAX_ACKS:
        raise DecodeError(f"{count} acks are above {MAX_ACKS}", offset=_HEADER.size)
    _expect_length(octets, _ACK.size + 4 * count, "PDU transmission ack")
    return PduTransmissionAck(sti=sti, pdu_ids=struct.unpack_from(f">{count}I", octets, _ACK.size))


def _expect_length(octets: bytes, length: int, what: str) -> None:
    if len(octets) != length:
        raise DecodeError(f"{what} of {len(octets)} octets, not {length}", offset=min(len(octets), length))


def _wrong_preamble(preamble: bytes) -> DecodeError:
    if preamble[0] != COMPATIBILITY:
        return DecodeError(f"first octet {preamble[0]:#04x}, not {COMPATIBILITY:#04x}", offset=0)
    version = ".".join(str(octet) for octet in preamble[1:])
    return DecodeError(f"RLS version {version}, not {'.'.join(map(str, VERSION))}", offset=1)
