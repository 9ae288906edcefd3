"""Answers to the exercises of chapter 1."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import grad, jacobian, value_and_grad

Fn = Callable[[Any], Any]


def with_a_loop(x: Any) -> Any:
    result = -1.0
    for _ in range(2):
        result = result / x
    return result


def newton(fn: Fn, x: Any) -> Any:
    return x - fn(x) / grad(fn)(x)


def newton_by_pair(fn: Fn, x: Any) -> Any:
    value, slope = value_and_grad(fn)(x)
    return x - value / slope


def central_in_steps(fn: Fn, x: Any, h: Any) -> Any:
    right = fn(x + h)
    left = fn(x - h)
    return (right - left) / (h + h)


def slope_by_fraction(x: Any) -> Any:
    return -1 / Fraction(x) ** 2


def scaled_slope(factor: float, x: Any) -> Any:
    return factor / x**2


class Slope:
    def __call__(self, x: Any) -> Any:
        return -1.0 / (x * x)


def helped(x: Any) -> Any:
    return derived(x)


derived = grad(lambda x: 1 / x)

RIGHT: dict[str, list[Any]] = {
    "01.1": [
        lambda x: -1 / x**2,
        lambda x: -(x**-2.0),
        with_a_loop,
        lambda x: -np.power(x, -2.0),
        lambda x: -math.pow(x, -2),
        lambda x: -1 / (x * x),
        lambda x: -(1 / x) * (1 / x),
        lambda x: -1 / np.square(float(x)),
        lambda x: -ops.pow(x, -2.0),
        lambda x: -(ops.reciprocal(x) ** 2),
        lambda x: -ops.square(1 / x),
        lambda x: ops.neg(1 / ops.square(x)),
        lambda x: [-1 / x**2],
        lambda x: -1 / ops.stop_gradient(x) ** 2,
        lambda x: Fraction(-1) / Fraction(float(x)) ** 2,
        slope_by_fraction,
        partial(scaled_slope, -1.0),
        Slope(),
    ],
    "01.2": [
        lambda fn, x, h: (fn(x + h) - fn(x - h)) / (2 * h),
        lambda f, a, d: (f(a + d) - f(a - d)) / d / 2,
        lambda fn, x, h: 0.5 / h * (fn(x + h) - fn(x - h)),
        lambda fn, x, h: (fn(x - h) - fn(x + h)) / (-2 * h),
        lambda fn, x, h: ((fn(x + h) - fn(x)) / h + (fn(x) - fn(x - h)) / h) / 2,
        lambda fn, x, h: np.divide(fn(x + h) - fn(x - h), 2 * h),
        lambda fn, x, h: float(fn(x + h) - fn(x - h)) / ((x + h) - (x - h)),
        central_in_steps,
    ],
    "01.3": [
        lambda x: x * (2 * ops.sin(3 * x) + 3 * x * ops.cos(3 * x)),
        grad(lambda x: x**2 * ops.sin(3 * x)),
        lambda x: float(2 * x * np.sin(3 * float(x)) + 3 * x * x * np.cos(3 * float(x))),
        lambda x: 2 * x * math.sin(3 * x) + 3 * x**2 * math.cos(3 * x),
        lambda x: 2 * x * np.sin(3 * x) + 3 * x**2 * np.cos(3 * x),
        lambda x: x * ops.sin(3 * x) * 2 + (x**2) * (ops.cos(3 * x) * 3),
        lambda x: x**2 * (2 / x * ops.sin(3 * x) + 3 * ops.cos(3 * x)),
        lambda x: 2 * x * ops.cos(3 * x - np.pi / 2) + 3 * x**2 * ops.sin(3 * x + np.pi / 2),
    ],
    "01.4": [
        newton,
        newton_by_pair,
        lambda fn, x: (x * grad(fn)(x) - fn(x)) / grad(fn)(x),
        lambda fn, x: float(x) - float(fn(x)) / float(grad(fn)(x)),
        lambda fn, x: x - fn(x) * (1 / grad(fn)(x)),
        lambda fn, x: x - fn(x) * grad(fn)(x) ** -1.0,
    ],
    "01.5": [
        [-0.6, -0.8],
        np.array([-0.6, -0.8]),
        ms.Tensor([-0.6, -0.8]),
        [ms.Tensor(-0.6), ms.Tensor(-0.8)],
        [Fraction(-3, 5), Fraction(-4, 5)],
        (-3 / 5, -4 / 5),
        np.array([-3, -4]) / 5,
        np.array([[-0.6, -0.8]]),
        np.array([[-0.6], [-0.8]]),
        [[-0.6], [-0.8]],
        np.array([-0.6, -0.8], np.float32),
        [np.float64(-0.6), -0.8],
        [-0.6000001, -0.7999999],
        [Decimal("-0.6"), Decimal("-0.8")],
    ],
    "01.6": [
        0.1,
        1 / 10,
        np.float32(0.1),
        ms.Tensor([0.1]),
        ms.Tensor(0.1),
        Fraction(1, 10),
        Decimal("0.1"),
        [0.1],
        np.array(0.1),
        2 / 20,
    ],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "01.1": [
        ("sign", lambda x: 1 / x**2),
        ("power", lambda x: -1 / x),
        ("area", lambda x: ops.log(x)),
        ("values", lambda x: -2 / x**2),
        ("values", lambda x: 1 - 1 / x**2),
        ("values", lambda x: -1.001 / x**2),
        ("itself", lambda x: 1 / x),
        ("cube", lambda x: 2 / x**3),
        ("forbidden", grad(lambda x: 1 / x)),
        ("forbidden", lambda x: grad(lambda t: 1 / t)(x)),
        ("forbidden", helped),
        ("forbidden", lambda x: value_and_grad(lambda t: 1 / t)(x)[1]),
        ("forbidden", lambda x: ms.grad(lambda t: 1 / t)(x)),
        ("forbidden", lambda x: jacobian(lambda t: 1 / t)(x)),
        ("returns_shape", lambda x: [x, -1 / x**2]),
        ("returns_no_numbers", lambda x: "-1/x**2"),
        ("returns_nothing", lambda x: print(-1 / x**2)),
        ("raises", lambda: -1),
        ("raises", lambda x: undefined / x),  # type: ignore[name-defined]  # noqa: F821
        ("not_function", -0.25),
        ("not_function", "-1/x**2"),
        ("nothing", None),
    ],
    "01.2": [
        ("forward", lambda fn, x, h: (fn(x + h) - fn(x)) / h),
        ("width", lambda fn, x, h: (fn(x + h) - fn(x - h)) / h),
        ("exact", lambda fn, x, h: grad(fn)(x)),
        ("undivided", lambda fn, x, h: fn(x + h) - fn(x - h)),
        ("brackets", lambda fn, x, h: (fn(x + h) - fn(x - h)) / 2 * h),
        ("backward", lambda fn, x, h: (fn(x) - fn(x - h)) / h),
        ("half", lambda fn, x, h: (fn(x + h / 2) - fn(x - h / 2)) / h),
        ("falling", lambda fn, x, h: (fn(x - h) - fn(x + h)) / (2 * h)),
        ("values", lambda fn, x, h: (fn(x + h) + fn(x - h)) / (2 * h)),
        ("values", lambda fn, x, h: (fn(x + h) - fn(x - h)) / 2),
        ("raises", lambda fn, x: fn(x)),
    ],
    "01.3": [
        ("factors", lambda x: 2 * x * 3 * ops.cos(3 * x)),
        ("inner", lambda x: 2 * x * ops.sin(3 * x) + x**2 * ops.cos(3 * x)),
        ("sign", lambda x: 2 * x * ops.sin(3 * x) - 3 * x**2 * ops.cos(3 * x)),
        ("itself", lambda x: x**2 * ops.sin(3 * x)),
        ("first", lambda x: 2 * x * ops.sin(3 * x)),
        ("second", lambda x: 3 * x**2 * ops.cos(3 * x)),
        ("argument", lambda x: 2 * x * ops.sin(x) + 3 * x**2 * ops.cos(x)),
        ("argument_of_one", lambda x: 2 * x * ops.sin(3 * x) + 3 * x**2 * ops.cos(x)),
        ("values", lambda x: 2 * x * ops.sin(3 * x) + 3 * x * ops.cos(3 * x)),
        ("values", lambda x: 2 * x + 3 * ops.cos(3 * x)),
    ],
    "01.4": [
        ("away", lambda fn, x: x + fn(x) / grad(fn)(x)),
        ("inverted", lambda fn, x: x - grad(fn)(x) / fn(x)),
        ("only_step", lambda fn, x: -fn(x) / grad(fn)(x)),
        ("several", lambda fn, x: newton(fn, newton(fn, x))),
        ("product", lambda fn, x: x - fn(x) * grad(fn)(x)),
        ("no_slope", lambda fn, x: x - fn(x)),
        ("descent", lambda fn, x: x - grad(fn)(x)),
        ("values", lambda fn, x: x - fn(x) / 2),
        ("values", lambda fn, x: fn(x) / grad(fn)(x)),
        ("raises", lambda fn, x: x - fn / grad(fn)),
        ("raises", lambda fn: fn),
    ],
    "01.5": [
        ("uphill", [0.6, 0.8]),
        ("length", [-3, -4]),
        ("gradient", ms.Tensor([3.0, 4.0])),
        ("across", [0.8, -0.6]),
        ("swapped", [-0.8, -0.6]),
        ("sum_is_one", [-3 / 7, -4 / 7]),
        ("at_origin", [0, 0]),
        ("some", [-0.6, 0.8]),
        ("array", [-0.707, -0.707]),
        ("array", [-0.59, -0.79]),
        ("shape", [[-0.6, -0.8], [0, 0]]),
        ("not_numbers", ["-0.6", "-0.8"]),
        ("not_finite", [float("nan"), -0.8]),
        ("not_value", lambda p: -p),
        ("shape", -1.0),
    ],
    "01.6": [
        ("gentle", 1.0),
        ("one_step", 0.05),
        ("half", 0.2),
        ("upside_down", 10),
        ("number", 0.09),
        ("number", 0.11),
        ("number", -0.1),
        ("not_numbers", "0.1"),
        ("not_numbers", True),
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
