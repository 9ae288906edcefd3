"""Backward rules of arithmetic and of elementary functions.

Where a function has no derivative: 0 at the kink of the absolute value, equal shares where operands
of a maximum are equal, 1 at the edges of a clamp, 0 for functions that are constant in steps.
"""

import math
from typing import Any

import numpy as np
from mindspore import Tensor, ops
from mindspore.ops import operations as P

from d2l_autograd.engine.rules.table import elementwise, rule
from d2l_autograd.engine.shapes import constant, filling, times
from d2l_autograd.engine.watching import apply, number

_divide_no_nan, _xdivy = P.DivNoNan(), P.Xdivy()


def _are_numbers(d: Any, factor: Any) -> bool:
    return type(factor) in (int, float) and filling(d) is not None


def _rounded(number: float) -> float:
    return float(np.float32(number))  # as MindSpore takes the numbers of Python


def _times(d: Any, factor: Any) -> Any:
    return times(d, _rounded(factor)) if _are_numbers(d, factor) else d * factor


def _negative(d: Any) -> Any:
    return -d if filling(d) is None else times(d, -1)


# Arithmetic. AddExt and SubExt take a factor of their second operand.

elementwise("Add Adds", lambda d, *_: d, lambda d, *_: d)
elementwise("AddExt", lambda d, *_: d, lambda d, out, x, y, a=1: d if a == 1 else d * a)
elementwise("Sub Subs", lambda d, *_: d, lambda d, *_: _negative(d))
elementwise("SubExt", lambda d, *_: d, lambda d, out, x, y, a=1: -d if a == 1 else d * -a)
elementwise("Mul Muls", lambda d, out, x, y: _times(d, y), lambda d, out, x, y: _times(d, x))
elementwise(
    "Div Divs RealDiv",
    lambda d, out, x, y: times(d, 1 / _rounded(y)) if _are_numbers(d, y) and y else d / y,
    lambda d, out, x, y: -d * out / y,
)
elementwise(
    "DivNoNan",
    lambda d, out, x, y: _divide_no_nan(d, y),
    lambda d, out, x, y: -d * _divide_no_nan(out, y),
)
elementwise("Neg", lambda d, *_: _negative(d))
elementwise("Square", lambda d, out, x: times(d, 2) * x)
elementwise("Reciprocal Inv", lambda d, out, x: -d * out * out)
rule("AddN AccumulateNV2", lambda d, out, parts: [d] * len(parts))
elementwise(
    "Addcmul",
    lambda d, *_: d,
    lambda d, out, x, y, z, a: d * (a * z),
    lambda d, out, x, y, z, a: d * (a * y),
    lambda d, out, x, y, z, a: d * (y * z),
)
elementwise(
    "Addcdiv",
    lambda d, *_: d,
    lambda d, out, x, y, z, a: d * a / z,
    lambda d, out, x, y, z, a: -d * a * y / (z * z),
    lambda d, out, x, y, z, a: d * y / z,
)
elementwise(
    "Lerp LerpScalar",
    lambda d, out, x, y, w: d * (1 - w),
    lambda d, out, x, y, w: d * w,
    lambda d, out, x, y, w: d * (y - x),
)


# Constant in steps.


def _division_in_mode(d: Any, out: Any, x: Any, y: Any, mode: Any = None) -> Any:
    return None if mode else d / y


def _division_in_mode_by_divisor(d: Any, out: Any, x: Any, y: Any, mode: Any = None) -> Any:
    return None if mode else -d * out / y


elementwise("Sign Floor Ceil Round Rint Trunc", None)
elementwise("FloorDiv TruncateDiv Heaviside", None, None)
elementwise("DivMod DivMods", _division_in_mode, _division_in_mode_by_divisor)
elementwise("FloorMod", lambda d, *_: d, lambda d, out, x, y: -d * ops.floor(x / y))
elementwise("Mod TruncateMod", lambda d, *_: d, lambda d, out, x, y: -d * ops.trunc(x / y))
elementwise("NextAfter", lambda d, *_: d, None)


# Choices.


def masked(where: Any, d: Any) -> Any:
    """Return d where a condition holds, and 0 elsewhere, be d a number or none there."""
    return ops.where(where, d, constant(0.0, (), d.dtype))


def _share(d: Any, mine: Any, other: Any) -> Any:
    """Return the part of d that belongs to the larger one of two, half of it if they are equal."""
    return ops.where(mine == other, d * 0.5, masked(mine > other, d))


elementwise("Abs", lambda d, out, x: d * ops.sign(x))
elementwise(
    "Maximum Fmax", lambda d, out, x, y: _share(d, x, y), lambda d, out, x, y: _share(d, y, x)
)
elementwise(
    "Minimum Fmin", lambda d, out, x, y: _share(d, y, x), lambda d, out, x, y: _share(d, x, y)
)


def _enter_cut(name: str, beyond: Any, at_or_beyond: Any, short_of: Any) -> None:
    """Enter a maximum or minimum that is cut off: at the edge x counts, but beside a number."""
    elementwise(
        name,
        lambda d, out, x, y: masked((at_or_beyond if isinstance(y, Tensor) else beyond)(x, y), d),
        lambda d, out, x, y: masked(short_of(x, y), d),
    )


_enter_cut("MaximumAtEdge", ops.greater, ops.greater_equal, ops.less)
_enter_cut("MinimumAtEdge", ops.less, ops.less_equal, ops.greater)
elementwise(
    "Select",
    None,
    lambda d, out, where, x, y: masked(where, d),
    lambda d, out, where, x, y: masked(ops.logical_not(where), d),
)
elementwise(
    "MaskedFill",
    lambda d, out, x, mask, value: masked(ops.logical_not(mask), d),
    None,
    lambda d, out, x, mask, value: masked(mask, d),
)


