"""Rows of the sweep under ms.jit, where MindSpore's rules and those for graphs count instead."""

from typing import Any

import mindspore as ms
import pytest
from sweep.row import Row
from sweep.table import ROWS
from sweep.verdicts import Sample, error_of

from d2l_autograd import grad

NAMES = [
    "ops.abs(x) ** 2",
    "ops.arctan(x)",
    "ops.select(x > 0, x**3, x * x)",
    "x**3",
    "mnp.fmod(x, 0.77) ** 2",
    "x.sqrt()",
    "ops.arctanh(x)",
    "x.acosh()",
    "x.bool().astype(x.dtype) * x * x",
    "ops.erf(x)",
    "ops.bessel_j1(x)",
    "ops.hardswish(2 * x)",
    "x.hardshrink(0.5) ** 2",
    "ops.selu(x)",
    "ops.cross_entropy(x, y, ignore_index=3)",
    "x.var((0, 2))",
    "ops.CumSum(True, True)(x, 1) ** 2",
    "ops.norm(x, -2, (0, 1))",
    "ops.hstack([x, x * x]) ** 2",
    "ops.gather_d(x, 1, i) ** 2",
    "ops.inverse(x)",
    "ops.qr(x)[1] ** 2",
    "ops.amin(x, 1) ** 2",
    "ops.cummax(x, 1)[0] ** 2",
    "x[..., -1] ** 2",
    "ops.pad(x, (1, 2), mode='reflect') ** 2",
    "nn.MaxPool2d(2, 2)(x) ** 2",
    "branching(x)",
]
ROWS_IN_JIT = [row for row in ROWS if row.name in NAMES]


def test_all_rows_are_there() -> None:
    assert {row.name for row in ROWS_IN_JIT} == set(NAMES)


@pytest.mark.parametrize("row", ROWS_IN_JIT, ids=lambda row: row.name)
def test_both_derivatives_are_those_of_eager_mode(row: Row) -> None:
    sample = Sample(row, ms.float32)
    fn, constants = sample.fn, sample.constants
    factors, way = (ms.Tensor(a[0], ms.float32) for a in (sample.factors, sample.way))

    def value(x: Any) -> Any:
        return (fn(x, *constants) * factors).sum()

    gradient = grad(value)

    def slope(x: Any) -> Any:
        first = gradient(x)
        return (first * way).sum(), first

    second, first = ms.jit(grad(slope, has_aux=True))(ms.Tensor(sample.at[0], ms.float32))
    for order, found in ((1, first), (2, second)):
        assert error_of([found.asnumpy()], sample.derivative(order)(sample.at)) < 1e-4
