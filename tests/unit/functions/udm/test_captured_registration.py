"""A real core's AMF, SMF and AUSF asked its UDM these things; ours, with our UDR, answers them alike."""

import json
from pathlib import Path

from awase.functions.udm.part import PART_TYPE as UDM
from awase.functions.udr.part import PART_TYPE as UDR
from awase.protocols.sbi import codec
from awase.protocols.sbi.nudm_sdm import SessionManagementSubscriptionData
from unit.protocols.sbi.exchanges import Desk, Exchange, LocalServices, Request

VECTORS = Path(__file__).parents[3] / "vectors" / "sbi" / "open5gs-2.8-ueransim-3.3"
CAPTURED = [entry for entry in json.loads((VECTORS / "nea0-kernel-sctp.json").read_text()) if entry["server"] == "UDM"]

# What Open5GS does otherwise: its UDM keeps the registration of a session that was released, so that the next one of
# the same identity is 200; it takes authRemovalInd at the collection, without the identifier of the event.
STATUS_OF_OURS = {("PUT", "smf-registrations/1", 200): 201, ("PUT", "auth-events", 204): 405}


def test_each_request_has_the_status_and_body_of_the_real_core():
    subscriber = {
        "supi": "imsi-999700000000001",
        "k": "465b5ce8b199b49faa5f0a2ee238a6bc",
        "opc": "e8ed289deba952e4283b54e88e6183ca",
        "sqn": "00000000001f",
        "slices": [{"sst": 1}],
        "dnns": ["internet"],
        "ambr": {"uplink_mbps": 10_000, "downlink_mbps": 10_000},
        "session_ambr": {"uplink_mbps": 10_000, "downlink_mbps": 10_000},
    }
    first = json.loads(CAPTURED[0]["response"]["body"])
    services = LocalServices(RAND=bytes.fromhex(first["authenticationVector"]["rand"]))
    udr = Desk(UDR.build("udr", {"subscribers": [subscriber]}, LocalServices()))
    peers = {"N35": [{"part": "udr", "function": "udr", "address": "10.0.0.7:8080"}]}
    net = Exchange(Desk(UDM.build("udm", {"peers": peers, "plmn": "999-70"}, services)), {"10.0.0.7:8080": udr})
    identifiers = {}
    bodies = 0
    for index, entry in enumerate(CAPTURED):
        path = entry["path"]
        for theirs, ours in identifiers.items():
            path = path.replace(theirs, ours)
        fields = tuple((name, value) for name, value in entry["headers"])
        response = net.ask(Request(entry["method"], path, fields, entry["body"].encode(), entry["authority"]))
        expected = entry["response"]
        end = next(
            (end for method, end, _ in STATUS_OF_OURS if (method, path[-len(end) :]) == (entry["method"], end)), ""
        )
        status = STATUS_OF_OURS.get((entry["method"], end, expected["status"]), expected["status"])
        assert response.status == status, (entry["frame"], response.body)
        if path.endswith("sdm-subscriptions"):
            location = dict(map(tuple, expected["headers"]))["location"]
            identifiers[location.rpartition("/")[2]] = response.header("location").rpartition("/")[2]
        if index == 0 or entry["method"] in ("PUT", "POST"):
            if response.ok and index < 10:
                assert json.loads(response.body) == json.loads(expected["body"]), entry["frame"]
                bodies += 1
        elif "/sm-data" in path:
            (data,) = codec.decode(tuple[SessionManagementSubscriptionData, ...], response.body)
            assert data.dnn_configurations["internet"].session_ambr.uplink == "10 Gbps"
    assert len(CAPTURED) > 20
    assert bodies > 3
