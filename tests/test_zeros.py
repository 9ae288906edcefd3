"""Hessians whose backward pass is recorded by shapes alone, beside differences of gradients."""

from typing import Any

import mindspore as ms
import numpy as np
import pytest

import d2l_autograd as d2l

RANDOM = np.random.default_rng(0)


def constant(*shape: int) -> ms.Tensor:
    return ms.Tensor(RANDOM.normal(size=shape))


A, B, C, V = constant(3, 4), constant(4, 3), constant(2, 4, 3), constant(4)
PRODUCTS = {
    "vector, vector": lambda x: x[0] @ x[1],
    "vector, matrix": lambda x: (x[0] @ (B * x[1, :3])).sin().sum(),
    "matrix, vector": lambda x: ((A * x[0]) @ x[1]).sin().sum(),
    "matrix, matrix": lambda x: ((A * x) @ (B * x[:, :3].sum())).sin().sum(),
    "vector, matrices": lambda x: (x[0] @ (C * x[1, 0])).sin().sum(),
    "matrices, vector": lambda x: ((C * x[0, 0]) @ x[1, :3]).sin().sum(),
    "matrices, matrix": lambda x: ((C * x[0, 0]) @ (A * x)).sin().sum(),
    "matrices, matrices": lambda x: ((C * x[0, 0]) @ (C.swapaxes(1, 2) * x[1])).sin().sum(),
}
SUMS = {
    f"sum over {axis}, keepdims={keep}": lambda x, axis=axis, keep=keep: (
        ((x * x).sum(axis, keepdims=keep) * 0.3).exp().sum()
    )
    for axis in (None, 0, -1, (0, 1))
    for keep in (False, True)
}
OTHERS = {
    "broadcast": lambda x: (x / (V * x[0]).sum() - x[:1] * x[:, :1]).exp().sum(),
    "reshape": lambda x: (x.reshape(-1) * x.T.reshape(12)).sin().sum(),
    "types": lambda x: (x.astype(ms.float32) * x.astype(ms.float16)).astype(ms.float64).sum(),
    "no numbers": lambda x: (x[:0] @ B).sum() + (x**3).sum(),
}
FUNCTIONS: dict[str, Any] = {**PRODUCTS, **SUMS, **OTHERS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hessian(name: str) -> None:
    fn = FUNCTIONS[name]
    x = RANDOM.normal(size=(3, 4))
    found = d2l.hessian(fn)(ms.Tensor(x)).asnumpy().reshape(12, 12)
    assert found.dtype == np.float64
    step = 0.05 if name == "types" else 1e-5  # those of float16
    slope = d2l.grad(fn)
    for place in range(12):
        moved = step * np.eye(12)[place].reshape(3, 4)
        above, below = (slope(ms.Tensor(x + s * moved)).asnumpy() for s in (1, -1))
        difference = (above - below).reshape(-1) / (2 * step)
        tolerance = 0.05 if name == "types" else 1e-6
        np.testing.assert_allclose(found[place], difference, rtol=tolerance, atol=tolerance)


def test_what_follows_runs_on_numbers() -> None:
    """A gradient through a Hessian, and one beside it, are those of the numbers."""

    def fn(x: Any) -> Any:
        curvature = d2l.hessian(lambda y: (y**4).sum())(x)
        return (curvature * x).sum() + (x**2).sum()

    x = ms.Tensor([1.0, 2.0], ms.float64)
    np.testing.assert_allclose(d2l.grad(fn)(x).asnumpy(), 36 * x.asnumpy() ** 2 + 2 * x.asnumpy())
