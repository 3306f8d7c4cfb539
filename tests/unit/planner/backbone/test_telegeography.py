"""A user's own copy of TeleGeography's map, by a tiny hand-made one of the same form (made-up places)."""

import json
from pathlib import Path

import pytest

from awase.planner.backbone.study import study
from awase.planner.backbone.telegeography import load_telegeography, read_telegeography
from awase.planner.problems import PlanInputError


def point(key: str, name: str, latitude: float, longitude: float) -> dict:
    return {
        "type": "Feature",
        "properties": {"id": key, "name": name, "is_tbd": None},
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
    }


POINTS = {
    "type": "FeatureCollection",
    "features": [
        point("oshima-japan", "Oshima, Japan", 30.0, 140.0),
        point("kojima-japan", "Kojima, Japan", 31.0, 141.0),
        point("westport-wa-united-states", "Westport, WA, United States", 46.0, -124.0),
        point("atlantis", "Atlantis, Lost Continent", 0.0, -30.0),
    ],
}
LINES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "drawn", "name": "Drawn Cable", "color": "#939597", "feature_id": "drawn-0"},
            "geometry": {
                "type": "MultiLineString",
                "coordinates": [[[140.0, 30.0], [180.0, 40.0]], [[-180.0, 40.0], [-124.1, 46.0]]],
            },
        },
        {
            "type": "Feature",
            "properties": {"id": "told", "name": "Told Cable", "color": "#939597"},
            "geometry": {"type": "MultiLineString", "coordinates": [[[141.0, 31.0], [-124.0, 46.0]]]},
        },
    ],
}
TOLD = {
    "id": "told",
    "name": "Told Cable",
    "landing_points": [
        {"id": "kojima-japan", "name": "Kojima, Japan", "country": "Japan"},
        {"landing_point_id": 9, "id": "elsewhere", "name": "Eastport, United States", "latlon": "45.5,-124.5"},
    ],
    "length": "9,620 km",
    "rfs": "2010 March",
    "owners": "First Telecom, Second Telecom",
    "suppliers": "NEC",
    "is_planned": False,
}
FILES = {
    "cable/cable-geo.json": json.dumps(LINES).encode(),
    "cable/told.json": json.dumps(TOLD).encode(),
    "landing-point/landing-point-geo.json": json.dumps(POINTS).encode(),
}


def test_cables_come_with_their_details_or_else_where_their_lines_end() -> None:
    drawn, told = read_telegeography(FILES)
    assert [(one.place, one.country) for one in drawn.landings] == [
        ("Oshima, Japan", "JP"),
        ("Westport, WA, United States", "US"),
    ]
    assert [(one.country, one.latitude_deg) for one in told.landings] == [("JP", 31.0), ("US", 45.5)]
    assert (told.owners, told.supplier, told.length_km) == (("First Telecom", "Second Telecom"), "NEC", 9620.0)
    assert told.ready_for_service == "2010 March"
    assert "CC BY-NC-SA" in told.source


def test_a_copy_in_a_folder_is_a_backbone_abroad(tmp_path: Path) -> None:
    for name, octets in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(octets)
    network = load_telegeography(str(tmp_path), "JP")
    found = study(network, pairs=True)
    assert found.single_points == ()
    lost = {one.failures: one.lost_gbps for one in found.pairs}
    assert lost["cable:drawn", "cable:told"] == 200.0
    with pytest.raises(PlanInputError, match="no cable leads from FR abroad"):
        load_telegeography(str(tmp_path), "FR")


def test_a_list_of_all_cables_in_one_file_does_too() -> None:
    (told,) = read_telegeography({"all.json": json.dumps([TOLD]).encode()})
    assert told.id == "told"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.json": b"{"}, "a.json: line 1: cannot be read as JSON"),
        ({"a.json": b"\xff"}, "cannot be read as JSON"),
        ({"a.json": b"[" * 100_000}, "cannot be read as JSON"),
        ({"a.json": b"{}"}, "there is no cable"),
        (
            {"a.json": json.dumps({"features": [{"properties": {}}]}).encode()},
            "a.json: features[1]: is no cable and no landing point",
        ),
        ({"a.json": json.dumps({"features": 3}).encode()}, "is no cable and no landing point"),
        (
            {"a.json": json.dumps({"features": [point("x", "X, Japan", 95.0, 0.0)]}).encode()},
            "is no cable and no landing point",
        ),
        ({"a.json": json.dumps(LINES).encode()}, "Drawn Cable ends at no landing point"),
        (
            {"a.json": json.dumps(TOLD | {"landing_points": [7]}).encode()},
            "a.json: landing_points[1]: is no landing point",
        ),
        (
            {"a.json": json.dumps(TOLD | {"landing_points": []}).encode()},
            "is no cable: id, name or landing points are missing",
        ),
        ({"a.json": json.dumps(TOLD | {"landing_points": None}).encode()}, "is no landing point"),
    ],
)
def test_a_broken_copy_is_refused_in_words(files: dict[str, bytes], words: str) -> None:
    with pytest.raises(PlanInputError) as error:
        read_telegeography(files)
    assert words in str(error.value)


def test_a_folder_without_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanInputError, match="there is no JSON file"):
        load_telegeography(str(tmp_path), "JP")
