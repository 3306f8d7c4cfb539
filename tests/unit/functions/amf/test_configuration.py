"""What an AMF refuses to be told, with the path of what is wrong."""

from typing import Any

import pytest

from awase.functions.amf.part import PART_TYPE
from unit.functions.amf.bench import Bench


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"plmn": "00101"}, "MCC-MNC"),
        ({"slices": [{"sst": 256}]}, r"slices\[0\]: sst 256"),
        ({"slices": [{"sst": 1, "sd": "1"}]}, r"slices\[0\]: sd '1' is not six hexadecimal digits"),
        ({"plmn_support": [{"plmn": "001-01", "slices": []}]}, r"plmn_support\[0\].slices"),
        ({"tac": 1 << 24}, "tac: 16777216 does not fit into 24 bits"),
        ({"tais": [{"plmn": "001-01", "tacs": []}]}, "tais: give at least one"),
        ({"amf_set_id": 1024}, "amf_set_id: 1024 does not fit into 10 bits"),
        ({"amf_pointer": -1}, "amf_pointer"),
        ({"t3512_s": -1}, "t3512_s"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PART_TYPE.build("amf1", config, Bench().services)


def test_the_defaults_make_an_amf() -> None:
    assert PART_TYPE.build("amf1", {}, Bench().services).wake_at_ns() is None


def test_the_schema_names_every_field() -> None:
    assert "plmn_support" in str(PART_TYPE.config_schema)
    assert PART_TYPE.ports == ("n2", "sbi")
