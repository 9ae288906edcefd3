"""Checks of one row of the table of functions, in the three modes."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from functions import Function, direction, stored, weights
from modes import graph_mode

from d2l_autograd import grad

EXPECTED = stored()
TOLERANCE = {ms.float32: 1e-4, ms.float64: 1e-9}
# Where MindSpore's operators compute float64 with constants, or in steps, of float32.
ROUGH = 1e-5


def value_of(function: Function, dtype: Any) -> tuple[Callable[[Any], Any], ms.Tensor]:
    """Return the function of the row, made a number by fixed weights, and its input."""
    constants = tuple(as_tensor(constant, dtype) for constant in function.constants)
    fn, x = function.fn, ms.Tensor(function.at, dtype)
    factors = ms.Tensor(weights(fn(x, *constants).shape), dtype)

    def value(x: Any) -> Any:
        return (fn(x, *constants) * factors).sum()

    return value, x


def as_tensor(constant: Any, dtype: Any) -> ms.Tensor:
    return ms.Tensor(constant, dtype) if constant.dtype == np.float64 else ms.Tensor(constant)


def second_and_first(value: Callable[[Any], Any], x: ms.Tensor) -> Callable[[Any], Any]:
    """Return the function that computes both derivatives in one graph."""
    way = ms.Tensor(direction(x.shape), x.dtype)
    gradient = grad(value)

    def slope(x: Any) -> Any:
        first = gradient(x)
        return (first * way).sum(), first

    return grad(slope, has_aux=True)


def error_of(function: Function, order: str, found: Any, dtype: Any) -> float:
    """Return the largest error, relative to the largest derivative, or to 0.1."""
    assert found.dtype == dtype
    assert found.shape == function.at.shape
    expected = np.reshape(EXPECTED[function.name][order], function.at.shape)
    return float(np.abs(found.asnumpy() - expected).max() / max(0.1, np.abs(expected).max()))


def error_of_first(function: Function, dtype: Any) -> float:
    """Take the first derivative in eager mode."""
    value, x = value_of(function, dtype)
    return error_of(function, "first", grad(value)(x), dtype)


def errors_of_nested(function: Function, dtype: Any) -> tuple[float, float]:
    """Take both orders, nested in eager mode and, with the same graph, in Graph mode."""
    value, x = value_of(function, dtype)
    derivatives = second_and_first(value, x)
    in_eager_mode = errors_of_both(function, derivatives(x), dtype)
    with graph_mode():
        in_graph_mode = errors_of_both(function, derivatives(x), dtype)
    first, second = np.maximum(in_eager_mode, in_graph_mode)
    return float(first), float(second)


def errors_of_jit(function: Function, dtype: Any) -> tuple[float, float]:
    """Take both orders within a function under ms.jit, in the second run of the graph."""
    value, x = value_of(function, dtype)
    derivatives = ms.jit(second_and_first(value, x))
    derivatives(x)
    return errors_of_both(function, derivatives(x), dtype)


def errors_of_both(function: Function, found: Any, dtype: Any) -> tuple[float, float]:
    second, first = found
    return (
        error_of(function, "first", first, dtype),
        error_of(function, "second", second, dtype),
    )
