"""A graph as SVG: values computed downwards, gradients flowing back upwards."""

import re
import unicodedata
from xml.sax.saxutils import escape

from d2l_autograd.graph_drawing.form import Form, Node, Wire
from d2l_autograd.graph_drawing.layout import Layout, layered
from d2l_autograd.graph_drawing.symbols import COMMUTATIVE

# Told apart without colour too: a gradient is set in italics after "grad", its arrow points up.
_INK, _VALUE, _GRADIENT, _FADED = "#222222", "#0b4f8a", "#b03a00", "#6b6b6b"
_FILL = {"input": "#e8f1f9", "constant": "#f1f1f1", "operator": "#ffffff"}
_FONTS = (
    "system-ui, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', Arial, 'Noto Sans CJK SC', "
    "'PingFang SC', 'Microsoft YaHei', sans-serif"
)
_SIZE = 13  # of the text, in pixels
_LINE = 18
_PAD = 9
_BADGE = 22  # the height of an operator's symbol, which sits on the upper edge of its value
_MARGIN = 22
_BETWEEN = 40  # neighbours in a layer
_BELOW = 58  # from one layer to the next
_SPINE = 4.0  # how much straighter the edges between operators are than those from inputs
_APART = 9  # an edge's two directions
_LONGEST = 32  # characters of a name

_Point = tuple[float, float]


def svg(form: Form) -> str:
    """Return a drawing as the text of an SVG file."""
    return Picture(form).text()


