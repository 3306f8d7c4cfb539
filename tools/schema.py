"""Writes docs/network.schema.json, the JSON schema of the network file; --check: fails if it is not up to date."""

import sys
from pathlib import Path

from awase.lab.assemble import installed_schema

FILE = Path(__file__).parent.parent / "docs" / "network.schema.json"


def main() -> int:
    """Write or check the file; the exit status."""
    text = installed_schema(suppliers=("awase",)) + "\n"
    if sys.argv[1:] == ["--check"]:
        if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{FILE} is not up to date: run tools/schema.py", file=sys.stderr)
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
