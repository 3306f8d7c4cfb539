"""Subscribers go out as each format and come back the same; a bad record is named, and keeps no other out."""

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awase.lab.strict_yaml import read as read_yaml
from awase.model.settings import Ambr, Arp, Slice, SubscribedDnn, Subscriber
from awase.suppliers.subscriber_documents import documents
from awase.suppliers.subscriber_documents.documents import Format
from awase.suppliers.subscriber_documents.records import Contents, DocumentError

K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"


def hexadecimal(digits: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=digits, max_size=digits)


# A rate of 4 Tbit/s at most, by one bit per second.
rates = st.integers(1, 4 * 10**12).map(lambda bps: bps / 1e6)
ambrs = st.builds(Ambr, downlink_mbps=rates, uplink_mbps=rates)
sds = hexadecimal(6).filter(lambda sd: sd != "ffffff")
slices = st.lists(
    st.builds(Slice, sst=st.integers(0, 255), sd=st.none() | sds),
    min_size=1,
    max_size=4,
    unique_by=lambda s: (s.sst, s.sd),
).map(tuple)
names = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True)


@st.composite
def subscribers(draw: st.DrawFn, method: st.SearchStrategy[str]) -> Subscriber:
    constant = draw(st.sampled_from(("opc", "op")))
    dnns = tuple(draw(st.lists(names, min_size=1, max_size=3, unique=True)))
    return Subscriber(
        supi="imsi-" + draw(st.text("0123456789", min_size=6, max_size=15)),
        k=draw(hexadecimal(32)),
        amf=draw(hexadecimal(4)),
        sqn=draw(hexadecimal(12)),
        authentication_method=draw(method),
        slices=draw(slices),
        dnns=dnns,
        ambr=draw(ambrs),
        session_ambr=draw(ambrs),
        **{constant: draw(hexadecimal(32))},
    )


def several(method: st.SearchStrategy[str]) -> st.SearchStrategy[list[Subscriber]]:
    return st.lists(subscribers(method), max_size=4, unique_by=lambda subscriber: subscriber.supi)


PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
METHODS = st.sampled_from(("5G_AKA", "EAP_AKA_PRIME"))


def back(text: str, form: Format) -> Contents:
    if form == "yaml":
        return documents.collect(documents.numbered(read_yaml(text.encode(), "f.yaml").data["subscribers"]), form)
    return documents.read(text, form)


def there_and_back(found: list[Subscriber], form: Format) -> None:
    text, findings = documents.write(found, form, "00101")
    assert findings == []
    contents = back(text, form)
    assert contents.findings == []
    assert contents.subscribers == found
    if found:
        assert documents.format_of(text) == form


@PATIENT
@given(several(METHODS))
def test_yaml_there_and_back(found: list[Subscriber]) -> None:
    there_and_back(found, "yaml")


@PATIENT
@given(several(METHODS))
def test_csv_there_and_back(found: list[Subscriber]) -> None:
    there_and_back(found, "csv")


@PATIENT
@given(several(st.just("5G_AKA")))
def test_open5gs_there_and_back(found: list[Subscriber]) -> None:
    there_and_back(found, "open5gs")


@PATIENT
@given(several(METHODS))
def test_free5gc_there_and_back(found: list[Subscriber]) -> None:
    there_and_back(found, "free5gc")


@PATIENT
@given(st.sampled_from(documents.FORMATS), st.text())
def test_whatever_the_text_there_is_a_finding_or_a_document_error(form: Format, text: str) -> None:
    if form == "yaml":
        return
    with suppress(DocumentError):
        documents.read(text, form)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["sst", "ambr", "unit", "x"]), inner),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += paths(inner, (*path, key))
    return found


@PATIENT
@given(st.sampled_from(("open5gs", "free5gc")), st.data())
def test_any_value_anywhere_in_a_record_is_a_finding_at_most(form: Format, data: st.DataObject) -> None:
    found = [Subscriber(supi="imsi-001010000000001", k=K, opc=OPC, slices=(Slice(1, "000001"),), dnns=("internet",))]
    document = json.loads(documents.write(found, form, "00101")[0])
    path = data.draw(st.sampled_from(paths(document[0])))
    holder = document[0]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = data.draw(values)
    contents = documents.read(json.dumps([*document, *json.loads(documents.write(other(), form, "00101")[0])]), form)
    assert contents.subscribers[-1].supi == "imsi-001010000000002"
    assert K not in "".join(map(str, contents.findings))


def other() -> list[Subscriber]:
    return [Subscriber(supi="imsi-001010000000002", k=K, opc=OPC, slices=(Slice(1),), dnns=("internet",))]


OPEN5GS = {
    "_id": {"$oid": "6473fd45a07e473e0b5334ce"},
    "schema_version": {"$numberInt": "1"},
    "imsi": "001010000000001",
    "msisdn": ["0900000000"],
    "security": {"k": K.upper(), "amf": "8000", "op": None, "opc": OPC.upper(), "sqn": {"$numberLong": "513"}},
    "ambr": {"downlink": {"value": 1, "unit": 3}, "uplink": {"value": 500, "unit": 2}},
    "slice": [
        {"sst": 2, "session": [{"name": "ims", "type": 3, "ambr": {"downlink": {"value": 5, "unit": 2}}}]},
        {"sst": 1, "sd": "00000a", "default_indicator": True, "session": [{"name": "internet", "type": 3}]},
    ],
}


