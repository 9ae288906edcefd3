"""The error of difference quotients, and how little of it automatic differentiation has."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import canvas, colour, dashes, ink
from d2l_autograd.plots.inputs import (
    require_functions,
    require_number,
    require_positive,
    require_steps,
    require_texts,
)
from d2l_autograd.plots.kinks import require_smooth
from d2l_autograd.plots.legends import add_legend
from d2l_autograd.plots.sampling import Sampler
from d2l_autograd.plots.waiting import tells_progress
from d2l_autograd.plots.words import word

Array = NDArray[Any]


@tells_progress
def plot_step_errors(
    fn: Callable[[Any], Any],
    at: float,
    *,
    derivative: float | None = None,
    dtype: Literal["float32", "float64"] = "float64",
    steps: Sequence[float] | None = None,
    labels: Sequence[str] | None = None,
    regimes: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the error of difference quotients against their step h, on logarithmic axes.

    The forward difference ``(f(a + h) - f(a)) / h`` errs by about ``|f″| h / 2`` and the central
    one ``(f(a + h) - f(a - h)) / 2h`` by ``|f‴| h² / 6``, both by Taylor's formula: truncation.
    Each also errs by about ``ε |f| / h`` since the values are rounded. Thin lines mark what of the
    three is there: the one for rounding has this height; the other two have these slopes, are laid
    through the errors measured, and are left out where these do not follow them.

    An error is the distance from ``derivative``, if it is given: the number that calculus gives.
    Without it, errors are measured from automatic differentiation in float64. In float32 that is
    an honest reference, with nine digits more. In float64 it serves for the differences, which
    are far less exact, but cannot show its own error: the line is then drawn at the rounding
    unit ``ε |f′|`` and its label marked with ≈. Errors below this unit, or ``ε |f|`` for ``|a|`` up
    to 1 and ``ε |f / a|`` for others where that is larger, are drawn there, since zero has no place
    on the axis.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element.
        at: the number a.
        derivative: the exact derivative at a, if it is known.
        dtype: the type in which f and the quotients are computed.
        steps: the numbers h > 0; by default from 1 down to ε, eight to the decade.
        labels: the names of the three methods: forward, central, automatic.
        regimes: the names of the two regimes: rounding, truncation.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number or cannot be computed in dtype, or it has no finite value or slope at a, or
            a corner or jump there and no derivative is given.
    """
    (fn,) = require_functions([fn], "plot_step_errors")
    a = require_number(at, "at")
    if dtype not in ("float32", "float64"):
        raise GradientError(f'dtype is {dtype!r:.60}. Write dtype="float32" or dtype="float64".')
    if labels is None:
        labels = [word(key) for key in ("forward difference", "central difference", "automatic")]
    if regimes is None:
        regimes = [word("rounding"), word("truncation")]
    labels = require_texts(labels, "labels", 3)
    regimes = require_texts(regimes, "regimes", 2)
    unit = float(np.finfo(dtype).eps)
    if steps is None:
        h = np.geomspace(1, unit, round(-8 * np.log10(unit)) + 1)
    else:
        h = np.array([require_positive(step, "a step") for step in require_steps(steps)])
    value, slope, forward, central = _quotients(fn, a, h, dtype, derivative is None)
    exact = _exact(fn, a, slope, derivative, dtype)
    floor = unit * (max(abs(exact), abs(value) / max(1.0, abs(a))) or 1.0)
    errors = [
        np.where(np.isfinite(quotient), np.maximum(np.abs(quotient - exact), floor), np.nan)
        for quotient in (forward, central)
    ]
    own = abs(slope - exact)
    if dtype == "float64" and derivative is None:
        of_slope = abs(exact) > 0.5 * floor / unit
        labels = [*labels[:2], f"{labels[2]} ≈ ε|{'f′' if of_slope else 'f'}|"]
    with canvas(ax) as ax:
        ax.set(xscale="log", yscale="log")
        for index, error in enumerate(errors):
            style: Any = {"color": colour(ax, index), "markersize": 5}
            ax.plot(h, error, "os"[index], **style, label=labels[index])
        style = {"color": colour(ax, 2), "linestyle": dashes(1)}
        ax.axhline(max(own, floor), **style, label=labels[2])
        bottom, top = ax.get_ylim()
        rounding = unit * abs(value) / h
        rounded = h < 3 * unit ** (1 / 3)
        if any(_follow(error[rounded], rounding[rounded], floor) for error in errors):
            _guide(ax, h[rounded], rounding[rounded], f"{regimes[0]} ∝ ε/h", (8, 8))
        for order, error, place in zip((1, 2), errors, ((-8, 8), (8, -8)), strict=True):
            scale = _scale(h, error, order, np.maximum(rounding, floor), unit)
            if scale is None:
                continue
            truncated = h > unit ** (1 / (order + 1)) / 3
            power = "h" if order == 1 else "h²"
            height = scale * h[truncated] ** order
            _guide(ax, h[truncated], height, f"{regimes[1]} ∝ {power}", place)
        ax.set_ylim(bottom, top)
        ax.set(xlabel="h", ylabel=word("error"))
        add_legend(ax, own=False)
    return ax


