"""Messages with every element at once: pycrate finds the same elements in our octets, and writes the same octets."""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_FGMM import FGMMTypeClasses
    from pycrate_mobile.TS24501_FGSM import FGSMTypeClasses

from awase.protocols.nas.codec import decode, encode, layout
from unit.protocols.nas.every_element import KINDS, whole

PYCRATE = {**FGMMTypeClasses, **FGSMTypeClasses}

LEFT_OUT: dict[int, dict[str, str]] = {
    0x41: {"n5gc_indication": "clause 9.11.3.72 has a value, N5GCREG, and pycrate 0.8.1 none"},
    0x42: {
        "negotiated_wus_assistance_information": "table 8.2.7.1.1 has IEI 1C, pycrate 0.8.1 has 1A",
        "negotiated_peips_assistance_information": "table 8.2.7.1.1 has IEI 33, pycrate 0.8.1 has 2A",
        "five_gs_additional_request_result": "table 8.2.7.1.1 has IEI 35, pycrate 0.8.1 has 34, another element's",
    },
    0xC3: {"re_attempt_indicator": "table 8.3.3.1.1 has IEI 1D, pycrate 0.8.1 lost it by a typing error"},
    0xCA: {"re_attempt_indicator": "table 8.3.8.1.1 has IEI 1D, pycrate 0.8.1 lost it by a typing error"},
    0xDA: dict.fromkeys(
        ("remote_ue_context_connected", "remote_ue_context_disconnected"),
        "clause 9.11.4.29 has three spare bits before UPRI4I; pycrate 0.8.1 has not, and reads the rest shifted",
    ),
}
"""Elements that pycrate would lose or change, by message type, and the clause of TS 24.501 that it does not follow."""

NOT_READ = {
    "ladn_information": "clause 9.11.3.30: the TAI list of a LADN has its length (from octet 2 of clause 9.11.3.9 on)",
    "ciphering_key_data": "clause 9.11.3.18C: a start time of 5 octets, a duration of 2, the length of the TAI list",
    "cag_information_list": "clause 9.11.3.18A: an octet with CAGonly precedes the CAG-IDs",
    "extended_cag_information_list": "clause 9.11.3.86: the length of an entry has 2 octets",
    "nssrg_information": "clause 9.11.3.82: the length of an entry counts the length of its S-NSSAI",
    "nsag_information": "clause 9.11.3.87: one octet for the length of an NSAG, and lengths of its lists",
    "ip_header_compression_configuration": "clause 9.11.4.24: pycrate 0.8.1 fails on every value",
    "requested_mbs_container": "clause 9.11.4.30: TMGI is type 1, and has its length (octet 2 of TS 24.008 10.5.6.13)",
    "received_mbs_container": "clause 9.11.4.31: TMGI and TAI list have their lengths",
}
"""Elements whose value pycrate 0.8.1 has a codec for, and keeps as octets, because it does not follow that clause."""

TAGGED = ("Type1TV", "Type2", "Type3TV", "Type4TLV", "Type6TLVE")


@pytest.mark.parametrize("message_type", sorted(KINDS))
def test_pycrate_reads_and_writes_what_we_write(message_type: int) -> None:
    message = whole(message_type, LEFT_OUT.get(message_type, ()))
    octets = encode(message)
    assert decode(octets) == message
    oracle = PYCRATE[message_type]()
    oracle.from_bytes(octets)
    assert oracle.to_bytes().hex() == octets.hex()
    tagged = [e for e in oracle._content[1:] if type(e).__name__ in TAGGED and not e.get_trans()]
    rows = {row.ie.iei: row.name for row in layout(type(message)).optional}
    present = {rows[element["T"].get_val()] for element in tagged}
    assert present == {name for name in rows.values() if getattr(message, name) is not None}
    with_codec = [element for element in tagged if getattr(element, "_IE_stat", None) is not None]
    not_read = {rows[element["T"].get_val()] for element in with_codec if element[-1]._name == "V"}
    assert not_read == present & NOT_READ.keys()
