"""Elements come back equal, whatever their values; hypothesis drives them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai, Tai
from awase.protocols.nas import elements as e
from awase.protocols.nas import session_elements as s
from awase.wire.errors import DecodeError, EncodeError

settings.register_profile("repeatable", derandomize=True, max_examples=100, deadline=None)
settings.load_profile("repeatable")

digits = st.text("0123456789", min_size=1)
plmns = st.builds(Plmn, st.from_regex(r"[0-9]{3}", fullmatch=True), st.from_regex(r"[0-9]{2,3}", fullmatch=True))
slices = st.builds(SNssai, st.integers(0, 255), st.none() | st.from_regex(r"[0-9a-f]{6}", fullmatch=True))
octet = st.integers(0, 255)
sucis = st.builds(
    e.Suci,
    plmn=plmns,
    routing_indicator=st.from_regex(r"[0-9]{1,4}", fullmatch=True),
    protection_scheme_id=st.integers(0, 15),
    home_network_public_key_identifier=octet,
    scheme_output=st.binary(min_size=1, max_size=60),
)
gutis = st.builds(
    FiveGGuti,
    st.builds(Guami, plmns, octet, st.integers(0, 1023), st.integers(0, 63)),
    st.integers(0, 2**32 - 1),
)
tmsis = st.builds(
    e.FiveGSTmsi,
    amf_set_id=st.integers(0, 1023),
    amf_pointer=st.integers(0, 63),
    five_g_tmsi=st.integers(0, 2**32 - 1),
)
devices = st.builds(e.Imei, digits=st.from_regex(r"[0-9]{15}", fullmatch=True)) | st.builds(
    e.Imei,
    digits=st.from_regex(r"[0-9]{16}", fullmatch=True),
    type_of_identity=st.just(e.IdentityType.imeisv),
)


@given(sucis | gutis | tmsis | devices | st.just(e.NoIdentity()))
def test_mobile_identity(identity: e.FiveGSMobileIdentity) -> None:
    assert e.decode_mobile_identity(e.encode_mobile_identity(identity)) == identity


def test_the_null_scheme_shows_the_msin() -> None:
    suci = e.Suci.null(Plmn("001", "01"), "000000001")
    assert suci.msin == "000000001"
    assert suci.scheme_output.hex() == "00000000f1"


def test_a_five_g_s_tmsi_is_the_end_of_a_guti() -> None:
    tmsi = e.FiveGSTmsi.of(FiveGGuti(Guami(Plmn("001", "01"), 2, 1, 3), 0xC000049A))
    assert tmsi.value == 1 << 38 | 3 << 32 | 0xC000049A


@pytest.mark.parametrize(
    "octets",
    [
        b"\x01",
        bytes.fromhex("0199f907ffff000000"),
        bytes.fromhex("f299f9070200400000"),
        b"\xf4\x00",
        b"\xa3\x11",
        b"\x1b\xaf",
    ],
)
def test_what_is_no_mobile_identity(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        e.decode_mobile_identity(octets)


@given(st.lists(slices, max_size=8).map(tuple))
def test_nssai(value: tuple[SNssai, ...]) -> None:
    assert e.decode_nssai(e.encode_nssai(e.nssai(value))) == e.nssai(value)


@given(slices, slices)
def test_mapped_s_nssai(one: SNssai, other: SNssai) -> None:
    element = e.SNssaiElement(s_nssai=one, mapped_hplmn_s_nssai=other)
    back = e.SNssaiElement.decode(element.encode())
    assert back.mapped_hplmn_s_nssai == other
    assert back.s_nssai.sst == one.sst


@given(st.lists(st.builds(e.RejectedSNssai, s_nssai=slices, cause=st.integers(0, 15)), max_size=8).map(tuple))
def test_rejected_nssai(value: e.RejectedNssai) -> None:
    assert e.decode_rejected_nssai(e.encode_rejected_nssai(value)) == value


@given(st.lists(st.builds(Tai, plmns, st.integers(0, 2**24 - 1)), min_size=1, max_size=16).map(tuple))
def test_tai_list(tais: tuple[Tai, ...]) -> None:
    value = e.TaiList.of(tais)
    assert e.TaiList.decode(value.encode()) == value
    assert value.tais == tais


def test_a_list_of_consecutive_tacs() -> None:
    value = e.TaiList.decode(bytes.fromhex("2200f110000009"))
    assert [tai.tac for tai in value.tais] == [9, 10, 11]
    assert value.encode().hex() == "2200f110000009"
    with pytest.raises(DecodeError):
        e.TaiList.decode(bytes.fromhex("2200f110ffffff"))


@pytest.mark.parametrize(
    ("octet", "two", "three"),
    [(0x21, 60, 3600), (0x02, 4, 1200), (0x5F, 11160, 1116000), (0x61, 60, 2), (0xE0, None, None)],
)
def test_timers(octet: int, two: int | None, three: int | None) -> None:
    assert e.GprsTimer2.decode(bytes((octet,))).seconds == two
    assert e.GprsTimer3.decode(bytes((octet,))).seconds == three
    assert e.GprsTimer3.decode(bytes((octet,))).encode() == bytes((octet,))


@given(st.integers(0, 11160))
def test_a_timer_is_never_shorter_than_asked_for(seconds: int) -> None:
    two, three = e.GprsTimer2.of_seconds(seconds).seconds, e.GprsTimer3.of_seconds(seconds).seconds
    assert two is not None
    assert three is not None
    assert min(two, three) >= seconds


def test_a_timer_that_is_too_long_is_refused() -> None:
    with pytest.raises(EncodeError):
        e.GprsTimer2.of_seconds(20000)


@given(st.sets(st.integers(1, 15)).map(sorted))
def test_pdu_session_ids(ids: list[int]) -> None:
    assert e.PduSessionIds.decode(e.PduSessionIds(tuple(ids)).encode()).ids == tuple(ids)


components = st.sampled_from(
    [
        s.PacketFilterComponent(type=1),
        s.PacketFilterComponent(type=16, value=bytes(8)),
        s.PacketFilterComponent(type=48, value=b"\x11"),
        s.PacketFilterComponent(type=80, value=b"\x00\x50"),
        s.PacketFilterComponent(type=81, value=b"\x00\x50\x01\x00"),
    ]
)
filters = st.builds(
    s.PacketFilter,
    identifier=st.integers(0, 15),
    direction=st.sampled_from(list(s.PacketFilterDirection)),
    components=st.lists(components, max_size=3).map(tuple),
)
rules = st.builds(
    s.QosRule,
    identifier=octet,
    operation=st.sampled_from([s.RuleOperation(1), s.RuleOperation(3), s.RuleOperation(4)]),
    default_qos_rule=st.booleans(),
    packet_filters=st.lists(filters, max_size=4).map(tuple),
    precedence=octet,
    qfi=st.integers(0, 63),
    segregation=st.booleans(),
)


@given(st.lists(rules, max_size=3).map(tuple))
def test_qos_rules(value: s.QosRules) -> None:
    assert s.decode_qos_rules(s.encode_qos_rules(value)) == value


def test_rules_that_delete_have_no_precedence() -> None:
    delete = s.QosRule(identifier=2, operation=s.RuleOperation.delete_existing_qos_rule)
    some = s.QosRule(
        identifier=3,
        operation=s.RuleOperation.modify_existing_qos_rule_and_delete_packet_filters,
        packet_filters=(s.PacketFilter(identifier=4, direction=None),),
        precedence=9,
        qfi=1,
    )
    assert s.decode_qos_rules(s.encode_qos_rules((delete, some))) == (delete, some)


@given(st.lists(st.builds(s.QosFlowDescription.create, st.integers(1, 63), octet), max_size=4).map(tuple))
def test_qos_flow_descriptions(value: s.QosFlowDescriptions) -> None:
    assert s.decode_qos_flow_descriptions(s.encode_qos_flow_descriptions(value)) == value
    assert all(flow.five_qi is not None for flow in value)


@given(st.integers(1, 10**14))
def test_session_ambr_is_never_less_than_asked_for(bps: int) -> None:
    value = s.SessionAmbr.of_bps(downlink_bps=bps, uplink_bps=bps)
    assert bps <= value.downlink_bps < bps * 1.001 + 1000
    assert s.SessionAmbr.decode(value.encode()) == value


def test_units_of_the_session_ambr() -> None:
    one_gbps = s.SessionAmbr(unit_for_downlink=6, downlink=1000, unit_for_uplink=11, uplink=2)
    assert (one_gbps.downlink_bps, one_gbps.uplink_bps) == (1_000_000_000, 2_000_000_000)


@pytest.mark.parametrize(
    "value",
    [
        s.PduAddress(ipv4="10.45.0.2"),
        s.PduAddress(interface_identifier=bytes(range(8))),
        s.PduAddress(ipv4="10.45.0.2", interface_identifier=bytes(8), link_local=bytes(range(16))),
    ],
)
def test_pdu_address(value: s.PduAddress) -> None:
    assert s.PduAddress.decode(value.encode()) == value


def test_protocol_configuration_options_have_containers() -> None:
    value = s.ExtendedProtocolConfigurationOptions.of(((0x000A, b""), (0x000D, bytes(4))))
    assert value.containers(from_network=True) == ((0x000A, b""), (0x000D, bytes(4)))
    long = s.ExtendedProtocolConfigurationOptions(octets=bytes.fromhex("80" + "00230002aabb" + "000d0101"))
    assert long.containers(from_network=True) == ((0x23, b"\xaa\xbb"), (0x0D, b"\x01"))
    assert long.containers(from_network=False)[0] == (0x23, b"")


@given(st.lists(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=4))
def test_dnn(labels: list[str]) -> None:
    dnn = ".".join(labels)
    assert s.decode_dnn(s.encode_dnn(dnn)) == dnn


@pytest.mark.parametrize("dnn", ["", "a..b", "ü", "x" * 64, "abc." * 30])
def test_what_is_no_dnn(dnn: str) -> None:
    with pytest.raises(EncodeError):
        s.encode_dnn(dnn)
