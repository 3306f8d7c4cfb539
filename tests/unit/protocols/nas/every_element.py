"""Every message of TS 24.501 clause 8 with every element of its table, each with something in all its parts."""

from collections.abc import Collection
from enum import IntFlag
from typing import Any

from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai, Tai
from awase.protocols.nas import containers as c
from awase.protocols.nas import elements as e
from awase.protocols.nas import eps_capabilities as eps
from awase.protocols.nas import half_octets as h
from awase.protocols.nas import indications as i
from awase.protocols.nas import multicast as mc
from awase.protocols.nas import network_elements as n
from awase.protocols.nas import network_lists as nl
from awase.protocols.nas import network_policies as p
from awase.protocols.nas import other_systems as o
from awase.protocols.nas import proximity as px
from awase.protocols.nas import service_level_aa as aa
from awase.protocols.nas import session_elements as s
from awase.protocols.nas.codec import layout
from awase.protocols.nas.layout import OpenEnum
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES, FIVE_GSM_MESSAGES, FiveGSMMessage

PLMN = Plmn("001", "01")
GUTI = FiveGGuti(Guami(PLMN, 2, 1, 3), 0xC0000001)
KINDS = {**FIVE_GMM_MESSAGES, **FIVE_GSM_MESSAGES}

ONE_TAI = e.TaiList.of((Tai(PLMN, 7),))
SLICE = e.SNssaiElement(s_nssai=SNssai(1, "0000aa"))
TMGI = mc.Tmgi(service_id=0x010203, plmn=PLMN)

IDENTITIES: dict[str, Any] = {
    "imeisv": e.Imei(digits="3569380356438091", type_of_identity=e.IdentityType.imeisv),
    "non_imeisv_pei": e.OtherIdentity(octets=b"\x06" + bytes(6)),
    "five_g_s_tmsi": e.FiveGSTmsi.of(GUTI),
}

BY_NAME: dict[str, Any] = {
    **IDENTITIES,
    "suggested_interface_identifier": s.PduAddress(interface_identifier=bytes(range(8))),
    "ngksi": 5,
    "eap_message": bytes.fromhex("03000004"),
    "abba": b"\x00\x00",
    "eps_nas_message_container": bytes.fromhex("0748 71 0b f6 00f110 0001 02 c0000001"),
    "nas_message_container": bytes.fromhex("7e0041 79 000d 01 00f110 f0ff 00 00 0000000010"),
    "payload_container": bytes.fromhex("2e 05 07 d6 1a"),
}

