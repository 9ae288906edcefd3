"""Functions of two numbers: contours, gradients, and gradient descent on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import canvas, colour
from d2l_autograd.plots.contours import Limits, draw_contours, grid, mapped
from d2l_autograd.plots.inputs import (
    require_choice,
    require_count,
    require_functions,
    require_limits,
    require_point,
    require_positive,
    require_texts,
)
from d2l_autograd.plots.legends import add_legend
from d2l_autograd.plots.sampling import Sampler
from d2l_autograd.plots.waiting import tells_progress
from d2l_autograd.plots.words import filled, word

Array = NDArray[Any]
Function = Callable[[Any], Any]


@tells_progress
def plot_gradient_field(
    fn: Function,
    xlim: Limits = (-2, 2),
    ylim: Limits = (-2, 2),
    *,
    points: int | None = None,
    contours: Literal["equal", "quantiles"] = "equal",
    arrows: int = 13,
    ax: Axes | None = None,
) -> Axes:
    """Draw the contours of a function of two numbers, and its gradient as arrows.

    The arrows have the direction of the gradient; their lengths grow with its norm g as
    ``g / (g + median of g)``, so that none is too short or too long to see. Where the function has
    no value there is none, and the ground is hatched. The contours are at equal steps of the value:
    where they are close, the function is steep. The deeper the colour, the lower. A function
    without contours is called constant. Both axes have the same scale, so that gradients cross
    contours at right angles.

    Args:
        fn: a function of a tensor of shape (2,) that returns a tensor with one element. It is
            computed in float64, or in float32 if it cannot be.
        xlim: the ends of the first coordinate.
        ylim: the ends of the second.
        points: the number of grid points for the contours along each side, at least 2; if left
            out, 361 for a function that takes x of shape (2, N) as N points, and 31 for others.
        contours: "equal", at equal steps of the value; or "quantiles", with as much of the picture
            between any two, for a function that is a thousand times as large in one place as in
            another.
        arrows: the number of arrows along the longer side, at least 2; they are as far apart
            along the other.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or it is finite nowhere; one side is more than 20 times as long as the other.
    """
    (fn,) = require_functions([fn], "plot_gradient_field")
    xlim, ylim = require_limits(xlim, "xlim"), require_limits(ylim, "ylim")
    require_count(arrows, "arrows", 2)
    require_choice(contours, "contours", ("equal", "quantiles"))
    drawn = mapped(fn, xlim, ylim, points)
    spacing = max(np.ptp(xlim), np.ptp(ylim)) / arrows
    counts = [max(1, round(float(np.ptp(ends)) / spacing)) for ends in (xlim, ylim)]
    tails = grid(xlim, ylim, (counts[0], counts[1]), inset=0.5)
    sampler = Sampler(fn, tails)
    gradients = np.where(np.isfinite(sampler.at(tails)), sampler.at(tails, order=1), np.nan)
    with canvas(ax, size=map_size(xlim, ylim)) as ax:
        draw_contours(ax, drawn, contours)
        _draw_arrows(ax, tails, gradients, spacing)
    return ax


@tells_progress
def plot_descent(
    fn: Function,
    start: Sequence[float],
    *,
    steps: int = 20,
    rate: float = 0.1,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    points: int | None = None,
    contours: Literal["equal", "quantiles"] = "equal",
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the path of gradient descent on the contours of a function of two numbers.

    Each step is ``x ← x - rate · gradient of fn at x``.

    Args:
        fn: a function of a tensor of shape (2,) that returns a tensor with one element.
        start: the point of two numbers to start from.
        steps: the number of steps, at least 1.
        rate: the learning rate, above 0.
        xlim: the ends of the first coordinate; if left out, they follow from the path.
        ylim: the ends of the second.
        points: the number of grid points for the contours along each side, at least 2; if left
            out, 121 for a function that takes x of shape (2, N) as N points, and 31 for others.
        contours: "equal", at equal steps of the value; or "quantiles", with as much of the picture
            between any two, for a function that is a thousand times as large in one place as in
            another.
        labels: the names of the first and the last point; ``{steps}`` is filled in.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes. Their first line has the points of the path, of shape (steps + 1, 2).

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or the path leaves the finite numbers.
    """
    (fn,) = require_functions([fn], "plot_descent")
    path = descent(fn, start, steps, rate)
    xlim, ylim = view(path, xlim, ylim)
    first, last = point_names(labels, steps)
    require_choice(contours, "contours", ("equal", "quantiles"))
    drawn = mapped(fn, xlim, ylim, points)
    with canvas(ax, size=map_size(xlim, ylim)) as ax:
        draw_contours(ax, drawn, contours)
        draw_path(ax, path, 1)
        draw_end(ax, path[0], first, 1, is_start=True)
        draw_end(ax, path[-1], last, 1)
        add_legend(ax, own=False, outside=True)
    return ax


