"""UE-associated connections (TS 38.413 clauses 8.3, 8.6 and 10.6), strangers in great number, and hostile octets."""

import random
from contextlib import suppress

import pytest

from awase.model.ids import Plmn, SNssai
from awase.model.part import Packet
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.entity import NasSecurityError
from awase.protocols.ngap import codec as ngap_codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import bhttp
from awase.protocols.sbi.messages import Request, Response
from unit.functions.amf.bench import AUSF, GNB, PLMN, SMF, Bench, Ue
from unit.functions.amf.test_sessions import with_session


def test_each_ue_has_a_stream_of_its_own_within_those_negotiated() -> None:
    bench = Bench()
    gnb = bench.gnb(streams=3)
    ues = [Ue(gnb, n) for n in (1, 2, 3)]
    streams = []
    for ue in ues:
        ue.begin()
        streams.append(bench.amf.connections[ue.amf_id or 0].stream)
    assert streams == [1, 2, 1]


def test_identifiers_begin_at_1_and_are_not_given_twice() -> None:
    bench = Bench()
    gnb = bench.gnb()
    seen = [Ue(gnb, n).register().amf_id for n in (1, 2, 1)]
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    "cause",
    [
        Cause("radioNetwork", "user-inactivity"),
        Cause("radioNetwork", "radio-connection-with-ue-lost"),
        Cause("transport", "transport-resource-unavailable"),
        Cause("misc", "om-intervention"),
    ],
    ids=str,
)
def test_a_release_request_is_granted_with_its_cause(cause: Cause) -> None:
    """TP_NGAP_AMF_CMP_03_x."""
    bench = Bench()
    ue = with_session(bench)
    ue.gnb.take()
    ue.release_requested(cause)
    command = ue.released()
    assert command.cause == cause
    assert command.ue_ngap_ids.amf_ue_ngap_id == ue.amf_id
    assert not bench.amf.connections
    assert ue.supi in bench.amf.by_supi
    assert not ue.gnb.take()


def test_a_release_complete_that_nobody_awaits_is_an_unknown_identifier() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.released()
    assert ue.gnb.last().cause == Cause("radioNetwork", "unknown-local-UE-NGAP-ID")


