"""What every procedure of the AMF stands on: its tables, identifiers, and the way to NG-RAN nodes and UEs."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256

from awase.functions.amf.config import Config, Congestion
from awase.functions.amf.context import Gnb, NgConnection, Ue
from awase.functions.amf.served import Served
from awase.model.ids import FiveGGuti, Supi, Tai
from awase.model.machine import Machine, Procedure, Timer, Wait
from awase.model.part import NS_PER_S, Packet, Services
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import encode as encode_nas
from awase.protocols.nas.entity import SecurityHeaderType
from awase.protocols.nas.optional import omissions, without
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.messages import DownlinkNASTransport, ErrorIndication, Message
from awase.protocols.sbi.entity import Answer, Client, Failure, Server
from awase.protocols.sbi.messages import Request
from awase.security import kdf

_NGAP_PPID = 60
_RELEASED = 8192
"""How many releases of one node may be unanswered before the oldest is forgotten."""
_PATH = 512
"""Octets of a path that another function may have us use."""
_SUBJECTS = 1024
"""How many subjects of frequent events are remembered."""
_IDEMPOTENT = ("GET", "PUT", "PATCH", "DELETE")
_AGAIN_NS = NS_PER_S // 2
"""PATCH is a merge patch here, which says the same twice."""
_REPORT_EVERY_NS = 10 * NS_PER_S


def _nf_instance_id(name: str) -> str:
    """A UUID (RFC 9562 version 8) that is the same in every run of a part of this name."""
    digest = bytearray(sha256(f"awase amf {name}".encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uri_path(uri: str) -> str:
    """The path of a URI that a producer gave; "" where there is none that we can use."""
    _, scheme, rest = uri.partition("://")
    path = (rest[rest.find("/") :] if "/" in rest else "") if scheme else uri
    path = path.partition("?")[0].partition("#")[0].rstrip("/")
    usable = path.startswith("/") and len(path) <= _PATH and path.isascii() and path.isprintable()
    return path if usable and " " not in path else ""


def uri_authority(uri: str) -> str:
    """The host and port of an absolute URI; "" where there is none that we can use."""
    _, scheme, rest = uri.partition("://")
    authority = rest.partition("/")[0] if scheme else ""
    usable = 0 < len(authority) <= _PATH and authority.isascii() and authority.isprintable() and "@" not in authority
    return authority if usable and " " not in authority else ""


class Amf(Machine):
    """The tables of an AMF and the ways out of it."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.config = config
        self.served = Served(config)
        self.amf_name = config.amf_name or name
        self.gnbs: dict[int, Gnb] = {}
        self.connections: dict[int, NgConnection] = {}
        """By AMF UE NGAP ID."""
        self.by_supi: dict[Supi, Ue] = {}
        """Authenticated UEs only."""
        self.by_tmsi: dict[int, Ue] = {}
        self.unauthenticated: OrderedDict[int, NgConnection] = OrderedDict()
        self.stranger_timer: Timer | None = None
        self.deregistered: OrderedDict[Supi, Ue] = OrderedDict()
        """UEs whose context is kept for their next registration; the oldest makes room."""
        self.touched: dict[int, Ue] | None = None
        """UEs of which something has changed that is to be kept, by number; None where nothing is kept."""
        self.leaving = False
        """It was asked to stop."""
        self.client = Client(self, "AMF", scheme=config.sbi_scheme)
        self.server = Server(self)
        self.sbi_timeout_ns = int(config.sbi_s * NS_PER_S)
        self.sbi_root = f"{config.sbi_scheme}://{config.addresses.get('sbi', '')}"
        """What begins each URI of ours (TS 29.501 clause 4.4.1)."""
        self.nf_instance_id = _nf_instance_id(name)
        self.relative_capacity = config.relative_amf_capacity
        self.congested: Congestion | None = config.congestion
        self.congestion_timer: Timer | None = None
        self._left_out = omissions(config.omit_elements)
        self._last_amf_ue_ngap_id = 0
        self._last_ue = 0
        self._last_wait = 0
        self._quiet_until_ns: dict[tuple[str, str], int] = {}
        self._unsaid: dict[tuple[str, str], int] = {}

    # Towards NG-RAN nodes.

    def send_to_gnb(self, gnb: Gnb, message: Message, stream: int = 0) -> None:
        """Send an NGAP message; without `stream` it is not UE-associated (TS 38.412 clause 7)."""
        self.send(Packet("n2", gnb.peer, ngap.encode(message), "data", gnb.association, stream, _NGAP_PPID))

    def send_to_ran(self, connection: NgConnection, message: Message) -> None:
        """Send a UE-associated NGAP message on the UE's own stream."""
        self.send_to_gnb(connection.gnb, message, connection.stream)

    def send_nas(self, connection: NgConnection, nas_pdu: bytes) -> None:
        """Send a NAS message in DOWNLINK NAS TRANSPORT (TS 38.413 clause 8.6.2)."""
        self.send_to_ran(
            connection,
            DownlinkNASTransport(
                amf_ue_ngap_id=connection.amf_ue_ngap_id,
                ran_ue_ngap_id=connection.ran_ue_ngap_id,
                nas_pdu=nas_pdu,
            ),
        )

    def send_error(
        self,
        gnb: Gnb,
        cause: Cause,
        *,
        amf_ue_ngap_id: int | None = None,
        ran_ue_ngap_id: int | None = None,
        stream: int = 0,
    ) -> None:
        """ERROR INDICATION (TS 38.413 clause 8.7.5)."""
        self.send_to_gnb(
            gnb,
            ErrorIndication(amf_ue_ngap_id=amf_ue_ngap_id, ran_ue_ngap_id=ran_ue_ngap_id, cause=cause),
            stream,
        )

    # UE-associated connections.

    def connect(self, gnb: Gnb, ran_ue_ngap_id: int, tai: Tai, ue: Ue) -> NgConnection:
        """A new UE-associated logical NG-connection, for a UE whose word is all that we have."""
        self._last_amf_ue_ngap_id += 1
        amf_ue_ngap_id = self._last_amf_ue_ngap_id
        connection = NgConnection(gnb, amf_ue_ngap_id, ran_ue_ngap_id, ue, tai)
        connection.started_ns = self.now_ns
        ue.connection = connection
        self.connections[amf_ue_ngap_id] = connection
        gnb.connections[ran_ue_ngap_id] = connection
        self.unauthenticated[amf_ue_ngap_id] = connection
        gnb.unauthenticated[amf_ue_ngap_id] = connection
        return connection

    def authenticated(self, connection: NgConnection) -> None:
        """The UE behind this connection has proved who it is: it no longer counts as a stranger."""
        self.unauthenticated.pop(connection.amf_ue_ngap_id, None)
        connection.gnb.unauthenticated.pop(connection.amf_ue_ngap_id, None)

    def disconnect(self, connection: NgConnection) -> None:
        """Forget a connection; its UE's running procedure ends where it stands."""
        self.connections.pop(connection.amf_ue_ngap_id, None)
        gnb = connection.gnb
        if gnb.connections.get(connection.ran_ue_ngap_id) is connection:
            del gnb.connections[connection.ran_ue_ngap_id]
        self.authenticated(connection)
        connection.waiting.clear()
        if connection.timer is not None:
            connection.timer.stop()
            connection.timer = None
        ue = connection.ue
        self.touch(ue)
        if ue.connection is connection:
            self.stop_procedure(ue)
            ue.connection = None
            if ue.update is not None:
                # Lower layer failure: both 5G-GUTIs stay valid (TS 24.501 clause 5.4.4.6 c).
                self.cancel(ue.update)
                ue.update = None

    def released(self, connection: NgConnection) -> None:
        """A UE CONTEXT RELEASE COMMAND went out: its answer names identifiers that we no longer use."""
        released = connection.gnb.released
        released[connection.amf_ue_ngap_id] = connection.ran_ue_ngap_id
        if len(released) > _RELEASED:
            released.popitem(last=False)

    def run_for(self, ue: Ue, procedure: Procedure[None]) -> None:
        """Run what is now the UE's own procedure."""
        running = self.run(procedure)
        if running.alive:
            ue.procedure = running

    def stop_procedure(self, ue: Ue) -> None:
        """End what runs for a UE, and what it waits for."""
        running, ue.procedure = ue.procedure, None
        ue.expects = ()
        ue.service = None
        if ue.connection is not None:
            ue.connection.holding = False
        if running is not None:
            self.cancel(running)

    def exchange(self, peer: str, request: Request) -> Procedure[Answer]:
        """One exchange with another function; a request that may come twice is repeated once (TS 29.500 5.2.8)."""
        answer = yield from self.client.exchange(peer, request, self.sbi_timeout_ns)
        if isinstance(answer, Failure) and request.method in _IDEMPOTENT:
            if answer is Failure.RESET:
                # One that restarts is soon back.
                yield Wait(("exchange again", self.next_wait()), _AGAIN_NS)
            answer = yield from self.client.exchange(peer, request, self.sbi_timeout_ns)
        return answer

    def touch(self, ue: Ue) -> None:
        """Something has changed that is to be kept."""
        if self.touched is not None:
            self.touched[ue.number] = ue

    def next_wait(self) -> int:
        """A number for something that a procedure waits for, used once."""
        self._last_wait += 1
        return self._last_wait

    # UEs.

    def new_ue(self) -> Ue:
        """A UE context that no table knows yet."""
        self._last_ue += 1
        return Ue(self._last_ue)

    def new_guti(self, ue: Ue) -> FiveGGuti:
        """Another 5G-GUTI, unpredictable (TS 33.501 clause 6.12.3); the former stays valid until it is confirmed."""
        tmsi = 0
        # 0xFFFFFFFF is no TMSI (TS 23.003 clause 2.4); a taken one is drawn again.
        while tmsi in (0, 0xFFFFFFFF) or tmsi in self.by_tmsi:
            tmsi = int.from_bytes(self.services.random_bytes(4, "5g-tmsi"), "big")
        plmn = ue.connection.tai.plmn if ue.connection is not None else self.served.home
        guami = next((own for own in self.served.guamis if own.plmn == plmn), self.served.guami)
        guti = FiveGGuti(guami, tmsi)
        if ue.old_guti is not None and ue.guti is not None:
            # The older of two unconfirmed ones goes: a UE has at most two.
            self.by_tmsi.pop(ue.old_guti.five_g_tmsi, None)
        if ue.guti is not None:
            ue.old_guti = ue.guti
        ue.guti = guti
        self.by_tmsi[tmsi] = ue
        return guti

    def confirm_guti(self, ue: Ue) -> None:
        """The UE took its new 5G-GUTI: the former is free (TS 24.501 clause 5.5.1.2.4)."""
        self.touch(ue)
        if ue.old_guti is not None:
            self.by_tmsi.pop(ue.old_guti.five_g_tmsi, None)
            ue.old_guti = None

    def forget_ue(self, ue: Ue) -> None:
        """Remove a UE context from every table."""
        self.touch(ue)
        for guti in (ue.guti, ue.old_guti):
            if guti is not None and self.by_tmsi.get(guti.five_g_tmsi) is ue:
                del self.by_tmsi[guti.five_g_tmsi]
        if ue.supi is not None:
            if self.by_supi.get(ue.supi) is ue:
                del self.by_supi[ue.supi]
            if self.deregistered.get(ue.supi) is ue:
                del self.deregistered[ue.supi]
        if ue.idle_timer is not None:
            ue.idle_timer.stop()
            ue.idle_timer = None

    def uses_guti(self, ue: Ue, five_g_tmsi: int) -> None:
        """The UE names itself by one of two: the other is not, or no longer, its own (TS 24.501 clause 5.5.1.2.8 c)."""
        if ue.old_guti is None or ue.guti is None:
            return
        if five_g_tmsi == ue.guti.five_g_tmsi:
            self.confirm_guti(ue)
        elif five_g_tmsi == ue.old_guti.five_g_tmsi:
            ue.guti, ue.old_guti = ue.old_guti, ue.guti
            self.confirm_guti(ue)

    def ue_of_guti(self, guti: FiveGGuti) -> Ue | None:
        """The UE that holds this 5G-GUTI of ours."""
        ue = self.by_tmsi.get(guti.five_g_tmsi)
        if ue is None:
            return None
        return ue if guti in (ue.guti, ue.old_guti) else None

    def cm_idle(self, ue: Ue, cause: Cause | None = None) -> None:
        """An authenticated UE has lost its connection; the part says what follows."""
        raise NotImplementedError

    # NAS.

    def protect(self, ue: Ue, message: nas.Message, header: SecurityHeaderType = SecurityHeaderType.plain) -> bytes:
        """A NAS message as it goes out: protected once secure exchange is established, plain before.

        A `header` other than plain says how it is protected in any case (SECURITY MODE COMMAND).
        """
        octets = encode_nas(without(message, self._left_out) if self._left_out else message)
        connection = ue.connection
        if self.touched is not None:
            self.touch(ue)
        if ue.security is None or (not header and (connection is None or not connection.secure)):
            return octets
        return ue.security.protect(octets, header or SecurityHeaderType.integrity_protected_and_ciphered)

    def send_to_ue(self, ue: Ue, message: nas.Message) -> None:
        """Send a NAS message to a connected UE."""
        if ue.connection is not None:
            self.send_nas(ue.connection, self.protect(ue, message))

    def k_gnb(self, ue: Ue) -> bytes:
        """K_gNB for the UE's node (TS 33.501 clause 6.8.1.2.2: the count of the message that set security up)."""
        if ue.security is None:
            raise ValueError("no security context")
        return kdf.k_gnb(ue.security.k_amf, ue.uplink_count)

    def secure(self, connection: NgConnection) -> None:
        """Secure exchange of NAS messages begins on a connection: the keys are handed to whoever may have them."""
        connection.secure = True
        ue, security = connection.ue, connection.ue.security
        if security is None:
            return
        self.services.key_log(
            {
                "kind": "nas",
                "supi": ue.supi or "",
                "ngksi": security.ngksi,
                "nea": security.nea,
                "nia": security.nia,
                **security.keys(),
                "amf_ue_ngap_id": connection.amf_ue_ngap_id,
                "ran_ue_ngap_id": connection.ran_ue_ngap_id,
            }
        )

    def explain(self, ue: Ue, name: str, text: str, *, config: str = "", **fields: str | int) -> None:
        """An error event about a UE, which its rejection will repeat."""
        self.report(name, text, level="error", subject=ue.subject, config=config, at_most_per_s=None, **fields)
        ue.explanation = (text, config)

    # Events that a peer can cause at will.

    def report_rarely(self, name: str, text: str, *, config: str = "", subject: str = "", **fields: str | int) -> None:
        """A warning, at most one of its name and subject in ten seconds; the next says how many were left unsaid."""
        key = (name, subject)
        if self.now_ns < self._quiet_until_ns.get(key, 0):
            self._unsaid[key] = self._unsaid.get(key, 0) + 1
            return
        if len(self._quiet_until_ns) >= _SUBJECTS:
            self._quiet_until_ns.clear()
            self._unsaid.clear()
        self._quiet_until_ns[key] = self.now_ns + _REPORT_EVERY_NS
        unsaid = self._unsaid.pop(key, 0)
        if unsaid:
            text += f" ({unsaid} more of these since the last report)"
        self.report(name, text, level="warning", config=config, subject=subject, at_most_per_s=None, **fields)
