"""A country's way to the world: its undersea cables as a backbone of landing towns, home and countries abroad.

The cables that ship (`cables.yaml` here) are made from public facts: name, landing towns, year, owners. They have no
capacities and no routes; which segments join which towns is not public either. So a cable joins each of its towns at
home with each country abroad that it lands in, a town is joined with home by land, and every country wants the same:
what this says is which towns and cables a country hangs on, not how many Gbit/s.
"""

from collections.abc import Iterable
from importlib import resources

import msgspec

from awase.model.plan import Cable, Country, Demand, Gbps, Landing, Link, Ms, Site, SiteId
from awase.planner.backbone.network import Backbone, Parts, make
from awase.planner.loading.fields import Converter
from awase.planner.loading.sections import Sections
from awase.planner.loading.trees import Branch, read_yaml
from awase.planner.problems import Place, PlanInputError, Problem, Problems, choose

PREFIX = "cables/"
"""`cables/JP`: the shipped cables of Japan."""
EACH_GBPS = 100.0
SAID = (
    "each country abroad that a cable reaches wants 100 Gbit/s each way (synthetic)",
    "each cable is taken to join each of its towns at home with each of its countries abroad; no other way is known",
)


def shipped_cables() -> tuple[Cable, ...]:
    """The cables that ship, with their sources."""
    problems = Problems()
    sections = Sections(Converter(problems), problems)
    file = resources.files("awase.planner.backbone") / "cables.yaml"
    tree = read_yaml(file.read_bytes(), "cables.yaml", problems)
    if isinstance(tree, Branch):
        sections.take("cables", tree.items["cables"])
    problems.check()
    return sections.values("cables")


def load_cables(name: str) -> Backbone:
    """The shipped cables of a country: "cables/JP". Raises PlanInputError."""
    cables = shipped_cables()
    homes = sorted({landing.country for cable in cables for landing in cable.landings})
    home = Country(name.removeprefix(PREFIX))
    if home not in ("JP", "GB"):
        hint = choose(home, ("JP", "GB")) if home not in homes else "the list is of the cables of JP and GB"
        raise PlanInputError([Problem(Place(name), "no list of this country's cables ships", hint)])
    found = cable_backbone(cables, home, name=name)
    unchecked = [one.name for one in found.cables if one.mark == "K"]
    said = (
        f"{len(unchecked)} of {len(found.cables)} cables are general knowledge [K], unchecked: {', '.join(unchecked)}"
    )
    return msgspec.structs.replace(found, assumptions=(*found.assumptions, said)) if unchecked else found


def cable_backbone(cables: Iterable[Cable], home: Country, *, name: str) -> Backbone:
    """The backbone abroad of a country. Raises PlanInputError if no cable leads from it to another."""
    sites: dict[str, Site] = {home: _hub(home)}
    links: dict[str, Link] = {}
    kept = []
    for cable in sorted(cables, key=lambda one: one.id):
        towns = [one for one in cable.landings if one.country == home]
        abroad = sorted({one.country for one in cable.landings if one.country not in (home, "")})
        if not towns or not abroad:
            continue
        kept.append(cable)
        for town in towns:
            sites.setdefault(town.place, _town(town))
            shore = f"shore {town.place}"
            links.setdefault(shore, Link(id=shore, a=SiteId(home), b=SiteId(town.place), delay_ms=Ms(0.0)))
            for country in abroad:
                sites.setdefault(country, _hub(country))
                link = _across(cable, town.place, country)
                links[link.id] = link
    if not kept:
        raise PlanInputError([Problem(Place(name), f"no cable leads from {home} abroad", "is it a code as JP or GB?")])
    demands = [
        Demand(a=SiteId(one), b=SiteId(two), traffic_gbps=Gbps(EACH_GBPS))
        for country in sorted(one for one in sites if sites[one].roles == ("aggregation",) and one != home)
        for one, two in ((home, country), (country, home))
    ]
    return make(
        Parts(name=name, sites=sites.values(), links=links.values(), cables=kept, demands=demands, assumptions=SAID)
    )


def _hub(country: Country) -> Site:
    return Site(id=SiteId(country), country=country, roles=("aggregation",), synthetic=True)


def _town(landing: Landing) -> Site:
    return Site(
        id=SiteId(landing.place),
        country=landing.country,
        latitude_deg=landing.latitude_deg,
        longitude_deg=landing.longitude_deg,
        roles=("landing_station",),
    )


def _across(cable: Cable, town: str, country: str) -> Link:
    return Link(
        id=f"{cable.id}: {town} - {country}",
        a=SiteId(town),
        b=SiteId(country),
        medium="submarine",
        supplier=cable.supplier,
        capacity_gbps=Gbps(0.0),
        length_km=cable.length_km,
        cable=cable.id,
    )