SAMPLES: dict[str, Any] = {
    "MaximumNumberOfSupportedPacketFilters": h.MaximumNumberOfSupportedPacketFilters(1024),
    "ReAttemptIndicator": i.ReAttemptIndicator(ratc=True),
    "CongestionReAttemptIndicator": i.CongestionReAttemptIndicator(abo=True),
    "ServingPlmnRateControl": i.ServingPlmnRateControl(value=10),
    "FiveGSMNetworkFeatureSupport": i.FiveGSMNetworkFeatureSupport(octets=b"\x01"),
    "PagingRestriction": i.PagingRestriction(type=i.PagingRestrictionType(3), sessions=e.PduSessionIds((5,))),
    "PduSessionPairId": i.PduSessionPairId(value=3),
    "OnePlmn": i.OnePlmn(PLMN),
    "AdditionalInformationRequested": i.AdditionalInformationRequested(cipher_key=True),
    "UeRadioCapabilityId": i.UeRadioCapabilityId(digits="0123ab"),
    "OperatorDefinedAccessCategories": p.OperatorDefinedAccessCategories(
        (p.OperatorDefinedAccessCategory(precedence=1, number=2, criteria=(p.Criteria(dnns=("ims",)),)),)
    ),
    "NssrgInformation": p.NssrgInformation((p.SliceRegistrationGroups(s_nssai=SLICE, groups=(1, 9)),)),
    "NsagInformation": p.NsagInformation(
        (p.Nsag(identifier=5, s_nssais=(SNssai(1, "0000aa"),), priority=200, tai_list=ONE_TAI),)
    ),
    "CipheringKeyData": p.CipheringKeyData(
        (
            p.CipheringDataSet(
                ciphering_set_id=258,
                ciphering_key=bytes(range(16)),
                c0=b"\xc0",
                eutra_positioning_sib_types=b"\x80",
                nr_positioning_sib_types=b"\x40",
                validity_start_time=bytes.fromhex("6211223264"),
                validity_duration=1440,
                tai_list=ONE_TAI,
            ),
        )
    ),
    "Nid": o.Nid(assignment_mode=1, value=0x0123456789),
    "EthernetHeaderCompression": o.EthernetHeaderCompression(cid_length=o.CidLength.seven_bits),
    "EthernetPortMacAddress": o.EthernetPortMacAddress(bytes.fromhex("020000000001")),
    "ResidenceTime": o.ResidenceTime(bytes.fromhex("0000000012340000")),
    "IpHeaderCompression": o.IpHeaderCompression(
        profiles=(o.HeaderCompressionProfile.p0x0002, o.HeaderCompressionProfile.p0x0104),
        max_cid=15,
        context_type=o.HeaderCompressionContextType.p0x0002_udp_ip,
        context_setup=b"\x01\x02",
    ),
    "MappedEpsBearerContexts": o.MappedEpsBearerContexts(
        (o.MappedEpsBearerContext(eps_bearer_identity=5, operation=o.EpsBearerOperation.delete_existing_eps_bearer),)
    ),
    "WusAssistance": p.WusAssistance(((p.WusInformationType.ue_paging_probability, 4),)),
    "PeipsAssistance": p.PeipsAssistance(((p.PeipsInformationType.paging_subgroup_id, 7),)),
    "NetworkName": n.NetworkName.of("Awase"),
    "TimeZone": n.TimeZone.of_minutes(-90),
    "UniversalTimeAndLocalTimeZone": n.UniversalTimeAndLocalTimeZone.of(
        (2026, 12, 31, 23, 59, 58), n.TimeZone.of_minutes(120)
    ),
    "DaylightSavingTime": n.DaylightSavingTime(hours=1),
    "ReactivationErrors": n.ReactivationErrors((n.ReactivationError(5, 28), n.ReactivationError(6, 92))),
    "ServiceAreaList": nl.ServiceAreaList(partial_lists=(nl.PartialServiceAreaList(allowed=False, tais=ONE_TAI),)),
    "LadnInformation": nl.LadnInformation((nl.Ladn(dnn="stadium", tai_list=ONE_TAI),)),
    "LadnIndication": nl.LadnIndication(("stadium", "mall")),
    "EmergencyNumberList": nl.EmergencyNumberList((nl.EmergencyNumber(digits="112", category=1),)),
    "ExtendedEmergencyNumberList": nl.ExtendedEmergencyNumberList(
        only_in_plmn=True, numbers=(nl.ExtendedEmergencyNumber(digits="1122", sub_services=b"\x03sos"),)
    ),
    "DrxParameters": n.DrxParameters(value=n.DrxValue.t64),
    "ExtendedDrxParameters": n.ExtendedDrxParameters(paging_time_window=3, edrx_value=2),
    "UeStatus": n.UeStatus(n1_mode_registered=True),
    "UpdateType": n.UpdateType(sms_requested=True, five_gs_pnb_ciot=1),
    "MappedNssai": nl.MappedNssai((nl.MappedSNssai(s_nssai=SNssai(1, "0000aa")), nl.MappedSNssai(s_nssai=SNssai(2)))),
    "ExtendedRejectedNssai": nl.ExtendedRejectedNssai(
        (nl.PartialExtendedRejectedNssai(rejected=(nl.ExtendedRejectedSNssai(s_nssai=SLICE, cause=1),)),)
    ),
    "WaitRange": n.WaitRange(minimum=0x21, maximum=0x25),
    "RequestTypeOfUe": n.RequestTypeOfUe(value=1),
    "TruncatedFiveGSTmsiConfiguration": n.TruncatedFiveGSTmsiConfiguration(amf_set_id_bits=4, amf_pointer_bits=3),
    "CagInformationList": nl.CagInformationList(
        (nl.ClosedAccessGroup(plmn=PLMN, only_through_cag_cells=True, cag_ids=(7, 9)),)
    ),
    "ExtendedCagInformationList": nl.ExtendedCagInformationList(
        (nl.ExtendedClosedAccessGroup(plmn=PLMN, only_through_cag_cells=True, cag_ids=(7, 9)),)
    ),
    "EpsBearerContextStatus": n.EpsBearerContextStatus((5, 6)),
    "EpsNasSecurityAlgorithms": n.EpsNasSecurityAlgorithms(eea=2, eia=1),
    "FiveGSRegistrationType": e.FiveGSRegistrationType(value=e.RegistrationType(2), follow_on_request=True),
    "FiveGMMCapability": e.FiveGMMCapability(octets=b"\x07"),
    "UeSecurityCapability": e.UeSecurityCapability.of((0, 1, 2), (1, 2), eps=True),
    "S1UeNetworkCapability": eps.S1UeNetworkCapability.of(
        (0, 1, 2), (1, 2), uea=(0, 1), uia=(1,), features=(eps.EpsFeature.lpp, eps.EpsFeature.n1mode)
    ),
    "S1UeSecurityCapability": eps.S1UeSecurityCapability.of((0, 1, 2), (1, 2), (0, 1), (1,), (1, 3)),
    "MobileStationClassmark2": eps.MobileStationClassmark2(es_ind=True, sm_capability=True, cm3=True, a5_3=True),
    "SupportedCodecList": eps.SupportedCodecList(
        (
            eps.CodecBitmap.of(eps.AccessSystem.gsm, (eps.SpeechCodec.gsm_efr, eps.SpeechCodec.fr_amr_wb)),
            eps.CodecBitmap.of(eps.AccessSystem.umts, (eps.SpeechCodec.umts_amr_2, eps.SpeechCodec.umts_amr_wb)),
        )
    ),
    "PduSessionIds": e.PduSessionIds((1, 5, 15)),
    "GprsTimer2": e.GprsTimer2(1, 9),
    "GprsTimer3": e.GprsTimer3(1, 9),
    "DeregistrationType": e.DeregistrationType(switch_off=True),
    "FiveGSRegistrationResult": e.FiveGSRegistrationResult(sms_allowed=True),
    "FiveGSNetworkFeatureSupport": e.FiveGSNetworkFeatureSupport(octets=b"\x01\x02"),
    "TaiList": e.TaiList.of((Tai(PLMN, 1), Tai(PLMN, 9))),
    "ConfigurationUpdateIndication": e.ConfigurationUpdateIndication(acknowledgement_requested=True),
    "SelectedNasSecurityAlgorithms": e.SelectedNasSecurityAlgorithms(nea=2, nia=1),
    "Additional5GSecurityInformation": e.Additional5GSecurityInformation(horizontal_derivation_parameter=True),
    "SNssaiElement": e.SNssaiElement(s_nssai=SNssai(1, "0000aa"), mapped_hplmn_s_nssai=SNssai(2, "0000bb")),
    "SorTransparentContainer": c.SorTransparentContainer(
        c.SteeringOfRoaming(
            mac=bytes(range(16)),
            counter=1,
            acknowledgement_requested=True,
            plmns=(c.PreferredPlmn(plmn=PLMN, access_technology=0x0800),),
        )
    ),
    "DnSpecificIdentity": c.DnSpecificIdentity("user@example.org"),
    "CiotSmallDataContainer": c.CiotSmallDataContainer(pdu_session_id=5, data=bytes(40)),
    "ServiceLevelAaContainer": aa.ServiceLevelAaContainer(
        (
            aa.ServiceLevelDeviceId("CAA-7"),
            aa.ServiceLevelAaServerAddress(ipv4="192.0.2.1", ipv6="2001:db8::1"),
            aa.ServiceLevelAaResponse(slar=aa.ServiceLevelResult.successful),
            aa.ServiceLevelAaPayloadType(aa.ServiceLevelPayloadType.uuaa_payload),
            aa.ServiceLevelAaPayload(b"\x01\x02\x03"),
        )
    ),
    "RequestedMbsContainer": mc.RequestedMbsContainer(
        (mc.RequestedMbsInformation(operation=mc.MbsOperation.join_multicast_mbs_session, session=TMGI),)
    ),
    "ReceivedMbsContainer": mc.ReceivedMbsContainer(
        (mc.ReceivedMbsInformation(decision=mc.MbsDecision.mbs_join_is_accepted, tmgi=TMGI, tai_list=ONE_TAI),)
    ),
    "RemoteUeContextList": px.RemoteUeContextList(
        (
            px.RemoteUeContext(
                type=px.RemoteUeIdType.cp_pruk_id,
                identity="7@relay",
                protocol=px.RemoteUeProtocol.ipv4,
                address=bytes((10, 0, 0, 1)),
                udp_ports=(1000, 2000),
            ),
        )
    ),
    "RelayKeyRequestParameters": px.RelayKeyRequestParameters(
        relay_service_code=7, nonce_1=bytes(range(16)), suci=e.Suci.null(PLMN, "0000000001")
    ),
    "RelayKeyResponseParameters": px.RelayKeyResponseParameters(
        knr_prose=bytes(range(32)), nonce_2=bytes(range(16)), cp_pruk_id=b"7@relay"
    ),
    "IntegrityProtectionMaximumDataRate": s.IntegrityProtectionMaximumDataRate(),
    "FiveGSMCapability": s.FiveGSMCapability(octets=b"\x01"),
    "ExtendedProtocolConfigurationOptions": s.ExtendedProtocolConfigurationOptions.of(((0x0A, b""), (0x0D, bytes(4)))),
    "SessionAmbr": s.SessionAmbr.of_bps(downlink_bps=10**9, uplink_bps=10**8),
    "PduAddress": s.PduAddress(ipv4="10.45.0.2"),
    "Tai": Tai(PLMN, 7),
    "tuple[awase.model.ids.Plmn, ...]": (PLMN, Plmn("310", "410")),
    "SNssaiElement, ...": e.nssai((SNssai(1), SNssai(2, "0000ff"))),
    "RejectedSNssai, ...": (e.RejectedSNssai(s_nssai=SNssai(1, "0000ff"), cause=1),),
    "QosRule, ...": (s.default_qos_rule(1), s.default_qos_rule(2, 2, 9)),
    "QosFlowDescription, ...": (s.QosFlowDescription.create(1, 9),),
    "DNN": "internet.mnc001",
}
"""A value by the type of the element, as the message's annotation writes it."""

