"""Small backbones for tests, and slow, plain answers about them that share no code with the planner's."""

import random
from itertools import permutations

from awase.model.plan import Cable, Demand, Landing, Link, Site
from awase.planner.backbone.network import Backbone, Parts, make


def site(name: str, **more) -> Site:
    return Site(id=name, **more)


def backbone(links, demands=(), *, cables=(), sites=None, **more) -> Backbone:
    """Links as (id, a, b, delay_ms, capacity_gbps) or Link; demands as (a, b, gbps[, class]) or Demand."""
    made = [one if isinstance(one, Link) else _link(*one) for one in links]
    wants = [
        one
        if isinstance(one, Demand)
        else Demand(a=one[0], b=one[1], traffic_gbps=one[2], traffic_class="".join(one[3:]))
        for one in demands
    ]
    names = {end for link in made for end in (link.a, link.b)} | {end for one in wants for end in (one.a, one.b)}
    places = sites if sites is not None else [site(name) for name in sorted(names)]
    return make(Parts(name="small", sites=places, links=made, demands=wants, cables=cables, **more))


def _link(name, a, b, delay=1.0, capacity=0.0, **more) -> Link:
    return Link(id=name, a=a, b=b, delay_ms=delay, capacity_gbps=capacity, **more)


def cable(name: str, **more) -> Cable:
    return Cable(id=name, name=name, landings=(Landing(place="here", country="XX"),), **more)


def random_backbone(seed: int, *, nodes: int = 6, density: float = 0.5, cables: bool = False) -> Backbone:
    """A random backbone whose delays are all sums of different powers, so that no two routes are equally long."""
    rng = random.Random(seed)
    names = [f"n{number}" for number in range(nodes)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if rng.random() < density] or [("n0", "n1")]
    delays = rng.sample(range(len(pairs)), len(pairs))
    links = [
        Link(
            id=f"{a}-{b}",
            a=a,
            b=b,
            delay_ms=10 + 2.0**-delay,
            capacity_gbps=float(rng.choice([5, 10, 20])),
            supplier=rng.choice(["A", "B", "C"]),
            cable=f"c{rng.randrange(3)}" if cables and rng.random() < 0.6 else "",
        )
        for (a, b), delay in zip(pairs, delays, strict=True)
    ]
    demands = [
        Demand(a=a, b=b, traffic_gbps=float(rng.randrange(1, 9)))
        for a, b in permutations(names, 2)
        if rng.random() < 0.4
    ]
    laid = [cable(f"c{number}") for number in range(3)] if cables else []
    return backbone(links, demands or [("n0", "n1", 1.0)], cables=laid, sites=[site(name) for name in names])


def simple_paths(links, a, b):
    """All paths without a site twice, as lists of links: tried one by one."""
    found = []

    def walk(node, seen, path):
        if node == b:
            found.append(path)
            return
        for link in links:
            if node in (link.a, link.b):
                other = link.b if node == link.a else link.a
                if other not in seen:
                    walk(other, [*seen, other], [*path, link])

    walk(a, [a], [])
    return found


def delay_of(path) -> int:
    return sum(round(link.delay_ms * 1e6) for link in path)


def brute(network: Backbone, dead: set[str]):
    """(lost, rerouted, the sum of kbit/s times added ns, worst added ns, {(link, from): kbit/s}) by all paths."""
    lost = rerouted = later = worst = 0
    load = {}
    alive = [link for link in network.links if link.id not in dead]
    for demand in network.demands:
        volume = round(demand.traffic_gbps * 1e6)
        before = simple_paths(network.links, demand.a, demand.b)
        after = simple_paths(alive, demand.a, demand.b)
        if not before or demand.a == demand.b:
            continue
        old = min(before, key=delay_of)
        if not after:
            lost += volume
            continue
        new = min(after, key=delay_of)
        if any(link.id in dead for link in old):
            rerouted += volume
            later += (delay_of(new) - delay_of(old)) * volume
            worst = max(worst, delay_of(new) - delay_of(old))
        node = demand.a
        for link in new:
            load[link.id, node] = load.get((link.id, node), 0) + volume
            node = link.b if node == link.a else link.a
    return lost, rerouted, later, worst, load


def joined(links, a, b) -> bool:
    """Whether links join two sites."""
    seen = [a]
    for node in seen:
        for link in links:
            if node in (link.a, link.b):
                other = link.b if node == link.a else link.a
                if other not in seen:
                    seen.append(other)
    return b in seen


def most_carried(network: Backbone, dead: set[str] = frozenset()) -> float:
    """The most that can be carried: one flow per demand and link direction, as the textbook writes it."""
    import highspy

    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    alive = [link for link in network.links if link.id not in dead]
    arcs = [(link, way) for link in alive for way in (0, 1)]
    wants = [one for one in network.demands if one.a != one.b]
    flow = {}
    for d, _ in enumerate(wants):
        for number, _ in enumerate(arcs):
            flow[d, number] = h.addVariable(0, h.inf)
    carried = [h.addVariable(0, demand.traffic_gbps) for demand in wants]
    for d, demand in enumerate(wants):
        for node in network.sites:
            balance = _balance(node.id, arcs, [flow[d, number] for number, _ in enumerate(arcs)], 0 * carried[d])
            ends = (node.id == demand.b) - (node.id == demand.a)
            h.addConstr(balance + ends * carried[d] == 0)
    for number, (link, _) in enumerate(arcs):
        if link.capacity_gbps and wants:
            h.addConstr(
                sum((flow[d, number] for d in range(1, len(wants))), start=0 * carried[0] + flow[0, number])
                <= link.capacity_gbps
            )
    total = sum(carried[1:], start=0 * carried[0] + carried[0])
    h.maximize(total)
    return h.getObjectiveValue()


def _balance(node, arcs, flows, start):
    """What leaves a site less what comes in."""
    for (link, way), flow in zip(arcs, flows, strict=True):
        tail, head = (link.a, link.b) if way == 0 else (link.b, link.a)
        if tail == node:
            start = start + flow
        if head == node:
            start = start - flow
    return start
