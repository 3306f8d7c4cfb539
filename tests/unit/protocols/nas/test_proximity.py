"""Remote UE contexts and relay keys: octets worked out from TS 24.501 clauses 9.11.3.89, 9.11.3.90 and 9.11.4.29.

pycrate 0.8.1 reads relay keys as the clauses have them; of a remote UE context it leaves out the three spare bits
before UPRI4I, so that all that follows is shifted (clause 9.11.4.29), and gives no HPLMN ID to a CP-PRUK ID.
"""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_IE import RelayKeyReqPrm, RelayKeyRespPrm

from awase.model.ids import Plmn
from awase.protocols.nas import proximity as px
from awase.protocols.nas.elements import Suci
from awase.wire.errors import DecodeError, EncodeError
from unit.protocols.nas.mutated import values

PLMN = Plmn("001", "01")
UP, CP = px.RemoteUeIdType.up_pruk_id, px.RemoteUeIdType.cp_pruk_id

CONTEXTS = [
    (px.RemoteUeContext(type=CP, identity="a@b"), "06 02 03 614062 00"),
    (
        px.RemoteUeContext(
            type=UP,
            identity=bytes(range(8)),
            protocol=px.RemoteUeProtocol.ipv4,
            address=bytes((10, 0, 0, 1)),
            udp_ports=(1000, 2000),
            tcp_ports=(80, 443),
            hplmn=PLMN,
        ),
        "1a 09 08 0001020304050607 19 0a000001 03e807d0 005001bb 00f110",
    ),
    (
        px.RemoteUeContext(
            type=CP, identity="a@b", protocol=px.RemoteUeProtocol.ipv4, address=bytes(4), tcp_ports=(1, 2)
        ),
        "0e 02 03 614062 09 00000000 00010002",
    ),
    (
        px.RemoteUeContext(type=UP, identity="a@b", protocol=px.RemoteUeProtocol.ipv6, address=bytes(range(8))),
        "0e 01 03 614062 02 0001020304050607",
    ),
    (
        px.RemoteUeContext(type=UP, identity="a@b", protocol=px.RemoteUeProtocol.ethernet, address=bytes(6)),
        "0c 01 03 614062 05 000000000000",
    ),
    (
        px.RemoteUeContext(type=px.RemoteUeIdType(3), identity="1", protocol=px.RemoteUeProtocol(7), rest=b"\x01\x02"),
        "06 03 01 31 07 0102",
    ),
]
REQUESTS = [
    (
        px.RelayKeyRequestParameters(
            relay_service_code=7, nonce_1=bytes(range(16)), suci=Suci.null(PLMN, "0000000001")
        ),
        "000007 000102030405060708090a0b0c0d0e0f 00 01 00f110 f0ff 00 00 0000000010",
    ),
    (
        px.RelayKeyRequestParameters(relay_service_code=0xFFFFFF, nonce_1=bytes(16), cp_pruk_id=b"7@relay"),
        "ffffff 00000000000000000000000000000000 01 37407265 6c6179",
    ),
]
RESPONSE = px.RelayKeyResponseParameters(knr_prose=b"\x5a" * 32, nonce_2=bytes(range(16)), cp_pruk_id=b"7@relay")


@pytest.mark.parametrize(("context", "octets"), CONTEXTS)
def test_a_remote_ue_has_the_octets_of_its_clause(context: px.RemoteUeContext, octets: str) -> None:
    contexts = px.RemoteUeContextList((context,))
    assert contexts.encode().hex(" ") == bytes.fromhex("01" + octets).hex(" ")
    assert px.RemoteUeContextList.decode(contexts.encode()) == contexts


@pytest.mark.parametrize(("request_", "octets"), REQUESTS)
def test_a_request_for_a_relay_key_has_the_octets_of_its_clause_and_pycrates(
    request_: px.RelayKeyRequestParameters, octets: str
) -> None:
    assert request_.encode().hex() == bytes.fromhex(octets).hex()
    assert px.RelayKeyRequestParameters.decode(request_.encode()) == request_
    oracle = RelayKeyReqPrm()
    oracle.from_bytes(request_.encode())
    assert oracle.to_bytes() == request_.encode()
    assert oracle["RemoteUEID"]["RUIT"].get_val() == (request_.cp_pruk_id is not None)


def test_a_relay_key_has_the_octets_of_its_clause_and_pycrates_and_is_not_in_its_text() -> None:
    octets = b"\x5a" * 32 + bytes(range(16)) + b"7@relay"
    assert RESPONSE.encode() == octets
    assert px.RelayKeyResponseParameters.decode(octets) == RESPONSE
    oracle = RelayKeyRespPrm()
    oracle.from_bytes(octets)
    assert oracle["CP_PRUKID"].get_val() == RESPONSE.cp_pruk_id
    assert "ZZ" not in repr(RESPONSE)


def test_whatever_the_octets_there_is_a_value_that_comes_back_or_an_error() -> None:
    listed = bytes((len(CONTEXTS),)) + bytes.fromhex("".join(octets for _, octets in CONTEXTS))
    assert px.RemoteUeContextList.decode(listed).contexts == tuple(context for context, _ in CONTEXTS)
    assert values(px.RemoteUeContextList, listed) > 100
    assert all(values(px.RelayKeyRequestParameters, request.encode()) for request, _ in REQUESTS)
    assert values(px.RelayKeyResponseParameters, RESPONSE.encode())


@pytest.mark.parametrize(
    "octets", ["01", "01 06 02 03 614062", "01 05 02 03 6140", "01 06 02 03 614062 00 ff", "01 0b 09 08" + "00" * 9]
)
def test_a_context_that_is_cut_off_or_goes_on_is_no_value(octets: str) -> None:
    with pytest.raises((DecodeError, IndexError)):
        px.RemoteUeContextList.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "value",
    [
        px.RemoteUeContext(type=UP, identity="a", address=b"\x01"),
        px.RemoteUeContext(type=UP, identity="a", udp_ports=(1, 2)),
        px.RemoteUeContext(type=UP, identity="a", hplmn=PLMN),
        px.RemoteUeContext(type=UP, identity=bytes(8)),
        px.RelayKeyRequestParameters(relay_service_code=1, nonce_1=bytes(16)),
        px.RelayKeyRequestParameters(relay_service_code=1, nonce_1=b"", cp_pruk_id=b"a"),
        px.RelayKeyResponseParameters(knr_prose=b"", nonce_2=bytes(16), cp_pruk_id=b""),
    ],
)
def test_a_value_that_does_not_fit_is_an_encode_error(
    value: px.RemoteUeContext | px.RelayKeyRequestParameters | px.RelayKeyResponseParameters,
) -> None:
    with pytest.raises(EncodeError):
        value.encode()
