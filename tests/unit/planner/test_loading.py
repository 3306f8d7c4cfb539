from pathlib import Path

import msgspec
import pytest

from awase.planner.loading.case import load_case, read_case
from awase.planner.loading.cells import READERS, Refusal
from awase.planner.problems import PlanInputError
from unit.planner.estates import HEAD, SITES, case, problems_of, said

INVENTORY = """Site ID,MNO,Region,Lat,Lon,Type,Vendor,Technology,Purchase Date,Traffic (Gbps)
s1,one,north,51.5,-0.1,RRU,Red,4G/5G,2020-05-01,1
s1,one,north,51.5,-0.1,BBU,Red,4G/5G,2020Q2,1
s2,one,south,50.5,-1.5,O-RU,Blue,5G,2021-12,2.5
"""

OWN = {"estate.yaml": HEAD}


def test_one_csv_of_equipment_is_an_estate() -> None:
    files = {"stock.csv": INVENTORY.encode()}
    estate = read_case(files, as_of="2024Q4").estate
    first, second = estate.sites
    assert (first.id, first.operator, first.region, first.latitude_deg) == ("s1", "one", "north", 51.5)
    assert [(one.kind, one.supplier, one.bought) for one in first.equipment] == [
        ("radio", "Red", "2020Q2"),
        ("baseband", "Red", "2020Q2"),
    ]
    assert first.equipment[0].layers == ("4g", "5g")
    assert second.equipment[0].bought == "2021Q4"
    assert second.traffic_gbps == 2.5


def test_a_folder_of_files_is_the_same_estate_as_one_yaml(tmp_path: Path) -> None:
    sites = "id,operator,region,people,traffic_gbps,roles\n" + "".join(
        f"{row}\n"
        for row in ("a,one,north,100,1,macro", "b,one,north,300,3,macro;emergency", "c,two,south,200,2,macro")
    )
    equipment = """site;id;kind;supplier;layers;bought;release;count
a;radio;radio;Red;5g;2020Q2;15.2;
a;baseband;baseband;Red;5g;2020Q2;;
b;radio;radio;Blue;5g;2023Q1;16.1;
b;baseband;baseband;Blue;5g;2023Q1;;
c;radio;radio;Blue;4g;;;3
c;baseband;baseband;Blue;4g;;;
"""
    suppliers = "name,country,components\nRed,CN,chip=Grey\nBlue,SE,chip=Grey\nGreen,JP,\n"
    files = {"estate.yaml": HEAD, "sites.csv": sites, "equipment.csv": equipment, "suppliers.csv": suppliers}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert load_case(str(tmp_path)) == case(SITES)


def test_a_table_with_one_row_is_a_section_that_there_is_once() -> None:
    files = {"estate.csv": "name,as_of,currency\nvillage,2024Q4,EUR\n", "stock.yaml": SITES}
    estate = read_case({name: text.encode() for name, text in files.items()}).estate
    assert (estate.name, estate.as_of, estate.currency) == ("village", "2024Q4", "EUR")
    twice = said({**files, "estate.csv": files["estate.csv"] + "town,2024Q4,EUR\n"})
    assert any("estate.csv" in one and "is a list" in one for one in twice)
    assert not any("XXX" in one for one in twice), "what comes of a head that cannot be read is not said as well"


def test_an_inventory_may_be_called_estate() -> None:
    assert len(read_case({"estate.csv": INVENTORY.encode()}, as_of="2024Q4").estate.sites) == 2
    beside = {"estate.csv": INVENTORY, "limits.csv": "start,discount_per_year\n2025Q1,0.03\n"}
    case = read_case({name: text.encode() for name, text in beside.items()}, as_of="2024Q4")
    assert len(case.estate.sites) == 2
    assert case.limits.discount_per_year == 0.03


def test_a_name_that_is_nobody_s_is_reported_wherever_it_stands() -> None:
    equipment = "site,kind,supplier\na,core,Rad\na,radio,Rad\n"
    found = problems_of({**OWN, "sites.csv": "id\na\n", "suppliers.csv": "name\nRed\n", "equipment.csv": equipment})
    assert [(one.place.row, one.place.column) for one in found] == [(2, "supplier"), (3, "supplier")]


