"""Derivatives that have been computed often: a graph answers, as Python would."""

import gc
import itertools
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import Tensor, nn, ops
from mindspore.graph.api import ms_compile_cache

from d2l_autograd import (
    attach_grad,
    backward,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_sample_grad,
    value_and_grad,
    vjp,
)
from d2l_autograd.arguments.trees import tensors
from d2l_autograd.derivatives import matrices
from d2l_autograd.engine import amortized, batches
from d2l_autograd.engine.run import Run
from d2l_autograd.mindspore_internals.graph import Graph

pytestmark = pytest.mark.usefixtures("graphs_come_soon")

_numbers = itertools.count()
X = np.array([0.3, -0.8, 1.2], np.float32)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that Python has computed the rows of a matrix."""
    found: list[int] = []
    compute = batches.run_batched

    def run_batched(*given: Any) -> Any:
        found.append(len(found))
        return compute(*given)

    monkeypatch.setattr(matrices, "run_batched", run_batched)
    return found


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """One entry for each time that a graph has run: by which names MindSpore knows it."""
    found: list[set[str]] = []
    run = Graph.__call__

    def noted(graph: Graph, *given: Any) -> Any:
        result = run(graph, *given)
        found.append({name for name in ms_compile_cache if name.startswith(graph._prefix)})
        return result

    monkeypatch.setattr(Graph, "__call__", noted)
    return found


def points(number: int = 8) -> Iterator[Tensor]:
    for index in range(number):
        yield Tensor(X * (1 + index / 10))


def fresh(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return fn with code of its own, for which no graph is kept."""
    name = f"fresh_{next(_numbers)}"
    names: dict[str, Any] = {"fn": fn}
    exec(f"def {name}(*args): return fn(*args)", names)
    made: Callable[..., Any] = names[name]
    return made


def exactly(make: Callable[..., Any], fn: Callable[..., Any], *args: Any) -> Any:
    """Return what Python computes."""
    return make(fresh(fn))(*args)


def close(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, (tuple, list)):
        return all(map(close, found, wanted))
    if isinstance(wanted, dict):
        return all(close(found[key], part) for key, part in wanted.items())
    return np.allclose(found.asnumpy(), wanted.asnumpy(), rtol=1e-5, atol=1e-6)


def wave(x: Tensor) -> Tensor:
    return ops.sin(x * x).sum() * x.sum()


def curl(x: Tensor) -> Tensor:
    return ops.tanh(x[::-1]) * x + x[1]


@pytest.mark.parametrize(("make", "fn"), [(hessian, wave), (jacobian, curl), (jacobian, wave)])
def test_a_matrix_that_was_computed_often_comes_from_a_graph(
    make: Any, fn: Any, rows: list[int]
) -> None:
    derivative = make(fresh(fn))
    found = [derivative(x) for x in points()]
    assert len(rows) == 5  # three, one that is traced, and one more beside which the graph is tried
    assert all(close(one, exactly(make, fn, x)) for one, x in zip(found, points(), strict=True))


def backward_by(fn: Callable[..., Any]) -> Callable[..., Any]:
    variable = attach_grad(Tensor(X))

    def derivative(x: Tensor) -> Any:
        variable.set_data(x)
        value = backward(fn, variable)
        return value, variable.grad.copy()

    return derivative


def total(x: Tensor, y: Tensor) -> Tensor:
    return ((x + y) ** 3).sum()


def both(x: Tensor, y: Tensor) -> Any:
    return x + y, x.reshape(3, 1) * y


def loss_of_sample(x: Tensor, y: Tensor) -> Tensor:
    return ops.tanh((x * y).sum()) ** 2


