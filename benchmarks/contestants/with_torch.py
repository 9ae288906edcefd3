"""PyTorch: the tape behind requires_grad, and the transformations of torch.func."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.autograd import functional
from torch.func import grad, hessian, jacrev, jvp, vmap

from benchmarks.contestants import tensor_functions as functions
from benchmarks.contestants.calls import WEIGHTS, Call, Solutions, gradients, of_named, solved
from benchmarks.problems import LEARNING_RATE, Arrays

PACKAGES = ("torch", "numpy")


def _gradient(fn: Callable[..., Any], count: int = 1) -> Callable[..., Any]:
    def gradient(*args: Any) -> Any:
        inputs = [argument.detach().requires_grad_() for argument in args[:count]]
        return torch.autograd.grad(fn(*inputs, *args[count:]), inputs)

    return gradient


def _jacobian(x: Any, a: Any) -> Any:
    return functional.jacobian(lambda x: functions.layer(x, a), x)


def _hessian(x: Any, a: Any) -> Any:
    return functional.hessian(lambda x: functions.wave(x, a), x)


def _hvp(x: Any, a: Any, v: Any) -> Any:
    return functional.hvp(lambda x: functions.wave(x, a), x, v)[1]


def _per_sample(w: Any, x: Any, y: Any) -> Any:
    gradient = _gradient(functions.sample_loss)
    return torch.stack([gradient(w, row, target)[0] for row, target in zip(x, y, strict=True)])


def _hvp_forward(x: Any, a: Any, v: Any) -> Any:
    return jvp(lambda x: grad(functions.wave)(x, a), (x,), (v,))[1]


def _twice(fn: Callable[..., Any]) -> Callable[..., Any]:
    def second(x: Any, *rest: Any) -> Any:
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(fn(x, *rest), x, create_graph=True)
        return torch.autograd.grad(slope, x)

    return second


def _fit(a: Any, r: Any, c: Any, t: Any, y: Any) -> Any:
    def misfit(a: Any, r: Any, c: Any) -> Any:
        return functions.misfit({"a": a, "r": r, "c": c}, t, y)

    blocks = functional.hessian(misfit, (a, r, c))
    return tuple(block for row in blocks for block in row)


def _growth(x: Any, a: Any) -> Any:
    return functional.hessian(lambda x: functions.growth(x, a), x)


def _physics(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Call:
    """Return a step of training as PyTorch's own pages write one."""
    width = w1.shape[1]
    net = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, 1))
    weights = list(net.parameters())
    with torch.no_grad():
        for weight, array in zip(weights, (w1.T, b1, w2.T, b2), strict=True):
            weight.copy_(torch.from_numpy(array))
    learner = torch.optim.SGD(weights, LEARNING_RATE)
    points = torch.from_numpy(x).requires_grad_()

    def step() -> Arrays:
        learner.zero_grad()
        u = net(points)
        (slope,) = torch.autograd.grad(u.sum(), points, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), points, create_graph=True)
        ((bend + u) ** 2).mean().backward()
        learner.step()
        w1, b1, w2, b2 = (weight.grad.numpy().copy() for weight in weights)
        return w1.T, b1, w2.T, b2

    return step


_TAPE = {
    "square": _gradient(functions.square),
    "chain": _gradient(functions.chain),
    "branches": _gradient(functions.branches),
    "network": _gradient(functions.network, len(WEIGHTS)),
    "jacobian": _jacobian,
    "hessian": _hessian,
    "hvp": _hvp,
    "per_sample": _per_sample,
    "second": _twice(functions.wiggle),
    "fit": _fit,
    "power": _growth,
    "heat": _twice(functions.warmth),
    "bounce": _twice(functions.height),
}
_FUNC = {
    **gradients(grad, functions),
    "jacobian": jacrev(functions.layer),
    "hessian": hessian(functions.wave),
    "hvp": _hvp_forward,
    "per_sample": vmap(grad(functions.sample_loss), in_dims=(None, 0, 0)),
    "second": grad(grad(functions.wiggle)),
    "fit": of_named(hessian(functions.misfit)),
    "power": hessian(functions.growth),
    "heat": grad(grad(functions.warmth)),
}
SOLUTIONS: Solutions = {
    name: {
        kind: solved(derivative, torch.from_numpy, torch.Tensor.numpy)
        for kind, derivative in derivatives.items()
    }
    for name, derivatives in {"torch": _TAPE, "torch.func": _FUNC}.items()
}
SOLUTIONS["torch"]["physics"] = _physics
