"""The UDM through its port, beside a scripted UDR or a real one of ours."""

import json
from pathlib import Path

import pytest

from awase.functions.udm.part import PART_TYPE
from awase.functions.udr.part import PART_TYPE as UDR_PART_TYPE
from awase.protocols.sbi import codec
from awase.security import kdf, suci
from awase.security.milenage import Milenage, opc_from_op
from awase.security.tuak import Tuak, topc_from_top
from unit.protocols.sbi.exchanges import Desk, Exchange, LocalServices, Request, Response, get

VECTORS = Path(__file__).parents[3] / "vectors" / "sbi" / "open5gs-2.8-ueransim-3.3"
CAPTURED = json.loads((VECTORS / "nea0-kernel-sctp.json").read_text())

UDR = "10.0.0.7:8080"
SUPI = "imsi-001010000000001"
K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
OP = bytes.fromhex("cdc202d5123e20f62b6d676ac72cb318")
OPC = opc_from_op(K, OP)
SNN = "5G:mnc001.mcc001.3gppnetwork.org"
NULL_SUCI = "suci-0-001-01-0000-0-0-0000000001"
# TS 33.501 annex C.4.3: home network key pair of profile A.
PRIVATE = "c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d"
PUBLIC = "5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650"
UEAU = "/nudm-ueau/v1"
AMF_A = {
    "amfInstanceId": "amf-a",
    "deregCallbackUri": "http://10.0.0.2:8080/namf-callback/v1/x/dereg-notify",
    "guami": {"plmnId": {"mcc": "001", "mnc": "01"}, "amfId": "020040"},
    "ratType": "NR",
    "initialRegistrationInd": True,
}
AMF_PATH = f"/nudm-uecm/v1/{SUPI}/registrations/amf-3gpp-access"
SMF_PATH = f"/nudm-uecm/v1/{SUPI}/registrations/smf-registrations"
SMF = {
    "smfInstanceId": "s",
    "pduSessionId": 1,
    "singleNssai": {"sst": 1},
    "dnn": "internet",
    "plmnId": {"mcc": "001", "mnc": "01"},
}


def udm(services=None, **config):
    peers = {"N35": [{"part": "udr", "function": "udr", "address": UDR}]}
    return Desk(PART_TYPE.build("udm", {"peers": peers} | config, services or LocalServices()))


def network(*, udm_config=None, **subscriber):
    record = {"supi": SUPI, "k": K.hex(), "opc": OPC.hex(), "slices": [{"sst": 1}], "dnns": ["internet"]}
    udr = UDR_PART_TYPE.build("udr", {"subscribers": [record | subscriber]}, LocalServices())
    return Exchange(udm(**(udm_config or {})), {UDR: Desk(udr)})


def body(method, path, value, content_type="application/json"):
    return Request(method, path, (("content-type", content_type),), json.dumps(value).encode(), "10.0.0.6:8080")


def generate(identity=SUPI, snn=SNN, **more):
    path = f"{UEAU}/{identity}/security-information/generate-auth-data"
    return body("POST", path, {"servingNetworkName": snn, "ausfInstanceId": "u"} | more)


def vector(net, request=None):
    response = net.ask(request or generate())
    assert response.status == 200, response.body
    result = json.loads(response.body)
    av = {name: bytes.fromhex(value) for name, value in result["authenticationVector"].items() if name != "avType"}
    keys = Milenage(K, OPC).f2345(av["rand"])
    sqn, amf = Milenage(K, OPC).verify_autn(av["rand"], av["autn"], keys.ak)
    assert amf[0] & 0x80
    return result["supi"], av, int.from_bytes(sqn)


def cause(response):
    return response.status, codec.problem_details(response).cause


def resync(net, sqn_ms, opc=OPC, k=K):
    rand = bytes(range(16))
    auts = Milenage(k, opc).build_auts(rand, sqn_ms.to_bytes(6))
    return net.ask(generate(resynchronizationInfo={"rand": rand.hex(), "auts": auts.hex()}))


def test_the_vector_is_a_real_cores_to_the_octet():
    request = next(e for e in CAPTURED if e["path"].endswith("generate-auth-data"))
    subscription = next(e for e in CAPTURED if e["path"].endswith("authentication-subscription"))["response"]["body"]
    expected = json.loads(request["response"]["body"])
    # Open5GS uses the sequence number it stores; ours is the one after the stored one.
    stored = json.loads(subscription) | {"sequenceNumber": {"sqn": "00000000001f"}}
    desk = udm(LocalServices(RAND=bytes.fromhex(expected["authenticationVector"]["rand"])))
    fields = tuple((name, value) for name, value in request["headers"])
    captured = Request("POST", request["path"], fields, request["body"].encode(), request["authority"])
    response = desk.ask(captured, codec.json_response(200, stored), Response(204))
    assert response.status == 200
    assert json.loads(response.body) == expected


