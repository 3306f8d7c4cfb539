"""The UDR as a part."""

import hmac

from awase.functions.udr.config import Config
from awase.functions.udr.context import SubscriberContext
from awase.functions.udr.sbi import MAX_BODY_OCTETS, DataRepository
from awase.model.machine import Machine
from awase.model.part import Packet, Services
from awase.model.part_type import StructPartType
from awase.model.settings import Subscriber
from awase.protocols.sbi.entity import Server
from awase.security.authentication import ALGORITHMS

_SQN_KEY = "sqn/"


class Udr(Machine):
    """Keeps subscribers; each sequence number is durable before it is acknowledged."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        slices, dnns = tuple(config.slices), tuple(dnn.name for dnn in config.dnns)
        self.subscribers: dict[str, SubscriberContext] = {
            subscriber.supi: SubscriberContext(
                subscriber,
                self._constant(subscriber, index),
                self._sqn(subscriber),
                subscriber.slices or slices,
                subscriber.dnns or dnns,
            )
            for index, subscriber in enumerate(config.subscribers)
        }
        self._server = Server(self, max_body_octets=MAX_BODY_OCTETS)
        DataRepository(self, self._server)

    def handle(self, packet: Packet) -> None:
        """Take a request."""
        self._server.handle(packet)

    def keep_sqn(self, context: SubscriberContext, sqn: str) -> None:
        """Make a sequence number durable: one that is used twice is one that a UE refuses."""
        context.sqn = sqn
        self.services.store.put(_SQN_KEY + context.subscriber.supi, sqn.encode())
        self.services.store.commit()

    def _sqn(self, subscriber: Subscriber) -> str:
        stored = self.services.store.get(_SQN_KEY + subscriber.supi)
        return subscriber.sqn.lower() if stored is None else stored.decode()

    def _constant(self, subscriber: Subscriber, index: int) -> str:
        """OPc or TOPc, as given or derived."""
        row = ALGORITHMS[subscriber.algorithm]
        name, operator = row.constant.lower(), row.operator.lower()
        given: str | None = getattr(subscriber, name)
        of_operator: str | None = getattr(subscriber, operator)
        if of_operator is None:
            return (given or "").lower()
        derived = row.derived(bytes.fromhex(subscriber.k), bytes.fromhex(of_operator))
        if given is None:
            return derived.hex()
        constant = bytes.fromhex(given)
        if not hmac.compare_digest(constant, derived):
            mistaken = hmac.compare_digest(constant, bytes.fromhex(of_operator))
            self.report(
                "SubscriberKeysDisagree",
                f"{name} of {subscriber.supi} is not what its k and {operator} give"
                + (f": it is the {row.operator} itself, given as {row.constant}" if mistaken else "")
                + f"; {name} is used",
                level="warning",
                subject=subscriber.supi,
                config=f"subscribers[{index}].{name}",
            )
        return constant.hex()


PART_TYPE = StructPartType(
    function="udr",
    ports=("sbi",),
    config=Config,
    make=Udr,
    versions={"TS 29.504": "17.9.0", "TS 29.505": "17.9.0"},
)
