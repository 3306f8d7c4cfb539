"""Typed elements of 5GSM (TS 24.501 clause 9.11.4), and the DNN and S-NSSAI that go with a session.

Shapes and errors as in `elements`.
"""

from typing import Self

import msgspec

from awase.protocols.nas.layout import OpenEnum
from awase.wire.errors import DecodeError, EncodeError


class PduSessionType(OpenEnum):
    """PDU session type (TS 24.501 table 9.11.4.11.1)."""

    ipv4 = 1
    ipv6 = 2
    ipv4v6 = 3
    unstructured = 4
    ethernet = 5


class SscMode(OpenEnum):
    """SSC mode (TS 24.501 table 9.11.4.16.1)."""

    ssc_mode_1 = 1
    ssc_mode_2 = 2
    ssc_mode_3 = 3


class RuleOperation(OpenEnum):
    """Rule operation code (TS 24.501 table 9.11.4.13.1)."""

    create_new_qos_rule = 1
    delete_existing_qos_rule = 2
    modify_existing_qos_rule_and_add_packet_filters = 3
    modify_existing_qos_rule_and_replace_all_packet_filters = 4
    modify_existing_qos_rule_and_delete_packet_filters = 5
    modify_existing_qos_rule_without_modifying_packet_filters = 6


class FlowOperation(OpenEnum):
    """Operation code of a QoS flow description (TS 24.501 table 9.11.4.12.1)."""

    create_new_qos_flow_description = 1
    delete_existing_qos_flow_description = 2
    modify_existing_qos_flow_description = 3


class PacketFilterDirection(OpenEnum):
    """Packet filter direction (TS 24.501 table 9.11.4.13.1)."""

    downlink_only = 1
    uplink_only = 2
    bidirectional = 3


class MaximumDataRate(OpenEnum):
    """Maximum data rate per UE for user-plane integrity protection (TS 24.501 table 9.11.4.7.1)."""

    kbps_64 = 0
    null = 1
    full_data_rate = 255


class IntegrityProtectionMaximumDataRate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Integrity protection maximum data rate (TS 24.501 clause 9.11.4.7)."""

    uplink: MaximumDataRate = MaximumDataRate.full_data_rate
    downlink: MaximumDataRate = MaximumDataRate.full_data_rate

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From two octets."""
        return cls(uplink=MaximumDataRate(octets[0]), downlink=MaximumDataRate(octets[1]))

    def encode(self) -> bytes:
        """To two octets."""
        return bytes((self.uplink, self.downlink))


