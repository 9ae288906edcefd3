"""Computation graphs on the reader's screen."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import networkx as nx

from d2l_autograd.arguments.checks import require_function
from d2l_autograd.errors import GradientError
from d2l_autograd.graph_drawing.form import form
from d2l_autograd.graph_drawing.recorded import record_graph
from d2l_autograd.graph_drawing.svg import svg

_MAX_NODES = 60


class Drawing:
    """A picture that a notebook shows: its text is ``.svg``, and `save` writes a file."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def save(self, path: str | Path) -> None:
        """Write the picture to an SVG file, over one that is there."""
        Path(path).write_text(self.svg, encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return "<a drawing of a computation graph>"  # no address: stored outputs are compared


def draw_graph(
    fn: "Callable[..., Any] | nx.DiGraph[Any]",
    *args: Any,
    names: Sequence[str] | None = None,
    max_nodes: int = _MAX_NODES,
    gradients: bool = True,
) -> Drawing:
    """Draw the computation graph that MindSpore records when it runs ``fn(*args)``.

    Values are computed from top to bottom. Each operator hangs above the value it computed, with
    the name of the local variable it was assigned to. The gradient of the result by each value is
    written below the value; where a value is used more than once, the share of each use stands at
    its edge, and the shares add up to the gradient. Branches that are detached are dashed.

    Args:
        fn: what `record_graph` takes; or a ``networkx.DiGraph`` of the form described in
            ``d2l_autograd.graph_drawing``, recorded or made by hand, without any args.
        args: what to call fn with, as `record_graph` does.
        names: the names of the arguments, one each; by default those in fn's signature.
        max_nodes: the number of nodes above which the graph is not drawn.
        gradients: whether to draw the gradients. Without them the value of fn may be a tensor of
            any shape.

    Returns:
        A drawing, shown by a notebook. Tensors with more than four entries are summarised by
        shape, least and greatest entry.

    Raises:
        GradientError: the graph has more than max_nodes nodes, or is no graph without cycles;
            and those of `record_graph`.
    """
    graph = graph_to_draw(fn, args, names, gradients=gradients, max_nodes=max_nodes)
    return Drawing(svg(form(graph, gradients)))


def graph_to_draw(
    fn: "Callable[..., Any] | nx.DiGraph[Any]",
    args: tuple[Any, ...],
    names: Sequence[str] | None,
    *,
    gradients: bool,
    max_nodes: int,
) -> "nx.DiGraph[Any]":
    """Return the graph of a function, or the one given, if it is small enough to be drawn."""
    if isinstance(fn, nx.Graph):
        if args or names is not None:
            raise GradientError(
                "A graph is drawn as it is: draw_graph(graph). Arguments and names belong to a "
                "function; write the names of a graph into its nodes, as the attribute name."
            )
        graph: nx.DiGraph[Any] = fn  # form refuses any other graph
    else:
        require_function(fn, "draw_graph")
        graph = record_graph(fn, *args, names=names, gradients=gradients)
    drawn = form(graph, gradients)
    if len(drawn.nodes) > max_nodes:
        operators = sum(node.kind == "operator" for node in drawn.nodes)
        raise GradientError(
            f"The graph has {len(drawn.nodes)} nodes, {operators} of them operators, and a drawing "
            f"of more than {max_nodes} is hard to read. Run the function with fewer steps of its "
            f"loop, or draw them all with draw_graph(…, max_nodes={len(drawn.nodes)})."
        )
    return graph