BATCH = Tensor(np.outer([1.0, -2.0], X).astype(np.float32))
TALL = Tensor(X.reshape(3, 1) * np.array([0.5, 1.0, 2.0], np.float32))
KINDS: dict[str, Callable[[Tensor], tuple[Any, Any, Any]]] = {
    "grad": lambda x: (grad, wave, (x,)),
    "grad by two": lambda x: (lambda fn: grad(fn, (0, 1)), total, (x, x * 2)),
    "value_and_grad": lambda x: (value_and_grad, wave, (x,)),
    "backward": lambda x: (backward_by, wave, (x,)),
    "vjp": lambda x: (lambda fn: vjp(fn, (0, 1)), both, (x, x * 2, (x * 3, TALL))),
    "jvp": lambda x: (lambda fn: jvp(fn, (0, 1)), both, (x, x * 2, (x * 3, x * 4))),
    "hvp": lambda x: (lambda fn: hvp(fn, (0, 1)), total, (x, x * 2, (x * 3, x * 4))),
    "jacobian": lambda x: (jacobian, curl, (x,)),
    "hessian": lambda x: (lambda fn: hessian(fn, (0, 1)), total, (x, x * 2)),
    "per_sample_grad": lambda x: (per_sample_grad, loss_of_sample, (x, BATCH * x)),
}
"""By name: for a point, how a derivative of a function is made, that function, what it is given."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_of_mindspore_answers(kind: str, graphs: list[set[str]]) -> None:
    make, fn, _ = KINDS[kind](Tensor(X))
    derivative = make(fresh(fn))
    for x in points():
        given = KINDS[kind](x)[2]
        found = derivative(*given)
        number = len(graphs)
        assert close(found, exactly(make, fn, *given))
        assert len(graphs) == number
    assert len(graphs) == 5  # to try it, once more beside Python, and three times for an answer
    assert len(set().union(*graphs)) == 1
    assert all(graphs)


@pytest.mark.parametrize("kind", KINDS)
def test_results_share_no_memory(kind: str) -> None:
    make, fn, given = KINDS[kind](Tensor(X))
    for derivative, calls in ((make(fresh(fn)), 1), (make(fresh(fn)), 8)):
        for _ in range(calls):
            earlier = derivative(*given)
        wanted = [tensor.asnumpy().copy() for tensor in tensors([earlier, given])]
        for tensor in tensors(derivative(*given)):
            tensor.copy_(tensor * 0 + 7)
        assert all(
            np.array_equal(tensor.asnumpy(), numbers)
            for tensor, numbers in zip(tensors([earlier, given]), wanted, strict=True)
        )
        latest = tensors(derivative(*given))
        for tensor, numbers in zip(latest, wanted, strict=False):
            assert np.array_equal(tensor.asnumpy(), numbers)
            tensor.copy_(tensor * 0 + 7)


@pytest.mark.parametrize("calls", [1, 8])
def test_a_vector_that_is_its_own_product_stays_as_it_is(calls: int) -> None:
    vector = Tensor(X)
    for derivative in (vjp(fresh(lambda x: x.T)), jvp(fresh(lambda x: x.T))):
        for _ in range(calls):
            found = derivative(Tensor(X), vector)
        found[0] = 7.0
        assert np.array_equal(vector.asnumpy(), X)


def test_a_derivative_that_is_made_anew_each_time_comes_to_a_graph_too(rows: list[int]) -> None:
    fn = fresh(wave)
    for x in points():
        hessian(fn)(x)
    assert len(rows) == 5


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that a function that is differentiated has run in Python."""
    found: list[int] = []
    call = Run.of

    def noted(run: Run, *given: Any) -> Run:
        found.append(len(found))
        return call(run, *given)

    monkeypatch.setattr(Run, "of", noted)
    return found


IN_PYTHON = {"grad": 8, "value_and_grad": 8} | dict.fromkeys(
    ("vjp", "jvp", "hvp", "jacobian", "hessian", "per_sample_grad"), 5
)


@pytest.mark.parametrize("kind", IN_PYTHON)
def test_fn_becomes_part_of_the_graph_unless_of_a_gradient(kind: str, runs: list[int]) -> None:
    make, fn, _ = KINDS[kind](Tensor(X))
    derivative = make(fresh(fn))
    for x in points():
        derivative(*KINDS[kind](x)[2])
    assert len(runs) == IN_PYTHON[kind]


def test_another_shape_is_counted_anew(runs: list[int], graphs: list[set[str]]) -> None:
    derivative = hessian(fresh(lambda x: (x**3).sum()))
    for x in points():
        derivative(x)
    runs.clear()
    graphs.clear()
    for size, answers in ((2, 1), (4, 1), (3, 0), (2, 1)):
        number = len(runs)
        derivative(Tensor(np.ones(size, np.float32)))
        assert len(runs) - number == answers
    assert len(graphs) == 1  # of three numbers, as before


