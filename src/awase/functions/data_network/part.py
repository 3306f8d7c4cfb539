"""The data network as a part: port n6 (IP)."""

from awase.functions.data_network.config import Config
from awase.functions.data_network.context import Context
from awase.functions.data_network.flows import Flows
from awase.functions.data_network.n6 import N6
from awase.functions.data_network.originated import Originated
from awase.model.machine import Machine
from awase.model.part import Packet, Services
from awase.model.part_type import StructPartType


class DataNetwork(Machine):
    """Answers echo, routes between UEs, sinks and sources measured flows."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self._config = config
        unknown = [wanted for wanted in config.only if all(dnn.name != wanted for dnn in config.dnns)]
        if unknown:
            raise ValueError(f"only: {unknown[0]} is none of the data networks")
        self.context = Context([dnn for dnn in config.dnns if not config.only or dnn.name in config.only])
        self._originated = Originated(self, self.context)
        flows = Flows(self, self.context, config)
        self._n6 = N6(self, self.context, flows, self._originated)

    def start(self) -> None:
        """Begin what is to be done at a time."""
        for number, action in enumerate(self._config.actions):
            self._originated.schedule(number, action)

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
    versions={"RFC 791": "1981", "RFC 792": "1981", "RFC 3550": "2003", "RFC 4443": "2006", "RFC 8200": "2017"},
)
