"""What an AMF remembers: NG-RAN nodes, UE-associated connections, UEs, PDU sessions (TS 29.518 clause 6.1.6.2.25)."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from awase.functions.amf.states import State
from awase.model.ids import FiveGGuti, Plmn, SNssai, Supi, Tai
from awase.protocols.nas.elements import FiveGSTmsi, Suci
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from awase.functions.amf.procedures.paging import Paging
    from awase.functions.amf.procedures.sm_context import Update
    from awase.model.machine import Running, Timer
    from awase.protocols.nas.elements import FiveGSMobileIdentity, Imei, Nssai, UeSecurityCapability
    from awase.protocols.nas.entity import SecurityContext
    from awase.protocols.nas.messages import RegistrationRequest, ServiceRequest
    from awase.protocols.ngap.elements import (
        NRCGI,
        GlobalRANNodeID,
        UEAggregateMaximumBitRate,
        UERadioCapabilityForPaging,
    )


class Gnb:
    """An NG-RAN node behind one SCTP association."""

    __slots__ = (
        "association",
        "connections",
        "global_ran_node_id",
        "name",
        "next_stream",
        "overloaded",
        "peer",
        "released",
        "set_up",
        "streams",
        "tais",
        "unauthenticated",
    )

    def __init__(self, association: int, peer: str, streams: int) -> None:
        self.association = association
        self.peer = peer
        self.streams = max(streams, 2)
        self.next_stream = 1
        self.set_up = False
        self.overloaded = False
        """It was sent OVERLOAD START."""
        self.name = peer
        self.global_ran_node_id: GlobalRANNodeID | None = None
        self.tais: dict[Tai, tuple[SNssai, ...]] = {}
        self.connections: dict[int, NgConnection] = {}
        """By RAN UE NGAP ID."""
        self.unauthenticated: OrderedDict[int, NgConnection] = OrderedDict()
        self.released: OrderedDict[int, int] = OrderedDict()
        """AMF UE NGAP ID to RAN UE NGAP ID where a UE CONTEXT RELEASE COMPLETE is still to come."""

    def plmns(self) -> tuple[Plmn, ...]:
        """The PLMNs that it broadcasts."""
        return tuple(dict.fromkeys(tai.plmn for tai in self.tais))

    def stream(self) -> int:
        """A stream for another UE: 1 to n-1 in turn, 0 is for the node itself (TS 38.412 clause 7)."""
        stream = self.next_stream
        self.next_stream = stream % (self.streams - 1) + 1
        return stream


class AccessContext(Enum):
    """The UE context in the NG-RAN node (TS 38.413 clause 8.3.1)."""

    NONE = "none"
    BEING_SET_UP = "being set up"
    SET_UP = "set up"


class NgConnection:
    """A UE-associated logical NG-connection (TS 38.413 clause 3.1)."""

    __slots__ = (
        "access_context",
        "amf_ue_ngap_id",
        "context_requested",
        "gnb",
        "holding",
        "k_gnb_count",
        "ncc",
        "nh",
        "nr_cgi",
        "ran_ue_ngap_id",
        "rrc_establishment_cause",
        "secure",
        "started_ns",
        "stream",
        "tai",
        "timer",
        "ue",
        "waiting",
    )

    def __init__(self, gnb: Gnb, amf_ue_ngap_id: int, ran_ue_ngap_id: int, ue: Ue, tai: Tai) -> None:
        self.gnb = gnb
        self.amf_ue_ngap_id = amf_ue_ngap_id
        self.ran_ue_ngap_id = ran_ue_ngap_id
        self.stream = gnb.stream()
        self.ue = ue
        self.tai = tai
        self.nr_cgi: NRCGI | None = None
        self.rrc_establishment_cause: str | None = None
        self.context_requested = False
        self.holding = False
        """What comes for the UE waits: its service request, or its node's wish to release it, is not done yet."""
        self.k_gnb_count = 0
        """The uplink NAS COUNT from which the node's K_gNB was derived."""
        self.nh = b""
        self.ncc = 0
        """Next hop and its chaining counter (TS 33.501 clause 6.9.2.1.1); NCC 0 stands for the initial K_gNB."""
        self.access_context = AccessContext.NONE
        self.secure = False
        """Secure exchange of NAS messages is established (TS 24.501 clause 4.4.2.5)."""
        self.started_ns = 0
        self.timer: Timer | None = None
        self.waiting: list[Callable[[], None]] = []
        """What must follow the INITIAL CONTEXT SETUP RESPONSE."""


class SmMessage(NamedTuple):
    """5GSM message for the UE, and N2 SM information for its node, either may be empty."""

    pdu_session_id: int
    s_nssai: SNssai | None
    n1: bytes = b""
    n2: bytes = b""
    n2_type: str = ""


