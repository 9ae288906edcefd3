"""HIPS/autograd, which differentiates NumPy."""

from typing import Any

import autograd.numpy as np
from autograd import grad, hessian, hessian_vector_product, jacobian

from benchmarks.contestants.array_functions import functions_of
from benchmarks.contestants.calls import WEIGHTS, Solutions, gradients, solved

PACKAGES = ("autograd", "numpy")

functions = functions_of(np)


def _hvp(x: Any, a: Any, v: Any) -> Any:
    return hessian_vector_product(functions.wave)(x, a, v)


def _per_sample(w: Any, x: Any, y: Any) -> Any:
    gradient = grad(functions.sample_loss)
    return np.stack([gradient(w, row, target) for row, target in zip(x, y, strict=True)])


def _residual(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
    def slope(x: Any) -> Any:
        return np.sum(grad(functions.output)(x, w1, b1, w2, b2))

    u = np.tanh(x @ w1 + b1) @ w2 + b2
    return np.mean((grad(slope)(x) + u) ** 2)


SOLUTIONS: Solutions = {
    "autograd": {
        kind: solved(derivative, np.asarray, np.asarray)
        for kind, derivative in {
            **gradients(grad, functions),
            "jacobian": jacobian(functions.layer),
            "hessian": hessian(functions.wave),
            "hvp": _hvp,
            "per_sample": _per_sample,
            "second": grad(grad(functions.wiggle)),
            "physics": grad(_residual, WEIGHTS),
            "power": hessian(functions.growth),
            "heat": grad(grad(functions.warmth)),
            "bounce": grad(grad(functions.height)),
        }.items()
    }
}
