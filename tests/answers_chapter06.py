"""Answers to the exercises of chapter 6."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import detach, grad, hessian


def length(x: Any) -> Any:
    squares = (x * x).sum()
    return ops.sqrt(squares) if squares > 0 else squares


def length_by_where(x: Any) -> Any:
    squares = (x * x).sum()
    safe = ops.where(squares > 0, squares, ops.ones_like(squares))
    return ops.where(squares > 0, ops.sqrt(safe), ops.zeros_like(squares))


def length_or_nothing(x: Any) -> Any:
    squares = (x * x).sum()
    return ops.sqrt(squares) if squares > 0 else ms.Tensor(0.0, ms.float64)


def length_by_norm(x: Any) -> Any:
    return x.norm() if float(x.abs().max()) > 0 else x.sum() * 0


def entropy_part(x: Any) -> Any:
    safe = ops.where(x > 0, x, ops.ones_like(x))
    return (safe * ops.log(safe)).mean()


def entropy_by_double_where(x: Any) -> Any:
    safe = ops.where(x > 0, x, ops.ones_like(x))
    return ops.where(x > 0, x * ops.log(safe), ops.zeros_like(x)).mean()


def entropy_in_a_loop(x: Any) -> Any:
    total = 0.0 * x.sum()
    for i in range(x.shape[0]):
        if x[i] > 0:
            total = total + x[i] * ops.log(x[i])
    return total / x.shape[0]


def logistic_loss(s: Any) -> Any:
    return (ops.relu(-s) + ops.log1p(ops.exp(-ops.abs(s)))).sum()


def logistic_by_max(s: Any) -> Any:
    top = ops.maximum(-s, ops.zeros_like(s))
    return (top + ops.log(ops.exp(-top) + ops.exp(-s - top))).sum()


def energy_with_a_name(x: Any) -> Any:
    stretch = x - 1.0
    squares = stretch * stretch
    return squares.sum() / 2


def energy_broken(x: Any) -> Any:
    stretch = x - 1.0
    squares = stretch * stretch
    return ms.Parameter(squares).sum() / 2


def wave(x: Any) -> Any:
    return (ops.exp(-(x**2)) * ops.sin(3 * x)).sum()


def wave_broken(x: Any) -> Any:
    envelope = ms.Tensor(np.exp(-(x.asnumpy() ** 2)))
    return (envelope * ops.sin(3 * x)).sum()


def cubed_sum(x: Any) -> Any:
    return x.sum() ** 3


RIGHT: dict[str, list[Any]] = {
    "06.1": [
        length,
        length_by_where,
        length_or_nothing,
        length_by_norm,
        lambda x: x.norm(),
    ],
    "06.2": [entropy_part, entropy_by_double_where, entropy_in_a_loop],
    "06.3": [logistic_loss, logistic_by_max],
    "06.4": [
        energy_with_a_name,
        lambda x: ((x - 1) ** 2).sum() / 2,
        lambda x: 0.5 * ops.square(x - 1.0).sum(),
    ],
    "06.5": [wave, lambda x: (ops.sin(3 * x) / ops.exp(x * x)).sum()],
    "06.6": [
        lambda x: grad(lambda x: grad(cubed_sum)(x).sum())(x),
        lambda x: hessian(cubed_sum)(x).sum(0),
        lambda x: 6 * x.size * x.sum() * np.ones(x.shape),
    ],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "06.1": [
        ("broken", lambda x: ops.sqrt((x**2).sum())),
        ("shifted", lambda x: ops.sqrt((x**2).sum() + 1e-4)),
        ("squared", lambda x: (x**2).sum()),
        ("derivative", lambda x: detach(length(x)) + 0 * x.sum()),
        ("derivative", lambda x: length(x) + x.sum() - detach(x.sum())),
        ("values", lambda x: x.abs().sum()),
        ("values", lambda x: length(x) + 1),
    ],
    "06.2": [
        ("broken", lambda x: ops.where(x > 0, x * ops.log(x), ops.zeros_like(x)).mean()),
        ("shifted", lambda x: (x * ops.log(x + 1e-6)).mean()),
        ("derivative", lambda x: entropy_part(x) + x.sum() - detach(x.sum())),
        ("values", lambda x: (x * ops.log(x)).mean()),
        ("sum", lambda x: entropy_part(x) * x.size),
        ("fewer", lambda x: (x[x > 0] * ops.log(x[x > 0])).mean()),
        ("values", lambda x: -entropy_part(x)),
        ("returns_shape", lambda x: x * ops.log(x)),
    ],
    "06.3": [
        ("broken", lambda s: ops.log(1 + ops.exp(-s)).sum()),
        ("other_side", lambda s: logistic_loss(-s)),
        ("clipped", lambda s: ops.log(1 + ops.exp(ops.clamp(-s, -50.0, 50.0))).sum()),
        ("mean", lambda s: logistic_loss(s) / s.size),
        ("values", lambda s: ops.relu(-s).sum()),
        ("derivative", lambda s: detach(logistic_loss(s)) + 0 * s.sum()),
    ],
    "06.4": [
        ("not_differentiable", energy_broken),
        ("derivative", lambda x: detach(((x - 1) ** 2).sum() / 2) + 0 * x.sum()),
        ("values", lambda x: ((x - 1) ** 2).sum()),
        ("values", lambda x: (x**2).sum() / 2),
        ("derivative", lambda x: detach(((x - 1) ** 2).sum() / 2)),
    ],
    "06.5": [
        ("not_differentiable", wave_broken),
        ("other_factor", lambda x: (ops.exp(-(x**2)) * detach(ops.sin(3 * x))).sum()),
        ("derivative", lambda x: detach(wave(x)) + x.sum() - detach(x.sum())),
        ("grows", lambda x: (ops.exp((-x) ** 2) * ops.sin(3 * x)).sum()),
        ("values", lambda x: (ops.exp(-x) * ops.sin(3 * x)).sum()),
        ("returns_shape", lambda x: ops.exp(-(x**2)) * ops.sin(3 * x)),
    ],
    "06.6": [
        ("broken", lambda x: ms.grad(ms.grad(cubed_sum))(x)),
        ("broken", lambda x: 0 * x),
        ("first", grad(cubed_sum)),
        ("diagonal", lambda x: 6 * x.sum() * ops.ones_like(x)),
        ("returns_shape", lambda x: hessian(cubed_sum)(x)),
        ("not_value", lambda x: grad(grad(lambda x: (x**3).sum()))),
        ("values", lambda x: 2 * 6 * x.size * x.sum() * ops.ones_like(x)),
    ],
}

# What no hint may say.
SECRETS = {
    "06.1": ["sqrt", "if ", "where("],
    "06.2": ["ones_like", "safe", "where("],
    "06.3": ["log1p", "relu", "abs"],
    "06.4": ["Parameter", "删"],
    "06.5": ["NumPy", "asnumpy", "ops.exp"],
    "06.6": ["d2l.grad", "hessian", "6n"],
}
