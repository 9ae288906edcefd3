"""A function and its derivatives at many points, in one call where the function allows it."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from numpy.typing import NDArray

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import forget_failures
from d2l_autograd.plots.waiting import done

Array = NDArray[Any]
_PROBES = 9  # single points at which a call for many is checked


class Sampler:
    """fn, a function of one point, and its derivatives at many points.

    A point is a number, a tensor of shape (), or a point in the plane, of shape (2,). N points
    are an array of shape (N,) or (2, N). A function that gives the same numbers for all of them
    at once as it does one by one is called once, and its derivatives are the gradient of the sum
    of its values. Any other, such as one that says ``if x > 0``, is called for each point.

    The computation is in float64; in float32 if the function cannot do that.

    Args:
        fn: a function of a tensor that returns a tensor with a single floating-point element.
        points: the points that ``at`` will mostly be asked for.
        dtype: the type of floating point to compute in.

    Raises:
        GradientError: fn returns something else.
    """

    def __init__(self, fn: Callable[[Any], Any], points: Array, dtype: str | None = None) -> None:
        self._size = points.shape[-1]
        self.dtype = np.dtype(dtype or _dtype(fn, points[..., 0]))
        self.at_once = _is_pointwise(fn, points.astype(self.dtype))
        self._derivatives = [fn]

    def at(self, points: Array, order: int = 0) -> Array:
        """Return the values of the derivative of this order, of shape (N,).

        In the plane, order 1 is the gradient, of shape (2, N), and there is no order above.
        """
        while len(self._derivatives) <= order:
            self._derivatives.append(_derivative(self._derivatives[-1], self.at_once))
        derivative = self._derivatives[order]
        points = points.astype(self.dtype)
        if not self.at_once:
            each = [_counted(derivative, point, order) for point in np.moveaxis(points, -1, 0)]
            return np.stack(each, axis=-1)
        parts = [
            self._together(derivative, points[..., start : start + self._size])
            for start in range(0, points.shape[-1], self._size)
        ]
        return np.concatenate(parts, axis=-1)

    def _together(self, derivative: Callable[[Any], Any], points: Array) -> Array:
        """Return the values at up to as many points as the sampler was made for.

        The call is always for that many, since one of another size would be compiled anew.
        """
        size = points.shape[-1]
        more = np.repeat(points[..., :1], self._size - size, axis=-1)
        values: Array = derivative(ms.Tensor(np.concatenate([points, more], axis=-1))).asnumpy()
        done(size)
        return values[..., :size]


def _derivative(fn: Callable[[Any], Any], at_once: bool) -> Callable[[Any], Any]:
    if not at_once:
        return grad(fn)

    def total(x: Any) -> Any:
        return fn(x).sum()

    return grad(total)


def _dtype(fn: Callable[[Any], Any], point: Array) -> str:
    """Return the type of floating point that fn can be computed in."""
    for dtype in ("float64", "float32"):
        try:
            _single(fn, point.astype(dtype), 0)
        except GradientError:
            raise
        except Exception as error:  # no kernel, or a constant of another type
            forget_failures()
            failure = error
        else:
            return dtype
    text = " ".join(str(failure).split()) or "no message"
    raise GradientError(
        f"The function failed for a tensor of shape {point.shape}, the point "
        f"{np.round(point, 4).tolist()}: {type(failure).__name__}, {text:.120}. A picture needs a "
        f"function of such a tensor; hand over a network as lambda x: "
        f"net(x.reshape(1, {point.size})).sum()."
    ) from failure


def _is_pointwise(fn: Callable[[Any], Any], points: Array) -> bool:
    """Say whether a call for all points gives what calls for single ones give."""
    chosen = np.unique(np.linspace(0, points.shape[-1] - 1, _PROBES).astype(int))
    singles = [_single(fn, points[..., index], 0) for index in chosen]
    try:
        together = fn(ms.Tensor(points)).asnumpy()
    except Exception:  # a condition on many numbers, or shapes that do not fit
        forget_failures()
        return False
    if together.shape != points.shape[-1:]:
        return False
    return np.allclose(together[chosen], singles, rtol=1e-4, atol=1e-12, equal_nan=True)


def _counted(fn: Callable[[Any], Any], point: Array, order: int) -> Array:
    value = _single(fn, point, order)
    done(1)
    return value


def _single(fn: Callable[[Any], Any], point: Array, order: int) -> Array:
    """Return a value, of shape (), or a gradient at one point."""
    value = fn(ms.Tensor(point))
    if order:
        return np.asarray(value.asnumpy())
    if not isinstance(value, ms.Tensor) or value.size != 1 or value.dtype not in FLOATS:
        raise GradientError(
            f"For the point {np.round(point, 4).tolist()} the function returned "
            f"{_described(value)}, and a picture needs one floating-point number for each point. "
            "Return a tensor with a single element: one entry of the result, or its .sum()."
        )
    number: Array = value.asnumpy().reshape(())
    return number


def _described(value: Any) -> str:
    if isinstance(value, ms.Tensor):
        return f"a tensor of shape {tuple(value.shape)} and type {str(value.dtype).lower()}"
    return "None" if value is None else f"an object of type {type(value).__name__}"
