"""Drawings are well-formed, the same each time, and say what the graph says."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import mindspore as ms
import networkx as nx
import numpy as np
import pytest
from mindspore import ops

from d2l_autograd import GradientError, detach, draw_graph, record_graph, to_mermaid
from d2l_autograd.graph_drawing.layout import layered
from d2l_autograd.graph_drawing.symbols import symbol
from d2l_autograd.graph_drawing.values import brief

X = ms.Tensor([1.0, 2.0], ms.float32)
SVG = "{http://www.w3.org/2000/svg}"


def doubled(x: Any) -> Any:
    y = x * x
    return (2 * y).sum()


def held(x: Any) -> Any:
    u = detach(x * x)
    return (u * x).sum()


def network(x: Any, w1: Any, b1: Any, w2: Any) -> Any:
    h = ops.tanh(x @ w1 + b1)
    return ((h @ w2) ** 2).mean()


def ones(*shape: int) -> Any:
    return ms.Tensor(np.ones(shape, "float32"))


NETWORK = (network, ones(5, 3), ones(3, 4), ones(4), ones(4, 1))
CASES: list[Any] = [(doubled, X), (held, X), NETWORK, (lambda x: x, 2.0)]


def hand_made(kind: Any = nx.DiGraph) -> Any:
    graph = kind()
    graph.add_node("a", value=2.0, gradient=3.0)
    graph.add_node("b", value=3.0, gradient=2.0)
    graph.add_node("c", label="×", value=6.0, gradient=1.0)
    graph.add_edges_from([("a", "c"), ("b", "c")])
    return graph


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]


def dashed(svg: str) -> int:
    return svg.count("stroke-dasharray")


@pytest.mark.parametrize("case", CASES)
def test_well_formed_and_the_same_each_time(case: Any) -> None:
    svg = draw_graph(*case).svg
    assert ET.fromstring(svg).tag == f"{SVG}svg"
    assert draw_graph(*case).svg == svg
    assert "<script" not in svg
    assert "nan" not in svg


@pytest.mark.parametrize("case", CASES)
def test_everything_lies_within_the_picture(case: Any) -> None:
    root = ET.fromstring(draw_graph(*case).svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height


def test_the_panel_is_opaque() -> None:
    first = next(ET.fromstring(draw_graph(doubled, X).svg).iter(f"{SVG}rect"))
    assert first.attrib["fill"] == "#ffffff"
    assert "opacity" not in first.attrib


def test_lines_of_a_drawing() -> None:
    assert texts(draw_graph(doubled, X).svg) == [
        *("[2 4]", "[2 4]"),  # the shares of the two uses of x
        *("x", "[1 2]", "grad [4 8]"),
        *("y", "[1 4]", "grad [2 2]", "×"),
        *("[2 8]", "grad [1 1]", "× 2"),
        *("10", "grad 1", "Σ"),
        *("value", "gradient"),
    ]


def test_without_gradients_there_are_none() -> None:
    drawn = texts(draw_graph(doubled, X, gradients=False).svg)
    assert [line for line in drawn if "grad" in line] == []
    assert texts(draw_graph(record_graph(doubled, X), gradients=False).svg) == drawn


def test_large_tensors_are_summarised() -> None:
    drawn = texts(draw_graph(*NETWORK).svg)
    assert "5×3: 1 … 1" in drawn
    assert max(map(len, drawn)) < 40


def test_detached_branches_are_dashed() -> None:
    assert dashed(draw_graph(doubled, X).svg) == 0
    # two nodes, four edges (x to × twice, × to u, u to ×) and the sample in the legend
    assert dashed(draw_graph(held, X).svg) == 7
    assert "detached" in texts(draw_graph(held, X).svg)


def test_a_detached_number_without_a_name_is_drawn() -> None:
    drawn = texts(draw_graph(lambda a, b: detach(a * b) * b, 2.0, 3.0).svg)
    assert "detached" in drawn
    assert "18" in drawn


def test_a_gradient_flows_back_along_each_edge_that_has_one() -> None:
    colour = re.search(r'fill="(#\w+)" font-style="italic"', draw_graph(doubled, X).svg)
    assert colour
    assert draw_graph(doubled, X).svg.count(f'stroke="{colour[1]}"') == 4 + 1  # and the legend


@pytest.mark.parametrize("kind", [nx.DiGraph, nx.MultiDiGraph])
def test_a_graph_made_by_hand(kind: Any) -> None:
    drawn = texts(draw_graph(hand_made(kind)).svg)
    assert drawn[:9] == ["a", "2", "grad 3", "b", "3", "grad 2", "6", "grad 1", "×"]


def test_two_edges_of_a_multigraph_are_two_wires() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("x", value=3.0, gradient=6.0)
    graph.add_node("y", label="×", value=9.0, gradient=1.0)
    graph.add_edges_from([("x", "y", {"gradient": 3.0}), ("x", "y", {"gradient": 3.0})])
    assert texts(draw_graph(graph).svg)[:2] == ["3", "3"]


@pytest.mark.parametrize(
    ("fn", "shown"),
    [
        (lambda x: (x * 2).sum(), "× 2"),
        (lambda x: (3 - x).sum(), "3 −"),
        (lambda x: (x**2).sum(), "^ 2"),
    ],
)
def test_a_number_is_part_of_the_symbol(fn: Any, shown: str) -> None:
    assert shown in texts(draw_graph(fn, X).svg)


@pytest.mark.parametrize("kind", [nx.DiGraph, nx.MultiDiGraph])
def test_a_number_whose_place_is_not_said_is_a_node(kind: Any) -> None:
    graph = kind([("2", "y"), ("x", "y")])
    graph.nodes["2"].update(kind="constant", value=2.0)
    graph.nodes["y"]["label"] = "−"
    assert texts(draw_graph(graph).svg)[:3] == ["2", "x", "−"]


def test_nothing_but_nodes() -> None:
    assert texts(draw_graph(nx.DiGraph([("a", "b")])).svg)[:2] == ["a", "b"]


@pytest.mark.parametrize("label", ["<b>&\"'", "a\x00b", "]]>", "x" * 200, "变量"])
def test_names_are_escaped(label: str) -> None:
    graph = nx.DiGraph()
    graph.add_node(0, name=label, value=1.0)
    shown = texts(draw_graph(graph).svg)[0]
    assert shown == label.replace("\x00", "\ufffd")[:31] + "…" * (len(label) > 32)
    line = to_mermaid(graph).splitlines()[1]
    assert line.count('"') == 2
    assert "<b>" not in line


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.DiGraph(), "empty"),
        (nx.Graph([(0, 1)]), "DiGraph"),
        (nx.DiGraph([(0, 1), (1, 0)]), "cycle"),
    ],
)
@pytest.mark.parametrize("use", [draw_graph, to_mermaid])
def test_what_is_no_computation_graph(graph: Any, message: str, use: Any) -> None:
    with pytest.raises(GradientError, match=message):
        use(graph)


@pytest.mark.parametrize("further", [{"args": (X,)}, {"names": ["x"]}])
def test_a_graph_takes_no_arguments(further: Any) -> None:
    with pytest.raises(GradientError, match="drawn as it is"):
        draw_graph(hand_made(), *further.pop("args", ()), **further)


def test_the_error_names_the_function_that_was_called() -> None:
    with pytest.raises(GradientError, match="draw_graph takes a function"):
        draw_graph(X)
    with pytest.raises(GradientError, match="record_graph takes a function"):
        record_graph(X)


def test_too_many_nodes() -> None:
    draw_graph(hand_made(), max_nodes=3)
    with pytest.raises(GradientError, match=r"3 nodes, 1 of them operators.*max_nodes=3"):
        draw_graph(hand_made(), max_nodes=2)


def test_a_graph_as_deep_as_a_long_loop_is_drawn_without_recursion() -> None:
    chain = nx.path_graph(1500, create_using=nx.DiGraph)
    assert draw_graph(chain, max_nodes=1500).svg.count("<rect") == 1 + 1500 + 1499


def test_a_drawing_in_a_notebook_and_in_a_file(tmp_path: Path) -> None:
    drawing = draw_graph(doubled, X)
    drawing.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text("utf-8") == drawing.svg == drawing._repr_svg_()


def test_mermaid() -> None:
    assert to_mermaid(record_graph(held, X)).splitlines() == [
        "flowchart TD",
        '    n0(["x<br/>#91;1 2#93;<br/>grad #91;1 4#93;"])',
        '    n1("×<br/>#91;1 4#93;")',
        '    n2["u<br/>#91;1 4#93;"]',
        '    n3("×<br/>#91;1 8#93;<br/>grad #91;1 1#93;")',
        '    n4("Σ<br/>9<br/>grad 1")',
        "    n0 -.-> n1",
        "    n0 -.-> n1",
        "    n1 -.-> n2",
        "    n2 -.-> n3",
        "    n0 --> n3",
        "    n3 --> n4",
        "    classDef detached stroke-dasharray: 4 3",
        "    class n1,n2 detached",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2, "2"),
        (-0.123456, "−0.1235"),
        (-0.0, "0"),
        (True, "True"),
        (np.float32(1e-8), "1e−08"),
        (float("nan"), "nan"),
        (np.array([1.0, -2.0]), "[1 −2]"),
        (np.eye(2), "[[1 0] [0 1]]"),
        (np.full((4, 1), 0.123456), "4×1: 0.1235 … 0.1235"),
        (np.arange(6.0).reshape(2, 3), "2×3: 0 … 5"),
        (np.zeros((0, 3)), "shape 0×3"),
        (X, "[1 2]"),
    ],
)
def test_values_in_brief(value: Any, shown: str) -> None:
    assert brief(value) == shown


def test_an_operator_without_a_symbol_keeps_its_name() -> None:
    assert [symbol(name) for name in ("Mul", "SumExt", "Erfinv")] == ["×", "Σ", "Erfinv"]


def test_layout_keeps_neighbours_apart_and_long_edges_clear_of_nodes() -> None:
    widths = [50.0, 80.0, 60.0, 40.0]
    edges = {(0, 1): 1.0, (1, 2): 1.0, (0, 3): 1.0, (2, 3): 1.0}
    centres, routes = layered(widths, edges, 20, 100)
    assert [y for _, y in centres] == [0, 100, 200, 300]
    for (x, y), node in zip(routes[0, 3], (1, 2), strict=True):
        assert y == centres[node][1]
        assert abs(x - centres[node][0]) > widths[node] / 2 + 10
