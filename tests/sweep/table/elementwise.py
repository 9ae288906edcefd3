"""Elementary functions, arithmetic and choices."""

import numpy as np

from ..row import (
    ABOVE_ONE,
    ANY,
    EMPTY,
    ONE,
    OTHER,
    POSITIVE,
    SCALAR,
    UNIT,
    ZERO,
    Row,
    normal,
    rows,
)

PLAIN = """
ops.abs(x) ** 2
ops.absolute(x) ** 2
ops.square(x)
ops.reciprocal(x)
ops.inv(x)
ops.neg(x)
ops.negative(x)
ops.positive(x) ** 2
ops.exp(x)
ops.exp2(x)
ops.expm1(x)
ops.sin(x)
ops.cos(x)
ops.atan(x)
ops.arctan(x)
ops.sinh(x)
ops.cosh(x)
ops.tanh(x)
ops.asinh(x)
ops.arcsinh(x)
ops.deg2rad(x) ** 2
ops.rad2deg(x) ** 2
ops.nan_to_num(x) ** 3
ops.identity(x) ** 2
ops.sign(x) * x * x
ops.sgn(x) * x * x
ops.floor(x) * x * x
ops.ceil(x) * x * x
ops.round(x) * x * x
ops.trunc(x) * x * x
ops.frac(x) * x
ops.fmod(x, 0.77) ** 2
ops.remainder(x, 0.77) ** 2
ops.floor_mod(x, 0.77) ** 2
ops.truncate_mod(x, 0.77) ** 2
ops.floor_div(x, 0.77) * x * x
ops.floor_divide(x, 0.77) * x * x
ops.truncate_div(x, 0.77) * x * x
ops.clamp(x, -1.0, 1.5) ** 3
ops.clip(x, -1.0, 1.5) ** 3
ops.clip_by_value(x, -1.0, 1.5) ** 3
ops.where(x > 0, x**3, x * x)
ops.select(x > 0, x**3, x * x)
ops.where(x > 0, x**3, 2.0) * x
ops.masked_fill(x, x > 0, 0.5) ** 2
ops.float_power(x, 3.0)
ops.pow(x, 3)
ops.pow(2.0, x)
ops.real(x) ** 2
ops.conj(x) ** 2
ops.imag(x) * x
x * ops.isclose(x, x).astype(x.dtype)
x * ops.isfinite(x).astype(x.dtype) * x
x * ops.isnan(x).astype(x.dtype) + x * x
x * ops.isinf(x).astype(x.dtype) + x * x
x * ops.signbit(x).astype(x.dtype) * x
x * ops.approximate_equal(x, x).astype(x.dtype) * x
ops.heaviside(x, x) * x
-x * x
+x * x
abs(x) * x
x + 2
2 + x * x
x - 2
2 - x * x
2 * x * x
x * x / 2
1 / x
x % 0.77 * x
x // 0.77 * x * x
x**3
x**-2
2**x
x.abs() ** 2
x.absolute() ** 2
x.square()
x.reciprocal()
x.neg() ** 2
x.negative() ** 2
x.positive() ** 2
x.exp()
x.expm1()
x.sin()
x.cos()
x.atan()
x.arctan()
x.sinh()
x.cosh()
x.tanh()
x.asinh()
x.arcsinh()
x.deg2rad() ** 2
x.rad2deg() ** 2
x.nan_to_num() ** 3
x.sign() * x * x
x.sgn() * x * x
x.floor() * x * x
x.ceil() * x * x
x.round() * x * x
x.trunc() * x * x
x.frac() * x
x.fmod(0.77) ** 2
x.remainder(0.77) ** 2
x.floor_divide(0.77) * x * x
x.clamp(-1.0, 1.5) ** 3
x.clip(-1.0, 1.5) ** 3
x.where(x > 0, x * x)
x.masked_fill(x > 0, 0.5) ** 2
x.float_power(3.0)
x.pow(3)
x.real() ** 2
x.conj() ** 2
x.isclose(x).astype(x.dtype) * x * x
x.heaviside(x) * x
mnp.abs(x) ** 2
mnp.absolute(x) ** 2
mnp.fabs(x) ** 2
mnp.square(x)
mnp.reciprocal(x)
mnp.negative(x) ** 2
mnp.positive(x) ** 2
mnp.exp(x)
mnp.exp2(x)
mnp.expm1(x)
mnp.sin(x)
mnp.cos(x)
mnp.arctan(x)
mnp.sinh(x)
mnp.cosh(x)
mnp.tanh(x)
mnp.arcsinh(x)
mnp.deg2rad(x) ** 2
mnp.rad2deg(x) ** 2
mnp.radians(x) ** 2
mnp.sign(x) * x * x
mnp.floor(x) * x * x
mnp.ceil(x) * x * x
mnp.rint(x) * x * x
mnp.fix(x) * x * x
mnp.trunc(x) * x * x
mnp.fmod(x, 0.77) ** 2
mnp.remainder(x, 0.77) ** 2
mnp.mod(x, 0.77) ** 2
mnp.floor_divide(x, 0.77) * x * x
mnp.divmod(x, 0.77)[1] ** 2
mnp.clip(x, -1.0, 1.5) ** 3
mnp.where(x > 0, x**3, x * x)
mnp.select([x > 0, x < -1], [x**3, x * x])
mnp.piecewise(x, [x < 0, x >= 0], [lambda v: v * v, lambda v: v**3])
mnp.power(x, 3)
mnp.float_power(x, 3)
mnp.cbrt(x)
mnp.heaviside(x, x) * x
x * mnp.isclose(x, x).astype(x.dtype) * x
mint.exp(x)
mint.sin(x)
mint.tanh(x)
mint.pow(x, 3)
mint.abs(x) ** 2
"""

