"""Small data, SOR, UE parameters, several payloads: octets worked out from the clauses, and pycrate's.

pycrate 0.8.1 has identifiers of several payloads' options as decimal numbers in its names only; the octets agree.
"""

import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_IE import (
        CIoTSmallDataContainer,
        PayloadContainerMult,
        SORTransContainer,
        UPUTransContainer,
    )

from awase.model.ids import Plmn, SNssai
from awase.protocols.nas import containers as c
from awase.protocols.nas.elements import PayloadContainerType, nssai
from awase.wire.errors import DecodeError, EncodeError
from unit.protocols.nas.mutated import values

MAC = bytes(range(16))
M = MAC.hex()
USER, SMS, LOCATION = c.SmallDataType(0), c.SmallDataType(1), c.SmallDataType(2)
PREFERRED = c.PreferredPlmn(plmn=Plmn("001", "01"), access_technology=0x0800)
SLICES = c.ParametersUpdateSet.of_default_configured_nssai(nssai((SNssai(1), SNssai(2, "0000ff"))))

WORKED_OUT: list[tuple[Any, str, type | None]] = [
    (
        c.CiotSmallDataContainer(
            data_type=USER, ddx=c.DownlinkDataExpected.no_further_data_expected, pdu_session_id=5, data=b"\x01\x02"
        ),
        "0d 0102",
        CIoTSmallDataContainer,
    ),
    (c.CiotSmallDataContainer(data_type=SMS, data=b"\x01\x02"), "20 0102", CIoTSmallDataContainer),
    (
        c.CiotSmallDataContainer(
            data_type=LOCATION,
            ddx=c.DownlinkDataExpected.only_a_single_downlink_data_transmission_expected,
            additional_information=b"\x07",
            data=b"\x01\x02",
        ),
        "50 01 07 0102",
        CIoTSmallDataContainer,
    ),
    (
        c.SorTransparentContainer(
            c.SteeringOfRoaming(mac=MAC, counter=1, acknowledgement_requested=True, plmns=(PREFERRED, PREFERRED))
        ),
        f"0e {M} 0001 00f110 0800 00f110 0800",
        SORTransContainer,
    ),
    (
        c.SorTransparentContainer(c.SteeringOfRoaming(mac=MAC, counter=2, secured_packet=b"\x03\x04")),
        f"02 {M} 0002 0304",
        None,  # pycrate wants a secured packet of TS 31.115, of which clause 9.11.3.51 says nothing.
    ),
    (c.SorTransparentContainer(c.SteeringOfRoaming(mac=MAC, counter=3)), f"00 {M} 0003", None),
    (
        c.SorTransparentContainer(
            c.SteeringOfRoaming(mac=MAC, counter=3, parameters=b"\x00\x00\x01", list_indication=True, list_type=True)
        ),
        f"16 {M} 0003 000001",
        None,  # Additional parameters came after pycrate 0.8.1.
    ),
    (c.SorTransparentContainer(c.SteeringAcknowledgement(mac=MAC, supported=1)), f"03 {M}", SORTransContainer),
    (
        c.UpuTransparentContainer(
            c.ParametersUpdate(mac=MAC, counter=7, acknowledgement_requested=True, sets=(SLICES,))
        ),
        f"02 {M} 0007 02 0007 0101 04020000ff",
        UPUTransContainer,
    ),
    (c.UpuTransparentContainer(c.ParametersUpdateAcknowledgement(mac=MAC)), f"01 {M}", UPUTransContainer),
    (
        c.MultiplePayloads(
            (
                c.PayloadContainerEntry(
                    type=PayloadContainerType.n1_sm_information,
                    options=(c.PayloadOption(0x12, b"\x05"), c.PayloadOption(0x80, b"\x01")),
                    contents=bytes.fromhex("2e0501d6"),
                ),
                c.PayloadContainerEntry(type=PayloadContainerType.sms, contents=b"\x01"),
            )
        ),
        "02 000b 21 12 01 05 80 01 01 2e0501d6 0002 02 01",
        PayloadContainerMult,
    ),
    (c.DnSpecificIdentity("user@example.org"), "75736572 40 6578616d706c652e6f7267", None),
]


@pytest.mark.parametrize(("value", "octets", "oracle"), WORKED_OUT)
def test_a_value_has_the_octets_of_its_clause_and_pycrates(value: Any, octets: str, oracle: type | None) -> None:
    raw = bytes.fromhex(octets)
    assert value.encode().hex(" ") == raw.hex(" ")
    assert type(value).decode(raw) == value
    if oracle is not None:
        element = oracle()
        element.from_bytes(raw)
        assert element.to_bytes() == raw
    assert values(type(value), raw) > 100


def test_an_update_says_which_slices_are_the_default() -> None:
    assert SLICES.default_configured_nssai == nssai((SNssai(1), SNssai(2, "0000ff")))
    other = c.ParametersUpdateSet(type=c.ParametersUpdateType.routing_indicator_update_data, octets=b"\x01")
    assert other.default_configured_nssai is None


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        (c.CiotSmallDataContainer, "60"),
        (c.CiotSmallDataContainer, "40 02 01"),
        (c.SorTransparentContainer, f"00 {M} 00"),
        (c.SorTransparentContainer, f"06 {M} 0001 00f110"),
        (c.SorTransparentContainer, "01 00"),
        (c.UpuTransparentContainer, f"00 {M} 0001 02 0007 01"),
        (c.MultiplePayloads, "01 0001 01 ff"),
        (c.MultiplePayloads, "01 0003 11 12 05"),
        (c.DnSpecificIdentity, "ff"),
    ],
)
def test_what_is_cut_off_or_reserved_is_no_value(kind: Any, octets: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        kind.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "value",
    [
        c.CiotSmallDataContainer(pdu_session_id=8),
        c.CiotSmallDataContainer(additional_information=b"\x01"),
        c.SteeringOfRoaming(mac=b"", counter=1),
        c.SteeringOfRoaming(mac=MAC, counter=1, secured_packet=b"", plmns=()),
        c.SteeringAcknowledgement(mac=MAC, supported=8),
        c.ParametersUpdate(mac=b"", counter=1),
        c.ParametersUpdateAcknowledgement(mac=b""),
        c.PayloadContainerEntry(type=PayloadContainerType.sms, options=(c.PayloadOption(1, b""),) * 16),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_value_that_does_not_fit_is_an_encode_error(value: Any) -> None:
    with pytest.raises(EncodeError):
        value.encode()


def test_a_list_of_payloads_that_goes_on_names_what_is_wrong() -> None:
    with pytest.raises(DecodeError, match="after its last entry"):
        c.MultiplePayloads.decode(b"\x00\x00")
