"""The UPF. Awase hands it packets and the time, and takes packets and events from it; that is all it knows of Awase."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from acme_upf import gtpu, pfcp
from acme_upf.pfcp import Elements, Refused

ACCESS, CORE = 0, 1
DROP, FORWARD, BUFFER = 1, 2, 4
MAX_SESSIONS = 10_000
MAX_WAITING = 16
MAX_REMEMBERED = 1024
MAX_ERROR_INDICATIONS_PER_S = 100
MAX_EVENTS_PER_S = 100
RETRY_NS = 1_000_000_000
# FTUP, the fifth bit: this UPF chooses F-TEIDs.
FEATURES = pfcp.element(pfcp.UP_FUNCTION_FEATURES, b"\x10\x00")
NTP_EPOCH_S = 2_208_988_800


@dataclass(frozen=True)
class Packet:
    """A packet for a port, with the attributes that Awase reads."""

    port: str
    peer: str
    payload: bytes
    kind: str = "data"
    association: int | None = None
    stream: int | None = None
    ppid: int | None = None
    exchange: int | None = None


@dataclass(frozen=True)
class Event:
    """Something worth telling, with the attributes that Awase reads."""

    name: str
    text: str
    level: str = "info"
    subject: str = ""
    config: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Far:
    """What to do with a packet, and the tunnel that it goes into (none: N6)."""

    actions: int
    teid: int | None = None
    peer: str = ""


@dataclass(frozen=True)
class Qer:
    """Whether the gates are open, and the flow that downlink packets belong to."""

    uplink_open: bool = True
    downlink_open: bool = True
    qfi: int | None = None


@dataclass(frozen=True)
class Pdr:
    """Which packets a rule is about, and where it leads. The lowest precedence value wins."""

    precedence: int
    source_interface: int = ACCESS
    teid: int | None = None
    ue_address: bytes | None = None
    qfis: tuple[int, ...] = ()
    far_id: int | None = None
    qer_ids: tuple[int, ...] = ()


@dataclass
class Session:
    """A PFCP session."""

    cp_seid: int
    owner: str
    pdrs: dict[int, Pdr] = field(default_factory=dict)
    fars: dict[int, Far] = field(default_factory=dict)
    qers: dict[int, Qer] = field(default_factory=dict)
    waiting: list[tuple[int, bytes]] = field(default_factory=list)


class AcmeUpf:
    """A user plane function with the ports n3, n4 and n6."""

    def __init__(self, name: str, config: dict[str, Any], services: Any) -> None:
        self.name = name
        self._services = services
        self._n3_host = config["addresses"]["n3"].rpartition(":")[0]
        self._n4_host = config["addresses"]["n4"].rpartition(":")[0]
        self._packets: list[Packet] = []
        self._events: list[Event] = []
        self._now_ns = 0
        self._started_s: int | None = None
        self._associations: dict[str, int] = {}
        self._sessions: dict[int, Session] = {}
        self._by_teid: dict[int, Session] = {}
        self._by_ue: dict[bytes, Session] = {}
        self._answered: dict[tuple[str, int], tuple[bytes, bytes]] = {}
        self._spent: dict[str, tuple[int, int]] = {}
        self._wanted = {peer["address"] for peer in config.get("peers", {}).get("N4", ())}
        if not config.get("initiates_association"):
            self._wanted = set()
        self._next_try_ns: int | None = 0 if self._wanted else None
        self._number = 0
        self._quiet_ns = int(config.get("restoration_s", 0) * 1_000_000_000)
        self._began_ns: int | None = None

    # What Awase calls.

    def receive(self, packet: Any, now_ns: int) -> None:
        """Take a packet. Whatever the octets: no exception."""
        self._now_ns = now_ns
        payloads = [packet.payload] if isinstance(packet.payload, bytes) else packet.payload
        for octets in payloads:
            if packet.port == "n3":
                self._n3(packet.peer, octets)
            elif packet.port == "n6":
                self._n6(octets)
            elif packet.port == "n4":
                self._n4(packet.peer, octets)

    def wake(self, now_ns: int) -> None:
        """Ask for the associations that are still wanted."""
        self._now_ns = now_ns
        if self._began_ns is None:
            self._began_ns = now_ns
        if self._next_try_ns is None or now_ns < self._next_try_ns:
            return
        self._next_try_ns = now_ns + RETRY_NS
        for peer in sorted(self._wanted):
            self._number += 1
            body = self._node_id() + self._recovery() + FEATURES
            self._send_n4(peer, pfcp.encode(pfcp.ASSOCIATION_SETUP_REQUEST, self._number, body))

    def wake_at_ns(self) -> int | None:
        """When associations are asked for again, if any is wanted."""
        return self._next_try_ns

    def take_packets(self) -> list[Packet]:
        """What is to be sent."""
        packets, self._packets = self._packets, []
        return packets

    def take_events(self) -> list[Event]:
        """What is to be told."""
        events, self._events = self._events, []
        return events

    def _tell(self, name: str, text: str, level: str = "info", subject: str = "", **fields: Any) -> None:
        if self._may(name, MAX_EVENTS_PER_S):
            self._events.append(Event(name, text, level, subject, "", fields))

    def _may(self, what: str, times: int) -> bool:
        """Whether something has happened less than so many times this second, so that floods stay small."""
        second = self._now_ns // 1_000_000_000
        since, count = self._spent.get(what, (second, 0))
        self._spent[what] = (second, count + 1 if since == second else 1)
        return self._spent[what][1] <= times

    # User plane.

    def _n3(self, peer: str, octets: bytes) -> None:
        try:
            message = gtpu.decode(octets)
        except gtpu.Malformed as error:
            self._tell("MalformedPacket", f"{peer} sent what is no GTP-U: {error}", "warning", port="n3")
            return
        if message.kind == gtpu.ECHO_REQUEST:
            self._packets.append(Packet("n3", peer, gtpu.echo_response(message.sequence_number)))
        elif message.kind == gtpu.G_PDU:
            self._uplink(peer, message)

    def _uplink(self, peer: str, message: gtpu.Message) -> None:
        session = self._by_teid.get(message.teid)
        if session is None:
            if self._now_ns < (self._began_ns or 0) + self._quiet_ns:
                # The SMF may be about to make the sessions of our predecessor anew.
                return
            self._tell("UnknownTeid", f"{peer} sent user data for TEID {message.teid:#x}", "warning")
            if self._may("error indication", MAX_ERROR_INDICATIONS_PER_S):
                octets = gtpu.error_indication(message.teid, _octets(self._n3_host))
                self._packets.append(Packet("n3", f"{peer.rpartition(':')[0]}:2152", octets))
            return
        payload = message.payload
        if len(payload) < 20 or payload[0] >> 4 != 4:
            self._tell("MalformedPacket", f"{peer} sent user data that is no IPv4", "warning", port="n3")
            return
        source = payload[12:16]
        addresses = [pdr.ue_address for pdr in session.pdrs.values() if pdr.ue_address is not None]
        for pdr_id, pdr in _by_precedence(session):
            if pdr.teid != message.teid or (pdr.qfis and message.qfi not in pdr.qfis):
                continue
            if source == pdr.ue_address or (pdr.ue_address is None and (not addresses or source in addresses)):
                self._act(session, pdr_id, pdr, payload, uplink=True)
                return
        self._tell("NoMatchingRule", f"uplink data for TEID {message.teid:#x} fits no rule", "warning")

    def _n6(self, octets: bytes) -> None:
        if len(octets) < 20 or octets[0] >> 4 != 4:
            self._tell("MalformedPacket", "N6 brought what is no IPv4", "warning", port="n6")
            return
        session = self._by_ue.get(octets[16:20])
        if session is None:
            self._tell("UnknownUeAddress", "N6 brought a packet for an address that no UE has", "warning")
            return
        for pdr_id, pdr in _by_precedence(session):
            if pdr.source_interface == CORE and pdr.ue_address == octets[16:20]:
                self._act(session, pdr_id, pdr, octets, uplink=False)
                return

    def _act(self, session: Session, pdr_id: int, pdr: Pdr, payload: bytes, *, uplink: bool) -> None:
        qers = [session.qers[qer_id] for qer_id in pdr.qer_ids]
        if not all(qer.uplink_open if uplink else qer.downlink_open for qer in qers):
            return
        far = session.fars.get(pdr.far_id) if pdr.far_id is not None else None
        if far is None:
            return
        if far.actions & FORWARD:
            if far.teid is None:
                self._packets.append(Packet("n6", "", payload))
            else:
                qfi = next((qer.qfi for qer in qers if qer.qfi is not None), None)
                self._packets.append(Packet("n3", far.peer, gtpu.g_pdu(far.teid, qfi, payload)))
        elif far.actions & BUFFER and len(session.waiting) < MAX_WAITING:
            session.waiting.append((pdr_id, payload))

    # Control plane.

    def _n4(self, peer: str, octets: bytes) -> None:
        try:
            message = pfcp.decode(octets)
        except pfcp.Malformed as error:
            self._tell("MalformedPacket", f"{peer} sent what is no PFCP: {error}", "warning", port="n4")
            return
        if message.version != 1:
            if message.kind != pfcp.VERSION_NOT_SUPPORTED_RESPONSE:
                self._send_n4(peer, pfcp.encode(pfcp.VERSION_NOT_SUPPORTED_RESPONSE, message.sequence_number, b""))
            return
        if message.kind == pfcp.ASSOCIATION_SETUP_RESPONSE:
            self._associated(peer, message)
            return
        key = (peer, message.sequence_number)
        before = self._answered.get(key)
        if before is not None and before[0] == octets:
            # A request that came again, since our answer was lost: it gets the same answer.
            self._send_n4(peer, before[1])
            return
        answer = self._answer(peer, message)
        if answer is None:
            return
        self._answered[key] = (octets, answer)
        if len(self._answered) > MAX_REMEMBERED:
            del self._answered[next(iter(self._answered))]
        self._send_n4(peer, answer)

    def _send_n4(self, peer: str, octets: bytes) -> None:
        self._packets.append(Packet("n4", peer, octets))

    def _answer(self, peer: str, message: pfcp.Message) -> bytes | None:
        handler = _HANDLERS.get(message.kind)
        if handler is None:
            self._tell("UnexpectedMessage", f"{peer} sent PFCP message {message.kind}", "warning")
            return None
        seid = None if message.seid is None else 0
        try:
            body, cp_seid = handler(self, peer, message)
            seid = seid if cp_seid is None else cp_seid
        except Refused as refused:
            self._tell("RequestRefused", f"PFCP message {message.kind} of {peer}: {refused}", "warning")
            known = self._sessions.get(message.seid or 0)
            seid = seid if known is None else known.cp_seid
            body = pfcp.cause(refused.cause, refused.offending_ie)
            if message.kind not in (pfcp.MODIFICATION_REQUEST, pfcp.DELETION_REQUEST):
                body = self._node_id() + body
            if message.kind == pfcp.ASSOCIATION_SETUP_REQUEST:
                body += self._recovery()
        # A response's type is its request's and one.
        return pfcp.encode(message.kind + 1, message.sequence_number, body, seid)

    def _node_id(self) -> bytes:
        return pfcp.element(pfcp.NODE_ID, b"\0" + _octets(self._n4_host))

    def _recovery(self) -> bytes:
        if self._started_s is None:
            self._started_s = self._now_ns // 1_000_000_000 + NTP_EPOCH_S
        return pfcp.element(pfcp.RECOVERY_TIME_STAMP, (self._started_s & 0xFFFFFFFF).to_bytes(4, "big"))

    def _heartbeat(self, peer: str, message: pfcp.Message) -> tuple[bytes, None]:
        started = Elements(message.body).number(pfcp.RECOVERY_TIME_STAMP, 4)
        owner = peer.rpartition(":")[0]
        if self._associations.get(owner, started) != started:
            # An SMF that has restarted knows nothing of its sessions.
            self._drop(owner)
            del self._associations[owner]
        return self._recovery(), None

    def _associate(self, peer: str, message: pfcp.Message) -> tuple[bytes, None]:
        elements = Elements(message.body)
        elements.need(pfcp.NODE_ID, 2)
        started = elements.number(pfcp.RECOVERY_TIME_STAMP, 4)
        owner = peer.rpartition(":")[0]
        if owner not in self._associations and len(self._associations) >= 16:
            raise Refused(pfcp.NO_RESOURCES, "there are 16 associations already")
        # Whoever sets up an association has forgotten the sessions of the one before.
        self._drop(owner)
        self._associations[owner] = started
        self._tell("AssociationSetUp", f"PFCP association with {peer}", subject=owner)
        self._want_no_more(peer)
        return self._node_id() + pfcp.cause(pfcp.ACCEPTED) + self._recovery() + FEATURES, None

    def _associated(self, peer: str, message: pfcp.Message) -> None:
        """An SMF has answered our own request."""
        try:
            elements = Elements(message.body)
            accepted = elements.number(pfcp.CAUSE, 1) == pfcp.ACCEPTED
            started = elements.number(pfcp.RECOVERY_TIME_STAMP, 4)
        except Refused as error:
            self._tell("MalformedPacket", f"{peer} sent what is no answer: {error}", "warning", port="n4")
            return
        if accepted and peer in self._wanted:
            self._associations.setdefault(peer.rpartition(":")[0], started)
            self._want_no_more(peer)
            self._tell("AssociationSetUp", f"PFCP association with {peer}, which we asked for", subject=peer)

    def _want_no_more(self, peer: str) -> None:
        self._wanted.discard(peer)
        if not self._wanted:
            self._next_try_ns = None

    def _release(self, peer: str, message: pfcp.Message) -> tuple[bytes, None]:
        owner = peer.rpartition(":")[0]
        if owner not in self._associations:
            raise Refused(pfcp.NO_ASSOCIATION, "there is no association to release")
        self._drop(owner)
        del self._associations[owner]
        return self._node_id() + pfcp.cause(pfcp.ACCEPTED), None

    def _drop(self, owner: str) -> None:
        for seid in [seid for seid, session in self._sessions.items() if session.owner == owner]:
            self._forget(seid)

    def _establish(self, peer: str, message: pfcp.Message) -> tuple[bytes, int]:
        elements = Elements(message.body)
        elements.need(pfcp.NODE_ID, 2)
        cp_seid = int.from_bytes(elements.need(pfcp.F_SEID, 13)[1:9], "big")
        elements.need(pfcp.CREATE_PDR)
        elements.need(pfcp.CREATE_FAR)
        owner = peer.rpartition(":")[0]
        try:
            if owner not in self._associations:
                raise Refused(pfcp.NO_ASSOCIATION, "there is no association")
            if len(self._sessions) >= MAX_SESSIONS:
                raise Refused(pfcp.NO_RESOURCES, f"there are {MAX_SESSIONS} sessions already")
            session = Session(cp_seid, owner)
            created = self._change(session, elements)
        except Refused as refused:
            self._tell("SessionEstablishmentRejected", str(refused), "error", cause=refused.cause)
            return self._node_id() + pfcp.cause(refused.cause, refused.offending_ie), cp_seid
        seid = self._free("seid", 8, self._sessions)
        self._sessions[seid] = session
        f_seid = b"\x02" + seid.to_bytes(8, "big") + _octets(self._n4_host)
        self._tell("SessionEstablished", f"PFCP session {seid:#x} for {peer}")
        body = self._node_id() + pfcp.cause(pfcp.ACCEPTED) + pfcp.element(pfcp.F_SEID, f_seid) + created
        return body, cp_seid

    def _modify(self, peer: str, message: pfcp.Message) -> tuple[bytes, int]:
        session = self._find(peer, message)
        created = self._change(session, Elements(message.body))
        self._send_waiting(session)
        return pfcp.cause(pfcp.ACCEPTED) + created, session.cp_seid

    def _delete(self, peer: str, message: pfcp.Message) -> tuple[bytes, int]:
        session = self._find(peer, message)
        self._forget(message.seid or 0)
        self._tell("SessionDeleted", f"PFCP session {message.seid:#x} deleted")
        return pfcp.cause(pfcp.ACCEPTED), session.cp_seid

    def _find(self, peer: str, message: pfcp.Message) -> Session:
        session = self._sessions.get(message.seid or 0)
        if session is None or session.owner != peer.rpartition(":")[0]:
            raise Refused(pfcp.SESSION_NOT_FOUND, "there is no such session")
        return session

    def _forget(self, seid: int) -> None:
        session = self._sessions.pop(seid)
        self._unindex(session)

    def _unindex(self, session: Session) -> None:
        for pdr in session.pdrs.values():
            if pdr.teid is not None and self._by_teid.get(pdr.teid) is session:
                del self._by_teid[pdr.teid]
            if pdr.ue_address is not None and self._by_ue.get(pdr.ue_address) is session:
                del self._by_ue[pdr.ue_address]

    def _free(self, label: str, octets: int, taken: dict[int, Any]) -> int:
        while True:
            number = int.from_bytes(self._services.random_bytes(octets, label), "big")
            if number and number not in taken:
                return number

    # Rules.

    def _change(self, session: Session, elements: Elements) -> bytes:
        """Apply a request's rules to a session, all or none; the Created PDR elements of the response."""
        changed = replace(session, pdrs=dict(session.pdrs), fars=dict(session.fars), qers=dict(session.qers))
        chosen: dict[int, int] = {}
        created = b""
        if elements.get(pfcp.CREATE_TRAFFIC_ENDPOINT) is not None:
            raise Refused(pfcp.NOT_SUPPORTED, "no traffic endpoints here", pfcp.CREATE_TRAFFIC_ENDPOINT)
        for kind, id_kind, octets, rules in (
            (pfcp.REMOVE_PDR, pfcp.PDR_ID, 2, changed.pdrs),
            (pfcp.REMOVE_FAR, pfcp.FAR_ID, 4, changed.fars),
            (pfcp.REMOVE_QER, pfcp.QER_ID, 4, changed.qers),
        ):
            for value in elements.all(kind):
                if rules.pop(Elements(value).number(id_kind, octets), None) is None:
                    raise Refused(pfcp.RULE_FAILURE, "there is no such rule to remove", kind)
        for kind in (pfcp.CREATE_FAR, pfcp.UPDATE_FAR):
            for value in elements.all(kind):
                rule = Elements(value)
                far_id = rule.number(pfcp.FAR_ID, 4)
                old = None if kind == pfcp.CREATE_FAR else _known(changed.fars, far_id)
                changed.fars[far_id] = _far(rule, old)
        for kind in (pfcp.CREATE_QER, pfcp.UPDATE_QER):
            for value in elements.all(kind):
                rule = Elements(value)
                qer_id = rule.number(pfcp.QER_ID, 4)
                old_qer = Qer() if kind == pfcp.CREATE_QER else _known(changed.qers, qer_id)
                changed.qers[qer_id] = _qer(rule, old_qer)
        for kind in (pfcp.CREATE_PDR, pfcp.UPDATE_PDR):
            for value in elements.all(kind):
                rule = Elements(value)
                pdr_id = rule.number(pfcp.PDR_ID, 2)
                if kind == pfcp.CREATE_PDR:
                    rule.need(pfcp.PDI)
                    old_pdr = Pdr(rule.number(pfcp.PRECEDENCE, 4))
                else:
                    old_pdr = _known(changed.pdrs, pdr_id)
                changed.pdrs[pdr_id], f_teid = self._pdr(rule, old_pdr, chosen)
                if f_teid is not None:
                    pdr_element = pfcp.element(pfcp.PDR_ID, pdr_id.to_bytes(2, "big"))
                    created += pfcp.element(pfcp.CREATED_PDR, pdr_element + pfcp.element(pfcp.F_TEID, f_teid))
        self._check(session, changed)
        self._unindex(session)
        session.pdrs, session.fars, session.qers = changed.pdrs, changed.fars, changed.qers
        for pdr in session.pdrs.values():
            if pdr.teid is not None:
                self._by_teid[pdr.teid] = session
            if pdr.ue_address is not None:
                self._by_ue[pdr.ue_address] = session
        return created

    def _pdr(self, rule: Elements, pdr: Pdr, chosen: dict[int, int]) -> tuple[Pdr, bytes | None]:
        f_teid = None
        if rule.get(pfcp.PRECEDENCE, 4) is not None:
            pdr = replace(pdr, precedence=rule.number(pfcp.PRECEDENCE, 4))
        if rule.get(pfcp.FAR_ID, 4) is not None:
            pdr = replace(pdr, far_id=rule.number(pfcp.FAR_ID, 4))
        if rule.all(pfcp.QER_ID):
            pdr = replace(pdr, qer_ids=tuple(int.from_bytes(value, "big") for value in rule.all(pfcp.QER_ID)))
        pdi_octets = rule.get(pfcp.PDI)
        if pdi_octets is None:
            return pdr, None
        pdi = Elements(pdi_octets)
        if pdi.get(pfcp.SDF_FILTER) is not None:
            raise Refused(pfcp.NOT_SUPPORTED, "no SDF filters here", pfcp.SDF_FILTER)
        pdr = replace(
            pdr,
            source_interface=pdi.need(pfcp.SOURCE_INTERFACE)[0] & 0x0F,
            qfis=tuple(value[0] & 0x3F for value in pdi.all(pfcp.QFI) if value),
        )
        ue = pdi.get(pfcp.UE_IP_ADDRESS, 5)
        if ue is not None:
            if not ue[0] & 2:
                raise Refused(pfcp.NOT_SUPPORTED, "only IPv4 UEs, with addresses of the SMF", pfcp.UE_IP_ADDRESS)
            pdr = replace(pdr, ue_address=ue[1:5])
        wanted = pdi.get(pfcp.F_TEID)
        if wanted is not None:
            teid, f_teid = self._f_teid(wanted, chosen)
            pdr = replace(pdr, teid=teid)
        return pdr, f_teid

    def _f_teid(self, wanted: bytes, chosen: dict[int, int]) -> tuple[int, bytes | None]:
        """The TEID of a PDI: chosen here (CH), once for each CHOOSE ID, or given by the SMF (clause 8.2.3)."""
        flags = wanted[0]
        if not flags & 1:
            raise Refused(pfcp.NO_RESOURCES, "N3 has IPv4 only", pfcp.F_TEID)
        if not flags & 4:
            if len(wanted) < 9:
                raise Refused(pfcp.INVALID_LENGTH, "the F-TEID is cut off", pfcp.F_TEID)
            return int.from_bytes(wanted[1:5], "big"), None
        if flags & 8 and len(wanted) < 2:
            raise Refused(pfcp.INVALID_LENGTH, "the CHOOSE ID is missing", pfcp.F_TEID)
        choose_id = wanted[1] if flags & 8 else -1 - len(chosen)
        if choose_id not in chosen:
            chosen[choose_id] = self._free("teid", 4, self._by_teid)
        teid = chosen[choose_id]
        return teid, b"\x01" + teid.to_bytes(4, "big") + _octets(self._n3_host)

    def _check(self, session: Session, changed: Session) -> None:
        for pdr in changed.pdrs.values():
            if pdr.far_id is not None and pdr.far_id not in changed.fars:
                raise Refused(pfcp.RULE_FAILURE, f"there is no FAR {pdr.far_id}")
            if any(qer_id not in changed.qers for qer_id in pdr.qer_ids):
                raise Refused(pfcp.RULE_FAILURE, "a PDR names a QER that is not there")
            owners = (
                self._by_teid.get(pdr.teid, session) if pdr.teid is not None else session,
                self._by_ue.get(pdr.ue_address, session) if pdr.ue_address is not None else session,
            )
            if any(owner is not session for owner in owners):
                raise Refused(pfcp.RULE_FAILURE, "the F-TEID or the UE address is another session's")

    def _send_waiting(self, session: Session) -> None:
        waiting, session.waiting = session.waiting, []
        for pdr_id, payload in waiting:
            pdr = session.pdrs.get(pdr_id)
            if pdr is not None:
                self._act(session, pdr_id, pdr, payload, uplink=False)


