"""Functions of two numbers: contours, gradients, and gradient descent on them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import canvas, colour, ink, settings, tinted
from d2l_autograd.plots.inputs import (
    require_count,
    require_functions,
    require_limits,
    require_point,
    require_positive,
    require_texts,
)
from d2l_autograd.plots.sampling import Sampler

if TYPE_CHECKING:
    from IPython.display import Image

Array = NDArray[Any]
Function = Callable[[Any], Any]
Limits = tuple[float, float]
_LEVELS = 12
_FRAMES = 30  # at most, however many steps are taken
_FINE, _COARSE = 81, 31  # grids of points, computed at once or one by one


def plot_gradient_field(
    fn: Function,
    xlim: Limits,
    ylim: Limits,
    *,
    points: int | None = None,
    arrows: int = 13,
    ax: Axes | None = None,
) -> Axes:
    """Draw the contours of a function of two numbers, and its gradient as arrows.

    The arrows have the direction of the gradient; their lengths grow with its norm g as
    ``g / (g + median of g)``, so that none is too short or too long to see. The contours are at
    the quantiles of the values: as much of the picture lies between any two. Darker is lower.

    Args:
        fn: a function of a tensor of shape (2,) that returns a tensor with one element. It is
            computed in float64, or in float32 if it cannot be.
        xlim: the ends of the first coordinate.
        ylim: the ends of the second.
        points: the number of grid points for the contours along each side, at least 2; if left
            out, 81 for a function that takes x of shape (2, N) as N points, and 31 for others.
        arrows: the number of arrows along each side, at least 2.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or it is finite nowhere.
    """
    (fn,) = require_functions([fn], "plot_gradient_field")
    xlim, ylim = require_limits(xlim, "xlim"), require_limits(ylim, "ylim")
    _require_grid(points)
    require_count(arrows, "arrows", 2)
    tails = _grid(xlim, ylim, arrows, inset=0.5)
    gradients = Sampler(fn, tails).at(tails, order=1)
    with canvas(ax, size=(6.5, 5)) as ax:
        _draw_contours(ax, fn, xlim, ylim, points)
        _draw_arrows(ax, tails, gradients, max(np.ptp(xlim), np.ptp(ylim)) / arrows)
    return ax


def plot_descent(
    fn: Function,
    start: Sequence[float],
    *,
    steps: int = 20,
    rate: float = 0.1,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    points: int | None = None,
    labels: Sequence[str] = ("start", "after {steps} steps"),
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
            out, 81 for a function that takes x of shape (2, N) as N points, and 31 for others.
        labels: the names of the first and the last point; ``{steps}`` is filled in.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes. Their first line has the points of the path, of shape (steps + 1, 2).

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or the path leaves the finite numbers.
    """
    (fn,) = require_functions([fn], "plot_descent")
    path, xlim, ylim = _prepared(fn, start, steps, rate, xlim, ylim, points)
    named = require_texts(labels, "labels", 2)
    with canvas(ax, size=(6.5, 5)) as ax:
        _draw_contours(ax, fn, xlim, ylim, points)
        _draw_path(ax, path, [label.format(steps=steps) for label in named])
    return ax


