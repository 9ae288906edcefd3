"""compile=True: once for each function and signature, anew for new captures, and no longer kept."""

import gc
import linecache
import types
import weakref
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import C, X, assert_tree, tensor
from closeness import assert_tensor
from mindspore import nn, ops
from mindspore.graph.api import ms_compile_cache
from modes import graph_mode

from d2l_autograd import (
    GradientError,
    attach_grad,
    backward,
    detach,
    grad,
    value_and_grad,
    vjp,
)
from d2l_autograd.engine import programs
from d2l_autograd.mindspore_internals.graph import Graph


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list that each compilation adds to."""
    made: list[Any] = []
    graph = Graph

    def noting(step: Callable[..., Any]) -> Callable[..., Any]:
        made.append(step)
        return graph(step)

    monkeypatch.setattr(programs, "Graph", noting)
    return made


def test_a_lambda_made_again_in_a_loop_compiles_once(compilations: list[Any]) -> None:
    for _ in range(5):
        assert_tensor(grad(lambda x: (x**3).sum(), compile=True)(tensor(X)), 3 * X**2)
    assert len(compilations) == 1


def scaled_squares(factor: float) -> Callable[[Any], Any]:
    return lambda x: (factor * x**2).sum()


def test_captured_values_that_change_compile_anew(compilations: list[Any]) -> None:
    for factor in (2.0, 3.0, 2.0):
        gradient = grad(scaled_squares(factor), compile=True)
        assert_tensor(gradient(tensor(X)), np.float32(2 * factor) * X)
    assert len(compilations) == 2


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


def from_source(source: str, name: str) -> Callable[..., Any]:
    """Return a function of a module that nothing else refers to."""
    namespace: dict[str, Any] = {"__name__": __name__}
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)
    made = namespace.pop("cubes")
    assert isinstance(made, types.FunctionType)
    return made


@pytest.mark.parametrize("value", ["(x**3).sum()", "(x**3 + 0 * ops.randn(3)).sum()"])
def test_nothing_outlives_the_function(value: str) -> None:
    source = f"from mindspore import ops\ndef cubes(x):\n    return {value}\n"
    fn = from_source(source, "<made for a test>")
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


def test_a_weight_that_changes_compiles_nothing(compilations: list[Any]) -> None:
    net = nn.SequentialCell(nn.Dense(1, 4), nn.Tanh(), nn.Dense(4, 1))
    points = tensor(np.linspace(0, 1, 5).reshape(5, 1))
    slope = grad(lambda x: net(x).sum())
    bend = grad(lambda x: slope(x).sum(), compile=True)
    for step in range(4):
        net[0].weight.set_data(net[0].weight + 0.1 * step)
        exact = grad(lambda x: slope(x).sum())(points).asnumpy()
        np.testing.assert_allclose(bend(points).asnumpy(), exact, rtol=1e-4, atol=1e-6)
    assert len(compilations) == 1


def labels(random: Any, shape: Any = 5) -> Any:
    return tensor(random.integers(0, 3, shape), ms.int32)


def scores(random: Any) -> Any:
    return tensor(random.normal(size=(5, 4)))


def images(random: Any) -> Any:
    return tensor(random.normal(size=(2, 1, 6, 6)))


NET = nn.SequentialCell(
    nn.Conv2d(1, 2, 3, pad_mode="same"), nn.ReLU(), nn.MaxPool2d(3, 2, pad_mode="same"),
    nn.AvgPool2d(2, 1), nn.Flatten(),
)  # fmt: skip
BATCHES: dict[str, tuple[Callable[..., Any], Callable[[Any], tuple[Any, ...]]]] = {
    "cross-entropy": (
        lambda w, x, y: ops.cross_entropy(x @ w, y),
        lambda random: (scores(random), labels(random)),
    ),
    "negative log-likelihood": (
        lambda w, x, y: ops.nll_loss(ops.log_softmax(x @ w), y),
        lambda random: (scores(random), labels(random)),
    ),
    "labels one-hot": (
        lambda w, x, y: (ops.one_hot(y, 3) * ops.log_softmax(x @ w)).sum(),
        lambda random: (scores(random), labels(random)),
    ),
    "rows of a table": (
        lambda w, y: (ops.gather(w, y, 0) ** 2).sum(),
        lambda random: (labels(random),),
    ),
    "rows by an index": (
        lambda w, y: (w[y] ** 2).sum(),
        lambda random: (labels(random, (2, 3)) - 2,),
    ),
    "a row": (lambda w, y: (w[y] ** 2).sum(), lambda random: (labels(random, ()) - 2,)),
    "entries by two indices": (
        lambda w, y: (w[ops.arange(4), y] ** 2).sum() + (w[1, y] ** 3).sum(),
        lambda random: (labels(random, 4) - 1,),
    ),
    "a second derivative by rows": (
        lambda w, y: (grad(lambda w: (w[y] ** 3).sum())(w) ** 2).sum(),
        lambda random: (labels(random),),
    ),
    "a convolution": (
        lambda w, x: (ops.conv2d(x, w.reshape(3, 1, 2, 2)) ** 2).sum(),
        lambda random: (images(random),),
    ),
    "a convolutional network": (
        lambda w, x: (NET(x)[:, :4] @ w).sum(),
        lambda random: (images(random),),
    ),
    "a second derivative of a convolution": (
        lambda w, x: (grad(lambda w: (ops.conv2d(x, w.reshape(3, 1, 2, 2)) ** 3).sum())(w)).sum(),
        lambda random: (images(random),),
    ),
    "along an axis": (
        lambda w, y: (ops.gather_elements(w, 1, y - 3) ** 2).sum(),
        lambda random: (labels(random, (4, 2)),),
    ),
    "largest": (
        lambda w, x: ops.max(x @ w, axis=1)[0].sum(),
        lambda random: (scores(random),),
    ),
    "sorted": (
        lambda w, x: (ops.sort(x @ w)[0][:, 1:] ** 2).sum(),
        lambda random: (scores(random),),
    ),
}


@pytest.mark.parametrize("name", BATCHES)
def test_new_batches_compile_nothing(name: str, compilations: list[Any]) -> None:
    fn, batch = BATCHES[name]
    random = np.random.default_rng(0)
    w = tensor(random.normal(size=(4, 3)))
    step, eager = value_and_grad(fn, compile=True), value_and_grad(fn)
    for _ in range(6):
        given = batch(random)
        for found, exact in zip(step(w, *given), eager(w, *given), strict=True):
            np.testing.assert_allclose(found.asnumpy(), exact.asnumpy(), rtol=1e-4, atol=1e-6)
    assert len(compilations) == 1


def test_no_old_branch(compilations: list[Any]) -> None:
    def fn(x: Any) -> Any:
        return (x**2).sum() if x.sum() > 0 else (x**3).sum() * 2**-1

    gradient = grad(fn, compile=True)
    for x in (X, -X, X, -X, 2 * X):
        exact = 2 * x if x.sum() > 0 else 1.5 * x**2
        np.testing.assert_allclose(gradient(tensor(x)).asnumpy(), exact, rtol=1e-5)
    assert 1 <= len(compilations) <= 2


def test_no_old_constant_and_no_old_draw() -> None:
    scale = {"by": 2.0}
    random = np.random.RandomState(0)
    scaled = grad(lambda x: (scale["by"] * x).sum(), compile=True)
    noisy = grad(lambda x: (x * tensor(random.randn(*X.shape))).sum(), compile=True)
    for by in (2.0, 3.0):
        scale["by"] = by
        assert_tensor(scaled(tensor(X)), np.full_like(X, by))
    draws = [noisy(tensor(X)).asnumpy() for _ in range(3)]
    again = np.random.RandomState(0)
    for draw in draws:
        np.testing.assert_allclose(draw, again.randn(*X.shape), rtol=1e-6)


def test_dropout_is_drawn_anew() -> None:
    drop = nn.Dropout(p=0.5).set_train()
    gradient = grad(lambda x: drop(x).sum(), compile=True)
    x = tensor(np.ones(64))
    masks = [tuple(gradient(x).asnumpy().tolist()) for _ in range(3)]
    assert len(set(masks)) == 3
    assert all(set(mask) == {0.0, 2.0} for mask in masks)


def test_graph_mode_compiles_as_well(compilations: list[Any]) -> None:
    gradient = grad(lambda x: (x**3).sum())
    with graph_mode():
        for factor in (1, 2):
            x = np.float32(factor) * X
            np.testing.assert_allclose(gradient(tensor(x)).asnumpy(), 3 * x**2, rtol=1e-5)
    assert len(compilations) == 1


def test_backward_trains_in_one_graph(compilations: list[Any]) -> None:
    net = nn.SequentialCell(nn.Dense(2, 4), nn.Tanh(), nn.Dense(4, 1))
    weights = [attach_grad(weight) for weight in net.trainable_params()]
    learner = nn.SGD(weights, 0.1)
    random = np.random.RandomState(0)
    for _ in range(4):
        loss = loss_of_batch(net, tensor(random.rand(5, 2)), tensor(random.rand(5, 1)))
        exact_value = backward(loss, *weights)
        exact = [weight.grad.asnumpy() for weight in weights]
        value = backward(loss, *weights, compile=True)
        found = [weight.grad.asnumpy() for weight in weights]
        np.testing.assert_allclose(value.asnumpy(), exact_value.asnumpy(), rtol=1e-5)
        for gradient, exact_gradient in zip(found, exact, strict=True):
            np.testing.assert_allclose(gradient, exact_gradient, rtol=1e-4, atol=1e-6)
        learner(tuple(weight.grad for weight in weights))
    assert len(compilations) == 1


def loss_of_batch(net: nn.Cell, points: Any, targets: Any) -> Callable[[], Any]:
    return lambda: ((net(points) - targets) ** 2).mean()


def test_backward_compiled_heeds_what_is_frozen_and_what_is_there() -> None:
    x, y = attach_grad(tensor(X)), attach_grad(tensor(C))

    def fn() -> Any:
        return (x * x * y).sum()

    for _ in range(3):
        backward(fn, x, y, compile=True)
    assert_tensor(x.grad, 2 * X * C)
    assert_tensor(y.grad, X**2)
    backward(fn, x, accumulate=True, compile=True)
    assert_tensor(x.grad, 4 * X * C)
    y.requires_grad = False
    y.set_data(tensor(2 * C))
    for _ in range(3):
        backward(fn, x, y, compile=True)
    assert_tensor(x.grad, 4 * X * C)
    assert_tensor(y.grad, X**2)
    with graph_mode():
        for _ in range(3):
            backward(fn, x)
    assert_tensor(x.grad, 4 * X * C)


def test_an_operator_that_refuses_later_numbers_says_so_in_our_words() -> None:
    gradient = grad(lambda x: ops.cholesky(x).sum(), compile=True)
    for _ in range(3):
        found = gradient(tensor([[4.0, 0.0], [0.0, 4.0]])).asnumpy()
        np.testing.assert_allclose(np.diag(found), [0.25, 0.25], rtol=1e-5)
    with pytest.raises(GradientError, match="positive definite"):
        gradient(tensor([[-4.0, 0.0], [0.0, 4.0]]))
    assert_tensor(grad(scaled_squares(1.0), compile=True)(tensor(X)), 2 * X)


def looking(x: Any) -> Any:
    return (x**2).sum() * float(x[0])


def printing(x: Any) -> Any:
    print(end="")
    return (x**2).sum()


@pytest.mark.parametrize(
    ("fn", "obstacle"),
    [
        (lambda x: ops.dropout(x, 0.5).sum(), "Dropout draws random numbers"),
        (lambda x: (x * ops.randn(3)).sum(), "StandardNormal draws random numbers"),
        (lambda x: (x + looking(detach(x))).sum(), "Python looks at numbers in it that are others"),
        (printing, "the function reaches what may be another at each call"),
    ],
)
def test_what_python_answers_is_told_once(fn: Any, obstacle: str) -> None:
    gradient = grad(fn, compile=True)
    points = [tensor(np.arange(3.0) + factor) for factor in range(1, 9)]
    with pytest.warns(UserWarning, match=f"^grad runs in Python .* since {obstacle}") as told:
        list(map(gradient, points))
    assert len(told) == 1
    assert told[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_nothing_is_told_of_what_has_nothing_to_compute() -> None:
    gradient = grad(lambda x: x.sum(), compile=True)
    for _ in range(3):
        assert_tensor(gradient(tensor(X)), np.ones_like(X))
