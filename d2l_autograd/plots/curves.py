"""Functions of one number: their derivatives, tangents and secants."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.breaks import broken
from d2l_autograd.plots.canvas import canvas, colour, dashes, ink
from d2l_autograd.plots.inputs import (
    require_count,
    require_functions,
    require_interval,
    require_number,
    require_numbers,
    require_orders,
    require_scale,
    require_steps,
    require_texts,
)
from d2l_autograd.plots.sampling import Sampler

Array = NDArray[Any]
Function = Callable[[Any], Any]
_PRIMES = ("", "′", "″", "‴")
_HALVINGS = {"float64": 24, "float32": 10}


def plot_derivatives(
    fn: Function | Sequence[Function],
    lo: float,
    hi: float,
    *,
    orders: Sequence[int] = (0, 1, 2),
    points: int = 401,
    labels: str | Sequence[str] | None = None,
    xscale: Literal["linear", "log"] = "linear",
    yscale: Literal["linear", "log"] = "linear",
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of one number and its derivatives, by automatic differentiation.

    ``plot_derivatives(ops.sin, -6, 6)`` draws sin, its derivative and its second derivative. The
    function is evaluated at all points in one call for each order if it is elementwise, and point
    by point if it is not, as with a condition on x. The line breaks at jumps and poles and where
    there is no finite value; around a pole the picture is cut to the rest of the curve.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element, or a list of
            such functions. It is computed in float64, or in float32 if it cannot be.
        lo: the left end of the picture.
        hi: its right end, greater than lo.
        orders: the orders of the derivatives to draw; 0 is the function itself.
        points: the number of points, at least 2; evenly spaced, by their logarithm on a log axis.
        labels: a name for each function. The derivatives get primes.
        xscale: "linear" or "log", which needs lo > 0.
        yscale: "linear" or "log", which leaves out what is not positive.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes, with one labelled line for each function and order.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or there is nothing finite to draw.
    """
    fns = require_functions(fn, "plot_derivatives")
    lo, hi = require_interval(lo, hi)
    orders = require_orders(orders)
    x = _spaced(lo, hi, require_count(points, "points", 2), require_scale(xscale, "xscale"))
    require_scale(yscale, "yscale")
    names = _names(fns) if labels is None else require_texts(labels, "labels", len(fns))
    curves = {
        (row, column): _curve(sampler, x, order, yscale)
        for row, sampler in enumerate([Sampler(one, x) for one in fns])
        for column, order in enumerate(orders)
    }
    if not any(np.isfinite(y).any() for _, y, _ in curves.values()):
        raise GradientError(
            f"There is no {'positive' if yscale == 'log' else 'finite'} value to draw between "
            f"{lo:g} and {hi:g}. Choose lo and hi where the function is defined."
        )
    with canvas(ax) as ax:
        ax.set_xscale(xscale)
        ax.set_yscale(yscale)
        for (row, column), (xs, ys, _) in curves.items():
            ax.plot(
                xs,
                ys,
                label=f"{names[row]}{_primes(orders[column])}",
                color=colour(ax, row if len(fns) > 1 else column),
                linestyle=dashes(column if len(orders) > 1 else row),
            )
        if yscale == "linear" and any(pole for *_, pole in curves.values()):
            ax.set_ylim(*_limits([curves[key] for key in sorted(curves)], len(orders)))
        ax.set_xlabel("x")
        ax.legend()
    return ax