def test_the_sequence_number_is_kept_at_the_udr_before_the_vector_is_given():
    desk = udm()
    exchange = desk.send(generate())
    subscription = {
        "authenticationMethod": "5G_AKA",
        "encPermanentKey": K.hex(),
        "encOpcKey": OPC.hex(),
        "authenticationManagementField": "8000",
        "sequenceNumber": {"sqn": "000000000000"},
    }
    desk.answer(codec.json_response(200, subscription))
    patch = desk.upstream()
    assert (patch.method, patch.header("content-type")) == ("PATCH", "application/json-patch+json")
    assert json.loads(patch.body) == [
        {"op": "test", "path": "/sequenceNumber/sqn", "value": "000000000000"},
        {"op": "replace", "path": "/sequenceNumber/sqn", "value": "000000000021"},
    ]
    assert exchange not in desk.responses
    desk.answer(Response(204))
    assert desk.responses[exchange].status == 200


def test_each_vector_has_the_next_sequence_number_and_index():
    net = network()
    assert [vector(net)[2] for _ in range(3)] == [0x21, 0x42, 0x63]
    assert [vector(net)[2] & 31 for _ in range(30)] == [*range(4, 32), 0, 1]


def test_two_requests_at_once_get_two_sequence_numbers():
    net = network()
    first, second = net.desk.send(generate()), net.desk.send(generate())
    while net.desk.requests:
        packet, upstream = net.desk.requests[0]
        net.desk.answer(net.servers[packet.peer].ask(upstream))
    vectors = [json.loads(net.desk.responses[e].body)["authenticationVector"]["autn"] for e in (first, second)]
    assert vectors[0] != vectors[1]
    assert vector(net)[2] == 0x63


def test_contention_without_end_is_given_up():
    desk = udm()
    exchange = desk.send(generate())
    subscription = {"authenticationMethod": "5G_AKA", "encPermanentKey": K.hex(), "encOpcKey": OPC.hex()}
    for _ in range(4):
        desk.answer(codec.json_response(200, subscription))
        desk.answer(codec.problem(409, "MODIFICATION_NOT_ALLOWED"))
    assert cause(desk.responses[exchange]) == (503, "NF_CONGESTION")


def test_the_null_scheme_is_read():
    assert vector(network(), generate(NULL_SUCI))[0] == SUPI


def test_profile_b_is_opened():
    # TS 33.501 clause C.4.4: home network key pair of profile B.
    private = "f1ab1074477ebcc7f554ea1c5fc368b1616730155e0041ac447d6301975fecda"
    public = bytes.fromhex("0272da71976234ce833a6907425867b82e074d44ef907dfb4b3e21c1c2256ebcd1")
    output = suci.conceal(2, "0000000001", public, bytes(range(32))).hex()
    a, b = {"id": 1, "private_key": PRIVATE}, {"id": 2, "scheme": "profile-b", "private_key": private}
    net = network(udm_config={"home_network_keys": [a, b]})
    assert vector(net, generate(f"suci-0-001-01-0000-2-2-{output}"))[0] == SUPI
    assert cause(net.ask(generate(f"suci-0-001-01-0000-2-1-{output}"))) == (403, "INVALID_HN_PUBLIC_KEY_IDENTIFIER")
    assert cause(net.ask(generate(f"suci-0-001-01-0000-2-2-{output[:-2]}"))) == (403, "INVALID_SCHEME_OUTPUT")
    off_the_curve = "02" + "ff" * 32 + output[66:]
    assert cause(net.ask(generate(f"suci-0-001-01-0000-2-2-{off_the_curve}"))) == (403, "INVALID_SCHEME_OUTPUT")


@pytest.mark.parametrize("k", [K, bytes(range(32))])
def test_a_subscription_of_tuak_gives_vectors_and_resynchronises(k):
    top = bytes(range(32))
    topc = topc_from_top(k, top)
    net = network(algorithm="tuak", k=k.hex(), opc=None, top=top.hex())
    tuak = Tuak(k, topc)
    av = json.loads(net.ask(generate()).body)["authenticationVector"]
    rand, autn = bytes.fromhex(av["rand"]), bytes.fromhex(av["autn"])
    keys = tuak.f2345(rand)
    assert tuak.verify_autn(rand, autn, keys.ak) == ((0x21).to_bytes(6), b"\x80\0")
    assert av["xresStar"] == kdf.res_star(keys.ck, keys.ik, SNN, rand, keys.res).hex()
    auts = tuak.build_auts(rand, (1 << 20).to_bytes(6))
    again = net.ask(generate(resynchronizationInfo={"rand": rand.hex(), "auts": auts.hex()}))
    av = json.loads(again.body)["authenticationVector"]
    rand = bytes.fromhex(av["rand"])
    sqn, _ = tuak.verify_autn(rand, bytes.fromhex(av["autn"]), tuak.f2345(rand).ak)
    assert int.from_bytes(sqn) > 1 << 20
    mistaken = Tuak(k, topc_from_top(k, topc)).build_auts(rand, bytes(6))
    refused = net.ask(generate(resynchronizationInfo={"rand": rand.hex(), "auts": mistaken.hex()}))
    assert cause(refused) == (403, "AUTHENTICATION_REJECTED")
    assert "the topc of" in net.desk.event("ResynchronisationRefused").text


