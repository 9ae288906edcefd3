"""The graph that is recorded is the one that MindSpore differentiates."""

import cProfile
import sys
from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import networkx as nx
import numpy as np
import pytest
from mindspore import nn, ops
from modes import graph_mode

from d2l_autograd import GradientError, detach, draw_graph, grad, record_graph

pytestmark = pytest.mark.quick

X = ms.Tensor([1.0, 2.0], ms.float32)
Y = ms.Tensor([3.0, -1.0], ms.float32)
W = ms.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], ms.float32)
SCALE = ms.Tensor([10.0, 20.0], ms.float32)
WEIGHT = ms.Parameter(ms.Tensor([0.5, 4.0], ms.float32), name="stored")


@pytest.fixture(autouse=True)
def _mindspore_is_left_as_it_was() -> Iterator[None]:
    profile, methods = sys.getprofile(), dict(vars(ms.Tensor))
    yield
    assert sys.getprofile() is profile
    assert dict(vars(ms.Tensor)) == methods
    assert ms.grad(lambda x: (x * x).sum())(X).asnumpy().tolist() == [2.0, 4.0]


def square(x: Any) -> Any:
    return (x * x).sum()


def shared(x: Any) -> Any:
    y = x * x
    return (y * y + y).sum()


def two_inputs(x: Any, y: Any) -> Any:
    return (x / y - y).sum()


def functions(x: Any) -> Any:
    return ops.exp(ops.sin(x)).mean()


def matrix(w: Any, x: Any) -> Any:
    h = w @ x
    return h.sum()


def doublings(x: Any) -> Any:
    b = x
    while b.sum() < 20:
        b = b * 2
    if b.sum() > 1000:
        b = -b
    return b.sum()


def negative(x: Any) -> Any:
    return (-x if x.sum() > 0 else x * x).sum()


def held(x: Any) -> Any:
    y = x * x
    u = detach(y)
    z = u * x
    return z.sum()


def with_constant(x: Any) -> Any:
    return (x * SCALE).sum()


def power(x: Any) -> Any:
    return (x**3.0).sum()


def reflected(x: Any) -> Any:
    return (1 / x + (2 - x)).sum()


def rebound(x: Any) -> Any:
    x = x * x
    return x.sum()


def chosen(x: Any) -> Any:
    c = x > 1
    return ops.where(c, x, -x).sum()


def identity_of_a_scalar(t: Any) -> Any:
    return t


# Each operator with the operands it has: by name where the reader gave one, else by symbol.
CASES: list[tuple[Callable[..., Any], list[Any], list[str]]] = [
    (square, [X], ["×(x,x)", "Σ(×)"]),
    (shared, [X], ["×(x,x)", "×(y,y)", "+(×,y)", "Σ(+)"]),
    (two_inputs, [X, Y], ["÷(x,y)", "−(÷,y)", "Σ(−)"]),
    (functions, [X], ["sin(x)", "exp(sin)", "mean(exp)"]),
    (matrix, [W, X], ["@(w,x)", "Σ(h)"]),
    (doublings, [X], ["×(x,2)", "×(b,2)", "×(b,2)", "Σ(b)"]),
    (negative, [X], ["neg(x)", "Σ(neg)"]),
    (negative, [Y - Y], ["×(x,x)", "Σ(×)"]),
    (held, [X], ["×(x,x)", "×(u,x)", "Σ(z)"]),
    (with_constant, [X], ["×(x,SCALE)", "Σ(×)"]),
    (power, [X], ["^(x,3)", "Σ(^)"]),
    (reflected, [X], ["1/x(x)", "×(1/x,1)", "−(2,x)", "+(×,−)", "Σ(+)"]),
    (rebound, [X], ["×(x,x)", "Σ(x)"]),
    (chosen, [X], [">(x,1)", "neg(x)", "where(c,x,neg)", "Σ(where)"]),
    (identity_of_a_scalar, [2.0], []),
]


