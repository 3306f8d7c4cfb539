"""NG Setup, RAN configuration update and the life of an association (TS 38.413 clauses 8.7.1, 8.7.2)."""

import pytest

from awase.model.ids import Guami, Plmn, SNssai
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause, ExtendedRANNodeName, UEAssociatedLogicalNGConnectionItem
from unit.functions.amf.bench import PLMN, SLICE, Bench, Ue, ng_setup_request


def test_ng_setup_is_answered_with_guami_capacity_and_plmn_support_list() -> None:
    """TP_NGAP_AMF_IMP_01; Osmocom ng_setup."""
    bench = Bench(slices=[{"sst": 1}, {"sst": 2, "sd": "00000A"}], relative_amf_capacity=99)
    response = bench.gnb().last()
    assert response.amf_name == "amf1"
    assert response.relative_amf_capacity == 99
    assert [item.guami for item in response.served_guami_list] == [Guami(PLMN, 2, 1, 0)]
    assert [(item.plmn_identity, item.slice_support_list) for item in response.plmn_support_list] == [
        (PLMN, (SNssai(1), SNssai(2, "00000a")))
    ]
    assert "gnb1" in bench.event("NgSetup").text


def test_ng_setup_with_extended_ran_node_name_is_accepted() -> None:
    """TP_NGAP_AMF_IMP_01_2."""
    gnb = Bench().gnb(set_up=False)
    request = ng_setup_request(name=None)
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    fields["extended_ran_node_name"] = ExtendedRANNodeName(ran_node_name_utf8_string="gNB-日本")
    gnb.send(ngap.NGSetupRequest(**fields))
    assert isinstance(gnb.last(), ngap.NGSetupResponse)


@pytest.mark.parametrize(
    ("setup", "cause", "words", "config"),
    [
        ({"plmn": Plmn("999", "70")}, Cause("misc", "unknown-PLMN-or-SNPN"), "PLMN 999-70 of gnb1", "plmn"),
        ({"tac": 7}, Cause("misc", "unspecified"), "TAC 7 of 001-01", "tac"),
        (
            {"slices": (SNssai(1, "000001"),)},
            Cause("radioNetwork", "slice-not-supported"),
            "(1-000001) is in the slices of amf1 (1)",
            "slices",
        ),
    ],
)
def test_ng_setup_that_does_not_match_is_refused_with_its_own_cause_and_words(
    setup: dict[str, object], cause: Cause, words: str, config: str
) -> None:
    """TP_NGAP_AMF_IMP_02, TP_NGAP_AMF_IMP_03: cause, time to wait."""
    bench = Bench()
    gnb = bench.gnb(set_up=False)
    gnb.send(ng_setup_request(**setup))  # type: ignore[arg-type]
    assert gnb.last().cause == cause
    assert gnb.last().time_to_wait == "v10s"
    event = bench.event("NgSetupRejected")
    assert words in event.text
    assert event.config == config


def test_explicit_plmn_support_is_named_as_the_configuration_that_does_not_match() -> None:
    bench = Bench(plmn_support=[{"plmn": "001-01", "slices": [{"sst": 3}]}], time_to_wait_s=None)
    gnb = bench.gnb(set_up=False)
    gnb.send(ng_setup_request())
    assert gnb.last().time_to_wait is None
    assert bench.event("NgSetupRejected").config == "plmn_support"


def test_one_tracking_area_that_matches_is_enough() -> None:
    bench = Bench(tais=[{"plmn": "001-01", "tacs": [1, 2]}])
    assert isinstance(bench.gnb(tac=2).last(), ngap.NGSetupResponse)


def test_a_message_before_ng_setup_is_refused() -> None:
    bench = Bench()
    gnb = bench.gnb(set_up=False)
    Ue(gnb).begin()
    (error,) = gnb.take()
    assert error.cause == Cause("protocol", "message-not-compatible-with-receiver-state")
    assert "before its NG Setup" in bench.event("MessageBeforeNgSetup").text
    assert not bench.core.requests


def test_a_second_node_with_the_same_identity_takes_the_place_of_the_first() -> None:
    bench = Bench()
    first = bench.gnb(gnb_id=5)
    ue = Ue(first).register()
    bench.gnb(gnb_id=5, name="gnb2")
    assert bench.ended == [("abort", first.association)]
    assert "give them different identities" in bench.event("DuplicateGnb").text
    assert ue.amf_id not in bench.amf.connections


def test_ng_setup_again_over_the_same_association_erases_what_was() -> None:
    bench = Bench()
    gnb = bench.gnb()
    ue = Ue(gnb).register()
    gnb.send(ng_setup_request())
    assert isinstance(gnb.last(), ngap.NGSetupResponse)
    assert ue.amf_id not in bench.amf.connections


