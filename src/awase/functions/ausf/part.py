"""The AUSF as a part."""

from awase.functions.ausf.config import Config
from awase.functions.ausf.context import Authentications
from awase.functions.ausf.sbi import serve
from awase.model.ids import Plmn, snn
from awase.model.machine import Machine, Procedure
from awase.model.part import NS_PER_S, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.sbi.entity import Answer, Client, Server
from awase.protocols.sbi.messages import Request

_UDM_TIMEOUT_NS = 7 * NS_PER_S
"""More than the UDM waits for the UDR, less than the AMF waits for us."""


class Ausf(Machine):
    """Authenticates subscribers of its home network for serving networks."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.instance_id = _uuid(services.random_bytes(16, "nfInstanceId"))
        self.serving_networks = tuple(snn(Plmn.parse(plmn)) for plmn in config.serving_networks or [config.plmn])
        self.authentications = Authentications(
            round(config.authentication_timeout_s * NS_PER_S), config.max_authentications
        )
        self._udms = [peer.address for peer in config.peers.get("N13", [])]
        self._client = Client(self, "AUSF", scheme=config.sbi_scheme)
        self._server = Server(self)
        serve(self, self._server)

    def handle(self, packet: Packet) -> None:
        """Take a request, or the answer to one of ours."""
        if not self._server.handle(packet):
            self._client.handle(packet)

    def ask_udm(self, request: Request) -> Procedure[Answer]:
        """One exchange with the UDM; the next configured one where the first cannot be reached."""
        return self._client.exchange_with_any("UDM", self._udms, request, _UDM_TIMEOUT_NS, config="peers.N13")


def _uuid(octets: bytes) -> str:
    # RFC 9562 clause 5.4, version 4.
    text = (octets[:6] + bytes((octets[6] & 0x0F | 0x40, octets[7], octets[8] & 0x3F | 0x80)) + octets[9:]).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


PART_TYPE = StructPartType(
    function="ausf",
    ports=("sbi",),
    config=Config,
    make=Ausf,
    versions={"TS 29.509": "17.9.0", "TS 33.501": "17.9.0"},
)
