"""A graph as a drawing: values computed one way, gradients flowing back the other."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from d2l_autograd.graph_drawing.form import Form, Node, Wire
from d2l_autograd.graph_drawing.layout import Layout, layered
from d2l_autograd.graph_drawing.scene import (
    SIZE,
    Box,
    Group,
    Line,
    Point,
    Scene,
    Shape,
    Tip,
    Words,
    corners,
    measure,
    shifted,
)
from d2l_autograd.graph_drawing.symbols import COMMUTATIVE
from d2l_autograd.graph_drawing.words import word

# Told apart without colour too: a gradient is set in italics, and its arrow points back.
_INK, _VALUE, _GRADIENT, _FADED = "#222222", "#0b4f8a", "#b03a00", "#6b6b6b"
_HIGHLIGHT = "#fff0c2"
_FILL = {"input": "#e8f1f9", "again": "#f4f8fc", "constant": "#f1f1f1", "fold": "#f1f1f1"}
_PLAIN = "#ffffff"
_ROW = 18
_PAD = 9
_BADGE = 22  # the height of an operator's symbol, which sits on the edge of its value
_MARGIN = 22
_BETWEEN = 40  # neighbours in a layer
_BELOW = 58  # from one layer to the next
_SPINE = 4.0  # how much straighter the edges between operators are than those from inputs
_APART = 9  # an edge's two directions
_LONGEST = 32  # characters of a name


class Emphasis(NamedTuple):
    """What a frame of an animation shows of a graph; the layout is that of the whole."""

    highlighted: Collection[Any] = ()
    """The nodes of the graph that are drawn on a ground of their own."""
    with_gradient: Collection[Any] | None = None
    """The nodes whose gradient is known so far, or None for all; edges lead back from these."""
    notes: Mapping[tuple[Any, Any], str] = {}
    """Texts at edges, in place of the shares of the gradient."""


def picture(
    form: Form,
    *,
    rightwards: bool = False,
    emphasis: Emphasis | None = None,
    foot: Point = (0.0, 0.0),
) -> Scene:
    """Return the drawing of a graph.

    Args:
        form: what there is to show.
        rightwards: whether layers follow each other from left to right instead of downwards.
        emphasis: what to show of it.
        foot: the width and height of the room above the legend.
    """
    return _Picture(form, rightwards, emphasis or Emphasis()).scene(foot)


class _Picture:
    """Works in places (across, along): along is the direction of the computation."""

    def __init__(self, form: Form, rightwards: bool, emphasis: Emphasis) -> None:
        self._nodes, self._wires = form
        self._rightwards, self._emphasis = rightwards, emphasis
        self._cards = [_lines(node) for node in self._nodes]
        self._height = 2 * _PAD + _ROW * max(1, *map(len, self._cards)) + _BADGE / 2
        self._widths = [self._width(number) for number in range(len(self._nodes))]
        self._shares = [self._share_text(wire) for wire in self._wires]
        widest = max(map(measure, self._shares), default=0.0)
        between = 0.7 * _BETWEEN if rightwards else _BETWEEN + widest / 2
        self._layout = layered(
            [self._height] * len(self._nodes) if rightwards else self._widths,
            {(wire.tail, wire.head): self._straight(wire) for wire in self._wires},
            between,
            1.0,
        )
        self._spread(_BELOW + (widest if rightwards else _BADGE / 2 + (_ROW if widest else 0)))

    def scene(self, foot: Point) -> Scene:
        shapes = self._edges()
        for number in range(len(self._nodes)):
            shapes += self._card(number)
        points = [point for shape in shapes for point in corners(shape)]
        (left, right), (top, bottom) = (
            (min(side), max(side)) for side in zip(*points, strict=True)
        )
        legend = _legend(self._nodes, self._wires)
        width = max(right - left, _legend_width(legend), foot[0]) + 2 * _MARGIN
        height = bottom - top + 3 * _MARGIN + foot[1]
        across = (width - (right - left)) / 2 - left
        placed = [shifted(shape, across, _MARGIN - top) for shape in shapes]
        placed += _legend_at(legend, _MARGIN, height - 17)
        return Scene(width, height, _told(self._nodes, self._wires), placed)

    def _spread(self, below: float) -> None:
        """Give each layer its place along: as much room as its largest node takes, and below."""
        centres, routes = self._layout
        layers = [round(along) for _, along in centres]
        self._sizes = self._widths if self._rightwards else [self._height] * len(self._nodes)
        rows = [0.0] * (max(layers) + 1)
        for layer, size in zip(layers, self._sizes, strict=True):
            rows[layer] = max(rows[layer], size)
        places = [0.0]
        for before, after in zip(rows, rows[1:], strict=False):
            places.append(places[-1] + (before + after) / 2 + below)

        def spread(points: list[Point]) -> list[Point]:
            return [(across, places[round(along)]) for across, along in points]

        self._layout = Layout(
            spread(centres), {edge: spread(route) for edge, route in routes.items()}
        )
        self._row_at = dict(zip(places, rows, strict=True))

    def _at(self, place: Point) -> Point:
        """Return where (across, along) is on the screen."""
        across, along = place
        return (along, across) if self._rightwards else (across, along)

    def _straight(self, wire: Wire) -> float:
        return _SPINE if self._nodes[wire.tail].kind in ("operator", "fold") else 1.0

    def _width(self, number: int) -> float:
        node, lines = self._nodes[number], self._cards[number]
        text = max([measure(line.text) * (1.1 if line.bold else 1) for line in lines], default=0.0)
        badge = _badge(node) if node.symbol else 0.0
        if self._rightwards:
            return max(44.0, text + 2 * _PAD + badge / 2)
        return max(44.0, badge + 16, text + 2 * _PAD)

    def _box(self, number: int) -> Box:
        """Return the rectangle of a node, its symbol's badge aside."""
        node, (x, y) = self._nodes[number], self._at(self._layout.centres[number])
        width, height = self._widths[number], self._height
        result = all(wire.tail != number for wire in self._wires)
        return Box(
            x - width / 2,
            y - height / 2,
            width,
            height,
            7,
            _HIGHLIGHT if node.key in self._emphasis.highlighted else _FILL.get(node.kind, _PLAIN),
            _FADED if node.detached or node.kind == "again" else _INK,
            2 if result else 1,
            node.detached,
        )

    def _card(self, number: int) -> list[Shape]:
        node, box = self._nodes[number], self._box(number)
        lines = self._cards[number]
        wide = _badge(node) if node.symbol else 0.0
        middle = box.y + box.height / 2 + (_BADGE / 4 if wide and not self._rightwards else 0)
        centre = box.x + box.width / 2 + (wide / 4 if self._rightwards else 0)
        first = middle - (len(lines) - 1) * _ROW / 2 + SIZE * 0.36
        known = self._knows_gradient(number)
        shapes: list[Shape] = [box]
        for row, line in enumerate(lines):
            placed = line._replace(x=centre, y=first + row * _ROW)
            if not line.italic:
                shapes.append(placed)
            elif known:
                shapes.append(Group([placed], node=number))
        if node.symbol:
            x = box.x if self._rightwards else box.x + box.width / 2
            y = box.y + box.height / 2 if self._rightwards else box.y
            shade = _FADED if node.detached or node.kind == "fold" else _INK
            badge = Box(x - wide / 2, y - _BADGE / 2, wide, _BADGE, _BADGE / 2, shade, shade)
            shapes += [badge, Words(x, y + SIZE * 0.36, _short(node.symbol), "#ffffff", bold=True)]
        return shapes

    def _knows_gradient(self, number: int) -> bool:
        known = self._emphasis.with_gradient
        return known is None or self._nodes[number].key in known

    def _share_text(self, wire: Wire) -> str:
        return self._emphasis.notes.get(self._ends(wire), wire.share)

    def _ends(self, wire: Wire) -> tuple[Any, Any]:
        return self._nodes[wire.tail].key, self._nodes[wire.head].key

    def _edges(self) -> list[Shape]:
        starts, ends = self._ports(leaving=True), self._ports(leaving=False)
        lines: list[Shape] = []
        labels: list[Shape] = []
        for number, wire in enumerate(self._wires):
            points = [starts[number], *self._layout.routes[wire.tail, wire.head], ends[number]]
            flows_back = wire.flows_back and self._knows_gradient(wire.head)
            apart = _APART / 2 if wire.flows_back else 0.0
            lines += self._arrow(points, -apart, wire.detached, forth=True)
            if flows_back:
                lines.append(Group(self._arrow(points, apart, False, forth=False), wire=number))
            if self._shares[number] and (flows_back or self._ends(wire) in self._emphasis.notes):
                labels.append(Group([self._share(number, ends[number])], wire=number))
        return lines + labels

    def _share(self, number: int, end: Point) -> Words:
        """Return the label of a share, beside the end of its edge at the operator."""
        wire, (across, along) = self._wires[number], end
        head, tail = self._layout.centres[wire.head][0], self._layout.centres[wire.tail][0]
        before = across < head or (across == head and tail > head)
        style = {"italic": True, "halo": True}
        if self._rightwards:
            y = across - _APART if before else across + _APART + SIZE * 0.8
            return Words(along - 10, y, self._shares[number], _GRADIENT, "end", **style)
        clear = 8 if (tail < head) == before else 0  # of the edge, which comes from that side
        x = across - _APART - clear if before else across + _APART + 1 + clear
        anchor = "end" if before else "start"
        return Words(x, along - 4, self._shares[number], _GRADIENT, anchor, **style)

    def _ports(self, *, leaving: bool) -> list[Point]:
        """Return where each wire leaves its tail, or reaches its head."""
        ports: list[Point] = [(0.0, 0.0)] * len(self._wires)
        for node, (across, along) in enumerate(self._layout.centres):
            wires = [
                number
                for number, wire in enumerate(self._wires)
                if (wire.tail if leaving else wire.head) == node
            ]
            symbol = self._nodes[node].symbol
            if leaving or symbol in COMMUTATIVE:
                wires.sort(key=lambda number: self._aim(number, leaving))
            step = min(2.5 * _APART, self._room(node, leaving) / max(len(wires) - 1, 1))
            half = self._sizes[node] / 2
            badge = (_badge(self._nodes[node]) if self._rightwards else _BADGE) / 2 if symbol else 0
            along += half if leaving else -half - badge
            for place, number in enumerate(wires):
                ports[number] = (across + (place - (len(wires) - 1) / 2) * step, along)
        return ports

    def _room(self, node: int, leaving: bool) -> float:
        """Return how far apart the outermost wires at a node may be."""
        if self._rightwards:
            return self._height - 2 * _PAD if leaving else _BADGE - 8
        symbol = self._nodes[node].symbol
        return (
            _badge(self._nodes[node]) - 8
            if symbol and not leaving
            else self._widths[node] - 3 * _PAD
        )

    def _aim(self, number: int, leaving: bool) -> tuple[float, int]:
        wire = self._wires[number]
        route = self._layout.routes[wire.tail, wire.head]
        towards = self._layout.centres[wire.head if leaving else wire.tail]
        return (route or [towards])[0 if leaving else -1][0], wire.operand

    def _arrow(
        self, points: list[Point], aside: float, detached: bool, *, forth: bool
    ) -> list[Box | Line | Tip | Words]:
        """Return a line beside the one through points, and its head at the far or the near end."""
        colour, thickness = (_INK, 1.4) if forth else (_GRADIENT, 1.2)
        start, pieces, head = _path(points, aside, self._row_at, forth)
        return [
            Line(
                self._at(start),
                [tuple(map(self._at, piece)) for piece in pieces],
                _FADED if detached else colour,
                thickness,
                detached,
            ),
            Tip(
                (self._at(head[0]), self._at(head[1]), self._at(head[2])),
                _FADED if detached else colour,
            ),
        ]


