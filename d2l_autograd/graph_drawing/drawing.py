"""Computation graphs on the reader's screen."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import networkx as nx

from d2l_autograd.arguments.checks import require_function
from d2l_autograd.errors import GradientError
from d2l_autograd.graph_drawing.folding import (
    with_inputs_repeated,
    with_rounds_folded,
    without_unwritten,
)
from d2l_autograd.graph_drawing.form import Form, form
from d2l_autograd.graph_drawing.picture import Emphasis, picture
from d2l_autograd.graph_drawing.png import png
from d2l_autograd.graph_drawing.recorded import record_graph
from d2l_autograd.graph_drawing.scene import Scene
from d2l_autograd.graph_drawing.svg import svg
from d2l_autograd.plots.waiting import tells_progress

_MAX_NODES = 60
SCREEN = (1500, 1150)  # pixels, wide and high

Direction = Literal["down", "right"]


class Drawing:
    """A picture that a notebook shows: as SVG, and as PNG where that is not trusted.

    Its texts are ``.svg`` and, in a sentence for whoever does not see it, ``.description``;
    `save` writes a file.
    """

    def __init__(self, scene: Scene, moving: str | None = None) -> None:
        self._scene = scene
        self.svg = svg(scene) if moving is None else moving
        self.description = scene.description

    def save(self, path: str | Path) -> None:
        """Write the picture to a file, over one that is there.

        Args:
            path: a name that ends in ``.svg`` or ``.png``.

        Raises:
            GradientError: it ends in something else.
        """
        suffix = Path(path).suffix.lower()
        if suffix == ".svg":
            Path(path).write_text(self.svg, encoding="utf-8")
        elif suffix == ".png":
            Path(path).write_bytes(png(self._scene))
        else:
            raise GradientError(
                f"The name of the file ends in {suffix or 'nothing'!r}. Drawings are saved as SVG "
                'or PNG: drawing.save("graph.svg"), drawing.save("graph.png").'
            )

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        size = {"width": round(self._scene.width), "height": round(self._scene.height)}
        return png(self._scene), {**size, "alt": self.description}

    def __repr__(self) -> str:
        return "<a drawing of a computation graph>"  # no address: stored outputs are compared


@partial(tells_progress, said="recording")
def draw_graph(
    fn: "Callable[..., Any] | nx.DiGraph[Any]",
    *args: Any,
    names: Sequence[str] | None = None,
    max_nodes: int = _MAX_NODES,
    gradients: bool = True,
    direction: Direction = "down",
) -> Drawing:
    """Draw the computation graph that MindSpore records when it runs ``fn(*args)``.

    Values are computed from top to bottom, or from left to right. Each operator hangs at the value
    it computed, with the name of the local variable it was assigned to. The gradient of the result
    by each value is written below the value; where a value is used more than once, the share of
    each use stands at its edge, and the shares add up to the gradient. Branches that are detached
    are dashed.

    Operators that MindSpore adds and that change nothing, such as copies, are left out. An input
    with more than four uses is repeated beside each, its gradient at the first. Of a loop that
    would make the drawing larger than a screen, the first and the last round are drawn.

    Args:
        fn: what `record_graph` takes; or a ``networkx.DiGraph`` of the form described in
            ``d2l_autograd.graph_drawing``, recorded or made by hand, without any args.
        args: what to call fn with, as `record_graph` does.
        names: the names of the arguments, one each; by default those in fn's signature.
        max_nodes: the number of nodes, after folding, above which the graph is not drawn.
        gradients: whether to draw the gradients. Without them the value of fn may be a tensor of
            any shape.
        direction: "down", or "right" for layers from left to right.

    Returns:
        A drawing, shown by a notebook. Tensors with more than four entries are summarised by
        shape, least and greatest entry.

    Raises:
        GradientError: the graph has more than max_nodes nodes, or is no graph without cycles;
            and those of `record_graph`.
    """
    require_direction(direction)
    graph = graph_to_draw(fn, args, names, gradients=gradients)
    return Drawing(scene(graph, max_nodes=max_nodes, gradients=gradients, direction=direction))


def graph_to_draw(
    fn: "Callable[..., Any] | nx.DiGraph[Any]",
    args: tuple[Any, ...],
    names: Sequence[str] | None,
    *,
    gradients: bool,
) -> "nx.DiGraph[Any]":
    """Return the graph of a function, or the one given."""
    if isinstance(fn, nx.Graph):
        if args or names is not None:
            raise GradientError(
                "A graph is drawn as it is: draw_graph(graph). Arguments and names belong to a "
                "function; write the names of a graph into its nodes, as the attribute name."
            )
        return fn  # form refuses any other graph
    require_function(fn, "draw_graph")
    return record_graph(fn, *args, names=names, gradients=gradients)


def require_direction(direction: Any) -> None:
    """Refuse what is no direction of a drawing."""
    if direction not in ("down", "right"):
        raise GradientError(
            f'direction is {direction!r:.60}. Write direction="down" or direction="right".'
        )


def scene(
    graph: Any,
    *,
    max_nodes: int = _MAX_NODES,
    gradients: bool = True,
    direction: Direction = "down",
    emphasis: Emphasis | None = None,
) -> Scene:
    """Return the shapes of a drawing of a graph; with an emphasis, those of one frame.

    The frames of an animation have one layout, whatever is emphasised. `png.pixels` makes an
    array of a frame.
    """
    reduced = without_unwritten(form(graph, gradients))
    while True:
        drawn = with_inputs_repeated(reduced)
        rightwards = direction == "right"
        if len(drawn.nodes) <= max_nodes:
            found = picture(drawn, rightwards=rightwards, emphasis=emphasis)
            if found.width <= SCREEN[0] and found.height <= SCREEN[1]:
                return found
        folded = with_rounds_folded(reduced)
        if folded is None:
            require_few(drawn, max_nodes)
            return found
        reduced = folded


def require_few(drawn: Form, max_nodes: int) -> None:
    """Refuse a graph that is too large to be read."""
    if len(drawn.nodes) <= max_nodes:
        return
    operators = sum(node.kind == "operator" for node in drawn.nodes)
    raise GradientError(
        f"The graph has {len(drawn.nodes)} nodes, {operators} of them operators, and a drawing "
        f"of more than {max_nodes} is hard to read. Run the function with fewer steps of its "
        f"loop, or draw them all with draw_graph(…, max_nodes={len(drawn.nodes)})."
    )