def _quotients(
    fn: Callable[[Any], Any], a: float, h: Array, dtype: str, smooth: bool
) -> tuple[float, float, Array, Array]:
    """Return the value, the slope by automatic differentiation, and both quotients, in dtype.

    Raises:
        GradientError: there is no value or slope, or, where fn is to be smooth, no derivative.
    """
    h = h.astype(dtype)
    center = np.array(a, dtype)
    sampler = Sampler(fn, center + h, dtype)
    value = sampler.at(center.reshape(1))[0]
    slope = float(sampler.at(center.reshape(1), order=1)[0])
    if not np.isfinite(value) or not np.isfinite(slope):
        raise GradientError(
            f"At {a:g} the function has the value {value:g} and the slope {slope:g}, so no error "
            "can be measured. Choose a point where both are finite."
        )
    if smooth:
        require_smooth(sampler, a, max(1.0, abs(a)), "Measure at another point.")
    above, below = sampler.at(center + h), sampler.at(center - h)
    return float(value), slope, (above - value) / h, (above - below) / (2 * h)


def _exact(
    fn: Callable[[Any], Any], a: float, slope: float, derivative: float | None, dtype: str
) -> float:
    if derivative is not None:
        return require_number(derivative, "derivative")
    if dtype == "float64":
        return slope
    # The reference is the slope at the number that float32 has for a.
    points = np.array([a], "float32").astype("float64")
    return float(Sampler(fn, points, "float64").at(points, order=1)[0])


def _follow(error: Array, law: Array, floor: float) -> bool:
    """Say whether most errors that are more than the least are about those of the law."""
    seen = error > 3 * floor
    near = (error[seen] > 1e-3 * law[seen]) & (error[seen] < 3 * law[seen])
    return bool(seen.sum() > 2 and near.mean() > 0.5)


def _scale(h: Array, error: Array, order: int, least: Array, unit: float) -> float | None:
    """Return C of the law error = C h**order from the steps at which it holds, if there are any."""
    best = unit ** (1 / (order + 1))  # where truncation and rounding are about equal
    held = (h > 5 * best) & (h < 0.2) & np.isfinite(error) & (error > 20 * least)
    if held.sum() < 3:
        return None
    power, _ = np.polyfit(np.log(h[held]), np.log(error[held]), 1)
    return float(np.median(error[held] / h[held] ** order)) if abs(power - order) < 0.3 else None


def _guide(ax: Axes, h: Array, height: Array, text: str, place: tuple[int, int]) -> None:
    """Draw a law of the error, with its name beside the line."""
    ax.plot(h, height, color=ink(), linewidth=1, alpha=0.7, zorder=1)
    share = 0.6 if place[0] < 0 else 0.4 if place[1] < 0 else 0.25
    middle = np.argsort(h)[int(share * h.size)]
    ax.annotate(
        text,
        (h[middle], height[middle]),
        xytext=place,
        textcoords="offset points",
        ha="left" if place[0] > 0 else "right",
        va="bottom" if place[1] > 0 else "top",
        color=ink(),
    )
