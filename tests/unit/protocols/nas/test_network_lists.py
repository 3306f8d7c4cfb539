"""The extended CAG information list: octets worked out from TS 24.501 clause 9.11.3.86.

pycrate 0.8.1 has one octet for the length of an entry, where the clause has two, and none of what a CAG-ID's validity
needs; so has nothing of clause 9.11.3.18A's octet with CAGonly. tshark is the oracle for that one.
"""

from typing import Any

import pytest

from awase.model.ids import Plmn
from awase.protocols.nas import network_lists as nl
from awase.wire.errors import DecodeError, EncodeError
from unit.protocols.nas.mutated import values

PLMN = Plmn("001", "01")
PERIOD = bytes(range(16))

WORKED_OUT = [
    (nl.ExtendedClosedAccessGroup(plmn=PLMN), "0004 00f110 00"),
    (
        nl.ExtendedClosedAccessGroup(plmn=PLMN, only_through_cag_cells=True, cag_ids=(7, 9)),
        "000c 00f110 01 00000007 00000009",
    ),
    (
        nl.ExtendedClosedAccessGroup(
            plmn=PLMN,
            cag_ids=(7,),
            with_validity=(
                nl.CagWithValidity(cag_id=8, time_periods=(PERIOD,)),
                nl.CagWithValidity(cag_id=9),
                nl.CagWithValidity(cag_id=10, other=3, rest=b"\x01\x02"),
            ),
        ),
        "0034 00f110 0c 0004 00000007 0028 0016 00000008 01 01"
        + PERIOD.hex()
        + "0005 00000009 00 0007 0000000a 06 0102",
    ),
    (nl.ExtendedClosedAccessGroup(plmn=PLMN, with_validity=()), "0008 00f110 0c 0000 0000"),
]


@pytest.mark.parametrize(("entry", "octets"), WORKED_OUT)
def test_an_entry_has_the_octets_of_its_clause(entry: nl.ExtendedClosedAccessGroup, octets: str) -> None:
    listed = nl.ExtendedCagInformationList((entry,))
    assert listed.encode().hex(" ") == bytes.fromhex(octets).hex(" ")
    assert nl.ExtendedCagInformationList.decode(listed.encode()) == listed


def test_a_list_without_an_entry_deletes_what_the_ue_has() -> None:
    assert nl.ExtendedCagInformationList().encode() == b""
    assert nl.ExtendedCagInformationList.decode(b"") == nl.ExtendedCagInformationList()


@pytest.mark.parametrize(
    ("octets", "entry"),
    [
        # A length of the list where no list with additional information follows.
        ("000a 00f110 04 0004 00000007", nl.ExtendedClosedAccessGroup(plmn=PLMN, cag_ids=(7,))),
        # Spare bits, and octets of a later release at the end.
        ("000d 00f110 f4 0004 00000007 010203", nl.ExtendedClosedAccessGroup(plmn=PLMN, cag_ids=(7,))),
        # A list with additional information, and no other.
        (
            "000d 00f110 08 0007 0005 00000009 00",
            nl.ExtendedClosedAccessGroup(plmn=PLMN, with_validity=(nl.CagWithValidity(cag_id=9),)),
        ),
    ],
)
def test_other_forms_of_an_entry_are_read(octets: str, entry: nl.ExtendedClosedAccessGroup) -> None:
    assert nl.ExtendedCagInformationList.decode(bytes.fromhex(octets)).entries == (entry,)


def test_whatever_the_octets_there_is_a_value_that_comes_back_or_an_error() -> None:
    octets = bytes.fromhex("".join(octets for _, octets in WORKED_OUT))
    assert nl.ExtendedCagInformationList.decode(octets).entries == tuple(entry for entry, _ in WORKED_OUT)
    assert values(nl.ExtendedCagInformationList, octets) > 100


@pytest.mark.parametrize("octets", ["00", "0003 00f110", "0007 00f110 01 000000", "0008 00f110 0c 0004 0000"])
def test_an_entry_that_is_cut_off_is_no_value(octets: str) -> None:
    with pytest.raises(DecodeError):
        nl.ExtendedCagInformationList.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "value", [nl.CagWithValidity(cag_id=1, other=64), nl.CagWithValidity(cag_id=1, time_periods=(b"",))]
)
def test_a_value_that_does_not_fit_is_an_encode_error(value: Any) -> None:
    with pytest.raises(EncodeError):
        value.encode()
