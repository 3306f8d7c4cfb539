"""The information elements of PFCP that have a structure of their own (TS 29.244 clause 8.2)."""

from enum import IntEnum, IntFlag

import msgspec

PORT = 8805
"""Where PFCP listens (TS 29.244 clause 6.1)."""


class Cause(IntEnum):
    """TS 29.244 table 8.2.1-1. Below 64 the request was accepted."""

    REQUEST_ACCEPTED = 1
    MORE_USAGE_REPORT_TO_SEND = 2
    REQUEST_PARTIALLY_ACCEPTED = 3
    REQUEST_REJECTED = 64
    SESSION_CONTEXT_NOT_FOUND = 65
    MANDATORY_IE_MISSING = 66
    CONDITIONAL_IE_MISSING = 67
    INVALID_LENGTH = 68
    MANDATORY_IE_INCORRECT = 69
    INVALID_FORWARDING_POLICY = 70
    INVALID_F_TEID_ALLOCATION_OPTION = 71
    NO_ESTABLISHED_PFCP_ASSOCIATION = 72
    RULE_CREATION_MODIFICATION_FAILURE = 73
    PFCP_ENTITY_IN_CONGESTION = 74
    NO_RESOURCES_AVAILABLE = 75
    SERVICE_NOT_SUPPORTED = 76
    SYSTEM_FAILURE = 77
    REDIRECTION_REQUESTED = 78
    ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED = 79
    UNKNOWN_PRE_DEFINED_RULE = 80
    UNKNOWN_APPLICATION_ID = 81
    L2TP_TUNNEL_ESTABLISHMENT_FAILURE = 82
    L2TP_SESSION_ESTABLISHMENT_FAILURE = 83
    L2TP_TUNNEL_RELEASE = 84
    L2TP_SESSION_RELEASE = 85


class Interface(IntEnum):
    """Source Interface (table 8.2.2-1) and Destination Interface (table 8.2.24-1)."""

    ACCESS = 0
    CORE = 1
    SGI_LAN_N6_LAN = 2
    CP_FUNCTION = 3
    LI_FUNCTION = 4
    FIVE_G_VN_INTERNAL = 5


class ApplyAction(IntFlag):
    """Clause 8.2.26; octet 6 is the high one."""

    DROP = 0x0001
    FORW = 0x0002
    BUFF = 0x0004
    NOCP = 0x0008
    DUPL = 0x0010
    IPMA = 0x0020
    IPMD = 0x0040
    DFRT = 0x0080
    EDRT = 0x0100
    BDPN = 0x0200
    DDPN = 0x0400


class UpFunctionFeature(IntEnum):
    """Table 8.2.25-1 as far as we act on it: the number of the bit, counted from octet 5 bit 1."""

    BUCP = 0
    DDND = 1
    DLBD = 2
    TRST = 3
    FTUP = 4
    PFDM = 5
    HEEU = 6
    TREU = 7
    EMPU = 8
    PDIU = 9
    UDBC = 10
    QUOAC = 11
    TRACE = 12
    FRRT = 13
    PFDE = 14
    EPFAR = 15
    UEIP = 18


class CpFunctionFeature(IntEnum):
    """Table 8.2.58-1: the number of the bit."""

    LOAD = 0
    OVRL = 1
    EPFAR = 2
    SSET = 3
    BUNDL = 4
    MPAS = 5
    ARDR = 6
    UIAUR = 7


class PdnType(IntEnum):
    """Table 8.2.79-1."""

    IPV4 = 1
    IPV6 = 2
    IPV4V6 = 3
    NON_IP = 4
    ETHERNET = 5


class Gate(IntEnum):
    """Table 8.2.7-1."""

    OPEN = 0
    CLOSED = 1


class OuterHeaderRemovalDescription(IntEnum):
    """Table 8.2.64-1."""

    GTP_U_UDP_IPV4 = 0
    GTP_U_UDP_IPV6 = 1
    UDP_IPV4 = 2
    UDP_IPV6 = 3
    IPV4 = 4
    IPV6 = 5
    GTP_U_UDP_IP = 6


class OuterHeaderCreationDescription(IntFlag):
    """Table 8.2.56-1; octet 5 is the high one."""

    GTP_U_UDP_IPV4 = 0x0100
    GTP_U_UDP_IPV6 = 0x0200
    UDP_IPV4 = 0x0400
    UDP_IPV6 = 0x0800
    IPV4 = 0x1000
    IPV6 = 0x2000
    C_TAG = 0x4000
    S_TAG = 0x8000