def test_an_algorithm_identity_of_the_operators_own_means_milenage():
    desk = udm()
    exchange = desk.send(generate())
    desk.answer(
        codec.json_response(
            200,
            {
                "authenticationMethod": "5G_AKA",
                "encPermanentKey": K.hex(),
                "encOpcKey": OPC.hex(),
                "algorithmId": "MILENAGE.1",
            },
        )
    )
    desk.answer(Response(204))
    assert desk.responses[exchange].status == 200


def test_a_subscription_of_tuak_without_topc_cannot_be_used():
    desk = udm()
    exchange = desk.send(generate())
    record = {"authenticationMethod": "5G_AKA", "encPermanentKey": K.hex(), "encOpcKey": OPC.hex()}
    desk.answer(codec.json_response(200, record | {"algorithmId": "tuak"}))
    assert cause(desk.responses[exchange]) == (500, "UNSPECIFIED_NF_FAILURE")


def test_profile_a_is_opened():
    output = suci.conceal(1, "0000000001", bytes.fromhex(PUBLIC), bytes(range(32))).hex()
    keys = {"home_network_keys": [{"id": 1, "private_key": PRIVATE}]}
    assert vector(network(udm_config=keys), generate(f"suci-0-001-01-0000-1-1-{output}"))[0] == SUPI
    other = network(udm_config=keys)
    assert cause(other.ask(generate(f"suci-0-001-01-0000-1-2-{output}"))) == (403, "INVALID_HN_PUBLIC_KEY_IDENTIFIER")
    assert other.desk.event("SubscriberNotIdentified").config == "home_network_keys"
    wrong = output[:-2] + ("00" if output[-2:] != "00" else "01")
    assert cause(other.ask(generate(f"suci-0-001-01-0000-1-1-{wrong}"))) == (403, "INVALID_SCHEME_OUTPUT")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("imsi-001010000000009", (404, "USER_NOT_FOUND")),
        ("imsi-00101", (404, "USER_NOT_FOUND")),
        ("imsi-x", (404, "USER_NOT_FOUND")),
        ("nai-user@example.org", (404, "USER_NOT_FOUND")),
        ("suci-1-example.org-0-0-0-user", (404, "USER_NOT_FOUND")),
        ("suci-0-001-01-0000", (404, "USER_NOT_FOUND")),
        ("suci-0-001-01-0000-0-0-00000%2F001", (404, "USER_NOT_FOUND")),
        ("suci-0-001-01-0000-x-0-0000000001", (404, "USER_NOT_FOUND")),
        ("suci-0-001-01-0000-1-999-00", (404, "USER_NOT_FOUND")),
        ("suci-0-001-01-0000-3-1-00", (501, "UNSUPPORTED_PROTECTION_SCHEME")),
        ("suci-0-001-01-0000-1-1-zz", (403, "INVALID_SCHEME_OUTPUT")),
        ("suci-0-001-01-0000-1-1-" + "00" * 40, (403, "INVALID_SCHEME_OUTPUT")),
        ("suci-0-001-01-0000-1-1-" + "00" * 45, (403, "INVALID_SCHEME_OUTPUT")),
        ("suci-0-001-01-0000-1-1-" + "ab" * 4000, (403, "INVALID_SCHEME_OUTPUT")),
    ],
)
def test_who_cannot_be_identified_gets_the_specified_cause(identity, expected):
    net = network(udm_config={"home_network_keys": [{"id": 1, "private_key": PRIVATE}]})
    assert cause(net.ask(generate(identity))) == expected
    assert net.desk.events


def test_an_unknown_subscriber_is_named_in_an_event():
    net = network()
    net.ask(generate("imsi-001010000000009"))
    assert net.desk.event("UnknownSubscriber").subject == "imsi-001010000000009"


def test_the_null_scheme_can_be_forbidden():
    net = network(udm_config={"null_scheme": False})
    assert cause(net.ask(generate(NULL_SUCI))) == (501, "UNSUPPORTED_PROTECTION_SCHEME")
    assert net.desk.event("SubscriberNotIdentified").config == "null_scheme"


