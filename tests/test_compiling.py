"""compile=True: once for each function and signature, anew for new captures, and no longer kept."""

import gc
import linecache
import time
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from calculus import C, X, assert_tree, tensor
from closeness import assert_tensor
from mindspore.graph.api import ms_compile_cache

from d2l_autograd import grad, value_and_grad, vjp
from d2l_autograd.arguments.trees import leaves
from d2l_autograd.engine import compiled


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list that each compilation adds to."""
    made: list[Any] = []
    graph = compiled._graph

    def noting(step: Callable[..., Any]) -> Callable[..., Any]:
        made.append(step)
        return graph(step)

    monkeypatch.setattr(compiled, "_graph", noting)
    return made


def test_a_lambda_made_again_in_a_loop_compiles_once(compilations: list[Any]) -> None:
    for _ in range(5):
        assert_tensor(grad(lambda x: (x**3).sum(), compile=True)(tensor(X)), 3 * X**2)
    assert len(compilations) == 2  # of the gradient and, for a comparison, of the value


def scaled_squares(factor: float) -> Callable[[Any], Any]:
    return lambda x: (factor * x**2).sum()


def test_captured_values_that_change_compile_anew(compilations: list[Any]) -> None:
    for factor in (2.0, 3.0, 2.0):
        gradient = grad(scaled_squares(factor), compile=True)
        assert_tensor(gradient(tensor(X)), np.float32(2 * factor) * X)
    assert len(compilations) == 4


@pytest.mark.parametrize("derivative", [grad, value_and_grad, vjp])
def test_the_same_as_eager(derivative: Any) -> None:
    def fn(x: Any, c: Any) -> Any:
        return (c * x**3).sum()

    more = (np.float32(2),) if derivative is vjp else ()
    exact = 3 * C * X**2
    expected = {grad: exact, value_and_grad: ((C * X**3).sum(), exact), vjp: 2 * exact}
    for compile in (False, True):
        found = derivative(fn, compile=compile)(X, C, *more)
        assert_tree(found, expected[derivative])


def test_a_gradient_alone_does_without_what_only_the_value_takes() -> None:
    def fn(x: Any, y: Any) -> Any:
        return (x**3).sum() + (y @ y @ y @ y).sum()

    y = tensor(np.full((600, 600), 1e-3))
    seconds = {}
    for derivative in (grad, value_and_grad):
        compiled = derivative(fn, compile=True)
        compiled(tensor(X), y)
        started = time.perf_counter()
        for _ in range(5):
            leaves(compiled(tensor(X), y))[-1].asnumpy()
        seconds[derivative] = time.perf_counter() - started
    assert seconds[grad] < seconds[value_and_grad] / 3


def from_source(source: str, name: str) -> Callable[..., Any]:
    """Return a function of a module that nothing else refers to."""
    namespace: dict[str, Any] = {"__name__": __name__}
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)
    made = namespace.pop("cubes")
    assert isinstance(made, types.FunctionType)
    return made


def test_nothing_outlives_the_function() -> None:
    fn = from_source("def cubes(x):\n    return (x**3).sum()\n", "<made for a test>")
    code = weakref.ref(fn.__code__)
    gradient = grad(fn, compile=True)
    assert_tensor(gradient(tensor(X)), 3 * X**2)
    del fn, gradient
    gc.collect()
    assert code() is None


def test_mindspore_forgets_the_graphs_of_a_function_that_is_gone() -> None:
    before = set(ms_compile_cache)
    result = grad(from_source("def cubes(x):\n    return (x**3).sum()\n", "<gone>"), compile=True)(
        tensor(X)
    )
    graphs = set(ms_compile_cache) - before
    gc.collect()
    grad(lambda x: (x**4).sum(), compile=True)(tensor(X))
    assert graphs
    assert graphs.isdisjoint(ms_compile_cache)
    assert_tensor(result, 3 * X**2)


def test_the_graph_is_done_when_its_gradient_is_returned() -> None:
    def f(x: Any) -> Any:
        for _ in range(12):
            x = (x @ x).tanh()
        return x.sum()

    x = tensor(np.random.RandomState(0).randn(500, 500) / 500)
    gradient = grad(f, compile=True)
    gradient(x)
    start = time.perf_counter()
    found = gradient(x)
    returned = time.perf_counter()
    found.asnumpy()
    assert time.perf_counter() - returned < (returned - start) / 2


def test_a_part_of_a_tensor_is_as_good_as_a_whole_one() -> None:
    def grown(x: Any) -> Any:
        while x.sum() < 10:
            x = x * 2
        return (x * x).sum()

    whole = tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    gradient = grad(grown, compile=True)
    gradient(tensor([0.1, 0.2, 0.3]))
    for part, factor in ((whole[0], 32), (whole[1], 8), (whole.T[:, 1], 8)):
        assert_tensor(gradient(part), 2 * factor**2 * part.asnumpy())
