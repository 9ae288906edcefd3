"""Where the nodes of a graph go: layers from top to bottom, few crossings, straight edges."""

from typing import NamedTuple

import igraph

_SWEEPS = 60
_BEND = 8  # how much straighter an edge is where it passes layers than at its ends


class Layout(NamedTuple):
    """The centre of each node, and for each edge the points it passes through, downwards."""

    centres: list[tuple[float, float]]
    routes: dict[tuple[int, int], list[tuple[float, float]]]


def layered(
    widths: list[float], edges: dict[tuple[int, int], float], gap: float, row: float
) -> Layout:
    """Lay out nodes that are numbered in an order in which operands come first.

    Args:
        widths: the widths of the nodes.
        edges: the pairs of an operand and what is computed from it, the operands of each in
            order, with a weight: how important it is that this edge is straight.
        gap: the free space between neighbours.
        row: the distance between layers.
    """
    pairs = list(edges)
    graph = igraph.Graph(len(widths), pairs, directed=True)
    found = graph.layout_sugiyama(layers=_layers(len(widths), pairs), vgap=1)
    points = [(x, round(y)) for x, y in _beside(pairs, [(x, y) for x, y in found])]
    turns = {
        pair: sorted(((x, round(y)) for x, y in route), key=lambda turn: turn[1])
        for pair, route in zip(pairs, found.edge_routing, strict=True)
    }
    wide = list(widths)
    links: list[tuple[int, int, float]] = []
    places: dict[tuple[int, int], list[int]] = {}
    for (tail, head), route in turns.items():
        places[tail, head] = list(range(len(points), len(points) + len(route)))
        points += route
        wide += [gap / 2] * len(route)
        path = [tail, *places[tail, head], head]
        for a, b in zip(path, path[1:], strict=False):
            links.append((a, b, edges[tail, head] * (1 if {a, b} & {tail, head} else _BEND)))
    xs = _straightened(points, wide, links, gap)
    placed = [(x, layer * row) for x, (_, layer) in zip(xs, points, strict=True)]
    routes = {pair: [placed[place] for place in route] for pair, route in places.items()}
    return Layout(placed[: len(widths)], routes)


def _layers(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Return the layers: below every operand, and inputs right above their first use."""
    layers = [0] * count
    first_use: dict[int, int] = {}
    for tail, head in sorted(edges, key=lambda edge: edge[1]):
        layers[head] = max(layers[head], layers[tail] + 1)
    computed = {head for _, head in edges}
    for tail, head in edges:
        if tail not in computed:
            first_use[tail] = min(first_use.get(tail, count), layers[head] - 1)
    return [first_use.get(node, layer) for node, layer in enumerate(layers)]


def _beside(
    pairs: list[tuple[int, int]], points: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Put an input with a single use beside the other operand, on the side that its place says."""
    tails: dict[int, list[int]] = {}
    uses = [0] * len(points)
    for tail, head in pairs:
        tails.setdefault(head, []).append(tail)
        uses[tail] += 1
    moved = list(points)
    for operands in tails.values():
        free = [tail not in tails and uses[tail] == 1 for tail in operands]
        fixed = free.index(False) if False in free else 0
        anchor, layer = points[operands[fixed]]
        for place, tail in enumerate(operands):
            if free[place] and points[tail][1] == layer:
                moved[tail] = (anchor + 0.01 * (place - fixed), layer)
    return moved


def _straightened(
    points: list[tuple[float, int]],
    widths: list[float],
    links: list[tuple[int, int, float]],
    gap: float,
) -> list[float]:
    """Move the points sideways, in the order they have in their layer, to straighten the links."""
    near: list[list[tuple[int, float]]] = [[] for _ in points]
    for a, b, weight in links:
        near[a].append((b, weight))
        near[b].append((a, weight))
    layers: dict[int, list[int]] = {}
    for place in sorted(range(len(points)), key=lambda place: (points[place][0], place)):
        layers.setdefault(points[place][1], []).append(place)
    xs = [x * (max(widths) + gap) for x, _ in points]
    order = sorted(layers)
    for sweep in range(_SWEEPS):
        for layer in order if sweep % 2 else reversed(order):
            row = layers[layer]
            pulls = [sum(weight for _, weight in near[place]) or 1.0 for place in row]
            wanted = [
                sum(weight * xs[other] for other, weight in near[place]) / pull
                if near[place]
                else xs[place]
                for place, pull in zip(row, pulls, strict=True)
            ]
            apart = _apart(wanted, pulls, [widths[place] for place in row], gap)
            for place, x in zip(row, apart, strict=True):
                xs[place] = x
    return xs


def _apart(wanted: list[float], pulls: list[float], widths: list[float], gap: float) -> list[float]:
    """Return the places nearest to the wanted ones at which neighbours keep their distance."""
    offsets = [0.0]
    for left, right in zip(widths, widths[1:], strict=False):
        offsets.append(offsets[-1] + (left + right) / 2 + gap)
    blocks: list[tuple[float, float, int]] = []  # mean, pull and size of neighbours that touch
    for x, pull, offset in zip(wanted, pulls, offsets, strict=True):
        mean, size = x - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, held, count = blocks.pop()
            mean = (mean * pull + before * held) / (pull + held)
            pull, size = pull + held, size + count
        blocks.append((mean, pull, size))
    means = [mean for mean, _, size in blocks for _ in range(size)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
