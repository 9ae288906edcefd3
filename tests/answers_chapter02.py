"""Answers to the exercises of chapter 2."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import detach, grad


def climb_all(a: Any) -> Any:
    b = a
    while b.abs().max() < 100:
        b = 3 * b
    return b if b.sum() > 0 else 2 * b


def until_every_entry_is_large(a: Any) -> Any:
    b = a
    while b.abs().min() < 100:
        b = 3 * b
    return (b if b.sum() > 0 else 2 * b).sum()


def without_branch(a: Any) -> Any:
    b = a
    while b.abs().max() < 100:
        b = 3 * b
    return b.sum()


def heron(a: Any) -> Any:
    root = a
    while abs(root * root - a) > 1e-5 * a:
        root = (root + a / root) / 2
    return root


def power_by_a_loop(a: Any) -> Any:
    y = a
    while y < 100:
        y = y * a
    return y


def derivative_of_power(a: Any) -> Any:
    n = np.ceil(np.log(100) / np.log(float(a)))
    return n * a ** (n - 1)


RIGHT: dict[str, list[Any]] = {
    "02.1": [[4, 4, 4, 4], ms.Tensor([4.0, 4.0, 4.0, 4.0]), np.full(4, 4.0)],
    "02.2": [[[0, 4, 8, 12], [0, 8, 16, 24]], np.array([[0, 4, 8, 12], [0, 8, 16, 24]])],
    "02.3": [lambda a: climb_all(a).sum()],
    "02.4": [
        [heron, lambda a: 1 / (2 * ops.sqrt(a))],
        (power_by_a_loop, derivative_of_power),
        [heron, lambda a: 0.5 * float(a) ** -0.5],
    ],
    "02.5": [grad(lambda x: ops.sin(x).sum()), lambda x: ops.sin(x + np.pi / 2)],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "02.1": [
        ("raw", [0, 0, 0, 0]),
        ("first", [0, 4, 8, 12]),
        ("array", [2, 2, 2, 2]),
        ("shape", 4),
    ],
    "02.2": [
        ("adds", [[0, 8, 16, 24], [0, 12, 24, 36]]),
        ("overwrites", [[0, 4, 8, 12], [0, 4, 8, 12]]),
        ("shape", [0, 4, 8, 12]),
    ],
    "02.3": [
        ("every", until_every_entry_is_large),
        ("branch", without_branch),
        ("returns_shape", climb_all),
        ("derivative", lambda a: detach(climb_all(a)).sum()),
        ("not_function", 27.0),
    ],
    "02.4": [
        ("pair", heron),
        ("pair", 0.5),
        ("disagree", [heron, lambda a: 1 / a]),
        ("disagree", [lambda a: detach(a), lambda a: a * 0 + 1]),
        ("not_function", [heron, 0.5]),
    ],
    "02.5": [
        ("itself", lambda x: ops.sin(x)),
        ("sign", lambda x: -ops.sin(x + np.pi / 2)),
        ("returns_shape", lambda x: ops.sin(x + np.pi / 2).sum()),
        ("values", lambda x: x),
    ],
}

# What no hint may say.
SECRETS = {
    "02.1": ["4", "四"],
    "02.2": ["8", "16", "24"],
    "02.3": ["max", "2 *", "abs"],
    "02.4": ["sqrt", "heron", "Heron"],
    "02.5": ["cos", "余弦", "sum"],
}
