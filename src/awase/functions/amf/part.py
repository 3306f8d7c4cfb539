"""The AMF as a part (TS 23.501 clause 6.2.1, TS 29.518)."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.amf import actions, bookkeeping, n2, persistence, sbi
from awase.functions.amf.config import Config
from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    amf_configuration_update,
    deregistration,
    ng_setup,
    paging,
    sm_context,
)
from awase.functions.amf.states import State
from awase.model.books import BookEntry
from awase.model.part import Address, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.ngap.elements import Cause


class AmfPart(Amf):
    """An AMF: ports n2 and sbi."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, config, services)
        sbi.serve(self)

    def start(self) -> None:
        """Take up what an earlier life has kept, and wind the operator's clock."""
        if self.config.persist:
            self.touched = {}
            persistence.take_up(self)
        actions.schedule(self)

    def receive(self, packet: Packet, now_ns: int) -> None:
        """Take one packet from a port; what it changed is kept before any answer leaves."""
        super().receive(packet, now_ns)
        if self.touched:
            persistence.flush(self)

    def wake(self, now_ns: int) -> None:
        """Let every timer expire whose time has come."""
        super().wake(now_ns)
        if self.touched:
            persistence.flush(self)

    def familiar(self, port: str) -> Sequence[Address]:
        """The NG-RAN nodes that are set up."""
        return [gnb.peer for gnb in self.gnbs.values() if gnb.set_up] if port == "n2" else ()

    def stop(self, now_ns: int) -> None:
        """Leave in order: nodes are told, and what nobody could take up again is given back."""
        self.now_ns = now_ns
        self.leaving = True
        amf_configuration_update.unavailable(self)
        for gnb in list(self.gnbs.values()):
            ng_setup.erase(self, gnb)
            del self.gnbs[gnb.association]
            self.send(Packet("n2", gnb.peer, kind="down", association=gnb.association))
        if self.config.persist:
            persistence.flush(self)
            return
        for ue in list(self.by_supi.values()):
            if ue.state is State.REGISTERED:
                deregistration.forget(self, ue)

    def wake_at_ns(self) -> int | None:
        """When the next timer expires; of a part that leaves only what still waits for an answer counts."""
        due_ns = super().wake_at_ns()
        return None if self.leaving and not self._waiting else due_ns

    def books(self) -> Sequence[BookEntry]:
        """What is held together with others."""
        return bookkeeping.books(self)

    def handle(self, packet: Packet) -> None:
        """One packet of either port."""
        if packet.port == "n2":
            n2.handle(self, packet)
        elif packet.port == "sbi":
            sbi.handle(self, packet)

    def cm_idle(self, ue: Ue, cause: Cause | None = None) -> None:
        """TS 23.501 clause 5.3.3.2.2: sessions lose their user plane, the periodic update is awaited."""
        if ue.state is State.REGISTERED:
            sm_context.deactivate_all(self, ue, cause)
            deregistration.await_periodic_update(self, ue)
            paging.again(self, ue)
        elif ue.state is State.DEREGISTERED:
            deregistration.forget(self, ue)


PART_TYPE = StructPartType(
    function="amf",
    ports=("n2", "sbi"),
    config=Config,
    make=AmfPart,
    versions={
        "TS 24.501": "17.7",
        "TS 38.413": "17.3",
        "TS 33.501": "17.7",
        "TS 29.518": "17.8",
        "TS 29.502": "17.7",
        "TS 29.503": "17.8",
        "TS 29.509": "17.7",
    },
)