class FiveGSMCapability(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """5GSM capability (TS 24.501 clause 9.11.4.1), as its octets."""

    octets: bytes = b"\x00"

    @property
    def reflective_qos(self) -> bool:
        """RQoS is supported."""
        return self.octets[0] & 1 != 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


MATCH_ALL = 1
"""Packet filter component type "match-all" (TS 24.501 table 9.11.4.13.1)."""

_COMPONENT_LENGTH = {
    1: 0,
    16: 8,
    17: 8,
    33: 17,
    35: 17,
    48: 1,
    64: 2,
    65: 4,
    80: 2,
    81: 4,
    96: 4,
    112: 2,
    128: 3,
    129: 6,
    130: 6,
    131: 2,
    132: 2,
    133: 1,
    134: 1,
    135: 2,
    136: 12,
    137: 12,
}
"""Octets of a packet filter component's value by its type (TS 24.501 table 9.11.4.13.1)."""


class PacketFilterComponent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A packet filter component: its type (TS 24.501 table 9.11.4.13.1) and value."""

    type: int
    value: bytes = b""


class PacketFilter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A packet filter (TS 24.501 figure 9.11.4.13.4). No direction nor components in a deletion."""

    identifier: int
    direction: PacketFilterDirection | None = PacketFilterDirection.bidirectional
    components: tuple[PacketFilterComponent, ...] = ()

    def encode(self) -> bytes:
        """To octets."""
        if self.direction is None:
            return bytes((self.identifier,))
        value = b"".join(bytes((c.type,)) + c.value for c in self.components)
        return bytes((self.direction << 4 | self.identifier, len(value))) + value


class QosRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A QoS rule (TS 24.501 figure 9.11.4.13.2). Precedence and QFI are absent where the rule is deleted."""

    identifier: int
    operation: RuleOperation = RuleOperation.create_new_qos_rule
    default_qos_rule: bool = False
    packet_filters: tuple[PacketFilter, ...] = ()
    precedence: int | None = None
    qfi: int | None = None
    segregation: bool = False

    def encode(self) -> bytes:
        """To octets."""
        if len(self.packet_filters) > 15:
            raise EncodeError("a QoS rule has at most 15 packet filters")
        value = bytes((self.operation << 5 | self.default_qos_rule << 4 | len(self.packet_filters),))
        value += b"".join(f.encode() for f in self.packet_filters)
        if self.precedence is not None:
            value += bytes((self.precedence,))
            if self.qfi is not None:
                value += bytes((self.segregation << 6 | self.qfi,))
        return bytes((self.identifier,)) + len(value).to_bytes(2, "big") + value


QosRules = tuple[QosRule, ...]
"""QoS rules (TS 24.501 clause 9.11.4.13)."""


def default_qos_rule(qfi: int, identifier: int = 1, precedence: int = 255) -> QosRule:
    """The default QoS rule: one match-all filter in both directions."""
    match_all = PacketFilter(identifier=1, components=(PacketFilterComponent(type=MATCH_ALL),))
    return QosRule(
        identifier=identifier,
        default_qos_rule=True,
        packet_filters=(match_all,),
        precedence=precedence,
        qfi=qfi,
    )


def encode_qos_rules(rules: QosRules) -> bytes:
    """QoS rules to their octets."""
    return b"".join(rule.encode() for rule in rules)


def decode_qos_rules(octets: bytes) -> QosRules:
    """QoS rules from their octets."""
    rules = []
    i = 0
    while i < len(octets):
        end = i + 3 + (octets[i + 1] << 8 | octets[i + 2])
        if end > len(octets) or end == i + 3:
            raise DecodeError("a QoS rule ends after its element, or is empty")
        rules.append(_qos_rule(octets[i], octets[i + 3 : end]))
        i = end
    return tuple(rules)


def _qos_rule(identifier: int, octets: bytes) -> QosRule:
    operation, number = RuleOperation(octets[0] >> 5), octets[0] & 15
    filters = []
    i = 1
    for _ in range(number):
        if operation == RuleOperation.modify_existing_qos_rule_and_delete_packet_filters:
            filters.append(PacketFilter(identifier=octets[i] & 15, direction=None))
            i += 1
            continue
        end = i + 2 + octets[i + 1]
        if end > len(octets):
            raise DecodeError("a packet filter ends after its QoS rule")
        filters.append(
            PacketFilter(
                identifier=octets[i] & 15,
                direction=PacketFilterDirection(octets[i] >> 4 & 3),
                components=_components(octets[i + 2 : end]),
            )
        )
        i = end
    rest = octets[i:]
    return QosRule(
        identifier=identifier,
        operation=operation,
        default_qos_rule=octets[0] & 16 != 0,
        packet_filters=tuple(filters),
        precedence=rest[0] if rest else None,
        qfi=rest[1] & 63 if len(rest) > 1 else None,
        segregation=len(rest) > 1 and rest[1] & 64 != 0,
    )


def _components(octets: bytes) -> tuple[PacketFilterComponent, ...]:
    found = []
    i = 0
    while i < len(octets):
        kind = octets[i]
        length = _COMPONENT_LENGTH.get(kind)
        if length is None:
            # Its length is not known: it takes all that is left, and the receiver refuses the filter.
            length = len(octets) - i - 1
        if i + 1 + length > len(octets):
            raise DecodeError("a packet filter component ends after its filter")
        found.append(PacketFilterComponent(type=kind, value=octets[i + 1 : i + 1 + length]))
        i += 1 + length
    return tuple(found)


class FlowParameter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A parameter of a QoS flow: 1 5QI, 2 and 3 GFBR up and down, 4 and 5 MFBR, 6 window, 7 EBI."""

    identifier: int
    contents: bytes


class QosFlowDescription(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A QoS flow description (TS 24.501 figure 9.11.4.12.2); `e` as of the last octet of its head."""

    qfi: int
    operation: FlowOperation = FlowOperation.create_new_qos_flow_description
    e: bool = False
    parameters: tuple[FlowParameter, ...] = ()

    @property
    def five_qi(self) -> int | None:
        """The 5QI, where it is described."""
        for parameter in self.parameters:
            if parameter.identifier == 1 and parameter.contents:
                return parameter.contents[0]
        return None

    @classmethod
    def create(cls, qfi: int, five_qi: int) -> Self:
        """A new non-GBR flow."""
        return cls(qfi=qfi, e=True, parameters=(FlowParameter(identifier=1, contents=bytes((five_qi,))),))

    def encode(self) -> bytes:
        """To octets."""
        head = bytes((self.qfi, self.operation << 5, self.e << 6 | len(self.parameters)))
        return head + b"".join(bytes((p.identifier, len(p.contents))) + p.contents for p in self.parameters)


QosFlowDescriptions = tuple[QosFlowDescription, ...]
"""QoS flow descriptions (TS 24.501 clause 9.11.4.12)."""


def encode_qos_flow_descriptions(flows: QosFlowDescriptions) -> bytes:
    """QoS flow descriptions to their octets."""
    return b"".join(flow.encode() for flow in flows)


def decode_qos_flow_descriptions(octets: bytes) -> QosFlowDescriptions:
    """QoS flow descriptions from their octets."""
    flows = []
    i = 0
    while i < len(octets):
        head = octets[i : i + 3]
        if len(head) < 3:
            raise DecodeError("a QoS flow description has at least 3 octets")
        i += 3
        parameters = []
        for _ in range(head[2] & 63):
            end = i + 2 + octets[i + 1]
            if end > len(octets):
                raise DecodeError("a QoS flow parameter ends after its element")
            parameters.append(FlowParameter(identifier=octets[i], contents=octets[i + 2 : end]))
            i = end
        flows.append(
            QosFlowDescription(
                qfi=head[0] & 63,
                operation=FlowOperation(head[1] >> 5),
                e=head[2] & 64 != 0,
                parameters=tuple(parameters),
            )
        )
    return tuple(flows)


class SessionAmbr(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Session-AMBR (TS 24.501 clause 9.11.4.14): units of table 9.11.4.14.1 (1 is 1 kbps, 6 is 1 Mbps)."""

    unit_for_downlink: int
    downlink: int
    unit_for_uplink: int
    uplink: int

    @property
    def downlink_bps(self) -> int:
        """Downlink, in bit/s."""
        return self.downlink * _unit_bps(self.unit_for_downlink)

    @property
    def uplink_bps(self) -> int:
        """Uplink, in bit/s."""
        return self.uplink * _unit_bps(self.unit_for_uplink)

    @classmethod
    def of_bps(cls, *, downlink_bps: int, uplink_bps: int) -> Self:
        """In the finest units that hold the values (rounded up)."""
        down, up = _unit_and_rate(downlink_bps), _unit_and_rate(uplink_bps)
        return cls(unit_for_downlink=down[0], downlink=down[1], unit_for_uplink=up[0], uplink=up[1])

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From six octets."""
        if len(octets) < 6:
            raise DecodeError("a session-AMBR has 6 octets")
        return cls(
            unit_for_downlink=octets[0],
            downlink=octets[1] << 8 | octets[2],
            unit_for_uplink=octets[3],
            uplink=octets[4] << 8 | octets[5],
        )

    def encode(self) -> bytes:
        """To six octets."""
        down, up = self.downlink.to_bytes(2, "big"), self.uplink.to_bytes(2, "big")
        return bytes((self.unit_for_downlink,)) + down + bytes((self.unit_for_uplink,)) + up


def _unit_bps(unit: int) -> int:
    # "Other values shall be interpreted as multiples of 256 Pbps"; 0 means that the value is not used.
    unit = min(unit, 25)
    return 0 if unit == 0 else int(1000 ** ((unit - 1) // 5 + 1)) * int(4 ** ((unit - 1) % 5))


def _unit_and_rate(bps: int) -> tuple[int, int]:
    for unit in range(1, 26):
        rate = -(-bps // _unit_bps(unit))
        if rate <= 0xFFFF:
            return unit, rate
    raise EncodeError(f"{bps} bit/s is more than a session-AMBR can express")


class PduAddress(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """PDU address (TS 24.501 clause 9.11.4.10). `link_local` is the SMF's IPv6 one, 16 octets."""

    ipv4: str | None = None
    interface_identifier: bytes | None = None
    link_local: bytes = b""
    other: bytes | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        kind, link_local = octets[0] & 7, b""
        value = octets[1:]
        if octets[0] & 8:
            value, link_local = value[:-16], value[-16:]
        if kind == PduSessionType.ipv4 and len(value) == 4:
            return cls(ipv4=_dotted(value), link_local=link_local)
        if kind == PduSessionType.ipv6 and len(value) == 8:
            return cls(interface_identifier=value, link_local=link_local)
        if kind == PduSessionType.ipv4v6 and len(value) == 12:
            return cls(interface_identifier=value[:8], ipv4=_dotted(value[8:]), link_local=link_local)
        if kind in (1, 2, 3):
            raise DecodeError("a PDU address of the wrong length")
        return cls(other=octets)

    def encode(self) -> bytes:
        """To octets."""
        if self.other is not None:
            return self.other
        kind = (self.ipv4 is not None) | (self.interface_identifier is not None) << 1
        value = (self.interface_identifier or b"") + (_four_octets(self.ipv4) if self.ipv4 else b"")
        return bytes((kind | (8 if self.link_local else 0),)) + value + self.link_local


def _dotted(octets: bytes) -> str:
    return ".".join(map(str, octets))


def _four_octets(address: str) -> bytes:
    return bytes(map(int, address.split(".")))


_TWO_OCTET_LENGTHS = frozenset({0x0023, 0x0024, 0x0030, 0x0032})
"""Containers that have two octets of length from the network (TS 24.008 table 10.5.154)."""


class ExtendedProtocolConfigurationOptions(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Extended protocol configuration options (TS 24.501 clause 9.11.4.6, TS 24.008 clause 10.5.6.3A)."""

    octets: bytes = b"\x80"

    @classmethod
    def of(cls, containers: tuple[tuple[int, bytes], ...]) -> Self:
        """From (container identifier, contents)."""
        return cls(
            octets=b"\x80"
            + b"".join(
                identifier.to_bytes(2, "big") + bytes((len(contents),)) + contents
                for identifier, contents in containers
            )
        )

    def containers(self, *, from_network: bool) -> tuple[tuple[int, bytes], ...]:
        """(container identifier, contents) in order; what is cut off at the end is left out."""
        found = []
        octets, i = self.octets, 1
        while i + 3 <= len(octets):
            identifier = octets[i] << 8 | octets[i + 1]
            long = from_network and identifier in _TWO_OCTET_LENGTHS
            length = int.from_bytes(octets[i + 2 : i + (4 if long else 3)], "big")
            i += 4 if long else 3
            if i + length > len(octets):
                break
            found.append((identifier, octets[i : i + length]))
            i += length
        return tuple(found)

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        if not octets:
            raise DecodeError("empty")
        return cls(octets=octets)

    def encode(self) -> bytes:
        """To octets."""
        return self.octets


def decode_dnn(octets: bytes) -> str:
    """A DNN (TS 24.501 clause 9.11.2.1B, TS 23.003 clause 9.1) from its octets: "internet", "ims.mnc001"."""
    labels = []
    i = 0
    while i < len(octets):
        end = i + 1 + octets[i]
        if end > len(octets) or not 1 < end - i <= 64:
            raise DecodeError("a label of the DNN ends after it, or has not 1 to 63 octets")
        label = octets[i + 1 : end]
        if not label.isascii() or b"." in label:
            raise DecodeError("a label of the DNN is not made of letters, digits and hyphens")
        labels.append(label.decode("ascii"))
        i = end
    if not labels or i > 100:
        raise DecodeError("a DNN that is empty or longer than 100 octets")
    return ".".join(labels)


def encode_dnn(dnn: str) -> bytes:
    """A DNN to its octets."""
    labels = dnn.encode("ascii", "strict").split(b".") if dnn.isascii() else []
    if not labels or len(dnn) > 99 or any(not 0 < len(label) <= 63 for label in labels):
        raise EncodeError(f"{dnn!r} is no DNN")
    return b"".join(bytes((len(label),)) + label for label in labels)