@pytest.mark.parametrize(
    "snn", ["", "5G:x", "WLAN", "5G:mnc001.mcc001.3gppnetwork.org.evil", "5G:mnc01.mcc001.3gppnetwork.org"]
)
def test_what_is_no_serving_network_name_is_not_authorised(snn):
    assert cause(network().ask(generate(snn=snn))) == (403, "SERVING_NETWORK_NOT_AUTHORIZED")


def test_serving_networks_can_be_limited():
    net = network(udm_config={"serving_networks": ["001-01"]})
    assert net.ask(generate()).status == 200
    assert net.ask(generate(snn=SNN + ":0123456789a")).status == 200
    assert cause(net.ask(generate(snn="5G:mnc002.mcc001.3gppnetwork.org"))) == (403, "SERVING_NETWORK_NOT_AUTHORIZED")


def test_a_verified_auts_moves_the_sequence_number_past_the_ues():
    net = network()
    assert resync(net, 0x10040).status == 200
    assert vector(net)[2] == 0x10040 + 2 * 0x21
    assert "2050 steps behind" in net.desk.event("SequenceNumberResynchronised").text


def test_an_auts_of_a_ue_that_is_behind_changes_nothing():
    net = network(sqn="000000010040")
    assert resync(net, 0x40).status == 200
    assert vector(net)[2] == 0x10040 + 2 * 0x21


def test_a_ue_that_is_too_far_behind_is_followed_back():
    net = network(sqn="7fffffff0000")
    assert resync(net, 0x40).status == 200
    assert vector(net)[2] == 0x40 + 2 * 0x21


@pytest.mark.parametrize("wrong", [{"k": bytes(16)}, {"opc": bytes(16)}])
def test_an_auts_with_a_wrong_mac_is_rejected_and_the_sequence_number_stays(wrong):
    net = network()
    assert cause(resync(net, 0x10040, **wrong)) == (403, "AUTHENTICATION_REJECTED")
    assert "wrong MAC-S" in net.desk.event("ResynchronisationRefused").text
    assert vector(net)[2] == 0x21


def test_an_op_in_the_place_of_the_opc_is_found_by_the_auts():
    net = network(opc=OP.hex())
    assert cause(resync(net, 0x10040)) == (403, "AUTHENTICATION_REJECTED")
    text = net.desk.event("ResynchronisationRefused").text
    assert "is an OP" in text
    assert OP.hex() not in text


def test_a_subscriber_without_sequence_numbers_left_is_rejected():
    net = network(sqn="ffffffffffff")
    assert cause(net.ask(generate())) == (403, "AUTHENTICATION_REJECTED")


@pytest.mark.parametrize(
    "subscription",
    [
        {"authenticationMethod": "5G_AKA"},
        {"authenticationMethod": "5G_AKA", "encPermanentKey": "zz", "encOpcKey": "00" * 16},
        {"authenticationMethod": "5G_AKA", "encPermanentKey": "00" * 16, "encOpcKey": "00" * 15},
        {
            "authenticationMethod": "5G_AKA",
            "encPermanentKey": "00" * 16,
            "encOpcKey": "00" * 16,
            "authenticationManagementField": "80",
        },
        {},
        7,
    ],
)
def test_a_subscription_that_cannot_be_used_is_an_error_of_the_core(subscription):
    desk = udm()
    assert cause(desk.ask(generate(), codec.json_response(200, subscription))) == (500, "UNSPECIFIED_NF_FAILURE")
    assert desk.event("SubscriptionUnusable").subject == SUPI


def test_a_vector_for_eap_aka_prime_is_transformed():
    net = network(authentication_method="EAP_AKA_PRIME")
    result = json.loads(net.ask(generate()).body)
    av = result["authenticationVector"]
    assert (result["authType"], av.pop("avType"), result["supi"]) == ("EAP_AKA_PRIME", "EAP_AKA_PRIME", SUPI)
    octets = {name: bytes.fromhex(value) for name, value in av.items()}
    keys = Milenage(K, OPC).f2345(octets["rand"])
    sqn, amf = Milenage(K, OPC).verify_autn(octets["rand"], octets["autn"], keys.ak)
    assert (int.from_bytes(sqn), amf) == (0x21, b"\x80\0")
    ck_ik = kdf.ck_prime_ik_prime(keys.ck, keys.ik, SNN, octets["autn"][:6])
    assert (octets["xres"], octets["ckPrime"], octets["ikPrime"]) == (keys.res, *ck_ik)


def test_another_authentication_method_is_rejected():
    net = network(authentication_method="EAP_TLS")
    assert cause(net.ask(generate())) == (403, "AUTHENTICATION_REJECTED")


