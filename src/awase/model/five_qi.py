"""Standardized 5QI and what they stand for (TS 23.501 table 5.7.4-1)."""

from typing import Literal, NamedTuple

ResourceType = Literal["GBR", "Non-GBR", "Delay-critical GBR"]


class Characteristics(NamedTuple):
    """A row: `packet_error_rate_exponent` n stands for 10^-n."""

    resource_type: ResourceType
    priority_level: int
    packet_delay_budget_ms: int
    packet_error_rate_exponent: int
    maximum_data_burst_volume_bytes: int | None = None
    averaging_window_ms: int | None = None


def _gbr(priority: int, budget_ms: int, exponent: int) -> Characteristics:
    return Characteristics("GBR", priority, budget_ms, exponent, None, 2000)


def _non_gbr(priority: int, budget_ms: int, exponent: int) -> Characteristics:
    return Characteristics("Non-GBR", priority, budget_ms, exponent)


def _critical(priority: int, budget_ms: int, exponent: int, burst_bytes: int) -> Characteristics:
    return Characteristics("Delay-critical GBR", priority, budget_ms, exponent, burst_bytes, 2000)


FIVE_QI: dict[int, Characteristics] = {
    1: _gbr(20, 100, 2),
    2: _gbr(40, 150, 3),
    3: _gbr(30, 50, 3),
    4: _gbr(50, 300, 6),
    65: _gbr(7, 75, 2),
    66: _gbr(20, 100, 2),
    67: _gbr(15, 100, 3),
    71: _gbr(56, 150, 6),
    72: _gbr(56, 300, 4),
    73: _gbr(56, 300, 8),
    74: _gbr(56, 500, 8),
    76: _gbr(56, 500, 4),
    5: _non_gbr(10, 100, 6),
    6: _non_gbr(60, 300, 6),
    7: _non_gbr(70, 100, 3),
    8: _non_gbr(80, 300, 6),
    9: _non_gbr(90, 300, 6),
    10: _non_gbr(90, 1100, 6),
    69: _non_gbr(5, 60, 6),
    70: _non_gbr(55, 200, 6),
    79: _non_gbr(65, 50, 2),
    80: _non_gbr(68, 10, 6),
    82: _critical(19, 10, 4, 255),
    83: _critical(22, 10, 4, 1354),
    84: _critical(24, 30, 5, 1354),
    85: _critical(21, 5, 5, 255),
    86: _critical(18, 5, 4, 1354),
    87: _critical(25, 5, 3, 500),
    88: _critical(25, 10, 3, 1125),
    89: _critical(25, 15, 4, 17000),
    90: _critical(25, 20, 4, 63000),
}


def is_gbr(five_qi: int) -> bool | None:
    """Whether a 5QI stands for a guaranteed bit rate; None where it is not standardized."""
    row = FIVE_QI.get(five_qi)
    return None if row is None else row.resource_type != "Non-GBR"
