"""Every 5GMM and 5GSM message with every element, in stock tshark: a source for tables 8.2 and 8.3 that is not pycrate.

tshark 4.0.17 follows TS 24.501 version 16.8.0. It reads a message's elements in the order of its table, so that one
with another identifier, format or place would be left over as extraneous data.
"""

import struct
import subprocess
import xml.etree.ElementTree as ET

import pytest

from awase.protocols.nas.codec import encode, layout
from unit.protocols.nas.every_element import KINDS, whole

RELEASE_17_MESSAGES = {0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0xD8, 0xD9, 0xDA, 0xDB}
"""Relay keys, service-level authentication, remote UEs: no message types to tshark 4.0.17."""

FORBIDDEN_TAIS = ("forbidden_tai_list_for_roaming", "forbidden_tai_list_for_regional_provision_of_service")
REJECTED = ("disaster_return_wait_range", "extended_cag_information_list", "lower_bound_timer_value", *FORBIDDEN_TAIS)

NOT_KNOWN: dict[int, tuple[str, ...]] = {
    0x41: (
        "ue_request_type",
        "paging_restriction",
        "service_level_aa_container",
        "nid",
        "ms_determined_plmn_with_disaster_condition",
        "requested_peips_assistance_information",
        "requested_t3512_value",
    ),
    0x42: (
        "service_level_aa_container",
        "negotiated_peips_assistance_information",
        "five_gs_additional_request_result",
        "nssrg_information",
        "disaster_roaming_wait_range",
        "disaster_return_wait_range",
        "list_of_plmns_to_be_used_in_disaster_condition",
        *FORBIDDEN_TAIS,
        "extended_cag_information_list",
        "nsag_information",
    ),
    0x44: REJECTED,
    0x47: REJECTED,
    0x4C: ("ue_request_type", "paging_restriction"),
    0x4D: REJECTED,
    0x4E: ("five_gs_additional_request_result", *FORBIDDEN_TAIS),
    # Of these the first two are of Release 16; tshark has another identifier for the first.
    0x4F: ("additional_information", "allowed_pdu_session_status", "ue_request_type", "paging_restriction"),
    0x54: (
        "service_level_aa_container",
        "nssrg_information",
        "disaster_roaming_wait_range",
        "disaster_return_wait_range",
        "list_of_plmns_to_be_used_in_disaster_condition",
        "extended_cag_information_list",
        "updated_peips_assistance_information",
        "nsag_information",
        "priority_indicator",
    ),
    0x68: ("lower_bound_timer_value",),
    0xC1: ("service_level_aa_container", "requested_mbs_container", "pdu_session_pair_id", "rsn"),
    # The first is of Release 16, and of IEI 17 in later versions of tshark too.
    0xC2: ("five_gsm_network_feature_support", "service_level_aa_container", "received_mbs_container"),
    0xC3: ("service_level_aa_container",),
    0xC9: ("requested_mbs_container", "service_level_aa_container"),
    0xCB: ("received_mbs_container", "service_level_aa_container"),
    0xD3: ("service_level_aa_container",),
}
"""Elements that tshark 4.0.17 does not know, nearly all of Release 17, by message type."""

SAYS = {
    "authentication_failure_parameter": "Authentication Failure Parameter (UMTS and EPS authentication challenge)",
    "authentication_parameter_autn": "Authentication Parameter AUTN (UMTS and EPS authentication challenge)",
    "five_g_guti": "5GS mobile identity",
    "five_g_s_tmsi": "5GS mobile identity",
    "five_gs_mobile_identity": "5GS mobile identity",
    "imeisv": "5GS mobile identity",
    "mobile_identity": "5GS mobile identity",
    "identity_type": "5GS identity type",
    "ngksi": "NAS key set identifier",
    "non_current_native_nas_key_set_identifier": "NAS key set identifier - native KSI",
    "selected_nas_security_algorithms": "NAS security algorithms",
    "negotiated_extended_drx_parameters": "Extended DRX Parameters",
    "requested_extended_drx_parameters": "Extended DRX Parameters",
    "negotiated_nb_n1_mode_drx_parameters": "NB-N1 mode DRX parameters",
    "requested_nb_n1_mode_drx_parameters": "NB-N1 mode DRX parameters",
    "network_daylight_saving_time": "Daylight Saving Time",
    "non_3gpp_nw_policies": "Non-3GPP NW provided policies",
    "requested_mapped_nssai": "Mapped NSSAI",
    "requested_qos_flow_descriptions": "QoS flow descriptions - Authorized",
    "rq_timer_value": "GPRS Timer",
    "s1_ue_network_capability": "UE network capability",
    "short_name_for_network": "Network Name - Short Name",
    "t3447_value": "GPRS Timer 3 - T3447",
    "tai_list": "5GS tracking area identity list",
}
"""What tshark calls an element, where it is not the element's name in the table of clause 8, or that of its type."""

