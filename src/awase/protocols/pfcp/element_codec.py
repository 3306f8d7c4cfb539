"""The octets of the elements that have a structure of their own (TS 29.244 clause 8.2).

A decoder gets the octets of one element; it may raise IndexError or struct.error where they end too soon,
which `codec` turns into Cause "Invalid length", and ValueError for what they cannot mean.
"""

from struct import Struct

from awase.model.ids import SNssai
from awase.protocols.pfcp.elements import (
    BitRates,
    FailedRuleId,
    FSeid,
    FTeid,
    GateStatus,
    NodeId,
    OuterHeaderCreation,
    OuterHeaderRemoval,
    RemoteGtpUPeer,
    RuleIdType,
    SdfFilter,
    UeIpAddress,
    UserId,
    Volume,
)
from awase.protocols.pfcp.plain_elements import decode_name, encode_name
from awase.wire.addresses import ipv4_octets, ipv4_text, ipv6_octets, ipv6_text
from awase.wire.errors import EncodeError

_U16 = Struct("!H")
_U32 = Struct("!I")
_U64 = Struct("!Q")


class _Reader:
    """Takes octets from an element in turn."""

    __slots__ = ("octets", "position")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.position = 0

    def take(self, n: int) -> bytes:
        stop = self.position + n
        if stop > len(self.octets):
            raise IndexError("the element ends too soon")
        taken = self.octets[self.position : stop]
        self.position = stop
        return taken

    def number(self, n: int) -> int:
        return int.from_bytes(self.take(n), "big")

    def take_lv(self, n: int) -> bytes:
        return self.take(self.number(n))

    def ipv4(self, present: int) -> str | None:
        return ipv4_text(self.take(4)) if present else None

    def ipv6(self, present: int) -> str | None:
        return ipv6_text(self.take(16)) if present else None

    def rest(self) -> bytes:
        return self.octets[self.position :]


def _lv(octets: bytes, n: int) -> bytes:
    return len(octets).to_bytes(n, "big") + octets


def encode_node_id(value: NodeId) -> bytes:
    """Clause 8.2.38."""
    if value.ipv4_address is not None:
        return b"\x00" + ipv4_octets(value.ipv4_address)
    if value.ipv6_address is not None:
        return b"\x01" + ipv6_octets(value.ipv6_address)
    if value.fqdn:
        return b"\x02" + encode_name(value.fqdn)
    raise EncodeError("a Node ID is an address or a name")


def decode_node_id(octets: bytes) -> NodeId:
    """Clause 8.2.38."""
    kind = octets[0] & 0x0F
    if kind == 0:
        return NodeId(ipv4_address=_Reader(octets[1:]).ipv4(1))
    if kind == 1:
        return NodeId(ipv6_address=_Reader(octets[1:]).ipv6(1))
    if kind == 2 and len(octets) > 1:
        return NodeId(fqdn=decode_name(octets[1:]))
    raise ValueError(f"Node ID of type {kind}")


def encode_f_seid(value: FSeid) -> bytes:
    """Clause 8.2.37."""
    v4, v6 = value.ipv4_address, value.ipv6_address
    return b"".join(
        (
            bytes(((2 if v4 is not None else 0) | (v6 is not None),)),
            _U64.pack(value.seid),
            ipv4_octets(v4) if v4 is not None else b"",
            ipv6_octets(v6) if v6 is not None else b"",
            value.rest,
        )
    )


def decode_f_seid(octets: bytes) -> FSeid:
    """Clause 8.2.37."""
    flags = octets[0]
    if flags == 2 and len(octets) == 13:
        return FSeid(seid=_U64.unpack_from(octets, 1)[0], ipv4_address=ipv4_text(octets[9:]))
    if not flags & 3:
        raise ValueError("an F-SEID without address")
    reader = _Reader(octets)
    reader.position = 1
    return FSeid(
        seid=reader.number(8),
        ipv4_address=reader.ipv4(flags & 2),
        ipv6_address=reader.ipv6(flags & 1),
        rest=reader.rest(),
    )


def encode_f_teid(value: FTeid) -> bytes:
    """Clause 8.2.3."""
    if value.choose_ipv4 or value.choose_ipv6:
        flags = 4 | value.choose_ipv4 | value.choose_ipv6 << 1
        if value.choose_id is None:
            return bytes((flags,)) + value.rest
        return bytes((flags | 8, value.choose_id)) + value.rest
    v4, v6, teid = value.ipv4_address, value.ipv6_address, value.teid
    if teid is None or (v4 is None and v6 is None):
        raise EncodeError("an F-TEID has a TEID and an address, or is to be chosen")
    return b"".join(
        (
            bytes(((v4 is not None) | (2 if v6 is not None else 0),)),
            _U32.pack(teid),
            ipv4_octets(v4) if v4 is not None else b"",
            ipv6_octets(v6) if v6 is not None else b"",
            value.rest,
        )
    )


