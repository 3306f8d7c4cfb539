"""What all procedures of an SMF share: its configuration resolved, its tables, its ways out."""

from collections.abc import Callable, Hashable
from functools import partial

from awase.functions.smf import n1
from awase.functions.smf.address_pools import AddressPool
from awase.functions.smf.config import Config, Congestion
from awase.functions.smf.context import Qos, Rejection, Sessions, SmContext
from awase.functions.smf.n4 import N4
from awase.functions.smf.sbi import Consumer
from awase.functions.smf.states import Input, State
from awase.model.five_qi import is_gbr
from awase.model.ids import Plmn, SNssai
from awase.model.machine import Machine, Procedure
from awase.model.part import Services
from awase.model.settings import Ambr, FlowRate, QosFlow, Slice
from awase.protocols.nas.causes import FiveGSMCause
from awase.wire.errors import EncodeError

_LIMITS_REPORTED_PER_S = 20


class Smf(Machine):
    """An SMF without its routes, which `part` adds."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.config = config
        self.plmn = Plmn.parse(config.plmn)
        self.slices = tuple(_s_nssai(entry, f"slices[{i}]") for i, entry in enumerate(config.slices))
        self.pools = {dnn.name: AddressPool(dnn, f"dnns[{i}]") for i, dnn in enumerate(config.dnns)}
        self.dnns_of_slice = {
            _s_nssai(Slice(entry.sst, entry.sd), f"slice_dnns[{i}]"): entry.dnns
            for i, entry in enumerate(config.slice_dnns)
        }
        for i, entry in enumerate(config.slice_dnns):
            for dnn in entry.dnns:
                if dnn not in self.pools:
                    raise ValueError(f"slice_dnns[{i}].dnns: {dnn!r} is not in dnns")
        self.sessions = Sessions(config.limits.sessions, config.limits.sessions_per_ue)
        self.consumer = Consumer(self, config, self.plmn, self._instance())
        self.n4 = N4(self, config, lambda name: self.pools[name].dnn)
        self.congestion: list[Congestion] = list(config.congestion)
        self.host = config.addresses.get("sbi", "")
        self._check_names()
        self._deferred: list[Callable[[], object]] = []
        self.watches: dict[str, str] = {}
        """By UE, the path of the subscription to its data at the UDM; "" while that is being made."""
        self._waits = 0

    def _check_names(self) -> None:
        """Raises ValueError for flows that cannot be, and for UPFs and DNNs that are not there."""
        for pool in self.pools.values():
            check_flows(pool.dnn.flows, f"{pool.path}.flows")
        known = {upf.name for upf in self.n4.upfs}
        config = self.config
        for path, names in (
            *((f"selection[{i}].upfs", row.upfs) for i, row in enumerate(config.selection)),
            *((f"chains[{i}].upfs", chain.upfs) for i, chain in enumerate(config.chains)),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(f"{path}: {name!r} is no UPF of this SMF; there are {', '.join(known) or 'none'}")

    def _instance(self) -> str:
        """Our NF instance identity: a UUID of version 4 (TS 29.571 clause 5.3.2)."""
        value = int.from_bytes(self.services.random_bytes(16, "nf-instance-id"))
        value = value & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def next_wait(self) -> int:
        """A number for the key of a wait that there may be several of."""
        self._waits += 1
        return self._waits

    def defer(self, procedure: Procedure[object]) -> None:
        """Run a procedure after what is being answered has been answered."""
        self._deferred.append(partial(self.run, procedure))

    def resume_later(self, key: Hashable) -> None:
        """Let a procedure go on, likewise."""
        self._deferred.append(partial(self.resume, key, True))

    def run_deferred(self) -> None:
        """Start what was deferred."""
        while self._deferred:
            deferred, self._deferred = self._deferred, []
            for action in deferred:
                action()

    def wake(self, now_ns: int) -> None:
        """Let every timer expire whose time has come."""
        super().wake(now_ns)
        self.run_deferred()

    def service(self, context: SmContext) -> Rejection | None:
        """Why we do not serve a context's slice and DNN, or None."""
        slices = self.slices
        if slices and context.s_nssai not in slices:
            known = ", ".join(map(str, slices))
            text = f"slice {context.s_nssai} is not served, only {known}"
            return Rejection(70, "SNSSAI_DENIED", text, "slices")
        if not context.dnn:
            return Rejection(27, "DNN_NOT_SUPPORTED", "no DNN was asked for, and there is no default", "dnns")
        if context.dnn not in self.pools:
            known = ", ".join(self.pools) or "none"
            text = f"DNN {context.dnn!r} is not served, only {known}"
            return Rejection(27, "DNN_NOT_SUPPORTED", text, "dnns")
        if context.dnn not in self.dnns_of_slice.get(context.s_nssai, (context.dnn,)):
            text = f"DNN {context.dnn!r} is not offered in slice {context.s_nssai}"
            return Rejection(70, "DNN_NOT_SUPPORTED", text, "slice_dnns")
        return None

    def congested(self, context: SmContext) -> Rejection | None:
        """Whether new sessions of a context's slice and DNN are refused, and with which back-off timer."""
        for row in self.congestion:
            if row.dnn is not None and row.dnn != context.dnn:
                continue
            if row.slice is not None and _s_nssai(row.slice, "congestion") != context.s_nssai:
                continue
            text = f"DNN {context.dnn} in slice {context.s_nssai} is congested"
            error = "INSUFFICIENT_RESOURCES_SLICE" if row.cause == 69 else "INSUFFICIENT_RESOURCES_SLICE_DNN"
            return Rejection(row.cause, error, text, "congestion", row.back_off_s)
        return None

    def allocate(self, context: SmContext, static: tuple[str, str] = ("", "")) -> Rejection | None:
        """Give a context the addresses of its type: those that are subscribed to, or any of its DNN."""
        pool = self.pools[context.dnn]
        address, prefix = static
        if context.kind != "ipv6":
            if address and pool.take(address):
                context.address = address
            else:
                context.address = "" if address else pool.allocate() or ""
            if not context.address:
                return self._exhausted(context, pool, f"pool {pool.dnn.pool}", pool.in_use)
        if context.kind != "ipv4":
            if prefix and pool.take_prefix(prefix):
                context.prefix = prefix
            else:
                context.prefix = "" if prefix else pool.allocate_prefix() or ""
            if not context.prefix:
                return self._exhausted(context, pool, f"pool6 {pool.dnn.pool6}", pool.prefixes_in_use)
        return None

    def _exhausted(self, context: SmContext, pool: AddressPool, what: str, in_use: int) -> Rejection:
        name, _, range_ = what.partition(" ")
        text = f"the address pool {range_} of DNN {context.dnn} is exhausted: {in_use} in use"
        if name == "pool6":
            text = f"no IPv6 prefix of {range_} can be given in DNN {context.dnn}: {in_use} in use"
        return Rejection(26, "INSUFFICIENT_RESOURCES_SLICE_DNN", text, f"{pool.path}.{name}")

    def default_qos(self) -> Qos:
        """The QoS of a session where its subscription says nothing."""
        config, arp, ambr = self.config, self.config.arp, self.config.session_ambr
        return Qos(
            config.five_qi,
            arp.priority_level,
            arp.may_pre_empt,
            arp.pre_emptable,
            *bps(ambr),
        )

    def forget(self, context: SmContext) -> None:
        """Give back all that a context holds; idempotent."""
        self.sessions.remove(context)
        if context.address:
            self.pools[context.dnn].release(context.address)
            context.address = ""
        if context.prefix:
            self.pools[context.dnn].release_prefix(context.prefix)
            context.prefix = ""
        self.drop_held(context)
        self.unkeep(context)
        if self.watches.get(context.supi) and not self.sessions.count(context.supi):
            self.last_gone(context.supi)

    def last_gone(self, supi: str) -> None:
        """A UE has no session any more; the part's."""

    def keep_watch(self, supi: str, path: str) -> None:
        """Make a subscription at the UDM durable, or its end (""); the part's, where it persists."""

    def flush(self, context: SmContext) -> None:
        """Send on what waited here for a UE; the part's."""

    def drop_held(self, context: SmContext) -> None:
        """Forget what waits here for a UE; the part's."""

    def advertise(self, context: SmContext) -> None:
        """Tell a UE its IPv6 prefix; the part's."""

    def begin(self, context: SmContext) -> None:
        """A context is about to be made at a UPF; the part's, where it persists."""

    def keep(self, context: SmContext) -> None:
        """Make a context durable; the part's, where it persists."""

    def unkeep(self, context: SmContext) -> None:
        """Forget what is durable of a context; the part's, where it persists."""

    def end(self, context: SmContext, why: Input) -> None:
        """A context goes INACTIVE, if it is not so yet."""
        if context.state is not State.INACTIVE:
            context.take(why)

    def report_rejected(self, supi: str, pdu_session_id: int, rejection: Rejection) -> None:
        """Say why a PDU session was not established."""
        cause = FiveGSMCause(rejection.cause)
        self.report(
            "PduSessionEstablishmentRejected",
            f"PDU session {pdu_session_id} of {supi} is rejected, cause {rejection.cause} ({cause.text}): "
            f"{rejection.text}",
            level="error",
            subject=supi,
            config=rejection.config,
            # Whoever asks for more than there may be can ask without end.
            at_most_per_s=_LIMITS_REPORTED_PER_S if rejection.config == "limits" else None,
            cause=rejection.cause,
            pdu_session_id=pdu_session_id,
        )