HEADS = {"V": 0, "LV": 1, "LV-E": 2, "TV": 1, "TLV": 2, "TLV-E": 3}
"""Octets of IEI and length by format."""


def whole(message_type: int, without: Collection[str] = ()) -> Any:
    """A message with every element of its table but those named."""
    kind = KINDS[message_type]
    table = layout(kind)
    fields: dict[str, Any] = {"pdu_session_id": 5, "pti": 7} if issubclass(kind, FiveGSMMessage) else {}
    for row in (*table.imperative, *table.optional):
        if row.name not in without:
            half = row.ie.format in ("V1/2", "TV1/2")
            length = 0 if half else row.ie.shortest - HEADS[row.ie.format]
            fields[row.name] = _sample(row.name, kind.__annotations__[row.name].__origin__, length, half=half)
    return kind(**fields)


def _sample(name: str, annotation: Any, length: int, *, half: bool) -> Any:
    if name in BY_NAME:
        return BY_NAME[name]
    members = getattr(annotation, "__args__", (annotation,))
    enumerations = [m for m in members if isinstance(m, type) and issubclass(m, OpenEnum | IntFlag)]
    if enumerations:
        return next(iter(enumerations[0]))
    hint = str(annotation).removeprefix("<class '").removesuffix("'>").removesuffix(" | None")
    if "FiveGGuti" in hint:
        return GUTI
    for key in (k for k in SAMPLES if k.endswith("...") or k == "DNN"):
        if key in hint:
            return SAMPLES[key]
    if hint.rpartition(".")[2] in SAMPLES or hint in SAMPLES:
        return SAMPLES.get(hint.rpartition(".")[2], SAMPLES.get(hint))
    if hint == "bytes":
        return bytes(length)
    assert hint == "int", (name, hint)
    return 1 if half else 5
