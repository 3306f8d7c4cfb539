"""The UDR through its port: what it keeps, what may be changed, what is durable."""

import json

import msgspec
import pytest

from awase.functions.udr.part import PART_TYPE
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Response
from unit.protocols.sbi.exchanges import Desk, LocalServices, Request, get

SUPI = "imsi-001010000000001"
K, OP, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cdc202d5123e20f62b6d676ac72cb318", "cd63cb71954a9f4e48a5994e37a02baf"
UE = f"/nudr-dr/v2/subscription-data/{SUPI}"
SUBSCRIPTION = f"{UE}/authentication-data/authentication-subscription"
STATUS = f"{UE}/authentication-data/authentication-status"
AMF = f"{UE}/context-data/amf-3gpp-access"
SMF = f"{UE}/context-data/smf-registrations"
REGISTRATION = {
    "amfInstanceId": "a",
    "deregCallbackUri": "http://10.0.0.2:8080/x",
    "guami": {"plmnId": {"mcc": "001", "mnc": "01"}, "amfId": "020040"},
    "ratType": "NR",
    "vendorSpecific-000001": {"kept": True},
}
SESSION = {
    "smfInstanceId": "s",
    "pduSessionId": 1,
    "singleNssai": {"sst": 1},
    "dnn": "internet",
    "plmnId": {"mcc": "001", "mnc": "01"},
}


def build(services=None, **subscriber):
    record = {
        "supi": SUPI,
        "k": K,
        "opc": OPC,
        "slices": [{"sst": 1, "sd": "000001"}, {"sst": 2}],
        "dnns": ["internet", "ims"],
    }
    return Desk(PART_TYPE.build("udr", {"subscribers": [record | subscriber]}, services or LocalServices()))


def patch(path, *operations):
    return Request("PATCH", path, (("content-type", "application/json-patch+json"),), json.dumps(operations).encode())


def put(path, body):
    return Request("PUT", path, (("content-type", "application/json"),), json.dumps(body).encode(), "10.0.0.1:8080")


def read(desk, path):
    response = desk.ask(get(path))
    assert response.status == 200
    return json.loads(response.body)


def cause(response):
    return response.status, codec.problem_details(response).cause


def replace_sqn(old, new):
    return patch(
        SUBSCRIPTION,
        {"op": "test", "path": "/sequenceNumber/sqn", "value": old},
        {"op": "replace", "path": "/sequenceNumber/sqn", "value": new},
    )


def test_the_authentication_subscription_has_keys_and_sequence_number():
    assert read(build(sqn="00000000002A"), SUBSCRIPTION) == {
        "authenticationMethod": "5G_AKA",
        "encPermanentKey": K,
        "sequenceNumber": {"sqnScheme": "NON_TIME_BASED", "sqn": "00000000002a", "indLength": 5},
        "authenticationManagementField": "8000",
        "algorithmId": "milenage",
        "encOpcKey": OPC,
        "supi": SUPI,
    }


def test_opc_is_derived_where_op_is_given():
    assert read(build(opc=None, op=OP), SUBSCRIPTION)["encOpcKey"] == OPC


def test_a_subscription_of_tuak_has_a_topc_given_or_derived():
    # TS 35.233 test set 2.
    k, top = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0", bytes(range(0x80, 0xA0)).hex()
    topc = "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524"
    for constant in ({"top": top}, {"topc": topc}, {"top": top, "topc": topc}):
        found = read(build(algorithm="tuak", k=k, opc=None, **constant), SUBSCRIPTION)
        assert (found["algorithmId"], found["encTopcKey"]) == ("tuak", topc)
        assert "encOpcKey" not in found
    desk = build(algorithm="tuak", k=k, opc=None, top=top, topc=top)
    desk.collect()
    assert "the TOP itself, given as TOPc" in desk.event("SubscriberKeysDisagree").text


def test_an_op_that_was_given_as_opc_is_explained():
    desk = build(opc=OP, op=OP)
    desk.collect()
    event = desk.event("SubscriberKeysDisagree")
    assert "the OP itself, given as OPc" in event.text
    assert event.config == "subscribers[0].opc"
    assert OP not in event.text