def test_an_unknown_identifier_is_reported_with_the_identifiers_given() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.amf_id = 77
    ue.uplink(nas.RegistrationComplete())
    error = ue.messages[-1]
    assert (error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (77, ue.ran_id)
    assert error.cause == Cause("radioNetwork", "unknown-local-UE-NGAP-ID")


def test_another_nodes_identifier_is_unknown_too() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb = bench.gnb()
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    assert ue.messages[-1].cause == Cause("radioNetwork", "unknown-local-UE-NGAP-ID")
    assert ue.amf_id in bench.amf.connections


def test_an_inconsistent_identifier_ends_the_connection() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.ran_id = 99
    ue.uplink(nas.RegistrationComplete())
    assert ue.messages[-1].cause == Cause("radioNetwork", "inconsistent-remote-UE-NGAP-ID")
    assert not bench.amf.connections


def test_a_node_that_does_not_know_a_ue_loses_it() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(
        ngap.ErrorIndication(
            amf_ue_ngap_id=ue.amf_id,
            ran_ue_ngap_id=ue.ran_id,
            cause=Cause("radioNetwork", "unknown-local-UE-NGAP-ID"),
        )
    )
    assert not bench.amf.connections


def test_an_identifier_of_the_node_that_is_used_again_ends_the_former_connection() -> None:
    bench = Bench()
    gnb = bench.gnb()
    first, second = Ue(gnb), Ue(gnb, 2)
    first.begin()
    gnb.ran_ids = iter([1])  # type: ignore[assignment]
    second.begin()
    assert list(bench.amf.connections) == [2]


def test_an_answer_to_nothing_is_reported() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.set_up_context()
    assert ue.messages[-1].cause == Cause("protocol", "message-not-compatible-with-receiver-state")


def test_a_context_that_cannot_be_set_up_ends_the_connection() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    cause = Cause("radioNetwork", "radio-resources-not-available")
    ue.gnb.send(ngap.InitialContextSetupFailure(amf_ue_ngap_id=ue.amf_id, ran_ue_ngap_id=ue.ran_id, cause=cause))
    ue.take()
    assert ue.released().cause == cause
    assert "could not set up the context" in bench.event("InitialContextSetupFailed").text


def test_a_node_that_does_not_answer_the_context_setup_loses_the_ue() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    bench.wait(5)
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert bench.event("InitialContextSetupFailed").config == "ng_response_s"


def test_the_radio_capability_is_kept_and_given_to_the_next_node() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(
        ngap.UERadioCapabilityInfoIndication(
            amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id, ue_radio_capability=b"capability"
        )
    )
    ue.release_requested(Cause("radioNetwork", "user-inactivity"))
    ue.released()
    ue.begin()
    assert ue.messages[-1].ue_radio_capability == b"capability"


def test_a_nas_message_that_was_not_delivered_is_noted() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(
        ngap.NASNonDeliveryIndication(
            amf_ue_ngap_id=ue.amf_id or 0,
            ran_ue_ngap_id=ue.ran_id,
            nas_pdu=b"x",
            cause=Cause("radioNetwork", "radio-connection-with-ue-lost"),
        )
    )
    assert "radio-connection-with-ue-lost" in bench.event("NasNotDelivered").text


def test_a_lost_association_puts_user_planes_to_sleep_and_keeps_the_registration() -> None:
    bench = Bench()
    ue = with_session(bench)
    ue.gnb.end("abort")
    assert bench.core.bodies(SMF, "POST", "/modify")[-1]["upCnxState"] == "DEACTIVATED"
    ue.gnb = bench.gnb()
    ue.begin()
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_a_flood_of_strangers_is_bounded_and_leaves_others_alone() -> None:
    bench = Bench(limits={"unauthenticated_ues_per_gnb": 50, "unauthenticated_ues": 80})
    good, bad = bench.gnb(), bench.gnb()
    registered = Ue(good).register()
    waiting = Ue(good, 2)
    waiting.begin()
    crowd = [Ue(bad, number) for number in range(100, 400)]
    for ue in crowd:
        ue.begin()
    assert len(bench.amf.unauthenticated) == 51
    assert len(bench.amf.connections) == 52
    waiting.authenticate()
    waiting.complete_security()
    assert isinstance(waiting.last(), nas.RegistrationAccept)
    assert registered.amf_id in bench.amf.connections
    (event,) = [e for e in bench.events if e.name == "TooManyUnauthenticatedUes"]
    assert event.config == "limits.unauthenticated_ues_per_gnb"
    rejects = [message for ue in crowd for message in ue.received if isinstance(message, nas.RegistrationReject)]
    assert len(rejects) == 250
    assert {reject.five_gmm_cause for reject in rejects} == {FiveGMMCause.congestion}
    # Only those that found a place cost a vector.
    assert len(bench.core.bodies(AUSF, "POST")) == 52


def test_a_stranger_that_had_the_time_to_answer_makes_room_for_the_next() -> None:
    bench = Bench(limits={"unauthenticated_ues_per_gnb": 2}, t3560_s=6)
    gnb = bench.gnb()
    first, second, third, fourth = (Ue(gnb, number) for number in range(1, 5))
    first.begin()
    second.begin()
    third.begin()
    assert isinstance(third.last(), nas.RegistrationReject)
    bench.wait(6)
    fourth.begin()
    assert isinstance(fourth.last(), nas.AuthenticationRequest)
    first.take()
    assert isinstance(first.last(), nas.RegistrationReject)
    assert second.amf_id in bench.amf.connections


def test_strangers_in_all_are_bounded_too() -> None:
    bench = Bench(limits={"unauthenticated_ues_per_gnb": 50, "unauthenticated_ues": 60})
    one, other = bench.gnb(), bench.gnb()
    for number in range(40):
        Ue(one, number).begin()
        Ue(other, 100 + number).begin()
    assert len(bench.amf.unauthenticated) == 60
    bench.wait(70)
    assert not bench.amf.unauthenticated
    assert not bench.amf.connections


def test_whatever_octets_come_the_amf_stays_whole() -> None:
    """Malformed input, on both ports, from the node and inside NAS."""
    bench = Bench()
    good = Ue(bench.gnb(gnb_id=0xABCDEF), 77).register()
    rng = random.Random(5)
    samples: list[tuple[str, bytes]] = []
    send = bench.receive

    def record(packet: Packet) -> None:
        if isinstance(packet.payload, bytes) and packet.payload:
            samples.append((packet.port, packet.payload))
        send(packet)

    bench.receive = record  # type: ignore[method-assign]
    with_session(bench)
    bench.receive = send  # type: ignore[method-assign]
    samples.append(("sbi", bhttp.encode_request(Request("POST", "/namf-comm/v1/ue-contexts/x/n1-n2-messages"))))
    hostile = bench.gnb()
    for round_ in range(10_000):
        port, octets = samples[rng.randrange(len(samples))]
        mutated = bytearray(octets)
        for _ in range(rng.randint(1, 4)):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
        if port == "n2":
            hostile.send_octets(bytes(mutated), rng.randrange(4))
        else:
            bench.receive(Packet("sbi", SMF, bytes(mutated), "request", exchange=100_000 + round_))
        if hostile.association not in bench.amf.gnbs or not bench.amf.gnbs[hostile.association].set_up:
            hostile = bench.gnb()
    assert good.amf_id in bench.amf.connections
    good.uplink(nas.FiveGMMStatus(five_gmm_cause=FiveGMMCause.congestion))
    assert "FiveGMMStatus" in bench.names()


def test_mutated_nas_in_a_good_ues_connection_changes_nothing() -> None:
    bench = Bench()
    ue = with_session(bench)
    rng = random.Random(6)
    for _ in range(1000):
        octets = bytes(rng.randrange(256) for _ in range(rng.randint(0, 60)))
        ue.uplink_octets(b"\x7e" + octets if rng.random() < 0.9 else octets)
    assert bench.amf.by_supi[ue.supi].sessions  # type: ignore[index]
    assert ue.amf_id in bench.amf.connections


def test_whatever_core_functions_answer_the_amf_stays_whole() -> None:
    bench = Bench()
    rng = random.Random(7)
    answer = bench.core.answer

    def spoilt(address: str, request: Request) -> Response | None:
        response = answer(address, request)
        if response is None or rng.random() < 0.6:
            return response
        body = bytearray(response.body)
        for _ in range(rng.randint(0, 3)):
            if body:
                body[rng.randrange(len(body))] = rng.randrange(256)
        status = response.status if rng.random() < 0.7 else rng.choice((200, 201, 204, 307, 400, 403, 404, 503))
        return Response(status, response.headers if rng.random() < 0.8 else (), bytes(body))

    bench.core.answer = spoilt  # type: ignore[method-assign]
    gnb = bench.gnb()
    registered = 0
    for number in range(1, 300):
        ue = Ue(gnb, number)
        ue.begin()
        if isinstance(ue.last() if ue.received else None, nas.AuthenticationRequest):
            # Where K_SEAF was spoilt the UE takes no command under it.
            with suppress(NasSecurityError):
                ue.authenticate()
        if isinstance(ue.received[-1] if ue.received else None, nas.SecurityModeCommand) and ue.security:
            ue.secure = True
            ue.uplink(nas.SecurityModeComplete(nas_message_container=encode(ue.request())), header=4)
        registered += isinstance(ue.received[-1] if ue.received else None, nas.RegistrationAccept)
        bench.wait(5)
    assert 0 < registered < 299


def test_packets_without_an_association_are_ignored() -> None:
    bench = Bench()
    bench.receive(Packet("n2", GNB.format(1), b"x"))
    bench.receive(Packet("n2", GNB.format(1), b"x", association=9))
    bench.receive(Packet("n9", GNB.format(1), b"x"))
    gnb = bench.gnb()
    bench.receive(Packet("n2", gnb.peer, [b"x"], association=gnb.association))
    assert gnb.last().cause == Cause("protocol", "transfer-syntax-error")


def test_a_procedure_that_is_not_implemented_is_answered_by_its_criticality() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    # HANDOVER REQUIRED without its elements, procedure code 12, criticality reject.
    gnb.send_octets(bytes.fromhex("000c0003000000"))
    (error,) = gnb.take()
    assert error.cause.group == "protocol"
    assert error.cause.name.startswith("abstract-syntax-error")


def test_a_message_without_a_mandatory_element_names_it_in_criticality_diagnostics() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    whole = ngap_codec.encode(ngap.NGReset(cause=Cause("misc", "unspecified"), reset_type="reset-all"))
    # One element fewer: NG RESET without its Reset Type.
    octets = bytes.fromhex("001400") + bytes([4 + 6]) + bytes.fromhex("000001") + whole[7:14]
    gnb.send_octets(octets[:4] + octets[4:])
    (error,) = gnb.take()
    assert error.cause.group == "protocol"
    diagnostics = error.criticality_diagnostics
    assert diagnostics is None or diagnostics.procedure_code == 20


@pytest.mark.parametrize("streams", [None, 2])
def test_a_ue_of_a_slice_that_the_node_codes_as_ffffff_is_served(streams: int | None) -> None:
    """TS 23.003 clause 28.4.2: SD FFFFFF is no SD."""
    bench = Bench()
    gnb = bench.gnb(streams=streams, slices=(SNssai(1, "ffffff"),))
    assert isinstance(Ue(gnb).register().last(), nas.RegistrationAccept)


def test_a_ue_in_a_plmn_that_only_its_node_serves_is_rejected() -> None:
    bench = Bench()
    gnb = bench.gnb()
    elsewhere = gnb.location(1, Plmn("999", "70"))
    gnb.location = lambda tac=1, plmn=PLMN: elsewhere  # type: ignore[method-assign,misc]
    ue = Ue(gnb)
    ue.begin()
    assert ue.last().five_gmm_cause == FiveGMMCause.plmn_not_allowed
