"""A graph of the documented form, its gaps filled: what the drawing and the text start from."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import networkx as nx

from d2l_autograd.errors import GradientError
from d2l_autograd.graph_drawing.symbols import INFIX
from d2l_autograd.graph_drawing.values import as_array, brief
from d2l_autograd.graph_drawing.words import word


class Node(NamedTuple):
    """A node as it is shown; a line that has nothing to say is empty."""

    symbol: str
    name: str
    value: str
    gradient: str
    kind: str
    detached: bool
    key: Any
    """The node of the graph, or None of one that stands for several."""


class Wire(NamedTuple):
    """One operand on its way to one operator.

    ``product`` is how its share of the gradient comes about, ``1 × 8 = 8``: the gradient of the
    operator's value times the local derivative. Of tensors it is the share alone.
    """

    tail: int
    head: int
    operand: int
    flows_back: bool
    share: str
    detached: bool
    product: str


class Form(NamedTuple):
    """Nodes in an order in which operands come first, and the wires between their numbers.

    A number that enters one operator is part of its symbol, ``× 2``, and no node of its own.
    """

    nodes: list[Node]
    wires: list[Wire]


def form(graph: Any, gradients: bool = True) -> Form:
    """Return what there is to show of a graph.

    Raises:
        GradientError: graph is no directed graph, is empty, or has a cycle.
    """
    if not isinstance(graph, nx.DiGraph):
        raise GradientError(
            f"A computation graph is a networkx.DiGraph, and this is a {type(graph).__name__}. "
            "Make one with record_graph(f, x), or by hand: graph.add_edge(operand, result)."
        )
    if not graph:
        raise GradientError("The graph is empty. Add nodes with graph.add_node(name, value=…).")
    try:
        order = list(nx.lexicographical_topological_sort(graph, key=_positions(graph)))
    except nx.NetworkXUnfeasible:
        raise GradientError(
            "The graph has a cycle, so some value would be computed from itself. Let every edge "
            "lead from an operand to what is computed from it."
        ) from None
    numbers = dict(_numbers_in_symbols(graph))
    order = [node for node in order if node not in numbers]
    place = {node: position for position, node in enumerate(order)}
    wires = [
        Wire(place[tail], place[head], *rest)
        for tail, head, data in graph.edges(data=True)
        if tail in place
        for rest in _wires(data, gradients, graph.nodes[head].get("gradient"))
    ]
    wires.sort(key=lambda wire: (wire.head, wire.operand, wire.tail))
    nodes = [_node(graph, node, gradients, numbers) for node in order]
    return Form(nodes, _with_shares(wires))


def _numbers_in_symbols(graph: Any) -> Iterator[tuple[Any, str]]:
    """Yield the constants that are part of a symbol, and their text."""
    if graph.is_multigraph():
        return
    for node, data in graph.nodes(data=True):
        if data.get("kind") != "constant" or data.get("name") or data.get("value") is None:
            continue
        if graph.pred[node]:  # a detached value, which has a history of its own
            continue
        heads = [head for head, edge in graph.succ[node].items() if edge.get("operands")]
        if len(heads) == graph.out_degree(node) == 1 and as_array(data["value"]).ndim == 0:
            head = heads[0]
            if graph.nodes[head].get("label") in INFIX and len(graph.pred[head]) == 2:
                yield node, brief(data["value"])


def _positions(graph: Any) -> Any:
    positions = {node: position for position, node in enumerate(graph)}
    return positions.__getitem__


def _node(graph: Any, node: Any, gradients: bool, numbers: dict[Any, str]) -> Node:
    data = graph.nodes[node]
    kind = data.get("kind") or ("operator" if graph.pred[node] else "input")
    label = str(data.get("label", node))
    name = data.get("name")
    value = _text(data.get("value"))
    if not value and data.get("shape"):
        value = word("shape", shape="×".join(map(str, data["shape"])))
    if kind != "operator":
        number = kind == "constant" and value and not data.get("detached")
        label, name = "", name or ("" if number else label)
    for tail in graph.pred[node]:
        if tail in numbers:
            first = 0 in graph.edges[tail, node]["operands"]
            label = f"{numbers[tail]} {label}" if first else f"{label} {numbers[tail]}"
    return Node(
        label,
        "" if name is None else str(name),
        value,
        _text(data.get("gradient"), with_shape=False) if gradients else "",
        kind,
        bool(data.get("detached")),
        node,
    )


def _wires(
    data: dict[str, Any], gradients: bool, above: Any
) -> Iterator[tuple[int, bool, str, bool, str]]:
    """Yield what there is to say of each wire of an edge, above being the gradient at its head."""
    operands = data.get("operands") or (0,)
    shares = data.get("gradients") or (data.get("gradient"),) * len(operands)
    for operand, share in zip(operands, shares, strict=True):
        share = share if gradients else None
        product = "" if share is None else _product(above, share)
        yield operand, share is not None, _text(share, False), bool(data.get("detached")), product


def _product(above: Any, share: Any) -> str:
    if above is None or as_array(above).shape or as_array(share).shape or not as_array(above):
        return _text(share, False)
    local = float(as_array(share)) / float(as_array(above))
    return f"{brief(above)} × {brief(local)} = {brief(share)}"


def _with_shares(wires: list[Wire]) -> list[Wire]:
    """Keep the shares only where several add up: the gradient of a single use is the whole."""
    uses: dict[int, int] = {}
    for wire in wires:
        uses[wire.tail] = uses.get(wire.tail, 0) + wire.flows_back
    return [wire if uses[wire.tail] > 1 else wire._replace(share="") for wire in wires]


def _text(value: Any, with_shape: bool = True) -> str:
    return "" if value is None else brief(value, with_shape)