def test_a_sequence_number_is_committed_before_it_is_acknowledged():
    services = LocalServices()
    desk = build(services)
    assert desk.ask(replace_sqn("000000000000", "000000000021")).status == 204
    assert services.store.committed[f"sqn/{SUPI}"] == b"000000000021"
    assert read(build(services), SUBSCRIPTION)["sequenceNumber"]["sqn"] == "000000000021"


def test_a_sequence_number_that_was_taken_meanwhile_is_a_conflict():
    desk = build()
    assert desk.ask(replace_sqn("000000000000", "000000000021")).status == 204
    assert cause(desk.ask(replace_sqn("000000000000", "000000000021"))) == (409, "MODIFICATION_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "replace", "path": "/encPermanentKey", "value": "00"}, (403, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "remove", "path": "/sequenceNumber"}, (403, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "replace", "path": "/sequenceNumber/sqn", "value": "xx0000000000"}, (403, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "replace", "path": "/sequenceNumber/sqn", "value": 1}, (403, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "replace", "path": "/sequenceNumber", "value": []}, (403, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "add", "path": "/x/y", "value": 1}, (409, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "replace", "path": "/x", "value": 1}, (409, "MODIFICATION_NOT_ALLOWED")),
        ({"op": "replace", "path": "/sequenceNumber/sqn"}, (400, "INVALID_MSG_FORMAT")),
        ({"op": "increment", "path": "/x"}, (400, "INVALID_MSG_FORMAT")),
        ({"op": "add", "path": "x", "value": 1}, (400, "INVALID_MSG_FORMAT")),
        ({"op": "add", "path": "/a" * 40, "value": 1}, (400, "INVALID_MSG_FORMAT")),
        ({"path": "/x"}, (400, "MANDATORY_IE_MISSING")),
    ],
)
def test_nothing_else_of_the_subscription_can_be_changed(operation, expected):
    desk = build()
    before = read(desk, SUBSCRIPTION)
    assert cause(desk.ask(patch(SUBSCRIPTION, operation))) == expected
    assert read(desk, SUBSCRIPTION) == before


def test_json_patch_moves_copies_and_escapes():
    desk = build()
    desk.ask(put(AMF, REGISTRATION))
    response = desk.ask(
        patch(
            AMF,
            {"op": "add", "path": "/a~1b~0", "value": {"x": 1}},
            {"op": "copy", "from": "/a~1b~0", "path": "/c"},
            {"op": "move", "from": "/c/x", "path": "/d"},
            {"op": "remove", "path": "/ratType"},
            {"op": "add", "path": "/ratType", "value": "NR_LEO"},
        )
    )
    assert response.status == 204
    assert read(desk, AMF) == REGISTRATION | {"a/b~": {"x": 1}, "c": {}, "d": 1, "ratType": "NR_LEO"}


def test_an_unknown_subscriber_is_user_not_found_and_an_event():
    desk = build()
    assert cause(desk.ask(get(SUBSCRIPTION.replace("0001/", "0002/")))) == (404, "USER_NOT_FOUND")
    event = desk.event("UnknownSubscriber")
    assert (event.subject, event.config) == ("imsi-001010000000002", "subscribers")
    for request in (put(STATUS.replace("0001/", "2/"), {}), put(AMF.replace("0001/", "2/"), REGISTRATION)):
        assert desk.ask(request).status in (400, 404)


def test_access_and_mobility_data_have_ambr_and_slices():
    assert read(build(ambr={"downlink_mbps": 100, "uplink_mbps": 0.5}), f"{UE}/00101/provisioned-data/am-data") == {
        "subscribedUeAmbr": {"uplink": "500 Kbps", "downlink": "100 Mbps"},
        "nssai": {"defaultSingleNssais": [{"sst": 1, "sd": "000001"}, {"sst": 2}]},
    }


def test_the_first_dnn_is_the_default_one():
    infos = [{"dnn": "internet", "defaultDnnIndicator": True}, {"dnn": "ims"}]
    assert read(build(), f"{UE}/00101/provisioned-data/smf-selection-subscription-data") == {
        "subscribedSnssaiInfos": {"1-000001": {"dnnInfos": infos}, "2": {"dnnInfos": infos}}
    }


def test_data_sets_come_together():
    assert list(read(build(), f"{UE}/00101/provisioned-data?dataset-names=AM%2CSMF_SEL")) == ["amData", "smfSelData"]
    assert desk_cause(f"{UE}/00101/provisioned-data?dataset-names=TRACE") == (404, "DATA_NOT_FOUND")


