"""The RLS decoder and both ends of the link: a message or DecodeError, whatever the octets."""

import contextlib
import random

from awase.protocols.rls.codec import decode, encode
from awase.protocols.rls.entity import GnbLink, UeLink
from awase.protocols.rls.messages import (
    Heartbeat,
    HeartbeatAck,
    PduTransmission,
    PduTransmissionAck,
    PduType,
)
from awase.wire.errors import DecodeError

SEEDS = [
    encode(Heartbeat(sti=1)),
    encode(HeartbeatAck(sti=2)),
    encode(PduTransmission(sti=1, pdu_type=PduType.RRC, pdu_id=0xA5010001, payload=5, pdu=bytes(20))),
    encode(PduTransmission(sti=2, pdu_type=PduType.RRC, pdu_id=0xB5000001, payload=1, pdu=bytes(20))),
    encode(PduTransmission(sti=1, pdu_type=PduType.DATA, payload=1, pdu=bytes(20))),
    encode(PduTransmissionAck(sti=2, pdu_ids=(1, 2, 3))),
]


def mutated(rng: random.Random) -> bytes:
    octets = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 4)):
        kind = rng.randrange(4)
        if kind == 0 and octets:
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        elif kind == 1 and octets:
            del octets[rng.randrange(len(octets)) :]
        elif kind == 2:
            octets += rng.randbytes(rng.randint(1, 8))
        elif len(octets) > 13:
            octets[rng.randrange(13, len(octets))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
    return bytes(octets)


def test_20000_mutations_give_a_message_or_a_decode_error_and_leave_both_links_alive():
    rng = random.Random(1)
    ue, gnb = UeLink(1, ["gnb"], 0), GnbLink(2, 10)
    good = 0
    for number in range(20_000):
        octets = mutated(rng)
        now_ns = number * 1_000_000
        try:
            message = decode(octets)
            good += 1
            if encode(message) != octets:
                raise AssertionError(octets.hex())
        except DecodeError:
            pass
        for receive in (lambda o, n: ue.receive("gnb", o, n), lambda o, n: gnb.receive("ue", o, n)):
            with contextlib.suppress(DecodeError):
                receive(octets, now_ns)
        if ue.wake_at_ns() <= now_ns:
            ue.wake(now_ns)
        if (gnb.wake_at_ns() or 0) <= now_ns:
            gnb.wake(now_ns)
        assert len(ue.take_datagrams()) < 100
        assert len(gnb.take_datagrams()) < 100
        assert len(gnb.ues) <= 10
    assert good > 1_000
