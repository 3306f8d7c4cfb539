"""How the page writes figures and names: money, shares, slack, kinds and marks."""

from collections.abc import Mapping

from awase.model.plan import RuleOutcome

KINDS: Mapping[str, str] = {
    "o_ru": "O-RU",
    "radio": "radio",
    "baseband": "baseband",
    "o_du": "O-DU",
    "o_cu": "O-CU",
    "core": "core",
    "transport": "transport",
    "optical": "optical",
    "submarine": "submarine",
}
MARKS: Mapping[str, str] = {
    "V": "seen in the source",
    "D": "derived from such figures",
    "K": "general knowledge, unchecked",
    "synthetic": "made up for this example",
    "declared": "declared by whoever made the estate",
}
MEASURES: Mapping[str, str] = {"equipment": "pieces", "traffic": "traffic", "people": "people", "sites": "sites"}
STATUSES: Mapping[str, str] = {
    "optimal": "A plan, proven within the gap that was asked for",
    "feasible": "A plan, but not proven within the gap that was asked for",
    "infeasible": "No plan: the rules and limits cannot all be kept",
    "stopped": "No plan was found before the search was stopped; none was proven impossible",
}
RULES: Mapping[str, str] = {
    "purchase_ban": "purchase ban",
    "removal": "removal",
    "share_cap": "cap on shares",
    "minimum_suppliers": "minimum of suppliers",
    "concentration_cap": "cap on concentration",
    "trusted_list": "trusted list",
    "domestic_content": "domestic content",
    "support": "support",
    "minimum_release": "minimum release",
    "evidence_required": "evidence required",
    "subsidy": "money with conditions",
    "must_not_carry": "must not carry",
}

_SCALES = ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k"))


def kind(name: str) -> str:
    """A kind of equipment as people write it."""
    return KINDS.get(name, name)


def short(value: float) -> str:
    """Three digits and a scale: 1.18 bn, 25.1 m, 840, 0.35."""
    for size, name in _SCALES:
        # 999.5 of a scale is written as one of the next.
        if abs(value) >= size * 0.9995:
            return f"{_digits(value / size)}{name}"
    return _digits(value)


def _digits(value: float) -> str:
    places = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    text = f"{value:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def whole(value: float) -> str:
    """All digits, in groups: 25,136,000."""
    return f"{value:,.0f}"


def percent(share: float) -> str:
    """A share: 35 %, 0.4 %; what is not quite nothing or all does not read as that."""
    value = share * 100
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    text = f"{value:.1f}"
    return f"{text.removesuffix('.0')} %"


def slack(outcome: RuleOutcome) -> str:
    """The room that is left, with its unit."""
    if outcome.slack is None:
        return ""
    if outcome.unit == "share":
        return f"{outcome.slack * 100:+.1f} percentage points"
    if outcome.unit == "index":
        return f"{outcome.slack:+.3f}"
    unit = outcome.unit.removesuffix("s") if abs(outcome.slack) == 1 else outcome.unit
    return f"{outcome.slack:,.4g} {unit}".strip()