def desk_cause(path):
    return cause(build().ask(get(path)))


def test_session_data_are_those_of_the_slice_and_dnn_asked_for():
    path = f"{UE}/00101/provisioned-data/sm-data"
    desk = build(session_ambr={"downlink_mbps": 20, "uplink_mbps": 10})
    (data,) = read(desk, path + "?single-nssai=%7B%22sst%22%3A1%2C%22sd%22%3A%22000001%22%7D&dnn=ims")
    assert data["singleNssai"] == {"sst": 1, "sd": "000001"}
    assert list(data["dnnConfigurations"]) == ["ims"]
    configuration = data["dnnConfigurations"]["ims"]
    assert configuration["sessionAmbr"] == {"uplink": "10 Mbps", "downlink": "20 Mbps"}
    assert configuration["5gQosProfile"]["5qi"] == 9
    assert len(read(desk, path)) == 2
    assert desk_cause(path + "?dnn=unknown") == (404, "DATA_NOT_FOUND")
    assert desk_cause(path + "?single-nssai=%7B%22sst%22%3A3%7D") == (404, "DATA_NOT_FOUND")
    assert desk_cause(path + "?single-nssai=7") == (400, "OPTIONAL_QUERY_PARAM_INCORRECT")


def test_network_wide_slices_and_dnns_are_those_of_subscribers_who_name_none():
    config = {
        "subscribers": [{"supi": SUPI, "k": K, "opc": OPC}],
        "slices": [{"sst": 5}],
        "dnns": [{"name": "internet", "pool": "10.45.0.0/16"}],
    }
    desk = Desk(PART_TYPE.build("udr", config, LocalServices()))
    (data,) = read(desk, f"{UE}/00101/provisioned-data/sm-data")
    assert (data["singleNssai"], list(data["dnnConfigurations"])) == ({"sst": 5}, ["internet"])


def test_context_data_are_kept_as_they_were_put():
    desk = build()
    assert cause(desk.ask(get(AMF))) == (404, "DATA_NOT_FOUND")
    created = desk.ask(put(AMF, REGISTRATION))
    assert (created.status, created.header("location")) == (201, f"http://10.0.0.1:8080{AMF}")
    assert desk.ask(put(AMF, REGISTRATION)).status == 204
    assert read(desk, AMF) == REGISTRATION
    assert desk.ask(patch(AMF, {"op": "add", "path": "/purgeFlag", "value": True})).status == 204
    assert read(desk, AMF) == REGISTRATION | {"purgeFlag": True}


def test_a_patch_that_leaves_no_registration_is_refused():
    desk = build()
    assert cause(desk.ask(patch(AMF, {"op": "remove", "path": "/guami"}))) == (404, "DATA_NOT_FOUND")
    desk.ask(put(AMF, REGISTRATION))
    assert cause(desk.ask(patch(AMF, {"op": "remove", "path": "/guami"}))) == (400, "INVALID_MSG_FORMAT")
    assert read(desk, AMF) == REGISTRATION


def test_smf_registrations_come_and_go_by_session():
    desk = build()
    assert cause(desk.ask(get(SMF))) == (404, "DATA_NOT_FOUND")
    assert desk.ask(put(f"{SMF}/1", SESSION)).status == 201
    assert desk.ask(put(f"{SMF}/1", SESSION)).status == 204
    second = SESSION | {"pduSessionId": 2}
    assert cause(desk.ask(put(f"{SMF}/1", second))) == (400, "MANDATORY_IE_INCORRECT")
    assert cause(desk.ask(put(f"{SMF}/999", second))) == (400, "MANDATORY_IE_INCORRECT")
    assert desk.ask(put(f"{SMF}/2", second)).status == 201
    assert read(desk, SMF) == [SESSION, second]
    assert read(desk, f"{SMF}/2") == second
    delete = Request("DELETE", f"{SMF}/1")
    assert desk.ask(delete).status == 204
    assert cause(desk.ask(delete)) == (404, "DATA_NOT_FOUND")


def test_the_sessions_of_a_subscriber_are_bounded():
    desk = build()
    answers = [desk.ask(put(f"{SMF}/{session}", SESSION | {"pduSessionId": session})) for session in range(33)]
    assert [answer.status for answer in answers] == [201] * 32 + [403]


