"""The AMF as a part (TS 23.501 clause 6.2.1, TS 29.518)."""

from __future__ import annotations

from awase.functions.amf import n2, sbi
from awase.functions.amf.config import Config
from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import deregistration, sm_context
from awase.functions.amf.states import State
from awase.model.part import Packet, Services
from awase.model.part_type import StructPartType


class AmfPart(Amf):
    """An AMF: ports n2 and sbi."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, config, services)
        sbi.serve(self)

    def handle(self, packet: Packet) -> None:
        """One packet of either port."""
        if packet.port == "n2":
            n2.handle(self, packet)
        elif packet.port == "sbi":
            sbi.handle(self, packet)

    def cm_idle(self, ue: Ue) -> None:
        """TS 23.501 clause 5.3.3.2.2: sessions lose their user plane, the periodic update is awaited."""
        if ue.state is State.REGISTERED:
            sm_context.deactivate_all(self, ue)
            deregistration.await_periodic_update(self, ue)
        elif ue.state is State.DEREGISTERED:
            deregistration.keep(self, ue)


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
