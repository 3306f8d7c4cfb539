"""The comparison of ladders finds what one has and the other has not, and nothing else."""

from live.ladders import differences, rows

HEAD = "demo, seed 1, virtual time\n\n      time s  from        to        on   message\n"
LADDER = """\
    0.000000  gnb1     -> amf       N2   association up
    0.010000  ue1      -> gnb1      Uu   RRCSetupRequest  establishment_cause=mo-Signalling
    0.020000  ue1      -> gnb1      Uu   RRCSetupComplete
                                         └ RegistrationRequest  five_gs_registration_type=initial_registration
    0.025000  gnb1     -> amf       N2   InitialUEMessage  ran_ue_ngap_id=1 rrc_establishment_cause=mo-Signalling
                                         └ RegistrationRequest  five_gs_registration_type=initial_registration
    0.026000  amf      !  something to say
    0.027000  gnb1     -> amf       N2   UplinkNASTransport  amf_ue_ngap_id=1 ran_ue_ngap_id=1
                                         └ AuthenticationResponse
    0.028000  udm      -> udr       N35  GET /nudr-dr/v2/subscription-data/imsi-001010000000001/authentication-data
    0.029000  smf      -> upf       N4   SessionEstablishmentRequest  node_id=10.103.0.1
"""


def compared(other: str) -> list[str]:
    return differences(rows(HEAD + LADDER, 10), rows(HEAD + other, 10))


def test_times_identifiers_and_repetitions_on_the_radio_are_no_difference() -> None:
    request = LADDER.splitlines(keepends=True)[1]
    other = LADDER.replace("ran_ue_ngap_id=1", "ran_ue_ngap_id=9").replace("imsi-001010000000001", "imsi-9")
    other = other.replace("10.103.0.1", "127.4.0.1").replace(request, request + request.replace("0.010", "0.015"))
    assert compared(LADDER.replace("    0.", "    1.")) == []
    assert compared(other) == []


def test_a_message_that_is_missing_is_found_on_each_kind_of_link() -> None:
    for number, found in ((1, 1), (9, 1), (10, 1)):
        lines = LADDER.splitlines(keepends=True)
        del lines[number]
        assert len(compared("".join(lines))) == found


def test_another_order_of_the_messages_of_a_ue_is_found() -> None:
    lines = LADDER.splitlines(keepends=True)
    other = "".join([lines[0], *lines[2:4], lines[1], *lines[4:]])
    assert compared(other)[0].startswith("Uu, ue1 -> gnb1: ['RRCSetupRequest', ")
    other = "".join([*lines[:4], *lines[7:9], *lines[4:7], *lines[9:]])
    assert compared(other)[0].startswith("connections on N2, gnb1 -> amf: ")


def test_what_is_carried_belongs_to_the_message() -> None:
    assert len(compared(LADDER.replace("└ AuthenticationResponse", "└ AuthenticationFailure"))) == 1


def test_what_comes_after_the_end_is_left_out() -> None:
    late = "   11.000000  smf      -> upf       N4   SessionDeletionRequest\n"
    assert compared(LADDER + late) == []
    assert len(compared(LADDER + late.replace("   11.", "    9."))) == 1