class Picture:
    """A drawing in the making. What is drawn of the walk back goes through `back`, for others."""

    foot = 0.0  # room above the legend
    wide = 0.0  # the least width of that room

    def __init__(self, form: Form) -> None:
        self._nodes, self._wires = form
        self._cards = [_lines(node) for node in self._nodes]
        self._height = 2 * _PAD + _LINE * max(map(len, self._cards)) + _BADGE / 2
        widths = [_width(node, card) for node, card in zip(self._nodes, self._cards, strict=True)]
        shares = [measure(wire.share) for wire in self._wires if wire.share]
        self._layout = layered(
            widths,
            {(wire.tail, wire.head): self._straight(wire) for wire in self._wires},
            _BETWEEN + max(shares, default=0) / 2,
            self._height + _BADGE / 2 + _BELOW + (_LINE if shares else 0),
        )
        self._widths = widths

    def back(self, part: str, *, node: int | None = None, wire: int | None = None) -> str:
        """Return what is drawn of the walk back at a node or along a wire."""
        return part

    def _straight(self, wire: Wire) -> float:
        return _SPINE if self._nodes[wire.tail].kind == "operator" else 1.0

    def text(self) -> str:
        """Return the picture as the text of an SVG file."""
        centres, routes = self._layout
        everywhere = [*centres, *(point for route in routes.values() for point in route)]
        shares = (measure(wire.share) for wire in self._wires)
        side = max(max(self._widths) / 2, max(shares, default=0) + 3 * _APART) + _MARGIN
        legend = _legend(self._nodes, self._wires)
        left, right = min(x for x, _ in everywhere), max(x for x, _ in everywhere)
        width = max(right - left + 2 * side, max(_legend_width(legend), self.wide) + 2 * _MARGIN)
        shift = (width - left - right) / 2
        top = self._height / 2 + _BADGE / 2 + _MARGIN
        self._layout = _moved(self._layout, shift, top)
        deepest = max(y for _, y in everywhere)
        height = deepest + top + self._height / 2 + 2 * _MARGIN + self.foot
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
            f'viewBox="0 0 {_n(width)} {_n(height)}" role="img" font-family="{_FONTS}" '
            f'font-size="{_SIZE}">',
            f"<title>Computation graph with {len(self._nodes)} nodes</title>",
            f'<rect x="0.5" y="0.5" width="{_n(width - 1)}" height="{_n(height - 1)}" rx="8" '
            'fill="#ffffff" stroke="#d0d0d0"/>',
            *self._edges(),
            *(self._card(number) for number in range(len(self._nodes))),
            *_legend_at(legend, _MARGIN, height - 17),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _card(self, number: int) -> str:
        node, lines = self._nodes[number], self._cards[number]
        x, y = self._layout.centres[number]
        width, height = self._widths[number], self._height
        result = all(wire.tail != number for wire in self._wires)
        colour = _FADED if node.detached else _INK
        style = ' stroke-dasharray="4 3"' if node.detached else ""
        parts = [
            f'<rect x="{_n(x - width / 2)}" y="{_n(y - height / 2)}" width="{_n(width)}" '
            f'height="{_n(height)}" rx="7" fill="{_FILL.get(node.kind, _FILL["operator"])}" '
            f'stroke="{colour}" stroke-width="{2 if result else 1}"{style}/>'
        ]
        middle = y + (_BADGE / 4 if node.symbol else 0)
        first = middle - (len(lines) - 1) * _LINE / 2 + _SIZE * 0.36
        for row, (text, attributes) in enumerate(lines):
            line = centred_text(x, first + row * _LINE, text, attributes)
            is_gradient = bool(node.gradient) and row == len(lines) - 1
            parts.append(self.back(line, node=number) if is_gradient else line)
        if node.symbol:
            wide = _badge(node)
            parts.append(
                f'<rect x="{_n(x - wide / 2)}" y="{_n(y - height / 2 - _BADGE / 2)}" '
                f'width="{_n(wide)}" height="{_BADGE}" rx="{_BADGE // 2}" fill="{colour}"/>'
            )
            attributes = 'fill="#ffffff" font-weight="bold"'
            parts.append(
                centred_text(x, y - height / 2 + _SIZE * 0.36, _short(node.symbol), attributes)
            )
        return "\n".join(parts)

    def _edges(self) -> list[str]:
        starts = self._ports(leaving=True)
        ends = self._ports(leaving=False)
        lines: list[str] = []
        labels: list[str] = []
        for number, wire in enumerate(self._wires):
            points = [starts[number], *self._layout.routes[wire.tail, wire.head], ends[number]]
            apart = _APART / 2 if wire.flows_back else 0.0
            lines += _arrow(points, -apart, self._height, wire.detached, down=True)
            if wire.flows_back:
                arrow = "\n".join(_arrow(points, apart, self._height, False, down=False))
                lines.append(self.back(arrow, wire=number))
            if wire.share:
                labels.append(self.back(self._share(wire, ends[number]), wire=number))
        return lines + labels

    def _share(self, wire: Wire, end: _Point) -> str:
        """Return the label of a share, beside the end of its edge at the operator."""
        head, tail = self._layout.centres[wire.head][0], self._layout.centres[wire.tail][0]
        left = end[0] < head or (end[0] == head and tail > head)
        attributes = (
            f'fill="{_GRADIENT}" font-style="italic" text-anchor="{"end" if left else "start"}" '
            'stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'
        )
        clear = 8 if (tail < head) == left else 0  # of the edge, which comes from that side
        x = end[0] - _APART - clear if left else end[0] + _APART + 1 + clear
        return centred_text(x, end[1] - 4, wire.share, attributes)

    def _ports(self, *, leaving: bool) -> list[_Point]:
        """Return where each wire leaves its tail, or reaches its head."""
        ports: list[_Point] = [(0.0, 0.0)] * len(self._wires)
        for node, (x, y) in enumerate(self._layout.centres):
            wires = [
                number
                for number, wire in enumerate(self._wires)
                if (wire.tail if leaving else wire.head) == node
            ]
            symbol = self._nodes[node].symbol
            room = self._widths[node] - 3 * _PAD
            if leaving or symbol in COMMUTATIVE:
                wires.sort(key=lambda number: self._aim(number, leaving))
            if not leaving and symbol:
                room = _badge(self._nodes[node]) - 8
            step = min(2.5 * _APART, room / max(len(wires) - 1, 1))
            y += self._height / 2 if leaving else -self._height / 2 - (_BADGE / 2 if symbol else 0)
            for place, number in enumerate(wires):
                ports[number] = (x + (place - (len(wires) - 1) / 2) * step, y)
        return ports

    def _aim(self, number: int, leaving: bool) -> tuple[float, int]:
        wire = self._wires[number]
        route = self._layout.routes[wire.tail, wire.head]
        towards = self._layout.centres[wire.head if leaving else wire.tail]
        return (route or [towards])[0 if leaving else -1][0], wire.operand


