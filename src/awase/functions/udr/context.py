"""What a UDR keeps of one subscriber: provisioned data, and the context data that the UDM writes."""

from awase.model.settings import Ambr as ConfiguredAmbr
from awase.model.settings import Arp as ConfiguredArp
from awase.model.settings import Slice, SubscribedDnn, Subscriber
from awase.protocols.sbi.data_types import Ambr, Arp, Snssai, SubscribedDefaultQos, bit_rate
from awase.protocols.sbi.nudm_sdm import (
    AccessAndMobilitySubscriptionData,
    DnnConfiguration,
    DnnInfo,
    IpAddress,
    Nssai,
    PduSessionTypes,
    SessionManagementSubscriptionData,
    SmfSelectionSubscriptionData,
    SnssaiInfo,
    SscModes,
)
from awase.protocols.sbi.nudr_dr import AuthenticationSubscription, SequenceNumber
from awase.security.authentication import MILENAGE, TUAK

IND_LENGTH = 5
"""Bits of IND in a sequence number (TS 33.102 annex C.3.2)."""

_DEFAULT_5QI = 9
_DEFAULT_ARP = Arp(priority_level=8, preempt_cap="NOT_PREEMPT", preempt_vuln="NOT_PREEMPTABLE")
_SESSION_TYPES = PduSessionTypes(default_session_type="IPV4", allowed_session_types=("IPV4", "IPV6", "IPV4V6"))
_SSC_MODES = SscModes(default_ssc_mode="SSC_MODE_1", allowed_ssc_modes=("SSC_MODE_1",))


class SubscriberContext:
    """One subscriber."""

    __slots__ = (
        "amf_3gpp_access",
        "authentication_status",
        "constant",
        "dnns",
        "sdm_subscriptions",
        "slices",
        "smf_registrations",
        "sqn",
        "subscriber",
        "withdrawn",
    )

    def __init__(
        self,
        subscriber: Subscriber,
        constant: str,
        sqn: str,
        slices: tuple[Slice, ...],
        dnns: tuple[str, ...],
    ) -> None:
        self.subscriber = subscriber
        # OPc or TOPc.
        self.constant = constant
        self.sqn = sqn
        self.slices = slices
        self.dnns = dnns
        self.withdrawn = False
        # JSON as it was put: what we do not know of it is kept (TS 29.501 clause 5.2.5).
        self.authentication_status: bytes | None = None
        self.amf_3gpp_access: bytes | None = None
        self.smf_registrations: dict[int, bytes] | None = None
        self.sdm_subscriptions: dict[str, bytes] | None = None

    def authentication_subscription(self) -> AuthenticationSubscription:
        """TS 29.505 clause 5.4.2.2."""
        subscriber = self.subscriber
        return AuthenticationSubscription(
            authentication_method=subscriber.authentication_method,
            enc_permanent_key=subscriber.k.lower(),
            sequence_number=SequenceNumber(
                sqn_scheme="NON_TIME_BASED",
                sqn=self.sqn,
                ind_length=IND_LENGTH,
            ),
            authentication_management_field=subscriber.amf.lower(),
            algorithm_id=subscriber.algorithm,
            enc_opc_key=self.constant if subscriber.algorithm == MILENAGE else None,
            enc_topc_key=self.constant if subscriber.algorithm == TUAK else None,
            supi=subscriber.supi,
        )

    def am_data(self) -> AccessAndMobilitySubscriptionData:
        """TS 29.503 clause 6.1.6.2.4."""
        s_nssais = tuple(_snssai(s) for s in self.slices)
        return AccessAndMobilitySubscriptionData(
            subscribed_ue_ambr=_ambr(self.subscriber.ambr),
            nssai=Nssai(default_single_nssais=s_nssais) if s_nssais else None,
        )

    def smf_selection_subscription_data(self) -> SmfSelectionSubscriptionData:
        """TS 29.503 clause 6.1.6.2.5; the first DNN is the default one."""
        infos = tuple(DnnInfo(dnn=dnn, default_dnn_indicator=index == 0) for index, dnn in enumerate(self.dnns))
        return SmfSelectionSubscriptionData(
            subscribed_snssai_infos={_key(s): SnssaiInfo(dnn_infos=infos) for s in self.slices} or None
        )

    def sm_data(self, snssai: Snssai | None, dnn: str | None) -> list[SessionManagementSubscriptionData]:
        """TS 29.503 clause 6.1.6.2.8: for one S-NSSAI and one DNN, or for all of them."""
        dnns = [name for name in self.dnns if dnn is None or name == dnn]
        if not dnns:
            return []
        configurations = {name: self._configuration(name) for name in dnns}
        return [
            SessionManagementSubscriptionData(single_nssai=_snssai(s), dnn_configurations=configurations)
            for s in self.slices
            if snssai is None or _snssai(s).s_nssai() == snssai.s_nssai()
        ]

    def _configuration(self, dnn: str) -> DnnConfiguration:
        """What the subscriber has in a DNN: its own, or what all have."""
        session = next((entry for entry in self.subscriber.sessions if entry.dnn == dnn), None)
        if session is None:
            return DnnConfiguration(
                pdu_session_types=_SESSION_TYPES,
                ssc_modes=_SSC_MODES,
                five_g_qos_profile=SubscribedDefaultQos(five_qi=_DEFAULT_5QI, arp=_DEFAULT_ARP, priority_level=8),
                session_ambr=_ambr(self.subscriber.session_ambr),
            )
        return DnnConfiguration(
            pdu_session_types=_types(session),
            ssc_modes=_modes(session),
            five_g_qos_profile=SubscribedDefaultQos(
                five_qi=session.five_qi or _DEFAULT_5QI, arp=_arp(session.arp), priority_level=8
            ),
            session_ambr=_ambr(session.session_ambr or self.subscriber.session_ambr),
            static_ip_address=_addresses(session),
        )


