"""Registration (TS 24.501 clauses 5.5.1.2 and 5.5.1.3) from a gNB's and a UE's side."""

import pytest

from awase.model.ids import Plmn, SNssai, Tai
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import (
    FiveGSRegistrationType,
    PduSessionIds,
    RegistrationType,
    Suci,
    UeSecurityCapability,
    nssai,
)
from awase.protocols.nas.network_elements import UpdateType
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec
from unit.functions.amf.bench import PLMN, SLICE, UDM, Bench, Ue

MOBILITY = RegistrationType.mobility_registration_updating
PERIODIC = RegistrationType.periodic_registration_updating


def test_a_ue_registers_by_suci() -> None:
    """TP_5GNAS_AMF_AUT_REQ_01, TP_NGNAS_AMF_AUT_SEQ_01, REG_ACC_01, TP_5GAP_ICS_01."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    assert [type(message) for message in ue.received] == [
        nas.AuthenticationRequest,
        nas.SecurityModeCommand,
        nas.RegistrationAccept,
    ]
    accept = ue.last()
    assert accept.tai_list.tais == (Tai(PLMN, 1),)
    assert accept.allowed_nssai == nssai((SLICE,))
    assert accept.five_g_guti is not None
    assert accept.t3512_value is not None
    setup = ue.messages[2]
    assert isinstance(setup, ngap.InitialContextSetupRequest)
    assert setup.allowed_nssai == (SLICE,)
    assert setup.guami == ue.guti.guami if ue.guti else False
    assert setup.ue_aggregate_maximum_bit_rate.ue_aggregate_maximum_bit_rate_dl == 2_000_000_000
    assert setup.ue_security_capabilities.nr_encryption_algorithms == 0xE000
    assert len(setup.security_key) == 32
    assert bench.event("Registered").subject == ue.supi


def test_the_keys_in_use_are_logged_once() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    (record,) = bench.services.keys
    assert record["supi"] == ue.supi
    assert (record["nea"], record["nia"]) == (2, 2)
    assert (record["amf_ue_ngap_id"], record["ran_ue_ngap_id"]) == (ue.amf_id, ue.ran_id)
    assert ue.security is not None
    assert record["k_nas_int"] == ue.security.keys()["k_nas_int"]


def test_only_elements_that_a_rel_15_ue_knows_are_sent() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    known = {
        "five_gs_registration_result",
        "five_g_guti",
        "tai_list",
        "allowed_nssai",
        "rejected_nssai",
        "configured_nssai",
        "five_gs_network_feature_support",
        "pdu_session_status",
        "t3512_value",
        "unknown_ies",
    }
    given = {name for name in ue.last().__struct_fields__ if getattr(ue.last(), name) is not None}
    assert given <= known


def test_a_known_5g_guti_with_intact_integrity_needs_no_authentication() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    first, ue.received = ue.guti, []
    ue.begin()
    assert [type(message) for message in ue.received] == [nas.RegistrationAccept]
    ue.set_up_context()
    ue.complete_registration()
    assert ue.guti != first
    assert len(bench.amf.by_tmsi) == 1


def test_a_5g_guti_is_given_anew_on_every_kind_of_registration() -> None:
    """TS 33.512 4.2.2.5.1 (TS 33.501 clause 6.12.3)."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    seen = {ue.guti}
    for kind in (MOBILITY, PERIODIC, RegistrationType.initial_registration):
        ue.release_requested(Cause("radioNetwork", "user-inactivity"))
        ue.released()
        ue.begin(ue.request(kind))
        ue.set_up_context() if isinstance(ue.messages[-1], ngap.InitialContextSetupRequest) else None
        ue.complete_registration()
        seen.add(ue.guti)
    assert len(seen) == 4


def test_an_unknown_5g_guti_leads_to_an_identity_request() -> None:
    bench = Bench()
    gnb = bench.gnb()
    ue = Ue(gnb).register()
    elsewhere = Ue(Bench().gnb()).register()
    ue.guti, ue.security = elsewhere.guti, None
    bench.amf.by_tmsi.clear()
    ue.begin()
    assert isinstance(ue.last(), nas.IdentityRequest)
    ue.uplink(nas.IdentityResponse(mobile_identity=ue.suci))
    ue.authenticate()
    ue.complete_security()
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_a_known_5g_guti_without_integrity_is_authenticated_by_its_supi() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin(octets=encode(ue.request()))
    assert bench.core.bodies("10.0.0.2:8080", "POST")[-1]["supiOrSuci"] == ue.supi
    ue.authenticate()
    ue.complete_security()
    ue.set_up_context()
    ue.complete_registration()
    assert bench.amf.by_supi[ue.supi].connection.amf_ue_ngap_id == ue.amf_id  # type: ignore[index,union-attr]


