"""Hypothesis strategies for PFCP messages, made from the tables of the codec."""

import typing
from functools import cache
from ipaddress import IPv6Address

import msgspec
from hypothesis import strategies as st
from msgspec.structs import fields

from awase.model.ids import SNssai
from awase.protocols.pfcp import elements as e
from awase.protocols.pfcp.element_table import ELEMENTS
from awase.protocols.pfcp.messages import MESSAGE_TYPES, Group

U8, U16, U32, U64 = (st.integers(0, 2 ** (8 * n) - 1) for n in (1, 2, 4, 8))
IPV4 = st.binary(min_size=4, max_size=4).map(lambda o: ".".join(map(str, o)))
IPV6 = st.integers(0, 2**128 - 1).map(lambda n: str(IPv6Address(n)))
DIGITS = st.text("0123456789", min_size=1, max_size=15)
NAME = st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z0-9]{1,8}){0,3}", fullmatch=True)
OPTIONAL_V4, OPTIONAL_V6 = st.none() | IPV4, st.none() | IPV6


def _some_address(value: msgspec.Struct) -> bool:
    return value.ipv4_address is not None or value.ipv6_address is not None


OHC = [
    st.builds(e.OuterHeaderCreation, description=st.sampled_from((0x100, 0x101)), teid=U32, ipv4_address=IPV4),
    st.builds(e.OuterHeaderCreation, description=st.just(0x200), teid=U32, ipv6_address=IPV6),
    st.builds(e.OuterHeaderCreation, description=st.just(0x300), teid=U32, ipv4_address=IPV4, ipv6_address=IPV6),
    st.builds(e.OuterHeaderCreation, description=st.just(0x400), ipv4_address=IPV4, port_number=U16),
    st.builds(e.OuterHeaderCreation, description=st.just(0x1000), ipv4_address=IPV4),
]

VALUES: dict[type, st.SearchStrategy] = {
    e.NodeId: st.builds(e.NodeId, ipv4_address=IPV4)
    | st.builds(e.NodeId, ipv6_address=IPV6)
    | st.builds(e.NodeId, fqdn=NAME),
    e.FSeid: st.builds(e.FSeid, seid=U64, ipv4_address=OPTIONAL_V4, ipv6_address=OPTIONAL_V6).filter(_some_address),
    e.FTeid: st.builds(e.FTeid, teid=U32, ipv4_address=OPTIONAL_V4, ipv6_address=OPTIONAL_V6).filter(_some_address)
    | st.builds(e.FTeid, choose_ipv4=st.booleans(), choose_ipv6=st.just(True), choose_id=st.none() | U8),
    e.UeIpAddress: st.builds(
        e.UeIpAddress,
        ipv4_address=OPTIONAL_V4,
        ipv6_address=OPTIONAL_V6,
        destination=st.booleans(),
        ipv6_prefix_delegation_bits=st.none() | U8,
        ipv6_prefix_length=st.none() | U8,
    )
    | st.builds(e.UeIpAddress, choose_ipv4=st.booleans(), choose_ipv6=st.booleans()),
    e.SdfFilter: st.builds(
        e.SdfFilter,
        flow_description=st.none() | st.just("permit out ip from any to assigned"),
        tos_traffic_class=st.none() | st.binary(min_size=2, max_size=2),
        security_parameter_index=st.none() | st.binary(min_size=4, max_size=4),
        flow_label=st.none() | st.binary(min_size=3, max_size=3),
        sdf_filter_id=st.none() | U32,
    ),
    e.OuterHeaderCreation: st.one_of(OHC),
    e.OuterHeaderRemoval: st.builds(
        e.OuterHeaderRemoval,
        description=st.integers(0, 5),
    )
    | st.builds(e.OuterHeaderRemoval, description=st.just(6), gtp_u_extension_header_deletion=U8),
    e.GateStatus: st.builds(e.GateStatus, ul_gate=st.integers(0, 1), dl_gate=st.integers(0, 1)),
    e.BitRates: st.builds(e.BitRates, ul_kbps=st.integers(0, 2**40 - 1), dl_kbps=st.integers(0, 2**40 - 1)),
    e.Volume: st.builds(
        e.Volume, total_bytes=st.none() | U64, uplink_bytes=st.none() | U64, downlink_bytes=st.none() | U64
    ),
    e.UserId: st.builds(
        e.UserId, imsi=st.none() | DIGITS, imei=st.none() | DIGITS, msisdn=st.none() | DIGITS, nai=st.none() | NAME
    ),
    e.FailedRuleId: st.builds(e.FailedRuleId, rule_id_type=st.sampled_from((0, 1, 2, 3, 4)), rule_id=U8),
    e.RemoteGtpUPeer: st.builds(
        e.RemoteGtpUPeer,
        ipv4_address=OPTIONAL_V4,
        ipv6_address=OPTIONAL_V6,
        destination_interface=st.none() | st.integers(0, 15),
        network_instance=st.none() | NAME,
    ),
    e.DownlinkDataServiceInformation: st.builds(
        e.DownlinkDataServiceInformation,
        paging_policy_indication=st.none() | st.integers(0, 63),
        qfi=st.none() | st.integers(0, 63),
    ),
    SNssai: st.builds(SNssai, sst=U8, sd=st.none() | st.integers(0, 2**24 - 2).map(lambda n: f"{n:06x}")),
    bytes: st.binary(min_size=1, max_size=12),
    str: NAME,
}


