"""Elementary functions and arithmetic."""

from ..row import ABOVE_ONE, ANY, OTHER, POSITIVE, UNIT, Row, rows

ROWS: list[Row] = [
    *rows(
        """
        -x
        ops.abs(x) ** 2
        ops.square(x)
        x ** 3
        2 ** x
        ops.reciprocal(x)
        1 / x
        ops.exp(x)
        ops.exp2(x)
        ops.expm1(x)
        ops.sin(x)
        ops.cos(x)
        ops.atan(x)
        ops.sinh(x)
        ops.cosh(x)
        ops.tanh(x)
        ops.asinh(x)
        ops.sinc(x)
        ops.erf(x)
        ops.erfc(x)
        ops.i0(x)
        ops.bessel_i1(x)
        ops.floor(x) * x * x
        ops.ceil(x) * x * x
        ops.round(x) * x * x
        ops.trunc(x) * x * x
        ops.sign(x) * x * x
        ops.frac(x) * x
        ops.fmod(x, 0.77) ** 2
        ops.remainder(x, 0.77) ** 2
        (x % 0.77) ** 2
        ops.clamp(x, -1.0, 1.5) ** 3
        x.clip(-1.0, 1.5) ** 3
        ops.where(x > 0, x ** 3, x * x)
        ops.nan_to_num(x) ** 3
        ops.deg2rad(x) ** 2
        ops.float_power(x, 3.0)
        """,
        x=ANY,
    ),
    *rows(
        """
        x ** 2.5
        x ** x
        ops.sqrt(x)
        ops.rsqrt(x)
        ops.log(x)
        ops.log2(x)
        ops.log10(x)
        ops.log1p(x)
        ops.lgamma(x)
        ops.digamma(x)
        ops.polygamma(ms.Tensor(1), x)
        """,
        x=POSITIVE,
    ),
    *rows(
        """
        ops.pow(x, c)
        ops.xlogy(c, x)
        ops.xdivy(c, x)
        """,
        x=POSITIVE,
        c=OTHER,
    ),
    *rows(
        """
        ops.pow(c, x)
        ops.xlogy(x * x, c)
        """,
        x=ANY,
        c=POSITIVE,
    ),
    *rows(
        """
        x / c
        c / x
        ops.atan2(x, c)
        ops.atan2(c, x)
        ops.hypot(x, c)
        ops.maximum(x * x, c)
        ops.minimum(x * x, c)
        ops.lerp(x, c, 0.3) ** 2
        ops.addcmul(x, x, x * c)
        ops.addcdiv(x, c, x)
        ops.logaddexp(x, c)
        ops.logaddexp2(x, c)
        """,
        x=ANY,
        c=OTHER,
    ),
    *rows(
        """
        ops.tan(x)
        ops.asin(x)
        ops.acos(x)
        ops.atanh(x)
        ops.erfinv(x)
        """,
        x=UNIT,
    ),
    *rows(
        """
        ops.acosh(x)
        """,
        x=ABOVE_ONE,
    ),
]
