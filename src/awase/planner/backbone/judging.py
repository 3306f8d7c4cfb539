"""How rules on what traffic must not pass fare on an estate's backbone, once they are in force."""

import msgspec

from awase.model.plan import RuleOutcome
from awase.model.rules import Case
from awase.planner.backbone.carrying import explain
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.sources import backbone_of


def judged(case: Case, outcomes: tuple[RuleOutcome, ...]) -> tuple[RuleOutcome, ...]:
    """The outcomes, with those of rules on the backbone put right; a plan does not change the backbone."""
    if not case.estate.demands or not (case.estate.links or case.estate.cables):
        return outcomes
    network, rules = backbone_of(case)
    unmet = explain(Graph(network), rules)
    found = []
    for outcome in outcomes:
        rule = next((one for one in rules if one.id == outcome.id), None)
        broken = [one for one in unmet if rule is not None and rule.id in one.rules]
        if rule is None:
            found.append(outcome)
        elif not broken:
            text = "on the backbone of today all such traffic has a way that keeps it"
            found.append(msgspec.structs.replace(outcome, met=True, text=text))
        else:
            traffic = sum(one.traffic_gbps for one in broken)
            more = f" (and {len(broken) - 1} more like it)" if len(broken) > 1 else ""
            day = str(rule.by)
            found.append(
                msgspec.structs.replace(
                    outcome, met=False, traffic_gbps=traffic, from_date=day, text=broken[0].text + more
                )
            )
    return tuple(found)