def decode_f_teid(octets: bytes) -> FTeid:
    """Clause 8.2.3."""
    flags = octets[0]
    if flags & 0x0F == 1 and len(octets) == 9:
        return FTeid(teid=_U32.unpack_from(octets, 1)[0], ipv4_address=ipv4_text(octets[5:]))
    if not flags & 3:
        raise ValueError("an F-TEID of neither IPv4 nor IPv6")
    reader = _Reader(octets)
    reader.position = 1
    if flags & 4:
        return FTeid(
            choose_ipv4=bool(flags & 1),
            choose_ipv6=bool(flags & 2),
            choose_id=reader.number(1) if flags & 8 else None,
            rest=reader.rest(),
        )
    if flags & 8:
        raise ValueError("an F-TEID with CHID but not CH")
    return FTeid(
        teid=reader.number(4),
        ipv4_address=reader.ipv4(flags & 1),
        ipv6_address=reader.ipv6(flags & 2),
        rest=reader.rest(),
    )


def encode_ue_ip_address(value: UeIpAddress) -> bytes:
    """Clause 8.2.62."""
    v4, v6 = value.ipv4_address, value.ipv6_address
    delegation, prefix_length = value.ipv6_prefix_delegation_bits, value.ipv6_prefix_length
    flags = (v6 is not None) | (2 if v4 is not None else 0) | value.destination << 2
    flags |= (delegation is not None) << 3 | value.choose_ipv4 << 4 | value.choose_ipv6 << 5
    flags |= (prefix_length is not None) << 6
    return b"".join(
        (
            bytes((flags,)),
            ipv4_octets(v4) if v4 is not None else b"",
            ipv6_octets(v6) if v6 is not None else b"",
            bytes((delegation,)) if delegation is not None else b"",
            bytes((prefix_length,)) if prefix_length is not None else b"",
            value.rest,
        )
    )


def decode_ue_ip_address(octets: bytes) -> UeIpAddress:
    """Clause 8.2.62."""
    flags = octets[0]
    if flags & 0xFB == 2 and len(octets) == 5:
        return UeIpAddress(ipv4_address=ipv4_text(octets[1:]), destination=flags == 6)
    reader = _Reader(octets)
    reader.position = 1
    return UeIpAddress(
        ipv4_address=reader.ipv4(flags & 2),
        ipv6_address=reader.ipv6(flags & 1),
        destination=bool(flags & 4),
        choose_ipv4=bool(flags & 16),
        choose_ipv6=bool(flags & 32),
        ipv6_prefix_delegation_bits=reader.number(1) if flags & 8 else None,
        ipv6_prefix_length=reader.number(1) if flags & 64 else None,
        rest=reader.rest(),
    )


def encode_sdf_filter(value: SdfFilter) -> bytes:
    """Clause 8.2.5."""
    flow, tos, spi = value.flow_description, value.tos_traffic_class, value.security_parameter_index
    label, number = value.flow_label, value.sdf_filter_id
    flags = (flow is not None) | (tos is not None) << 1 | (spi is not None) << 2
    flags |= (label is not None) << 3 | (number is not None) << 4
    return b"".join(
        (
            bytes((flags, 0)),
            _lv(flow.encode("latin-1"), 2) if flow is not None else b"",
            _fixed(tos, 2),
            _fixed(spi, 4),
            _fixed(label, 3),
            _U32.pack(number) if number is not None else b"",
            value.rest,
        )
    )


def decode_sdf_filter(octets: bytes) -> SdfFilter:
    """Clause 8.2.5."""
    flags = octets[0]
    reader = _Reader(octets)
    reader.take(2)
    return SdfFilter(
        flow_description=reader.take_lv(2).decode("latin-1") if flags & 1 else None,
        tos_traffic_class=reader.take(2) if flags & 2 else None,
        security_parameter_index=reader.take(4) if flags & 4 else None,
        flow_label=reader.take(3) if flags & 8 else None,
        sdf_filter_id=reader.number(4) if flags & 16 else None,
        rest=reader.rest(),
    )


def _fixed(octets: bytes | None, n: int) -> bytes:
    if octets is None:
        return b""
    if len(octets) != n:
        raise EncodeError(f"{n} octets are needed, not {len(octets)}")
    return octets