def test_a_silent_udr_is_a_gateway_time_out_within_three_seconds():
    desk = udm()
    exchange = desk.send(generate())
    desk.pass_s(3)
    assert cause(desk.responses[exchange]) == (504, "UPSTREAM_SERVER_ERROR")
    assert desk.event("ProducerFailed").config == "peers.N35"


def test_the_next_udr_is_asked_where_the_first_cannot_be_reached():
    peers = [{"part": name, "function": "udr", "address": f"10.0.0.{name[-1]}:8080"} for name in ("udr7", "udr8")]
    desk = Desk(PART_TYPE.build("udm", {"peers": {"N35": peers}}, LocalServices()))
    desk.send(generate())
    desk.reset()
    assert desk.requests[0][0].peer == "10.0.0.8:8080"


def test_without_a_udr_there_is_an_answer_too():
    desk = Desk(PART_TYPE.build("udm", {}, LocalServices()))
    assert cause(desk.ask(generate())) == (504, "NETWORK_FAILURE")


def test_the_result_of_an_authentication_is_kept_and_removed():
    net = network()
    event = {"nfInstanceId": "u", "success": False, "timeStamp": "t", "authType": "5G_AKA", "servingNetworkName": SNN}
    created = net.ask(body("POST", f"{UEAU}/{SUPI}/auth-events", event))
    assert (created.status, json.loads(created.body)) == (201, event)
    assert created.header("location").startswith(f"http://10.0.0.6:8080{UEAU}/{SUPI}/auth-events/")
    assert SUPI in net.desk.event("AuthenticationFailed").text
    path = created.header("location").removeprefix("http://10.0.0.6:8080")
    assert cause(net.ask(body("PUT", path, event))) == (400, "MANDATORY_IE_INCORRECT")
    assert net.ask(body("PUT", path, event | {"authRemovalInd": True})).status == 204
    assert cause(net.ask(body("POST", f"{UEAU}/imsi-7%3F%E4%B8%80/auth-events", event))) == (404, "USER_NOT_FOUND")


def test_subscription_data_come_from_the_udr_for_the_serving_plmn():
    desk = udm(plmn="001-01")
    plmn = "plmn-id=%7B%22mcc%22%3A%22999%22%2C%22mnc%22%3A%2270%22%7D"
    for path, expected in (
        (f"/nudm-sdm/v2/{SUPI}/am-data", "/00101/provisioned-data/am-data"),
        (f"/nudm-sdm/v2/{SUPI}/am-data?{plmn}", "/99970/provisioned-data/am-data"),
        (f"/nudm-sdm/v2/{SUPI}/smf-select-data", "/00101/provisioned-data/smf-selection-subscription-data"),
        (
            f"/nudm-sdm/v2/{SUPI}/sm-data?single-nssai=%7B%22sst%22%3A1%7D&dnn=internet&{plmn}",
            "/99970/provisioned-data/sm-data?single-nssai=%7B%22sst%22%3A1%7D&dnn=internet",
        ),
        (f"/nudm-sdm/v2/{SUPI}?dataset-names=AM%2CSMF_SEL", "/00101/provisioned-data?dataset-names=AM%2CSMF_SEL"),
    ):
        exchange = desk.send(get(path))
        assert desk.upstream().path == f"/nudr-dr/v2/subscription-data/{SUPI}{expected}"
        desk.answer(codec.json_response(200, b'{"x":1}'))
        assert desk.responses[exchange].body == b'{"x":1}'
    assert cause(desk.ask(get(f"/nudm-sdm/v2/{SUPI}/am-data?plmn-id=7"))) == (400, "OPTIONAL_QUERY_PARAM_INCORRECT")
    missing = codec.problem(404, "USER_NOT_FOUND")
    assert cause(desk.ask(get("/nudm-sdm/v2/imsi-1/am-data"), missing)) == (404, "USER_NOT_FOUND")


def test_nssai_is_the_one_of_the_access_and_mobility_data():
    assert json.loads(network().ask(get(f"/nudm-sdm/v2/{SUPI}/nssai")).body) == {"defaultSingleNssais": [{"sst": 1}]}


SUBSCRIPTIONS = f"/nudm-sdm/v2/{SUPI}/sdm-subscriptions"