def _path(
    points: list[Point], aside: float, rows: Mapping[float, float], forth: bool
) -> tuple[Point, list[tuple[Point, ...]], tuple[Point, Point, Point]]:
    """Return a line's start, its pieces and the corners of its head, as (across, along)."""
    (x0, y0), *turns, (x1, y1) = [(x + aside, y) for x, y in points]
    start = at = (x0, y0 if forth else y0 + 8)
    pieces: list[tuple[Point, ...]] = []
    for x, y in turns:
        extent = rows[y]
        pieces += [_bend(at, (x, y - extent / 2), aside), ((x, y + extent / 2),)]
        at = (x, y + extent / 2)
    pieces.append(_bend(at, (x1, y1 - 7 if forth else y1 - 1), aside))
    x, y, back = (x1, y1, -8) if forth else (x0, y0 + 1, 8)
    return start, pieces, ((x, y), (x - 4, y + back), (x + 4, y + back))


def _bend(start: Point, end: Point, aside: float) -> tuple[Point, Point, Point]:
    """Return a curve that leaves and arrives along, its flat part as far aside as its ends."""
    (x0, y0), (x1, y1) = start, end
    slope = max(-1.0, min(1.0, (x1 - x0) / 40))
    half = (y0 + y1) / 2 - 1.3 * aside * slope
    return (x0, half), (x1, half), end