def test_sites_come_from_geojson() -> None:
    text = """{"type": "FeatureCollection", "features": [
      {"type": "Feature", "geometry": {"type": "Point", "coordinates": [139.7, 35.6]},
       "properties": {"id": "t", "operator": "one", "role": "air traffic control"}}]}"""
    (site,) = read_case({"estate.yaml": HEAD.encode(), "sites.geojson": text.encode()}).estate.sites
    assert (site.longitude_deg, site.latitude_deg, site.roles) == (139.7, 35.6, ("air_traffic",))


def test_what_yaml_would_change_stays_text() -> None:
    (site,) = case("sites: [{id: 010, operator: no, region: 1:30}]\n").estate.sites
    assert (site.id, site.operator, site.region) == ("010", "no", "1:30")


def test_units_in_cells_and_headers_are_taken_over() -> None:
    links = "id,a,b,Capacity (Tbps),Length,delay\nl,a,b,1.2,900 m,50 us\n"
    (link,) = case("sites: [{id: a}, {id: b}]\n", links=links).estate.links
    assert (link.capacity_gbps, link.length_km, link.delay_ms) == (1200, 0.9, 0.05)


def test_a_cell_with_a_unit_of_its_own_is_not_taken_for_its_column_s() -> None:
    links = "id,a,b,Capacity (Tbps)\nl,a,b,100 Gbps\n"
    (link,) = case("sites: [{id: a}, {id: b}]\n", links=links).estate.links
    assert link.capacity_gbps == 100


def test_a_table_may_have_columns_of_what_is_inside_a_field() -> None:
    catalogue = (
        "id,kinds,vendor,price_low,price.mid,Price High,price_currency,price_year,price_source,price_mark\n"
        "i,radio;baseband,Red,1,2,3,EUR,2024,a list,K\n"
    )
    evidence = "a_kind,a_supplier,b_kind,b_supplier,interface,verdict,date\nO-RU,Red,O-DU,Blue,OFH,passed,2024-01-31\n"
    market = case("", catalogue=catalogue, evidence=evidence).market
    assert (market.catalogue[0].kinds, market.catalogue[0].price.high) == (("radio", "baseband"), 3)
    assert (market.evidence[0].b.kind, market.evidence[0].verdict) == ("o_du", "pass")


def test_evidence_may_come_as_json() -> None:
    record = '{"a": {"kind": "o_ru", "supplier": "R"}, "b": {"kind": "o_du", "supplier": "B"}'
    text = f'[{record}, "interface": "OFH", "verdict": "fail", "date": "2024-01-31"}}]'
    for octets in (text, f'{{"evidence": {text}}}'):
        market = read_case({"estate.yaml": HEAD.encode(), "evidence.json": octets.encode()}).market
        assert [one.verdict for one in market.evidence] == ["fail"]


def test_suppliers_have_one_spelling_each() -> None:
    text = "suppliers: [{name: Huawei, aliases: [Huawei Technologies]}]\n" + (
        "sites: [{id: a, equipment: [{kind: radio, supplier: huawei  technologies}, {kind: core, supplier: HUAWEI}]}]\n"
    )
    (site,) = case(text).estate.sites
    assert [one.supplier for one in site.equipment] == ["Huawei", "Huawei"]
    assert [one.id for one in site.equipment] == ["radio-1", "core-2"]


def test_columns_named_x_are_not_read() -> None:
    (site,) = case("", sites="id,x_note,operator\na,whatever,one\n").estate.sites
    assert site.operator == "one"


def test_a_byte_order_mark_and_tabs_are_no_matter() -> None:
    (site,) = case("", sites="\ufeffid\toperator\na\tone\n").estate.sites
    assert (site.id, site.operator) == ("a", "one")