def test_an_identity_request_is_repeated_four_times_then_the_ue_is_released() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.guti = Ue(Bench().gnb()).register().guti
    ue.begin()
    bench.wait(31)
    ue.take()
    assert [type(m) for m in ue.received] == [nas.IdentityRequest] * 5
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert bench.event("IdentificationFailed").config == "t3570_s"


def test_an_identity_response_without_a_suci_ends_the_registration() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.guti = Ue(Bench().gnb()).register().guti
    ue.begin()
    ue.uplink(nas.IdentityResponse(mobile_identity=ue.guti))
    assert ue.received[-1] == nas.IdentityRequest(identity_type=ue.received[-1].identity_type)
    ue.uplink(nas.IdentityResponse(mobile_identity=ue.suci))
    assert isinstance(ue.last(), nas.AuthenticationRequest)


def test_registration_accept_is_repeated_under_new_counts_until_t3550_has_expired_five_times() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    ue.set_up_context()
    bench.wait(31)
    ue.take()
    accepts = [message for message in ue.received if isinstance(message, nas.RegistrationAccept)]
    assert len(accepts) == 5
    assert len({accept.five_g_guti for accept in accepts}) == 1
    assert bench.event("RegistrationNotCompleted").config == "t3550_s"
    assert "Registered" in bench.names()


def test_the_same_request_again_brings_the_same_accept_again() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    ue.uplink(ue.request())
    accepts = [message for message in ue.received if isinstance(message, nas.RegistrationAccept)]
    assert len(accepts) == 2
    assert accepts[0] == accepts[1]


def test_another_request_while_one_is_treated_takes_its_place() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.uplink(ue.request(last_visited_registered_tai=Tai(PLMN, 5)), plain=True)
    requests = [message for message in ue.received if isinstance(message, nas.AuthenticationRequest)]
    assert len(requests) == 2
    assert requests[0].ngksi != requests[1].ngksi
    ue.authenticate()
    assert isinstance(ue.last(), nas.SecurityModeCommand)


@pytest.mark.parametrize(
    ("tac", "cause", "config"),
    [(9, FiveGMMCause.no_suitable_cells_in_tracking_area, "tac")],
)
def test_a_ue_in_a_tracking_area_that_is_not_served_is_rejected(tac: int, cause: FiveGMMCause, config: str) -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin(tac=tac)
    assert ue.last().five_gmm_cause == cause
    assert bench.event("RegistrationNotAllowed").config == config
    assert ue.released().cause == Cause("nas", "normal-release")


def test_a_ue_of_another_home_network_is_rejected() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.suci = Suci.null(Plmn("999", "70"), "0000000001")
    ue.begin()
    assert ue.last().five_gmm_cause == FiveGMMCause.plmn_not_allowed
    assert "home network 999-70" in bench.event("RegistrationNotAllowed").text


def test_a_subscriber_without_a_common_slice_is_rejected_with_cause_62_and_the_slice_named() -> None:
    """TP_5GNAS_AMF_REG_REJ_02."""
    bench = Bench()
    bench.core.slices = ({"sst": 1, "sd": "000001"},)
    ue = Ue(bench.gnb(), requested_nssai=nssai((SNssai(1, "000001"),)))
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    assert ue.last() == nas.RegistrationReject(five_gmm_cause=FiveGMMCause.no_network_slices_available)
    event = bench.event("SliceNotAllowed")
    assert event.text.startswith(f"slice 1-000001 of {ue.supi} is not in slices of amf1")
    assert event.config == "slices"


def test_slices_that_are_not_allowed_are_rejected_one_by_one() -> None:
    bench = Bench(slices=[{"sst": 1}, {"sst": 2}])
    bench.core.slices = ({"sst": 1}, {"sst": 3})
    gnb = bench.gnb(slices=(SNssai(1), SNssai(2)))
    ue = Ue(gnb, requested_nssai=nssai((SNssai(1), SNssai(2), SNssai(3)))).register()
    accept = ue.last()
    assert accept.allowed_nssai == nssai((SNssai(1),))
    assert [(item.s_nssai, item.cause) for item in accept.rejected_nssai] == [(SNssai(2), 0), (SNssai(3), 0)]
    assert accept.configured_nssai == nssai((SNssai(1),))


