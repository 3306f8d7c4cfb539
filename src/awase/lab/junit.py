"""Verdicts as JUnit XML, as CI systems read it: a test case for each, named by its id."""

from awase.model.part import NS_PER_S
from awase.model.run import RunResult, Verdict


def escape(text: str) -> str:
    """What stands for itself in XML, in text and in attributes."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        text = text.replace(character, entity)
    return text


def quoteattr(text: str) -> str:
    """An attribute's value, in quotes; line ends as references, so that they survive normalisation."""
    return f'"{escape(text)}"'.replace("\n", "&#10;")


def junit(result: RunResult) -> str:
    """The verdicts of a run. Times are virtual."""
    failures = sum(verdict.status == "fail" for verdict in result.verdicts)
    skipped = sum(verdict.status in ("inconclusive", "not applicable") for verdict in result.verdicts)
    name = quoteattr(f"awase run {result.name}")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name={name} tests="{len(result.verdicts)}" failures="{failures}" '
        f'skipped="{skipped}" time="{result.end_ns / NS_PER_S:.3f}">',
        *(_case(result, verdict) for verdict in result.verdicts),
        "</testsuite>",
    ]
    return "\n".join(lines) + "\n"


def _case(result: RunResult, verdict: Verdict) -> str:
    head = f"  <testcase classname={quoteattr(result.name)} name={quoteattr(verdict.id)}"
    figures = ", ".join(f"{name} {value}" for name, value in verdict.figures.items())
    out = f"<system-out>{escape(f'{verdict.title}: {figures}')}</system-out>"
    if verdict.status == "pass":
        return f"{head}>{out}</testcase>"
    if verdict.status == "fail":
        parts = (verdict.text, verdict.message, verdict.element, verdict.clause, verdict.report)
        text = "\n".join(part for part in parts if part)
        return f"{head}><failure message={quoteattr(verdict.text)}>{escape(text)}</failure>{out}</testcase>"
    return f"{head}><skipped message={quoteattr(f'{verdict.status}: {verdict.text}')}/>{out}</testcase>"