def test_every_broken_cell_is_reported_in_one_pass() -> None:
    sites = "id,operator,lat,lon,role,people\na,one,91,0,macro,1e3\nb,one,10,,palace,5\n,one,1,1,macro,0\n"
    equipment = "site,kind,supplier,bought,count,share_of_traffic\na,radar,Red,1/2/2020,x,35\nz,radio,,2030Q1,0,0.5\n"
    found = problems_of({**OWN, "sites.csv": sites, "equipment.csv": equipment})
    assert [(one.place.file, one.place.row, one.place.column, one.what) for one in found] == [
        ("equipment.csv", 2, "kind", "'radar' is not known here"),
        ("equipment.csv", 2, "bought", "'1/2/2020' is no quarter"),
        ("equipment.csv", 2, "count", "'x' is no whole number"),
        ("equipment.csv", 2, "share_of_traffic", "'35' is no share between 0 and 1"),
        ("equipment.csv", 3, "count", "0 is too few"),
        ("equipment.csv", 3, "supplier", "supplier is missing"),
        ("equipment.csv", 3, "site", "there is no site z"),
        ("sites.csv", 2, "lat", "91 is no latitude"),
        ("sites.csv", 2, "people", "'1e3' is no whole number"),
        ("sites.csv", 3, "role", "'palace' is not known here"),
        ("sites.csv", 4, "id", "id is missing"),
    ]
    assert all(one.hint for one in found if not one.what.endswith(("is missing", "site z")))


def test_one_mistake_is_one_problem() -> None:
    sites = "id,lat,lon,weather\n" + "".join(f"{name},{lat},1,fine\n" for name, lat in (("a", "x"), ("b", 2), ("c", 3)))
    equipment = "site,kind,supplier\na,core,Red\nb,core,Red\n"
    found = problems_of({**OWN, "sites.csv": sites, "equipment.csv": equipment})
    assert [(one.place.row, one.place.column, one.what) for one in found] == [
        (1, "weather", "weather is not known here"),
        (2, "lat", "'x' is no number"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "what", "hint"),
    [
        ("Quarter", "2027", "is no quarter", "2027Q4"),
        ("Quarter", "31/12/2027", "is no quarter", "2027-12-31"),
        ("Quarter", "2027-02-30", "there is no day", "that exists"),
        ("Date", "31.12.2027", "is no date", "2027-12-31"),
        ("Date", "2027-13-01", "there is no day", "that exists"),
        ("Currency", "£", "is no currency", "write GBP"),
        ("Currency", "gbp", "is no currency", "write GBP"),
        ("Currency", "XYZ", "is no currency", "ISO 4217"),
        ("Country", "UK", "is no country", "write GB"),
        ("Country", "Japan", "is no country", "JP"),
        ("Share", "35", "is no share", "0.35 or 35 %"),
        ("Share", "-1", "is no share", "0.35 or 35 %"),
        ("Share", "lots", "is no share", "0.35 or 35 %"),
        ("Gbps", "3 furlongs", "is no unit for this", "gbps"),
        ("Gbps", "-3", "less than nothing", "0 or more"),
        ("Gbps", "1,5 Tbps", "is no number", "write 1.5"),
        ("Km", "1e400", "is no unit for this", "km"),
        ("int", "1,200", "is no whole number", "write 1200"),
        ("int", "12.5", "is no whole number", "such as"),
        ("float", "1,200.5", "is no number", "write 1200.5"),
        ("bool", "maybe", "neither true nor false", "write true or false"),
    ],
)
def test_a_cell_that_cannot_be_read_says_what_to_write(name: str, text: str, what: str, hint: str) -> None:
    reader = next(read for kind, read in READERS.items() if kind.__name__ == name)
    refusal = reader(text)
    assert isinstance(refusal, Refusal)
    assert what in refusal.what
    assert hint in refusal.hint


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Quarter", "Q4 2027", "2027Q4"),
        ("Quarter", "2027-Q4", "2027Q4"),
        ("Quarter", "2027-11", "2027Q4"),
        ("Quarter", "2027-12-31", "2027Q4"),
        ("Share", "35 %", 0.35),
        ("Share", "1", 1),
        ("Gbps", "400 Mbps", 0.4),
        ("Watt", "1.5 kW", 1500),
        ("Ms", "2 s", 2000),
        ("bool", "Yes", True),
    ],
)
def test_a_cell_may_be_written_in_several_ways(name: str, text: str, value: object) -> None:
    reader = next(read for kind, read in READERS.items() if kind.__name__ == name)
    assert reader(text) == pytest.approx(value) if isinstance(value, float) else reader(text) == value


