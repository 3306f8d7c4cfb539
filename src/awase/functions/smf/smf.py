"""What all procedures of an SMF share: its configuration resolved, its tables, its ways out."""

from collections.abc import Callable, Hashable
from functools import partial

from awase.functions.smf.config import Config
from awase.functions.smf.context import AddressPool, Qos, Rejection, Sessions, SmContext
from awase.functions.smf.n4 import N4
from awase.functions.smf.sbi import Consumer
from awase.functions.smf.states import Input, State
from awase.model.ids import Plmn, SNssai
from awase.model.machine import Machine, Procedure
from awase.model.part import Services
from awase.model.settings import Ambr, Slice
from awase.protocols.nas.causes import FiveGSMCause

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
        self.consumer = Consumer(self, config.peers, self.plmn, self._instance(), config.sbi_s)
        self.n4 = N4(self, config)
        self._deferred: list[Callable[[], object]] = []

    def _instance(self) -> str:
        """Our NF instance identity: a UUID of version 4 (TS 29.571 clause 5.3.2)."""
        value = int.from_bytes(self.services.random_bytes(16, "nf-instance-id"))
        value = value & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def defer(self, procedure: Procedure[None]) -> None:
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

    def allocate(self, context: SmContext) -> Rejection | None:
        """Give a context an address of its DNN."""
        pool = self.pools[context.dnn]
        address = pool.allocate()
        if address is None:
            text = f"the address pool {pool.dnn.pool} of DNN {context.dnn} is exhausted: {pool.in_use} in use"
            return Rejection(26, "INSUFFICIENT_RESOURCES_SLICE_DNN", text, f"{pool.path}.pool")
        context.address = address
        return None

    def default_qos(self) -> Qos:
        """The QoS of a session where its subscription says nothing."""
        config, arp, ambr = self.config, self.config.arp, self.config.session_ambr
        return Qos(
            config.five_qi,
            arp.priority_level,
            arp.may_pre_empt,
            arp.pre_emptable,
            *_bps(ambr),
        )

    def forget(self, context: SmContext) -> None:
        """Give back all that a context holds; idempotent."""
        self.sessions.remove(context)
        if context.address:
            self.pools[context.dnn].release(context.address)
            context.address = ""

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


def _bps(ambr: Ambr) -> tuple[int, int]:
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