PAIRS = """
x + y * x
x - y * x
x * y
x / y
x % y * x
x // y * x * x
ops.add(x * y, y)
ops.sub(x * y, y)
ops.subtract(x * y, y, alpha=2)
ops.mul(x, y)
ops.multiply(x, y)
ops.div(x, y)
ops.div(x, y, rounding_mode="floor") * x * x
ops.div(x, y, rounding_mode="trunc") * x * x
ops.divide(x, y)
ops.true_divide(x, y)
ops.tensor_add(x, y) ** 2
ops.tensor_sub(x, y) ** 2
ops.tensor_mul(x, y)
ops.tensor_div(x, y)
ops.tensor_mod(x, y) * x
ops.tensor_floordiv(x, y) * x * x
ops.floor_mod(x, y) * x
ops.fmod(x, y) * x
ops.remainder(x, y) * x
ops.truncate_mod(x, y) * x
ops.truncate_div(x, y) * x * x
ops.atan2(x, y)
ops.arctan2(x, y)
ops.hypot(x, y)
ops.maximum(x * x, y)
ops.minimum(x * x, y)
ops.fmax(x * x, y)
ops.fmin(x * x, y)
ops.lerp(x, y, 0.3) ** 2
ops.lerp(x, y, x * y)
ops.addcmul(x, y, x * y)
ops.addcmul(x, y, x * y, 0.5)
ops.addcdiv(x, x, y)
ops.addcdiv(x, x, y, 0.5)
ops.addn([x * y, y, x]) ** 2
ops.accumulate_n([x * y, y, x]) ** 2
ops.logaddexp(x, y)
ops.logaddexp2(x, y)
ops.ldexp(x, y)
ops.copysign(x, y) * x
ops.xdivy(x, y)
ops.clamp(x, min=y - 1, max=y + 1) ** 2
ops.clamp(x, max=y) ** 2
ops.nextafter(x, y) * x
ops.where(x > y, x * x, y * y)
x.add(y) ** 2
x.sub(y) ** 2
x.subtract(y) ** 2
x.mul(y)
x.multiply(y)
x.div(y)
x.divide(y)
x.true_divide(y)
x.atan2(y)
x.arctan2(y)
x.hypot(y)
x.maximum(y) * x
x.minimum(y) * x
x.fmax(y) * x
x.fmin(y) * x
x.fmod(y) * x
x.remainder(y) * x
x.lerp(y, 0.3) ** 2
x.addcmul(x, y)
x.addcdiv(x, y)
x.logaddexp(y)
x.logaddexp2(y)
x.ldexp(y)
x.copysign(y) * x
x.xdivy(y)
x.nextafter(y) * x
x.where(x > y, y * y)
mnp.add(x, y) ** 2
mnp.subtract(x, y) ** 2
mnp.multiply(x, y)
mnp.divide(x, y)
mnp.true_divide(x, y)
mnp.fmod(x, y) * x
mnp.remainder(x, y) * x
mnp.mod(x, y) * x
mnp.divmod(x, y)[1] * x
mnp.arctan2(x, y)
mnp.hypot(x, y)
mnp.maximum(x, y) * x
mnp.minimum(x, y) * x
mnp.logaddexp(x, y)
mnp.logaddexp2(x, y)
mnp.copysign(x, y) * x
mint.add(x, y) ** 2
mint.div(x, y)
mint.where(x > y, x * x, y * y)
"""

