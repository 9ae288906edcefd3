"""Answers to the exercises of chapter 3."""

import math
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import detach


def hypotenuse(a: float, b: float) -> tuple[float, list[float]]:
    h = math.sqrt(a * a + b * b)
    return h, [a / h, b / h]


class Dual:
    """A right answer, in pieces that the wrong ones replace."""

    def __init__(self, value: float, rate: float = 0.0) -> None:
        self.value, self.rate = value, rate

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Dual) else Dual(other)
        return type(self)(self.value + other.value, self.rate + other.rate)

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Dual) else Dual(other)
        return type(self)(self.value * other.value, self.product_rate(other))

    def product_rate(self, other: Any) -> float:
        return float(self.rate * other.value + self.value * other.rate)

    def sin(self) -> Any:
        return type(self)(math.sin(self.value), math.cos(self.value) * self.rate)

    __radd__, __rmul__ = __add__, __mul__


class ProductOfRates(Dual):
    def product_rate(self, other: Any) -> float:
        return float(self.rate * other.rate)


class OneSideOnly(Dual):
    __radd__ = None  # type: ignore[assignment]


class NoSine(Dual):
    sin = property()


class SineAlone(Dual):
    def sin(self) -> Any:
        return type(self)(math.sin(self.value), math.cos(self.value))


class CosineForSine(Dual):
    def sin(self) -> Any:
        return type(self)(math.cos(self.value), -math.sin(self.value) * self.rate)


class InPlace(Dual):
    def __add__(self, other: Any) -> Any:
        if isinstance(other, Dual):
            return Dual.__add__(self, other)
        self.value += other
        return self


class PlainSum(Dual):
    def __add__(self, other: Any) -> Any:
        return self.value + other.value


class OtherNames:
    def __init__(self, number: float, speed: float) -> None:
        self.number, self.speed = number, speed


class TwiceOne(Dual):
    """Right for x * x alone."""

    def product_rate(self, other: Any) -> float:
        return 2 * self.value * self.rate


class OneTerm(Dual):
    def product_rate(self, other: Any) -> float:
        return self.rate * other.value


class FloatsOnly(Dual):
    def __add__(self, other: Any) -> Any:
        other = Dual(other) if isinstance(other, float) else other
        return Dual.__add__(self, other) if isinstance(other, Dual) else other.missing

    __radd__ = __add__


class NotANumber(Dual):
    __mul__ = None  # type: ignore[assignment]


class ConstantWithRate(Dual):
    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Dual) else Dual(other, 1.0)
        return Dual.__add__(self, other)

    __radd__ = __add__


class InNumPy(Dual):
    def sin(self) -> Any:
        return type(self)(np.sin(self.value), np.cos(self.value) * self.rate)


class InSinglePrecision(Dual):
    def __init__(self, value: Any, rate: Any = 0.0) -> None:
        super().__init__(np.float32(value), np.float32(rate))  # type: ignore[arg-type]


class Slotted:
    __slots__ = ("rate", "value")

    def __init__(self, value: float, rate: float = 0.0) -> None:
        self.value, self.rate = value, rate

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Slotted):
            return Slotted(self.value + other.value, self.rate + other.rate)
        return Slotted(self.value + other, self.rate)

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Slotted):
            rate = self.value * other.rate + other.value * self.rate
            return Slotted(self.value * other.value, rate)
        return Slotted(self.value * other, self.rate * other)

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def sin(self) -> Any:
        return Slotted(math.sin(self.value), math.cos(self.value) * self.rate)


def length(a: float, b: float) -> float:
    return math.sqrt(a * a + b * b)


