"""Answers to the exercises of chapter 2."""

from fractions import Fraction
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import detach, grad, value_and_grad


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


def climb_variant(
    a: Any, size: Any = lambda b: b.abs().max(), up: Any = lambda b: b.sum() > 0, factor: float = 2
) -> Any:
    b = a
    while size(b) < 100:
        b = 3 * b
    return (b if up(b) else factor * b).sum()


def climb_until_above(a: Any) -> Any:
    b = a
    while b.abs().max() <= 100:
        b = 3 * b
    return (b if b.sum() > 0 else 2 * b).sum()


def climb_with_a_factor(a: Any) -> Any:
    factor = 1.0
    while float((factor * a).abs().max()) < 100:
        factor *= 3
    if float(a.sum()) <= 0:
        factor *= 2
    return (factor * a).sum()


def climb_in_numpy_conditions(a: Any) -> Any:
    b = a
    while np.abs(b.asnumpy()).max() < 100:
        b = b * 3
    if not b.asnumpy().sum() > 0:
        b = b * 2
    return ops.sum(b)


def power_by_rounds(a: Any) -> Any:
    y = 1.0
    for _ in range(int(a)):
        y = y * a
    return y


def series(a: Any) -> Any:
    total, term, n = 1.0, 1.0, 0
    while abs(term) > 1e-7:
        n += 1
        term = term * a / n
        total = total + term
    return total


def halved(a: Any) -> Any:
    while a > 1:
        a = a / 2
    return a


def slope_of_halved(a: Any) -> Any:
    return 0.5 ** np.ceil(np.log2(float(a)))


def fixed_loop(a: Any) -> Any:
    y = a
    for _ in range(3):
        y = y * a
    return y


def sine_total(x: Any) -> Any:
    return ops.sin(x).sum()


def one_by_one(x: Any) -> Any:
    return [float(grad(ops.sin)(float(point))) for point in x]


