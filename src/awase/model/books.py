"""The books: what a part holds on behalf of another, so that a run can see that nothing leaked.

A part may offer `books()`. Each entry is one thing that it keeps together with the part at the other end:
both write the same book, key and value. After a run the lab compares: what only one end has is a leak.
A part without `books` (a stranger's) is left out of the comparison, with all that only it could confirm.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec


class BookEntry(msgspec.Struct, frozen=True, order=True):
    """One thing kept: the book it is in, a key that both ends write alike, and what must agree besides."""

    book: str
    key: str
    value: str = ""


@runtime_checkable
class Bookkeeper(Protocol):
    """A part that shows what it holds."""

    def books(self) -> Sequence[BookEntry]:
        """All that the part holds now, in any order. Changes nothing."""
        ...


KEPT_BY: Mapping[str, tuple[str, str]] = {
    "registrations": ("ue", "amf"),
    "periodic registration": ("ue", "amf"),
    "rrc connections": ("ue", "gnb"),
    "n2 contexts": ("gnb", "amf"),
    "n3 uplink tunnels": ("gnb", "upf"),
    "n3 downlink tunnels": ("gnb", "upf"),
    "n4 sessions": ("smf", "upf"),
    "ue addresses": ("ue", "smf"),
    "routed addresses": ("smf", "upf"),
    "sessions": ("ue", "smf"),
    "sm contexts": ("amf", "smf"),
    "amf registrations": ("amf", "udr"),
    "smf registrations": ("smf", "udr"),
}
"""Each book, and the two functions that write it. Keys and values:

registrations: SUPI; the 5G-GUTI in hexadecimal (the 10 octets that follow the odd/even digit: PLMN, AMF ID, TMSI).
periodic registration: SUPI; T3512 in whole seconds (neither end writes it where T3512 is deactivated).
rrc connections: the RLS STI of the UE in 16 hexadecimal digits (an RRC connection; the RLS link alone is none).
n2 contexts: "gnb-ip:port/amf-ip:port/RAN-UE-NGAP-ID/AMF-UE-NGAP-ID", identifiers decimal.
n3 uplink tunnels, n3 downlink tunnels: "ip/TEID" of the tunnel's receiving end, TEID in 8 hexadecimal digits.
n4 sessions: "CP ip/CP SEID/UP ip/UP SEID", SEIDs in 16 hexadecimal digits.
ue addresses: "SUPI/PDU session id"; the addresses, IPv4 first, then IPv6 prefix, joined by a comma ("" where none).
routed addresses: "DNN/address" (IPv4, or IPv6 prefix with its length); "CP ip/CP SEID".
sessions: "SUPI/PDU session id"; "DNN SST[-SD] type" (type as in the network file: ipv4, ipv6, ipv4v6, ...).
sm contexts: "SUPI/PDU session id"; the smContextRef.
amf registrations: SUPI (3GPP access); the GUAMI's AMF id in 6 hexadecimal digits.
smf registrations: "SUPI/PDU session id"; the DNN.
"""