RIGHT: dict[str, list[Any]] = {
    "03.1": [
        [10, 6, 24, 21],
        (10.0, 6.0, 24.0, 21.0),
        np.array([10, 6, 24, 21]),
        [ms.Tensor(10.0), 6, np.float32(24), 21],
        np.array([[10], [6], [24], [21]]),
    ],
    "03.2": [[200, 500, 6], (200, 500, 6), np.array([200.0, 500, 6]), [200, 500, 3 + 3]],
    "03.3": [
        hypotenuse,
        lambda a, b: (math.hypot(a, b), (a / math.hypot(a, b), b / math.hypot(a, b))),
        lambda a, b: [length(a, b), [a / length(a, b), b / length(a, b)]],
        lambda a, b: (length(a, b), np.array([a, b]) / length(a, b)),
        lambda a, b: (ms.Tensor(length(a, b)), [a / length(a, b), b / length(a, b)]),
        lambda a, b: (np.float32(length(a, b)), np.array([a, b], np.float32) / length(a, b)),
        lambda a, b: ((a**2 + b**2) ** 0.5, [a * (a**2 + b**2) ** -0.5, b / length(a, b)]),
        lambda a, b: (abs(complex(a, b)), [a / abs(complex(a, b)), b / abs(complex(a, b))]),
    ],
    "03.4": [Dual, InNumPy, InSinglePrecision, Slotted],
    "03.5": [
        lambda x: x + detach(x.round() - x),
        lambda x: detach(ops.round(x)) + (x - detach(x)),
        lambda x: x - detach(x - x.round()),
        lambda x: ops.stop_gradient(x.round() - x) + x,
        lambda x: x.round() + x - detach(x),
    ],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "03.1": [
        ("values", [6, 4, 2, 3]),
        ("once", [4, 6, 6, 9]),
        ("sign", [10, 6, 36, 21]),
        ("direct", [10, 6, 24, 20]),
        ("once_by_v", [6, 6, 12, 13]),
        ("u_directly", [4, 6, 24, 21]),
        ("u_by_v", [6, 6, 24, 21]),
        ("x_once", [10, 6, 30, 21]),
        ("some", [10, 6, 24, 22]),
        ("some", [10, 4, 24, 21]),
        ("array", [24, 21, 10, 6]),
        ("not_numbers", {"u": 10, "v": 6, "x": 24, "y": 21}),
        ("shape", [24, 21]),
    ],
    "03.2": [
        ("swapped", [500, 200, 6]),
        ("whole", [200, 500, 200]),
        ("one_half", [200, 500, 3]),
        ("wrong_way", [200, 500, 700]),
        ("some", [200, 500, 1500]),
        ("some", [200, 500, 9]),
        ("array", [1, 1, 1]),
        ("shape", 6),
    ],
    "03.3": [
        ("not_a_rule", lambda a, b: math.hypot(a, b)),
        ("not_a_rule", lambda a, b: (math.hypot(a, b), [a])),
        ("squared", lambda a, b: (a * a + b * b, [2 * a, 2 * b])),
        ("value", lambda a, b: (a + b, [1, 1])),
        ("exchanged", lambda a, b: (math.hypot(a, b), hypotenuse(b, a)[1])),
        ("twice", lambda a, b: (math.hypot(a, b), [2 * slope for slope in hypotenuse(a, b)[1]])),
        ("inner", lambda a, b: (math.hypot(a, b), [0.5 / math.hypot(a, b)] * 2)),
        ("slopes", lambda a, b: (math.hypot(a, b), [2 * a, 2 * b])),
        ("slopes", lambda a, b: (math.hypot(a, b), [1.001 * a / math.hypot(a, b), b])),
        ("not_function", hypotenuse(3, 4)),
        ("value", lambda a, b: (1.001 * length(a, b), [a / length(a, b), b / length(a, b)])),
        ("slopes", lambda a, b: (length(a, b), [a / length(a, b), -b / length(a, b)])),
        ("not_a_rule", lambda a, b: (length(a, b), a / length(a, b), b / length(a, b))),
        ("raises", lambda a: (a, [1.0])),
    ],
    "03.4": [
        ("not_class", Dual(1.0, 1.0)),
        ("attributes", OtherNames),
        ("operation_raises", OneSideOnly),
        ("operation_raises", NoSine),
        ("returns_no_dual", PlainSum),
        ("value", CosineForSine),
        ("rate", ProductOfRates),
        ("rate", SineAlone),
        ("changed", InPlace),
        ("rate", TwiceOne),
        ("rate", OneTerm),
        ("rate", ConstantWithRate),
        ("operation_raises", FloatsOnly),
        ("operation_raises", NotANumber),
    ],
    "03.5": [
        ("flat", lambda x: x.round()),
        ("unrounded", lambda x: x),
        ("shifted", lambda x: x + detach(x.round())),
        ("derivative", lambda x: 2 * x + detach(x.round() - 2 * x)),
        ("down", lambda x: x + detach(ops.floor(x) - x)),
        ("half_up", lambda x: x + detach(ops.floor(x + 0.5) - x)),
        ("values", lambda x: x + detach(ops.ceil(x) - x)),
        ("flat", lambda x: detach(x.round())),
        ("derivative", lambda x: x.round() + 0.5 * (x - detach(x))),
        ("not_differentiable", lambda x: np.round(x.asnumpy())),
    ],
}

# What no hint may say.
SECRETS = {
    "03.1": ["10", "24", "21", "-1", "−1"],
    "03.2": ["200", "500", "6", "3"],
    "03.3": ["a / h", "a/h", "hypot(", "sqrt"],
    "03.4": ["cos", ".rate", "rate *", "product rule", "chain rule", "链式", "乘积"],
    "03.5": ["detach", "stop_gradient", "- x"],
}
