"""EPS bearers, Ethernet header compression and NIDs: octets worked out from the clauses, and pycrate's."""

import contextlib
import random
import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_IE import NID, EthHdrCompConfig

from awase.protocols.nas import other_systems as o
from awase.wire.errors import DecodeError, EncodeError

BEARERS = o.MappedEpsBearerContexts(
    (
        o.MappedEpsBearerContext(
            eps_bearer_identity=5,
            operation=o.EpsBearerOperation.create_new_eps_bearer,
            e_bit=True,
            parameters=(
                o.EpsParameter(identity=o.EpsParameterIdentity.mapped_eps_qos_parameters, contents=b"\x09"),
                o.EpsParameter(identity=o.EpsParameterIdentity.apn_ambr, contents=b"\xfe\xfe"),
            ),
        ),
        o.MappedEpsBearerContext(eps_bearer_identity=6, operation=o.EpsBearerOperation.delete_existing_eps_bearer),
    )
)
COMPRESSION = o.EthernetHeaderCompression(cid_length=o.CidLength.fifteen_bits)
IP_COMPRESSION = o.IpHeaderCompression(
    profiles=(o.HeaderCompressionProfile.p0x0002, o.HeaderCompressionProfile.p0x0104),
    max_cid=15,
    context_type=o.HeaderCompressionContextType.p0x0006_tcp_ip,
    context_setup=b"\x01\x02",
)
NETWORK = o.Nid(assignment_mode=1, value=0x0123456789)

WORKED_OUT: list[tuple[Any, str]] = [
    (BEARERS, "50 0008 52 01 01 09 04 02 fefe  60 0001 80"),
    (COMPRESSION, "02"),
    (IP_COMPRESSION, "41 000f 04 0102"),
    (o.EthernetPortMacAddress(bytes.fromhex("020000000001")), "020000000001"),
    (o.ResidenceTime(bytes(range(8))), "0001020304050607"),
    (NETWORK, "01 21 43 65 87 09"),
]


@pytest.mark.parametrize(("value", "octets"), WORKED_OUT, ids=lambda v: type(v).__name__)
def test_a_value_has_the_octets_of_its_clause(value: Any, octets: str) -> None:
    assert value.encode().hex() == bytes.fromhex(octets).hex()
    assert type(value).decode(bytes.fromhex(octets)) == value


def test_pycrate_reads_the_same_network() -> None:
    element = NID()
    element.from_bytes(NETWORK.encode())
    assert element.decode()[:11] == str(NETWORK) == "10123456789"


@pytest.mark.parametrize("length", list(o.CidLength))
def test_pycrate_writes_the_same_compression(length: o.CidLength) -> None:
    element = EthHdrCompConfig(val={"CIDLen": int(length)})
    assert element.to_bytes() == o.EthernetHeaderCompression(cid_length=length).encode()


def test_a_network_has_hexadecimal_digits_too() -> None:
    network = o.Nid(assignment_mode=2, value=0xABCDEF0123)
    assert o.Nid.decode(network.encode()) == network
    assert str(network) == "2abcdef0123"


@pytest.mark.parametrize("kind", [type(value) for value, _ in WORKED_OUT], ids=lambda kind: kind.__name__)
def test_whatever_the_octets_there_is_a_value_that_comes_back_or_an_error(kind: Any) -> None:
    rng = random.Random(5)
    (seed,) = (value.encode() for value, _ in WORKED_OUT if type(value) is kind)
    good = 0
    for _ in range(5_000):
        octets = bytearray(seed)
        for _ in range(rng.randint(1, 3)):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        with contextlib.suppress(ValueError, IndexError):
            value = kind.decode(bytes(octets))
            good += 1
            assert kind.decode(value.encode()) == value
            assert len(value.encode()) == len(octets)
    assert good


@pytest.mark.parametrize("octets", ["50 0000", "50 0002 80", "50 0001 81", "50 0003 81 01 05", "50 0002 80 00"])
def test_a_bearer_that_is_longer_or_shorter_than_it_says_is_no_value(octets: str) -> None:
    with pytest.raises((DecodeError, IndexError)):
        o.MappedEpsBearerContexts.decode(bytes.fromhex(octets))


def test_an_ip_header_compression_without_context_setup_has_three_octets() -> None:
    value = o.IpHeaderCompression(profiles=(o.HeaderCompressionProfile.p0x0102,), max_cid=1)
    assert value.encode() == bytes.fromhex("100001")
    assert o.IpHeaderCompression.decode(b"\x90\x00\x01") == value


def test_a_mac_address_is_written_as_everybody_does() -> None:
    assert str(o.EthernetPortMacAddress(bytes.fromhex("0200000000ab"))) == "02:00:00:00:00:ab"


@pytest.mark.parametrize(
    ("kind", "length"), [(o.IpHeaderCompression, 2), (o.EthernetPortMacAddress, 5), (o.ResidenceTime, 9)]
)
def test_a_value_of_another_length_is_none(kind: Any, length: int) -> None:
    with pytest.raises(DecodeError):
        kind.decode(bytes(length))


@pytest.mark.parametrize(
    "value",
    [o.IpHeaderCompression(context_setup=b"\x01"), o.EthernetPortMacAddress(b""), o.ResidenceTime(b"")],
    ids=lambda v: type(v).__name__,
)
def test_a_value_of_another_length_is_not_sent(value: Any) -> None:
    with pytest.raises(EncodeError):
        value.encode()


def test_a_value_that_does_not_fit_is_an_encode_error() -> None:
    with pytest.raises(EncodeError):
        o.Nid(assignment_mode=16, value=0).encode()
    with pytest.raises(EncodeError):
        o.MappedEpsBearerContext(eps_bearer_identity=16, operation=o.EpsBearerOperation(1)).encode()
