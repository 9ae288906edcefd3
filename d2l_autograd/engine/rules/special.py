"""Backward rules of special functions, by way of functions of any order that SciPy computes.

A Bessel function's derivative is made of those of the orders beside; so is that of the sinc
function, which is a spherical Bessel function, and that of the digamma function. MindSpore has the
first two orders only, from which higher derivatives would divide by an argument that may be 0.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from mindspore import Tensor, ops
from scipy import special

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.table import Rule, elementwise, rule_by_node
from d2l_autograd.engine.shapes import numpy_dtype, times
from d2l_autograd.engine.watching import apply
from d2l_autograd.errors import GradientError


def _function_of_order(name: str, compute: Callable[[int, Any], Any]) -> Callable[..., Tensor]:
    """Return a function of an order and a tensor as an operator, computed by SciPy in float64."""

    def run(x: Tensor, order: int) -> Tensor:
        numbers = np.asarray(compute(order, x.asnumpy().astype(np.float64)))
        return Tensor.from_numpy(numbers.astype(numpy_dtype(x.dtype)))

    def function(order: int, x: Tensor) -> Tensor:
        return apply(name, run, x, order)

    return function


# Bessel functions. Those with e in their name are scaled by an exponential.

_bessel_j = _function_of_order("BesselJOfOrder", special.jv)
_bessel_y = _function_of_order("BesselYOfOrder", special.yv)
_bessel_i = _function_of_order("BesselIOfOrder", special.iv)
_bessel_k = _function_of_order("BesselKOfOrder", special.kv)
_bessel_ie = _function_of_order("BesselIeOfOrder", special.ive)
_bessel_ke = _function_of_order("BesselKeOfOrder", special.kve)


def _slope_j(n: int, x: Any) -> Any:
    return (_bessel_j(n - 1, x) - _bessel_j(n + 1, x)) / 2


def _slope_y(n: int, x: Any) -> Any:
    return (_bessel_y(n - 1, x) - _bessel_y(n + 1, x)) / 2


def _slope_i(n: int, x: Any) -> Any:
    return (_bessel_i(n - 1, x) + _bessel_i(n + 1, x)) / 2


def _slope_k(n: int, x: Any) -> Any:
    return (_bessel_k(n - 1, x) + _bessel_k(n + 1, x)) / -2


def _slope_ie(n: int, x: Any) -> Any:
    return (_bessel_ie(n - 1, x) + _bessel_ie(n + 1, x)) / 2 - ops.sign(x) * _bessel_ie(n, x)


def _slope_ke(n: int, x: Any) -> Any:
    return _bessel_ke(n, x) - (_bessel_ke(n - 1, x) + _bessel_ke(n + 1, x)) / 2


for _letter, _slope in {
    "J": _slope_j, "Y": _slope_y, "I": _slope_i, "K": _slope_k, "Ie": _slope_ie, "Ke": _slope_ke
}.items():  # fmt: skip
    for _n in (0, 1):
        elementwise(
            f"Bessel{_letter[0]}{_n}{_letter[1:]}",
            lambda d, out, x, n=_n, slope=_slope: d * slope(n, x),
        )
    elementwise(f"Bessel{_letter}OfOrder", lambda d, out, x, n, slope=_slope: d * slope(n, x))


# sinc(x) = sin(pi x) / (pi x) = j0(pi x), with the spherical Bessel functions j0, j1, ...


def _spherical(n: int, x: Any) -> Any:
    return np.sign(x) ** n * special.spherical_jn(n, np.abs(x))


_spherical_bessel = _function_of_order("SphericalBesselOfOrder", _spherical)


def _spherical_slope(d: Any, out: Any, x: Any, n: int) -> Any:
    beyond = (n + 1) * _spherical_bessel(n + 1, x)
    below = n * _spherical_bessel(n - 1, x) if n else 0
    return d * ((below - beyond) / (2 * n + 1))


elementwise("SphericalBesselOfOrder", _spherical_slope)
elementwise("Sinc", lambda d, out, x: d * times(_spherical_bessel(1, times(x, math.pi)), -math.pi))


# The gamma function: polygamma(n) is the derivative of order n + 1 of its logarithm.


def _polygamma(n: int, x: Any) -> Any:
    if n == 0:
        return special.digamma(x)
    shifts = np.maximum(0, np.ceil(1 - x))  # SciPy's sum holds for positive x
    found = special.polygamma(n, x + shifts)
    for k in range(int(shifts.max(initial=0))):
        found += np.where(k < shifts, (-1) ** (n + 1) * math.factorial(n) / (x + k) ** (n + 1), 0)
    return found


polygamma = _function_of_order("PolygammaOfOrder", _polygamma)


def _multivariate(node: Node) -> Rule:
    p = node.primitive.p

    def by_x(d: Any, out: Any, x: Any) -> Any:
        slopes = [polygamma(0, x - j / 2) for j in range(p)]
        return d * ops.addn(slopes)

    return Rule((by_x,), is_elementwise=True)


elementwise("PolygammaOfOrder", lambda d, out, x, n: d * polygamma(n + 1, x))
elementwise("Lgamma", lambda d, out, x: d * polygamma(0, x))
elementwise("Digamma", lambda d, out, x: d * polygamma(1, x))
elementwise("Polygamma", None, lambda d, out, n, x: d * polygamma(int(n.asnumpy()) + 1, x))
rule_by_node("Mvlgamma", _multivariate)


def _refused(words: str) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise GradientError(words)

    return refuse


def _density(a: Any, x: Any) -> Any:
    """Return the density of the gamma distribution of shape a."""
    return ops.exp(ops.xlogy(a - 1, x) - x - ops.lgamma(a))


_BY_SHAPE = _refused(
    "ops.igamma and ops.igammac have no derivative by their first argument here. Hold it constant "
    "with d2l_autograd.detach, or differentiate by the second argument alone."
)
_BY_EXPONENT = _refused(
    "ops.zeta has no derivative by its first argument here. Hold it constant with "
    "d2l_autograd.detach, or differentiate by the second argument alone."
)

elementwise("Igamma", _BY_SHAPE, lambda d, out, a, x: d * _density(a, x))
elementwise("Igammac", _BY_SHAPE, lambda d, out, a, x: -d * _density(a, x))
elementwise("Zeta", _BY_EXPONENT, lambda d, out, x, q: -d * x * ops.zeta(x + 1, q))


# The error function, and the logit.

_ERF = 2 / math.sqrt(math.pi)
_inverse_erf = _function_of_order("InverseErf", lambda _, x: special.erfinv(x))


def _erfinv(d: Any, out: Any, x: Any, *_: Any) -> Any:
    """Differentiate by the value of SciPy: MindSpore's is wrong near 1 and -1."""
    exact = _inverse_erf(0, x)
    return d * times(ops.exp(exact * exact), 1 / _ERF)


def _logit(d: Any, out: Any, x: Any, eps: float = -1.0) -> Any:
    slope = d / (x * (1 - x))
    if eps < 0:
        return slope
    inside = ops.logical_and(x >= eps, x <= 1 - eps)
    return ops.where(inside, slope, ops.zeros_like(slope))


elementwise("Erf", lambda d, out, x: d * times(ops.exp(-x * x), _ERF))
elementwise("Erfc", lambda d, out, x: d * times(ops.exp(-x * x), -_ERF))
elementwise("Erfinv InverseErf", _erfinv)
elementwise("Logit", _logit)