def _types(session: SubscribedDnn) -> PduSessionTypes:
    if not session.types:
        return _SESSION_TYPES
    names = tuple(name.upper() for name in session.types)
    return PduSessionTypes(default_session_type=names[0], allowed_session_types=names)


def _modes(session: SubscribedDnn) -> SscModes:
    if not session.ssc_modes:
        return _SSC_MODES
    names = tuple(f"SSC_MODE_{mode}" for mode in session.ssc_modes)
    return SscModes(default_ssc_mode=names[0], allowed_ssc_modes=names)


def _arp(arp: ConfiguredArp | None) -> Arp:
    if arp is None:
        return _DEFAULT_ARP
    return Arp(
        priority_level=arp.priority_level,
        preempt_cap="MAY_PREEMPT" if arp.may_pre_empt else "NOT_PREEMPT",
        preempt_vuln="PREEMPTABLE" if arp.pre_emptable else "NOT_PREEMPTABLE",
    )


def _addresses(session: SubscribedDnn) -> tuple[IpAddress, ...] | None:
    found = []
    if session.address is not None:
        found.append(IpAddress(ipv4_addr=session.address))
    if session.prefix is not None:
        found.append(IpAddress(ipv6_prefix=session.prefix))
    return tuple(found) or None


def _snssai(slice_: Slice) -> Snssai:
    return Snssai(sst=slice_.sst, sd=slice_.sd)


def _key(slice_: Slice) -> str:
    # TS 29.571 clause 5.4.4.2: SST, and the SD behind a hyphen.
    return str(slice_.sst) if slice_.sd is None else f"{slice_.sst}-{slice_.sd}"


def _ambr(ambr: ConfiguredAmbr) -> Ambr:
    return Ambr(uplink=bit_rate(ambr.uplink_mbps * 1e6), downlink=bit_rate(ambr.downlink_mbps * 1e6))