def test_without_a_request_the_default_slices_are_allowed() -> None:
    bench = Bench()
    ue = Ue(bench.gnb(), requested_nssai=None).register()
    assert ue.last().allowed_nssai == nssai((SLICE,))
    assert ue.last().configured_nssai == nssai((SLICE,))


def test_registration_fails_with_congestion_when_the_udm_is_silent() -> None:
    bench = Bench()
    bench.core.udm = lambda request: None
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    bench.wait(9)
    assert len(bench.core.bodies(UDM, "PUT")) == 2
    ue.take()
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion
    assert ue.last().t3346_value.seconds == 30
    assert bench.event("UdmSilent").config == "peers.N8"


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (404, "USER_NOT_FOUND", FiveGMMCause.five_gs_services_not_allowed),
        (403, "ROAMING_NOT_ALLOWED", FiveGMMCause.plmn_not_allowed),
        (500, "SYSTEM_FAILURE", FiveGMMCause.congestion),
    ],
)
def test_what_the_udm_refuses_is_told_with_the_cause_that_fits(status: int, cause: str, expected: FiveGMMCause) -> None:
    bench = Bench()
    bench.core.udm = lambda request: codec.problem(status, cause)
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    assert ue.last().five_gmm_cause == expected
    assert cause in bench.event("SubscriptionRefused").text


def test_of_two_ues_with_one_supi_the_newer_takes_over() -> None:
    bench = Bench()
    one = Ue(bench.gnb()).register()
    other = Ue(bench.gnb()).register()
    one.take()
    assert isinstance(one.messages[-1], ngap.UEContextReleaseCommand)
    assert "two UEs may have one SUPI" in bench.event("RegisteredAgain").text
    assert bench.amf.by_supi[other.supi].connection.amf_ue_ngap_id == other.amf_id  # type: ignore[index,union-attr]
    assert len(bench.amf.by_tmsi) == 1


def test_a_mobility_update_tells_which_sessions_there_are() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin(ue.request(MOBILITY, pdu_session_status=PduSessionIds((5,))), ue_context_request=None)
    assert ue.last().pdu_session_status == PduSessionIds(())
    assert not bench.core.bodies(UDM, "PUT")[1:]


def test_a_periodic_update_without_more_to_say_ends_the_connection() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    request = ue.request(PERIODIC)
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    fields["five_gs_registration_type"] = FiveGSRegistrationType(value=PERIODIC)
    ue.begin(nas.RegistrationRequest(**fields), ue_context_request=None)
    assert isinstance(ue.messages[-1], ngap.DownlinkNASTransport)
    ue.complete_registration()
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)


def test_a_registration_without_security_capability_is_rejected() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin(octets=encode(_without_capability(ue)))
    assert ue.last().five_gmm_cause == FiveGMMCause.ue_security_capabilities_mismatch


def _without_capability(ue: Ue) -> nas.RegistrationRequest:
    request = ue.request()
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    return nas.RegistrationRequest(**{**fields, "ue_security_capability": None})


def test_a_changed_security_capability_leads_to_new_keys() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.capability = UeSecurityCapability.of((0, 2), (2,))
    ue.begin()
    assert isinstance(ue.last(), nas.AuthenticationRequest)


def test_more_ues_than_configured_are_told_of_congestion() -> None:
    bench = Bench(limits={"ues": 1})
    gnb = bench.gnb()
    Ue(gnb).register()
    ue = Ue(gnb, 2)
    ue.begin()
    ue.authenticate()
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion
    assert bench.event("TooManyUes").config == "limits.ues"


def test_deregistered_contexts_make_room() -> None:
    bench = Bench(limits={"ues": 1})
    gnb = bench.gnb()
    ue = Ue(gnb).register()
    bench.amf.deregistered.clear()
    ue.uplink(
        nas.DeregistrationRequestUEOriginating(
            de_registration_type=nas.DeregistrationType(switch_off=True),
            ngksi=0,
            five_gs_mobile_identity=ue.guti or ue.suci,
        )
    )
    Ue(gnb, 2).register()
    assert list(bench.amf.by_supi) == ["imsi-001010000000002"]


def test_sms_over_nas_is_not_allowed_where_there_is_no_smsf() -> None:
    """TP_5GNAS_AMF_REG_ACC_02, REG_ACC_03, as far as they apply: the UE asks, and there is no SMSF."""
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin(ue.request(five_gs_update_type=UpdateType(sms_requested=True)))
    ue.authenticate()
    ue.complete_security(five_gs_update_type=UpdateType(sms_requested=True))
    assert ue.last().five_gs_registration_result.sms_allowed is False
