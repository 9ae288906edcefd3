"""Functions of one number and their derivatives, as curves."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.breaks import broken
from d2l_autograd.plots.canvas import canvas, colour, dashes, line_style, new_axes
from d2l_autograd.plots.inputs import (
    require_count,
    require_functions,
    require_interval,
    require_orders,
    require_scale,
    require_texts,
)
from d2l_autograd.plots.legends import name_lines
from d2l_autograd.plots.sampling import Sampler
from d2l_autograd.plots.waiting import tells_progress
from d2l_autograd.plots.words import word

Array = NDArray[Any]
Function = Callable[[Any], Any]
POINTS = 401
_FINEST = {True: 16 * (POINTS - 1) + 1, False: 2 * (POINTS - 1) + 1}  # at once, or one by one
_PRIMES = ("", "′", "″", "‴")
_HALVINGS = {"float64": 24, "float32": 10}
_APART = 20  # a curve of a twentieth of the height of the picture is a line at its bottom


class Curve(NamedTuple):
    """Points of a curve, NaN where it breaks, and what is to be said of it."""

    x: Array
    y: Array
    has_pole: bool
    fine: bool = True
    left_out: Literal["nothing", "some", "all"] = "nothing"

    @property
    def is_empty(self) -> bool:
        """Whether it has no finite value."""
        return not np.isfinite(self.y).any()


@tells_progress
def plot_derivatives(
    fn: Function | Sequence[Function],
    lo: float,
    hi: float,
    *,
    orders: Sequence[int] = (0, 1, 2),
    points: int | None = None,
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

    Where one of the curves would be a flat line beside another, each order gets axes of its own.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element, or a list of
            such functions. It is computed in float64, or in float32 if it cannot be.
        lo: the left end of the picture.
        hi: its right end, greater than lo.
        orders: the orders of the derivatives to draw; 0 is the function itself.
        points: the number of points, at least 2; evenly spaced, by their logarithm on a log axis.
            If it is left out, as many as change the picture: 401, and up to 6401 for a curve that
            oscillates. One that does so still faster says it in its label.
        labels: a name for each function. The derivatives get primes.
        xscale: "linear" or "log", which needs lo > 0.
        yscale: "linear" or "log", which leaves out what is not positive; the labels say so.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes, with one labelled line for each function and order; the uppermost if each order
        has its own, which are all in ``ax.figure.axes``.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or there is nothing finite to draw.
    """
    fns = require_functions(fn, "plot_derivatives")
    lo, hi = require_interval(lo, hi)
    orders = require_orders(orders)
    spaced = _Spacing(lo, hi, require_scale(xscale, "xscale"), points)
    require_scale(yscale, "yscale")
    names = _names(fns) if labels is None else require_texts(labels, "labels", len(fns))
    samplers = [Sampler(one, spaced(spaced.least)) for one in fns]
    families = [[curve(s, spaced, order, yscale) for order in orders] for s in samplers]
    everything = [one for family in families for one in family]
    if all(one.is_empty for one in everything):
        raise GradientError(
            f"There is no {'positive' if yscale == 'log' else 'finite'} value to draw between "
            f"{lo:g} and {hi:g}. Choose lo and hi where the function is defined."
        )
    apart = ax is None and yscale == "linear" and len(orders) > 1 and _hide_each_other(everything)
    with _panels(ax, len(orders) if apart else 1) as panels:
        for row, family in enumerate(families):
            for column, one in enumerate(family):
                panel = panels[column if apart else 0]
                _draw(
                    panel,
                    one,
                    f"{names[row]}{primes(orders[column])}",
                    _Place(row, column, len(fns), 1 if apart else len(orders)),
                )
        for column, panel in enumerate(panels):
            panel.set(xscale=xscale, yscale=yscale)
            shown = [[family[column]] for family in families] if apart else families
            if yscale == "linear":
                panel.set_ylim(*limits(shown))
            if apart and len(fns) == 1:
                panel.set_ylabel(str(panel.lines[0].get_label()))
            else:
                name_lines(panel, own=ax is None)
        panels[-1].set_xlabel("x")
    return panels[0]


class _Spacing:
    """Evenly spaced numbers between the ends of the picture."""

    def __init__(self, lo: float, hi: float, xscale: str, points: int | None) -> None:
        if xscale == "log" and lo <= 0:
            raise GradientError(
                f"lo is {lo:g}, and a logarithmic axis has positive numbers only. Give lo > 0, or "
                'xscale="linear".'
            )
        self.least = POINTS if points is None else require_count(points, "points", 2)
        self.adapts = points is None
        self._ends, self._space = (lo, hi), np.geomspace if xscale == "log" else np.linspace

    def __call__(self, count: int) -> Array:
        return np.asarray(self._space(*self._ends, count))