@pytest.mark.parametrize("lines", [False, True])
def test_an_open5gs_export_is_read_as_array_or_as_lines(lines: bool) -> None:
    second = {**OPEN5GS, "imsi": "001010000000002"}
    records = [json.dumps(record) for record in (OPEN5GS, second)]
    text = "\n".join(records) if lines else f"[{','.join(records)}]"
    assert documents.format_of(text) == "open5gs"
    contents = documents.read(text, "open5gs")
    first = contents.subscribers[0]
    assert [subscriber.supi for subscriber in contents.subscribers] == ["imsi-001010000000001", "imsi-001010000000002"]
    assert (first.k, first.opc, first.op, first.sqn) == (K.upper(), OPC.upper(), None, "000000000201")
    assert (first.slices, first.dnns) == ((Slice(1, "00000a"), Slice(2)), ("internet", "ims"))
    assert first.ambr == Ambr(downlink_mbps=1000, uplink_mbps=500)
    notes = [finding.field for finding in contents.findings if finding.number == 1]
    assert notes == ["slice.session", "msisdn"]
    assert first.sessions == (SubscribedDnn(dnn="ims", session_ambr=Ambr(5, 500)),)
    assert contents.errors == 0


def test_a_free5gc_document_of_either_form_of_key_is_read() -> None:
    old = json.loads(documents.write(other(), "free5gc", "00101")[0])[0]
    new = json.loads(json.dumps(old))
    keys = new["AuthenticationSubscription"]
    for name in ("permanentKey", "milenage", "opc"):
        del keys[name]
    keys.update(encPermanentKey=K, encOpcKey=OPC, sequenceNumber={"sqn": "000000000201"})
    assert documents.read(json.dumps(new), "free5gc").subscribers[0] == msgspec.structs.replace(
        other()[0], sqn="000000000201"
    )


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"imsi": "00101"}, "supi", "is no SUPI"),
        ({"security": {"k": K[:-1], "opc": OPC}}, "k", "32 hexadecimal digits are wanted, there are 31"),
        ({"security": {"k": K}}, "opc", "there is neither opc nor op"),
        ({"security": {"opc": OPC}}, "security.k", "is missing"),
        ({"security": {"k": 465, "opc": OPC}}, "security.k", "is a number, not text"),
        ({"security": {"k": K, "opc": OPC, "sqn": 2**48}}, "security.sqn", "no whole number from 0"),
        ({"security": []}, "security", "is a list, not an object"),
        ({"slice": [{"sst": 256}]}, "slice.sst", "no whole number from 0 to 255"),
        ({"slice": [{"sst": 1, "sd": "1"}]}, "slices", "SD '1' is not 6 hexadecimal digits"),
        ({"slice": [{"sst": 1, "session": [{}]}]}, "slice.session.name", "is missing"),
        ({"ambr": {"downlink": {"value": 1, "unit": 9}}}, "ambr.downlink.unit", "no whole number from 0 to 4"),
        ({"ambr": {"downlink": {"value": 10**400, "unit": 1}}}, "ambr.downlink.value", "is no rate"),
        ({"ambr": {"downlink": {"value": 0, "unit": 1}}}, "ambr.downlink_mbps", "is no rate"),
    ],
)
def test_a_bad_record_is_named_by_number_field_and_reason_and_the_others_are_taken(
    change: dict[str, Any], field: str, words: str
) -> None:
    good = {**OPEN5GS, "imsi": "001010000000002"}
    contents = documents.read(json.dumps([{**OPEN5GS, **change}, good]), "open5gs")
    assert [subscriber.supi for subscriber in contents.subscribers] == ["imsi-001010000000002"]
    (finding,) = [finding for finding in contents.findings if finding.level == "error"]
    assert (finding.number, finding.field) == (1, field)
    assert words in finding.what
    assert "record 1" in str(finding)


def test_a_supi_twice_is_taken_once() -> None:
    contents = documents.read(json.dumps([OPEN5GS, OPEN5GS]), "open5gs")
    assert len(contents.subscribers) == 1
    assert "record 2 (imsi-001010000000001): supi: has a record already, number 1" in str(contents.findings[-1])


def test_of_lines_a_broken_one_is_named_and_the_others_are_taken() -> None:
    text = "\n".join((json.dumps(OPEN5GS), '{"imsi": ', '{"imsi": "1", "imsi": "2"}', "7"))
    contents = documents.read(text, "open5gs")
    assert len(contents.subscribers) == 1
    said = [str(finding) for finding in contents.findings if finding.level == "error"]
    assert [text.split(":")[0] for text in said] == ["record 2", "record 3", "record 4"]
    assert "'imsi' is there twice" in said[1]


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("1.01E+13,{k},{opc}", "supi", "a spreadsheet has rounded"),
        ("001010000000001,{k}", "", "has 2 fields, the header 3"),
        ("001010000000001,{opc}x,{opc}", "k", "there are 33"),
    ],
)
def test_what_a_spreadsheet_does_to_a_record_is_found(row: str, field: str, words: str) -> None:
    text = "IMSI,Ki,OPc\r\n" + row.format(k=K, opc=OPC) + f"\r\n001010000000002,{K},{OPC}\r\n"
    contents = documents.read(text, "csv")
    assert [subscriber.supi for subscriber in contents.subscribers] == ["imsi-001010000000002"]
    assert contents.findings[0].field == field
    assert words in contents.findings[0].what


