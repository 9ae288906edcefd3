"""The walk back through a computation graph, one product after the other, as an animated SVG.

The animation is CSS within the picture: it plays without JavaScript, a few times, and stops at the
full drawing. Where nothing moves (in print, or for a reader who asked for less motion) it is that
drawing.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import networkx as nx

from d2l_autograd.errors import GradientError
from d2l_autograd.graph_drawing.drawing import (
    SCREEN,
    Direction,
    Drawing,
    graph_to_draw,
    require_direction,
    require_few,
)
from d2l_autograd.graph_drawing.folding import without_unwritten
from d2l_autograd.graph_drawing.form import Form, form
from d2l_autograd.graph_drawing.picture import picture
from d2l_autograd.graph_drawing.scene import Group, Scene, Words, measure
from d2l_autograd.graph_drawing.svg import svg, words_in_svg
from d2l_autograd.graph_drawing.words import word
from d2l_autograd.plots.waiting import tells_progress

_MAX_NODES = 30
_FOOT = 26.0  # pixels above the legend, for the product
_COLOUR = "#b03a00"
_SECONDS = 1.4  # of a step
_REST = 3  # steps that the full drawing stays
_ROUNDS = 5


@partial(tells_progress, said="recording")
def animate_backward(
    fn: "Callable[..., Any] | nx.DiGraph[Any]",
    *args: Any,
    names: Sequence[str] | None = None,
    max_nodes: int = _MAX_NODES,
    direction: Direction = "down",
) -> Drawing:
    """Show backpropagation through the graph of ``fn(*args)``, step by step.

    It starts with the gradient 1 at the result. Each step goes back along one edge: a dot moves
    from the operator to the operand, and the product that it carries, the gradient above times
    the local derivative, is written below the graph. What arrives at a value from several edges
    is added up. For tensors the share is written without its factors.

    Args:
        fn: what `draw_graph` takes, a function or a graph that has gradients.
        args: what to call fn with.
        names: the names of the arguments, one each; by default those in fn's signature.
        max_nodes: the number of nodes above which the graph is not drawn.
        direction: "down", or "right" for layers from left to right.

    Returns:
        A drawing, shown by a notebook and written to a file by its method ``save``. It plays five
        times and stops at what `draw_graph` draws. One that is taller than a screen is scaled to
        the height of the window.

    Raises:
        GradientError: those of `draw_graph`; or the graph has no gradients.
    """
    require_direction(direction)
    shown = without_unwritten(form(graph_to_draw(fn, args, names, gradients=True)))
    require_few(shown, max_nodes)
    if not any(wire.flows_back for wire in shown.wires):
        raise GradientError(
            "There is no gradient in this graph, so nothing flows back. Write the gradients of a "
            "graph made by hand into its nodes and edges, as the attribute gradient."
        )
    steps = steps_back(shown)
    foot = max(measure(step.caption) for step in steps), _FOOT
    still = picture(shown, rightwards=direction == "right", foot=foot)
    return Drawing(still, _Animation(steps).text(still))


class Step(NamedTuple):
    """What one step shows: an edge with the product it carries, and a gradient that is complete."""

    wire: int | None
    node: int | None
    caption: str


def steps_back(shown: Form) -> list[Step]:
    """The walk back: from the result, each node after all those that used it."""
    nodes, wires = shown
    left = [0] * len(nodes)
    for wire in wires:
        left[wire.tail] += wire.flows_back
    received: list[list[str]] = [[] for _ in nodes]
    steps = [
        Step(None, number, f"{_title(shown, number)}: {node.gradient}")
        for number, node in enumerate(nodes)
        if node.gradient and not left[number]
    ]
    backwards = sorted(
        (number for number, wire in enumerate(wires) if wire.flows_back),
        key=lambda number: (-wires[number].head, wires[number].operand),
    )
    for number in backwards:
        wire = wires[number]
        left[wire.tail] -= 1
        before = received[wire.tail]
        before.append(wire.product.rpartition(" = ")[2])
        caption = f"{_title(shown, wire.tail)}: {wire.product}"
        if len(before) > 1 and not left[wire.tail]:
            caption += f",   {' + '.join(before)} = {nodes[wire.tail].gradient}"
        steps.append(Step(number, None if left[wire.tail] else wire.tail, caption))
    return steps


def _title(shown: Form, number: int) -> str:
    node = shown.nodes[number]
    return f"{word('grad')} {node.name or node.symbol}"


class _Animation:
    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._at_node = {step.node: at for at, step in enumerate(steps)}
        self._at_wire = {step.wire: at for at, step in enumerate(steps)}

    def text(self, still: Scene) -> str:
        """Return the text of the SVG file."""
        head, title, rest = svg(still, self._appearing).partition("</title>\n")
        captions = [
            words_in_svg(Words(still.width / 2, still.height - 40, step.caption, _COLOUR), f"c{at}")
            for at, step in enumerate(self._steps)
        ]
        if still.height > SCREEN[1]:  # the walk and its caption have to be seen together
            head = head.replace("height:auto", "height:auto;max-height:95vh", 1)
        body = rest.removesuffix("</svg>\n")
        return "\n".join(
            [head + title.rstrip("\n"), self._style(), body.rstrip("\n"), *captions, "</svg>\n"]
        )

    def _appearing(self, group: Group, text: str) -> str:
        at = self._at_node[group.node] if group.wire is None else self._at_wire[group.wire]
        return f'<g class="b{at}">\n{text}\n</g>{self._dot(text, at)}'

    def _dot(self, arrow: str, at: int) -> str:
        """Return a dot that moves along an arrow, from its end at the operator to its head."""
        if not arrow.startswith("<path"):
            return ""
        path = re.findall(r' d="([^"]*)"', arrow)[0]
        style = f"offset-path:path('{path}')"
        return f'\n<circle class="d{at}" r="5" fill="{_COLOUR}" style="{style}"/>'

    def _style(self) -> str:
        count = len(self._steps) + _REST
        animation = f"{_SECONDS * count:.1f}s linear {_ROUNDS} both"
        rules = ["circle[class],text[class]{opacity:0}"]
        for at in range(len(self._steps)):
            start, end = 100 * at / count, 100 * (at + 1) / count
            moving, there = start + 0.1, start + 0.6 * (end - start)
            rules += [
                f"@keyframes b{at}{{0%,{start:.1f}%{{opacity:0}}{there:.1f}%,100%{{opacity:1}}}}",
                f"@keyframes c{at}{{0%,{start:.1f}%{{opacity:0}}{moving:.1f}%,{end:.1f}%"
                f"{{opacity:1}}{end + 0.1:.1f}%,100%{{opacity:0}}}}",
                f"@keyframes d{at}{{0%,{start:.1f}%{{opacity:0;offset-distance:100%}}"
                f"{moving:.1f}%{{opacity:1;offset-distance:100%}}"
                f"{there:.1f}%{{opacity:1;offset-distance:0%}}"
                f"{there + 0.1:.1f}%,100%{{opacity:0;offset-distance:0%}}}}",
                *(f".{kind}{at}{{animation:{kind}{at} {animation}}}" for kind in "bcd"),
            ]
        rules.append("@media (prefers-reduced-motion:reduce){*{animation:none!important}}")
        return "<style>\n" + "\n".join(rules) + "\n</style>"
