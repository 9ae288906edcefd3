"""MindSpore without this package, in eager mode."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops

from benchmarks.contestants import tensor_functions as functions
from benchmarks.contestants.calls import Solution, gradients, solved


def hvp(x: Any, a: Any, v: Any) -> Any:
    """The gradient of the gradient's product with v; in eager mode a zero, which is wrong."""
    return ms.grad(lambda x: (ms.grad(functions.wave)(x, a) * v).sum())(x)


def hessian(x: Any, a: Any) -> Any:
    """A row for each entry; in eager mode zeros, which is wrong."""
    return ops.stack([hvp(x, a, unit) for unit in ops.eye(len(x), len(x), ms.float32)])


def jacobian(x: Any, a: Any) -> Any:
    """MindSpore's own, of which it compiles a new one at each call."""
    return ms.jacrev(functions.layer)(x, a)


def per_sample(w: Any, x: Any, y: Any) -> Any:
    """A gradient for each sample, one after the other."""
    gradient = ms.grad(functions.sample_loss)
    return ops.stack([gradient(w, x[index], y[index]) for index in range(len(x))])


_DERIVATIVES: dict[str, Callable[..., Any]] = {
    **gradients(ms.grad, functions),
    "jacobian": jacobian,
    "hessian": hessian,
    "hvp": hvp,
    "per_sample": per_sample,
}
EAGER: dict[str, Solution] = {
    kind: solved(derivative, ms.Tensor, ms.Tensor.asnumpy)
    for kind, derivative in _DERIVATIVES.items()
}
