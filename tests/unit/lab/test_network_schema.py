import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from awase.lab.assemble import installed_schema
from awase.lab.network_file import shipped, shipped_text
from awase.lab.network_schema import FORMS, components

FILE = Path(__file__).parents[3] / "docs" / "network.schema.json"


def test_the_committed_schema_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == installed_schema(suppliers=("awase",)) + "\n", "run tools/schema.py"


def test_every_form_is_that_of_a_field() -> None:
    for record, forms in FORMS.items():
        assert set(forms) <= set(components()[record]["properties"])


@pytest.mark.parametrize("name", list(shipped()))
def test_the_schema_takes_every_network_that_ships(name: str) -> None:
    validator = Draft202012Validator(json.loads(installed_schema(suppliers=("awase",))))
    assert not [error.message for error in validator.iter_errors(yaml.safe_load(shipped_text(name)))]


def test_patterns_refuse_a_trailing_newline() -> None:
    check = Draft202012Validator(components()["Slice"])
    assert not list(check.iter_errors({"sst": 1, "sd": "00000a"}))
    assert list(check.iter_errors({"sst": 1, "sd": "00000a\n"}))