@pytest.mark.filterwarnings("error:.* runs in Python and not as a compiled graph")
def test_what_is_too_long_unasked_is_compiled_when_asked(
    runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amortized, "_MOST_LINES", 1)
    fn = fresh(wave)
    for compile, in_python in ((False, 8), (True, 2)):
        runs.clear()
        derivative = hessian(fn, compile=compile)
        for x in points():
            derivative(x)
        assert len(runs) == in_python


def test_fn_that_draws_runs_at_each_call(runs: list[int]) -> None:
    derivative = hessian(fresh(lambda x: (ops.sin(x) * ops.rand(3)).sum()))
    found = [tuple(derivative(Tensor(X)).asnumpy().ravel()) for _ in range(8)]
    assert len(runs) == 8
    assert len(set(found)) == 8


def test_fn_runs_once_a_call() -> None:
    calls = []

    def fn(x: Tensor) -> Tensor:
        calls.append(x)
        return wave(x)

    derivative = hessian(fn)
    for x in points():
        derivative(x)
    assert len(calls) == 8


def test_what_the_function_captures_is_what_it_captures_now(rows: list[int]) -> None:
    state = {"factor": 2.0, "weights": Tensor(X)}
    dense = nn.Dense(3, 2)

    def fn(x: Tensor) -> Tensor:
        return state["factor"] * (dense(x) ** 2).sum() * (state["weights"] * x).sum()

    derivative = hessian(fn)
    for index, x in enumerate(points(24)):
        if index % 8 == 6:
            dense.weight.set_data(dense.weight * 1.5)
            state["weights"] = state["weights"] * -2.0
        if index % 8 == 7:
            state["factor"] += 1.0
        assert close(derivative(x), exactly(hessian, fn, x))
    assert len(rows) < 48  # of which the exact ones are 24


def test_a_branch_that_is_taken_for_the_first_time_is_computed() -> None:
    def fn(x: Tensor) -> Tensor:
        return (x**3).sum() if x.sum() > 0 else (x**2).sum()

    derivative = hessian(fn)
    for index in range(30):
        x = Tensor(X if index % 9 else -X) * (1 + index / 10)
        assert close(derivative(x), exactly(hessian, fn, x))


def test_draws_are_new_each_time() -> None:
    ms.set_seed(3)
    drawn: list[Tensor] = []

    def fn(x: Tensor) -> Tensor:
        drawn.append(ops.rand(3))
        return (ops.sin(x) * drawn[-1]).sum()

    derivative = hessian(fn)
    for x in points():
        found = derivative(x).asnumpy()
        assert np.allclose(np.diag(found), -np.sin(x.asnumpy()) * drawn[-1].asnumpy(), atol=1e-6)
    assert len({str(mask.asnumpy()) for mask in drawn}) == 8


def test_indices_shapes_and_dtypes_are_told_apart() -> None:
    def fn(x: Tensor, place: int) -> Tensor:
        return (x[place] * x * x).sum()

    derivative = hessian(fn)
    for index in range(40):
        x = Tensor(np.resize(X, 3 + index % 2), ms.float64 if index % 3 else ms.float32)
        found = derivative(x, index % 3)
        assert found.dtype == x.dtype
        assert close(found, exactly(hessian, fn, x, index % 3))


def test_a_dict_and_what_is_returned_beside_the_value() -> None:
    def fn(given: dict[str, Tensor]) -> tuple[Tensor, str]:
        return (given["a"] * ops.exp(given["b"])).sum(), "beside"

    derivative = hessian(fn, has_aux=True)
    for x in points():
        found, beside = derivative({"a": x, "b": x * 2})
        assert beside == "beside"
        assert close(found, exactly(hessian, lambda d: fn(d)[0], {"a": x, "b": x * 2}))