def title(graph: Any, node: Any) -> str:
    return str(graph.nodes[node]["name"] or graph.nodes[node]["label"])


def operators(graph: Any) -> list[str]:
    """Return each operator with its operands in order."""
    lines = []
    for node, data in graph.nodes(data=True):
        if data["kind"] == "operator":
            operands = sorted(
                (position, title(graph, tail))
                for tail, _, edge in graph.in_edges(node, data=True)
                for position in edge["operands"]
            )
            lines.append(f"{data['label']}({','.join(text for _, text in operands)})")
    return lines


@pytest.mark.parametrize(("fn", "args", "expected"), CASES)
def test_operators_and_operands(fn: Any, args: list[Any], expected: list[str]) -> None:
    assert operators(record_graph(fn, *args)) == expected


@pytest.mark.parametrize(("fn", "args", "_"), CASES)
def test_gradients_are_those_of_grad(fn: Any, args: list[Any], _: Any) -> None:
    graph = record_graph(fn, *args)
    inputs = [data for _, data in graph.nodes(data=True) if data["kind"] == "input"]
    expected = grad(fn, tuple(range(len(args))))(*args)
    assert len(inputs) == len(expected) == len(args)
    for data, gradient in zip(inputs, expected, strict=True):
        np.testing.assert_allclose(data["gradient"], gradient.asnumpy(), rtol=1e-6)


@pytest.mark.parametrize(("fn", "args", "_"), CASES)
def test_every_gradient_is_the_sum_of_its_shares(fn: Any, args: list[Any], _: Any) -> None:
    graph = record_graph(fn, *args)
    for node, data in graph.nodes(data=True):
        shares = [edge["gradient"] for _, _, edge in graph.out_edges(node, data=True)]
        found = [share for share in shares if share is not None]
        if found:
            np.testing.assert_allclose(data["gradient"], sum(found), rtol=1e-6)
        assert data["value"] is not None
        assert data["shape"] == data["value"].shape


def node_named(graph: Any, name: str) -> Any:
    (found,) = [data for _, data in graph.nodes(data=True) if data["name"] == name]
    return found


def test_values_and_gradients_by_hand() -> None:
    graph = record_graph(shared, X)
    y = node_named(graph, "y")
    assert (y["operator"], y["dtype"], y["shape"]) == ("Mul", "float32", (2,))
    assert y["value"].tolist() == [1.0, 4.0]
    assert y["gradient"].tolist() == [3.0, 9.0]  # 2y + 1
    uses = [edge["gradients"] for _, _, edge in graph.out_edges(1, data=True)]
    assert [[share.tolist() for share in shares] for shares in uses] == [
        [[1.0, 4.0], [1.0, 4.0]],
        [[1.0, 1.0]],
    ]
    assert graph.nodes[len(graph) - 1]["value"].tolist() == 22.0
    assert graph.nodes[len(graph) - 1]["gradient"].tolist() == 1.0


def test_a_detached_branch_is_marked_and_has_no_gradient() -> None:
    graph = record_graph(held, X)
    assert node_named(graph, "u")["value"].tolist() == [1.0, 4.0]
    for name, detached in {"x": False, "y": True, "u": True, "z": False}.items():
        assert node_named(graph, name)["detached"] is detached
        assert (node_named(graph, name)["gradient"] is None) is detached
    marked = {(title(graph, a), title(graph, b)) for a, b, d in graph.edges(data="detached") if d}
    assert marked == {("x", "y"), ("y", "u"), ("u", "z")}


def test_values_written_in_place_are_those_of_their_time() -> None:
    def written(x: Any) -> Any:
        v = x * 1.0
        v += x
        return v.sum()

    graph = record_graph(written, X)
    assert [graph.nodes[node]["value"].tolist() for node in (2, 3)] == [[1.0, 2.0], [2.0, 4.0]]