def descent(fn: Function, start: Any, steps: Any, rate: Any) -> Array:
    """Return the path of gradient descent, of shape (steps + 1, 2)."""
    rate = require_positive(rate, "rate")
    path = [np.array(require_point(start, "start"))]
    sampler = Sampler(fn, path[0][:, None])
    for step in range(1, require_count(steps, "steps", 1) + 1):
        gradient = sampler.at(path[-1][:, None], order=1)[:, 0]
        path.append(path[-1] - rate * gradient.astype("float64"))
        if not np.isfinite(path[-1]).all() or np.abs(path[-1]).max() > 1e12:
            raise GradientError(
                f"Gradient descent diverges: step {step} leads from {pair(path[-2])} to "
                f"{pair(path[-1])}. Take a rate below {rate:g}, another start, or fewer steps."
            )
    return np.stack(path)


def view(path: Array, xlim: Limits | None, ylim: Limits | None) -> tuple[Limits, Limits]:
    """Return the given limits, or ones with room around the path and no side much shorter."""
    low, high = path.min(axis=0), path.max(axis=0)
    extent = high - low
    half = 0.65 * np.maximum(extent, 0.6 * (extent.max() or 1.0))
    middle = (low + high) / 2
    (left, bottom), (right, top) = (middle - half).tolist(), (middle + half).tolist()
    return (
        (left, right) if xlim is None else require_limits(xlim, "xlim"),
        (bottom, top) if ylim is None else require_limits(ylim, "ylim"),
    )


def point_names(labels: Any, steps: int) -> tuple[str, str]:
    """Return the names of the first and the last point of a path."""
    given = (word("start"), word("after" if steps != 1 else "after one"))
    given = given if labels is None else labels
    first, last = require_texts(given, "labels", 2)
    return filled(first, "labels", steps=steps), filled(last, "labels", steps=steps)


def draw_path(ax: Axes, path: Array, index: int, **style: Any) -> Any:
    """Draw the steps of a path in the colour of an index, and return the line."""
    style = {"marker": "o", "markersize": 5, "linewidth": 2, **style}
    (line,) = ax.plot(*path.T, color=colour(ax, index), **style)
    return line


def draw_end(ax: Axes, point: Array, label: str, index: int, *, is_start: bool = False) -> Any:
    """Draw the first point of a path as a square or the last as a star, and return it."""
    (mark,) = ax.plot(
        *point[:, None],
        "s" if is_start else "*",
        color=colour(ax, index),
        markeredgecolor=ax.get_facecolor(),
        markersize=10 if is_start else 18,
        label=label,
        linestyle="none",
        zorder=3,
    )
    return mark


def pair(point: Array) -> str:
    """Return a point of the plane as text."""
    return f"({point[0]:.4g}, {point[1]:.4g})"


def map_size(xlim: Limits, ylim: Limits) -> tuple[float, float]:
    """Return a size of the figure in which a map of equal scales leaves little room unused."""
    height = 5.2 * float(np.ptp(ylim) / np.ptp(xlim)) + 0.9
    return 6.5, min(max(height, 2.2), 5.2)


def _draw_arrows(ax: Axes, tails: Array, gradients: Array, spacing: float) -> None:
    norms = np.hypot(*gradients)
    drawn = np.isfinite(norms) & (norms > 0)
    tails, gradients, norms = tails[:, drawn], gradients[:, drawn], norms[drawn]
    if not norms.size:
        return
    arrows = gradients / (norms + np.median(norms)) * spacing
    ax.quiver(
        *tails,
        *arrows,
        angles="xy",
        scale_units="xy",
        scale=1,
        pivot="mid",
        width=0.006,
        color=colour(ax, 1),
    )