def test_a_matrix_inside_a_derivative_stays_one_that_can_be_differentiated() -> None:
    derivative = hessian(fresh(wave))
    for x in points():
        derivative(x)
    for x in points(2):
        found = grad(lambda x: (derivative(x) ** 2).sum())(x)
        assert close(found, grad(lambda x: (hessian(lambda x: wave(x))(x) ** 2).sum())(x))


@pytest.mark.parametrize("before", [ops.sin, lambda x: x])
def test_a_hook_is_called_each_time(before: Any) -> None:
    called = []

    def fn(x: Tensor) -> Tensor:
        y = before(x)
        y.register_hook(double)
        return (y * y).sum()

    def double(gradient: Tensor) -> Tensor:
        called.append(gradient)
        return gradient * 2

    derivative = grad(fn)
    for number, x in enumerate(points(), 1):
        found = derivative(x)
        assert len(called) == number
        assert close(found, exactly(grad, lambda x: 2 * (before(x) ** 2).sum(), x))
    derivative = hessian(fn)
    for x in points():
        number = len(called)
        derivative(x)
        assert len(called) > number


def test_what_raises_raises_again() -> None:
    derivative = hessian(fresh(wave))
    for x in points():
        derivative(x)
    with pytest.raises(Exception, match="float"):
        derivative(Tensor([1, 2, 3]))
    assert close(derivative(Tensor(X)), exactly(hessian, wave, Tensor(X)))


def test_threads_have_answers_of_their_own() -> None:
    derivative = hessian(fresh(wave))
    wrong: list[Tensor] = []

    def compute(factor: float) -> None:
        for x in points(8):
            x = x * factor
            if not close(derivative(x), exactly(hessian, wave, x)):
                wrong.append(x)

    threads = [threading.Thread(target=compute, args=(1 + n / 2,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_nothing_is_kept_of_a_function_that_is_gone() -> None:
    def make() -> Callable[..., Any]:
        names: dict[str, Any] = {}
        exec("def fn(x): return (x * x * x).sum()", names)
        fn: Callable[..., Any] = names["fn"]
        return fn

    fn = make()
    derivative = hessian(fn)
    for x in points():
        derivative(x)
    code = weakref.ref(fn.__code__)
    del fn, derivative
    gc.collect()
    assert code() is None


def power(x: Tensor, exponent: Tensor) -> Tensor:
    return (x * x).pow(exponent).sum()  # its backward pass looks at the exponent


def test_numbers_that_are_looked_at_get_programs_whenever_they_come(
    graphs: list[set[str]],
) -> None:
    derivative = grad(fresh(power))
    for index in range(24):
        exponent = Tensor(1.5 + (index % 2 if index > 8 else 0))
        assert close(derivative(Tensor(X), exponent), exactly(grad, power, Tensor(X), exponent))
    assert len(set().union(*graphs)) == 2
    answered = len(graphs)
    for index in range(4):
        derivative(Tensor(X), Tensor(1.5 + index % 2))
    assert 4 <= len(graphs) - answered <= 8  # one of the two programs, or both, and none is made
    assert len(set().union(*graphs)) == 2


def test_programs_that_answer_too_seldom_are_given_up(graphs: list[set[str]]) -> None:
    derivative = grad(fresh(power))
    drawn = np.random.default_rng(0)
    for _ in range(60):
        exponent = Tensor(1.5 + float(drawn.integers(6)))
        assert close(derivative(Tensor(X), exponent), exactly(grad, power, Tensor(X), exponent))
    assert len(set().union(*graphs)) == 4
    answered = len(graphs)
    derivative(Tensor(X), Tensor(1.5))
    assert len(graphs) == answered


def test_large_tensors_are_left_to_python(rows: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amortized, "_LARGEST", 8)
    fn = fresh(wave)
    for x in points():
        hessian(fn)(x)
    assert len(rows) == 5  # of three numbers, each row of the matrix is small enough
    rows.clear()
    for _ in range(8):
        hessian(fn)(Tensor(np.ones(9, np.float32)))
    assert len(rows) == 8


def test_where_mindspore_would_be_heard_nothing_is_compiled_unasked(
    rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLOG_v", "2")
    derivative = hessian(fresh(wave))
    for x in points():
        derivative(x)
    assert len(rows) == 8
