import re
from xml.etree import ElementTree

import pytest

from awase.model.plan import Range
from awase.report import charts, words
from awase.report.svg import Frame, element, label, number, ticks


def test_the_index_is_drawn_in_steps_at_its_height():
    drawn = charts.concentration("core", {"2025Q4": 1.0, "2026Q1": 0.5, "2026Q2": 0.25})
    path = re.search(r'<path d="M([^"]*)" class="line"', drawn)
    heights = [float(one) for one in re.findall(r"V([\d.]+)", path[1])]
    top = float(path[1].split("H")[0].split()[1])
    # 164 units high from the top margin of 12: 0.5 lies in the middle, 0.25 three quarters down.
    assert [top, *heights] == [12, 94, 135]


def test_a_cap_on_the_index_is_a_line():
    assert charts.concentration("core", {"2025Q4": 1.0}, [0.5]).count('class="cap"') == 1


def test_a_range_is_a_bar_to_its_middle_and_a_whisker_from_low_to_high():
    drawn = charts.ranges("money", {"2026": Range(50.0, 100.0, 200.0)}, {"2026": 150.0})
    root = ElementTree.fromstring(drawn)
    bar = next(one for one in root.iter("rect"))
    frame = Frame(first_x=0, last_x=1, last_y=200, left=54)
    assert float(bar.get("y")) == pytest.approx(frame.y(100), abs=0.1)
    assert float(bar.get("height")) == pytest.approx(frame.floor - frame.y(100), abs=0.1)
    assert "2026: 50, 100, 200 (low, mid, high)" in drawn
    cap = next(one for one in root.iter("line") if one.get("class") == "cap")
    assert float(cap.get("y1")) == pytest.approx(frame.y(150), abs=0.1)


def test_labels_that_would_touch_are_thinned_out():
    rows = {f"{year}Q4": Range(1, 2, 3) for year in range(2020, 2032)}
    assert charts.ranges("power", rows).count("Q4</text>") == 6


def test_costs_by_likelihood_rise():
    drawn = charts.likelihood("cost", [(0.05, 10.0), (0.5, 20.0), (0.95, 50.0)], 25.0)
    places = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)]
    assert places == sorted(places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_equal_costs_in_every_draw_are_drawn_too():
    assert "nan" not in charts.likelihood("cost", [(0.05, 10.0), (0.95, 10.0)], 10.0)
    assert "nan" not in charts.likelihood("cost", [(0.5, 0.0)], 0.0)


def test_nothing_spent_is_drawn_on_an_axis():
    assert "nan" not in charts.ranges("money", {"2026": Range(0.0, 0.0, 0.0)})


@pytest.mark.parametrize("most", [0, 0.003, 0.4, 1, 7, 99, 100, 1234, 9.99e8, 1e15])
def test_ticks_are_few_and_reach_the_top(most):
    found = ticks(most)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 7
    assert found == sorted(found)


def test_text_and_attributes_are_escaped():
    assert label("<b>&", 0, 0) == '<text x="0" y="0" class="t">&lt;b&gt;&amp;</text>'
    assert element("g", "", class_='"><script>') == '<g class="&quot;&gt;&lt;script&gt;"/>'


def test_numbers_are_short():
    assert [number(value) for value in (1.0, 1.25, -0.01, 12.345)] == ["1", "1.2", "0", "12.3"]
    figures = {0: "0", 0.456: "0.46", 12.34: "12.3", 999.96: "1 k", 1234: "1.23 k", 25_136_000: "25.1 m", 2e9: "2 bn"}
    assert [words.short(value) for value in figures] == list(figures.values())
    shares = {0: "0 %", 0.0004: "< 0.1 %", 0.35: "35 %", 0.1234: "12.3 %", 0.9999: "> 99.9 %", 1: "100 %"}
    assert [words.percent(share) for share in shares] == list(shares.values())
