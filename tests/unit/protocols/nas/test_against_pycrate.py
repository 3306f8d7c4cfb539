"""Messages with every element at once: pycrate finds the same elements in our octets, and writes the same octets."""

import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_FGMM import FGMMTypeClasses
    from pycrate_mobile.TS24501_FGSM import FGSMTypeClasses

from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai, Tai
from awase.protocols.nas import elements as e
from awase.protocols.nas import indications as i
from awase.protocols.nas import network_elements as n
from awase.protocols.nas import network_lists as nl
from awase.protocols.nas import network_policies as p
from awase.protocols.nas import other_systems as o
from awase.protocols.nas import session_elements as s
from awase.protocols.nas.codec import decode, encode, layout
from awase.protocols.nas.layout import OpenEnum
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES, FIVE_GSM_MESSAGES, FiveGSMMessage

PLMN = Plmn("001", "01")
GUTI = FiveGGuti(Guami(PLMN, 2, 1, 3), 0xC0000001)
KINDS = {**FIVE_GMM_MESSAGES, **FIVE_GSM_MESSAGES}
PYCRATE = {**FGMMTypeClasses, **FGSMTypeClasses}

LEFT_OUT: dict[int, tuple[str, ...]] = {
    0x41: ("n5gc_indication",),
    0x42: (
        "negotiated_wus_assistance_information",
        "negotiated_peips_assistance_information",
        "five_gs_additional_request_result",
        "ciphering_key_data",
        "nssrg_information",
        "nsag_information",
    ),
    0x54: ("nssrg_information", "nsag_information"),
    0xC3: ("re_attempt_indicator",),
    0xCA: ("re_attempt_indicator",),
}
"""What pycrate 0.8.1 has under other identifiers or with other lengths than TS 24.501, without a value, or refills."""

TAGGED = ("Type1TV", "Type2", "Type3TV", "Type4TLV", "Type6TLVE")

SUGGESTED = s.PduAddress(interface_identifier=bytes(range(8)))
IDENTITIES: dict[str, Any] = {
    "imeisv": e.Imei(digits="3569380356438091", type_of_identity=e.IdentityType.imeisv),
    "non_imeisv_pei": e.OtherIdentity(octets=b"\x06" + bytes(6)),
    "five_g_s_tmsi": e.FiveGSTmsi.of(GUTI),
}

SERVICE_LEVEL_AA_PAYLOAD_TYPE = bytes.fromhex("750100")
"""pycrate writes zeros of its own over a service-level-AA container that has no parameter."""

ONE_TAI = e.TaiList.of((Tai(PLMN, 7),))
MAPPED = e.SNssaiElement(s_nssai=SNssai(1, "0000aa"))
SAMPLES: dict[str, Any] = {
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
    "Nid": o.Nid(assignment_mode=1, value=0x0123456789),
    "EthernetHeaderCompression": o.EthernetHeaderCompression(cid_length=o.CidLength.seven_bits),
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
        (nl.PartialExtendedRejectedNssai(rejected=(nl.ExtendedRejectedSNssai(s_nssai=MAPPED, cause=1),)),)
    ),
    "WaitRange": n.WaitRange(minimum=0x21, maximum=0x25),
    "RequestTypeOfUe": n.RequestTypeOfUe(value=1),
    "TruncatedFiveGSTmsiConfiguration": n.TruncatedFiveGSTmsiConfiguration(amf_set_id_bits=4, amf_pointer_bits=3),
    "CagInformationList": nl.CagInformationList(
        (nl.ClosedAccessGroup(plmn=PLMN, only_through_cag_cells=True, cag_ids=(7, 9)),)
    ),
    "EpsBearerContextStatus": n.EpsBearerContextStatus((5, 6)),
    "EpsNasSecurityAlgorithms": n.EpsNasSecurityAlgorithms(eea=2, eia=1),
    "NoneType": None,
    "bytes": b"",
    "FiveGSRegistrationType": e.FiveGSRegistrationType(value=e.RegistrationType(2), follow_on_request=True),
    "FiveGMMCapability": e.FiveGMMCapability(octets=b"\x07"),
    "UeSecurityCapability": e.UeSecurityCapability.of((0, 1, 2), (1, 2), eps=True),
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


def sample(name: str, hint: str, length: int, half: bool) -> Any:
    if name == "suggested_interface_identifier":
        return SUGGESTED
    if "FiveGGuti" in hint:
        return IDENTITIES.get(name, GUTI)
    for key in (k for k in SAMPLES if k.endswith("...") or k == "DNN"):
        if key in hint:
            return SAMPLES[key]
    for key, value in SAMPLES.items():
        if hint.removesuffix(" | None").rpartition(".")[2] == key or hint.removesuffix(" | None") == key:
            return bytes(range(1, length + 1)) if key == "bytes" else value
    if "int" in hint.split(" | ") and half:
        return 1
    return 5 if "int" in hint.split(" | ") else None


def whole(message_type: int) -> Any:
    """A message with every element that we and pycrate have."""
    kind = KINDS[message_type]
    table = layout(kind)
    heads = {"V": 0, "LV": 1, "LV-E": 2, "TV": 1, "TLV": 2, "TLV-E": 3}
    fields: dict[str, Any] = {"pdu_session_id": 5, "pti": 7} if issubclass(kind, FiveGSMMessage) else {}
    used: set[int] = set()
    for row in (*table.imperative, *table.optional):
        if row.name in LEFT_OUT.get(message_type, ()) or (row.ie.iei and row.ie.iei in used):
            continue
        used.add(row.ie.iei)
        half = row.ie.format in ("V1/2", "TV1/2")
        hint = str(kind.__annotations__[row.name].__origin__)
        enumeration = kind.__annotations__[row.name].__origin__
        members = getattr(enumeration, "__args__", (enumeration,))
        enums = [m for m in members if isinstance(m, type) and issubclass(m, OpenEnum)]
        length = 0 if half else row.ie.shortest - heads[row.ie.format]
        if enums:
            fields[row.name] = next(iter(enums[0]))
        elif row.name == "service_level_aa_container":
            fields[row.name] = SERVICE_LEVEL_AA_PAYLOAD_TYPE
        elif "bytes" in hint and row.ie.iei and not half:
            fields[row.name] = bytes(length)
        else:
            fields[row.name] = sample(row.name, _plain(hint), length, half)
    return kind(**fields)


def _plain(hint: str) -> str:
    return hint.removeprefix("<class '").removesuffix("'>")


@pytest.mark.parametrize("message_type", sorted(KINDS))
def test_pycrate_reads_and_writes_what_we_write(message_type: int) -> None:
    message = whole(message_type)
    octets = encode(message)
    assert decode(octets) == message
    oracle = PYCRATE[message_type]()
    oracle.from_bytes(octets)
    assert oracle.to_bytes().hex() == octets.hex()
    present = {
        element["T"].get_val()
        for element in oracle._content[1:]
        if type(element).__name__ in ("Type1TV", "Type2", "Type3TV", "Type4TLV", "Type6TLVE")
        and not element.get_trans()
    }
    ours = {row.ie.iei for row in layout(type(message)).optional if getattr(message, row.name) is not None}
    assert present == ours
