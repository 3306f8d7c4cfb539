"""Every message of TS 24.501 clause 8 is there, and every element of clause 9.11 is typed, or opaque for a reason."""

import re
from pathlib import Path
from typing import get_type_hints

import pytest

from awase.model.ids import Plmn, SNssai
from awase.protocols.nas import indications as i
from awase.protocols.nas import network_elements as n
from awase.protocols.nas import network_lists as nl
from awase.protocols.nas.codec import decode, encode, layout
from awase.protocols.nas.elements import SNssaiElement
from awase.protocols.nas.messages import (
    FIVE_GMM_MESSAGES,
    FIVE_GSM_MESSAGES,
    ConfigurationUpdateCommand,
    FiveGMMMessage,
)
from awase.wire.errors import DecodeError, EncodeError

KINDS = {**FIVE_GMM_MESSAGES, **FIVE_GSM_MESSAGES}

FIVE_GMM = {
    # Clause 8.2: number within it, message type (table 9.7.1). 8.2.28 is the security protected message of `entity`.
    **dict(enumerate((0x56, 0x57, 0x5A, 0x59, 0x58, 0x41, 0x42, 0x43, 0x44, 0x67, 0x68, 0x45, 0x46, 0x47, 0x48), 1)),
    **dict(enumerate((0x4C, 0x4E, 0x4D, 0x54, 0x55, 0x5B, 0x5C, 0x65, 0x66, 0x5D, 0x5E, 0x5F), 16)),
    29: 0x64,
    **dict(enumerate((0x4F, 0x50, 0x51, 0x52, 0x69, 0x6A, 0x6B, 0x6C, 0x6D), 30)),
}
FIVE_GSM = dict(
    enumerate(
        (
            0xC1,
            0xC2,
            0xC3,
            0xC5,
            0xC6,
            0xC7,
            0xC9,
            0xCA,
            0xCB,
            0xCC,
            0xCD,
            0xD1,
            0xD2,
            0xD3,
            0xD4,
            0xD6,
            0xD8,
            0xD9,
            0xDA,
            0xDB,
        ),
        1,
    )
)
"""Clause 8.3: number within it, message type (table 9.7.2)."""

OPAQUE = {
    "a string of random or derived bits": (
        "abba",
        "authentication_parameter_rand",
        "authentication_parameter_autn",
        "authentication_response_parameter",
        "authentication_failure_parameter",
    ),
    "another protocol's message, or a container that its own codec opens by what another element says it is": (
        "eap_message",  # RFC 3748, `protocols.eap`.
        "eps_nas_message_container",  # TS 24.301.
        "nas_message_container",  # TS 24.501 clause 8.2, `codec` and `entity`.
        "payload_container",  # By its type: `codec`, `containers`, annex D, TS 23.040 and 37.355 and others.
        "port_management_information_container",  # TS 24.539 clause 8.
        "atsss_container",  # TS 24.193 clause 6.
        "additional_information",  # Of the upper layer, whose it is (clause 9.11.2.1).
    ),
}


CLAUSES = [
    *(f"9.11.2.{n}" for n in (*range(1, 19), "1A", "1B")),
    *(f"9.11.3.{n}" for n in range(1, 92)),
    *(f"9.11.3.{n}" for n in ("2A", "9A", "12A", "18A", "18B", "18C", "18D", "23A", "26A", "31A", "31B", "31C")),
    *(f"9.11.3.{n}" for n in ("36A", "37A", "46A", "48A", "50A", "51A", "53A")),
    *(f"9.11.4.{n}" for n in range(1, 34)),
]
"""The clauses of Release 17 that describe elements."""

NO_CLASS = {
    "a string of octets in its message, see OPAQUE": (
        *("9.11.2.1", "9.11.2.2", "9.11.3.10", "9.11.3.14", "9.11.3.15", "9.11.3.16", "9.11.3.17"),
        *("9.11.3.24", "9.11.3.33", "9.11.4.22", "9.11.4.27"),
    ),
    "a number of one octet": ("9.11.3.41", "9.11.3.88"),
    "in no message of clause 8: NGAP and EPS carry them at a change of the system or the security context": (
        *("9.11.2.6", "9.11.2.7", "9.11.2.9"),
    ),
    "void, or moved to another clause": (
        *("9.11.2.16", "9.11.3.11", "9.11.3.21", "9.11.3.22", "9.11.3.27", "9.11.3.58", "9.11.3.59", "9.11.3.60"),
        *(f"9.11.3.{n}" for n in range(61, 68)),
        *("9.11.3.78", "9.11.4.19"),
    ),
}


