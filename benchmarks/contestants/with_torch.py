"""PyTorch: the tape behind requires_grad, and the transformations of torch.func."""

from collections.abc import Callable
from typing import Any

import torch
from torch.autograd import functional
from torch.func import grad, hessian, jacrev, jvp, vmap

from benchmarks.contestants import tensor_functions as functions
from benchmarks.contestants.calls import WEIGHTS, Solutions, solved

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


_TAPE = {
    "square": _gradient(functions.square),
    "chain": _gradient(functions.chain),
    "branches": _gradient(functions.branches),
    "network": _gradient(functions.network, len(WEIGHTS)),
    "jacobian": _jacobian,
    "hessian": _hessian,
    "hvp": _hvp,
    "per_sample": _per_sample,
}
_FUNC = {
    "square": grad(functions.square),
    "chain": grad(functions.chain),
    "branches": grad(functions.branches),
    "network": grad(functions.network, WEIGHTS),
    "jacobian": jacrev(functions.layer),
    "hessian": hessian(functions.wave),
    "hvp": _hvp_forward,
    "per_sample": vmap(grad(functions.sample_loss), in_dims=(None, 0, 0)),
}
SOLUTIONS: Solutions = {
    name: {
        kind: solved(derivative, torch.from_numpy, torch.Tensor.numpy)
        for kind, derivative in derivatives.items()
    }
    for name, derivatives in {"torch": _TAPE, "torch.func": _FUNC}.items()
}
