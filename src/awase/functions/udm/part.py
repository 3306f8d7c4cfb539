"""The UDM as a part."""

from collections import deque

from awase.functions.udm.config import Config
from awase.functions.udm.identity import Identities
from awase.functions.udm.procedures import data_restoration
from awase.functions.udm.sbi import Services as SbiServices
from awase.model.ids import Plmn, Supi, snn
from awase.model.machine import Machine, Procedure, Wait
from awase.model.part import NS_PER_S, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.sbi.entity import Answer, Client, Server, upstream_problem
from awase.protocols.sbi.messages import Request, Response

_UDR_TIMEOUT_NS = 3 * NS_PER_S
"""Less than what the AUSF, AMF and SMF wait for us: they get an answer, not silence."""


_MOST_WAITING = 64
"""How many authentications of one subscriber may wait for those before them."""


class Udm(Machine):
    """Has no lasting state but whom to tell of lost data: what it knows of subscribers is the UDR's."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        plmn = Plmn.parse(config.plmn)
        self.home_plmn = plmn.mcc + plmn.mnc
        self.identities = Identities(config.home_network_keys, config.null_scheme)
        self._serving_networks = tuple(snn(Plmn.parse(text)) for text in config.serving_networks)
        self._udrs = [peer.address for peer in config.peers.get("N35", [])]
        self.client = Client(self, "UDM", scheme=config.sbi_scheme)
        self._turns: dict[Supi, deque[int]] = {}
        self._turn = 0
        self.restoration_callbacks: dict[str, None] = {}
        """Where AMFs and SMFs want to hear that the UDR has lost data."""
        self.restorations = 0
        self._server = Server(self)
        SbiServices(self, self._server)

    def start(self) -> None:
        """Take up what a restart left."""
        data_restoration.take_up(self)

    def handle(self, packet: Packet) -> None:
        """Take a request, or the answer to one of ours."""
        if not self._server.handle(packet):
            self.client.handle(packet)

    def serves(self, serving_network_name: str) -> bool:
        """Whether authentication data may be given to this serving network."""
        if not self._serving_networks:
            return True
        # A stand-alone non-public network adds ":" and its NID (TS 24.501 clause 9.12.1).
        name, _, rest = serving_network_name.partition(".3gppnetwork.org")
        return name + ".3gppnetwork.org" in self._serving_networks and rest[:1] in ("", ":")

    def ask_udr(self, request: Request) -> Procedure[Answer]:
        """One exchange with the UDR; the next configured one where the first cannot be reached."""
        return self.client.exchange_with_any("UDR", self._udrs, request, _UDR_TIMEOUT_NS, config="peers.N35")

    def take_turn(self, supi: Supi) -> Procedure[bool]:
        """Wait for those who change a subscriber before us; False where too many do. `end_turn` ends it."""
        waiting = self._turns.get(supi)
        if waiting is None:
            self._turns[supi] = deque()
            return True
        if len(waiting) >= _MOST_WAITING:
            return False
        self._turn += 1
        turn = self._turn
        waiting.append(turn)
        yield Wait(("turn", turn), None)
        return True

    def end_turn(self, supi: Supi) -> None:
        """Let the next one go on."""
        waiting = self._turns[supi]
        if not waiting:
            del self._turns[supi]
            return
        self.resume(("turn", waiting.popleft()), True)

    def producer_failed(self, supi: Supi, answer: Answer) -> Response:
        """What a consumer is told when the UDR gave no data of a subscriber."""
        if isinstance(answer, Response):
            self.report(
                "ProducerFailed",
                f"the UDR answered {answer.status} when asked for {supi}",
                level="error",
                subject=supi,
                config="peers.N35",
            )
        return upstream_problem(answer, "UDR")


PART_TYPE = StructPartType(
    function="udm",
    ports=("sbi",),
    config=Config,
    make=Udm,
    versions={"TS 29.503": "17.9.0", "TS 33.501": "17.9.0", "TS 33.102": "17.0.0"},
)