def spacing(lo: float, hi: float, points: int | None) -> _Spacing:
    """Return the points of a picture from lo to hi, for `curve`."""
    return _Spacing(lo, hi, "linear", points)


def curve(sampler: Sampler, spaced: _Spacing, order: int = 0, yscale: str = "linear") -> Curve:
    """Return a derivative as a curve, of so many points that more would change nothing."""
    left_out, largest = False, 0.0

    def evaluate(points: Array) -> Array:
        nonlocal left_out, largest
        values = sampler.at(points)
        largest = max(largest, np.abs(values[np.isfinite(values)]).max(initial=0))
        if order:  # MindSpore has a slope of log below 0 as well
            values = np.where(np.isfinite(values), sampler.at(points, order), np.nan)
        if yscale == "log":
            left_out |= bool((values <= 0).any())
            values = np.where(values > 0, values, np.nan)
        return values

    def rounding() -> float:
        return float(1e4 * np.finfo(sampler.dtype).eps * largest)

    def is_fine() -> bool:
        return not spaced.adapts or _is_fine(evaluate, x, y, rounding())

    x = spaced(spaced.least)
    y = evaluate(x)
    while not (fine := is_fine()) and 2 * x.size - 1 <= _FINEST[sampler.at_once]:
        x = spaced(2 * x.size - 1)
        y = evaluate(x)
    found = Curve(*broken(evaluate, x, y, _HALVINGS[sampler.dtype.name], rounding()), fine)
    if not left_out:
        return found
    return found._replace(left_out="all" if found.is_empty else "some")


def _is_fine(evaluate: Callable[[Array], Array], x: Array, y: Array, rounding: float) -> bool:
    """Say whether the curve is straight between its points, but for a few jumps and poles."""
    finite = y[np.isfinite(y)]
    if not finite.size:
        return True
    starts = np.unique(np.linspace(0, x.size - 2, min(x.size - 1, 200)).astype(int))
    values = evaluate((x[starts] + x[starts + 1]) / 2)
    low, high = np.quantile(finite, [0.05, 0.95])
    visible = 0.02 * (high - low) + rounding
    with np.errstate(invalid="ignore"):
        bent = np.abs(values - (y[starts] + y[starts + 1]) / 2) > visible
    return bool(bent.mean() < 0.05)


def limits(families: Sequence[Sequence[Curve]]) -> tuple[float, float]:
    """Return limits of y that show what is bounded, and of each function's poles the feet."""
    shown = []
    for family in families:
        drawn = [one for one in family if not one.is_empty]
        shown += [np.nanquantile(one.y, [0, 1]) for one in drawn if not one.has_pole]
        shown += [np.nanquantile(one.y, [0.05, 0.95]) for one in drawn if one.has_pole][:1]
    if not shown:
        return -1.0, 1.0
    low, high = np.min(shown), np.max(shown)
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # a constant, its rounding not magnified
        return float(low - 1), float(high + 1)
    margin = 0.1 * (high - low)
    return float(low - margin), float(high + margin)


def _hide_each_other(curves: Sequence[Curve]) -> bool:
    """Say whether some curve that is not constant would be a flat line beside the others."""
    if any(one.has_pole for one in curves):
        return False  # the picture is cut to what is to be seen
    ends = np.array([np.nanquantile(one.y, [0, 1]) for one in curves if not one.is_empty])
    heights = np.ptp(ends, axis=1)
    bending = heights[heights > 1e-10 * np.abs(ends).max()]  # the others are rounding
    return bool(bending.size and np.ptp(ends) > _APART * bending.min())


@contextmanager
def _panels(ax: Axes | None, count: int) -> Iterator[list[Axes]]:
    if count == 1:
        with canvas(ax) as only:
            yield [only]
    else:
        with new_axes(count, size=(7, 1.9 * count + 0.7)) as several:
            yield several


class _Place(NamedTuple):
    """Which of the functions and orders of a picture a curve is."""

    row: int
    column: int
    rows: int
    columns: int


def _draw(ax: Axes, one: Curve, name: str, place: _Place) -> None:
    if one.left_out != "nothing":
        name = word("not positive" if one.left_out == "all" else "partly positive", name=name)
    if not one.fine:
        name = word("unresolved", name=name)
    several = place.rows > 1 and place.columns > 1
    number = place.row if place.rows > 1 else place.column
    style = {"color": colour(ax, number), "linestyle": dashes(place.column + 3 * (place.row // 6))}
    if not several:
        style = line_style(ax, number)
    if place.columns == 1 and place.rows == 1:
        style["linestyle"] = "-"
    ax.plot(one.x, one.y, label=name, **style, linewidth=2.5 if one.fine else 1)


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


def primes(order: int) -> str:
    """Return what marks the name of a function as that of its derivative."""
    if order < len(_PRIMES):
        return _PRIMES[order]
    return f"⁽{str(order).translate(_SUPERSCRIPTS)}⁾"
