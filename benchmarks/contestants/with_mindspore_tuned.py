"""MindSpore tuned by hand: blocking launch, and graphs compiled once."""

from typing import Any

import mindspore as ms
from mindspore import nn, ops

from benchmarks.contestants import raw_mindspore
from benchmarks.contestants import tensor_functions as functions
from benchmarks.contestants.calls import WEIGHTS, Call, Solution, Solutions, gradients, solved
from benchmarks.problems import LEARNING_RATE, Arrays

PACKAGES = ("mindspore", "numpy")

ms.runtime.launch_blocking()


def _hessian(x: Any, a: Any) -> Any:
    def row(unit: Any) -> Any:
        return raw_mindspore.hvp(x, a, unit)

    return ops.vmap(row)(ops.eye(x.shape[0], x.shape[0], ms.float32))


def _jacobian(x: Any, a: Any) -> Any:
    def row(unit: Any) -> Any:
        return ms.grad(lambda x: (functions.layer(x, a) * unit).sum())(x)

    return ops.vmap(row)(ops.eye(x.shape[0], x.shape[0], ms.float32))


_COMPILED = {
    **{kind: ms.jit(gradient) for kind, gradient in gradients(ms.grad, functions).items()},
    "jacobian": ms.jit(_jacobian),
    "hessian": ms.jit(_hessian),
    "hvp": ms.jit(raw_mindspore.hvp),
    "per_sample": ms.jit(ms.vmap(ms.grad(functions.sample_loss), in_axes=(None, 0, 0))),
}
GRAPHS: dict[str, Solution] = {
    kind: solved(derivative, ms.Tensor, ms.Tensor.asnumpy) for kind, derivative in _COMPILED.items()
}


def _residual(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
    def slope(x: Any) -> Any:
        return ms.grad(functions.output)(x, w1, b1, w2, b2).sum()

    u = (x @ w1 + b1).tanh() @ w2 + b2
    return ((ms.grad(slope)(x) + u) ** 2).mean()


def _physics(*arrays: Any) -> Call:
    """Return a step of training: its gradient is a graph, the learner MindSpore's own."""
    *weights, points = [ms.Tensor(array) for array in arrays]
    weights = [ms.Parameter(weight, name=f"w{n}") for n, weight in enumerate(weights)]
    learner = nn.SGD(weights, LEARNING_RATE)
    gradient = ms.jit(ms.grad(_residual, WEIGHTS))

    def step() -> Arrays:
        found = gradient(*[weight.value() for weight in weights], points)
        learner(found)
        return tuple(part.asnumpy() for part in found)

    return step


GRAPHS["physics"] = _physics
SOLUTIONS: Solutions = {"ms blocking": raw_mindspore.EAGER, "ms.jit": GRAPHS}