ROWS: list[Row] = [
    *rows(PLAIN, x=ANY),
    *rows(
        "ops.sin(x)\nops.pow(x, 2)\nops.clamp(x, 0.0, 1.0) * x\nx.tanh()", "one number", x=SCALAR
    ),
    *rows("ops.sin(x)\nops.pow(x, 2)\nops.clamp(x, 0.0, 1.0) * x\nx.tanh()", "one entry", x=ONE),
    *rows(
        """
        ops.sin(x)
        ops.tanh(x)
        ops.pow(x, 2)
        ops.pow(x, x)
        ops.maximum(x, x)
        ops.where(x > 0, x, x * x)
        ops.clamp(x, 0.0, 1.0)
        x * 2 + 1
        """,
        "empty",
        x=EMPTY,
        want=(0, 0, 0),
    ),
    *rows(
        """
        x ** 2.5
        x ** x
        ops.pow(x, x)
        ops.sqrt(x)
        ops.rsqrt(x)
        ops.log(x)
        ops.log2(x)
        ops.log10(x)
        ops.log1p(x)
        x.sqrt()
        x.rsqrt()
        x.log()
        x.log2()
        x.log10()
        x.log1p()
        mnp.sqrt(x)
        mnp.log(x)
        mnp.log2(x)
        mnp.log10(x)
        mnp.log1p(x)
        mnp.float_power(x, x)
        """,
        x=POSITIVE,
    ),
    *rows(
        """
        ops.pow(x, y)
        ops.float_power(x, y)
        ops.xlogy(y, x)
        ops.xdivy(y, x)
        ops.tensor_pow(x, y)
        x ** y
        x.pow(y)
        x.float_power(y)
        y.xlogy(x)
        mnp.power(x, y)
        mnp.float_power(x, y)
        """,
        x=POSITIVE,
        y=OTHER,
    ),
    *rows(PAIRS, x=ANY, y=OTHER),
    *rows(
        """
        x + y * y
        x - y * x
        x * y
        x / y
        ops.maximum(x, y) * y
        ops.where(x > y, x, y * y)
        ops.hypot(x, y)
        ops.lerp(x, y, 0.3) ** 2
        ops.atan2(x, y)
        """,
        "broadcast",
        x=normal(1, 2, 1, 3),
        y=normal(2, 4, 1),
    ),
    *rows(
        """
        ops.tan(x)
        ops.asin(x)
        ops.arcsin(x)
        ops.acos(x)
        ops.arccos(x)
        ops.atanh(x)
        ops.arctanh(x)
        x.tan()
        x.asin()
        x.arcsin()
        x.acos()
        x.arccos()
        x.atanh()
        x.arctanh()
        mnp.tan(x)
        mnp.arcsin(x)
        mnp.arccos(x)
        mnp.arctanh(x)
        """,
        x=UNIT,
    ),
    *rows(
        """
        ops.acosh(x)
        ops.arccosh(x)
        x.acosh()
        x.arccosh()
        mnp.arccosh(x)
        """,
        x=ABOVE_ONE,
    ),
    # At kinks and ends.
    *rows("ops.abs(x)\nx.abs()\nmnp.abs(x)\nops.sign(x)", "0", x=ZERO, want=(0, 0, 0)),
    *rows(
        "ops.square(x)\nx ** 2\nx.pow(2)\nops.pow(x, 2)\nops.pow(x, 2.0)",
        "0",
        x=ZERO,
        want=(0, 2, 0),
    ),
    *rows("x ** 1\nops.pow(x, 1.0)\nx.pow(1)", "0", x=ZERO, want=(1, 0, 0)),
    *rows(
        "x ** 0\nops.pow(x, 0)\nops.pow(x, 0.0)\nx.pow(0)\nmnp.power(x, 0)",
        "0",
        x=ZERO,
        want=(0, 0, 0),
    ),
    *rows("x ** 3\nops.pow(x, 3)\nmint.pow(x, 3)", "0", x=ZERO, want=(0, 0, 6)),
    *rows(
        "ops.pow(x, y)", "0, exponent 2", x=ZERO, want=(0, 2, 0), constants={"y": np.full(2, 2.0)}
    ),
    *rows(
        "ops.pow(x, y)",
        "0, exponents 0 and 1",
        x=ZERO,
        want=([0, 1], 0, 0),
        constants={"y": np.array([0.0, 1.0])},
    ),
    *rows(
        "ops.pow(y, x)\ny ** x",
        "base 0",
        x=np.array([1.0, 2.0]),
        want=(0, 0, 0),
        constants={"y": np.zeros(2)},
    ),
    *rows("0.0 ** x\nops.pow(0.0, x)", "base 0", x=np.array([1.0, 2.0]), want=(0, 0, 0)),
    *rows("ops.sqrt(x)", "0", x=ZERO, want=(np.inf, -np.inf, np.inf)),
    *rows(
        "ops.maximum(x, y)\nops.minimum(x, y)",
        "equal",
        x=ZERO,
        want=(0.5, 0, 0),
        constants={"y": np.zeros(2)},
    ),
    *rows(
        "ops.clamp(x, -1.0, 1.0)\nx.clip(-1.0, 1.0)",
        "edges",
        x=np.array([-1.0, 1.0]),
        want=(1, 0, 0),
    ),
    *rows(
        "ops.atan2(x, y)\nops.hypot(x, y)",
        "0, 0",
        x=ZERO,
        want=(0, 0, 0),
        constants={"y": np.zeros(2)},
    ),
    *rows(
        "ops.tanh(x)\nx.tanh()\nmnp.tanh(x)",
        "far out",
        x=np.array([5.0]),
        want=(1.8158323e-4, -3.6313348e-4, 7.2620102e-4),
    ),
    *rows(
        "ops.tanh(x)",
        "very far out",
        x=np.array([30.0, 100.0, -100.0]),
        want=([4 * np.exp(-60), 0, 0], [-8 * np.exp(-60), 0, 0], [16 * np.exp(-60), 0, 0]),
    ),
    *rows("ops.tanh(x)", "0", x=ZERO, want=(1, 0, -2)),
    *rows(
        "ops.xlogy(x, y)\nops.xdivy(x, y)",
        "0, 0",
        x=ZERO,
        want=(0, 0, 0),
        constants={"y": np.zeros(2)},
    ),
    *rows("ops.atan(x)", "far out", x=np.array([1e4]), want=(1e-8, -2e-12, 6e-16)),
    *rows(
        "ops.asin(x)",
        "near 1",
        x=np.array([255 / 256]),
        want=(11.324773253217506, 1446.7342426028158, 555911.1828008968),
    ),
    *rows(
        "ops.where(x > 0, ops.sqrt(ops.where(x > 0, x, 1.0)), 0.0)", "safe", x=ZERO, want=(0, 0, 0)
    ),
    *rows(
        "ops.stop_gradient(x * x) * x * x",
        "held constant",
        x=ANY,
        want=(2 * ANY**3, 2 * ANY**2, 0),
    ),
    *rows(
        "ops.nan_to_num(x, 0.0)",
        "not finite",
        x=np.array([np.nan, 1.0, np.inf]),
        want=([0, 1, 0], 0, 0),
    ),
    *rows(
        """
        ops.angle(x) * x
        x.angle() * x
        ops.isreal(x) * x * x
        x.isreal() * x * x
        ops.float_power_ext(x, 3.0)
        ops.tensor_muls(x, 2.0) ** 2
        x.bitwise_not() * x
        """,
        x=ANY,
    ),
    *rows("x / 0", "by zero", x=ANY, want=(np.inf,)),
]