def test_subscriptions_to_changes_are_made_deleted_and_bounded():
    net = network()
    value = {"nfInstanceId": "a", "callbackReference": "http://x/y", "monitoredResourceUris": ["z"]}
    made = net.ask(body("POST", SUBSCRIPTIONS, value))
    assert (made.status, json.loads(made.body)) == (201, value)
    delete = Request("DELETE", made.header("location").removeprefix("http://10.0.0.6:8080"))
    assert net.ask(delete).status == 204
    assert cause(net.ask(delete)) == (404, "SUBSCRIPTION_NOT_FOUND")
    answers = [net.ask(body("POST", SUBSCRIPTIONS, value | {"nfInstanceId": str(i)})) for i in range(33)]
    assert [answer.status for answer in answers] == [201] * 32 + [500]
    for unknown in ("imsi-" + "1" * 9000, "imsi-001010000000009"):
        answer = net.ask(body("POST", SUBSCRIPTIONS.replace(SUPI, unknown), value))
        assert cause(answer) == (404, "USER_NOT_FOUND")


def test_what_is_subscribed_to_comes_with_the_answer_where_that_is_asked_for():
    """TS 29.503 Table 6.1.8-1, feature ImmediateReport."""
    net = network()
    resources = [f"/nudm-sdm/v2/{SUPI}/{name}" for name in ("smf-select-data", "am-data", "unknown")]
    value = {
        "nfInstanceId": "a",
        "callbackReference": "http://x/y",
        "monitoredResourceUris": resources,
        "immediateReport": True,
        "supportedFeatures": "2",
        "plmnId": {"mcc": "999", "mnc": "70"},
    }
    made = net.ask(body("POST", SUBSCRIPTIONS, value))
    expected = net.ask(get(f"/nudm-sdm/v2/{SUPI}?dataset-names=AM,SMF_SEL"))
    assert made.status == 201
    assert json.loads(made.body) == value | {"report": json.loads(expected.body)}
    refused = net.ask(body("POST", SUBSCRIPTIONS.replace(SUPI, "imsi-001010000000009"), value))
    assert cause(refused) == (404, "USER_NOT_FOUND")


def test_subscriptions_outlive_a_udm_without_memory():
    """TS 29.505 clause 5.2.16: context data are the UDR's."""
    net = network()
    subscribed(net)
    again = Exchange(udm(), net.servers)
    changed(again, "am-data")
    ((packet, notification),) = again.desk.requests
    assert (packet.peer, notification.path) == ("10.0.0.2:8080", "/namf-callback/v1/x")


@pytest.mark.parametrize("answer", [Response(500), codec.json_response(200, b"[7]")])
def test_a_udr_that_cannot_say_who_subscribed_is_an_event(answer):
    desk = udm()
    desk.send(change("am-data"))
    desk.answer(answer)
    assert not desk.requests
    assert {event.name for event in desk.events} <= {"ProducerFailed", "MalformedPacket"}
    assert desk.events


def test_amf_registration_modification_and_purge():
    net = network()
    modification = {"guami": AMF_A["guami"], "purgeFlag": True}
    patch = body("PATCH", AMF_PATH, modification, "application/merge-patch+json")
    assert cause(net.ask(patch)) == (404, "CONTEXT_NOT_FOUND")
    created = net.ask(body("PUT", AMF_PATH, AMF_A))
    assert (created.status, created.header("location")) == (201, f"http://10.0.0.6:8080{AMF_PATH}")
    assert net.ask(body("PUT", AMF_PATH, AMF_A)).status == 200
    other = {"guami": AMF_A["guami"] | {"amfId": "020041"}, "purgeFlag": True}
    assert cause(net.ask(body("PATCH", AMF_PATH, other))) == (403, "INVALID_GUAMI")
    assert net.ask(patch).status == 204
    assert json.loads(net.ask(get(AMF_PATH)).body) == AMF_A | {"purgeFlag": True}
    assert cause(net.ask(body("PUT", AMF_PATH.replace(SUPI, "imsi-1"), AMF_A))) == (404, "USER_NOT_FOUND")


def test_the_former_amf_is_told_that_another_serves_the_ue():
    net = network()
    net.ask(body("PUT", AMF_PATH, AMF_A))
    former = []

    class Former:
        def ask(self, request):
            former.append(request)
            return Response(500)

    net.servers["10.0.0.2:8080"] = Former()
    assert net.ask(body("PUT", AMF_PATH, AMF_A | {"amfInstanceId": "amf-b"})).status == 200
    (request,) = former
    assert (request.method, request.path) == ("POST", "/namf-callback/v1/x/dereg-notify")
    assert json.loads(request.body) == {"deregReason": "UE_INITIAL_REGISTRATION", "accessType": "3GPP_ACCESS"}
    assert net.desk.event("DeregistrationNotDelivered").subject == SUPI