_HANDLERS = {
    pfcp.HEARTBEAT_REQUEST: AcmeUpf._heartbeat,
    pfcp.ASSOCIATION_SETUP_REQUEST: AcmeUpf._associate,
    pfcp.ASSOCIATION_RELEASE_REQUEST: AcmeUpf._release,
    pfcp.ESTABLISHMENT_REQUEST: AcmeUpf._establish,
    pfcp.MODIFICATION_REQUEST: AcmeUpf._modify,
    pfcp.DELETION_REQUEST: AcmeUpf._delete,
}


def _octets(host: str) -> bytes:
    return bytes(int(number) for number in host.split("."))


def _by_precedence(session: Session) -> list[tuple[int, Pdr]]:
    return sorted(session.pdrs.items(), key=lambda item: (item[1].precedence, item[0]))


def _known(rules: dict[int, Any], number: int) -> Any:
    if number not in rules:
        raise Refused(pfcp.RULE_FAILURE, f"there is no rule {number} to change")
    return rules[number]


def _far(rule: Elements, old: Far | None) -> Far:
    """A FAR from Create FAR, or from Update FAR and what it was."""
    action = rule.need(pfcp.APPLY_ACTION) if old is None else rule.get(pfcp.APPLY_ACTION)
    actions = old.actions if action is None and old is not None else (action or b"\0")[0]
    if not actions & (DROP | FORWARD | BUFFER):
        raise Refused(pfcp.MANDATORY_IE_INCORRECT, f"Apply Action {actions:#x}", pfcp.APPLY_ACTION)
    far = replace(old, actions=actions) if old is not None else Far(actions)
    octets = rule.get(pfcp.FORWARDING_PARAMETERS) or rule.get(pfcp.UPDATE_FORWARDING_PARAMETERS)
    if octets is None:
        return far
    header = Elements(octets).get(pfcp.OUTER_HEADER_CREATION, 10)
    if header is None:
        return far
    if not header[0] & 1:
        raise Refused(pfcp.NOT_SUPPORTED, "only GTP-U over IPv4", pfcp.OUTER_HEADER_CREATION)
    host = ".".join(str(octet) for octet in header[6:10])
    return replace(far, teid=int.from_bytes(header[2:6], "big"), peer=f"{host}:2152")