def test_without_gradients_a_value_may_have_any_shape() -> None:
    graph = record_graph(lambda x: x * x, X, gradients=False)
    assert operators(graph) == ["×(x,x)"]
    assert [data for _, data in graph.nodes(data="gradient") if data is not None] == []
    assert [data for _, _, data in graph.edges(data="gradient") if data is not None] == []


def test_a_captured_parameter_is_an_input() -> None:
    graph = record_graph(lambda x: (x * WEIGHT).sum(), X)
    assert node_named(graph, "WEIGHT")["kind"] == "input"
    assert node_named(graph, "WEIGHT")["gradient"].tolist() == [1.0, 2.0]


def test_a_network_has_its_weights_as_inputs() -> None:
    network = nn.Dense(2, 1)
    graph = record_graph(network, ms.Tensor([[1.0, 2.0]]))
    weights = [data for _, data in graph.nodes(data=True) if data["kind"] == "input"][1:]
    assert [data["gradient"].tolist() for data in weights] == [[[1.0, 2.0]], [1.0]]


def test_an_operator_with_several_values_has_none_of_its_own() -> None:
    def parts(x: Any) -> Any:
        a, b = ops.split(x, 1)
        return (a * b).sum()

    graph = record_graph(parts, X)
    split = next(data for _, data in graph.nodes(data=True) if data["label"] == "Split")
    assert [split[key] for key in ("name", "value", "shape", "gradient")] == [None] * 4
    assert graph.nodes[0]["gradient"].tolist() == [2.0, 1.0]
    draw_graph(graph)


def test_names() -> None:
    def of(*args: Any, **kwargs: Any) -> list[str]:
        graph = record_graph(*args, **kwargs)
        return [data["name"] for _, data in graph.nodes(data=True) if data["kind"] == "input"]

    assert of(two_inputs, X, Y) == ["x", "y"]
    assert of(two_inputs, X, Y, names=["p", "q"]) == ["p", "q"]
    assert of(two_inputs, X, X) == ["x", "y"]
    assert of(lambda *xs: (xs[0] * xs[1]).sum(), X, 2.0) == ["xs[0]", "xs[1]"]
    assert of(lambda x, n: (x * n).sum(), np.ones(3, "float32"), 3) == ["x"]


def test_the_graph_is_a_directed_acyclic_one_in_the_order_of_the_computation() -> None:
    graph = record_graph(shared, X)
    assert nx.is_directed_acyclic_graph(graph)
    assert all(tail < head for tail, head in graph.edges)
    assert list(graph) == list(range(5))


def test_a_long_chain_is_recorded_without_recursion() -> None:
    def chain(x: Any) -> Any:
        for _ in range(1100):  # Python allows 1000 calls inside each other
            x = x * 1.5
        return x

    assert len(record_graph(chain, 1e-9)) == 2201  # with the number of each operator
    assert ">1098 more rounds<" in draw_graph(chain, 1e-9).svg


def nothing(x: Any) -> Any:
    return None


def squares(x: Any) -> Any:
    return x * x


def constant(x: Any) -> Any:
    return ms.Tensor(1.0)


def wholly_detached(x: Any) -> Any:
    return detach(x).sum()


def raw_gradient(x: Any) -> Any:
    return ms.grad(square)(x).sum()


def our_gradient(x: Any) -> Any:
    return grad(square)(x).sum()


def draws(x: Any) -> Any:
    record_graph(square, x)
    return x.sum()


compiled = ms.jit(square)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((3, X), "takes a function and was given the int 3"),
        ((X,), "without calling it"),
        ((nothing, X), "returned None"),
        ((lambda x: (x, x), X), "returned a tuple"),
        ((squares, X), r"shape \(2,\).*gradients=False.*\.sum\(\)"),
        ((square,), "no floating-point tensor"),
        ((square, 3), "no floating-point tensor"),
        ((square, ms.Tensor([1, 2])), "no floating-point tensor"),
        ((constant, X), "Nothing was recorded"),
        ((wholly_detached, X), "Nothing was recorded"),
        ((draws, X), "Ask for it outside"),
    ],
)
def test_what_cannot_be_recorded(args: Any, message: str) -> None:
    with pytest.raises(GradientError, match=message):
        record_graph(*args)