def test_ran_configuration_update_is_acknowledged_or_refused() -> None:
    """TP_NGAP_AMF_IMP_05, TP_NGAP_AMF_IMP_06."""
    bench = Bench(tais=[{"plmn": "001-01", "tacs": [1, 2]}])
    gnb = bench.gnb()
    gnb.send(
        ngap.RANConfigurationUpdate(ran_node_name="new", supported_ta_list=ng_setup_request(tac=2).supported_ta_list)
    )
    assert isinstance(gnb.last(), ngap.RANConfigurationUpdateAcknowledge)
    gnb.send(ngap.RANConfigurationUpdate(supported_ta_list=ng_setup_request(slices=(SNssai(9),)).supported_ta_list))
    assert gnb.last().cause == Cause("radioNetwork", "slice-not-supported")
    assert bench.event("RanConfigurationUpdateRejected").subject == "new"


def test_more_nodes_than_configured_are_told_of_overload() -> None:
    bench = Bench(limits={"gnbs": 1})
    bench.gnb()
    other = bench.gnb(set_up=False)
    other.send(ng_setup_request(gnb_id=2))
    assert other.last().cause == Cause("misc", "control-processing-overload")
    bench.gnb(set_up=False)
    assert bench.ended == [("abort", 2)]


def test_who_comes_and_asks_for_nothing_makes_room_for_the_nodes_that_do() -> None:
    bench = Bench(limits={"gnbs": 2})
    for _ in range(20):
        bench.gnb(set_up=False)
    assert bench.ended == [("abort", n) for n in range(1, 18)]
    assert [event.name for event in bench.events].count("TooManyAssociations") == 1
    bench.gnb()
    bench.gnb()
    assert [gnb.set_up for gnb in bench.amf.gnbs.values()].count(True) == 2
    assert "GnbDisconnected" not in [event.name for event in bench.events]


@pytest.mark.parametrize("kind", ["down", "abort"])
def test_the_end_of_an_association_ends_its_connections(kind: str) -> None:
    bench = Bench()
    gnb = bench.gnb()
    Ue(gnb).register()
    Ue(gnb, 2).begin()
    gnb.end(kind)
    assert not bench.amf.connections
    assert not bench.amf.unauthenticated
    assert not bench.amf.gnbs
    assert "2 UEs lose their connection" in bench.event("GnbDisconnected").text


def test_ng_reset_of_all_erases_every_connection_and_is_acknowledged() -> None:
    bench = Bench()
    gnb = bench.gnb()
    Ue(gnb).register()
    gnb.take()
    gnb.send(ngap.NGReset(cause=Cause("misc", "om-intervention"), reset_type="reset-all"))
    assert gnb.take() == [ngap.NGResetAcknowledge()]
    assert not bench.amf.connections


def test_ng_reset_of_a_part_touches_only_the_connections_that_it_names() -> None:
    bench = Bench()
    gnb = bench.gnb()
    ues = [Ue(gnb, n).register() for n in (1, 2, 3)]
    gnb.take()
    named = (
        UEAssociatedLogicalNGConnectionItem(amf_ue_ngap_id=ues[0].amf_id),
        UEAssociatedLogicalNGConnectionItem(ran_ue_ngap_id=ues[2].ran_id),
        UEAssociatedLogicalNGConnectionItem(amf_ue_ngap_id=4711),
    )
    gnb.send(ngap.NGReset(cause=Cause("misc", "unspecified"), reset_type=named))
    assert gnb.take() == [ngap.NGResetAcknowledge(ue_associated_logical_ng_connection_list=named)]
    assert list(bench.amf.connections) == [ues[1].amf_id]


def test_octets_that_are_no_ngap_are_answered_with_transfer_syntax_error() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    gnb.send_octets(b"\xff\xff\xff")
    (error,) = gnb.take()
    assert error.cause == Cause("protocol", "transfer-syntax-error")
    assert "gnb1" in bench.event("MalformedPacket").text


def test_a_message_that_no_node_sends_is_a_semantic_error() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    gnb.send(ngap.OverloadStop())
    assert gnb.take()[0].cause == Cause("protocol", "semantic-error")


def test_an_error_indication_is_never_answered() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    gnb.send(ngap.ErrorIndication(cause=Cause("protocol", "semantic-error")))
    assert not gnb.take()
    assert "protocol/semantic-error" in bench.event("ErrorIndication").text


def test_slices_of_the_default_configuration_are_sst_1() -> None:
    assert SLICE in Bench(slices=[]).gnb().last().plmn_support_list[0].slice_support_list


def test_an_amf_knows_the_nodes_that_are_set_up_and_nobody_else() -> None:
    bench = Bench()
    stranger = bench.gnb(set_up=False)
    assert bench.amf.familiar("n2") == []
    gnb = bench.gnb()
    assert bench.amf.familiar("n2") == [gnb.peer]
    assert stranger.peer != gnb.peer
    assert bench.amf.familiar("sbi") == ()
    gnb.end()
    assert bench.amf.familiar("n2") == []