def _lines(node: Node) -> list[Words]:
    """Return the lines on a node, not yet in their places."""
    if node.kind == "fold":
        return [Words(0, 0, node.name, _INK)]
    value = _FADED if node.detached or node.kind == "again" else _VALUE
    lines = [
        Words(0, 0, _short(node.name), _INK, bold=True),
        Words(0, 0, node.value, value),
        Words(
            0, 0, f"{word('grad')} {node.gradient}" * bool(node.gradient), _GRADIENT, italic=True
        ),
    ]
    return [line for line in lines if line.text]


def _badge(node: Node) -> float:
    return max(_BADGE + 8, measure(_short(node.symbol)) + 16)


def _short(text: str) -> str:
    """Return a name, the middle of a long one left out."""
    if len(text) <= _LONGEST:
        return text
    tail = (_LONGEST - 1) // 2
    return f"{text[: _LONGEST - 1 - tail]}…{text[-tail:]}"


def _told(nodes: list[Node], wires: list[Wire]) -> str:
    """Return in one sentence what the drawing shows."""
    heads, tails = {wire.head for wire in wires}, {wire.tail for wire in wires}

    def listed(numbers: list[int]) -> str:
        texts = [
            " = ".join(filter(None, [nodes[n].name or nodes[n].symbol, nodes[n].value]))
            for n in numbers
        ]
        return ", ".join(texts[:6]) + ("…" if len(texts) > 6 else "")

    inputs = [n for n, node in enumerate(nodes) if n not in heads and node.kind == "input"]
    results = [n for n in range(len(nodes)) if n not in tails]
    return word("told", count=len(nodes), inputs=listed(inputs or [0]), results=listed(results))


