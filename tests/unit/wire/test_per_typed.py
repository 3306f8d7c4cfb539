"""The standard's names in snake case."""

import pytest

from awase.wire.per_typed import snake


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AMF-UE-NGAP-ID", "amf_ue_ngap_id"),
        ("pDUSessionID", "pdu_session_id"),
        ("uL-NGU-UP-TNLInformation", "ul_ngu_up_tnl_information"),
        ("nR-CGI", "nr_cgi"),
        ("fiveG-TMSI", "five_g_tmsi"),
        ("FiveG-S-TMSI", "five_g_s_tmsi"),
        ("qosFlowSetupRequestList", "qos_flow_setup_request_list"),
        ("gTP-TEID", "gtp_teid"),
        ("SupportedTAList", "supported_ta_list"),
        ("fiveQI", "five_qi"),
    ],
)
def test_a_name_is_transformed_mechanically(name, expected):
    assert snake(name) == expected
