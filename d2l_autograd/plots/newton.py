"""Newton's method: the root of a function of one number, the minimum of one of two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mindspore as ms
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from d2l_autograd.derivatives.matrices import hessian
from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import canvas, colour, ink
from d2l_autograd.plots.contours import Limits, draw_contours, mapped
from d2l_autograd.plots.curves import curve, limits, spacing
from d2l_autograd.plots.inputs import (
    require_count,
    require_functions,
    require_number,
    require_point,
)
from d2l_autograd.plots.legends import add_legend
from d2l_autograd.plots.planes import descent, draw_end, draw_path, map_size, pair, view
from d2l_autograd.plots.sampling import Sampler
from d2l_autograd.plots.waiting import done, tells_progress
from d2l_autograd.plots.words import word

Array = NDArray[Any]
Function = Callable[[Any], Any]


@tells_progress
def plot_newton(
    fn: Function,
    start: float | Sequence[float],
    *,
    steps: int = 5,
    rate: float | None = None,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    label: str = "f",
    ax: Axes | None = None,
) -> Axes:
    """Draw Newton's method: a root of a function of one number, or a minimum of one of two.

    From a number, each step follows the tangent down to the axis, ``x ← x - f(x) / f′(x)``. From a
    point of the plane, each step goes to where the quadratic that touches fn there is level,
    ``x ← x - H⁻¹ g`` with the gradient g and the Hessian matrix H.

    Args:
        fn: a function of a tensor of shape (), or (2,) in the plane, that returns a tensor with
            one element. It is computed in float64, or in float32 if it cannot be.
        start: the number, or the point of two numbers, to start from.
        steps: the number of steps, at least 1.
        rate: in the plane, a learning rate: gradient descent with it, from the same point and with
            as many steps, is drawn as well.
        xlim: the ends of the first axis; if left out, they follow from the path.
        ylim: the ends of the second.
        label: the name of a function of one number.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes. Their first line after the curve, if there is one, has the points of the path: in
        the plane of shape (steps + 1, 2), else the corners of the zigzag between axis and curve.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or there is no next step: a slope of 0, a Hessian without inverse, or a point
            where fn is not finite.
    """
    (fn,) = require_functions([fn], "plot_newton")
    require_count(steps, "steps", 1)
    if np.ndim(start.asnumpy() if isinstance(start, ms.Tensor) else start) == 0:
        if rate is not None:
            raise GradientError(
                "rate belongs to gradient descent in the plane, and start is one number, from "
                "which a root is found. Leave rate out, or give a start of two numbers."
            )
        return _draw_root(fn, require_number(start, "start"), steps, xlim, ylim, label, ax)
    return _draw_minimum(fn, require_point(start, "start"), steps, rate, xlim, ylim, ax)


def _draw_root(
    fn: Function,
    start: float,
    steps: int,
    xlim: Limits | None,
    ylim: Limits | None,
    label: str,
    ax: Axes | None,
) -> Axes:
    points, heights = _roots(fn, start, steps)
    (lo, hi), _ = view(np.stack([points, points], axis=-1), xlim, None)
    spaced = spacing(lo, hi, None)
    drawn = curve(Sampler(fn, spaced(spaced.least)), spaced)
    inside = heights[(points >= lo) & (points <= hi)]
    low, high = limits([[drawn]])
    if ylim is None:
        low, high = min(low, *inside, 0.0), max(high, *inside, 0.0)
        ylim = (low - 0.06 * (high - low), high + 0.06 * (high - low))
    _, ylim = view(np.zeros((1, 2)), (lo, hi), ylim)
    zigzag = np.stack([points.repeat(2), np.stack([0 * heights, heights], 1).ravel()], 1)
    with canvas(ax) as ax:
        ax.axhline(0, color=ink(), linewidth=0.8)
        ax.plot(drawn.x, drawn.y, color=colour(ax, 0), label=label)
        ax.plot(*zigzag[:-1].T, color=colour(ax, 1), linewidth=1.8, label=word("newton"))
        ax.plot(points[:-1], heights[:-1], "o", color=colour(ax, 1), markersize=7)
        name = word("root", steps=steps, x=points[-1])
        draw_end(ax, np.array([points[-1], 0.0]), name, 1)
        ax.set(xlim=(lo, hi), ylim=ylim, xlabel="x")
        add_legend(ax, own=False)
    return ax


def _roots(fn: Function, start: float, steps: int) -> tuple[Array, Array]:
    """Return the numbers of the iteration, of shape (steps + 1,), and fn there."""
    points, heights = [start], []
    sampler = Sampler(fn, np.array([start]))
    for step in range(steps + 1):
        here = np.array([points[-1]])
        height, slope = sampler.at(here)[0], sampler.at(here, order=1)[0]
        heights.append(float(height))
        if step == steps:
            break
        if not (np.isfinite(height) and np.isfinite(slope)) or slope == 0:
            raise GradientError(
                f"Newton's method ends after {step} steps at x = {points[-1]:.6g}: the function "
                f"has the value {height:.4g} and the slope {slope:.4g} there, so its tangent does "
                "not lead on. Take another start, or fewer steps."
            )
        points.append(points[-1] - float(height) / float(slope))
    return np.array(points), np.array(heights)


def _draw_minimum(
    fn: Function,
    start: Limits,
    steps: int,
    rate: float | None,
    xlim: Limits | None,
    ylim: Limits | None,
    ax: Axes | None,
) -> Axes:
    path = _minima(fn, start, steps)
    slower = None if rate is None else descent(fn, start, steps, rate)
    both = path if slower is None else np.concatenate([path, slower])
    xlim, ylim = view(both, xlim, ylim)
    drawn = mapped(fn, xlim, ylim, None)
    with canvas(ax, size=map_size(xlim, ylim)) as ax:
        draw_contours(ax, drawn)
        draw_path(ax, path, 1, label=word("newton"))
        if slower is not None:
            name = word("descent", rate=rate)
            draw_path(ax, slower, 2, label=name, marker="D", linestyle=(0, (4, 1.5)))
            draw_end(ax, slower[-1], "_", 2)
        draw_end(ax, path[-1], "_", 1)
        draw_end(ax, path[0], word("start"), 1, is_start=True)
        add_legend(ax, own=False, outside=True)
    return ax


def _minima(fn: Function, start: Limits, steps: int) -> Array:
    """Return the points of the iteration, of shape (steps + 1, 2)."""
    path = [np.array(start)]
    sampler = Sampler(fn, path[0][:, None])
    matrix_of = hessian(fn)
    for step in range(steps):
        here = path[-1]
        gradient = sampler.at(here[:, None], order=1)[:, 0].astype("float64")
        done(1)
        matrix = matrix_of(ms.Tensor(here.astype(sampler.dtype))).asnumpy().astype("float64")
        known = np.isfinite(matrix).all() and np.isfinite(gradient).all()
        if not known or np.linalg.cond(matrix) > 1e14:
            raise GradientError(
                f"Newton's method ends after {step} steps at {pair(here)}: the Hessian matrix "
                f"{np.round(matrix, 4).tolist()} has no inverse there. Take another start, or "
                "fewer steps."
            )
        path.append(here - np.linalg.solve(matrix, gradient))
    return np.stack(path)
