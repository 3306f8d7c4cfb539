"""Every NGAP-PDU that Open5GS and UERANSIM exchanged, and the transfers inside: encoded to the octets that came."""

from pathlib import Path

import pytest

from awase.protocols.ngap import codec, messages, transfers

ROOT = Path(__file__).parents[3] / "vectors" / "ngap"
PDUS = [
    pytest.param(bytes.fromhex(line), id=f"{path.parent.name}-{number}")
    for path in sorted(ROOT.glob("*/pdus.txt"))
    for number, line in enumerate(path.read_text().split(), 1)
]

CONTENTS = {
    "pdu_session_resource_setup_request_transfer": transfers.PDUSessionResourceSetupRequestTransfer,
    "pdu_session_resource_setup_response_transfer": transfers.PDUSessionResourceSetupResponseTransfer,
    "pdu_session_resource_setup_unsuccessful_transfer": transfers.PDUSessionResourceSetupUnsuccessfulTransfer,
    "pdu_session_resource_release_command_transfer": transfers.PDUSessionResourceReleaseCommandTransfer,
    "pdu_session_resource_release_response_transfer": transfers.PDUSessionResourceReleaseResponseTransfer,
}


@pytest.mark.parametrize("octets", PDUS)
def test_a_pdu_is_encoded_as_it_came(octets):
    message = codec.decode(octets)
    assert not message.unknown
    assert codec.encode(message) == octets
    value = codec.generic().decode("NGAP-PDU", octets)
    assert codec.generic().encode("NGAP-PDU", value) == octets


def transfers_in(message):
    """The transfers of a message's PDU session items, with their class."""
    for field in message.__struct_fields__:
        items = getattr(message, field)
        for item in items if isinstance(items, tuple) else ():
            for name, kind in CONTENTS.items():
                if hasattr(item, name):
                    yield kind, getattr(item, name)


def test_the_transfers_are_encoded_as_they_came():
    seen = set()
    for parameter in PDUS:
        for kind, octets in transfers_in(codec.decode(parameter.values[0])):
            transfer = codec.decode_transfer(kind, octets)
            assert codec.encode_transfer(transfer) == octets
            seen.add(kind)
    assert seen == set(CONTENTS.values()) - {transfers.PDUSessionResourceSetupUnsuccessfulTransfer}


def test_the_captures_hold_the_messages_of_a_session():
    kinds = {type(codec.decode(parameter.values[0])) for parameter in PDUS}
    assert len(PDUS) == 88
    assert {
        messages.NGSetupRequest,
        messages.NGSetupResponse,
        messages.InitialUEMessage,
        messages.InitialContextSetupRequest,
        messages.PDUSessionResourceSetupRequest,
        messages.PDUSessionResourceReleaseCommand,
        messages.UEContextReleaseComplete,
    } <= kinds


def test_a_session_request_says_what_open5gs_asked_for():
    for parameter in PDUS:
        message = codec.decode(parameter.values[0])
        if isinstance(message, messages.PDUSessionResourceSetupRequest):
            octets = message.pdu_session_resource_setup_list_su_req[0].pdu_session_resource_setup_request_transfer
            transfer = codec.decode_transfer(transfers.PDUSessionResourceSetupRequestTransfer, octets)
            assert transfer.ul_ngu_up_tnl_information.transport_layer_address == "10.53.1.1"
            assert transfer.pdu_session_type == "ipv4"
            assert (
                transfer.qos_flow_setup_request_list[0].qos_flow_level_qos_parameters.qos_characteristics.five_qi == 9
            )
            return
    pytest.fail("no PDUSessionResourceSetupRequest")
