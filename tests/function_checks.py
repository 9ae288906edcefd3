"""Checks of rows of the table of functions, one by one or many in one compiled graph.

Compiling takes half a second, so that by default several functions share a graph: the sum of their
values is differentiated, by all inputs at once, and each gradient is compared with its own row.
Each of the three modes takes another third of the table. With D2L_FUNCTIONS=all in the environment
each function has a graph of its own in each mode, in both precisions.
"""

import os
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from functions import Function, direction, stored, weights
from modes import graph_mode

from d2l_autograd import grad
from d2l_autograd._lambdas import named

EVERYTHING = os.environ.get("D2L_FUNCTIONS") == "all"
TOGETHER = 1 if EVERYTHING else 8
DTYPES = [ms.float32, ms.float64] if EVERYTHING else [ms.float32]
EXPECTED = stored()
# MindSpore's operators compute some float64 with float32 constants.
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}
ROUGH = 2e-6


def groups(share: int, functions: list[Function], dtype: Any, only_float32: set[str]) -> list[Any]:
    """Return the cases of one mode: all functions, or its third of them, by default."""
    shared = functions if EVERYTHING else functions[share::3]
    usable = [f for f in shared if dtype == ms.float32 or f.name not in only_float32]
    starts = range(0, len(usable), TOGETHER)
    return [
        pytest.param(usable[start : start + TOGETHER], dtype, id=f"{usable[start].name}-{dtype}")
        for start in starts
    ]


def assert_derivative(function: Function, order: str, found: Any, dtype: Any, rough: bool) -> None:
    assert found.dtype == dtype
    assert found.shape == function.at.shape
    expected = np.reshape(EXPECTED[function.name][order], function.at.shape)
    tolerance = TOLERANCE["float32" if dtype == ms.float32 else "float64"]
    if rough:
        tolerance = max(tolerance, ROUGH)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(
        found.asnumpy(), expected, rtol=0, atol=tolerance * scale, err_msg=function.name
    )


def total_of(functions: list[Function], dtype: Any) -> tuple[Any, list[Any]]:
    """Return the sum of what the functions compute, as a function of their inputs, and those."""
    constants = tuple(tuple(as_tensor(c, dtype) for c in f.constants) for f in functions)
    fns = tuple(named(f.fn) for f in functions)
    inputs = [ms.Tensor(f.at, dtype) for f in functions]
    factors = tuple(
        ms.Tensor(weights(fn(x, *c).shape), dtype)
        for fn, x, c in zip(fns, inputs, constants, strict=True)
    )

    def total(*xs: Any) -> Any:
        value = (fns[0](xs[0], *constants[0]) * factors[0]).sum().astype(dtype)
        for i in range(1, len(xs)):
            term = (fns[i](xs[i], *constants[i]) * factors[i]).sum()
            value = value + term.astype(dtype)
        return value

    return total, inputs


def slope_of(total: Any, functions: list[Function], dtype: Any) -> Any:
    """Return the derivative of total along the directions, as a function of the inputs."""
    ways = tuple(ms.Tensor(direction(f.at.shape), dtype) for f in functions)
    gradient = grad(total, argnums=tuple(range(len(functions))))

    def slope(*xs: Any) -> Any:
        gradients = gradient(*xs)
        value = (gradients[0] * ways[0]).sum()
        for i in range(1, len(xs)):
            value = value + (gradients[i] * ways[i]).sum()
        return value

    return slope


def as_tensor(value: Any, dtype: Any) -> Any:
    return ms.Tensor(value, dtype) if value.dtype == np.float64 else ms.Tensor(value)


def check_first(function: Function, dtype: Any, rough: bool) -> None:
    total, (x,) = total_of([function], dtype)
    assert_derivative(function, "first", grad(total)(x), dtype, rough)


def check_modes(mode: str, functions: list[Function], dtype: Any, rough: set[str]) -> None:
    """Check both orders, compiled: nested in eager mode, in Graph mode, under ms.jit."""
    total, inputs = total_of(functions, dtype)
    positions = tuple(range(len(functions)))
    first, second = (
        grad(total, positions),
        grad(slope_of(total, functions, dtype), positions),
    )
    if mode == "eager":
        found = {"second": second(*inputs)}
    elif mode == "graph":
        with graph_mode():
            found = {"first": first(*inputs), "second": second(*inputs)}
    else:
        gradients = ms.jit(both(first, second))(*inputs)
        found = {"first": gradients[0], "second": gradients[1]}
    for order, derivatives in found.items():
        for function, derivative in zip(functions, derivatives, strict=True):
            assert_derivative(function, order, derivative, dtype, function.name in rough)


def both(first: Any, second: Any) -> Any:
    def derivatives(*xs: Any) -> Any:
        return first(*xs), second(*xs)

    return derivatives
