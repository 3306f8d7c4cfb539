import re
from itertools import pairwise

import msgspec
import pytest

from awase.model.plan import Estate
from awase.report.estate_map import draw
from awase.report.land import land
from awase.report.window import WIDTH, Window, crowded_window, window_of
from unit.report.plans import ESTATE, site


def estate(*sites, **more):
    return Estate(name="e", as_of="2025Q4", currency="EUR", sites=tuple(sites), **more)


def test_a_window_shows_all_positions_with_a_margin():
    window = window_of([(-5.0, 50.0), (2.0, 58.0)])
    for point in ((-5.0, 50.0), (2.0, 58.0)):
        x, y = window.place(*point)
        assert 0 < x < WIDTH
        assert 0 < y < window.height


def test_north_is_up_and_east_is_right():
    window = window_of([(-5.0, 50.0), (2.0, 58.0)])
    assert window.place(0, 51)[1] > window.place(0, 57)[1]
    assert window.place(-4, 51)[0] < window.place(1, 51)[0]


def test_a_map_across_the_pacific_is_cut_in_the_atlantic():
    window = window_of([(140.0, 35.0), (-122.0, 45.0)])
    assert window.east - window.west < 130
    assert window.place(140.0, 35.0)[0] < window.place(-122.0, 45.0)[0]


@pytest.mark.parametrize("points", [[(0.0, 0.0)], [(180.0, 0.0), (-180.0, 0.0)], [(0.0, 90.0), (90.0, -90.0)]])
def test_a_window_of_odd_positions_is_a_window(points):
    window = window_of(points)
    assert 0 < window.east - window.west <= 360
    assert -90 <= window.south < window.north <= 90
    assert 0 < window.height <= 2 * WIDTH


def test_land_stays_inside_its_window_but_for_a_little():
    window = Window(-11.0, 49.0, 3.0, 61.0)
    rings = list(land(window))
    assert rings
    for ring in rings:
        assert all(-11.2 <= x <= 3.2 and 48.8 <= y <= 61.2 for x, y in ring)


def test_land_is_where_land_is():
    area = {}
    for name, window in {
        "Britain": Window(-2.5, 52.0, -1.5, 53.0),
        "Atlantic": Window(-31.0, 44.0, -29.0, 46.0),
        "Honshu": Window(138.0, 35.8, 139.0, 36.8),
    }.items():
        rings = [[*ring, ring[0]] for ring in land(window)]
        area[name] = sum(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2 for ring in rings)
    assert area["Atlantic"] == 0
    assert area["Britain"] == pytest.approx(1.02**2, rel=0.01)
    assert area["Honshu"] == pytest.approx(1.02**2, rel=0.01)


def test_land_beyond_the_date_line_is_drawn_on_the_same_map():
    alaska = [ring for ring in land(Window(150.0, 50.0, 220.0, 70.0)) if max(x for x, _ in ring) > 200]
    assert alaska


def test_few_sites_are_drawn_each_and_many_as_circles_of_neighbours():
    few = draw(
        estate(*(site(f"s{n}", "r", "Red", latitude_deg=50.0, longitude_deg=n / 100) for n in range(10))), {"s1"}
    )
    assert few.panels[0].count('class="site"') == 9
    assert few.panels[0].count('class="site changed"') == 1
    sites = [site(f"s{n}", "r", "Red", latitude_deg=50 + n % 60 / 60, longitude_deg=n // 60 / 60) for n in range(3600)]
    many = draw(estate(*sites), {one.id for one in sites[:1800]})
    said = re.findall(r"<title>([\d,]+) sites, the plan works on ([\d,]+)</title>", many.panels[0])
    assert sum(int(count) for count, _ in said) == 3600
    assert sum(int(count) for _, count in said) == 1800
    assert len(said) < 2200


def test_routes_and_cables_are_drawn_and_what_has_no_position_is_said():
    drawing = draw(ESTATE, {"a"})
    assert 'class="link fibre"' in drawing.panels[0]
    assert 'class="cable"' in drawing.panels[0]
    assert "1 of 5 sites have no position." in drawing.notes
    assert "Not drawn for want of a position at an end: 1 of the routes." in drawing.notes
    assert next(text for _, text in drawing.legend).startswith("undersea cable")


def test_a_cable_lands_at_the_estates_stations_and_its_links_are_not_drawn_twice():
    landings = tuple(
        msgspec.structs.replace(one, latitude_deg=None, longitude_deg=None, site=name)
        for one, name in zip(ESTATE.cables[0].landings, ("a", "c"), strict=True)
    )
    cable = msgspec.structs.replace(ESTATE.cables[0], landings=landings)
    link = msgspec.structs.replace(ESTATE.links[0], cable="sea", medium="submarine")
    drawing = draw(msgspec.structs.replace(ESTATE, cables=(cable,), links=(link,)), set())
    assert 'class="cable"' in drawing.panels[0]
    assert "link submarine" not in drawing.panels[0]


def test_a_crowd_far_from_the_rest_gets_a_map_of_its_own():
    crowd = [site(f"s{n}", "r", "Red", latitude_deg=50 + n / 1000, longitude_deg=n / 1000) for n in range(100)]
    far = site("far", "r", "Red", latitude_deg=20.0, longitude_deg=60.0)
    assert len(draw(estate(*crowd, far), set()).panels) == 2
    assert len(draw(estate(*crowd), set()).panels) == 1
    assert crowded_window([(0.0, 0.0)], window_of([(0.0, 0.0)])) is None


def test_positions_that_are_nowhere_are_left_out():
    drawing = draw(estate(site("x", "r", "Red", latitude_deg=95.0, longitude_deg=0.0)), set())
    assert drawing.panels == []
    assert drawing.notes == ["1 of 1 sites have no position."]
