"""The corners of PER, each type in both variants: our octets and values are pycrate's, and bad octets are refused."""

import importlib.util
import sys
from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest
from pycrate_asn1c.asnproc import PycrateGenerator, compile_text, generate_modules

from awase.wire.errors import DecodeError, EncodeError
from awase.wire.per import Codec, Grammar
from unit.tool import tool

TEXT = """
Corners DEFINITIONS AUTOMATIC TAGS ::= BEGIN
One ::= SEQUENCE { before BOOLEAN, value INTEGER (5), after BOOLEAN }
Small ::= SEQUENCE { before BOOLEAN, value INTEGER (-3..251), after BOOLEAN }
Octet ::= SEQUENCE { before BOOLEAN, value INTEGER (0..255), after BOOLEAN }
Pair ::= SEQUENCE { before BOOLEAN, value INTEGER (1..65536), after BOOLEAN }
NearPair ::= SEQUENCE { before BOOLEAN, value INTEGER (0..256), after BOOLEAN }
Long ::= SEQUENCE { before BOOLEAN, value INTEGER (0..65536), after BOOLEAN }
Longer ::= SEQUENCE { before BOOLEAN, value INTEGER (-5..1099511627775), after BOOLEAN }
From ::= SEQUENCE { before BOOLEAN, value INTEGER (7..MAX), after BOOLEAN }
Any ::= SEQUENCE { before BOOLEAN, value INTEGER, after BOOLEAN }
Extensible ::= SEQUENCE { before BOOLEAN, value INTEGER (0..7, ...), after BOOLEAN }
Enum ::= SEQUENCE { before BOOLEAN, value ENUMERATED {a, b, c}, after BOOLEAN }
EnumMore ::= SEQUENCE { before BOOLEAN, value ENUMERATED {a, b, c, ..., d, e}, after BOOLEAN }
Bits ::= SEQUENCE { before BOOLEAN, value BIT STRING (SIZE (16)), after BOOLEAN }
BitsLong ::= SEQUENCE { before BOOLEAN, value BIT STRING (SIZE (17)), after BOOLEAN }
BitsSome ::= SEQUENCE { before BOOLEAN, value BIT STRING (SIZE (1..160, ...)), after BOOLEAN }
BitsAny ::= SEQUENCE { before BOOLEAN, value BIT STRING, after BOOLEAN }
Octets2 ::= SEQUENCE { before BOOLEAN, value OCTET STRING (SIZE (2)), after BOOLEAN }
Octets3 ::= SEQUENCE { before BOOLEAN, value OCTET STRING (SIZE (3)), after BOOLEAN }
OctetsSome ::= SEQUENCE { before BOOLEAN, value OCTET STRING (SIZE (1..4)), after BOOLEAN }
OctetsMore ::= SEQUENCE { before BOOLEAN, value OCTET STRING (SIZE (2, ...)), after BOOLEAN }
OctetsAny ::= SEQUENCE { before BOOLEAN, value OCTET STRING, after BOOLEAN }
Text ::= SEQUENCE { before BOOLEAN, value UTF8String, after BOOLEAN }
Some ::= SEQUENCE { before BOOLEAN, value SEQUENCE (SIZE (1..3)) OF INTEGER (0..9), after BOOLEAN }
SomeMore ::= SEQUENCE { before BOOLEAN, value SEQUENCE (SIZE (1..3, ...)) OF INTEGER (0..9), after BOOLEAN }
Many ::= SEQUENCE { before BOOLEAN, value SEQUENCE OF OCTET STRING (SIZE (3)), after BOOLEAN }
Choice ::= SEQUENCE { before BOOLEAN, value CHOICE { x INTEGER (0..9), y NULL, z OCTET STRING (SIZE (3)) },
    after BOOLEAN }
ChoiceMore ::= SEQUENCE { before BOOLEAN, value CHOICE { x INTEGER (0..9), ..., y OCTET STRING }, after BOOLEAN }
Options ::= SEQUENCE { value SEQUENCE { a INTEGER (0..7) OPTIONAL, b BOOLEAN OPTIONAL, c INTEGER (0..7) DEFAULT 3 },
    after BOOLEAN }
Added ::= SEQUENCE { value SEQUENCE { a BOOLEAN, ..., b INTEGER (0..9), [[ c BOOLEAN, d OCTET STRING OPTIONAL ]] },
    after BOOLEAN }
Nested ::= SEQUENCE { value BOOLEAN, inner SEQUENCE OF Nested }
END
"""

CASES: dict[str, list[Any]] = {
    "One": [5],
    "Small": [-3, 0, 251],
    "Octet": [0, 255],
    "Pair": [1, 256, 65536],
    "NearPair": [0, 256],
    "Long": [0, 255, 256, 65536],
    "Longer": [-5, 0, 250, 251, 65531, 1099511627775],
    "From": [7, 262, 263, 1 << 70],
    "Any": [0, -1, 127, 128, -128, -129, 1 << 70, -(1 << 70)],
    "Extensible": [0, 7, 8, 127, 128, 100000],
    "Enum": ["a", "c"],
    "EnumMore": ["a", "c", "d", "e", "_ext_63", "_ext_64", "_ext_300"],
    "Bits": [(0xBEEF, 16)],
    "BitsLong": [(0x1BEEF, 17)],
    "BitsSome": [(1, 1), (0x55, 7), (1 << 159, 160), ((1 << 161) - 3, 161)],
    "BitsAny": [(0, 1), (5, 9), ((1 << 127) - 1, 127), ((1 << 200) - 5, 200)],
    "Octets2": [b"ab"],
    "Octets3": [b"abc"],
    "OctetsSome": [b"a", b"abcd"],
    "OctetsMore": [b"ab", b"", b"abc", bytes(200)],
    "OctetsAny": [b"", bytes(127), bytes(128), bytes(range(256)) * 63, bytes(16384), bytes(70001), bytes(131072)],
    "Text": ["", "abc", "äöü日本"],
    "Some": [[1], [1, 2, 9]],
    "SomeMore": [[1], [1, 2, 9, 8]],
    "Many": [[], [b"abc"], [b"abc"] * 200],
    "Choice": [("x", 9), ("y", 0), ("z", b"abc")],
    "ChoiceMore": [("x", 3), ("y", b"abc"), ("_ext_5", b"abc"), ("_ext_70", b"abc")],
    "Options": [{"c": 3}, {"a": 7, "c": 3}, {"b": True, "c": 4}, {"a": 0, "b": False, "c": 0}],
    "Added": [{"a": True}, {"a": True, "b": 7}, {"a": False, "c": True}, {"a": True, "b": 1, "c": True, "d": b"xy"}],
}