PRICED = "{low: 1, mid: 2, high: 3, currency: EUR, year: 2024, source: s, mark: K}"
ITEM = "catalogue: [{id: i, kinds: [radio], supplier: Red, price: " + PRICED + "}]\n"
RULE = "{rule: removal, id: r, title: t, source: s, mark: K, suppliers: [Red], by: 2027-12-31}"

BROKEN = {
    "no as_of": ("estate: {name: x}\n", "as_of is missing"),
    "a column that is not known": (HEAD + "sites: [{id: a, operatr: one}]\n", "did you mean operator?"),
    "a section that is not known": (HEAD + "sitez: []\n", "did you mean sites?"),
    "a site twice": (HEAD + "sites: [{id: a}, {id: a}]\n", "a is there twice, first in estate.yaml"),
    "a latitude that cannot be": (
        HEAD + "sites: [{id: a, latitude_deg: 91, longitude_deg: 0}]\n",
        "91 is no latitude",
    ),
    "half a position": (HEAD + "sites: [{id: a, latitude_deg: 9}]\n", "one of latitude and longitude is missing"),
    "fewer than no people": (HEAD + "sites: [{id: a, people: -1}]\n", "-1 is below 0"),
    "a year that is none": (HEAD + ITEM.replace("year: 2024", "year: 24"), "24 is no year"),
    "work in less than no time": (HEAD + ITEM.replace("id: i,", "id: i, lead_time_quarters: -1,"), "-1 is below 0"),
    "a crew that undoes": (HEAD + "limits: {crews: [{name: c, visits_per_quarter: -2}]}\n", "-2 is below 0"),
    "a discount of all": (HEAD + "limits: {discount_per_year: 3.5}\n", "a discount of 3.5 a year"),
    "a rate of nothing": (
        HEAD + "exchange: [{currency: USD, into: GBP, rate: 0, year: 2024, source: s, mark: K}]\n",
        "a rate of 0",
    ),
    "a penalty without a rate": (
        HEAD + f"rules: [{RULE[:-1]}, penalty: {{amount: 5, currency: JPY}}}}]\n",
        "JPY cannot be turned into",
    ),
    "an operator that is not there": (
        HEAD + "operators: [{name: one}]\nsites: [{id: a, operator: onne}]\n",
        "did you mean one?",
    ),
    "no pieces": (HEAD + "sites: [{id: a, equipment: [{kind: core, supplier: R, count: 0}]}]\n", "0 is too few"),
    "bought in the future": (
        HEAD + "sites: [{id: a, equipment: [{kind: core, supplier: R, bought: 2025Q1}]}]\n",
        "after the estate's own quarter",
    ),
    "support that ends before it begins": (
        HEAD + "sites: [{id: a, equipment: [{kind: core, supplier: R, bought: 2020Q1, end_of_support: 2019Q4}]}]\n",
        "before it was bought",
    ),
    "an id twice at a site": (
        HEAD + "sites: [{id: a, equipment: [{id: x, kind: core, supplier: R}, {id: x, kind: o_ru, supplier: R}]}]\n",
        "x is there twice at this site",
    ),
    "a hub that is not there": (HEAD + "sites: [{id: a, served_by: [b]}]\n", "there is no site b"),
    "a neighbour that is not there": (HEAD + "sites: [{id: a, neighbours: [b]}]\n", "there is no site b"),
    "a link into nowhere": (HEAD + "sites: [{id: a}]\nlinks: [{id: l, a: a, b: z}]\n", "there is no site z"),
    "a cable that is not there": (
        HEAD + "sites: [{id: a}, {id: b}]\nlinks: [{id: l, a: a, b: b, cable: c}]\n",
        "there is no cable c",
    ),
    "a landing that is not there": (
        HEAD + "cables: [{id: c, name: C, landings: [{place: P, country: JP, site: z}]}]\n",
        "there is no site z",
    ),
    "a demand from nowhere": (HEAD + "demands: [{a: y, b: z, traffic_gbps: 1}]\n", "there is no site y"),
    "a supplier twice": (HEAD + "suppliers: [{name: R}, {name: R}]\n", "R is there twice"),
    "an alias of two suppliers": (
        HEAD + "suppliers: [{name: R, aliases: [X]}, {name: S, aliases: [x]}]\n",
        "x is there twice",
    ),
    "a supplier that is not on the list": (
        HEAD + "suppliers: [{name: Huawei}]\nsites: [{id: a, equipment: [{kind: core, supplier: Hauwei}]}]\n",
        "did you mean Huawei?",
    ),
    "a rule for somebody nearly known": (
        HEAD + f"rules: [{RULE}]\n".replace("[Red]", "[Hauwei]") + "suppliers: [{name: Huawei}]\n",
        "nobody here is called Hauwei",
    ),
    "an item of somebody not on the list": (
        HEAD + "suppliers: [{name: Read}]\n" + ITEM,
        "Red is none of the suppliers",
    ),
    "a class without its region": (
        HEAD + "classes: [{name: k, count: 2, regions: {north: 1}, source: s}]\n",
        "there is no region north",
    ),
    "a class of fewer than no sites": (HEAD + "classes: [{name: k, count: -2, source: s}]\n", "-2 is too few"),
    "regions that weigh nothing": (
        HEAD + "regions: [{name: n, latitude_deg: 0, longitude_deg: 0, radius_km: 1, weight: 0}]\n"
        "classes: [{name: k, count: 2, source: s}]\n",
        "no weight is above 0",
    ),
    "prices and no currency": ("estate: {as_of: 2024Q4}\n" + ITEM, "currency is missing, and there are prices"),
    "a currency without a rate": (HEAD + ITEM.replace("EUR", "JPY"), "JPY cannot be turned into EUR"),
    "a range out of order": (HEAD + ITEM.replace("low: 1", "low: 9"), "9, 2, 3 are not in order"),
    "a price without its source": (HEAD + ITEM.replace("source: s, ", ""), "source is missing"),
    "a rule of no kind": (HEAD + "rules: [{rule: removl, id: r}]\n", "did you mean removal?"),
    "a rule without its kind": (HEAD + "rules: [{id: r}]\n", "rule is missing"),
    "a rule twice": (HEAD + f"rules: [{RULE}, {RULE}]\n", "a rule r is there already"),
    "a rule set that does not ship": (HEAD + "sets: [uq]\n", "there is no rule set uq"),
    "a rule to drop that is not there": (HEAD + "sets: [uk]\ndrop: [uk-cores]\n", "did you mean uk-core?"),
    "a list that is not there": (HEAD + f"rules: [{RULE}]\n".replace("[Red]", '["list:bad"]'), "there is no list:bad"),
    "a rule for a region without sites": (
        HEAD + "rules: [" + RULE[:-1] + ", scope: {regions: [north]}}]\n",
        "no site is in region north",
    ),
    "a date in another order": (HEAD + f"rules: [{RULE}]\n".replace("2027-12-31", "31/12/2027"), "is no date"),
    "an item that is not in the catalogue": (
        HEAD + ITEM + "sites: [{id: a}]\nequipment: [{site: a, kind: radio, supplier: Red, item: j}]\n",
        "there is no catalogue item j",
    ),
    "equipment at no site": (HEAD + "equipment: [{site: a, kind: radio, supplier: Red}]\n", "there is no site a"),
    "an alias of YAML": (HEAD + "sites: [&x {id: a}, *x]\n", "an alias"),
    "a key twice": (HEAD + "sites: [{id: a, id: b}]\n", "id is there twice"),
    "two names of one column": (
        HEAD + "sites: [{id: a, lat: 1, latitude: 2, lon: 1}]\n",
        "latitude_deg is there twice",
    ),
    "no YAML": (HEAD + "sites: [\n", "expected"),
    "a merge": (HEAD + "sites: [{<<: {id: a}}]\n", "no plain text"),
    "a list where one value belongs": (HEAD + "sites: [{id: [a]}]\n", "is a list"),
    "a value where a mapping belongs": (HEAD + "sites: [a]\n", "is a text"),
    "a mapping where a list belongs": (HEAD + "sites: {id: a}\n", "sites is no list"),
    "a pair without its sign": (HEAD + "suppliers: [{name: R, components: chip}]\n", "is no pair"),
    "an estate twice": (HEAD + "sets: []\nestate: {as_of: 2024Q4}\n", "estate is there twice"),
    "a number of suppliers below 1": (
        HEAD + "rules: [{rule: minimum_suppliers, id: r, title: t, source: s, mark: K, number: 0, by: 2027-12-31}]\n",
        "0 is too few",
    ),
    "an index of nothing": (
        HEAD + "rules: [{rule: concentration_cap, id: r, title: t, source: s, mark: K, cap: 0, by: 2027-12-31}]\n",
        "an index of 0 cannot be",
    ),
    "an empty name": (HEAD + 'sites: [{id: ""}]\n', "is empty"),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_in_yaml_is_explained_with_its_line(mistake: str) -> None:
    text, what = BROKEN[mistake]
    found = said({"estate.yaml": text})
    assert any(what in one for one in found), found
    assert all(one.startswith(("estate.yaml: line ", "estate: ", "rule ")) for one in found)


BROKEN_CSV = {
    "too many cells": ("id,operator\na,one,two\n", "3 cells, but 2 columns"),
    "a column without a name": ("id,,operator\na,x,one\n", "column 2 has no name"),
    "a column twice": ("id,id\na,b\n", "id is there twice"),
    "nothing": ("", "there is no header"),
    "a quote that is not closed": ('id,operator\n"a,one\n', "unexpected end of data"),
}


@pytest.mark.parametrize("mistake", BROKEN_CSV)
def test_a_mistake_in_csv_is_explained_with_its_row(mistake: str) -> None:
    text, what = BROKEN_CSV[mistake]
    assert any(what in one for one in said({**OWN, "sites.csv": text}))


def test_a_file_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(PlanInputError, match=r"sites\.csv: row 2: an octet that is not UTF-8"):
        read_case({"estate.yaml": HEAD.encode(), "sites.csv": b"id\n\xff\n"})


def test_rows_of_an_inventory_that_disagree_about_their_site_are_refused() -> None:
    text = INVENTORY.replace("s1,one,north,51.5,-0.1,BBU", "s1,one,south,51.5,-0.1,BBU")
    found = said({**OWN, "inventory.csv": text})
    assert len(found) == 1
    assert "row 3, column region: 'south', but 'north' for the same site in row 2" in found[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "Point"}',
        '{"features": [{"geometry": {"type": "Polygon", "coordinates": []}}]}',
        '{"features": [{"geometry": null}]}',
        '{"features": ["x"]}',
    ],
)
def test_geojson_that_has_no_points_is_refused(text: str) -> None:
    assert any("is no FeatureCollection" in one or "no point" in one for one in said({**OWN, "sites.geojson": text}))


def test_a_name_that_is_nothing_is_refused_with_the_examples(tmp_path: Path) -> None:
    with pytest.raises(PlanInputError, match="did you mean uk-2020"):
        load_case("uk-2021")
    with pytest.raises(PlanInputError, match="is not there"):
        load_case(str(tmp_path / "none" / "at-all"))
    with pytest.raises(PlanInputError, match="there is no CSV, YAML or GeoJSON file"):
        load_case(str(tmp_path))


def test_another_quarter_may_be_asked_for_but_must_be_one() -> None:
    octets = {"estate.yaml": HEAD.encode()}
    assert read_case(octets, as_of="2025Q1").estate.as_of == "2025Q1"
    with pytest.raises(PlanInputError, match="--as-of: '2025' is no quarter"):
        read_case(octets, as_of="2025")


def test_a_case_is_data_that_goes_through_json() -> None:
    whole = case(SITES + ITEM + f"rules: [{RULE}]\nsets: [uk, us]\n")
    assert msgspec.json.decode(msgspec.json.encode(whole), type=type(whole)) == whole
