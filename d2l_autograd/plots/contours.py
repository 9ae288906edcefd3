"""Functions of two numbers as maps: the contours that pictures of the plane are drawn on."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import colour, ink, tinted
from d2l_autograd.plots.inputs import require_count
from d2l_autograd.plots.sampling import Sampler
from d2l_autograd.plots.words import word

Array = NDArray[Any]
Limits = tuple[float, float]
_LEVELS = 10
# Grids of points, computed at once or one by one. Contours that cross at a saddle are cut short by
# about a cell of the grid: of the fine one that is two pixels.
_FINE, _COARSE = 361, 31
_FAR = 1.0  # times the spread of most values: what is beyond is not divided into levels
_EDGE = 0.05  # of a side: no number stands on a contour nearer to its end
_LONGEST = 20  # times the other side that one side of a map may be
_ROUND = [1, 2, 2.5, 5, 10]


class Map(NamedTuple):
    """The values of a function on a grid of the plane, each of shape (side, side)."""

    x: Array
    y: Array
    z: Array


def grid(xlim: Limits, ylim: Limits, counts: tuple[int, int], inset: float = 0.0) -> Array:
    """Return a grid of points, of shape (2, N), by a share of its spacing off the edge."""
    x, y = (
        low + np.linspace(inset, n - 1 + inset, n) / max(n - 1 + 2 * inset, 1e-300) * (high - low)
        for (low, high), n in zip((xlim, ylim), counts, strict=True)
    )
    return np.stack(np.meshgrid(x, y)).reshape(2, -1)


def mapped(fn: Callable[[Any], Any], xlim: Limits, ylim: Limits, points: int | None) -> Map:
    """Return the values of fn on a grid, of as many points as are quickly computed.

    Raises:
        GradientError: it has no finite value there, or one side is too short to be seen.
    """
    _require_both_sides(xlim, ylim)
    count = _FINE if points is None else require_count(points, "points", 2)
    where = grid(xlim, ylim, (count, count))
    sampler = Sampler(fn, where)
    if points is None and not sampler.at_once:
        where = grid(xlim, ylim, (_COARSE, _COARSE))
    values = sampler.at(where).astype("float64")
    if not np.isfinite(values).any():
        raise GradientError(
            f"The function has no finite value in xlim={xlim}, ylim={ylim}. Choose limits where "
            "it is defined."
        )
    side = math.isqrt(values.size)
    return Map(*(each.reshape(side, side) for each in (*where, values)))


def _require_both_sides(xlim: Limits, ylim: Limits) -> None:
    width, height = float(np.ptp(xlim)), float(np.ptp(ylim))
    if max(width, height) > _LONGEST * min(width, height):
        long = 0 if width > height else 1
        raise GradientError(
            f"The map would be {width:g} wide and {height:g} high. Both axes have the same scale, "
            "so that gradients cross contours at right angles, and one side would be too short to "
            f"be seen. Give limits of which none is {_LONGEST} times as long as the other, or "
            f"measure x{'₁₂'[long]} in a larger unit."
        )


def draw_contours(ax: Axes, drawn: Map, spacing: str = "equal") -> None:
    """Draw contours at equal steps of the value or at its quantiles, numbers on some.

    The deeper the colour, the lower.
    """
    _draw_plane(ax, *(tuple(side.ravel()[[0, -1]].tolist()) for side in (drawn.x, drawn.y)))
    masked: Any = np.ma  # without types
    z = masked.masked_invalid(drawn.z)
    if z.count() < z.size:  # where there is no value, it is not taken for a high one
        ax.patch.set(hatch="//", edgecolor=tinted(ax, ink(), 0.25), linewidth=0)
    levels = _levels(z.compressed(), spacing)
    if levels is None:
        _call_constant(ax, float(z.compressed().mean()), bool(z.count() == z.size))
        return
    shades = [tinted(ax, colour(ax, 0), s) for s in np.linspace(0.42, 0.04, levels.size - 1)]
    shades = [shades[0], *shades, shades[-1]]  # the first and last for what is beyond the levels
    ax.contourf(drawn.x, drawn.y, z, levels, colors=shades, extend="both")
    inner = ax.contour(
        drawn.x, drawn.y, z, levels, colors=[ink()], linewidths=0.7, alpha=0.45, linestyles="solid"
    )
    size = float(ax.xaxis.label.get_fontsize())
    numbers = ax.clabel(inner, levels[1:-1:2], fontsize=size - 3, fmt=_number, colors=[ink()])
    for number in numbers:
        place = ax.transAxes.inverted().transform(ax.transData.transform(number.get_position()))
        if np.min([place, 1 - place]) < _EDGE:
            number.remove()  # half of it would stand outside, beside the numbers of the axes
            continue
        halo = patheffects.withStroke(linewidth=2.5, foreground=ax.get_facecolor())
        number.set(path_effects=[halo], zorder=2.5, alpha=0.9)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")  # as on the axes


def _draw_plane(ax: Axes, xlim: Limits, ylim: Limits) -> None:
    """Give the axes equal scales, and ticks that have room."""
    ax.grid(False)
    ax.set(xlim=xlim, ylim=ylim, xlabel="x₁", ylabel="x₂", aspect="equal")
    longest = max(np.ptp(xlim), np.ptp(ylim))
    for axis, ends in ((ax.xaxis, xlim), (ax.yaxis, ylim)):
        count = max(1, min(5, round(6 * float(np.ptp(ends) / longest))))
        axis.set_major_locator(MaxNLocator(nbins=count, steps=_ROUND))
    ax.ticklabel_format(scilimits=(-3, 4))


def _levels(values: Array, spacing: str) -> Array | None:
    """Return round numbers or quantiles that span the values, or None if these are all equal."""
    low, high = values.min(), values.max()
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return None
    if spacing == "quantiles":
        found = np.unique(np.quantile(values, np.linspace(0, 1, _LEVELS + 1)))
        return found if found.size > 2 else None
    bulk = np.quantile(values, [0.05, 0.95])
    spread = max(np.ptp(bulk), 1e-300)
    low, high = max(low, bulk[0] - _FAR * spread), min(high, bulk[1] + _FAR * spread)
    locator = MaxNLocator(nbins=_LEVELS, steps=_ROUND)
    return np.asarray(locator.tick_values(low, high))


def _call_constant(ax: Axes, value: float, everywhere: bool) -> None:
    if everywhere:
        ax.set_facecolor(tinted(ax, colour(ax, 0), 0.2))
    ax.text(
        0.5, 0.5, word("constant", value=value), ha="center", va="center", transform=ax.transAxes
    )