NOT_AS_PYCRATE = ("dl_buffering_suggested_packet_count",)
"""Clause 8.2.29: one or two octets, of any value; pycrate takes no value whose last octet is 0."""


@cache
def _largest(name: str) -> int:
    encode, decode = ELEMENTS[name][1]
    for value in (2**64 - 1, 2**32 - 1, 2**24 - 1, 0xFFFF, 0xFF, 0x3F, 0x0F, 0x07):
        try:
            if decode(encode(value)) == value:
                return value
        except (OverflowError, ValueError):
            continue
    return 1


def _value(name: str, kind: object, opaque: bool) -> st.SearchStrategy:
    if kind is int:
        return st.integers(0, _largest(name))
    if isinstance(kind, type) and issubclass(kind, Group):
        return groups(kind, opaque)
    return VALUES[kind]


@cache
def groups(cls: type[Group], opaque: bool = True) -> st.SearchStrategy:
    """Any group or message of a class; `opaque`: with octets that mean nothing where we only keep them."""
    made = {}
    for field in fields(cls):
        if field.name == "unknown":
            continue
        kinds = [k for k in typing.get_args(field.type) if k not in (type(None), Ellipsis)] or [field.type]
        if (kinds[0] is bytes or field.name in NOT_AS_PYCRATE) and not opaque:
            continue
        value = _value(field.name, kinds[0], opaque)
        if typing.get_origin(field.type) is tuple:
            low = 1 if field.required else 0
            made[field.name] = st.lists(value, min_size=low, max_size=2).map(tuple)
        else:
            made[field.name] = value if field.required else st.none() | st.none() | value
    unknown = st.builds(e.UnknownElement, type=st.integers(20000, 32767), content=st.binary(max_size=6))
    vendor = st.builds(
        e.UnknownElement, type=st.integers(32768, 65535), content=st.binary(max_size=6), enterprise_id=U16
    )
    return st.builds(cls, **made, unknown=st.lists(unknown | vendor, max_size=1).map(tuple))


NUMBERS = st.sampled_from(sorted(MESSAGE_TYPES))
MESSAGES = NUMBERS.flatmap(lambda number: groups(MESSAGE_TYPES[number]))
READ_MESSAGES = NUMBERS.flatmap(lambda number: groups(MESSAGE_TYPES[number], opaque=False))
