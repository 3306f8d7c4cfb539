"""The data network as a part: port n6 (IP)."""

from awase.functions.data_network.config import Config
from awase.functions.data_network.context import Context
from awase.functions.data_network.flows import Flows
from awase.functions.data_network.n6 import N6
from awase.model.machine import Machine
from awase.model.part import Packet, Services
from awase.model.part_type import StructPartType


class DataNetwork(Machine):
    """Answers echo, routes between UEs, sinks and sources measured flows."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.context = Context(config.dnns)
        flows = Flows(self, self.context, config)
        self._n6 = N6(self, self.context, flows)

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if packet.port == "n6" and packet.kind == "data":
            self._n6.receive(packet)


def _make(name: str, config: Config, services: Services) -> DataNetwork:
    return DataNetwork(name, config, services)


PART_TYPE = StructPartType(
    function="data_network",
    ports=("n6",),
    config=Config,
    make=_make,
    versions={"RFC 791": "1981", "RFC 792": "1981", "RFC 3550": "2003"},
)