@pytest.mark.parametrize("text", ["supi\n1\n", "supi,k,colour\n", "supi,imsi,k\n", ""])
def test_a_table_whose_columns_are_none_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        documents.read(text, "csv")


@pytest.mark.parametrize("text", ["[", "[]", '{"a": 1}', "[" * 100_000])
def test_json_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        documents.format_of(text)


def test_who_cannot_be_written_is_named_and_the_others_are() -> None:
    tuak = Subscriber(supi="imsi-001010000000001", k=K, algorithm="tuak", topc=OPC * 2)
    for form in ("open5gs", "free5gc"):
        text, findings = documents.write([tuak, *other()], form, "00101")
        assert [finding.field for finding in findings] == ["algorithm"]
        assert len(json.loads(text)) == 1


def sessions() -> list[Subscriber]:
    own = SubscribedDnn(
        dnn="ims",
        session_ambr=Ambr(1, 2),
        five_qi=5,
        arp=Arp(priority_level=1, may_pre_empt=True, pre_emptable=False),
        types=("ipv6",),
        address="10.45.0.99",
        prefix="2001:db8:45:99::/64",
    )
    return [msgspec.structs.replace(other()[0], dnns=("internet", "ims"), sessions=(own,))]


def test_a_network_file_says_it_too() -> None:
    text, _ = documents.write(sessions(), "yaml", "00101")
    found = read_yaml(text.encode(), "mine.yaml").data["subscribers"]
    assert documents.collect(documents.numbered(found), "yaml").subscribers == sessions()


@pytest.mark.parametrize("form", ["open5gs", "free5gc"])
def test_what_a_single_dnn_has_of_its_own_goes_there_and_back(form: Format) -> None:
    text, findings = documents.write(sessions(), form, "00101")
    assert findings == []
    assert documents.read(text, form).subscribers == sessions()


@pytest.mark.parametrize("form", ["yaml", "free5gc"])
def test_ssc_modes_go_there_and_back_the_default_one_first(form: Format) -> None:
    own = SubscribedDnn(dnn="ims", ssc_modes=(2, 1))
    found = [msgspec.structs.replace(other()[0], dnns=("internet", "ims"), sessions=(own,))]
    text, findings = documents.write(found, form, "00101")
    assert findings == []
    assert back(text, form).subscribers == found


def test_what_a_session_does_not_say_is_not_written() -> None:
    own = SubscribedDnn(dnn="ims", five_qi=5)
    text, _ = documents.write([msgspec.structs.replace(other()[0], sessions=(own,))], "yaml", "00101")
    assert '{dnn: "ims", five_qi: 5}' in text


def test_a_table_has_no_room_for_it_and_says_so() -> None:
    (note,) = documents.write(sessions(), "csv", "00101")[1]
    assert (note.level, note.field) == ("note", "sessions")


@pytest.mark.parametrize("address", ["10.45.0", "10.45.0.99/32", "::1"])
def test_a_static_address_that_is_none_keeps_its_record_out(address: str) -> None:
    text = documents.write(sessions(), "open5gs", "00101")[0].replace("10.45.0.99", address)
    (finding,) = documents.read(text, "open5gs").findings
    assert finding.field == "sessions"


def test_blanks_within_keys_count_for_nothing() -> None:
    """As Open5GS's web page proposes them: 465B5CE8 B199B49F ..."""
    spaced = " ".join(K[place : place + 8] for place in range(0, 32, 8))
    record = {**OPEN5GS, "security": {"k": spaced, "opc": f"{OPC[:16]} {OPC[16:]}"}}
    assert documents.read(json.dumps(record), "open5gs").subscribers[0].k == K
    assert documents.read(f"imsi;ki;opc\n001010000000001;{spaced};{OPC}\n", "csv").subscribers[0].k == K


def test_columns_of_other_names_are_said() -> None:
    text = f"Kartennummer,IMSI-Nr,Ki-Wert,OPc\n8981,001010000000001,{K},{OPC}\n"
    names = {"imsi-nr": "supi", "Ki-Wert": "k", "Kartennummer": ""}
    (subscriber,) = documents.read(text, "csv", names).subscribers
    assert (subscriber.supi, subscriber.k, subscriber.opc) == ("imsi-001010000000001", K, OPC)
    with pytest.raises(DocumentError, match="there is no column 'iccid'"):
        documents.read(text, "csv", {**names, "ICCID": ""})
    with pytest.raises(DocumentError, match="--column NAME=supi"):
        documents.read(text, "csv")