def _lines(node: Node) -> list[tuple[str, str]]:
    """Return the lines on a node, each with the attributes of its text."""
    lines = [
        (_short(node.name), f'fill="{_INK}" font-weight="bold"'),
        (node.value, f'fill="{_FADED if node.detached else _VALUE}"'),
        (node.gradient and f"grad {node.gradient}", f'fill="{_GRADIENT}" font-style="italic"'),
    ]
    return [line for line in lines if line[0]]


def _width(node: Node, lines: list[tuple[str, str]]) -> float:
    return max([44, _badge(node) + 16, *(measure(text) + 2 * _PAD for text, _ in lines)])


def _badge(node: Node) -> float:
    return max(_BADGE + 8, measure(_short(node.symbol)) + 16)


def measure(text: str) -> float:
    """Return about how wide a text is."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return _SIZE * (0.6 * (len(text) - wide) + wide)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _arrow(
    points: list[_Point], aside: float, height: float, detached: bool, *, down: bool
) -> list[str]:
    """Return a line beside the one through points, and its arrowhead at the lower or upper end."""
    colour, width = (_INK, "1.4") if down else (_GRADIENT, "1.2")
    if detached:
        colour = _FADED
    (x0, y0), *turns, (x1, y1) = [(x + aside, y) for x, y in points]
    at = (x0, y0 if down else y0 + 8)
    path = [f"M{_n(at[0])} {_n(at[1])}"]
    for x, y in turns:
        path.append(_bend(at, (x, y - height / 2), aside) + f"V{_n(y + height / 2)}")
        at = (x, y + height / 2)
    path.append(_bend(at, (x1, y1 - 7 if down else y1 - 1), aside))
    dash = ' stroke-dasharray="4 3"' if detached else ""
    tip = f"M{_n(x1)} {_n(y1)}l-4 -8h8z" if down else f"M{_n(x0)} {_n(y0 + 1)}l-4 8h8z"
    return [
        f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>',
        f'<path d="{tip}" fill="{colour}"/>',
    ]


def _bend(start: _Point, end: _Point, aside: float) -> str:
    """Return a curve that leaves and arrives vertically, its flat part as far aside as its ends."""
    (x0, y0), (x1, y1) = start, end
    slope = max(-1.0, min(1.0, (x1 - x0) / 40))
    half = (y0 + y1) / 2 - 1.3 * aside * slope
    return f"C{_n(x0)} {_n(half)} {_n(x1)} {_n(half)} {_n(x1)} {_n(y1)}"


def _moved(layout: Layout, right: float, down: float) -> Layout:
    return Layout(
        [(x + right, y + down) for x, y in layout.centres],
        {edge: [(x + right, y + down) for x, y in route] for edge, route in layout.routes.items()},
    )


def _legend(nodes: list[Node], wires: list[Wire]) -> list[tuple[str, str]]:
    """Return what the legend has to explain: the path of a sample, the words for it."""
    legend = [("value", f'fill="{_VALUE}"')]
    if any(node.gradient for node in nodes):
        legend.append(("gradient", f'fill="{_GRADIENT}" font-style="italic"'))
    if any(node.detached for node in nodes) or any(wire.detached for wire in wires):
        legend.append(("detached", f'fill="{_FADED}"'))
    return legend


def _legend_width(legend: list[tuple[str, str]]) -> float:
    return sum(measure(word) + 32 for word, _ in legend) - 12


def _legend_at(legend: list[tuple[str, str]], x: float, y: float) -> list[str]:
    parts = []
    for word, attributes in legend:
        down = word != "gradient"
        top, bottom = (x + 5, y - 11), (x + 5, y + 6)
        parts += _arrow([top, bottom], 0, 0, word == "detached", down=down)
        parts.append(centred_text(x + 16, y + 3, word, f'{attributes} text-anchor="start"'))
        x += measure(word) + 32
    return parts


def centred_text(x: float, y: float, text: str, attributes: str) -> str:
    """Return a line of text with its middle at x, unless the attributes anchor it elsewhere."""
    anchor = "" if "text-anchor" in attributes else ' text-anchor="middle"'
    return f'<text x="{_n(x)}" y="{_n(y)}"{anchor} {attributes}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    """Return text for XML, which has no place for control characters."""
    return escape(re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
