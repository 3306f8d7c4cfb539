import sys

import pytest

from awase.lab.problems import NetworkFileError
from awase.lab.strict_yaml import MAX_OCTETS, MAX_VALUES, read


def refusal(text: str) -> str:
    with pytest.raises(NetworkFileError) as refused:
        read(text.encode(), "f.yaml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("name: x\nplmn: 00101", 2, 'write "00101", in quotes'),
        ("slices:\n  - {sst: 1, sd: 000001}", 2, 'write "000001", in quotes'),
        ("supi: 001010000000001", 1, 'write "imsi-001010000000001", in quotes'),
        ("a: 008", 1, 'write "008", in quotes'),
        ("a: 1_000", 1, 'write "1_000", in quotes'),
        ("a: 0x10", 1, 'write "0x10", in quotes'),
        ("a: 0b11", 1, 'write "0b11", in quotes'),
        ("a: 1:30", 1, 'write "1:30", in quotes'),
        ("a: 12e5", 1, 'write "12e5", in quotes'),
        ("a: .inf", 1, 'write a number in digits; or, where text is meant, ".inf", in quotes'),
        ("a: .nan", 1, "write a number in digits"),
        ("a: +5", 1, 'write "+5", in quotes'),
        ("a: 99999999999999999999999", 1, 'write "99999999999999999999999", in quotes'),
        ("a: no", 1, 'write "no" in quotes, or true, false or null'),
        ("a: Yes", 1, 'write "Yes" in quotes'),
        ("a: on", 1, 'write "on" in quotes'),
        ("a: True", 1, 'write "True" in quotes, or true'),
    ],
)
def test_what_yaml_would_change_is_refused_with_the_quoted_form(text: str, line: int, hint: str) -> None:
    message = refusal(text)
    assert message.startswith(f"f.yaml:{line}: ")
    assert hint in message


def test_a_key_that_loses_its_zeros_is_not_shown() -> None:
    message = refusal("subscribers:\n  - k: 00112233445566778899001122334455\n")
    assert message.startswith("f.yaml:2: subscribers[0].k: ")
    assert 'write "...", in quotes' in message
    assert "0011" not in message


def test_all_such_scalars_of_a_file_are_shown_together() -> None:
    assert refusal("a: 001\nb: {c: no}\n").count("f.yaml:") == 2


def test_duplicate_keys_are_refused_and_both_lines_are_named() -> None:
    assert "f.yaml:3: parts.a is there" not in refusal("a: 1\nb: 2\na: 3")
    assert refusal("a: 1\nb: 2\na: 3").startswith("f.yaml:3: a is there twice, first in line 1\n  remove one")
    assert refusal("p:\n  a: {b: 1, b: 2}").startswith("f.yaml:2: p.a: b is there twice")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &x [1]\nb: *x", "&x is an anchor or an alias"),
        ("b: *x", "*x is an anchor or an alias"),
        ("a: !!python/object:os.system ls", "python/object:os.system is a tag"),
        ("a: !!str 1", "is a tag"),
        ("a: {<<: {b: 1}}", "<< merges other values"),
        ("? [a]\n: b", "a key that is no text"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("a: [1, 2", "expected ',' or ']'"),
        ("a: \x01", "control characters are not allowed"),
        ("[" * 1000, "more than 20 levels deep"),
        ("a:\n\tb: 1", "found character that cannot start any token"),
    ],
)
def test_what_no_network_file_needs_is_refused(text: str, what: str) -> None:
    message = refusal(text)
    assert message.startswith("f.yaml:")
    assert what in message
    assert "\n  " in message, "there is no hint"


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
    )
    assert refusal(bomb).startswith("f.yaml:1: a: &a is an anchor")


def test_size_and_count_of_values_are_bounded() -> None:
    assert f"more than {MAX_OCTETS} octets" in refusal("#" * (MAX_OCTETS + 1))
    assert f"more than {MAX_VALUES} values" in refusal("[" + "1," * MAX_VALUES + "1]")


def test_a_control_character_is_refused_with_its_line() -> None:
    assert refusal("a: 1\nb: 2\nc: \x01\n").startswith("f.yaml:3: ")


def test_octets_that_are_no_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(NetworkFileError, match=r"^f\.yaml:2: an octet that is not UTF-8"):
        read(b"a: 1\nb: \xff", "f.yaml")


def test_values_keep_their_form_and_have_lines() -> None:
    document = read(b"a: 1\nb:\n  - x\n  - {c: -2.5, d: '007', e: 001-01, f: null}\ng: true\nh: 10.45.0.0/16\n", "f")
    assert document.data == {
        "a": 1,
        "b": ["x", {"c": -2.5, "d": "007", "e": "001-01", "f": None}],
        "g": True,
        "h": "10.45.0.0/16",
    }
    assert document.place(("b", 1, "c")) == "f:4"
    assert document.place(("b",)) == "f:2"
    assert document.place(("b", 1, "nothing")) == "f:4"


def test_secrets_are_not_in_the_repr_of_a_document() -> None:
    assert "465b" not in repr(read(b'k: "465b5ce8"', "f.yaml"))


def test_deep_nesting_does_not_touch_the_recursion_limit() -> None:
    assert "levels deep" in refusal("a: " + "{b: " * (sys.getrecursionlimit() * 2))
