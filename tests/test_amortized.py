"""Matrices that have been computed often: a graph answers, as Python would."""

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

from d2l_autograd import grad, hessian, jacobian
from d2l_autograd.derivatives import matrices
from d2l_autograd.engine import amortized, batches

_numbers = itertools.count()
X = np.array([0.3, -0.8, 1.2], np.float32)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("_FIRST", 0), ("_OFTEN", 0), ("_FEWEST", 3)):
        monkeypatch.setattr(amortized, name, number)


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


def test_a_derivative_that_is_made_anew_each_time_comes_to_a_graph_too(rows: list[int]) -> None:
    fn = fresh(wave)
    for x in points():
        hessian(fn)(x)
    assert len(rows) == 5


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


def test_a_hook_is_called_each_time() -> None:
    called = []

    def fn(x: Tensor) -> Tensor:
        y = ops.sin(x)
        y.register_hook(double)
        return (y * y).sum()

    def double(gradient: Tensor) -> Tensor:
        called.append(gradient)
        return gradient * 2

    derivative = hessian(fn)
    before = 0
    for x in points():
        derivative(x)
        assert len(called) > before
        before = len(called)


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
