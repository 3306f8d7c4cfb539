"""The page of plans that the planner makes: an example that ships with its backbone, and 50,000 actions."""

import hashlib
import os
import subprocess
import sys

import msgspec
import pytest

from awase.model.plan import Action, PlanResult, Range
from awase.planner.backbone.network import of_estate
from awase.planner.backbone.study import study
from awase.planner.loading.case import load_case
from awase.planner.optimise.plan import solve
from awase.report.plan_page import Beside, plan_page
from unit.report.plans import Page

TWICE = """
from awase.planner.loading.case import load_case
from awase.planner.optimise.plan import solve
from awase.report.plan_page import Beside, plan_page
import hashlib
case = load_case("island")
page = plan_page(solve(case), case.estate, Beside(rules=case.rules, limits=case.limits, market=case.market))
print(hashlib.sha256(page.encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def island():
    case = load_case("island")
    found = study(of_estate(case.estate), (), pairs=True, exact=5)
    beside = Beside(rules=case.rules, limits=case.limits, market=case.market, backbone=found)
    return case, solve(case), beside


def test_the_island_has_a_page_with_its_cables_and_what_their_loss_does(island):
    case, result, beside = island
    page = Page(plan_page(result, case.estate, beside))
    assert "A synthetic island" in page.sections["work"] or page.named("title")
    assert len(page.named("svg")) > 5
    for cable in case.estate.cables:
        assert cable.name in page.sections["map"]
    assert f"{beside.backbone.traffic_gbps:g} Gbit/s" in page.sections["backbone"]
    assert f"Worst of {beside.backbone.pairs_tried:,} pairs of cuts" in page.sections["backbone"]
    assert "152 of 152 sites, made up" in plan_page(result, case.estate, beside)


def test_the_page_does_not_hang_on_hash_seeds():
    sums = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", TWICE],
            env=dict(os.environ, PYTHONHASHSEED=seed),
            capture_output=True,
            text=True,
            check=True,
        )
        sums.add(done.stdout)
    assert len(sums) == 1
    assert len(sums.pop().strip()) == hashlib.sha256().digest_size * 2


def test_a_page_of_32_000_sites_and_50_000_actions_stays_under_5_mb():
    case = load_case("uk-2020")
    actions = tuple(
        Action(
            site=site.id,
            kind=piece.kind,
            from_supplier=piece.supplier,
            to_supplier="Nokia" if number % 3 else "Ericsson",
            quarter=f"{2021 + number % 7}Q{number % 4 + 1}",
            crew="crew",
            cost_low=10_000 + number % 50,
            cost_mid=20_000,
            cost_high=40_000,
            equipment=piece.id,
            item="item",
        )
        for number, site in enumerate(case.estate.sites)
        for piece in site.equipment
        if piece.supplier == "Huawei"
    )
    result = PlanResult(
        name="uk-2020",
        status="feasible",
        gap=0.02,
        cost=Range(1, 2, 3),
        currency="GBP",
        objective="cost",
        seed=0,
        versions={},
        actions=actions,
    )
    page = plan_page(result, case.estate, Beside(rules=case.rules, limits=case.limits, market=case.market))
    assert len(actions) > 50_000
    assert len(page.encode()) < 5_000_000
    assert "32,014 of 32,014 sites, made up" in page


def test_a_plan_that_is_impossible_has_a_page_that_says_why(island):
    case, _, beside = island
    crew = msgspec.structs.replace(case.limits.crews[0], visits_per_quarter=0)
    limits = msgspec.structs.replace(case.limits, crews=(crew,))
    result = solve(msgspec.structs.replace(case, limits=limits))
    assert result.status == "infeasible"
    page = Page(plan_page(result, case.estate, beside))
    assert "core-out" in page.sections["conflicts"]
