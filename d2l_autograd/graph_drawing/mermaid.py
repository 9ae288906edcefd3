"""A graph as Mermaid text."""

from typing import Any

from d2l_autograd.graph_drawing.folding import without_unwritten
from d2l_autograd.graph_drawing.form import Node, form
from d2l_autograd.graph_drawing.words import word

_SHAPES = {"input": ("([", "])"), "constant": ("[", "]"), "operator": ("(", ")")}


def to_mermaid(graph: Any) -> str:
    """Return a computation graph as Mermaid text, for Markdown that renders it.

    Args:
        graph: a ``networkx.DiGraph`` of the form described in ``d2l_autograd.graph_drawing``, as
            `record_graph` returns it.

    Returns:
        A flowchart from top to bottom. Gradients are written on the nodes, and on the edges where
        several uses of a value share its gradient; detached branches are dotted.

    Raises:
        GradientError: graph is no directed graph, is empty, or has a cycle.
    """
    nodes, wires = without_unwritten(form(graph))
    lines = ["flowchart TD"]
    for number, node in enumerate(nodes):
        opening, closing = _SHAPES.get(node.kind, _SHAPES["operator"])
        lines.append(f'    n{number}{opening}"{_text(node)}"{closing}')
    for wire in wires:
        arrow = "-.->" if wire.detached else "-->"
        share = f'|"{word("grad")} {_escaped(wire.share)}"|' if wire.share else ""
        lines.append(f"    n{wire.tail} {arrow}{share} n{wire.head}")
    detached = [f"n{number}" for number, node in enumerate(nodes) if node.detached]
    if detached:
        lines.append("    classDef detached stroke-dasharray: 4 3")
        lines.append(f"    class {','.join(detached)} detached")
    return "\n".join(lines) + "\n"


def _text(node: Node) -> str:
    title = (
        f"{node.name} = {node.symbol}" if node.name and node.symbol else node.name or node.symbol
    )
    gradient = node.gradient and f"{word('grad')} {node.gradient}"
    return "<br/>".join(_escaped(line) for line in (title, node.value, gradient) if line)


def _escaped(text: str) -> str:
    """Return text in which Mermaid and Markdown find nothing of theirs."""
    return "".join(
        c if c.isalnum() or c in " .,…−×" else f"#{ord(c)};" for c in " ".join(text.split())
    )