def animate_descent(
    fn: Function,
    start: Sequence[float],
    *,
    steps: int = 20,
    rate: float = 0.1,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    points: int | None = None,
    labels: Sequence[str] = ("start", "after {steps} steps"),
    seconds: float = 6.0,
) -> Image:
    """Return the picture of `plot_descent` as an animation that a notebook plays.

    It is an animated PNG: no JavaScript, and where animation is not supported, as in print, it is
    the finished picture. It stays below 300 kB; beyond 30 steps, several go into one frame.

    Args:
        fn: as for `plot_descent`, like all arguments but the last.
        start: the point of two numbers to start from.
        steps: the number of steps.
        rate: the learning rate.
        xlim: the ends of the first coordinate.
        ylim: the ends of the second.
        points: the number of grid points for the contours.
        labels: the names of the first and the last point; ``{steps}`` counts in the animation.
        seconds: how long it plays, over and over.

    Returns:
        An image that a notebook displays; its ``data`` are the bytes of the file.

    Raises:
        GradientError: as for `plot_descent`, or seconds is not above 0.
    """
    import IPython.display as display
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    (fn,) = require_functions([fn], "animate_descent")
    path, xlim, ylim = _prepared(fn, start, steps, rate, xlim, ylim, points)
    first, last = require_texts(labels, "labels", 2)
    require_positive(seconds, "seconds")
    shown = np.unique(np.linspace(0, steps, min(steps + 1, _FRAMES)).round().astype(int))
    with settings():
        # Not a figure of pyplot, which a notebook would display beside the animation.
        drawing: Any = FigureCanvasAgg(Figure(figsize=(6.5, 5), dpi=100, layout="constrained"))
        with canvas(drawing.figure.add_subplot()) as ax:
            _draw_contours(ax, fn, xlim, ylim, points)
            line, begin, end = _draw_path(ax, path, [first, last.format(steps=steps)])
            legend = ax.get_legend()
            assert legend is not None
            drawing.draw()
            frames = [np.array(drawing.buffer_rgba())]
            moving = (line, begin, end, legend)
            for artist in moving:
                artist.set_animated(True)
            drawing.draw()
            ground = drawing.copy_from_bbox(drawing.figure.bbox)
            for step in shown:
                line.set_data(*path[: step + 1].T)
                end.set_data(*path[step : step + 1].T)
                legend.get_texts()[-1].set_text(last.format(steps=step))
                drawing.restore_region(ground)
                for artist in moving:
                    ax.draw_artist(artist)
                frames.append(np.array(drawing.buffer_rgba()))
    make: Any = display.Image  # without types
    image: Any = make(
        data=_animated(frames, seconds),
        format="png",
        alt=f"Gradient descent in {steps} steps at rate {rate:g}, from {_pair(path[0])} to "
        f"{_pair(path[-1])}.",
    )
    image.figure = drawing.figure  # as it rests: what a description of the animation is made from
    return image


def _require_grid(points: Any) -> None:
    if points is not None:
        require_count(points, "points", 2)


def _prepared(
    fn: Function, start: Any, steps: Any, rate: Any, xlim: Any, ylim: Any, points: Any
) -> tuple[Array, Limits, Limits]:
    """Return the path, of shape (steps + 1, 2), and the limits of the picture."""
    _require_grid(points)
    path = _descent(
        fn,
        require_point(start, "start"),
        require_count(steps, "steps", 1),
        require_positive(rate, "rate"),
    )
    around = _around(path)
    return (
        path,
        around[0] if xlim is None else require_limits(xlim, "xlim"),
        around[1] if ylim is None else require_limits(ylim, "ylim"),
    )


def _descent(fn: Function, start: Limits, steps: int, rate: float) -> Array:
    path = [np.array(start)]
    sampler = Sampler(fn, path[0][:, None])
    for step in range(1, steps + 1):
        gradient = sampler.at(path[-1][:, None], order=1)[:, 0]
        path.append(path[-1] - rate * gradient.astype("float64"))
        if not np.isfinite(path[-1]).all() or np.abs(path[-1]).max() > 1e12:
            raise GradientError(
                f"Gradient descent diverges: step {step} leads from {_pair(path[-2])} to "
                f"{_pair(path[-1])}. Take a rate below {rate:g}, another start, or fewer steps."
            )
    return np.stack(path)


def _around(path: Array) -> tuple[Limits, Limits]:
    """Return limits with room around the path, in which no side is much the shorter one."""
    low, high = path.min(axis=0), path.max(axis=0)
    extent = high - low
    half = 0.65 * np.maximum(extent, 0.6 * (extent.max() or 1.0))
    middle = (low + high) / 2
    (left, bottom), (right, top) = (middle - half).tolist(), (middle + half).tolist()
    return (left, right), (bottom, top)


