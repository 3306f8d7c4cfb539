"""A user's own backbone: CSV, YAML and GeoJSON, and what is said of every broken cell."""

import json
from pathlib import Path

import pytest

from awase.planner.backbone.own_files import read_files
from awase.planner.backbone.sources import load_backbone
from awase.planner.backbone.study import study
from awase.planner.problems import PlanInputError

SITES = b"site,lat,lon,country\na,51.5,-0.1,GB\nb,53.5,-2.2,GB\nc,55.9,-3.2,GB\n"
LINKS = (
    b"link,from,to,capacity,length,vendor,srlg\nab,a,b,0.4 Tbps,300 km,Nokia,m6\nbc,b,c,100 Gbps,290,Ciena,m6;bridge\n"
)
DEMANDS = b"from,to,traffic,class\na,c,40,public\nc,a,10,government\n"
YAML = b"""
sites: [{id: a}, {id: b}]
links:
  - {id: ab, a: a, b: b, delay_ms: 2, cable: sea}
cables:
  - {id: sea, name: Sea, landings: [{place: Town, country: JP, site: a}], owners: [O], repair_days: 12}
demands: [{a: a, b: b, traffic_gbps: 3, traffic_class: gov}]
rules:
  - {rule: must_not_carry, id: r, title: t, source: s, mark: declared, traffic_class: gov, by: 2026-12-31, owners: [O]}
"""


def test_csv_files_are_read_with_the_columns_and_units_people_use() -> None:
    network, rules = read_files({"sites.csv": SITES, "links.csv": LINKS, "demands.csv": DEMANDS}, "mine")
    ab, bc = network.links
    assert (ab.capacity_gbps, ab.length_km, ab.supplier, ab.risk_groups) == (400.0, 300.0, "Nokia", ("m6",))
    assert (bc.capacity_gbps, bc.risk_groups) == (100.0, ("m6", "bridge"))
    assert [(one.traffic_gbps, one.traffic_class) for one in network.demands] == [
        (40.0, "public"),
        (10.0, "government"),
    ]
    assert rules == ()
    assert {one.failures[0]: one.lost_gbps for one in study(network).groups}["risk_group:m6"] == 50.0


def test_yaml_brings_cables_and_rules() -> None:
    network, rules = read_files({"mine.yaml": YAML}, "mine")
    found = study(network, rules)
    assert found.cuts[0].repair_days == 12
    assert found.unmet[0].crossing == ("ab",)