def _qer(rule: Elements, old: Qer) -> Qer:
    """A QER from Create QER, or from Update QER and what it was."""
    gates = rule.get(pfcp.GATE_STATUS)
    if gates is not None:
        old = replace(old, uplink_open=not gates[0] & 0x0C, downlink_open=not gates[0] & 0x03)
    qfi = rule.get(pfcp.QFI)
    return old if qfi is None else replace(old, qfi=qfi[0] & 0x3F)


class PartType:
    """What Awase finds at the entry point: what this part is, what its configuration may say, and how to make it."""

    function = "upf"
    ports = ("n3", "n4", "n6")
    versions = {"TS 29.244": "17", "TS 29.281": "17"}
    config_schema = {
        "type": "object",
        "properties": {
            "addresses": {"type": "object", "additionalProperties": {"type": "string"}},
            "peers": {"type": "object"},
            "initiates_association": {"type": "boolean"},
            "restoration_s": {"type": "number", "minimum": 0},
        },
        "required": ["addresses"],
        "additionalProperties": False,
    }

    def build(self, name: str, config: dict[str, Any], services: Any) -> AcmeUpf:
        """Make a UPF. `services.random_bytes(n, label)` is all that it needs from outside."""
        return AcmeUpf(name, config, services)


PART_TYPE = PartType()