def test_authentication_status_is_kept_and_deleted():
    desk = build()
    event = {
        "nfInstanceId": "u",
        "success": True,
        "timeStamp": "2026-01-01T00:00:00Z",
        "authType": "5G_AKA",
        "servingNetworkName": "5G:mnc001.mcc001.3gppnetwork.org",
    }
    assert desk.ask(put(STATUS, event)).status == 204
    assert read(desk, STATUS) == event
    assert desk.ask(Request("DELETE", STATUS)).status == 204
    assert cause(desk.ask(get(STATUS))) == (404, "DATA_NOT_FOUND")


def test_a_body_that_is_too_large_is_refused():
    assert build().ask(put(AMF, REGISTRATION | {"x": "y" * 9_000})).status == 413


def test_a_deeply_nested_value_is_refused():
    desk = build()
    desk.ask(put(AMF, REGISTRATION))
    deep = b'[{"op":"add","path":"/x","value":' + b"[" * 3_900 + b"]" * 3_900 + b"}]"
    request = Request("PATCH", AMF, (("content-type", "application/json-patch+json"),), deep)
    assert cause(desk.ask(request)) == (400, "INVALID_MSG_FORMAT")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"k": "46"}, "subscribers[0].k: 32 hexadecimal digits"),
        ({"k": "x" * 32}, "subscribers[0].k: 32 hexadecimal digits"),
        ({"opc": None}, "neither opc nor op"),
        ({"algorithm": "xor"}, "algorithm: 'xor' is unknown"),
        ({"algorithm": "tuak"}, "opc: tuak takes topc or top"),
        ({"algorithm": "tuak", "opc": None}, "neither topc nor top"),
        ({"algorithm": "tuak", "opc": None, "top": OPC}, "top: 64 hexadecimal digits are wanted, there are 32"),
        ({"k": K * 2}, "k: 32 hexadecimal digits are wanted, there are 64"),
        ({"supi": "001010000000001"}, "no SUPI"),
        ({"sqn": "0"}, "subscribers[0].sqn: 12"),
        ({"amf": "80000"}, "subscribers[0].amf: 4"),
    ],
)
def test_a_subscriber_who_could_never_be_authenticated_is_refused_at_once(changes, message):
    with pytest.raises((ValueError, msgspec.ValidationError)) as caught:
        build(**changes)
    assert message in str(caught.value)
    assert K not in str(caught.value)


def test_a_subscriber_cannot_be_there_twice():
    record = {"supi": SUPI, "k": K, "opc": OPC}
    with pytest.raises(ValueError, match="there twice"):
        PART_TYPE.build("udr", {"subscribers": [record, record]}, LocalServices())


def test_registrations_outlive_a_restart_and_are_in_the_books():
    services = LocalServices()
    first = build(services)
    assert first.ask(put(AMF, REGISTRATION)).status == 201
    assert first.ask(put(f"{SMF}/1", SESSION)).status == 201
    second = build(services)
    assert read(second, AMF) == REGISTRATION
    assert read(second, f"{SMF}/1") == SESSION
    books = {(entry.book, entry.key, entry.value) for entry in second.part.books()}
    assert books == {
        ("amf registrations", SUPI, "020040"),
        ("smf registrations", f"{SUPI}/1", "internet"),
    }
    second.ask(Request("DELETE", f"{SMF}/1"))
    assert [entry.book for entry in build(services).ask(get(AMF)) and second.part.books()] == ["amf registrations"]


@pytest.mark.parametrize(
    "request_",
    [
        replace_sqn("000000000000", "000000000021"),
        put(AMF, REGISTRATION),
        put(f"{SMF}/1", SESSION),
    ],
)
def test_what_cannot_be_stored_is_not_taken(request_):
    services = LocalServices()
    desk = build(services)
    services.store.full = True
    assert cause(desk.ask(request_)) == (500, "INSUFFICIENT_RESOURCES")
    assert desk.event("StoreFailed").level == "error"
    assert list(desk.part.books()) == []
    assert read(desk, SUBSCRIPTION)["sequenceNumber"]["sqn"] == "000000000000"