def geojson(*features) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(kind: str, coordinates, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def test_a_geojson_map_has_points_for_sites_and_lines_for_links() -> None:
    network, _ = read_files(
        {
            "map.geojson": geojson(
                feature("Point", [0.0, 50.0], id="a"),
                feature("Point", [1.0, 50.0], id="b", country="GB"),
                feature("LineString", [[0.0, 50.0], [0.5, 50.5], [1.0, 50.001]], id="ab", capacity_gbps=10),
                feature("LineString", [[9.0, 9.0], [9.0, 8.0]], id="far", a="a", b="b", length_km=77),
            )
        },
        "map",
    )
    ab, far = network.links
    assert (ab.a, ab.b, ab.capacity_gbps) == ("a", "b", 10.0)
    assert ab.length_km == pytest.approx(131.6, abs=0.5), "along the line, not as the crow flies"
    assert far.length_km == 77
    assert network.sites[1].latitude_deg == 50.0


def test_files_and_folders_are_found_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_bytes(SITES)
    (tmp_path / "links.csv").write_bytes(LINKS)
    (tmp_path / "notes.txt").write_text("not read")
    assert len(load_backbone(str(tmp_path))[0].links) == 2
    alone = tmp_path / "one.yaml"
    alone.write_bytes(YAML)
    assert load_backbone(str(alone))[0].name == "one"


def test_an_estate_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_bytes(b"estate: {name: ours, as_of: 2026Q4, currency: GBP}\n" + YAML)
    network, rules = load_backbone(str(path))
    assert (network.name, len(rules)) == ("ours", 1)


BROKEN = [
    ({"links.csv": LINKS.replace(b"ab,a,b", b"ab,a,q")}, "links.csv: row 2, column a: a is no site"),
    (
        {"sites.csv": SITES, "links.csv": LINKS.replace(b"ab,a,b", b"ab,a,q")},
        "links.csv: row 2, column b: q is no site",
    ),
    (
        {"sites.csv": SITES.replace(b"51.5", b"151.5"), "links.csv": LINKS},
        "sites.csv: row 2, column lat: 151.5 is no latitude",
    ),
    (
        {"sites.csv": SITES.replace(b"GB\nb", b"UK\nb"), "links.csv": LINKS},
        "sites.csv: row 2, column country: 'UK' is no country",
    ),
    ({"sites.csv": SITES + b"a,1,1,GB\n", "links.csv": LINKS}, "sites.csv: row 5, column id: a is there twice"),
    (
        {"sites.csv": SITES, "links.csv": LINKS.replace(b"300 km", b"300 furlong")},
        "row 2, column length: 'furlong' is no unit",
    ),
    (
        {"sites.csv": SITES, "links.csv": LINKS.replace(b"0.4", b"-4")},
        "links.csv: row 2, column capacity: '-4 Tbps' is less than nothing",
    ),
    ({"sites.csv": SITES, "links.csv": LINKS.replace(b"vendor", b"colour")}, "colour is not known here"),
    ({"sites.csv": SITES, "links.csv": LINKS + b"ab,a,c,1,1,N,\n"}, "links.csv: row 4, column id: ab is there twice"),
    (
        {"sites.csv": SITES, "links.csv": LINKS + b"cc,c,c,1,1,N,\n"},
        "links.csv: row 4, column b: cc joins c with itself",
    ),
    (
        {"sites.csv": SITES, "links.csv": LINKS, "demands.csv": DEMANDS.replace(b"40", b"forty")},
        "demands.csv: row 2, column traffic: 'forty' is no number",
    ),
    (
        {"sites.csv": SITES, "links.csv": LINKS, "demands.csv": b"from,to,traffic\na,nowhere,1\n"},
        "demands.csv: row 2, column b: nowhere is no site",
    ),
    ({"mine.yaml": YAML.replace(b"cable: sea", b"cable: see")}, "see is no cable\n  did you mean sea?"),
    ({"mine.yaml": YAML.replace(b"site: a}]", b"site: z}]")}, "z is no site"),
    ({"mine.yaml": YAML + b"colours: []\n"}, "colours is no section of a backbone"),
    ({"mine.yaml": b"sites: [{id: a}\n"}, "mine.yaml: line 2"),
    ({"sites.csv": b"\xff\xfe", "links.csv": LINKS}, "sites.csv: row 1: an octet that is not UTF-8"),
    ({"sites.csv": SITES}, "there are no links"),
    ({}, "there is no CSV, YAML or GeoJSON file"),
    (
        {"m.geojson": geojson(feature("Polygon", [[[0, 0], [1, 1], [1, 0]]], id="p"))},
        "a feature that is neither point nor line",
    ),
    ({"m.geojson": geojson(feature("LineString", [[0, 0], [1, 1]], id="l"))}, "a is missing"),
    ({"m.geojson": geojson(feature("Point", ["x", 0], id="l"))}, "'x' is no number"),
    ({"m.geojson": geojson({"type": "Feature", "geometry": None}, 5)}, "a feature that is neither point nor line"),
    ({"m.geojson": geojson(feature("LineString", [[0, 0], "x"], id="l"))}, "a feature that is neither point nor line"),
]


@pytest.mark.parametrize(("files", "words"), BROKEN, ids=[words[:60] for _, words in BROKEN])
def test_what_is_broken_is_said_with_its_place(files: dict[str, bytes], words: str) -> None:
    with pytest.raises(PlanInputError) as error:
        read_files(files, "mine")
    assert words in str(error.value)


def test_all_that_is_broken_is_said_in_one_pass() -> None:
    with pytest.raises(PlanInputError) as error:
        read_files(
            {
                "sites.csv": SITES.replace(b"51.5", b"north"),
                "links.csv": LINKS.replace(b"290", b"long").replace(b"0.4", b"much"),
            },
            "mine",
        )
    assert len(error.value.problems) >= 3


def test_a_path_that_is_not_there_is_said() -> None:
    with pytest.raises(PlanInputError, match="is not there"):
        load_backbone("no/such/folder")
    with pytest.raises(PlanInputError, match="neither a file, a folder nor an example"):
        load_backbone("iland")