MANAGED = ("selected_ssc_mode",)
"""Half an octet that tshark shows without a heading of its own."""

VALUES: dict[int, dict[str, list[str]]] = {
    0x41: {
        "nas_eps.emm.lpp_cap": ["1"],
        "nas_eps.emm.n1mode_cap": ["1"],
        "nas_eps.emm.dcnr_cap": ["0"],
        "gsm_a.MSC_rev": ["2"],
        "gsm_a.ES_IND": ["1"],
        "gsm_a.A5_1_algorithm_sup": ["0"],
        "gsm_a.SM_cap": ["1"],
        "gsm_a.CM3": ["1"],
        "gsm_a.A5_3_algorithm_sup": ["1"],
        "gsm_a.A5_2_algorithm_sup": ["0"],
        "gsm_a.dtap.sysid": ["0x00", "0x04"],
        "gsm_a.dtap.codec.gsm_efr": ["1", "0"],
        "gsm_a.dtap.codec.fr_amr_wb": ["1", "0"],
        "gsm_a.dtap.codec.umts_amr_2": ["0", "1"],
        "gsm_a.dtap.codec.umts_amr_wb": ["0", "1"],
        "nas_5gs.cmn.dnn": ["stadium", "mall"],
    },
    0x42: {
        "nas_5gs.cmn.dnn": ["stadium", "ims"],
        "nas_5gs.tac": ["1", "9", "7", "7", "7"],
        "nas_5gs.sor_hdr0.ack": ["1"],
        "nas_5gs.mm.counter_sor": ["1"],
        "nas_5gs.mm.ciph_key_data.ciphering_set_id": ["258"],
        "nas_5gs.mm.ciph_key_data.c0": ["c0"],
        "nas_5gs.mm.ciph_key_data.eutra_pos_sib_type_1_1": ["1"],
        "nas_5gs.mm.ciph_key_data.nr_pos_sib_type_1_2": ["1"],
        "nas_5gs.mm.ciph_key_data.validity_duration": ["1440"],
        "nas_5gs.mm.cag_info.entry.cag_only": ["1"],
        "nas_5gs.mm.cag_info.entry.cag_id": ["0x00000007", "0x00000009"],
    },
    0x4F: {
        "nas_5gs.mm.nas_key_set_id.h1": ["5", "7"],
        "nas_5gs.mm.ctrl_plane_serv_type": ["0"],
        "nas_5gs.mm.ciot_small_data_cont.data_type": ["0"],
        "nas_5gs.mm.ciot_small_data_cont.pdu_session_id": ["5"],
    },
    0x5D: {"nas_eps.emm.uea1": ["1"], "nas_eps.emm.uia1": ["1"], "nas_eps.emm.gea3": ["1"], "nas_eps.emm.gea2": ["0"]},
    0xC1: {
        "nas_5gs.sm.max_nb_sup_pkt_flt.nb": ["1024"],
        "nas_5gs.sm.dm_spec_id": ["user@example.org"],
        "nas_5gs.sm.ip_hdr_comp_config.p0002": ["1"],
        "nas_5gs.sm.ip_hdr_comp_config.p0104": ["1"],
        "nas_5gs.sm.ip_hdr_comp_config.p0003": ["0"],
        "nas_5gs.sm.ip_hdr_comp_config.max_cid": ["15"],
        "nas_5gs.sm.ip_hdr_comp_config.add_hdr_compr_cxt_setup_params_type": ["0x01"],
        "nas_5gs.sm.ds_tt_eth_port_mac_addr": ["02:00:00:00:00:01"],
        "nas_5gs.sm.eth_hdr_comp_config.cid_len": ["1"],
    },
}
"""What tshark reads in elements, by message type and its name for the field."""

