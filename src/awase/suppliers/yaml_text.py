"""Configuration files in YAML as the peers read them: digits that are no number stay in quotes."""

from typing import Any

import yaml


class Hex(int):
    """A number that is written in hexadecimal."""


class _Dumper(yaml.SafeDumper):
    """Writes texts that YAML would read as something else in quotes, and shares no nodes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _hexadecimal(dumper: yaml.SafeDumper, value: Hex) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:int", f"0x{value:06x}")


_DECIMAL = frozenset("0123456789")


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # YAML 1.1 and 1.2 disagree on what "08" is: the peers' readers are of both kinds.
    style = "'" if value and set(value) <= _DECIMAL else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(Hex, _hexadecimal)
_Dumper.add_representer(str, _text)


def yaml_text(document: dict[str, Any], head: str) -> str:
    """The document, with a comment that says where it comes from."""
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    comment = "".join(f"# {line}\n" for line in head.splitlines())
    return f"{comment}{body}"