def acting(action, **subscriber):
    record = {"supi": SUPI, "k": K, "opc": OPC, "slices": [{"sst": 1}], "dnns": ["internet"]}
    config = {
        "subscribers": [record | subscriber],
        "actions": [{"at_s": 1, "supi": SUPI, **action}],
        "peers": {"N35": [{"part": "udm", "function": "udm", "address": "10.0.0.7:8080"}]},
    }
    desk = Desk(PART_TYPE.build("udr", config, LocalServices()))
    desk.part.wake(desk.now_ns)
    desk.collect()
    desk.answer(Response(204))
    desk.ask(put(AMF, REGISTRATION))
    desk.pass_s(2)
    return desk


RESTORATION = "/nudr-callback/v1/data-restoration-notify"


def test_a_udr_that_begins_with_an_empty_store_tells_its_udm_until_it_hears_and_one_that_does_not_says_nothing():
    """TS 29.504 clause 5.2.2.9: who was registered here cannot know."""
    services = LocalServices()
    config = {"subscribers": [], "peers": {"N35": [{"part": "udm", "function": "udm", "address": "10.0.0.7:8080"}]}}
    desk = Desk(PART_TYPE.build("udr", config, services))
    desk.part.wake(desk.now_ns)
    desk.collect()
    for wait_s in (1, 2):
        assert desk.upstream().path == RESTORATION
        desk.reset()
        desk.pass_s(wait_s)
    assert json.loads(desk.upstream().body) == {"recoveryTime": "2023-11-14T22:13:20.000000Z"}
    desk.answer(Response(204))
    desk.pass_s(1000)
    assert not desk.requests
    again = Desk(PART_TYPE.build("udr", config, services))
    again.part.wake(again.now_ns)
    again.collect()
    assert not again.requests


def test_a_udm_that_never_answers_is_given_up_with_an_event():
    config = {"subscribers": [], "peers": {"N35": [{"part": "udm", "function": "udm", "address": "10.0.0.7:8080"}]}}
    desk = Desk(PART_TYPE.build("udr", config, LocalServices()))
    desk.part.wake(desk.now_ns)
    desk.pass_s(600)
    assert desk.event("NotificationNotDelivered").config == "peers.N35"


def test_what_a_subscriber_has_in_a_dnn_can_be_changed():
    desk = acting({"do": "change_subscription", "sessions": [{"dnn": "internet", "five_qi": 8}]})
    (_, told) = desk.requests.pop()
    (item,) = json.loads(told.body)["notifyItems"]
    assert item["resourceId"].endswith("/sm-data")
    data = read(desk, f"{UE}/00101/provisioned-data/sm-data")
    assert data[0]["dnnConfigurations"]["internet"]["5gQosProfile"]["5qi"] == 8
    with pytest.raises(ValueError, match=r"actions\[0\]"):
        acting({"do": "change_subscription", "sessions": [{"dnn": "internet", "address": "10.0.0.300"}]})


def test_a_changed_subscription_is_served_and_told_to_the_udm():
    desk = acting({"do": "change_subscription", "ambr": {"downlink_mbps": 2, "uplink_mbps": 1}})
    (_, told) = desk.requests.pop()
    body = json.loads(told.body)
    assert (told.path, body["ueId"]) == ("/nudr-callback/v1/data-change-notify", SUPI)
    assert body["notifyItems"][0]["changes"] == [
        {"op": "REPLACE", "path": "/subscribedUeAmbr", "newValue": {"uplink": "1 Mbps", "downlink": "2 Mbps"}}
    ]
    assert read(desk, f"{UE}/00101/provisioned-data/am-data")["subscribedUeAmbr"]["downlink"] == "2 Mbps"


def test_a_withdrawn_subscriber_is_unknown_but_who_serves_it_can_be_found():
    desk = acting({"do": "withdraw"})
    (_, told) = desk.requests.pop()
    assert json.loads(told.body)["notifyItems"][0]["changes"] == [{"op": "REMOVE", "path": ""}]
    assert cause(desk.ask(get(SUBSCRIPTION))) == (404, "USER_NOT_FOUND")
    assert read(desk, AMF) == REGISTRATION


def test_an_action_on_nobody_is_reported():
    desk = acting({"do": "withdraw", "supi": "imsi-999990000000001"})
    assert desk.event("ActionFailed").config == "actions[0]"