def test_smf_registrations_are_seen_as_the_ues_context_in_smf_data():
    net = network()
    context = f"/nudm-sdm/v2/{SUPI}/ue-context-in-smf-data"
    assert net.ask(get(context)).body == b"{}"
    assert net.ask(body("PUT", f"{SMF_PATH}/1", SMF)).status == 201
    assert net.ask(body("PUT", f"{SMF_PATH}/1", SMF)).status == 200
    assert cause(net.ask(body("PUT", f"{SMF_PATH}/2", SMF))) == (400, "MANDATORY_IE_INCORRECT")
    assert json.loads(net.ask(get(context)).body)["pduSessions"]["1"]["smfInstanceId"] == "s"
    assert json.loads(net.ask(get(SMF_PATH)).body) == {"smfRegistrationList": [SMF]}
    delete = Request("DELETE", f"{SMF_PATH}/1")
    assert net.ask(delete).status == 204
    assert cause(net.ask(delete)) == (404, "CONTEXT_NOT_FOUND")


@pytest.mark.parametrize(
    "keys",
    [
        [{"id": 1}],
        [{"id": 0, "private_key": PRIVATE}],
        [{"id": 1, "private_key": PRIVATE}, {"id": 1, "private_key": PRIVATE}],
        [{"id": 1, "scheme": "profile-z", "private_key": PRIVATE}],
        [{"id": 1, "private_key": PRIVATE[:-2]}],
    ],
)
def test_a_home_network_key_that_opens_nothing_is_refused_at_once(keys):
    with pytest.raises(ValueError, match=r"home_network_keys\[\d\]") as caught:
        udm(home_network_keys=keys)
    assert PRIVATE[:-2] not in str(caught.value)


def test_authentications_of_one_subscriber_wait_for_one_another_and_are_bounded():
    net = network()
    exchanges = [net.desk.send(generate()) for _ in range(200)]
    patches = 0
    while net.desk.requests:
        packet, upstream = net.desk.requests[0]
        patches += upstream.method == "PATCH"
        net.desk.answer(net.servers[packet.peer].ask(upstream))
    statuses = [net.desk.responses[exchange].status for exchange in exchanges]
    assert (statuses.count(200), statuses.count(503)) == (65, 135)
    assert patches == 65
    assert vector(net)[2] == 66 << 5 | 66 % 32


def test_while_the_store_is_full_no_vector_is_given_and_no_sequence_number_is_used():
    net = network()
    store = net.servers[UDR].part.services.store
    assert vector(net)[2] == 0x21
    store.full = True
    assert net.ask(generate()).status == 500
    assert net.servers[UDR].event("StoreFailed").level == "error"
    store.full = False
    assert vector(net)[2] == 0x42


CALLBACK = "http://10.0.0.2:8080/namf-callback/v1/x"


def subscribed(net, resource="am-data", callback=CALLBACK):
    uri = f"http://10.0.0.1:8080/nudm-sdm/v2/{SUPI}/{resource}?plmn-id=x"
    value = {"nfInstanceId": "a", "callbackReference": callback, "monitoredResourceUris": [uri]}
    assert net.ask(body("POST", f"/nudm-sdm/v2/{SUPI}/sdm-subscriptions", value)).status == 201


def change(*resources):
    """The UDR tells of changed data."""
    change = {"op": "REPLACE", "path": "", "newValue": {}}
    base = "/nudr-dr/v2/subscription-data/provisioned-data"
    items = [{"resourceId": f"{base}/{resource}", "changes": [change]} for resource in resources]
    return body("POST", "/nudr-callback/v1/data-change-notify", {"ueId": SUPI, "notifyItems": items})


def changed(net, *resources):
    """The same, and the UDR says who subscribed."""
    net.desk.send(change(*resources))
    ask_udr(net)


def ask_udr(net):
    packet, upstream = net.desk.requests[0]
    assert packet.peer == UDR
    net.desk.answer(net.servers[UDR].ask(upstream))


def test_who_subscribed_hears_of_what_it_subscribed_to_only():
    """TS 29.503 clause 5.2.2.3: an AMF of access and mobility data, an SMF of session management data."""
    net = network()
    subscribed(net)
    subscribed(net, "sm-data", "http://10.0.0.4:8080/nsmf-callback/v1/x")
    changed(net, "sm-data")
    (packet, notification) = net.desk.requests.pop()
    assert (packet.peer, notification.path) == ("10.0.0.4:8080", "/nsmf-callback/v1/x")
    changed(net, "am-data", "sm-data")
    assert sorted(packet.peer for packet, _ in net.desk.requests) == ["10.0.0.2:8080", "10.0.0.4:8080"]
    assert all(len(json.loads(request.body)["notifyItems"]) == 1 for _, request in net.desk.requests)


def test_the_subscription_of_one_who_has_lost_the_subscriber_ends():
    net = network()
    subscribed(net)
    changed(net, "am-data")
    net.desk.answer(codec.problem(404, "CONTEXT_NOT_FOUND"))
    ask_udr(net)
    changed(net, "am-data")
    assert not net.desk.requests