CASES: list[tuple[int, str | None]] = [
    *((message_type, None) for message_type in sorted(KINDS)),
    *((message_type, name) for message_type, names in NOT_KNOWN.items() for name in names),
]
"""Messages without what is not known, and then with only one element that is not known."""


def frame(message_type: int, only: str | None) -> bytes:
    if only is None:
        return encode(whole(message_type, NOT_KNOWN.get(message_type, ())))
    return encode(whole(message_type, {row.name for row in layout(KINDS[message_type]).optional} - {only}))


class Dissected:
    """A message as tshark shows it: the headings of its elements in order, and what it has to complain of."""

    def __init__(self, packet: ET.Element) -> None:
        self.headings = [
            heading
            for message in packet.iterfind("proto[@name='nas-5gs']/field[@show='Plain NAS 5GS Message']")
            for field in message.iterfind("field[@name='']")
            if (heading := (field.get("show") or "").strip())
        ]
        self.values: dict[str, list[str]] = {}
        for field in packet.iter("field"):
            self.values.setdefault(field.get("name") or "", []).append(field.get("show") or "")
        self.complaints = [field.get("show") or "" for field in packet.iterfind(".//field[@name='_ws.expert.message']")]


@pytest.fixture(scope="module")
def dissected(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str | None], Dissected]:
    """All cases in one capture, read by one tshark."""
    path = tmp_path_factory.mktemp("nas") / "nas.pcap"
    frames = [frame(*case) for case in CASES]
    path.write_bytes(
        struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 147)
        + b"".join(struct.pack("<IIII", 0, 0, len(f), len(f)) + f for f in frames)
    )
    user_0 = 'uat:user_dlts:"User 0 (DLT=147)","nas-5gs","0","","0",""'
    run = subprocess.run(
        ["tshark", "-r", str(path), "-o", user_0, "-T", "pdml"], capture_output=True, text=True, check=True
    )
    packets = ET.fromstring(run.stdout).findall("packet")
    return {case: Dissected(packet) for case, packet in zip(CASES, packets, strict=True)}


def spelled(name: str) -> str:
    return " ".join(name.lower().replace("five_g", "5g").translate(str.maketrans("_-/", "   ", "'")).split())


def means(heading: str, name: str) -> bool:
    """Whether a heading of tshark, "type - name" or either, is of the element of this name."""
    said = SAYS.get(name)
    if said is not None:
        return heading.startswith(said)
    parts = [spelled(part) for part in heading.split(" - ")]
    return spelled(name) in (*parts, " ".join(parts), " ".join(reversed(parts)))


@pytest.mark.parametrize("message_type", sorted(KINDS.keys() - RELEASE_17_MESSAGES))
def test_tshark_finds_the_elements_that_are_meant_in_the_order_of_the_table(
    message_type: int, dissected: dict[tuple[int, str | None], Dissected]
) -> None:
    seen = dissected[message_type, None]
    table = layout(KINDS[message_type])
    left_out = {*NOT_KNOWN.get(message_type, ()), *MANAGED}
    names = [row.name for row in (*table.imperative, *table.optional) if row.name not in left_out]
    assert seen.complaints == []
    assert len(seen.headings) == len(names), (seen.headings, names)
    strange = [(said, name) for said, name in zip(seen.headings, names, strict=True) if not means(said, name)]
    assert strange == []


@pytest.mark.parametrize("message_type", sorted(VALUES))
def test_tshark_reads_the_values_that_are_meant(
    message_type: int, dissected: dict[tuple[int, str | None], Dissected]
) -> None:
    seen = dissected[message_type, None].values
    assert {name: seen.get(name) for name in VALUES[message_type]} == VALUES[message_type]


@pytest.mark.parametrize(("message_type", "name"), [case for case in CASES if case[1] is not None])
def test_what_is_said_not_to_be_known_is_not(
    message_type: int, name: str, dissected: dict[tuple[int, str | None], Dissected]
) -> None:
    assert any("Extraneous Data" in complaint for complaint in dissected[message_type, name].complaints)


@pytest.mark.parametrize("message_type", sorted(RELEASE_17_MESSAGES))
def test_a_message_of_release_17_is_not_known(
    message_type: int, dissected: dict[tuple[int, str | None], Dissected]
) -> None:
    assert dissected[message_type, None].complaints == [f"Unknown Message Type 0x{message_type:02x}"]
