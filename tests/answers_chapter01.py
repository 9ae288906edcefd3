"""Answers to the exercises of chapter 1."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import grad

Fn = Callable[[Any], Any]


def with_a_loop(x: Any) -> Any:
    result = -1.0
    for _ in range(2):
        result = result / x
    return result


def newton(fn: Fn, x: Any) -> Any:
    return x - fn(x) / grad(fn)(x)


RIGHT: dict[str, list[Any]] = {
    "01.1": [lambda x: -1 / x**2, lambda x: -(x**-2.0), grad(lambda x: 1 / x), with_a_loop],
    "01.2": [
        lambda fn, x, h: (fn(x + h) - fn(x - h)) / (2 * h),
        lambda f, a, d: (f(a + d) - f(a - d)) / d / 2,
    ],
    "01.3": [
        lambda x: x * (2 * ops.sin(3 * x) + 3 * x * ops.cos(3 * x)),
        grad(lambda x: x**2 * ops.sin(3 * x)),
        lambda x: float(2 * x * np.sin(3 * float(x)) + 3 * x * x * np.cos(3 * float(x))),
    ],
    "01.4": [newton, lambda fn, x: (x * grad(fn)(x) - fn(x)) / grad(fn)(x)],
    "01.5": [
        [-0.6, -0.8],
        np.array([-0.6, -0.8]),
        ms.Tensor([-0.6, -0.8]),
        [ms.Tensor(-0.6), ms.Tensor(-0.8)],
    ],
    "01.6": [0.1, 1 / 10, np.float32(0.1), ms.Tensor([0.1])],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "01.1": [
        ("sign", lambda x: 1 / x**2),
        ("power", lambda x: -1 / x),
        ("area", lambda x: ops.log(x)),
        ("values", lambda x: -2 / x**2),
        ("derivative", lambda x: -1 / ops.stop_gradient(x) ** 2),
        ("derivative", lambda x: -1 / float(x) ** 2),
        ("not_function", -0.25),
    ],
    "01.2": [
        ("forward", lambda fn, x, h: (fn(x + h) - fn(x)) / h),
        ("width", lambda fn, x, h: (fn(x + h) - fn(x - h)) / h),
        ("exact", lambda fn, x, h: grad(fn)(x)),
        ("values", lambda fn, x, h: fn(x + h) - fn(x - h)),
        ("values", lambda fn, x, h: (fn(x + h) - fn(x - h)) / 2 * h),
    ],
    "01.3": [
        ("factors", lambda x: 2 * x * 3 * ops.cos(3 * x)),
        ("inner", lambda x: 2 * x * ops.sin(3 * x) + x**2 * ops.cos(3 * x)),
        ("sign", lambda x: 2 * x * ops.sin(3 * x) - 3 * x**2 * ops.cos(3 * x)),
        ("values", lambda x: x**2 * ops.sin(3 * x)),
    ],
    "01.4": [
        ("away", lambda fn, x: x + fn(x) / grad(fn)(x)),
        ("inverted", lambda fn, x: x - grad(fn)(x) / fn(x)),
        ("only_step", lambda fn, x: -fn(x) / grad(fn)(x)),
        ("values", lambda fn, x: newton(fn, newton(fn, x))),
        ("raises", lambda fn: fn),
    ],
    "01.5": [
        ("uphill", [0.6, 0.8]),
        ("length", [-3, -4]),
        ("gradient", ms.Tensor([3.0, 4.0])),
        ("across", [0.8, -0.6]),
        ("array", [-0.8, -0.6]),
        ("shape", [[-0.6, -0.8]]),
        ("shape", -1.0),
    ],
    "01.6": [
        ("gentle", 1.0),
        ("one_step", 0.05),
        ("half", 0.2),
        ("number", 10),
        ("shape", [0.1, 0.1]),
    ],
}

# What no hint may say.
SECRETS = {
    "01.1": ["-1/x", "x**2", "x²", "square", "平方"],
    "01.2": ["2h", "2 * h", "2*h", "x - h", "twice"],
    "01.3": ["cos", "2x", "2 *", "余弦"],
    "01.4": ["x - ", "fn(x) /", "fn(x)/"],
    "01.5": ["0.6", "0.8", "3", "4"],
    "01.6": ["0.1", "1/10", "10", "20"],
}
