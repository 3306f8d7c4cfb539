"""The GTP-U decoder gives a message or DecodeError, whatever the octets; the fast path agrees with it."""

import random

from awase.protocols.gtpu import messages as m
from awase.protocols.gtpu.codec import decode, decode_g_pdu, encode, encode_g_pdu
from awase.wire.errors import DecodeError
from fuzz.mutations import mutated

SEEDS = [
    encode_g_pdu(1, b"E" + bytes(40), 9),
    encode_g_pdu(2, b"E" + bytes(40), 9, uplink=True),
    encode(m.GPdu(teid=3, payload=b"E" + bytes(20))),
    encode(
        m.GPdu(
            teid=4,
            sequence_number=5,
            n_pdu_number=6,
            payload=bytes(20),
            container=m.DlPduSessionInformation(qfi=1, ppi=2, dl_sending_time_stamp=9),
            extension_headers=(m.ExtensionHeader(0x84, bytes(6)), m.ExtensionHeader(0x40, bytes(2))),
        )
    ),
    encode(m.EchoRequest(sequence_number=1)),
    encode(m.EchoResponse(sequence_number=1)),
    encode(m.ErrorIndication(sequence_number=0, tunnel_endpoint_identifier_data_i=1, gtp_u_peer_address="1.2.3.4")),
    encode(m.EndMarker(teid=1, container=m.DlPduSessionInformation(qfi=1))),
    encode(m.SupportedExtensionHeadersNotification(sequence_number=0, extension_header_types=(0x85,))),
]
HEAD = 8
"""Octets that the length does not count."""


def test_mutated_messages_are_messages_or_decode_errors():
    rng = random.Random(1)
    read = 0
    for _ in range(20_000):
        octets = mutated(rng, SEEDS, HEAD)
        fast = decode_g_pdu(octets)
        try:
            message = decode(octets)
        except DecodeError:
            assert fast is None
            continue
        assert decode(encode(message)) == message
        if fast is not None:
            assert isinstance(message, m.GPdu)
            qfi = None if message.container is None else message.container.qfi
            assert fast == (message.teid, qfi, message.payload)
        read += 1
    assert read > 2_000
