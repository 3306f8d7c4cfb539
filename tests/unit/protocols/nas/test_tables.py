"""The message tables against pycrate's: element identifiers, formats, order, and the octets of its messages."""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_FGMM import FGMMTypeClasses
    from pycrate_mobile.TS24501_FGSM import FGSMTypeClasses

from awase.protocols.nas.codec import decode, encode, layout
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES, FIVE_GSM_MESSAGES

KINDS = {**FIVE_GMM_MESSAGES, **FIVE_GSM_MESSAGES}
PYCRATE = {**FGMMTypeClasses, **FGSMTypeClasses}

FORMATS = {
    "Type1TV": "TV1/2",
    "Type2": "TV1/2",
    "Type3V": "V",
    "Type3TV": "TV",
    "Type4LV": "LV",
    "Type4TLV": "TLV",
    "Type6LVE": "LV-E",
    "Type6TLVE": "TLV-E",
}

DIFFERENCES = {
    # pycrate 0.8.1 -> TS 24.501: three elements of REGISTRATION ACCEPT have other identifiers there, and the
    # re-attempt indicator's identifier is lost in pycrate by a typing error.
    (0x42, 0x1A): 0x1C,
    (0x42, 0x2A): 0x33,
    (0x42, 0x34): 0x35,
    (0xC3, 0x00): 0x1D,
    (0xCA, 0x00): 0x1D,
}


def pycrate_rows(message_type: int) -> list[tuple[str, int]]:
    rows = []
    for element in PYCRATE[message_type]()._content[1:]:
        name = type(element).__name__
        if name in FORMATS:
            tag = element["T"].get_val() if name not in ("Type3V", "Type4LV", "Type6LVE") else 0
            repeated = tag in {iei for _, iei in rows}
            if name == "Type4TLV" and (tag != 0x34 or repeated):
                tag = DIFFERENCES.get((message_type, tag), tag)
            rows.append((FORMATS[name], tag))
    return rows


@pytest.mark.parametrize("message_type", sorted(KINDS))
def test_a_table_has_the_elements_of_the_standard_in_its_order(message_type: int) -> None:
    table = layout(KINDS[message_type])
    ours = [(r.ie.format, r.ie.iei) for r in (*table.imperative, *table.optional) if r.ie.format != "V1/2"]
    assert ours == pycrate_rows(message_type)


NO_MESSAGES = {0x41, 0x45, 0x4C, 0x5C, 0x6A, 0xC2, 0xD8, 0xD9}
"""Their identity, relay key, QoS rule or service-level-AA parameter is not one in pycrate's default value."""


@pytest.mark.parametrize("message_type", sorted(set(KINDS) - NO_MESSAGES))
def test_pycrates_own_message_is_decoded_and_encoded_to_the_same_octets(message_type: int) -> None:
    octets = PYCRATE[message_type]().to_bytes()
    message = decode(octets)
    assert type(message) is KINDS[message_type]
    assert encode(message)[: len(octets)].hex() == octets.hex()
