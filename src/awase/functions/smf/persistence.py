"""What of the sessions outlives a restart, in the part's store (TS 23.527 clause 4.2)."""

from collections.abc import Sequence

import msgspec

from awase.functions.smf.context import ANCHOR_SEID, Anchor, Qos, Sessions, SmContext, Tunnel, Upf
from awase.functions.smf.states import N4State, State, UserPlane
from awase.model.ids import SNssai
from awase.model.part import Store
from awase.model.settings import PduSessionType, QosFlow

_PREFIX = "session/"
_LAST = "last"
_HALF_MADE = "half made/"
_RECOVERY = "recovery"
_WATCH = "watch/"
_OWED = "owed/"


class _Leg(msgspec.Struct, array_like=True, frozen=True):
    upf: str
    upf_seid: int
    uplink: Tunnel | None
    access: Tunnel | None = None


class _Kept(msgspec.Struct, frozen=True):
    number: int
    supi: str
    pdu_session_id: int
    amf: str
    dnn: str
    sst: int
    sd: str | None
    status_uri: str
    kind: PduSessionType
    address: str
    prefix: str
    qos: Qos
    flows: tuple[QosFlow, ...]
    reflective: bool
    always_on: bool
    leg: _Leg
    anchor: _Leg | None
    n4u: Tunnel | None
    downlink: Tunnel | None
    user_plane: str
    bar: bool


class Persistence:
    """Puts contexts into a store, and takes them out again. Every method may raise OSError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def recovery_time_stamp(self, now: int) -> int:
        """That of the first start, since nothing is lost since."""
        stored = self._store.get(_RECOVERY)
        if stored is not None and stored.isdigit():
            return int(stored)
        self._store.put(_RECOVERY, str(now).encode())
        self._store.commit()
        return now

    def begin(self, context: SmContext) -> None:
        """Remember that a context is being made, so that a restart knows what may be left of it in a UPF."""
        self._store.put(_HALF_MADE + context.reference, b"")
        self._store.put(_LAST, context.reference.encode())
        self._store.commit()

    def half_made(self) -> int:
        """How many contexts a restart cut short; they are forgotten."""
        keys = self._store.keys(_HALF_MADE)
        for key in keys:
            self._store.delete(key)
        if keys:
            self._store.commit()
        return len(keys)

    def keep(self, context: SmContext) -> None:
        """Make a context durable, if it is one that could be taken up again."""
        qos, upf = context.qos, context.upf
        if context.state is not State.ACTIVE or qos is None or upf is None:
            return
        anchor = context.anchor
        kept = _Kept(
            number=context.seid,
            supi=context.supi,
            pdu_session_id=context.pdu_session_id,
            amf=context.amf,
            dnn=context.dnn,
            sst=context.s_nssai.sst,
            sd=context.s_nssai.sd,
            status_uri=context.status_uri,
            kind=context.kind,
            address=context.address,
            prefix=context.prefix,
            qos=qos,
            flows=context.flows,
            reflective=context.reflective,
            always_on=context.always_on,
            leg=_Leg(upf.name, context.upf_seid, context.uplink),
            anchor=None
            if anchor is None or anchor.upf is None
            else _Leg(anchor.upf.name, anchor.upf_seid, anchor.uplink, anchor.access),
            n4u=context.n4u,
            downlink=context.downlink,
            user_plane=context.user_plane.value,
            bar=context.bar,
        )
        self._store.put(_PREFIX + context.reference, msgspec.json.encode(kept))
        self._store.delete(_HALF_MADE + context.reference)
        self._store.commit()

    def unkeep(self, context: SmContext) -> None:
        """Forget what is durable of a context."""
        keys = [prefix + context.reference for prefix in (_PREFIX, _HALF_MADE)]
        if any(self._store.get(key) is not None for key in keys):
            for key in keys:
                self._store.delete(key)
            self._store.commit()

    def undoing(self, number: int, begins: bool) -> None:
        """Remember that a UPF may have a session whose SEID it could not tell: as if one were being made."""
        key = f"{_HALF_MADE}undo {number}"
        if begins:
            self._store.put(key, b"")
        else:
            self._store.delete(key)
        self._store.commit()

    def owe(self, upf: Upf, seid: int) -> None:
        """Remember that a UPF may have a session that nobody wants."""
        self._store.put(f"{_OWED}{upf.name}/{seid:016x}", b"")
        self._store.commit()

    def settle(self, upf: Upf, seids: Sequence[int]) -> None:
        """It has them no more."""
        for seid in seids:
            self._store.delete(f"{_OWED}{upf.name}/{seid:016x}")
        if seids:
            self._store.commit()

    def owed(self, upf: Upf) -> list[int]:
        """The SEIDs of the sessions that a UPF is still to delete."""
        prefix = f"{_OWED}{upf.name}/"
        seids = (key.removeprefix(prefix) for key in self._store.keys(prefix))
        return [int(seid, 16) for seid in seids if len(seid) == 16 and all(c in "0123456789abcdef" for c in seid)]

    def keep_watch(self, supi: str, path: str) -> None:
        """Make a subscription at the UDM durable, or its end ("")."""
        if path:
            self._store.put(_WATCH + supi, path.encode())
        else:
            self._store.delete(_WATCH + supi)
        self._store.commit()

    def watches(self) -> dict[str, str]:
        """The subscriptions at the UDM, by UE."""
        keys = self._store.keys(_WATCH)
        return {key.removeprefix(_WATCH): (self._store.get(key) or b"").decode() for key in keys}

    def restore(self, sessions: Sessions, upfs: dict[str, Upf]) -> list[SmContext]:
        """Take up the contexts whose UPFs are still there. What cannot be read is left out, and stays."""
        last = self._store.get(_LAST)
        if last is not None and last.isdigit():
            sessions.start_after(int(last))
        found = []
        for key in self._store.keys(_PREFIX):
            try:
                kept = msgspec.json.decode(self._store.get(key) or b"", type=_Kept)
            except msgspec.DecodeError:
                continue
            if kept.leg.upf not in upfs or (kept.anchor is not None and kept.anchor.upf not in upfs):
                continue
            found.append(_context(sessions, upfs, kept))
        return found


def _context(sessions: Sessions, upfs: dict[str, Upf], kept: _Kept) -> SmContext:
    context = sessions.restore(kept.number, kept.supi, kept.pdu_session_id, kept.amf)
    context.dnn = kept.dnn
    context.s_nssai = SNssai(kept.sst, kept.sd)
    context.status_uri = kept.status_uri
    context.state = State.ACTIVE
    context.kind = kept.kind
    context.address, context.prefix = kept.address, kept.prefix
    context.qos, context.flows = kept.qos, kept.flows
    context.reflective, context.always_on = kept.reflective, kept.always_on
    context.upf, context.upf_seid, context.uplink = upfs[kept.leg.upf], kept.leg.upf_seid, kept.leg.uplink
    context.n4 = N4State.ESTABLISHED
    if kept.anchor is not None:
        anchor = context.anchor = Anchor(upfs[kept.anchor.upf], kept.number | ANCHOR_SEID)
        anchor.upf_seid, anchor.uplink, anchor.access = kept.anchor.upf_seid, kept.anchor.uplink, kept.anchor.access
        anchor.n4 = N4State.ESTABLISHED
    context.n4u, context.downlink, context.bar = kept.n4u, kept.downlink, kept.bar
    context.user_plane = UserPlane(kept.user_plane)
    context.registered = True
    return context