def plot_tangent(
    fn: Function,
    at: float | Sequence[float],
    *,
    lo: float,
    hi: float,
    points: int = 401,
    label: str = "f",
    tangent_label: str = "slope {slope:.3g} at x = {at:.3g}",
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of one number and its tangents, by automatic differentiation.

    The tangent at a is the line ``f(a) + f′(a) (x - a)``.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element.
        at: where the tangent touches, one number or several, between lo and hi.
        lo: the left end of the picture.
        hi: its right end, greater than lo.
        points: the number of points of the curve, at least 2.
        label: the name of the function.
        tangent_label: the name of a tangent, in which ``{slope}`` and ``{at}`` are filled in.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or it has no finite slope there.
    """
    (fn,) = require_functions([fn], "plot_tangent")
    lo, hi = require_interval(lo, hi)
    contacts = require_numbers(at, "at")
    for contact in contacts:
        if not lo <= contact <= hi:
            raise GradientError(
                f"at holds {contact:g}, which is not between lo={lo:g} and hi={hi:g}. Choose a "
                "point in the picture, or widen the picture."
            )
    x = _spaced(lo, hi, require_count(points, "points", 2), "linear")
    sampler = Sampler(fn, x)
    with canvas(ax) as ax:
        _draw_function(ax, sampler, x, label)
        for index, (touch, height, slope) in enumerate(_tangents(sampler, contacts), 1):
            named = tangent_label.format(slope=slope, at=touch)
            _draw_line(ax, (touch, height), slope, named, index)
            _draw_points(ax, [touch], [height], index)
        ax.legend()
    return ax


def plot_secants(
    fn: Function,
    at: float,
    steps: Sequence[float] = (1, 0.5, 0.1),
    *,
    lo: float | None = None,
    hi: float | None = None,
    points: int = 401,
    label: str = "f",
    secant_label: str = "h = {h:g}: slope {slope:.4g}",
    tangent_label: str = "tangent: slope {slope:.4g}",
    ax: Axes | None = None,
) -> Axes:
    """Draw secants of a function of one number, which close in on its tangent as h shrinks.

    The secant of the step h goes through the points of the curve at a and a + h; its slope is the
    difference quotient ``(f(a + h) - f(a)) / h``. The tangent's is the derivative by automatic
    differentiation.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element.
        at: the number a.
        steps: the numbers h, none of them 0.
        lo: the left end of the picture; if left out, it follows from the steps.
        hi: its right end.
        points: the number of points of the curve, at least 2.
        label: the name of the function.
        secant_label: the name of a secant, in which ``{h}`` and ``{slope}`` are filled in.
        tangent_label: the name of the tangent, in which ``{slope}`` is filled in.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or it has no finite value or slope there.
    """
    (fn,) = require_functions([fn], "plot_secants")
    a = require_number(at, "at")
    offsets = require_steps(steps)
    reach = 0.5 * max(map(abs, offsets))
    lo, hi = require_interval(
        min(a, a + min(offsets)) - reach if lo is None else lo,
        max(a, a + max(offsets)) + reach if hi is None else hi,
    )
    x = _spaced(lo, hi, require_count(points, "points", 2), "linear")
    sampler = Sampler(fn, x)
    ((_, height, slope),) = _tangents(sampler, [a])
    heights = sampler.at(np.array(offsets) + a)
    if not np.isfinite(heights).all():
        raise GradientError(
            f"The function has no finite value at some of {[a + h for h in offsets]}, where the "
            "secants end. Choose steps that stay where it is defined."
        )
    with canvas(ax) as ax:
        _draw_function(ax, sampler, x, label)
        for index, (h, end) in enumerate(zip(offsets, heights, strict=True), 1):
            quotient = float((end - height) / h)
            named = secant_label.format(h=h, slope=quotient)
            _draw_line(ax, (a, height), quotient, named, index)
            _draw_points(ax, [a + h], [end], index)
        ax.axline(
            (a, height),
            slope=slope,
            color=ink(),
            linewidth=1.5,
            label=tangent_label.format(slope=slope),
        )
        ax.plot([a], [height], "o", color=ink(), markersize=9, zorder=4)
        ax.legend()
    return ax


def _spaced(lo: float, hi: float, points: int, xscale: str) -> Array:
    if xscale == "linear":
        return np.linspace(lo, hi, points)
    if lo <= 0:
        raise GradientError(
            f"lo is {lo:g}, and a logarithmic axis has positive numbers only. Give lo > 0, or "
            'xscale="linear".'
        )
    return np.geomspace(lo, hi, points)


def _curve(sampler: Sampler, x: Array, order: int, yscale: str) -> tuple[Array, Array, bool]:
    def evaluate(points: Array) -> Array:
        values = sampler.at(points, order)
        if order:  # MindSpore has a slope of log below 0 as well
            values = np.where(np.isfinite(sampler.at(points)), values, np.nan)
        return np.where(values > 0, values, np.nan) if yscale == "log" else values

    return broken(evaluate, x, evaluate(x), _HALVINGS[sampler.dtype.name])


def _limits(curves: list[tuple[Array, Array, bool]], orders: int) -> tuple[float, float]:
    """Return limits of y that show what is bounded, and of each function's poles the feet."""
    shown = []
    for start in range(0, len(curves), orders):
        family = curves[start : start + orders]
        shown += [np.nanquantile(y, [0, 1]) for _, y, pole in family if not pole and _any(y)]
        shown += [np.nanquantile(y, [0.05, 0.95]) for _, y, pole in family if pole and _any(y)][:1]
    low, high = np.min(shown), np.max(shown)
    margin = 0.1 * (high - low) or 1.0
    return float(low - margin), float(high + margin)


def _any(y: Array) -> bool:
    return bool(np.isfinite(y).any())


def _names(fns: list[Function]) -> list[str]:
    if len(fns) == 1:
        return ["f"]
    given = [getattr(fn, "__name__", "<lambda>") for fn in fns]
    numbered = [f"f{str(number).translate(_SUBSCRIPTS)}" for number in range(1, len(fns) + 1)]
    return [
        other if name == "<lambda>" or given.count(name) > 1 else name
        for name, other in zip(given, numbered, strict=True)
    ]


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _primes(order: int) -> str:
    if order < len(_PRIMES):
        return _PRIMES[order]
    return f"⁽{str(order).translate(_SUPERSCRIPTS)}⁾"


def _tangents(sampler: Sampler, contacts: list[float]) -> list[tuple[float, float, float]]:
    """Return where each tangent touches, the height there, and its slope."""
    x = np.array(contacts)
    heights, slopes = sampler.at(x), sampler.at(x, order=1)
    for contact, height, slope in zip(contacts, heights, slopes, strict=True):
        if not np.isfinite(height) or not np.isfinite(slope):
            raise GradientError(
                f"At {contact:g} the function has the value {height:g} and the slope {slope:g}, "
                "so there is no tangent to draw. Choose a point where both are finite."
            )
    return list(zip(contacts, heights.tolist(), slopes.tolist(), strict=True))


def _draw_function(ax: Axes, sampler: Sampler, x: Array, label: str) -> None:
    """Draw the curve, and fix the limits of y: a steep line through it must not widen them."""
    xs, ys, pole = curve = _curve(sampler, x, 0, "linear")
    if not _any(ys):
        raise GradientError(
            f"There is no finite value to draw between {x[0]:g} and {x[-1]:g}. Choose lo and hi "
            "where the function is defined."
        )
    ax.plot(xs, ys, label=label, color=colour(ax, 0))
    low, high = np.nanmin(ys), np.nanmax(ys)
    margin = 0.1 * (high - low) or 1.0
    ax.set_ylim(*(_limits([curve], 1) if pole else (low - margin, high + margin)))
    ax.set_xlim(x[0], x[-1])
    ax.set_xlabel("x")


def _draw_line(
    ax: Axes, through: tuple[float, float], slope: float, label: str, index: int
) -> None:
    ax.axline(through, slope=slope, label=label, color=colour(ax, index), linestyle=dashes(index))


_MARKERS = "os^Dv"


def _draw_points(ax: Axes, x: list[float], y: list[float], index: int) -> None:
    marker = _MARKERS[(index - 1) % len(_MARKERS)]
    ax.plot(x, y, marker, color=colour(ax, index), markersize=9, zorder=3)
