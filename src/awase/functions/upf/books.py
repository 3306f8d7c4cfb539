"""The UPF's books: what it holds that another part holds too (see model.books)."""

from awase.functions.upf.core import Core, host
from awase.functions.upf.rule import FORW
from awase.model.books import BookEntry
from awase.protocols.pfcp.elements import Interface
from awase.wire.addresses import ipv4_text, ipv6_text


def books(core: Core) -> list[BookEntry]:
    """All entries, each once."""
    found: dict[BookEntry, None] = {}
    up_address = core.node_id.ipv4_address
    upfs = {host(peer.address): None for peer in core.config.peers.get("N9", [])}
    for session in core.context.sessions.values():
        # A UE without user plane resources has the tunnels at this end only: no other book has them.
        downlink = [
            far
            for far in session.fars.values()
            if far.teid is not None
            and far.actions & FORW
            and far.destination_interface == Interface.ACCESS
            and host(far.peer) not in upfs
        ]
        cp = f"{host(session.cp_peer)}/{session.cp_seid:016x}"
        found[BookEntry("n4 sessions", f"{cp}/{up_address}/{session.up_seid:016x}")] = None
        for pdr in session.pdrs.values():
            if downlink and pdr.teid is not None and pdr.source_interface == Interface.ACCESS:
                found[BookEntry("n3 uplink tunnels", f"{core.n3_address}/{pdr.teid:08x}")] = None
            for address in (pdr.address4, pdr.address6):
                if pdr.teid is None and address is not None:
                    text = ipv4_text(address) if len(address) == 4 else f"{ipv6_text(address + bytes(8))}/64"
                    found[BookEntry("routed addresses", f"{session.dnn}/{text}", cp)] = None
        for far in downlink:
            found[BookEntry("n3 downlink tunnels", f"{host(far.peer)}/{far.teid:08x}")] = None
    return list(found)
