"""Unified access control (TS 24.501 clause 4.5, TS 38.331 clause 5.3.14)."""

from typing import Any

import pytest

from awase.functions.ue.access import AccessCategory, barred_ns, establishment_cause
from awase.functions.ue.states import RmState
from awase.model.part import NS_PER_S
from awase.protocols.nas import messages as nas
from awase.protocols.nas.elements import ServiceType
from awase.protocols.rrc.messages import RRCSetupRequest
from unit.functions.ue.rig import Network


def barring(category: int, *, factor: str = "p00", time: str = "s16", identities: int = 0x7F) -> dict[str, Any]:
    return {
        "uac-BarringInfo": {
            "uac-BarringForCommon": [{"accessCategory": category, "uac-barringInfoSetIndex": 1}],
            "uac-BarringInfoSetList": [
                {
                    "uac-BarringFactor": factor,
                    "uac-BarringTime": time,
                    "uac-BarringForAccessIdentity": (identities, 7),
                }
            ],
        }
    }


def test_a_barred_ue_waits_for_t390_and_registers_once_the_bar_is_lifted() -> None:
    network = Network()
    network.sib1_rest = barring(AccessCategory.MO_SIG)
    network.run(9)
    assert network.all(RRCSetupRequest) == []
    event = network.event("AccessBarred")
    assert event.fields["category"] == 3
    network.sib1_rest = {}
    network.broadcast()
    network.run(20)
    assert network.ue.context.state is RmState.REGISTERED


def test_t390_lies_between_seven_tenths_and_thirteen_tenths_of_the_barring_time() -> None:
    network = Network()
    network.sib1_rest = barring(AccessCategory.MO_SIG, time="s512")
    network.run(5)
    (seconds,) = [(ns - network.now_ns) / NS_PER_S + 5 for ns in network.ue.uu.t390_until_ns.values()]
    assert 0.7 * 512 <= seconds <= 1.3 * 512 + 1


def test_a_factor_of_95_percent_lets_most_through() -> None:
    allowed = 0
    network = Network().run(2)
    network.sib1_rest = barring(AccessCategory.MO_DATA, factor="p95")
    network.broadcast()
    network.run(1)
    for _ in range(400):
        network.ue.uu.t390_until_ns = None
        allowed += not barred_ns(network.ue, AccessCategory.MO_DATA)
    assert 360 <= allowed < 400


def test_a_page_and_other_categories_pass() -> None:
    network = Network().run(2)
    network.sib1_rest = barring(AccessCategory.MO_SIG)
    network.broadcast()
    network.run(1)
    network.serve()
    network.release()
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    assert network.all(nas.ServiceRequest) == []
    network.page()
    network.run(1)
    assert len(network.all(nas.ServiceRequest)) == 1
    assert barred_ns(network.ue, AccessCategory.MO_DATA) == 0
    assert barred_ns(network.ue, AccessCategory.EMERGENCY) == 0


def test_a_barred_service_request_is_made_once_t390_has_expired() -> None:
    network = Network().run(2)
    network.sib1_rest = barring(AccessCategory.MO_SIG)
    network.broadcast()
    network.run(1)
    network.serve()
    network.release()
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    network.sib1_rest = {}
    network.broadcast()
    network.run(25)
    assert len(network.all(nas.ServiceRequest)) == 1


@pytest.mark.parametrize(("identity", "bar"), [(1, 0x40), (2, 0x20), (11, 0x10), (15, 0x01)])
def test_an_access_identity_is_barred_by_its_own_bit(identity: int, bar: int) -> None:
    network = Network(access_identity=identity)
    network.sib1_rest = barring(AccessCategory.MO_SIG, identities=0x7F & ~bar)
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED
    network.sib1_rest = barring(AccessCategory.MO_SIG, identities=bar)
    network.broadcast()
    network.run(1)
    assert barred_ns(network.ue, AccessCategory.MO_SIG) > 0


@pytest.mark.parametrize("explicit", [False, True])
def test_the_plmns_own_list_counts_before_the_common_one(explicit: bool) -> None:
    network = Network()
    rest = barring(AccessCategory.MO_SIG)
    implicit = ("uac-ImplicitACBarringList", [2] * 63)
    listed = ("uac-ExplicitACBarringList", [{"accessCategory": 3, "uac-barringInfoSetIndex": 2}])
    info = rest["uac-BarringInfo"]
    info["uac-BarringPerPLMN-List"] = [
        {"plmn-IdentityIndex": 1, "uac-ACBarringListType": listed if explicit else implicit}
    ]
    info["uac-BarringInfoSetList"].append({**info["uac-BarringInfoSetList"][0], "uac-BarringFactor": "p95"})
    network.sib1_rest = rest
    network.run(60)
    assert network.ue.context.state is RmState.REGISTERED


@pytest.mark.parametrize(
    ("identity", "category", "cause"),
    [
        (0, AccessCategory.MT_ACC, "mt-Access"),
        (0, AccessCategory.EMERGENCY, "emergency"),
        (0, AccessCategory.MO_SIG, "mo-Signalling"),
        (0, AccessCategory.MO_MMTEL_VOICE, "mo-VoiceCall"),
        (0, AccessCategory.MO_MMTEL_VIDEO, "mo-VideoCall"),
        (0, AccessCategory.MO_SMS_AND_SMSOIP, "mo-SMS"),
        (0, AccessCategory.MO_DATA, "mo-Data"),
        (1, AccessCategory.MO_DATA, "mps-PriorityAccess"),
        (2, AccessCategory.MO_SIG, "mcs-PriorityAccess"),
        (11, AccessCategory.MO_SIG, "highPriorityAccess"),
        (15, AccessCategory.EMERGENCY, "emergency"),
    ],
)
def test_the_establishment_cause_is_that_of_table_4_5_6_1(identity: int, category: AccessCategory, cause: str) -> None:
    assert establishment_cause(Network(access_identity=identity).ue, category) == cause


def test_after_an_rrc_rejection_t302_bars_all_but_pages_and_emergencies() -> None:
    network = Network()
    network.answers[RRCSetupRequest] = network.reject_rrc
    network.run(0.1)
    assert barred_ns(network.ue, AccessCategory.MO_DATA) > 0
    assert barred_ns(network.ue, AccessCategory.MT_ACC) == 0
    assert barred_ns(network.ue, AccessCategory.EMERGENCY) == 0
