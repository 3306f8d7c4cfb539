"""The UDR as a part."""

import hmac
from collections.abc import Mapping, Sequence

import msgspec

from awase.functions.udr.config import Action, Config
from awase.functions.udr.context import SubscriberContext
from awase.functions.udr.sbi import MAX_BODY_OCTETS, DataRepository
from awase.model.books import BookEntry
from awase.model.machine import Machine, Procedure, Wait
from awase.model.part import NS_PER_S, Address, Packet, Services
from awase.model.part_type import StructPartType
from awase.model.settings import Subscriber
from awase.protocols.sbi import codec
from awase.protocols.sbi.data_types import ChangeItem, NotifyItem, date_time
from awase.protocols.sbi.entity import Client, Server
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nudm_uecm import Amf3GppAccessRegistration, DataRestorationNotification, SmfRegistration
from awase.protocols.sbi.nudr_dr import DATA_CHANGE_NOTIFY, DATA_RESTORATION_NOTIFY, DataChangeNotify
from awase.security.authentication import ALGORITHMS

_SQN_KEY = "sqn/"
_AMF_KEY = "amf/"
_SMF_KEY = "smf/"
_SDM_KEY = "sdm/"
_BEGUN_KEY = "begun"
_UDM_TIMEOUT_NS = 4 * NS_PER_S
_TELL_AGAIN_S = (1, 2, 5, 10, 30, 60)


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
        self._actions = config.actions
        self._udms = [peer.address for peer in config.peers.get("N35", [])]
        self._client = Client(self, "UDR", scheme=config.sbi_scheme)
        self._server = Server(self, max_body_octets=MAX_BODY_OCTETS)
        DataRepository(self, self._server)

    def start(self) -> None:
        """Take up what a restart left, and wind the operator's clock."""
        self._take_up()
        for i, action in enumerate(self._actions):
            self._schedule(action, f"actions[{i}]")
        if self.services.store.get(_BEGUN_KEY) is None:
            # Whoever is registered here, the store knows nothing of it.
            self._keep(_BEGUN_KEY, date_time(self.now_ns).encode())
            for udm in self._udms:
                self.run(self._tell_of_loss(udm, self.now_ns))

    def _take_up(self) -> None:
        store = self.services.store
        for prefix in (_AMF_KEY, _SMF_KEY, _SDM_KEY):
            for key in store.keys(prefix):
                supi, _, name = key[len(prefix) :].partition("/")
                context, body = self.subscribers.get(supi), store.get(key)
                if context is None or body is None:
                    continue
                if prefix == _AMF_KEY:
                    context.amf_3gpp_access = body
                elif prefix == _SDM_KEY:
                    context.sdm_subscriptions = {**(context.sdm_subscriptions or {}), name: body}
                elif name.isdecimal():
                    context.smf_registrations = {**(context.smf_registrations or {}), int(name): body}

    def handle(self, packet: Packet) -> None:
        """Take a request, or the answer to one of ours."""
        if not self._server.handle(packet):
            self._client.handle(packet)

    def keep_sqn(self, context: SubscriberContext, sqn: str) -> bool:
        """Make a sequence number durable: one that is used twice is one that a UE refuses. False: it is not."""
        if not self._keep(_SQN_KEY + context.subscriber.supi, sqn.encode()):
            return False
        context.sqn = sqn
        return True

    def keep_amf(self, context: SubscriberContext, body: bytes) -> bool:
        """Make the registration of an AMF durable; False: it is not."""
        if not self._keep(_AMF_KEY + context.subscriber.supi, body):
            return False
        context.amf_3gpp_access = body
        return True

    def keep_smf(self, context: SubscriberContext, session: int, body: bytes | None) -> bool:
        """Make the registration of an SMF, or its end, durable; False: it is not."""
        if not self._keep(f"{_SMF_KEY}{context.subscriber.supi}/{session}", body):
            return False
        registrations = context.smf_registrations
        if body is None:
            if registrations is not None:
                registrations.pop(session, None)
        elif registrations is None:
            context.smf_registrations = {session: body}
        else:
            registrations[session] = body
        return True

    def keep_sdm(self, context: SubscriberContext, changes: Mapping[str, bytes | None]) -> bool:
        """Make subscriptions to changes, or their end, durable together; False: they are not."""
        prefix = f"{_SDM_KEY}{context.subscriber.supi}/"
        if not self._keep_all({prefix + name: body for name, body in changes.items()}):
            return False
        known = dict(context.sdm_subscriptions or {})
        for name, body in changes.items():
            if body is None:
                known.pop(name, None)
            else:
                known[name] = body
        context.sdm_subscriptions = known or None
        return True

    def _keep(self, key: str, value: bytes | None) -> bool:
        return self._keep_all({key: value})

    def _keep_all(self, changes: Mapping[str, bytes | None]) -> bool:
        store = self.services.store
        try:
            for key, value in changes.items():
                if value is None:
                    store.delete(key)
                else:
                    store.put(key, value)
            store.commit()
        except OSError as error:
            self.report(
                "StoreFailed",
                f"nothing can be made durable, so that {next(iter(changes)).partition('/')[0]} data are not taken: "
                f"{error.strerror or error}",
                level="error",
            )
            return False
        return True

    def books(self) -> Sequence[BookEntry]:
        """Which AMF and SMFs serve whom."""
        entries = []
        for supi, context in self.subscribers.items():
            if context.amf_3gpp_access is not None:
                registered = codec.decode(Amf3GppAccessRegistration, context.amf_3gpp_access)
                if not registered.purge_flag:
                    entries.append(BookEntry("amf registrations", supi, registered.guami.amf_id.lower()))
            for session, body in (context.smf_registrations or {}).items():
                of_smf = codec.decode(SmfRegistration, body)
                entries.append(BookEntry("smf registrations", f"{supi}/{session}", of_smf.dnn or ""))
        return entries

    # The operator.

    def _schedule(self, action: Action, path: str) -> None:
        self.start_timer(round(action.at_s * NS_PER_S), lambda: self._act(action, path))

    def _act(self, action: Action, path: str) -> None:
        context = self.subscribers.get(action.supi)
        if context is None or context.withdrawn:
            text = f"{action.do}: {action.supi} is no subscriber"
            self.report("ActionFailed", text, level="warning", subject=action.supi, config=path)
        elif action.do == "withdraw":
            context.withdrawn = True
            self.report("SubscriptionWithdrawn", f"{action.supi} is no subscriber any more", subject=action.supi)
            self._notify(action.supi, (_item("", ChangeItem(op="REMOVE", path="")),))
        else:
            self._change(context, action)

    def _change(self, context: SubscriberContext, action: Action) -> None:
        subscriber = context.subscriber
        context.subscriber = msgspec.structs.replace(
            subscriber,
            ambr=action.ambr or subscriber.ambr,
            session_ambr=action.session_ambr or subscriber.session_ambr,
            sessions=subscriber.sessions if action.sessions is None else action.sessions,
        )
        context.slices = context.slices if action.slices is None else action.slices
        context.dnns = context.dnns if action.dnns is None else action.dnns
        self.report("SubscriptionChanged", f"the subscription of {action.supi} is another one", subject=action.supi)
        items = []
        if action.ambr is not None:
            new = codec.encode(context.am_data().subscribed_ue_ambr)
            items.append(_item("am-data", _replace("/subscribedUeAmbr", new)))
        if action.slices is not None:
            items.append(_item("am-data", _replace("/nssai", codec.encode(context.am_data().nssai))))
        if action.slices is not None or action.dnns is not None:
            items.append(
                _item(
                    "smf-selection-subscription-data",
                    _replace("", codec.encode(context.smf_selection_subscription_data())),
                )
            )
        if any(change is not None for change in (action.session_ambr, action.dnns, action.sessions)):
            items.append(_item("sm-data", _replace("", codec.encode(context.sm_data(None, None)))))
        if items:
            self._notify(action.supi, tuple(items))

    def _notify(self, supi: str, items: tuple[NotifyItem, ...]) -> None:
        for udm in self._udms:
            self.run(self._tell(udm, DataChangeNotify(ue_id=supi, notify_items=items)))

    def _tell(self, udm: Address, body: DataChangeNotify) -> Procedure[None]:
        request = codec.json_request("POST", DATA_CHANGE_NOTIFY, body)
        answer = yield from self._client.exchange(udm, request, _UDM_TIMEOUT_NS)
        if not isinstance(answer, Response) or not answer.ok:
            why = str(answer.status) if isinstance(answer, Response) else answer.value
            self.report(
                "NotificationNotDelivered",
                f"UDM {udm} did not take what has changed for {body.ue_id}: {why}",
                level="warning",
                subject=body.ue_id,
                config="peers.N35",
            )

    def _tell_of_loss(self, udm: Address, recovery_ns: int) -> Procedure[None]:
        """Data restoration notification (TS 29.504 clause 5.2.2.9), until the UDM has heard it."""
        body = DataRestorationNotification(recovery_time=date_time(recovery_ns))
        request = codec.json_request("POST", DATA_RESTORATION_NOTIFY, body)
        for wait_s in _TELL_AGAIN_S:
            answer = yield from self._client.exchange(udm, request, _UDM_TIMEOUT_NS)
            if isinstance(answer, Response):
                return
            yield Wait(("data restoration", udm), wait_s * NS_PER_S)
        self.report(
            "NotificationNotDelivered",
            f"UDM {udm} cannot be told that this UDR began with an empty store: it does not answer",
            level="warning",
            config="peers.N35",
        )

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


def _item(resource: str, change: ChangeItem) -> NotifyItem:
    return NotifyItem(resource_id=f"/nudr-dr/v2/subscription-data/provisioned-data/{resource}", changes=(change,))


def _replace(path: str, value: bytes) -> ChangeItem:
    return ChangeItem(op="REPLACE", path=path, new_value=msgspec.Raw(value))


PART_TYPE = StructPartType(
    function="udr",
    ports=("sbi",),
    config=Config,
    make=Udr,
    versions={"TS 29.504": "17.9.0", "TS 29.505": "17.9.0"},
)