def test_what_a_subscriber_has_in_one_dnn_differs():
    session = {
        "dnn": "ims",
        "five_qi": 5,
        "types": ["ipv6", "ipv4v6"],
        "arp": {"priority_level": 2},
        "ssc_modes": [2],
        "prefix": "2001:db8:45:99::/64",
        "session_ambr": {"downlink_mbps": 7, "uplink_mbps": 3},
    }
    desk = build(sessions=[session])
    data = read(desk, f"{UE}/00101/provisioned-data/sm-data")
    ims = data[0]["dnnConfigurations"]["ims"]
    assert ims["pduSessionTypes"] == {"defaultSessionType": "IPV6", "allowedSessionTypes": ["IPV6", "IPV4V6"]}
    assert ims["5gQosProfile"]["5qi"] == 5
    assert ims["staticIpAddress"] == [{"ipv6Prefix": "2001:db8:45:99::/64"}]
    assert ims["sessionAmbr"]["downlink"] == "7 Mbps"
    assert data[0]["dnnConfigurations"]["internet"]["5gQosProfile"]["5qi"] == 9


def test_a_static_address_that_is_none_is_refused_at_the_start():
    with pytest.raises(ValueError, match="sessions"):
        build(sessions=[{"dnn": "ims", "address": "10.0.0.300"}])


SDM = f"{UE}/context-data/sdm-subscriptions"
WATCH = {"nfInstanceId": "a", "callbackReference": "http://x/y", "monitoredResourceUris": ["z"], "ours": 7}


def post(value):
    return Request("POST", SDM, (("content-type", "application/json"),), json.dumps(value).encode(), "10.0.0.1:8080")


def test_subscriptions_to_changes_outlive_a_restart_and_end_by_their_name():
    """TS 29.505 clause 5.2.16; the UDM gets them as they were made, with the name that the UDR gave."""
    services = LocalServices()
    desk = build(services)
    assert desk_cause(SDM) == (404, "DATA_NOT_FOUND")
    made = desk.ask(post(WATCH))
    assert (made.status, json.loads(made.body)) == (201, WATCH)
    name = made.header("location").removeprefix(f"http://10.0.0.1:8080{SDM}/")
    again = build(services)
    assert read(again, SDM) == [WATCH | {"subscriptionId": name}]
    assert read(again, f"{SDM}/{name}") == WATCH | {"subscriptionId": name}
    assert again.ask(Request("DELETE", f"{SDM}/{name}")).status == 204
    assert cause(again.ask(Request("DELETE", f"{SDM}/{name}"))) == (404, "DATA_NOT_FOUND")
    assert cause(build(services).ask(get(f"{SDM}/{name}"))) == (404, "DATA_NOT_FOUND")


def test_of_subscriptions_that_are_to_be_unique_a_consumer_has_one_for_each_filter():
    """TS 29.503 clause 5.2.2.3.2: whoever has forgotten its subscription in a restart makes another."""
    desk = build()
    unique = WATCH | {"uniqueSubscription": True}
    other = {"nfInstanceId": "b", "callbackReference": "http://x/z"}
    for value in (WATCH, WATCH | other, unique | {"nfInstanceId": "c"}, unique, unique | {"dnn": "ims"}):
        last = desk.ask(post(value)).header("location").rpartition("/")[2]
    assert [(entry["nfInstanceId"], entry.get("dnn")) for entry in read(desk, SDM)] == [
        ("b", None),
        ("a", None),
        ("a", "ims"),
    ]
    again = desk.ask(post(unique)).header("location").rpartition("/")[2]
    assert [entry["subscriptionId"] for entry in read(desk, SDM)][1:] == [last, again]
    for _ in range(3):
        assert desk.ask(post(WATCH)).status == 201
    assert len(read(desk, SDM)) == 6


def test_while_the_store_is_full_no_subscription_is_taken_and_none_ends():
    services = LocalServices()
    desk = build(services)
    name = desk.ask(post(WATCH)).header("location").rpartition("/")[2]
    services.store.full = True
    assert cause(desk.ask(post(WATCH))) == (500, "INSUFFICIENT_RESOURCES")
    assert cause(desk.ask(Request("DELETE", f"{SDM}/{name}"))) == (500, "INSUFFICIENT_RESOURCES")
    assert [entry["subscriptionId"] for entry in read(desk, SDM)] == [name]
