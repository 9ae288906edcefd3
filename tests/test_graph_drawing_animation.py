"""The animated walk back: its steps are the products, and its last picture is the drawing."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import mindspore as ms
import networkx as nx
import pytest

from d2l_autograd import GradientError, animate_backward, detach, draw_graph, record_graph
from d2l_autograd.graph_drawing.animation import steps_back
from d2l_autograd.graph_drawing.form import form

SVG = "{http://www.w3.org/2000/svg}"
X = ms.Tensor([1.0, 2.0], ms.float32)


def product(x: Any, y: Any) -> Any:
    a = x * y
    b = a + x
    return a * b


def square(x: Any) -> Any:
    return x * x


def held(x: Any) -> Any:
    return (detach(x * x) * x).sum()


def texts(svg: str, *, captions: bool) -> list[str]:
    found = ET.fromstring(svg).iter(f"{SVG}text")
    return ["".join(text.itertext()) for text in found if ("class" in text.attrib) == captions]


@pytest.mark.parametrize(
    ("fn", "args", "captions"),
    [
        (
            product,
            (2.0, 3.0),
            [
                "grad ×: 1",
                "grad a: 1 × 8 = 8",
                "grad b: 1 × 6 = 6",
                "grad a: 6 × 1 = 6,   8 + 6 = 14",
                "grad x: 6 × 1 = 6",
                "grad x: 14 × 3 = 42,   6 + 42 = 48",
                "grad y: 14 × 2 = 28",
            ],
        ),
        (square, (3.0,), ["grad ×: 1", "grad x: 1 × 3 = 3", "grad x: 1 × 3 = 3,   3 + 3 = 6"]),
        (held, (X,), ["grad Σ: 1", "grad ×: [1 1]", "grad x: [1 4]"]),
    ],
)
def test_steps(fn: Any, args: Any, captions: list[str]) -> None:
    assert [step.caption for step in steps_back(form(record_graph(fn, *args)))] == captions
    assert texts(animate_backward(fn, *args).svg, captions=True) == captions


def test_a_gradient_is_passed_on_after_all_its_parts_have_arrived() -> None:
    shown = form(record_graph(product, 2.0, 3.0))
    complete: set[int] = set()
    for wire, node, _ in steps_back(shown):
        assert wire is None or shown.wires[wire].head in complete
        complete |= set() if node is None else {node}
    assert complete == set(range(len(shown.nodes)))


@pytest.mark.parametrize(("fn", "args"), [(product, (2.0, 3.0)), (held, (X,))])
def test_without_motion_it_is_the_drawing(fn: Any, args: Any) -> None:
    moving, still = animate_backward(fn, *args).svg, draw_graph(fn, *args).svg
    assert texts(moving, captions=False) == texts(still, captions=True) + texts(
        still, captions=False
    )
    assert "prefers-reduced-motion" in moving
    assert "<script" not in moving
    assert moving == animate_backward(fn, *args).svg
    assert len(moving) < 15_000


def test_graph_by_hand() -> None:
    graph: Any = nx.DiGraph()
    graph.add_node("a", value=2.0, gradient=5.0)
    graph.add_node("c", label="f", value=3.0, gradient=1.0)
    graph.add_edge("a", "c", gradient=5.0)
    assert texts(animate_backward(graph).svg, captions=True) == ["grad f: 1", "grad a: 1 × 5 = 5"]


def test_graph_without_gradients() -> None:
    with pytest.raises(GradientError, match="nothing flows back"):
        animate_backward(record_graph(product, 2.0, 3.0, gradients=False))


def test_graph_that_is_too_large() -> None:
    def long(x: Any) -> Any:
        for _ in range(40):
            x = x * x
        return x

    with pytest.raises(GradientError, match="max_nodes"):
        animate_backward(long, 1.0)


def long(x: Any) -> Any:
    for _ in range(4):
        x = (x * 2).sin()
    return x


def test_a_tall_walk_is_scaled_to_the_window_and_a_wide_one_is_low() -> None:
    tall, wide = (animate_backward(long, 0.5, direction=way).svg for way in ("down", "right"))
    assert "max-height:95vh" in tall
    assert "max-height" not in wide
    sizes = [re.findall(r'width="([\d.]+)" height="([\d.]+)"', text)[0] for text in (tall, wide)]
    (narrow, high), (broad, low) = ((float(w), float(h)) for w, h in sizes)
    assert high > 1150 > low
    assert broad > narrow
    assert "max-height" not in animate_backward(lambda x: x * x, 0.5).svg


def test_another_direction_is_refused() -> None:
    with pytest.raises(GradientError, match="direction is 'up'"):
        animate_backward(long, 0.5, direction="up")  # type: ignore[arg-type]
