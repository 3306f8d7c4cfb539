"""The messages and extension headers of GTP-U (TS 29.281 clauses 5.2 and 7; TS 38.415 clause 5.5)."""

from enum import IntEnum

import msgspec

PORT = 2152
"""Where GTP-U listens (TS 29.281 clause 4.4.2)."""


class MessageType(IntEnum):
    """TS 29.281 table 6.1-1."""

    ECHO_REQUEST = 1
    ECHO_RESPONSE = 2
    ERROR_INDICATION = 26
    SUPPORTED_EXTENSION_HEADERS_NOTIFICATION = 31
    TUNNEL_STATUS = 253
    END_MARKER = 254
    G_PDU = 255


class ExtensionHeaderType(IntEnum):
    """TS 29.281 figure 5.2.1-3. The two top bits say what to do with an unknown one (figure 5.2.1-2)."""

    LONG_PDCP_PDU_NUMBER_COMPREHENDED_BY_ENDPOINT = 0x03
    SERVICE_CLASS_INDICATOR = 0x20
    UDP_PORT = 0x40
    RAN_CONTAINER = 0x81
    LONG_PDCP_PDU_NUMBER = 0x82
    XW_RAN_CONTAINER = 0x83
    NR_RAN_CONTAINER = 0x84
    PDU_SESSION_CONTAINER = 0x85
    PDCP_PDU_NUMBER = 0xC0


class DlPduSessionInformation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """PDU type 0 (TS 38.415 clause 5.5.2.1). `ppi` None: no paging policy presence."""

    qfi: int
    rqi: bool = False
    ppi: int | None = None
    dl_sending_time_stamp: int | None = None
    dl_qfi_sequence_number: int | None = None
    dl_mbs_qfi_sequence_number: int | None = None
    rest: bytes = b""
    """Octets after the elements above that a later release defines, without their padding."""


class UlPduSessionInformation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """PDU type 1 (TS 38.415 clause 5.5.2.2)."""

    qfi: int
    dl_sending_time_stamp_repeated: int | None = None
    dl_received_time_stamp: int | None = None
    ul_sending_time_stamp: int | None = None
    dl_delay_result: int | None = None
    ul_delay_result: int | None = None
    ul_qfi_sequence_number: int | None = None
    n3_n9_delay_result: int | None = None
    new_ie_flags: int | None = None
    rest: bytes = b""


PduSessionInformation = DlPduSessionInformation | UlPduSessionInformation


class ExtensionHeader(msgspec.Struct, frozen=True, gc=False):
    """An extension header as octets: its type and what stands between its length and its last octet.

    `content` has 4n - 2 octets (TS 29.281 clause 5.2.1); the NR RAN container's is TS 38.425's.
    """

    type: int
    content: bytes


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every message has: the TEID (0 on path management), S and PN fields, other extension headers."""

    teid: int = 0
    sequence_number: int | None = None
    n_pdu_number: int | None = None
    extension_headers: tuple[ExtensionHeader, ...] = ()
    """In their order; the PDU session container of a G-PDU is not among them."""


class GPdu(Message, frozen=True, kw_only=True, gc=False):
    """G-PDU, a user's packet (TS 29.281 clause 6.2.1); `container` is its PDU Session Container."""

    payload: bytes
    container: PduSessionInformation | None = None


class UnknownElement(msgspec.Struct, frozen=True, gc=False):
    """An information element that we do not know, kept."""

    type: int
    content: bytes


class EchoRequest(Message, frozen=True, kw_only=True, gc=False):
    """TS 29.281 clause 7.2.1."""

    unknown: tuple[UnknownElement, ...] = ()


class EchoResponse(Message, frozen=True, kw_only=True, gc=False):
    """TS 29.281 clause 7.2.2; the restart counter is sent as 0 and ignored."""

    recovery: int = 0
    unknown: tuple[UnknownElement, ...] = ()


class ErrorIndication(Message, frozen=True, kw_only=True, gc=False):
    """TS 29.281 clause 7.3.1: no context for the TEID of a G-PDU. `gtp_u_peer_address` is text."""

    tunnel_endpoint_identifier_data_i: int
    gtp_u_peer_address: str
    unknown: tuple[UnknownElement, ...] = ()


class SupportedExtensionHeadersNotification(Message, frozen=True, kw_only=True, gc=False):
    """TS 29.281 clause 7.2.3."""

    extension_header_types: tuple[int, ...]
    unknown: tuple[UnknownElement, ...] = ()


class EndMarker(Message, frozen=True, kw_only=True, gc=False):
    """TS 29.281 clause 7.3.2: the last packet of the old path has been sent."""

    container: PduSessionInformation | None = None
    unknown: tuple[UnknownElement, ...] = ()


class UnknownMessage(Message, frozen=True, kw_only=True, gc=False):
    """A message type that we do not know, or Tunnel Status; its octets after the header."""

    message_type: int
    content: bytes


AnyMessage = (
    GPdu
    | EchoRequest
    | EchoResponse
    | ErrorIndication
    | SupportedExtensionHeadersNotification
    | EndMarker
    | UnknownMessage
)
