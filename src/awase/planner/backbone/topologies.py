"""Backbones out of topohub (MIT): SNDlib's with their demands, the Topology Zoo's, the wide-area ones.

`sndlib/germany50`, `topozoo/Janetbackbone`, `topozoo/Sinet`, `backbone/europe`, `gabriel/100/0`. Where a topology has
no demands, every pair of its sites has the same: synthetic, and said so.
"""

import json
import re
from importlib import resources
from typing import Any

from awase.model.plan import Country, Demand, Figure, Gbps, Km, Link, Site, SiteId
from awase.planner.backbone.network import Backbone, Parts, make
from awase.planner.problems import Place, PlanInputError, Problem

GROUPS = ("sndlib", "topozoo", "backbone", "caida", "gabriel")
_KEY = re.compile(r"(sndlib|topozoo|backbone|caida|gabriel)(/[A-Za-z0-9_-]+){1,2}\Z")
MOST_UNIFORM_SITES = 200
"""Above that, a demand for every pair would be more than anybody looks at: they must be given."""
SOURCES = {
    "sndlib": "SNDlib (Zuse Institute Berlin), as packaged by topohub",
    "topozoo": "Internet Topology Zoo (University of Adelaide), as packaged by topohub",
    "backbone": "topohub's backbone maps",
    "caida": "CAIDA, as packaged by topohub",
    "gabriel": "topohub's synthetic Gabriel graphs",
}
COUNTRIES = {
    "topozoo/Janetbackbone": "GB",
    "topozoo/Janetlense": "GB",
    "topozoo/HiberniaUk": "GB",
    "topozoo/KentmanFeb2008": "GB",
    "topozoo/KentmanJul2005": "GB",
    "topozoo/Oxford": "GB",
    "topozoo/Sinet": "JP",
    "topozoo/WideJpn": "JP",
    "topozoo/Jgn2Plus": "JP",
}
"""Topologies of the United Kingdom and Japan."""


def is_key(name: str) -> bool:
    """Whether a name is one of a topohub topology."""
    return bool(_KEY.match(name))


def load_topology(key: str, *, uniform_gbps: float = 1.0, capacity_gbps: float = 0.0) -> Backbone:
    """A topology as a backbone. Raises PlanInputError if topohub has none of that name.

    `uniform_gbps`: the demand of every pair of sites, each way, where the topology has none; `capacity_gbps`: of
    every link, since topohub has no capacities (0: not known).
    """
    if not is_key(key):
        raise _unknown(key, "write GROUP/NAME, such as sndlib/germany50 or topozoo/Janetbackbone")
    try:
        # Not topohub.get: it leaves its file open.
        found: dict[str, Any] = json.loads((resources.files("topohub") / f"data/{key}.json").read_bytes())
    except ModuleNotFoundError:
        raise _unknown(key, "topohub is not installed: pip install topohub") from None
    except OSError:
        raise _unknown(key, f"groups: {', '.join(GROUPS)}; the names in them are topohub's") from None
    return _backbone(key, found, uniform_gbps, capacity_gbps)


def _unknown(key: str, hint: str) -> PlanInputError:
    return PlanInputError([Problem(Place(key), "is no topology of topohub", hint)])


def _backbone(key: str, found: dict[str, Any], uniform_gbps: float, capacity_gbps: float) -> Backbone:
    names = _names(found["nodes"])
    flat = key.startswith("gabriel/")
    country = Country(COUNTRIES.get(key, ""))
    sites = [
        Site(
            id=names[str(node["id"])],
            country=country,
            latitude_deg=None if flat else float(node["pos"][1]),
            longitude_deg=None if flat else float(node["pos"][0]),
            roles=("aggregation",),
            synthetic=flat,
        )
        for node in found["nodes"]
    ]
    links = _links(found["edges"], names, capacity_gbps)
    demands, said = _demands(found["graph"].get("demands") or {}, names, uniform_gbps)
    group = key.split("/", 1)[0]
    figure = Figure(id=key, text="the topology", value=key, source=SOURCES[group], mark="synthetic" if flat else "V")
    return make(Parts(name=key, sites=sites, links=links, demands=demands, figures=(figure,), assumptions=said))


def _names(nodes: list[dict[str, Any]]) -> dict[str, SiteId]:
    """A site's id by topohub's: its name, made unique where two bear the same."""
    names = [str(node.get("name") or node["id"]) for node in nodes]
    twice = {name for name in names if names.count(name) > 1} if len(names) < 5000 else set(names)
    return {
        str(node["id"]): SiteId(f"{name} ({node['id']})" if name in twice else name)
        for node, name in zip(nodes, names, strict=True)
    }


def _links(edges: list[dict[str, Any]], names: dict[str, SiteId], capacity_gbps: float) -> list[Link]:
    links = []
    seen: dict[str, int] = {}
    for edge in edges:
        a, b = names[str(edge["source"])], names[str(edge["target"])]
        if a == b:
            continue
        plain = " - ".join(sorted((a, b)))
        seen[plain] = seen.get(plain, 0) + 1
        links.append(
            Link(
                id=plain if seen[plain] == 1 else f"{plain} #{seen[plain]}",
                a=a,
                b=b,
                medium="submarine" if edge.get("type") == "seacable" else "fibre",
                capacity_gbps=Gbps(capacity_gbps),
                length_km=Km(float(edge["dist"])),
            )
        )
    return links


def _demands(
    given: dict[str, dict[str, float]], names: dict[str, SiteId], uniform_gbps: float
) -> tuple[list[Demand], tuple[str, ...]]:
    if given:
        demands = [
            Demand(a=names[str(a)], b=names[str(b)], traffic_gbps=Gbps(float(value)))
            for a, row in given.items()
            for b, value in row.items()
            if a != b
        ]
        return demands, ("demands are those of the topology, its units taken for Gbit/s",)
    if len(names) > MOST_UNIFORM_SITES or not uniform_gbps:
        return [], ("there are no demands: give some in a file of your own",)
    ordered = sorted(names.values())
    demands = [Demand(a=a, b=b, traffic_gbps=Gbps(uniform_gbps)) for a in ordered for b in ordered if a != b]
    return demands, (f"every pair of sites wants {uniform_gbps:g} Gbit/s each way (synthetic)",)
