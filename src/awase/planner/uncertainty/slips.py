"""How far programmes of removal have slipped, from published progress, and what that says of a planned date.

A stretch is time taken over time planned, taken as lognormal. `us` is fitted to how many of 126 recipients had
finished by two days; `uk` to the two milestones that operators have passed.
"""

import math
from statistics import NormalDist

import msgspec

from awase.model.plan import Mark


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`share` of the programmes had finished when `taken_months` had passed of `planned_months`; 1: all of them."""

    planned_months: float
    taken_months: float
    share: float = 1.0
    text: str
    source: str
    mark: Mark


US = (
    Progress(
        planned_months=12,
        taken_months=24,
        share=14 / 126,
        text="14 of 126 recipients finished; counted from the approvals of 18 July 2022 to mid-2024, for a year",
        source="FCC, fifth report of 2024 (ruralspectrumscanner, broadbandbreakfast); approvals: tlp.law 2022-07-20",
        mark="D",
    ),
    Progress(
        planned_months=12,
        taken_months=30,
        share=36 / 126,
        text="36 of 126 recipients finished in January 2025; counted from the approvals of 18 July 2022",
        source="broadbandbreakfast (January 2025); approvals: tlp.law 2022-07-20",
        mark="D",
    ),
)
UK = (
    Progress(
        planned_months=30.5,
        taken_months=44.5,
        text="BT's core: announced July 2020 for 28 January 2023, expected by the end of March 2024",
        source="mobileworldlive, BT close to Huawei removal; insidetowers 58308; The Register 2024-01-02",
        mark="D",
    ),
    Progress(
        planned_months=36.5,
        taken_months=36.5,
        text="EE's 35 % cap in 5G access: announced July 2020 for 31 July 2023, met",
        source="ispreview 2024-01-02",
        mark="D",
    ),
)


class Stretch(msgspec.Struct, frozen=True):
    """A lognormal stretch: `median`, and `sigma` of its logarithm."""

    name: str
    median: float
    sigma: float
    evidence: tuple[Progress, ...] = ()

    def expected_late(self, planned: float, allowed: float) -> float:
        """How many quarters late work is on average that is planned to take `planned` and may take `allowed`."""
        if planned <= 0:
            return 0.0
        if self.sigma <= 0:
            return max(0.0, planned * self.median - allowed)
        mean = planned * self.median * math.exp(self.sigma**2 / 2)
        if allowed <= 0:
            return mean - allowed
        z = (math.log(planned * self.median) - math.log(allowed)) / self.sigma
        normal = NormalDist()
        return mean * normal.cdf(z + self.sigma) - allowed * normal.cdf(z)

    def chance_of(self, planned: float, allowed: float) -> float:
        """The probability that work planned to take `planned` is done within `allowed`."""
        if planned <= 0 or allowed <= 0:
            return float(planned <= 0)
        if self.sigma <= 0:
            return float(planned * self.median <= allowed)
        return NormalDist().cdf((math.log(allowed) - math.log(planned * self.median)) / self.sigma)


def _from_shares(name: str, points: tuple[Progress, ...]) -> Stretch:
    """Through two points of the distribution."""
    normal = NormalDist()
    (x1, z1), (x2, z2) = (
        (math.log(point.taken_months / point.planned_months), normal.inv_cdf(point.share)) for point in points
    )
    sigma = (x2 - x1) / (z2 - z1)
    return Stretch(name, math.exp(x1 - sigma * z1), sigma, points)


def _from_cases(name: str, points: tuple[Progress, ...]) -> Stretch:
    """Mean and standard deviation of the logarithms."""
    logs = [math.log(point.taken_months / point.planned_months) for point in points]
    mean = math.fsum(logs) / len(logs)
    variance = math.fsum((value - mean) ** 2 for value in logs) / (len(logs) - 1)
    return Stretch(name, math.exp(mean), math.sqrt(variance), points)


STRETCHES = {
    "uk": _from_cases("uk", UK),
    "us": _from_shares("us", US),
    "none": Stretch("none", 1.0, 0.0),
}
"""Calibrations by name: few and coarse, and said to be so."""
