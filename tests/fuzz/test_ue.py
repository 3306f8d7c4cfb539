"""The UE: whatever the octets, at whatever moment, it raises nothing and goes on."""

import random

from awase.functions.ue.states import RmState
from awase.model.part import Packet
from awase.protocols.ip import codec as ip
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import DeregistrationType, PayloadContainerType
from awase.protocols.nas.network_elements import NetworkName
from awase.protocols.rls.codec import encode_pdu
from awase.protocols.rls.messages import PduType, RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import DLInformationTransfer
from unit.functions.ue.rig import EPOCH_NS, GNB, Network
from unit.functions.ue.test_app import Programs, datagram

SESSION = {"dnn": "internet", "slice": {"sst": 1}}


def mutated(rng: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(3)
        if kind == 0 and changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        elif kind == 1 and changed:
            del changed[rng.randrange(len(changed)) :]
        else:
            changed += rng.randbytes(rng.randint(1, 6))
    return bytes(changed)


def downlink(network: Network) -> list[bytes]:
    """What the network sends to the UE in a registration with a session."""
    heard: list[bytes] = []
    receive = network.ue.receive

    def listen(packet: Packet, now_ns: int) -> None:
        assert isinstance(packet.payload, bytes)
        heard.append(packet.payload)
        receive(packet, now_ns)

    network.ue.receive = listen
    network.run(2)
    network.ue.receive = receive
    return heard


def test_10000_mutated_datagrams_are_survived() -> None:
    rng = random.Random(1)
    seeds = downlink(Network(sessions=[SESSION]))
    network = Network(sessions=[SESSION], traffic=[{"ping": {"count": 3}}]).run(1)
    for number in range(10_000):
        network.ue.receive(Packet("uu", GNB, mutated(rng, rng.choice(seeds))), network.now_ns)
        if number % 10 == 0:
            network.run(0.05)
    assert network.now_ns > EPOCH_NS


def test_10000_mutated_nas_messages_under_protection_are_survived() -> None:
    rng = random.Random(2)
    plain = [
        encode(message)
        for message in (
            Network().registration_accept(),
            nas.ConfigurationUpdateCommand(full_name_for_network=NetworkName.of("Awase")),
            nas.DLNASTransport(
                payload_container_type=PayloadContainerType.n1_sm_information,
                payload_container=bytes.fromhex("2e0100d324"),
                pdu_session_id=1,
            ),
            nas.AuthenticationRequest(
                ngksi=1,
                abba=b"\0\0",
                authentication_parameter_rand=bytes(16),
                authentication_parameter_autn=bytes(16),
            ),
        )
    ]
    network = Network(sessions=[SESSION]).run(1)
    for number in range(10_000):
        network.silent = True
        if network.context is None or not network.ue.uu.connected:
            network = Network(sessions=[SESSION]).run(1)
        assert network.context is not None
        octets = network.context.protect(mutated(rng, rng.choice(plain)))
        message = DLInformationTransfer(rrc_transaction_identifier=0, dedicated_nas_message=octets)
        pdu = encode_pdu(7, PduType.RRC, 0, RrcChannel.DL_DCCH, rrc.encode("DL_DCCH", message))
        network.ue.receive(Packet("uu", GNB, pdu), network.now_ns)
        network.ue.take_packets()
        network.ue.take_events()
        if number % 100 == 0:
            network.silent = False
            network = network.run(0.5)
    assert network.ue.context.state in RmState


def test_whatever_the_user_and_the_network_do_at_whatever_time_the_ue_goes_on() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        kinds = ("deregister", "register", "release_session", "establish_session", "switch_off")
        actions = [
            {"at_s": rng.uniform(0, 30), "do": rng.choice(kinds), "session": rng.randint(1, 3)} for _ in range(12)
        ]
        traffic = [{"ping": {"count": 50, "interval_ms": 400}}, {"udp": {"duration_s": 0.2}, "session": 2}]
        network = Network(sessions=[SESSION, SESSION], actions=actions, traffic=traffic)
        network.tolerant = True
        for _ in range(60):
            happening = rng.randrange(8)
            if happening == 0:
                network.silent = not network.silent
            elif happening == 1 and network.sti:
                network.release()
            elif happening == 2:
                network.ue.n1.paged()
            elif happening == 3 and network.context is not None:
                network.send(nas.DeregistrationRequestUETerminated(de_registration_type=DeregistrationType()))
            elif happening == 4:
                network.challenge()
            network.run(rng.uniform(0.01, 2))
        network.silent = False
        network.run(3)
        network.ue.switch_off()
        network.run(3)
        network.ue.switch_on()
        network.run(30)
        assert network.ue.context.state is RmState.REGISTERED
        assert len(network.ue.context.sessions) == 2


def test_20000_packets_of_hostile_programs_and_towards_them_are_survived() -> None:
    rng = random.Random(4)
    network = Programs(traffic=[{"ping": {"count": 3}}])
    network.run(1)
    network._user = lambda data: None  # type: ignore[method-assign]
    source, far = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 1))
    seeds = (
        datagram(source, far), datagram(far, source), ip.echo_request(far, source, 1, 1, 84),
        ip.echo_request(bytes(15) + b"\x01", bytes(15) + b"\x02", 1, 1, 84), b"",
    )  # fmt: skip
    kinds = ("data", "data", "data", "up", "down", "abort", "connect")
    for number in range(10_000):
        octets = mutated(rng, rng.choice(seeds))
        payload = octets if number % 3 else [octets, rng.choice(seeds)]
        session = rng.choice(("1", "1", "1", "2", "-1", "", "\u0661", "9" * 5000))
        network.ue.receive(Packet("app", session, payload, rng.choice(kinds)), network.now_ns)  # type: ignore[arg-type]
        network.down(octets)
        if number % 100 == 0:
            network.run(0.01)
    network.app(None, kind="up")
    network.apps.clear()
    network.down(datagram(far, source))
    assert [packet.kind for packet in network.apps] == ["data"]