def _between(d: Any, out: Any, x: Any, low: Any, high: Any) -> Any:
    for edge, is_inside in ((low, ops.greater_equal), (high, ops.less_equal)):
        if edge is not None:
            d = masked(is_inside(x, edge), d)
    return d


def _by_low(d: Any, out: Any, x: Any, low: Any, high: Any) -> Any:
    below = masked(x < low, d)
    return below if high is None else masked(low < high, below)


def _by_high(d: Any, out: Any, x: Any, low: Any, high: Any) -> Any:
    above = x > high
    return masked(above if low is None else ops.logical_or(above, low >= high), d)


elementwise("ClampScalar ClampTensor", _between, _by_low, _by_high)
elementwise("NanToNum", lambda d, out, x, *_: masked(ops.isfinite(x), d))


# Assignments, whose first input is what the tensor held before.

elementwise("Assign InplaceCopy", None, lambda d, *_: d)
elementwise("AssignAdd InplaceAddExt InplaceAddsExt", lambda d, *_: d, lambda d, *_: d)
elementwise("AssignSub InplaceSubExt", lambda d, *_: d, lambda d, *_: -d)
elementwise("InplaceMul InplaceMuls", lambda d, out, x, y: d * y, lambda d, out, x, y: d * x)


# Powers and logarithms.


def _power_by_base(d: Any, out: Any, x: Any, y: Any) -> Any:
    exponent = number(y)
    if exponent is None:  # y * x**(y - 1) is 0 where y is 0, be x what it may
        flat = ops.logical_and(x == 0, y == 0)
        return d * (y * x ** (ops.where(flat, constant(1.0, (), out.dtype), y) - 1))
    if exponent == 0:
        return None
    if exponent == 1:
        return d
    if exponent == 2:
        return d * (2 * x)
    return d * (exponent * x ** (exponent - 1))


def _power_by_exponent(d: Any, out: Any, x: Any, y: Any) -> Any:
    base = number(x)
    if base is None or base <= 0:  # 0**y * log(0) is 0 but for a negative y
        x = ops.where(ops.logical_and(x == 0, y >= 0), constant(1.0, (), x.dtype), x)
        return d * (out * ops.log(x))
    return None if base == 1 else d * times(out, math.log(base))


def _logarithm_in_product(d: Any, out: Any, x: Any, y: Any) -> Any:
    vanishes = ops.logical_and(x == 0, y == 0)
    return d * ops.log(ops.where(vanishes, constant(1.0, (), out.dtype), y))


def _quotient_in_division(d: Any, out: Any, x: Any, y: Any) -> Any:
    vanishes = ops.logical_and(x == 0, y == 0)
    return d / ops.where(vanishes, constant(float("inf"), (), out.dtype), y)


elementwise("Pow PowTensorScalar PowScalarTensor", _power_by_base, _power_by_exponent)
elementwise("Exp", lambda d, out, x: d * out)
elementwise("Expm1", lambda d, out, x: d * ops.exp(x))
elementwise("Exp2", lambda d, out, x: d * times(out, math.log(2)))
elementwise("Log", lambda d, out, x: d / x)
elementwise("Log1p", lambda d, out, x: d / (1 + x))
elementwise("Log2", lambda d, out, x: d / times(x, math.log(2)))
elementwise("Log10", lambda d, out, x: d / times(x, math.log(10)))
elementwise("Sqrt", lambda d, out, x: d / (2 * out))
elementwise("Rsqrt", lambda d, out, x: d * (out / (-2 * x)))
elementwise("Xlogy", _logarithm_in_product, lambda d, out, x, y: d * _xdivy(x, y))
elementwise("Xdivy", _quotient_in_division, lambda d, out, x, y: -d * _xdivy(out, y))


# Angles.


def _sech_squared(x: Any) -> Any:
    return ops.reciprocal(ops.square(ops.cosh(x)))


def sech_squared(x: Any) -> Any:
    """Return 1 / cosh(x)**2, the derivative of tanh.

    Far out, 1 - tanh(x)**2 has not a right digit, since MindSpore's tanh in float32 is off there.
    It is an operator of its own: in steps, its derivative would be 0 times the infinite cosh.
    """
    return apply("SechSquared", _sech_squared, x)


elementwise("SechSquared", lambda d, out, x: d * (-2 * out * ops.tanh(x)))
elementwise("Sin", lambda d, out, x: d * ops.cos(x))
elementwise("Cos", lambda d, out, x: -d * ops.sin(x))
elementwise("Tan", lambda d, out, x: d * (1 + out * out))
elementwise("Asin", lambda d, out, x: d * ops.rsqrt((1 - x) * (1 + x)))
elementwise("ACos", lambda d, out, x: -d * ops.rsqrt((1 - x) * (1 + x)))
elementwise("Atan", lambda d, out, x: d / (1 + x * x))
elementwise("Sinh", lambda d, out, x: d * ops.cosh(x))
elementwise("Cosh", lambda d, out, x: d * ops.sinh(x))
elementwise("Tanh", lambda d, out, x: d * sech_squared(x))
elementwise("Asinh", lambda d, out, x: d * ops.rsqrt(1 + x * x))
elementwise("Acosh", lambda d, out, x: d * ops.rsqrt((x - 1) * (x + 1)))
elementwise("Atanh", lambda d, out, x: d / ((1 - x) * (1 + x)))
elementwise(
    "Atan2",
    lambda d, out, y, x: d * _divide_no_nan(x, x * x + y * y),
    lambda d, out, y, x: -d * _divide_no_nan(y, x * x + y * y),
)
elementwise(
    "Hypot",
    lambda d, out, x, y: d * _divide_no_nan(x, out),
    lambda d, out, x, y: d * _divide_no_nan(y, out),
)