_TEID, _V4, _V6, _PORT = 0x0300, 0x1500, 0x2A00, 0x0C00


def encode_outer_header_creation(value: OuterHeaderCreation) -> bytes:
    """Clause 8.2.56."""
    what = value.description
    parts = [_U16.pack(what)]
    for bits, part in (
        (_TEID, None if value.teid is None else _U32.pack(value.teid)),
        (_V4, None if value.ipv4_address is None else ipv4_octets(value.ipv4_address)),
        (_V6, None if value.ipv6_address is None else ipv6_octets(value.ipv6_address)),
        (_PORT, None if value.port_number is None else _U16.pack(value.port_number)),
        (0x4000, value.c_tag),
        (0x8000, value.s_tag),
    ):
        if bool(what & bits) != (part is not None):
            raise EncodeError(f"the fields do not fit Outer Header Creation Description {what:#06x}")
        if part is not None:
            parts.append(part)
    parts.append(value.rest)
    return b"".join(parts)


def decode_outer_header_creation(octets: bytes) -> OuterHeaderCreation:
    """Clause 8.2.56."""
    reader = _Reader(octets)
    what = reader.number(2)
    if what == 0x0100 and len(octets) == 10:
        return OuterHeaderCreation(
            description=what, teid=_U32.unpack_from(octets, 2)[0], ipv4_address=ipv4_text(octets[6:])
        )
    return OuterHeaderCreation(
        description=what,
        teid=reader.number(4) if what & _TEID else None,
        ipv4_address=reader.ipv4(what & _V4),
        ipv6_address=reader.ipv6(what & _V6),
        port_number=reader.number(2) if what & _PORT else None,
        c_tag=reader.take(3) if what & 0x4000 else None,
        s_tag=reader.take(3) if what & 0x8000 else None,
        rest=reader.rest(),
    )


def encode_outer_header_removal(value: OuterHeaderRemoval) -> bytes:
    """Clause 8.2.64."""
    deletion = value.gtp_u_extension_header_deletion
    if deletion is None:
        return bytes((value.description,))
    return bytes((value.description, deletion)) + value.rest


def decode_outer_header_removal(octets: bytes) -> OuterHeaderRemoval:
    """Clause 8.2.64."""
    if len(octets) == 1:
        return OuterHeaderRemoval(description=octets[0])
    return OuterHeaderRemoval(description=octets[0], gtp_u_extension_header_deletion=octets[1], rest=octets[2:])


def encode_gate_status(value: GateStatus) -> bytes:
    """Clause 8.2.7."""
    if value.ul_gate not in (0, 1) or value.dl_gate not in (0, 1):
        raise EncodeError("a gate is open (0) or closed (1)")
    return bytes((value.ul_gate << 2 | value.dl_gate,))


def decode_gate_status(octets: bytes) -> GateStatus:
    """Clause 8.2.7: a value for future use closes the gate."""
    flags = octets[0]
    return GateStatus(ul_gate=1 if flags & 12 else 0, dl_gate=1 if flags & 3 else 0)


def encode_bit_rates(value: BitRates) -> bytes:
    """Clauses 8.2.8 and 8.2.9."""
    return value.ul_kbps.to_bytes(5, "big") + value.dl_kbps.to_bytes(5, "big")


def decode_bit_rates(octets: bytes) -> BitRates:
    """Clauses 8.2.8 and 8.2.9."""
    reader = _Reader(octets)
    return BitRates(ul_kbps=reader.number(5), dl_kbps=reader.number(5))


def encode_volume(value: Volume) -> bytes:
    """Clauses 8.2.13, 8.2.44 and 8.2.50."""
    flags = 0
    parts = []
    for bit, number in enumerate(
        (
            value.total_bytes,
            value.uplink_bytes,
            value.downlink_bytes,
            value.total_packets,
            value.uplink_packets,
            value.downlink_packets,
        )
    ):
        if number is not None:
            flags |= 1 << bit
            parts.append(_U64.pack(number))
    return bytes((flags,)) + b"".join(parts) + value.rest


def decode_volume(octets: bytes) -> Volume:
    """Clauses 8.2.13, 8.2.44 and 8.2.50."""
    flags = octets[0]
    reader = _Reader(octets)
    reader.position = 1
    numbers = [reader.number(8) if flags >> bit & 1 else None for bit in range(6)]
    return Volume(
        total_bytes=numbers[0],
        uplink_bytes=numbers[1],
        downlink_bytes=numbers[2],
        total_packets=numbers[3],
        uplink_packets=numbers[4],
        downlink_packets=numbers[5],
        rest=reader.rest(),
    )


