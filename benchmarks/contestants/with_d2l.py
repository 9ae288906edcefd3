"""d2l_autograd as its documentation says to use it."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import d2l_autograd as d2l
from benchmarks.contestants import BESIDE_COMPILED, BESIDE_OURS, COMPILED, OURS
from benchmarks.contestants import tensor_functions as functions
from benchmarks.contestants.calls import (
    Call,
    Solution,
    Solutions,
    gradients,
    of_named,
    solved,
)
from benchmarks.problems import LEARNING_RATE, Arrays

d2l.start()

import mindspore as ms  # noqa: E402  # start() comes before it
from mindspore import nn  # noqa: E402

from benchmarks.contestants.raw_mindspore import EAGER  # noqa: E402
from benchmarks.contestants.with_mindspore_tuned import GRAPHS  # noqa: E402

PACKAGES = ("mindspore", "numpy")


def physics(backward: Callable[..., Any]) -> Solution:
    """Return a step of training as the documentation says to write one for a Cell.

    Args:
        backward: as `d2l.backward`.
    """

    def solution(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Call:
        net = nn.SequentialCell(nn.Dense(1, w1.shape[1]), nn.Tanh(), nn.Dense(w1.shape[1], 1))
        weights = [d2l.attach_grad(weight) for weight in net.trainable_params()]
        for weight, array in zip(weights, (w1.T, b1, w2.T, b2), strict=True):
            weight.set_data(ms.Tensor(array))
        learner, points = nn.SGD(weights, LEARNING_RATE), ms.Tensor(x)
        slope = d2l.grad(lambda x: net(x).sum())
        bend = d2l.grad(lambda x: slope(x).sum())

        def loss() -> Any:
            return ((bend(points) + net(points)) ** 2).mean()

        def step() -> Arrays:
            backward(loss, *weights)
            learner(tuple(weight.grad for weight in weights))
            w1, b1, w2, b2 = (weight.grad.asnumpy() for weight in weights)
            return w1.T, b1, w2.T, b2

        return step

    return solution


def _fresh(x: Any) -> Any:
    """Return the last of a thousand second derivatives, each of a function made anew."""
    for _ in range(1000):
        result = d2l.grad(d2l.grad(lambda x: x.sin() * x**2))(x)
    return result


def _solutions(**options: Any) -> dict[str, Solution]:
    """Return the solution of each kind of problem, by derivatives with these options."""
    given: list[Any] = [d2l.grad, d2l.jacobian, d2l.hessian, d2l.hvp, d2l.per_sample_grad]
    grad, jacobian, hessian, hvp, per_sample_grad = (partial(fn, **options) for fn in given)
    derivatives = {
        **gradients(grad, functions),
        "jacobian": jacobian(functions.layer),
        "hessian": hessian(functions.wave),
        "hvp": hvp(functions.wave),
        "per_sample": per_sample_grad(functions.sample_loss),
        "second": grad(d2l.grad(functions.wiggle)),
        "fit": of_named(hessian(functions.misfit)),
        "power": hessian(functions.growth),
        "heat": grad(d2l.grad(functions.warmth)),
        "bounce": grad(d2l.grad(functions.height)),
    }
    return {
        kind: solved(derivative, ms.Tensor, ms.Tensor.asnumpy)
        for kind, derivative in derivatives.items()
    }


_GRADIENTS = ("square", "chain", "branches", "network")
SOLUTIONS: Solutions = {
    OURS: {**_solutions(), "fresh": solved(_fresh, ms.Tensor, ms.Tensor.asnumpy)},
    BESIDE_OURS: {kind: EAGER[kind] for kind in _GRADIENTS},
    BESIDE_COMPILED: {kind: GRAPHS[kind] for kind in (*_GRADIENTS, "physics")},
}
if "compile" in inspect.signature(d2l.hessian).parameters:  # an earlier commit may lack it
    SOLUTIONS[COMPILED] = _solutions(compile=True)
    SOLUTIONS[COMPILED]["physics"] = physics(partial(d2l.backward, compile=True))
SOLUTIONS[OURS]["physics"] = physics(d2l.backward)
