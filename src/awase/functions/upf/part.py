"""The UPF as a part: ports n3 (GTP-U), n4 (PFCP), n6 (IP)."""

from awase.functions.upf import n3, n4, n6
from awase.functions.upf.config import Config
from awase.functions.upf.core import Core
from awase.model.part import Address, Packet, Services
from awase.model.part_type import StructPartType


class Upf(Core):
    """A UPF of IPv4 sessions."""

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if packet.kind != "data":
            return
        port = packet.port
        if port == "n3":
            n3.receive(self, packet)
        elif port == "n6":
            n6.receive(self, packet)
        elif port == "n4":
            n4.receive(self, packet)

    def peer_restarted(self, peer: Address) -> None:
        """See n4."""
        n4.peer_restarted(self, peer)

    def peer_lost(self, peer: Address) -> None:
        """See n4."""
        n4.peer_lost(self, peer)

    def path_lost(self, peer: Address) -> None:
        """See n3."""
        n3.path_lost(self, peer)


def _make(name: str, config: Config, services: Services) -> Upf:
    return Upf(name, config, services)


PART_TYPE = StructPartType(
    function="upf",
    ports=("n3", "n4", "n6"),
    config=Config,
    make=_make,
    versions={"TS 29.244": "17", "TS 29.281": "17", "TS 38.415": "17"},
)
