"""Small estates for tests, written as a person writes them."""

from awase.model.rules import Case
from awase.planner.loading.case import read_case
from awase.planner.problems import PlanInputError, Problem

HEAD = "estate: {name: small, as_of: 2024Q4, currency: EUR}\n"

SITES = """
sites:
  - id: a
    operator: one
    region: north
    people: 100
    traffic_gbps: 1
    equipment:
      - {id: radio, kind: radio, supplier: Red, layers: [5g], bought: 2020Q2, release: "15.2"}
      - {id: baseband, kind: baseband, supplier: Red, layers: [5g], bought: 2020Q2}
  - id: b
    operator: one
    region: north
    roles: [macro, emergency]
    people: 300
    traffic_gbps: 3
    equipment:
      - {id: radio, kind: radio, supplier: Blue, layers: [5g], bought: 2023Q1, release: "16.1"}
      - {id: baseband, kind: baseband, supplier: Blue, layers: [5g], bought: 2023Q1}
  - id: c
    operator: two
    region: south
    people: 200
    traffic_gbps: 2
    equipment:
      - {id: radio, kind: radio, supplier: Blue, layers: [4g], count: 3}
      - {id: baseband, kind: baseband, supplier: Blue, layers: [4g]}
suppliers:
  - {name: Red, country: CN, components: {chip: Grey}}
  - {name: Blue, country: SE, components: {chip: Grey}}
  - {name: Green, country: JP}
"""


def case(text: str, *, head: str = HEAD, **files: str) -> Case:
    """A case from YAML, and other files by stem (their endings are .csv)."""
    octets = {"estate.yaml": (head + text).encode()}
    octets.update({f"{stem}.csv": content.encode() for stem, content in files.items()})
    return read_case(octets)


def ruled(rules: str, more: str = "") -> Case:
    """The three sites of this page under rules, each of which gets a title, a source and a mark."""
    lines = []
    for line in rules.strip("\n").splitlines():
        lines.append(f"  {line}")
        if line.startswith("- rule:"):
            lines.append("    title: a title\n    source: a test\n    mark: synthetic")
    return case(SITES + "rules:\n" + "\n".join(lines) + "\n" + more)


def problems_of(files: dict[str, str]) -> list[Problem]:
    """What is wrong with files."""
    try:
        read_case({name: text.encode() for name, text in files.items()})
    except PlanInputError as error:
        return list(error.problems)
    return []


def said(files: dict[str, str]) -> list[str]:
    """What is wrong with files, in words."""
    return [str(problem) for problem in problems_of(files)]
