"""EPS and CS capabilities: octets worked out from TS 24.301 and TS 24.008, and what pycrate reads in them."""

import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24008_IE import MSCm2, SuppCodecList
    from pycrate_mobile.TS24301_IE import UENetCap, UESecCap

from awase.protocols.nas import eps_capabilities as eps
from awase.wire.errors import EncodeError
from unit.protocols.nas.mutated import values

NETWORK = eps.S1UeNetworkCapability.of(
    (0, 1, 2), (1, 2), uea=(0, 1), uia=(1,), features=(eps.EpsFeature.lpp, eps.EpsFeature.n1mode, eps.EpsFeature.pr)
)
SECURITY = eps.S1UeSecurityCapability.of((0, 1, 2), (1, 2), (0, 1), (1,), (1, 3))
CLASSMARK = eps.MobileStationClassmark2(
    revision_level=2,
    es_ind=True,
    a5_1=False,
    ss_screening_indicator=1,
    sm_capability=True,
    cm3=True,
    ucs2=True,
    a5_3=True,
)
CODECS = eps.SupportedCodecList(
    (
        eps.CodecBitmap.of(eps.AccessSystem.gsm, (eps.SpeechCodec.gsm_efr, eps.SpeechCodec.fr_amr_wb)),
        eps.CodecBitmap.of(eps.AccessSystem.umts, (eps.SpeechCodec.umts_amr_2, eps.SpeechCodec.umts_amr_wb)),
        eps.CodecBitmap(system=eps.AccessSystem(9), bitmap=b"\x01\x02\x03"),
    )
)

WORKED_OUT: list[tuple[Any, str, type]] = [
    (NETWORK, "e0 60 c0 40 08 00 20 00 01", UENetCap),
    (SECURITY, "e0 60 c0 40 50", UESecCap),
    (CLASSMARK, "5f 18 92", MSCm2),
    (CODECS, "00 02 04 02  04 02 40 04  09 03 010203", SuppCodecList),
]


@pytest.mark.parametrize(("value", "octets", "oracle"), WORKED_OUT, ids=lambda v: getattr(v, "__name__", None))
def test_a_value_has_the_octets_of_its_clause_and_pycrates(value: Any, octets: str, oracle: type) -> None:
    raw = bytes.fromhex(octets)
    assert value.encode().hex(" ") == raw.hex(" ")
    assert type(value).decode(raw) == value
    element = oracle()
    element.from_bytes(raw)
    assert element.to_bytes() == raw
    assert values(type(value), raw) > 100


def test_every_feature_has_pycrates_bit() -> None:
    named = {
        eps.EpsFeature.nf: "NF",
        eps.EpsFeature.srvcc_to_1xcs: "X1_SRVCC",
        eps.EpsFeature.lcs: "LCS",
        eps.EpsFeature.lpp: "LPP",
        eps.EpsFeature.acc_csfb: "ACC_CSFB",
        eps.EpsFeature.h_245_ash: "H245_ASH",
        eps.EpsFeature.prose: "ProSe",
        eps.EpsFeature.prose_dd: "ProSe_dd",
        eps.EpsFeature.prose_dc: "ProSe_dc",
        eps.EpsFeature.prose_relay: "ProSe_relay",
        eps.EpsFeature.cp_ciot: "CP_CIoT",
        eps.EpsFeature.up_ciot: "UP_CIoT",
        eps.EpsFeature.s1_u_data: "S1U_data",
        eps.EpsFeature.er_w_o_pdn: "ERw_oPDN",
        eps.EpsFeature.hc_cp_ciot: "HC_CP_CIoT",
        eps.EpsFeature.epco: "ePCO",
        eps.EpsFeature.multiple_drb: "MultiDRB",
        eps.EpsFeature.v2x_pc5: "V2X_PC5",
        eps.EpsFeature.restrict_ec: "RestrictEC",
        eps.EpsFeature.cp_backoff: "CPBackOff",
        eps.EpsFeature.dcnr: "DCNR",
        eps.EpsFeature.n1mode: "N1Mode",
        eps.EpsFeature.sgc: "SGC",
        eps.EpsFeature.bearers_15: "FTBearers",
        eps.EpsFeature.racs: "RACS",
        eps.EpsFeature.wusa: "WUSA",
        eps.EpsFeature.cp_mt_edt: "CP_MT_EDT",
        eps.EpsFeature.up_mt_edt: "UP_MT_EDT",
        eps.EpsFeature.v2x_nr_pc5: "V2X_NRPC5",
        eps.EpsFeature.ncr: "NCR",
        eps.EpsFeature.piv: "PIV",
        eps.EpsFeature.rpr: "RPR",
        eps.EpsFeature.pr: "PR",
        eps.EpsFeature.ptcc: "PTCC",
    }
    assert named.keys() == set(eps.EpsFeature)
    for feature, name in named.items():
        element = UENetCap()
        value = eps.S1UeNetworkCapability.of((0,), (1,), features=(feature,))
        element.from_bytes(value.encode().ljust(9, b"\0"))
        assert element[name].get_val() == 1, name
        assert [f for f in eps.EpsFeature if value.has(f)] == [feature]


def test_algorithms_are_named_by_their_numbers() -> None:
    assert [n for n in range(8) if NETWORK.eea(n)] == [n for n in range(8) if SECURITY.eea(n)] == [0, 1, 2]
    assert [n for n in range(8) if NETWORK.eia(n)] == [n for n in range(8) if SECURITY.eia(n)] == [1, 2]
    assert [n for n in range(8) if NETWORK.uea(n)] == [n for n in range(8) if SECURITY.uea(n)] == [0, 1]
    assert [n for n in range(8) if NETWORK.uia(n)] == [n for n in range(8) if SECURITY.uia(n)] == [1]
    assert [n for n in range(8) if SECURITY.gea(n)] == [1, 3]
    assert not NETWORK.ucs2
    short = eps.S1UeSecurityCapability.decode(b"\x80\x80")
    assert not any((short.uea(0), short.uia(1), short.gea(1)))


def test_a_capability_without_features_is_as_short_as_it_can_be() -> None:
    assert eps.S1UeNetworkCapability.of((0,), (2,)).encode() == b"\x80\x20"


def test_codecs_have_names() -> None:
    assert CODECS.bitmaps[1].codecs == (eps.SpeechCodec.umts_amr_2, eps.SpeechCodec.umts_amr_wb)


@pytest.mark.parametrize(
    "value",
    [
        eps.MobileStationClassmark2(revision_level=4),
        eps.MobileStationClassmark2(rf_power_capability=8),
        eps.SupportedCodecList((eps.CodecBitmap(system=eps.AccessSystem.gsm, bitmap=bytes(256)),)),
    ],
)
def test_a_value_that_does_not_fit_is_an_encode_error(
    value: eps.MobileStationClassmark2 | eps.SupportedCodecList,
) -> None:
    with pytest.raises(EncodeError):
        value.encode()


@pytest.mark.parametrize("kind", [eps.S1UeNetworkCapability, eps.S1UeSecurityCapability, eps.MobileStationClassmark2])
def test_what_is_too_short_is_no_value(kind: Any) -> None:
    with pytest.raises((ValueError, IndexError)):
        kind.decode(b"\x80")
