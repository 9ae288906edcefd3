"""Drawings are well-formed, the same each time, and say what the graph says."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import mindspore as ms
import networkx as nx
import numpy as np
import pytest
from mindspore import ops
from PIL import Image

from d2l_autograd import GradientError, detach, draw_graph, record_graph, to_mermaid
from d2l_autograd.graph_drawing.drawing import scene
from d2l_autograd.graph_drawing.layout import layered
from d2l_autograd.graph_drawing.picture import Emphasis
from d2l_autograd.graph_drawing.png import pixels
from d2l_autograd.graph_drawing.scene import Box, Words, flat
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
    assert "5×3: all 1" in drawn
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
    assert shown == (
        "x" * 16 + "…" + "x" * 15 if len(label) > 32 else label.replace("\x00", "\ufffd")
    )
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
    drawing.save(str(tmp_path / "graph.png"))
    content, shown = drawing._repr_png_()
    assert (
        (tmp_path / "graph.png").read_bytes() == content == draw_graph(doubled, X)._repr_png_()[0]
    )
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        assert [*image.size] == [2 * shown["width"], 2 * shown["height"]]
    with pytest.raises(GradientError, match=r"ends in '\.pdf'.*graph\.png"):
        drawing.save(tmp_path / "graph.pdf")


def test_the_png_shows_every_box_and_text_of_the_svg() -> None:
    drawing = draw_graph(held, X)
    with Image.open(io.BytesIO(drawing._repr_png_()[0])) as image:
        shown = np.asarray(image.convert("RGB")).astype(int)
    for shape in flat(drawing._scene.shapes):
        if isinstance(shape, Box):
            inside = shown[round(2 * shape.y + shape.height), round(2 * shape.x + 10)]
            fill = [int(shape.fill[place : place + 2], 16) for place in (1, 3, 5)]
            assert np.abs(inside - fill).max() < 12
        elif isinstance(shape, Words):
            x, y = 2 * shape.x, 2 * shape.y
            around = shown[round(y - 20) : round(y + 4), round(max(x - 20, 0)) : round(x + 20)]
            assert np.ptp(around) > 60


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_drawing_is_told_in_words(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_AUTOGRAD_LANG", lang)
    drawing = draw_graph(doubled, X)
    expected = {
        "en": "Computation graph with 4 nodes, from x = [1 2] to Σ = 10.",
        "zh": "计算图，共 4 个节点，从 x = [1 2] 到 Σ = 10。",
    }
    assert drawing.description == expected[lang] == drawing._repr_png_()[1]["alt"]
    assert ET.fromstring(drawing.svg).attrib["aria-label"] == expected[lang]
    legend = {"en": ["value", "gradient"], "zh": ["值", "梯度"]}
    assert texts(drawing.svg)[-2:] == legend[lang]


def boxes(svg: str) -> list[tuple[float, float]]:
    panel, *others = ET.fromstring(svg).iter(f"{SVG}rect")
    return [(float(box.attrib["x"]), float(box.attrib["y"])) for box in others]


def test_layers_run_down_or_right() -> None:
    down, right = (draw_graph(doubled, X, direction=way) for way in ("down", "right"))
    (dw, dh), (rw, rh) = ((d._scene.width, d._scene.height) for d in (down, right))
    assert dh > dw
    assert rw > rh
    assert sorted(texts(down.svg)) == sorted(texts(right.svg))
    with pytest.raises(GradientError, match="direction is 'up'.*direction=\"right\""):
        draw_graph(doubled, X, direction="up")  # type: ignore[arg-type]


def chain(*symbols: str, names: Any = ()) -> Any:
    graph = nx.DiGraph()
    graph.add_node("x", value=2.0, gradient=1.0)
    for number, symbol_ in enumerate(symbols):
        name = dict(names).get(number)
        graph.add_node(number, label=symbol_, value=2.0, gradient=1.0, name=name)
        graph.add_edge("x" if number == 0 else number - 1, number, operands=(0,), gradient=1.0)
    return graph


@pytest.mark.parametrize(
    ("graph", "shown"),
    [
        (chain("copy", "sin"), ["sin"]),
        (chain("sin", "cast", "copy", "cos"), ["sin", "cos"]),
        (chain("sin", "copy"), ["sin"]),
        (chain("copy"), ["copy"]),  # all there is
        (chain("copy", "sin", names={0: "y"}.items()), ["copy", "sin"]),  # written by the reader
    ],
)
def test_what_nobody_wrote_is_left_out(graph: Any, shown: list[str]) -> None:
    drawn = texts(draw_graph(graph).svg)
    assert [text for text in drawn if text in ("copy", "cast", "sin", "cos")] == shown


def test_a_copy_with_another_value_is_kept() -> None:
    graph = chain("cast", "sin")
    graph.nodes[0]["value"] = 3.0
    assert "cast" in texts(draw_graph(graph).svg)


def test_shares_survive_what_is_left_out() -> None:
    graph = nx.DiGraph()
    graph.add_node("x", value=2.0, gradient=7.0)
    graph.add_node("c", label="copy", value=2.0, gradient=3.0)
    graph.add_node("y", label="f", value=5.0, gradient=1.0)
    for tail, head, share in (("x", "c", 3.0), ("x", "y", 4.0), ("c", "y", 3.0)):
        graph.add_edge(tail, head, operands=(int(tail == "c"),), gradient=share)
    assert texts(draw_graph(graph).svg)[:2] == ["4", "3"]


def spokes(count: int) -> Any:
    graph = nx.DiGraph()
    graph.add_node("x", value=2.0, gradient=9.0)
    for number in range(count):
        graph.add_node(f"f{number}", label=f"f{number}", value=1.0)
        graph.add_edge("x", f"f{number}", gradient=3.0)
    return graph


@pytest.mark.parametrize(("uses", "copies"), [(1, 1), (4, 1), (5, 5), (9, 9)])
def test_an_input_with_many_uses_is_repeated(uses: int, copies: int) -> None:
    drawn = texts(draw_graph(spokes(uses)).svg)
    assert drawn.count("x") == copies
    assert drawn.count("grad 9") == 1  # the gradient adds up all uses


def horner(x: Any) -> Any:
    y = ms.Tensor(0.5)
    for number in range(15):
        y = y * x + (number + 1)
    return y


@pytest.mark.parametrize("direction", ["down", "right"])
def test_a_long_loop_fits_on_a_screen(direction: Any) -> None:
    drawing = draw_graph(horner, 2.0, direction=direction)
    assert drawing._scene.width <= 1500
    assert drawing._scene.height <= 1150
    assert [text for text in texts(drawing.svg) if "more rounds" in text] == ["13 more rounds"]


@pytest.mark.parametrize(
    ("symbols", "folded"),
    [
        (["a"] * 12, "10 more rounds"),
        (["a", "b"] * 8, "6 more rounds"),
        (["s", *["a", "b", "c"] * 6, "t"], "4 more rounds"),
        (["a"] * 5, None),  # fits as it is
        (list("abcdefghijkl"), None),  # no loop
    ],
)
def test_rounds_are_counted(symbols: list[str], folded: str | None) -> None:
    drawn = texts(draw_graph(chain(*symbols)).svg)
    assert [text for text in drawn if "more rounds" in text] == [folded] * bool(folded)


def test_a_folded_loop_counts_as_few_nodes() -> None:
    draw_graph(chain(*["a"] * 500), max_nodes=20)
    with pytest.raises(GradientError, match="61 nodes"):
        draw_graph(chain(*map(str, range(60))))


def test_frames_have_one_layout_and_show_what_is_known() -> None:
    graph = hand_made()
    whole = scene(graph)
    first = scene(graph, emphasis=Emphasis(highlighted={"c"}, with_gradient={"c"}))
    assert (first.width, first.height) == (whole.width, whole.height)
    shown = [shape.text for shape in flat(first.shapes) if isinstance(shape, Words)]
    assert [text for text in shown if text.startswith("grad ")] == ["grad 1"]
    fills = {shape.fill for shape in flat(first.shapes) if isinstance(shape, Box)}
    assert fills - {shape.fill for shape in flat(whole.shapes) if isinstance(shape, Box)} != set()
    noted = scene(graph, emphasis=Emphasis(notes={("a", "c"): "1 × 3"}))
    assert "1 × 3" in [shape.text for shape in flat(noted.shapes) if isinstance(shape, Words)]
    assert pixels(first).shape == (round(first.height), round(first.width), 4)


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
        (np.full((4, 1), 0.123456), "4×1: all 0.1235"),
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