def _legend(nodes: list[Node], wires: list[Wire]) -> list[tuple[str, Words]]:
    """Return what the legend has to explain: the kind of arrow, and the words for it."""
    legend = [("value", Words(0, 0, word("value"), _VALUE, "start"))]
    if any(node.gradient for node in nodes):
        legend.append(("gradient", Words(0, 0, word("gradient"), _GRADIENT, "start", italic=True)))
    if any(node.detached for node in nodes) or any(wire.detached for wire in wires):
        legend.append(("detached", Words(0, 0, word("detached"), _FADED, "start")))
    return legend


def _legend_width(legend: list[tuple[str, Words]]) -> float:
    return sum(measure(words.text) + 32 for _, words in legend) - 12


def _legend_at(legend: list[tuple[str, Words]], x: float, y: float) -> list[Shape]:
    shapes: list[Shape] = []
    for kind, words in legend:
        forth = kind != "gradient"
        start, pieces, head = _path([(x + 5, y - 11), (x + 5, y + 6)], 0, {}, forth)
        colour = {"value": _INK, "gradient": _GRADIENT, "detached": _FADED}[kind]
        shapes += [
            Line(start, pieces, colour, 1.4 if forth else 1.2, kind == "detached"),
            Tip(head, colour),
            words._replace(x=x + 16, y=y + 3),
        ]
        x += measure(words.text) + 32
    return shapes