def _tbcd(digits: str) -> bytes:
    if not digits.isascii() or not digits.isdigit():
        raise EncodeError("an IMSI, IMEI or MSISDN has digits only")
    if len(digits) & 1:
        digits += "f"
    octets = bytes.fromhex(digits)
    return bytes((o & 0x0F) << 4 | o >> 4 for o in octets)


def _digits(octets: bytes) -> str:
    digits = bytes((o & 0x0F) << 4 | o >> 4 for o in octets).hex()
    if digits.endswith("f"):
        digits = digits[:-1]
    if digits and not digits.isdigit():
        raise ValueError("a digit above 9")
    return digits


def encode_user_id(value: UserId) -> bytes:
    """Clause 8.2.101."""
    flags = 0
    parts = []
    for bit, digits in enumerate((value.imsi, value.imei, value.msisdn)):
        if digits is not None:
            flags |= 1 << bit
            parts.append(_lv(_tbcd(digits) if digits else b"", 1))
    if value.nai is not None:
        flags |= 8
        parts.append(_lv(value.nai.encode("latin-1"), 1))
    return bytes((flags,)) + b"".join(parts) + value.rest


def decode_user_id(octets: bytes) -> UserId:
    """Clause 8.2.101."""
    flags = octets[0]
    reader = _Reader(octets)
    reader.position = 1
    return UserId(
        imsi=_digits(reader.take_lv(1)) if flags & 1 else None,
        imei=_digits(reader.take_lv(1)) if flags & 2 else None,
        msisdn=_digits(reader.take_lv(1)) if flags & 4 else None,
        nai=reader.take_lv(1).decode("latin-1") if flags & 8 else None,
        rest=reader.rest(),
    )


_RULE_ID_LENGTH = {
    RuleIdType.PDR: 2,
    RuleIdType.FAR: 4,
    RuleIdType.QER: 4,
    RuleIdType.URR: 4,
    RuleIdType.BAR: 1,
    RuleIdType.MAR: 2,
    RuleIdType.SRR: 1,
}


def encode_failed_rule_id(value: FailedRuleId) -> bytes:
    """Clause 8.2.80."""
    length = _RULE_ID_LENGTH[RuleIdType(value.rule_id_type)]
    return bytes((value.rule_id_type,)) + value.rule_id.to_bytes(length, "big")


def decode_failed_rule_id(octets: bytes) -> FailedRuleId:
    """Clause 8.2.80."""
    reader = _Reader(octets)
    kind = reader.number(1) & 0x1F
    return FailedRuleId(rule_id_type=kind, rule_id=reader.number(_RULE_ID_LENGTH[RuleIdType(kind)]))


def encode_remote_gtp_u_peer(value: RemoteGtpUPeer) -> bytes:
    """Clause 8.2.70."""
    v4, v6 = value.ipv4_address, value.ipv6_address
    interface, name = value.destination_interface, value.network_instance
    flags = (v6 is not None) | (v4 is not None) << 1 | (interface is not None) << 2 | (name is not None) << 3
    return b"".join(
        (
            bytes((flags,)),
            ipv4_octets(v4) if v4 is not None else b"",
            ipv6_octets(v6) if v6 is not None else b"",
            _lv(bytes((interface,)), 2) if interface is not None else b"",
            _lv(encode_name(name), 2) if name is not None else b"",
            value.rest,
        )
    )


def decode_remote_gtp_u_peer(octets: bytes) -> RemoteGtpUPeer:
    """Clause 8.2.70."""
    flags = octets[0]
    reader = _Reader(octets)
    reader.position = 1
    return RemoteGtpUPeer(
        ipv4_address=reader.ipv4(flags & 2),
        ipv6_address=reader.ipv6(flags & 1),
        destination_interface=reader.take_lv(2)[0] & 0x0F if flags & 4 else None,
        network_instance=decode_name(reader.take_lv(2)) if flags & 8 else None,
        rest=reader.rest(),
    )


def encode_s_nssai(value: SNssai) -> bytes:
    """Clause 8.2.176: an SD of all ones says that there is none."""
    sd = bytes.fromhex(value.sd) if value.sd is not None else b"\xff\xff\xff"
    if len(sd) != 3:
        raise EncodeError(f"{value.sd!r} is no SD")
    return bytes((value.sst,)) + sd


def decode_s_nssai(octets: bytes) -> SNssai:
    """Clause 8.2.176."""
    reader = _Reader(octets)
    sst = reader.number(1)
    sd = reader.take(3).hex()
    return SNssai(sst, None if sd == "ffffff" else sd)
