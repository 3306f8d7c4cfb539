"""The one table that joins reference points, functions, ports and transports (TS 23.501 clause 4.2.7)."""

from typing import Literal

import msgspec

Transport = Literal["sctp", "udp", "ip", "http", "rls"]


class ReferencePoint(msgspec.Struct, frozen=True):
    """Two functions, the port of each, and what carries it.

    `client` opens associations and exchanges; `port_number` is where `server` listens. An `optional` one is
    left out where a part has no such port.
    """

    name: str
    client: str
    client_port: str
    server: str
    server_port: str
    transport: Transport
    port_number: int = 0
    ppid: int | None = None
    client_port_number: int = 0
    optional: bool = False


HTTP_PORT = 8080
"""Where our SBI listens: the port that stock Wireshark reads as HTTP/2."""

_SBI = (
    ("N8", "amf", "udm"),
    ("N10", "smf", "udm"),
    ("N11", "amf", "smf"),
    ("N12", "amf", "ausf"),
    ("N13", "ausf", "udm"),
    ("N35", "udm", "udr"),
)

REFERENCE_POINTS: dict[str, ReferencePoint] = {
    row.name: row
    for row in (
        # Uu over RLS, UERANSIM's radio link: UDP, the gNB listens on 4997, a UE sends from any port.
        ReferencePoint("Uu", "ue", "uu", "gnb", "uu", "rls", 4997),
        ReferencePoint("N2", "gnb", "n2", "amf", "n2", "sctp", 38412, 60, 38412),
        ReferencePoint("N3", "gnb", "n3", "upf", "n3", "udp", 2152, None, 2152),
        ReferencePoint("N4", "smf", "n4", "upf", "n4", "udp", 8805, None, 8805),
        # N4-u, user packets between UPF and SMF in GTP-U (TS 29.244 clause 5.3), at the UPF's N3 address.
        ReferencePoint("N4-u", "smf", "n4u", "upf", "n3", "udp", 2152, None, 2152, optional=True),
        # N9 is GTP-U between UPFs; a UPF of ours has one GTP-U socket, at its N3 address (TS 29.281 clause 4.4.2).
        ReferencePoint("N9", "upf", "n3", "upf", "n3", "udp", 2152, None, 2152, optional=True),
        ReferencePoint("N6", "upf", "n6", "data_network", "n6", "ip"),
        *(
            ReferencePoint(name, client, "sbi", server, "sbi", "http", HTTP_PORT, None, HTTP_PORT)
            for name, client, server in _SBI
        ),
    )
}