class Session:
    """A PDU session routing context (TS 24.501 clause 5.4.5.2.3)."""

    __slots__ = ("active", "busy", "dnn", "pdu_session_id", "s_nssai", "sm_context", "smf", "token", "ue", "waiting")

    def __init__(self, ue: Ue, pdu_session_id: int, s_nssai: SNssai, dnn: str, smf: str) -> None:
        self.ue = ue
        """Whose it is; a new context of the same UE takes it over."""
        self.pdu_session_id = pdu_session_id
        self.s_nssai = s_nssai
        self.dnn = dnn
        self.smf = smf
        self.sm_context = ""
        """The path of the SM context at the SMF; "" until it is created."""
        self.token = ""
        """What the callback that the SMF was given for this context ends with."""
        self.active = False
        """The user plane is, or is being, activated."""
        self.busy = False
        self.waiting: list[Update] = []


class Ue:
    """A 5GMM context, and what belongs to it."""

    __slots__ = (
        "allowed",
        "ambr",
        "configured",
        "connection",
        "default_slices",
        "dnns",
        "drx",
        "eap_failure",
        "expects",
        "explanation",
        "guti",
        "identity",
        "idle_timer",
        "number",
        "old_guti",
        "paging",
        "pei",
        "procedure",
        "radio_capability",
        "radio_capability_for_paging",
        "reachable",
        "registered_at_udm",
        "registration_area",
        "request",
        "sdm_subscription",
        "security",
        "security_capability",
        "service",
        "sessions",
        "state",
        "subscribed",
        "supi",
        "t3512_s",
        "update",
        "uplink_count",
        "used_ng_ksi",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.state = State.DEREGISTERED
        self.connection: NgConnection | None = None
        self.procedure: Running | None = None
        self.expects: tuple[type, ...] = ()
        """The 5GMM messages that the running common procedure waits for."""
        self.explanation: tuple[str, str] | None = None
        """Why it is about to be turned away: a sentence, and the configuration behind it."""
        self.supi: Supi | None = None
        """Known to be true only in `Amf.by_supi`: before, the claim of a 5G-GUTI."""
        self.identity: FiveGSMobileIdentity | None = None
        self.guti: FiveGGuti | None = None
        self.old_guti: FiveGGuti | None = None
        self.pei: Imei | None = None
        self.security: SecurityContext | None = None
        self.eap_failure: bytes | None = None
        """What AUTHENTICATION REJECT has to carry (TS 24.501 clause 5.4.1.2.1)."""
        self.used_ng_ksi = 6
        """The ngKSI last given out; a new one is taken each time (TS 24.501 clause 5.4.1.3.2)."""
        self.uplink_count = 0
        """NAS COUNT of the message from which K_gNB is derived."""
        self.security_capability: UeSecurityCapability | None = None
        self.request: RegistrationRequest | None = None
        self.service: ServiceRequest | None = None
        self.subscribed: tuple[SNssai, ...] = ()
        self.default_slices: tuple[SNssai, ...] = ()
        self.dnns: dict[SNssai, tuple[str, ...]] = {}
        """By slice, the default DNN first."""
        self.ambr: UEAggregateMaximumBitRate | None = None
        self.allowed: tuple[SNssai, ...] = ()
        self.configured: Nssai = ()
        self.registration_area: tuple[Tai, ...] = ()
        self.radio_capability: bytes | None = None
        self.radio_capability_for_paging: UERadioCapabilityForPaging | None = None
        self.drx: str | None = None
        """The UE specific DRX cycle, as paging names it (TS 24.501 clause 9.11.3.2A)."""
        self.t3512_s = 0
        """The periodic registration time that the UE was told; 0: none."""
        self.paging: Paging | None = None
        self.reachable = True
        """The paging proceed flag: until the mobile reachable timer expires (TS 24.501 clause 5.3.7)."""
        self.update: Running | None = None
        """The generic UE configuration update procedure under way."""
        self.sessions: dict[int, Session] = {}
        self.registered_at_udm = False
        self.sdm_subscription = ""
        """The path of the subscription to changes of its data at the UDM."""
        self.idle_timer: Timer | None = None

    @property
    def subject(self) -> str:
        """Whom an event is about: the SUPI, as far as it is known or was said in clear."""
        return self.supi or self._said()

    def name(self) -> str:
        """The UE in a sentence."""
        return self.supi or f"a UE that says it is {self._said() or self._claim()}"

    def _said(self) -> str:
        """The SUPI in a SUCI of the null scheme, which hides nothing (TS 33.501 clause C.2)."""
        identity = self.identity
        if not isinstance(identity, Suci) or identity.protection_scheme_id != 0:
            return ""
        try:
            return f"imsi-{identity.plmn.mcc}{identity.plmn.mnc}{identity.msin}"
        except DecodeError:
            return ""

    def _claim(self) -> str:
        identity = self.identity
        if isinstance(identity, FiveGGuti | FiveGSTmsi):
            return f"5G-TMSI {identity.five_g_tmsi:08x}"
        if isinstance(identity, Suci):
            key = identity.home_network_public_key_identifier
            return f"a subscriber of {identity.plmn} (SUCI under home network key {key})"
        return type(identity).__name__ if identity is not None else "nobody"