@pytest.mark.parametrize("names", ["x", ["x", "y"], []])
def test_wrong_number_of_names(names: Any) -> None:
    with pytest.raises(GradientError, match="one name for each"):
        record_graph(square, X, names=names)


def test_graph_mode_is_left_for_a_while() -> None:
    with graph_mode():
        assert operators(record_graph(square, X)) == ["×(x,x)", "Σ(×)"]
        assert ms.get_context("mode") == ms.GRAPH_MODE


def test_the_functions_own_error_comes_through() -> None:
    def fails(x: Any) -> Any:
        raise KeyError("mine") if x.sum() > 0 else ValueError

    with pytest.raises(KeyError, match="mine"):
        record_graph(fails, X)


@pytest.mark.parametrize("fn", [raw_gradient, our_gradient])
def test_a_function_that_takes_a_gradient(fn: Callable[[Any], Any]) -> None:
    graph = record_graph(fn, X)
    assert graph.nodes[0]["gradient"].tolist() == [2.0, 2.0]


def test_a_compiled_function_is_the_python_that_it_is_made_of() -> None:
    assert operators(record_graph(compiled, X)) == ["×(x,x)", "Σ(×)"]


def test_trees_as_arguments() -> None:
    def loss(weights: Any, x: Any) -> Any:
        return (weights["w"] * x + weights["b"]).sum()

    graph = record_graph(loss, {"w": X, "b": 1.0}, Y)
    inputs = [data["name"] for _, data in graph.nodes(data=True) if data["kind"] == "input"]
    assert inputs == ["weights['w']", "weights['b']", "x"]
    assert node_named(graph, "weights['w']")["gradient"].tolist() == [3.0, -1.0]


def layers() -> Any:
    return nn.SequentialCell(nn.Dense(2, 2), nn.Dense(2, 1))


NETWORK, ENCODER, DECODER, STAGES = layers(), layers(), layers(), [nn.Dense(2, 2), nn.Dense(2, 1)]
NAMES_OF_WEIGHTS: list[tuple[Any, list[str]]] = [
    (NETWORK, ["0.weight", "0.bias", "1.weight", "1.bias"]),
    (lambda x: NETWORK(x).sum(), ["0.weight", "0.bias", "1.weight", "1.bias"]),
    (lambda x: (ENCODER(x) + DECODER(x)).sum(), [
        f"{net}.{layer}.{part}"
        for net in ("ENCODER", "DECODER") for layer in (0, 1) for part in ("weight", "bias")
    ]),
    (lambda x: STAGES[1](STAGES[0](x)).sum(), [
        "STAGES[0].weight", "STAGES[0].bias", "STAGES[1].weight", "STAGES[1].bias",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "names"), NAMES_OF_WEIGHTS)
def test_weights_have_their_full_names(fn: Any, names: list[str]) -> None:
    graph = record_graph(fn, ms.Tensor([[1.0, 2.0]]))
    inputs = [data["name"] for _, data in graph.nodes(data=True) if data["kind"] == "input"]
    assert inputs[1:] == names


def test_a_profiler_goes_on_after_a_run_was_watched() -> None:
    profile = cProfile.Profile()
    profile.enable()
    record_graph(square, X)
    here: Any = sys.getprofile()
    profile.disable()
    assert here is profile
    calls: list[str] = []
    sys.setprofile(lambda frame, event, arg: calls.append(event))
    try:
        record_graph(square, X)
        assert sys.getprofile() is not None
    finally:
        sys.setprofile(None)
    assert calls