class MeasurementMethod(IntFlag):
    """Clause 8.2.40."""

    DURAT = 1
    VOLUM = 2
    EVENT = 4


class ReportingTrigger(IntFlag):
    """Reporting Triggers (clause 8.2.19), octet 5 the low one."""

    PERIO = 0x000001
    VOLTH = 0x000002
    TIMTH = 0x000004
    QUHTI = 0x000008
    START = 0x000010
    STOPT = 0x000020
    DROTH = 0x000040
    LIUSA = 0x000080
    VOLQU = 0x000100
    TIMQU = 0x000200
    ENVCL = 0x000400
    MACAR = 0x000800
    EVETH = 0x001000
    EVEQU = 0x002000
    IPMJL = 0x004000
    QUVTI = 0x008000
    REEMR = 0x010000
    UPINT = 0x020000


class UsageReportTrigger(IntFlag):
    """Clause 8.2.41, octet 5 the low one."""

    PERIO = 0x000001
    VOLTH = 0x000002
    TIMTH = 0x000004
    QUHTI = 0x000008
    START = 0x000010
    STOPT = 0x000020
    DROTH = 0x000040
    IMMER = 0x000080
    VOLQU = 0x000100
    TIMQU = 0x000200
    LIUSA = 0x000400
    TERMR = 0x000800
    MONIT = 0x001000
    ENVCL = 0x002000
    MACAR = 0x004000
    EVETH = 0x008000
    EVEQU = 0x010000
    TEBUR = 0x020000
    IPMJL = 0x040000
    QUVTI = 0x080000
    EMRRE = 0x100000
    UPINT = 0x200000


class ReportType(IntFlag):
    """Clause 8.2.21."""

    DLDR = 0x01
    USAR = 0x02
    ERIR = 0x04
    UPIR = 0x08
    TMIR = 0x10
    SESR = 0x20
    UISR = 0x40


class NodeReportType(IntFlag):
    """Clause 8.2.69."""

    UPFR = 0x01
    UPRR = 0x02
    CKDR = 0x04
    GPQR = 0x08


class PfcpSmReqFlags(IntFlag):
    """PFCPSMReq-Flags (clause 8.2.32)."""

    DROBU = 0x01
    SNDEM = 0x02
    QAURR = 0x04


class PfcpSrRspFlags(IntFlag):
    """PFCPSRRsp-Flags (clause 8.2.33)."""

    DROBU = 0x01


class PfcpSeReqFlags(IntFlag):
    """PFCPSEReq-Flags (clause 8.2.124)."""

    RESTI = 0x01
    SUMPC = 0x02
    HRSBOM = 0x04
    HRSBOA = 0x08


class PfcpAsRspFlags(IntFlag):
    """PFCPASRsp-Flags (clause 8.2.125)."""

    PSREI = 0x01
    UUPSI = 0x02


class AssociationReleaseRequestFlags(IntFlag):
    """PFCP Association Release Request (clause 8.2.77)."""

    SARR = 0x01
    URSS = 0x02


class MeasurementInformation(IntFlag):
    """Clause 8.2.68."""

    MBQE = 0x01
    INAM = 0x02
    RADI = 0x04
    ISTM = 0x08
    MNOP = 0x10
    SSPOC = 0x20
    ASPOC = 0x40
    CIAM = 0x80


class RuleIdType(IntEnum):
    """Failed Rule ID (table 8.2.80-1)."""

    PDR = 0
    FAR = 1
    QER = 2
    URR = 3
    BAR = 4
    MAR = 5
    SRR = 6


class UnknownElement(msgspec.Struct, frozen=True, gc=False):
    """An element that we do not know here, kept: `enterprise_id` where its type is a vendor's (>= 32768)."""

    type: int
    content: bytes
    enterprise_id: int | None = None