RESTORATION = "http://10.0.0.{}:8080/restoration"


def registered_with_callbacks(net):
    amf = {
        "amfInstanceId": "a",
        "deregCallbackUri": CALLBACK,
        "guami": {"plmnId": {"mcc": "001", "mnc": "01"}, "amfId": "020040"},
        "ratType": "NR",
        "dataRestorationCallbackUri": RESTORATION.format(2),
    }
    net.ask(body("PUT", f"/nudm-uecm/v1/{SUPI}/registrations/amf-3gpp-access", amf))
    for session in (1, 2):
        smf = SMF | {"pduSessionId": session, "dataRestorationCallbackUri": RESTORATION.format(4)}
        net.ask(body("PUT", f"{SMF_PATH}/{session}", smf))


def lost(desk):
    value = {"recoveryTime": "2026-01-01T00:00:00Z"}
    exchange = desk.send(body("POST", "/nudr-callback/v1/data-restoration-notify", value))
    assert desk.responses[exchange].status == 204


def test_that_the_udr_has_lost_data_is_told_once_to_each_who_registered_here_again_where_it_is_not_heard():
    """TS 29.503 clause 5.3.2.12."""
    net = network()
    lost(net.desk)
    assert not net.desk.requests
    registered_with_callbacks(net)
    lost(net.desk)
    assert [(packet.peer, request.path) for packet, request in net.desk.requests] == [
        ("10.0.0.2:8080", "/restoration"),
        ("10.0.0.4:8080", "/restoration"),
    ]
    assert json.loads(net.desk.requests[0][1].body) == {"recoveryTime": "2026-01-01T00:00:00Z"}
    net.desk.answer(Response(204))
    net.desk.reset()
    net.desk.pass_s(1)
    assert [packet.peer for packet, _ in net.desk.requests] == ["10.0.0.4:8080"]


def test_a_udm_that_was_restarted_still_knows_whom_to_tell():
    net = network()
    registered_with_callbacks(net)
    services = net.desk.part.services
    again = Desk(PART_TYPE.build("udm", {}, services))
    again.part.wake(again.now_ns)
    lost(again)
    assert len(again.requests) == 2


def test_callbacks_are_bounded_and_what_is_no_uri_is_none():
    net = network()
    for number in range(300):
        smf = SMF | {"dataRestorationCallbackUri": f"http://10.1.{number // 250}.{number % 250}:8080/x"}
        net.ask(body("PUT", f"{SMF_PATH}/1", smf))
    net.ask(body("PUT", f"{SMF_PATH}/1", SMF | {"dataRestorationCallbackUri": "ftp://x"}))
    lost(net.desk)
    assert len(net.desk.requests) == 256


def test_who_subscribed_is_notified_of_changed_data():
    net = network()
    subscribed(net)
    change = {"op": "REPLACE", "path": "/subscribedUeAmbr", "newValue": {"uplink": "1 Mbps", "downlink": "2 Mbps"}}
    item = {"resourceId": "/nudr-dr/v2/subscription-data/provisioned-data/am-data", "changes": [change]}
    request = body("POST", "/nudr-callback/v1/data-change-notify", {"ueId": SUPI, "notifyItems": [item]})
    exchange = net.desk.send(request)
    assert net.desk.responses[exchange].status == 204
    ask_udr(net)
    (packet, notification) = net.desk.requests.pop()
    assert (packet.peer, notification.path) == ("10.0.0.2:8080", "/namf-callback/v1/x")
    (told,) = json.loads(notification.body)["notifyItems"]
    assert told == {"resourceId": f"/nudm-sdm/v2/{SUPI}/am-data", "changes": [change]}


def test_a_withdrawn_subscription_deregisters_the_ue_at_its_amf():
    net = network()
    subscribed(net)
    registration = {
        "amfInstanceId": "a",
        "deregCallbackUri": CALLBACK,
        "guami": {"plmnId": {"mcc": "001", "mnc": "01"}, "amfId": "020040"},
        "ratType": "NR",
    }
    assert net.ask(body("PUT", f"/nudm-uecm/v1/{SUPI}/registrations/amf-3gpp-access", registration)).status == 201
    item = {"resourceId": "x", "changes": [{"op": "REMOVE", "path": ""}]}
    request = body("POST", "/nudr-callback/v1/data-change-notify", {"ueId": SUPI, "notifyItems": [item]})
    net.desk.send(request)
    packet, upstream = net.desk.requests[0]
    net.desk.answer(net.servers[packet.peer].ask(upstream))
    (packet, notification) = net.desk.requests.pop()
    assert packet.peer == "10.0.0.2:8080"
    assert json.loads(notification.body)["deregReason"] == "SUBSCRIPTION_WITHDRAWN"
