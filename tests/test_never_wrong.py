"""Ways to a wrong gradient: each comes out right or is refused, in eager mode, nested and in Graph.

A gradient here is that of ``expected``, the same function in NumPy's terms, by central differences.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn
from modes import graph_mode

from d2l_autograd import GradientError, backward, grad

X = np.array([1.0, 2.0, 3.0])
config = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}


def square_of_sum(x: Any) -> Any:
    return x.sum() ** 2


class Model:
    def inner(self, x: Any) -> Any:
        return ms.grad(square_of_sum)(x)

    def method(self, x: Any) -> Any:
        return (self.inner(x) ** 2).sum()

    def __call__(self, x: Any) -> Any:
        return self.method(x)


class Net(nn.Cell):
    def construct(self, x: Any) -> Any:
        return (ms.grad(square_of_sum)(x) ** 2).sum()


net, model = Net(), Model()


def through_a_cell(x: Any) -> Any:
    return net(x) * 1


def through_getattr(x: Any) -> Any:
    return (getattr(ms, "gr" + "ad")(square_of_sum)(x) ** 2).sum()


def through_an_import(x: Any) -> Any:
    from mindspore import grad as hidden

    return (hidden(square_of_sum)(x) ** 2).sum()


def swallowing(x: Any) -> Any:
    try:
        slope = grad(square_of_sum)(x)
    except:  # noqa: E722 - the bare handler is the case
        slope = x * 0.0
    return (slope * slope).sum()


def slopes_of_square_of_sum(x: Any) -> Any:
    return 3 * (2 * x.sum()) ** 2


def decorated(fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(fn)
    def twice(x: Any) -> Any:
        return 2 * fn(x)

    return twice


@decorated
def doubled(x: Any) -> Any:
    return (x * x * x).sum()


def negative_power(x: Any) -> Any:
    return (2**-1 * x * x * x).sum()


def appended(x: Any) -> Any:
    first = [1.0]
    second = first
    second.append(2.0)
    return (sum(first) * x * x * x).sum()


def written_by_a_helper(x: Any) -> Any:
    found = {"k": 1.0}
    overwrite(found)
    return (found["k"] * x * x * x).sum()


def overwrite(found: dict[str, float]) -> None:
    found["k"] = 5.0


def from_config(x: Any) -> Any:
    return (config["c"] * x * x * x + config["d"] * x * x * x).sum()


def cubes_with_default(x: Any, k: float = float("7")) -> Any:
    return k * (x * x * x).sum()


def default_of_a_helper(x: Any) -> Any:
    return cubes_with_default(x)


CASES: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (model.method, slopes_of_square_of_sum),
    (model, slopes_of_square_of_sum),
    (net, slopes_of_square_of_sum),
    (through_a_cell, slopes_of_square_of_sum),
    (through_getattr, slopes_of_square_of_sum),
    (through_an_import, slopes_of_square_of_sum),
    (swallowing, slopes_of_square_of_sum),
    (doubled, lambda x: 2 * (x**3).sum()),
    (negative_power, lambda x: 0.5 * (x**3).sum()),
    (appended, lambda x: 3 * (x**3).sum()),
    (written_by_a_helper, lambda x: 5 * (x**3).sum()),
    (from_config, lambda x: (config["c"] + config["d"]) * (x**3).sum()),
    (default_of_a_helper, lambda x: 7 * (x**3).sum()),
]


def differences(fn: Callable[[Any], Any], x: Any, h: float = 1e-4) -> Any:
    steps = h * np.eye(x.size)
    return np.array([(fn(x + step) - fn(x - step)) / (2 * h) for step in steps])


def right_or_refused(gradient: Callable[[], Any], expected: Any) -> bool:
    try:
        found = gradient().asnumpy()
    except GradientError:
        return False
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    return True


@pytest.mark.parametrize(("fn", "expected"), CASES)
def test_eager(fn: Callable[[Any], Any], expected: Callable[[Any], Any]) -> None:
    right_or_refused(lambda: grad(fn)(ms.Tensor(X, ms.float32)), differences(expected, X))


@pytest.mark.parametrize(("fn", "expected"), CASES)
def test_compiled(fn: Callable[[Any], Any], expected: Callable[[Any], Any]) -> None:
    gradient = grad(fn, compile=True)
    right_or_refused(lambda: gradient(ms.Tensor(X, ms.float32)), differences(expected, X))


@pytest.mark.parametrize(("fn", "expected"), CASES)
def test_graph(fn: Callable[[Any], Any], expected: Callable[[Any], Any]) -> None:
    with graph_mode():
        right_or_refused(lambda: grad(fn)(ms.Tensor(X, ms.float32)), differences(expected, X))


@pytest.mark.parametrize(("fn", "expected"), CASES)
def test_nested(fn: Callable[[Any], Any], expected: Callable[[Any], Any]) -> None:
    first = grad(fn)

    def total_slope(x: Any) -> Any:
        return first(x).sum()

    exact = differences(lambda x: differences(expected, x, 1e-2).sum(), X, 1e-2)
    right_or_refused(lambda: grad(total_slope)(ms.Tensor(X, ms.float32)), exact)


def test_a_helper_bound_anew_to_a_raw_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(lambda x: (HELPERS["slope"](x) ** 2).sum())
    x = ms.Tensor(X, ms.float32)
    assert right_or_refused(lambda: gradient(x), 2 * X)
    monkeypatch.setitem(HELPERS, "slope", lambda x: ms.grad(square_of_sum)(x))
    right_or_refused(lambda: gradient(x), differences(slopes_of_square_of_sum, X))


HELPERS: dict[str, Callable[[Any], Any]] = {"slope": lambda x: x * 1}


def test_the_last_item_of_a_dict_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(from_config)
    with graph_mode():
        for value in (4.0, 8.0):
            monkeypatch.setitem(config, "d", value)
            exact = 3 * (config["c"] + value) * X**2
            assert right_or_refused(lambda: gradient(ms.Tensor(X, ms.float32)), exact)


def test_a_raw_gradient_in_backward() -> None:
    from d2l_autograd import attach_grad

    x = attach_grad(ms.Tensor(X, ms.float32))
    try:
        backward(model, x)
    except GradientError:
        assert x.grad is None
    else:
        np.testing.assert_allclose(
            x.grad.asnumpy(), differences(slopes_of_square_of_sum, X), rtol=1e-3
        )


def test_raw_gradients_work_again_afterwards() -> None:
    x = ms.Tensor(X, ms.float32)
    with pytest.raises(GradientError):
        grad(lambda x: x * x)(x)
    right_or_refused(lambda: grad(model)(x), differences(slopes_of_square_of_sum, X))
    assert ms.grad(square_of_sum)(x).asnumpy().tolist() == [12.0, 12.0, 12.0]


def test_threads() -> None:
    found: list[Any] = []

    def work() -> None:
        for _ in range(20):
            found.append(grad(square_of_sum)(ms.Tensor(X, ms.float32)).asnumpy().tolist())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[12.0, 12.0, 12.0]] * 40


@pytest.mark.parametrize("argnums", [-3, (0, 0), True, (), 5, (0, 2)])
def test_argnums_are_checked_under_jit(argnums: Any) -> None:
    def product(x: Any, y: Any) -> Any:
        return (x * x * y).sum()

    def slope(x: Any) -> Any:
        return grad(product, argnums)(x, x)

    with pytest.raises(GradientError):
        ms.jit(slope)(ms.Tensor(X, ms.float32))