RIGHT: dict[str, list[Any]] = {
    "02.1": [
        [4, 4, 4, 4],
        ms.Tensor([4.0, 4.0, 4.0, 4.0]),
        np.full(4, 4.0),
        (4.0, 4.0, 4.0, 4.0),
        [Fraction(4)] * 4,
        4 * np.ones((1, 4)),
        ops.ones((4,)) * 4,
    ],
    "02.2": [
        [[0, 4, 8, 12], [0, 8, 16, 24]],
        np.array([[0, 4, 8, 12], [0, 8, 16, 24]]),
        ([0, 4, 8, 12], [0, 8, 16, 24]),
        [ms.Tensor([0.0, 4.0, 8.0, 12.0]), np.array([0, 8, 16, 24])],
        ms.Tensor([[0.0, 4.0, 8.0, 12.0], [0.0, 8.0, 16.0, 24.0]]),
    ],
    "02.3": [
        lambda a: climb_all(a).sum(),
        climb_with_a_factor,
        climb_in_numpy_conditions,
        lambda a: climb_variant(a, size=lambda b: ops.abs(b).max()),
        lambda a: climb_variant(a, size=lambda b: max(b.max(), -b.min())),
        lambda a: ops.reduce_sum(climb_all(a)),
    ],
    "02.4": [
        [heron, lambda a: 1 / (2 * ops.sqrt(a))],
        (power_by_a_loop, derivative_of_power),
        [heron, lambda a: 0.5 * float(a) ** -0.5],
        [heron, lambda a: 1 / (2 * np.sqrt(a))],
        [power_by_rounds, lambda a: int(a) * a ** (int(a) - 1)],
        [series, lambda a: np.exp(float(a))],
        [series, lambda a: ops.exp(a)],
        [halved, slope_of_halved],
    ],
    "02.5": [
        grad(lambda x: ops.sin(x).sum()),
        grad(sine_total),
        lambda x: ops.sin(x + np.pi / 2),
        lambda x: np.sin(x.asnumpy() + np.pi / 2),
        lambda x: grad(sine_total)(x),
        lambda x: value_and_grad(sine_total)(x)[1],
        lambda x: 1 - 2 * ops.sin(x / 2) ** 2,
        one_by_one,
    ],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "02.1": [
        ("raw", [0, 0, 0, 0]),
        ("first", [0, 4, 8, 12]),
        ("table", 4 * np.eye(4)),
        ("total", 16),
        ("array", [2, 2, 2, 2]),
        ("some", [0, 4, 4, 4]),
        ("shape", 4),
        ("shape", [4, 4, 4]),
    ],
    "02.2": [
        ("adds", [[0, 8, 16, 24], [0, 12, 24, 36]]),
        ("overwrites", [[0, 4, 8, 12], [0, 4, 8, 12]]),
        ("all_three", [[0, 4, 8, 12], [0, 12, 24, 36]]),
        ("one_row", [0, 8, 16, 24]),
        ("shape", [0, 4, 8, 12]),
        ("array", [[0, 8, 16, 24], [0, 4, 8, 12]]),
        ("array", [[0, 4, 8, 12], [0, 8, 16, 25]]),
    ],
    "02.3": [
        ("every", until_every_entry_is_large),
        ("branch", without_branch),
        ("returns_shape", climb_all),
        ("length", lambda a: climb_variant(a, size=lambda b: (b**2).sum() ** 0.5)),
        ("first", lambda a: climb_variant(a, up=lambda b: b.reshape((-1,))[0] > 0)),
        ("all", lambda a: climb_variant(a, up=lambda b: (b > 0).all())),
        ("any", lambda a: climb_variant(a, up=lambda b: (b > 0).any())),
        ("zero", lambda a: climb_variant(a, up=lambda b: b.sum() >= 0)),
        ("at_limit", climb_until_above),
        ("mean", lambda a: climb_all(a).mean()),
        ("norm", lambda a: (climb_all(a) ** 2).sum() ** 0.5),
        ("values", lambda a: climb_variant(a, factor=3)),
        ("values", lambda a: climb_all(a).max()),
        ("values", lambda a: climb_all(a).abs().sum()),
        ("derivative", lambda a: detach(climb_all(a)).sum()),
        ("not_differentiable", lambda a: float(climb_all(a).sum())),
        ("not_function", 27.0),
    ],
    "02.4": [
        ("pair", heron),
        ("pair", 0.5),
        ("disagree", [heron, lambda a: 1 / a]),
        ("disagree", [lambda a: detach(a), lambda a: a * 0 + 1]),
        ("not_function", [heron, 0.5]),
        ("no_loop", [lambda a: a * a, lambda a: 2 * a]),
        ("no_loop", [fixed_loop, lambda a: 4 * a**3]),
        ("no_loop", [ops.sqrt, lambda a: 1 / (2 * ops.sqrt(a))]),
        ("forbidden", [heron, grad(heron)]),
        ("forbidden", [power_by_a_loop, lambda a: grad(power_by_a_loop)(a)]),
        ("disagree", [series, lambda a: 1.1 * np.exp(float(a))]),
        ("disagree", [heron, lambda a: 0.5]),
        ("returns_shape", [heron, lambda a: [a, a]]),
        ("pair", [heron]),
        ("pair", [heron, heron, heron]),
    ],
    "02.5": [
        ("itself", lambda x: ops.sin(x)),
        ("sign", lambda x: -ops.sin(x + np.pi / 2)),
        ("returns_shape", lambda x: ops.sin(x + np.pi / 2).sum()),
        ("values", lambda x: x),
        ("forbidden", lambda x: ops.cos(x)),
        ("forbidden", lambda x: np.cos(x.asnumpy())),
        ("forbidden", ops.cos),
        ("second", lambda x: -ops.sin(x)),
        ("raises", grad(ops.sin)),
        ("values", lambda x: ops.sin(x + np.pi / 4)),
    ],
}

# What no hint may say.
SECRETS = {
    "02.1": ["4", "四"],
    "02.2": ["8", "16", "24"],
    "02.3": ["max", "2 *", "abs"],
    "02.4": ["sqrt", "heron", "Heron"],
    "02.5": ["cos(", "余弦", "sum"],
}