def test_every_clause_of_9_11_is_named_where_its_element_is_or_has_none_for_a_reason() -> None:
    source = "".join(path.read_text() for path in sorted(Path(i.__file__).parent.glob("*.py")))
    named = set(re.findall(r"\b9\.11\.[234]\.\d+[A-D]?", source))
    assert set(CLAUSES) - named == {clause for clauses in NO_CLASS.values() for clause in clauses}
    assert named <= set(CLAUSES)


@pytest.mark.parametrize(("clause", "table"), [("8.2", FIVE_GMM), ("8.3", FIVE_GSM)])
def test_every_message_of_the_clause_is_there_under_its_type(clause: str, table: dict[int, int]) -> None:
    for number, message_type in table.items():
        kind = KINDS.get(message_type)
        assert kind is not None, f"clause {clause}.{number}"
        found = re.match(rf"TS 24\.501 clause {re.escape(clause)}\.(\d+)\b", kind.__doc__ or "")
        assert found, kind
        assert int(found[1]) == number, kind
    types = {t for t, kind in KINDS.items() if issubclass(kind, FiveGMMMessage) == (clause == "8.2")}
    assert types == set(table.values())


def test_an_element_is_typed_or_opaque_for_a_reason() -> None:
    raw = set()
    for kind in KINDS.values():
        hints = get_type_hints(kind)
        raw |= {
            row.name for row in (*layout(kind).imperative, *layout(kind).optional) if "bytes" in str(hints[row.name])
        }
    assert raw == {name for names in OPAQUE.values() for name in names}


@pytest.mark.parametrize("text", ["Awase", "合わせ", "", "Ångström-7", "12345678", "1234567"])
def test_a_network_name_survives_in_either_alphabet(text: str) -> None:
    message = ConfigurationUpdateCommand(full_name_for_network=n.NetworkName.of(text))
    back = decode(encode(message))
    assert isinstance(back, ConfigurationUpdateCommand)
    assert back.full_name_for_network is not None
    assert back.full_name_for_network.text == text


def test_a_name_in_a_scheme_that_is_not_known_has_no_text() -> None:
    assert n.NetworkName(octets=b"\xf0abc").text == ""


@pytest.mark.parametrize(("minutes", "octet"), [(0, 0x00), (120, 0x80), (-330, 0x2A), (345, 0x32), (765, 0x15)])
def test_a_time_zone_is_bcd_quarters_with_a_sign(minutes: int, octet: int) -> None:
    assert n.TimeZone.of_minutes(minutes).octet == octet
    assert n.TimeZone(octet=octet).minutes == minutes


VALUES = [
    nl.ServiceAreaList(partial_lists=(nl.PartialServiceAreaList(allowed=False, plmn=Plmn("001", "01")),)),
    n.ExtendedDrxParameters(paging_time_window=1, edrx_value=2, extended_paging_time_window=3),
    nl.ExtendedRejectedNssai(
        (
            nl.PartialExtendedRejectedNssai(
                back_off_timer=0x21,
                rejected=(nl.ExtendedRejectedSNssai(s_nssai=SNssaiElement(s_nssai=SNssai(1)), cause=2),) * 2,
            ),
        )
    ),
    n.UeStatus(s1_mode_registered=True, n1_mode_registered=True),
    n.UpdateType(ng_ran_radio_capability_update_needed=True, eps_pnb_ciot=2),
    nl.ExtendedEmergencyNumberList(),
    n.DaylightSavingTime(hours=2),
    i.ReAttemptIndicator(eplmnc=True),
    i.CongestionReAttemptIndicator(catbo=True),
    i.PagingRestriction(type=i.PagingRestrictionType(1)),
    i.UeRadioCapabilityId(digits="12ab"),
    i.FiveGSMNetworkFeatureSupport(octets=b"\x01"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_a_value_survives(value: object) -> None:
    assert type(value).decode(value.encode()) == value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        (n.NetworkName, ""),
        (n.UniversalTimeAndLocalTimeZone, "00"),
        (n.ReactivationErrors, "05"),
        (nl.ServiceAreaList, "0000f110"),
        (nl.LadnInformation, "05"),
        (nl.MappedNssai, "020101"),
        (nl.ExtendedRejectedNssai, "2011"),
        (nl.ExtendedRejectedNssai, "0041"),
        (nl.CagInformationList, "0300f110"),
    ],
)
def test_what_is_cut_off_or_undefined_is_no_value(kind: type, octets: str) -> None:
    with pytest.raises(DecodeError):
        kind.decode(bytes.fromhex(octets))  # type: ignore[attr-defined]


def test_a_callers_mistake_is_an_encode_error() -> None:
    empty = nl.ServiceAreaList(partial_lists=(nl.PartialServiceAreaList(),))
    with pytest.raises(EncodeError):
        encode(ConfigurationUpdateCommand(service_area_list=empty))
