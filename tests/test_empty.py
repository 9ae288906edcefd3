"""Tensors without elements: a sum of nothing is 0, whatever lies in the memory of the result."""

from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import ops

import d2l_autograd as d2l

pytestmark = pytest.mark.quick

NOTHING = ms.Tensor(np.zeros((0, 3)), ms.float32)
W = ms.Tensor(np.ones((3, 2)), ms.float32)
B = ms.Tensor([1.0, 2.0])

ROWS: dict[str, Any] = {
    "sum": (lambda x: (x * x).sum(), (NOTHING,), 0, ()),
    "ReduceSum": (lambda x: ops.ReduceSum()(x), (NOTHING,), 0, ()),
    "sum of an axis": (lambda x: x.sum(0).sum(), (NOTHING,), 0, ()),
    "mean": (lambda x: x.mean(), (NOTHING,), np.nan, ()),
    "prod": (lambda x: x.prod(), (NOTHING,), 1, ()),
    "prod of an axis": (lambda x: x.prod(0).sum(), (NOTHING,), 3, ()),
    "median": (lambda x: x.reshape(-1).median()[0], (NOTHING,), np.nan, ()),
    "nanmean": (lambda x: ops.nanmean(x), (NOTHING,), np.nan, ()),
    "nansum": (lambda x: ops.nansum(x), (NOTHING,), 0, ()),
    "cumsum": (lambda x: ops.cumsum(x, 0).sum(), (NOTHING,), 0, ()),
    "histc": (lambda x: ops.histc(x.reshape(-1), 3).sum(), (NOTHING,), 0, ()),
    "norm by 1": (lambda x: ops.vector_norm(x, 1), (NOTHING,), 0, ()),
    "norm by 3": (lambda x: ops.vector_norm(x, 3), (NOTHING,), 0, ()),
    "mean of losses": (lambda x: ops.binary_cross_entropy(x, x), (NOTHING,), np.nan, ()),
    "mean divergence": (lambda x: ops.kl_div(x, x), (NOTHING,), np.nan, ()),
    "sum of losses": (
        lambda x: ops.binary_cross_entropy(x, x, reduction="sum"), (NOTHING,), 0, ()
    ),
    "logsumexp": (lambda x: ops.logsumexp(x.reshape(-1), 0), (NOTHING,), -np.inf, ()),
    "product of matrices": (lambda x: (x.T @ x).sum(), (NOTHING,), 0, ()),
    "mm": (lambda x: ops.mm(x.T, x).sum(), (NOTHING,), 0, ()),
    "bmm": (lambda x: ops.bmm(x.T[None], x[None]).sum(), (NOTHING,), 0, ()),
    "an empty batch": (
        lambda w, b: ((NOTHING @ w + b) ** 2).sum(), (W, B), 0, (0 * W, 0 * B)
    ),
    "dense": (lambda w, b: ops.dense(NOTHING, w.T, b).sum(), (W, B), 0, (0 * W, 0 * B)),
    "beside others": (lambda x, b: x.sum() + (b * b).sum(), (NOTHING, B), 5, (NOTHING, 2 * B)),
    "joined": (
        lambda b: ops.cat([(NOTHING @ W + b).reshape(-1), b]).sum(), (B,), 3, (B / B,)
    ),
    "a gradient inside": (
        lambda b: d2l.grad(lambda c: ((NOTHING @ W + c) * c).sum() + (c**3).sum())(b).sum(),
        (B,), 15, (6 * B,),
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _used_memory() -> None:
    """Leave NaN in the memory that MindSpore hands out next."""
    for size in (1, 2, 3, 6, 9, 16):
        (ms.Tensor(np.full(size, np.nan, np.float32)) * 2).asnumpy()


@pytest.mark.parametrize("options", [{}, {"compile": True}], ids=["eager", "compiled"])
@pytest.mark.parametrize("name", ROWS)
def test_value_and_gradient(name: str, options: dict[str, Any]) -> None:
    fn, args, value, gradients = ROWS[name]
    step = d2l.value_and_grad(fn, tuple(range(len(args))), **options)
    for _ in range(2):
        found, by = step(*args)
        np.testing.assert_array_equal(found.asnumpy(), np.float32(value))
        for given, right in zip(by, gradients or args, strict=True):
            np.testing.assert_array_equal(given.asnumpy(), right.asnumpy())


@pytest.mark.parametrize("name", ["sum", "prod", "an empty batch", "beside others", "joined"])
def test_check_grads(name: str) -> None:
    fn, args, _, _ = ROWS[name]
    d2l.check_grads(fn, *args)


@pytest.mark.parametrize(
    ("fn", "name"), [(lambda x: x.max(), "Max"), (lambda x: x.T.max(1)[0].sum(), "MaxDim")]
)
def test_what_mindspore_refuses_is_refused_in_plain_words(fn: Any, name: str) -> None:
    said = f"^{name} is given a tensor without elements, of shape \\("
    with pytest.raises(d2l.GradientError, match=said):
        d2l.grad(fn)(NOTHING)