def _grid(xlim: Limits, ylim: Limits, count: int, inset: float = 0.0) -> Array:
    """Return a grid of points, of shape (2, count²), by a share of its spacing off the edge."""
    shares = np.linspace(inset, count - 1 + inset, count) / (count - 1 + 2 * inset)
    x, y = (low + shares * (high - low) for low, high in (xlim, ylim))
    return np.stack(np.meshgrid(x, y)).reshape(2, -1)


def _draw_contours(ax: Axes, fn: Function, xlim: Limits, ylim: Limits, points: int | None) -> None:
    grid = _grid(xlim, ylim, points or _FINE)
    sampler = Sampler(fn, grid)
    if points is None and not sampler.at_once:
        grid = _grid(xlim, ylim, _COARSE)
    values = sampler.at(grid)
    masked: Any = np.ma  # without types
    values = masked.masked_invalid(values)
    if values.count() == 0:
        raise GradientError(
            f"The function has no finite value in xlim={xlim}, ylim={ylim}. Choose limits where "
            "it is defined."
        )
    levels = np.unique(np.quantile(values.compressed(), np.linspace(0, 1, _LEVELS + 1)))
    if levels.size > 2:  # else it is flat
        side = math.isqrt(values.size)
        x, y, z = (each.reshape(side, side) for each in (*grid, values))
        shades = [tinted(ax, colour(ax, 0), s) for s in np.linspace(0.4, 0.02, levels.size - 1)]
        ax.contourf(x, y, z, levels, cmap=ListedColormap(shades))
        ax.contour(x, y, z, levels[1:-1], colors=[ink()], linewidths=0.7, alpha=0.45)
    ax.grid(False)
    ax.set(xlim=xlim, ylim=ylim, xlabel="x₁", ylabel="x₂", aspect="equal")


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


def _draw_path(ax: Axes, path: Array, labels: Sequence[str]) -> tuple[Any, Any, Any]:
    edge = ax.get_facecolor()
    (line,) = ax.plot(*path.T, "o-", color=colour(ax, 1), markersize=5, linewidth=2)
    marks = [
        ax.plot(
            *point,
            marker,
            color=colour(ax, 1),
            markeredgecolor=edge,
            markersize=size,
            label=label,
            linestyle="none",
            zorder=3,
        )[0]
        for point, marker, size, label in zip(
            path[[0, -1], :, None], "s*", (10, 18), labels, strict=True
        )
    ]
    ax.legend(loc=_free_corner(ax, path))
    return line, marks[0], marks[1]


def _free_corner(ax: Axes, path: Array) -> Any:
    """Return the corner that is farthest from the path: one place for all frames."""
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    shares = (path - low) / (high - low)
    corners = {
        f"{row} {column}": (x, y)
        for row, y in (("upper", 0.9), ("lower", 0.1))
        for column, x in (("right", 0.75), ("left", 0.25))
    }
    return max(corners, key=lambda name: np.hypot(*(shares - corners[name]).T).min())


def _animated(frames: list[Array], seconds: float) -> bytes:
    """Return an animated PNG: the first frame is the still, the others play and come to rest."""
    from PIL.Image import Dither, Palette, fromarray

    images = [fromarray(frame).convert("RGB") for frame in frames]
    palette = images[0].quantize(64, method=Palette.ADAPTIVE, dither=Dither.NONE)
    still, *moving = [image.quantize(palette=palette, dither=Dither.NONE) for image in images]
    rest = 1500
    each = max(20, round(1000 * seconds - rest) // len(moving))
    file = io.BytesIO()
    still.save(
        file,
        format="PNG",
        save_all=True,
        default_image=True,
        append_images=moving,
        duration=[*[each] * (len(moving) - 1), each + rest],
        loop=0,
    )
    return file.getvalue()


def _pair(point: Array) -> str:
    return f"({point[0]:.4g}, {point[1]:.4g})"