class NodeId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Node ID (clause 8.2.38): one of the three, as text."""

    ipv4_address: str | None = None
    ipv6_address: str | None = None
    fqdn: str | None = None

    def __str__(self) -> str:
        return self.ipv4_address or self.ipv6_address or self.fqdn or ""


class FSeid(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """F-SEID (clause 8.2.37)."""

    seid: int
    ipv4_address: str | None = None
    ipv6_address: str | None = None
    rest: bytes = b""


class FTeid(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """F-TEID (clause 8.2.3): TEID and addresses, or what the UPF shall choose (CH, with V4 and V6).

    F-TEIDs asked for with the same `choose_id` (0 to 255) are to be the same one.
    """

    teid: int | None = None
    ipv4_address: str | None = None
    ipv6_address: str | None = None
    choose_ipv4: bool = False
    choose_ipv6: bool = False
    choose_id: int | None = None
    rest: bytes = b""


class UeIpAddress(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """UE IP Address (clause 8.2.62). `destination` is S/D: the UE's address is the packet's destination."""

    ipv4_address: str | None = None
    ipv6_address: str | None = None
    destination: bool = False
    choose_ipv4: bool = False
    choose_ipv6: bool = False
    ipv6_prefix_delegation_bits: int | None = None
    ipv6_prefix_length: int | None = None
    rest: bytes = b""


class SdfFilter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """SDF Filter (clause 8.2.5). `flow_description` is an IPFilterRule (RFC 6733 clause 4.3.1)."""

    flow_description: str | None = None
    tos_traffic_class: bytes | None = None
    security_parameter_index: bytes | None = None
    flow_label: bytes | None = None
    sdf_filter_id: int | None = None
    rest: bytes = b""


class OuterHeaderCreation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Outer Header Creation (clause 8.2.56); `description` as in OuterHeaderCreationDescription."""

    description: int
    teid: int | None = None
    ipv4_address: str | None = None
    ipv6_address: str | None = None
    port_number: int | None = None
    c_tag: bytes | None = None
    s_tag: bytes | None = None
    rest: bytes = b""


class OuterHeaderRemoval(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Outer Header Removal (clause 8.2.64)."""

    description: int
    gtp_u_extension_header_deletion: int | None = None
    rest: bytes = b""


class GateStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Gate Status (clause 8.2.7): a Gate each."""

    ul_gate: int = 0
    dl_gate: int = 0


class BitRates(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """MBR and GBR (clauses 8.2.8, 8.2.9), in kbit/s."""

    ul_kbps: int
    dl_kbps: int


class Volume(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Volume Threshold, Quota and Measurement (clauses 8.2.13, 8.2.44, 8.2.50); packets only in the last."""

    total_bytes: int | None = None
    uplink_bytes: int | None = None
    downlink_bytes: int | None = None
    total_packets: int | None = None
    uplink_packets: int | None = None
    downlink_packets: int | None = None
    rest: bytes = b""


class UserId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """User ID (clause 8.2.101): digits as text, the NAI as text."""

    imsi: str | None = None
    imei: str | None = None
    msisdn: str | None = None
    nai: str | None = None
    rest: bytes = b""


class FailedRuleId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Failed Rule ID (clause 8.2.80)."""

    rule_id_type: int
    rule_id: int


class RemoteGtpUPeer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Remote GTP-U Peer (clause 8.2.70)."""

    ipv4_address: str | None = None
    ipv6_address: str | None = None
    destination_interface: int | None = None
    network_instance: str | None = None
    rest: bytes = b""


class DownlinkDataServiceInformation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Downlink Data Service Information (clause 8.2.27): the DSCP of the packet, and its QFI."""

    paging_policy_indication: int | None = None
    qfi: int | None = None
    rest: bytes = b""


TIMER_UNITS_S: tuple[int, ...] = (2, 60, 600, 3600, 36000)
"""Units of Timer and of DL Buffering Duration, by bits 8 to 6 (tables 8.2.28-1 and 8.2.36-1)."""

INFINITE_TIMER = 0xE0


def timer_s(octet: int) -> int | None:
    """The seconds of a Timer or DL Buffering Duration; None: infinite."""
    unit, value = octet >> 5, octet & 0x1F
    if unit == 7:
        return None
    return value * (TIMER_UNITS_S[unit] if unit < len(TIMER_UNITS_S) else 60)


def timer_octet(seconds: int) -> int:
    """The Timer or DL Buffering Duration that is the least of those not shorter; infinite beyond 310 hours."""
    for unit, factor in enumerate(TIMER_UNITS_S):
        value = -(-seconds // factor)
        if value <= 31:
            return unit << 5 | value
    return INFINITE_TIMER


def features(*bits: int, length: int = 0) -> bytes:
    """The octets of UP or CP Function Features with these bits set, at least `length` of them."""
    value = 0
    for bit in bits:
        value |= 1 << bit
    return value.to_bytes(max(length, (value.bit_length() + 7) // 8, 1), "little")


def has_feature(octets: bytes | None, bit: int) -> bool:
    """Whether a peer's function features (None: it sent none) have a bit."""
    return octets is not None and bit // 8 < len(octets) and bool(octets[bit // 8] >> bit % 8 & 1)
