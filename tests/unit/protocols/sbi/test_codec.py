"""JSON bodies: a real core's, and what is wrong with others."""

import json
from pathlib import Path

import pytest

from awase.model.ids import Plmn, SNssai
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi import namf_communication as namf
from awase.protocols.sbi import nausf_ue_authentication as nausf
from awase.protocols.sbi import nsmf_pdu_session as nsmf
from awase.protocols.sbi import nudm_sdm as sdm
from awase.protocols.sbi import nudm_ue_authentication as ueau
from awase.protocols.sbi import nudm_uecm as uecm
from awase.protocols.sbi import nudr_dr as nudr
from awase.protocols.sbi.data_types import PlmnId, Snssai, bit_rate, bits_per_s, date_time, snssai_key
from awase.protocols.sbi.messages import InvalidParam, ProblemDetails, Response
from awase.wire.errors import DecodeError

VECTORS = Path(__file__).parents[3] / "vectors" / "sbi" / "open5gs-2.8-ueransim-3.3"
CAPTURED = json.loads((VECTORS / "nea0-kernel-sctp.json").read_text())

# By the end of the path: the type of the request's body, that of the response's.
BODIES = {
    ("POST", "/ue-authentications"): (nausf.AuthenticationInfo, nausf.UEAuthenticationCtx),
    ("PUT", "/5g-aka-confirmation"): (nausf.ConfirmationData, nausf.ConfirmationDataResponse),
    ("POST", "/generate-auth-data"): (ueau.AuthenticationInfoRequest, ueau.AuthenticationInfoResult),
    ("POST", "/auth-events"): (ueau.AuthEvent, ueau.AuthEvent),
    ("PUT", "/auth-events"): (ueau.AuthEvent, ueau.AuthEvent),
    ("GET", "/authentication-subscription"): (None, nudr.AuthenticationSubscription),
    ("PUT", "/authentication-status"): (ueau.AuthEvent, None),
    ("PUT", "/amf-3gpp-access"): (uecm.Amf3GppAccessRegistration, uecm.Amf3GppAccessRegistration),
    ("GET", "/imsi-999700000000001"): (None, sdm.SubscriptionDataSets),
    ("GET", "/provisioned-data"): (None, sdm.SubscriptionDataSets),
    ("GET", "/ue-context-in-smf-data"): (None, sdm.UeContextInSmfData),
    ("POST", "/sdm-subscriptions"): (sdm.SdmSubscription, sdm.SdmSubscription),
    ("GET", "/sm-data"): (None, tuple[sdm.SessionManagementSubscriptionData, ...]),
    ("PUT", "/smf-registrations/1"): (uecm.SmfRegistration, uecm.SmfRegistration),
    ("POST", "/sm-contexts"): (nsmf.SmContextCreateData, nsmf.SmContextCreatedData),
    ("POST", "/modify"): (nsmf.SmContextUpdateData, nsmf.SmContextUpdatedData),
    ("POST", "/release"): (nsmf.SmContextReleaseData, None),
    ("POST", "/n1-n2-messages"): (namf.N1N2MessageTransferReqData, namf.N1N2MessageTransferRspData),
    ("POST", "/sm-context-status/1"): (nsmf.SmContextStatusNotification, None),
}

# Members of a real core's bodies that we do not act on, and so do not name.
UNNAMED = {"pcfId"}


def json_of(message):
    body = message["body"].encode("latin-1")
    content_type = dict(map(tuple, message["headers"])).get("content-type", "")
    return multipart.decode(content_type, body)[0].content if content_type.startswith("multipart") else body


def without_defaults(value):
    if isinstance(value, dict):
        return {k: without_defaults(v) for k, v in value.items() if k not in UNNAMED and v is not False}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


def test_a_real_cores_bodies_decode_and_encode_to_equal_values():
    count = 0
    for entry in CAPTURED:
        path = entry["path"].partition("?")[0]
        for (method, end), kinds in BODIES.items():
            if entry["method"] != method or not path.endswith(end):
                continue
            for kind, message in zip(kinds, (entry, entry["response"]), strict=True):
                octets = json_of(message)
                if kind is None or not octets:
                    continue
                again = json.loads(codec.encode(codec.decode(kind, octets)))
                assert again == without_defaults(json.loads(octets)), entry["frame"]
                count += 1
    assert count > 60


def test_members_that_we_do_not_know_are_ignored():
    assert codec.decode(PlmnId, b'{"mcc":"001","mnc":"01","new":{"deep":[1]}}').plmn() == Plmn("001", "01")