@pytest.fixture(scope="module")
def corners(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Grammar]:
    """pycrate's module of the types above, and the grammar file that our tool makes of it."""
    path = tmp_path_factory.mktemp("asn1") / "Corners.py"
    compile_text(TEXT)
    generate_modules(PycrateGenerator, str(path))
    spec = importlib.util.spec_from_file_location("pycrate_asn1dir.Corners", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    roots = tuple(("Corners", name) for name in [*CASES, "Nested"])
    text = tool("asn1").extract(tool("asn1").Protocol(folder="", module="Corners", source="here", roots=roots))
    return module, Grammar.load(text.encode())


def value_of(name: str, value: Any) -> dict[str, Any]:
    """The SEQUENCE around a case, so that what is tested stands at an odd bit."""
    return {"value": value, "after": True} | ({} if name in ("Options", "Added") else {"before": True})


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "unaligned"])
@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in CASES.items() for value in values],
    ids=lambda value: str(value)[:20],
)
def test_a_corner_is_as_pycrate_has_it(corners, name, value, aligned):
    module, grammar = corners
    codec = Codec(grammar, aligned=aligned)
    whole = value_of(name, value)
    their = getattr(module.Corners, name)
    their.set_val(deepcopy(whole))
    octets = codec.encode(name, whole)
    if name != "Added" or not aligned:  # there pycrate pads twice: before the bitmap's content and after it
        assert octets.hex() == bytes(their.to_aper() if aligned else their.to_uper()).hex()
    assert codec.decode(name, octets) == whole
    their.from_aper(octets) if aligned else their.from_uper(octets)
    assert their.get_val() == whole


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "unaligned"])
def test_additions_of_a_later_release_are_kept(corners, aligned):
    codec = Codec(corners[1], aligned=aligned)
    for number in (2, 5, 63, 64, 200):
        whole = {"value": {"a": True, "b": 3, f"_ext_{number}": b"later"}, "after": True}
        octets = codec.encode("Added", whole)
        assert codec.decode("Added", octets) == whole


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "unaligned"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("One", 6),
        ("Small", -4),
        ("Small", 252),
        ("Octet", 256),
        ("Longer", 1 << 40),
        ("From", 6),
        ("Any", "1"),
        ("Enum", "d"),
        ("EnumMore", "f"),
        ("Bits", (0x1BEEF, 16)),
        ("Bits", (1, 15)),
        ("Octets2", b"abc"),
        ("OctetsSome", b""),
        ("OctetsSome", b"abcde"),
        ("OctetsAny", None),
        ("Text", 5),
        ("Some", []),
        ("Some", [1, 2, 3, 4]),
        ("Some", [10]),
        ("Choice", ("w", 1)),
        ("ChoiceMore", ("w", 1)),
        ("Options", {"a": 8}),
        ("Added", {}),
    ],
)
def test_a_value_that_the_type_does_not_have_is_our_own_mistake(corners, name, value, aligned):
    with pytest.raises(EncodeError):
        Codec(corners[1], aligned=aligned).encode(name, value_of(name, value))


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "unaligned"])
@pytest.mark.parametrize("name", [*CASES, "Nested"])
def test_octets_cut_off_are_refused(corners, name, aligned):
    codec = Codec(corners[1], aligned=aligned)
    value = {"value": True, "inner": []} if name == "Nested" else value_of(name, CASES[name][-1])
    octets = codec.encode(name, value)
    for length in {0, 1, len(octets) // 2, len(octets) - 1} - {len(octets)}:
        with pytest.raises(DecodeError):
            codec.decode(name, octets[:length])
    with pytest.raises(DecodeError):
        codec.decode(name, octets + b"\0")


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "unaligned"])
def test_a_type_that_holds_itself_is_decoded_and_bounded(corners, aligned):
    codec = Codec(corners[1], aligned=aligned)
    value: dict[str, Any] = {"value": True, "inner": []}
    for _ in range(20):
        value = {"value": False, "inner": [value, {"value": True, "inner": []}]}
    assert codec.decode("Nested", codec.encode("Nested", value)) == value
    with pytest.raises(DecodeError):
        codec.decode("Nested", b"\x01" * 100_000 if aligned else b"\x01\x01" * 50_000)


@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "unaligned"])
def test_a_length_that_lies_takes_no_memory(corners, aligned):
    codec = Codec(corners[1], aligned=aligned)
    for octets in (b"\x80\xc4" + bytes(10), b"\xff" * 12, b"\x80\xbf\xff" + bytes(5), b"\x80" + b"\xc1" * 9):
        for name in ("Many", "OctetsAny", "BitsAny", "Any", "Text"):
            with pytest.raises(DecodeError):
                codec.decode(name, octets)