def check_flows(flows: tuple[QosFlow, ...], path: str) -> None:
    """Raises ValueError for flows that no message could carry."""
    seen: set[int] = set()
    for i, flow in enumerate(flows):
        where = f"{path}[{i}]"
        if flow.qfi in seen:
            raise ValueError(f"{where}.qfi: {flow.qfi} is there twice")
        seen.add(flow.qfi)
        gbr = is_gbr(flow.five_qi)
        if gbr is not None and gbr != (flow.gbr is not None):
            wanted = "needs gbr" if gbr else "is a non-GBR one: leave gbr and mbr out"
            raise ValueError(f"{where}.five_qi: 5QI {flow.five_qi} {wanted} (TS 23.501 table 5.7.4-1)")
        if flow.gbr is None and flow.mbr is not None:
            raise ValueError(f"{where}.mbr: it goes with gbr")
        if flow.mbr is not None and flow.gbr is not None and _below(flow.mbr, flow.gbr):
            raise ValueError(f"{where}.mbr: below gbr")
        if not flow.packet_filters:
            raise ValueError(f"{where}.packet_filters: at least one is needed to tell the flow's packets")
        try:
            n1.rule(flow)
        except EncodeError as error:
            raise ValueError(f"{where}.packet_filters: {error}") from None


def _below(one: FlowRate, other: FlowRate) -> bool:
    return one.downlink_mbps < other.downlink_mbps or one.uplink_mbps < other.uplink_mbps


def bps(ambr: Ambr) -> tuple[int, int]:
    """Uplink and downlink, in bit/s."""
    return round(ambr.uplink_mbps * 1_000_000), round(ambr.downlink_mbps * 1_000_000)


def _s_nssai(entry: Slice, path: str) -> SNssai:
    sd = entry.sd
    if not 0 <= entry.sst <= 255:
        raise ValueError(f"{path}: sst {entry.sst} is not between 0 and 255")
    if sd is None or sd.lower() == "ffffff":
        # FFFFFF is how "no SD" is coded where an SD must be sent (TS 23.003 clause 28.4.2).
        return SNssai(entry.sst)
    if len(sd) != 6 or any(c not in "0123456789abcdefABCDEF" for c in sd):
        raise ValueError(f'{path}: sd {sd!r} is not six hexadecimal digits, for example "000001"')
    return SNssai(entry.sst, sd.lower())