@pytest.mark.parametrize(
    ("octets", "cause", "param"),
    [
        (b"", "INVALID_MSG_FORMAT", ""),
        (b"{", "INVALID_MSG_FORMAT", ""),
        (b"\xff", "INVALID_MSG_FORMAT", ""),
        (b'{"mcc":"001"}', "MANDATORY_IE_MISSING", "/mnc"),
        (b'{"mcc":1,"mnc":"01"}', "MANDATORY_IE_INCORRECT", "/mcc"),
        (b'{"mcc":"00x","mnc":"01"}', "MANDATORY_IE_INCORRECT", "/mcc"),
        (b'{"mcc":"001\\n","mnc":"01"}', "MANDATORY_IE_INCORRECT", "/mcc"),
        (b"[]", "MANDATORY_IE_INCORRECT", "/"),
        (b'{"mcc":"001","mnc":"01","mnc":"02"}', "INVALID_MSG_FORMAT", "/mnc"),
        (b'{"mcc":"001","mnc":"01","m\\u006ec":"02"}', "INVALID_MSG_FORMAT", "/mnc"),
        (b'{"mcc":"001","mnc":"01","x":{"a":1,"a":1}}', "INVALID_MSG_FORMAT", "/a"),
        (b'{"mcc":"001","mnc":"' + b"0" * (1 << 20) + b'"}', "MANDATORY_IE_INCORRECT", "/mnc"),
        (b'{"mcc":"001","mnc":"01","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "INVALID_MSG_FORMAT", ""),
        (b'{"mcc":"001","mnc":"01","x":' + b"9" * 5000 + b"}", "INVALID_MSG_FORMAT", ""),
    ],
)
def test_wrong_bodies_name_their_cause_and_parameter(octets, cause, param):
    with pytest.raises(codec.BodyError) as caught:
        codec.decode(PlmnId, octets)
    assert (caught.value.cause, caught.value.param) == (cause, param)


def test_a_nested_parameter_is_a_json_pointer():
    with pytest.raises(codec.BodyError) as caught:
        codec.decode(nausf.UEAuthenticationCtx, b'{"authType":"5G_AKA","5gAuthData":{"rand":7}}')
    assert caught.value.param == "/5gAuthData/rand"


def test_white_space_and_escapes_are_no_duplicates():
    assert codec.decode(PlmnId, b' {"mcc" : "001",\n "mnc":"\\u0030\\u0031", "o": {"mcc": "1"} } ').mnc == "01"


def test_problems_are_read_back_and_passed_on():
    invalid = (InvalidParam(param="/x", reason="y"),)
    response = codec.problem(400, "MANDATORY_IE_MISSING", "text", invalid_params=invalid)
    assert response.header("content-type") == "application/problem+json"
    details = codec.problem_details(response)
    assert details == ProblemDetails(status=400, cause="MANDATORY_IE_MISSING", detail="text", invalid_params=invalid)
    assert codec.pass_on(response).status == 400
    assert codec.problem_details(codec.pass_on(response)).cause == "MANDATORY_IE_MISSING"
    assert codec.problem_details(Response(503, (), b"not json")) == ProblemDetails(status=503)
    assert codec.pass_on(Response(204)).status == 500


def test_requests_and_responses_carry_json_or_parts_or_nothing():
    assert codec.json_request("DELETE", "/x").headers == ()
    request = codec.json_request("POST", "/x", Snssai(sst=1), [multipart.n1_part(b"N")])
    root, part = multipart.decode(request.header("content-type"), request.body)
    assert (root.content, part.content) == (b'{"sst":1}', b"N")
    response = codec.json_response(201, b"[]", location="/y")
    assert (response.header("location"), response.body) == ("/y", b"[]")


@pytest.mark.parametrize(
    ("bits", "text"), [(0, "0 bps"), (1000, "1 Kbps"), (1_500_000, "1500 Kbps"), (500e6, "500 Mbps"), (2e12, "2 Tbps")]
)
def test_bit_rates_are_text_in_the_largest_whole_unit(bits, text):
    assert bit_rate(bits) == text
    assert bits_per_s(text) == bits


def test_fractions_of_bit_rates_are_read_and_nonsense_is_not():
    assert bits_per_s("1.5 Gbps") == 1_500_000_000
    for text in ("", "1", "1 gbps", "-1 bps", "1e3 bps", "x Mbps", "." + " bps", "9" * 100 + " bps"):
        with pytest.raises(DecodeError):
            bits_per_s(text)


def test_identifiers_go_to_and_from_our_own():
    assert Snssai.of(SNssai(1, "00000A")).s_nssai() == SNssai(1, "00000a")
    assert PlmnId.of(Plmn("001", "01")).plmn() == Plmn("001", "01")
    assert (snssai_key(SNssai(1)), snssai_key(SNssai(2, "000001"))) == ("1", "2-000001")
    assert date_time(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456Z"


def test_repr_shows_no_key():
    secret = "ab" * 16
    for value in (
        ueau.Av5GHeAka(rand=secret, autn=secret, xres_star=secret, kausf=secret * 2),
        nausf.Av5gAka(rand=secret, autn=secret, hxres_star=secret),
        nausf.ConfirmationData(res_star=secret),
        nausf.ConfirmationDataResponse(auth_result="x", kseaf=secret * 2),
        nudr.AuthenticationSubscription(authentication_method="5G_AKA", enc_permanent_key=secret, enc_opc_key=secret),
    ):
        assert secret not in repr(value)
