"""Tangents and secants of functions of one number."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import canvas, colour, ink, line_style, marker
from d2l_autograd.plots.curves import curve, limits, spacing
from d2l_autograd.plots.inputs import (
    require_functions,
    require_interval,
    require_number,
    require_numbers,
    require_steps,
)
from d2l_autograd.plots.kinks import require_smooth, sides
from d2l_autograd.plots.legends import name_lines
from d2l_autograd.plots.sampling import Sampler
from d2l_autograd.plots.waiting import tells_progress
from d2l_autograd.plots.words import filled, word

Function = Callable[[Any], Any]


@tells_progress
def plot_tangent(
    fn: Function,
    at: ArrayLike,
    *,
    lo: float | None = None,
    hi: float | None = None,
    points: int | None = None,
    label: str = "f",
    tangent_label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of one number and its tangents, by automatic differentiation.

    The tangent at a is the line ``f(a) + f′(a) (x - a)``. A point at which the function has a
    corner or jumps is refused, whatever automatic differentiation says there.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element.
        at: where the tangent touches, one number or several, between lo and hi.
        lo: the left end of the picture; 1 left of the leftmost tangent if it is left out.
        hi: its right end, greater than lo; 1 right of the rightmost if it is left out.
        points: the number of points of the curve, at least 2; as `plot_derivatives` chooses if it
            is left out.
        label: the name of the function.
        tangent_label: the name of a tangent, in which ``{slope}`` and ``{at}`` are filled in; by
            default "slope 0.25 at x = 4", in the language of the session.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, fn does not return one floating-point
            number, or it has no slope there, or none that is finite.
    """
    (fn,) = require_functions([fn], "plot_tangent")
    contacts = require_numbers(at, "at")
    lo, hi = require_interval(
        min(contacts) - 1 if lo is None else lo, max(contacts) + 1 if hi is None else hi
    )
    for contact in contacts:
        if not lo <= contact <= hi:
            raise GradientError(
                f"at holds {contact:g}, which is not between lo={lo:g} and hi={hi:g}. Choose a "
                "point in the picture, or widen the picture."
            )
    spaced = spacing(lo, hi, points)
    sampler = Sampler(fn, spaced(spaced.least))
    template = word("tangent at") if tangent_label is None else tangent_label
    tangents = _tangents(sampler, contacts)
    for contact in contacts:
        require_smooth(sampler, contact, (hi - lo) / 2, "Draw the tangent at another point.")
    names = [filled(template, "tangent_label", slope=m, at=x) for x, _, m in tangents]
    own = ax is None
    with canvas(ax) as ax:
        _draw_function(ax, sampler, spaced, label)
        for index, (x, y, slope) in enumerate(tangents, 1):
            ax.axline((x, y), slope=slope, label=names[index - 1], **line_style(ax, index))
            _draw_point(ax, x, y, index)
        name_lines(ax, own=own, ends=False)
    return ax


@tells_progress
def plot_secants(
    fn: Function,
    at: float,
    steps: ArrayLike = (1, 0.5, 0.1),
    *,
    lo: float | None = None,
    hi: float | None = None,
    points: int | None = None,
    label: str = "f",
    secant_label: str | None = None,
    tangent_label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw secants of a function of one number, which close in on its tangent as h shrinks.

    The secant of the step h goes through the points of the curve at a and a + h; its slope is the
    difference quotient ``(f(a + h) - f(a)) / h``. The tangent's is the derivative by automatic
    differentiation. Where the function has a corner or jumps there is no tangent, and the legend
    says why.

    Args:
        fn: a function of a tensor of shape () that returns a tensor with one element.
        at: the number a.
        steps: the numbers h, none of them 0.
        lo: the left end of the picture; if left out, it follows from the steps.
        hi: its right end.
        points: the number of points of the curve, at least 2; as `plot_derivatives` chooses if it
            is left out.
        label: the name of the function.
        secant_label: the name of a secant, in which ``{h}`` and ``{slope}`` are filled in; by
            default "h = 0.5: slope 1.25", in the language of the session.
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
    spaced = spacing(lo, hi, points)
    sampler = Sampler(fn, spaced(spaced.least))
    ((_, height, slope),) = _tangents(sampler, [a])
    ends = sampler.at(np.array(offsets) + a)
    if not np.isfinite(ends).all():
        raise GradientError(
            f"The function has no finite value at some of {[a + h for h in offsets]}, where the "
            "secants end. Choose steps that stay where it is defined."
        )
    quotients = ((ends - height) / offsets).tolist()
    template = word("secant") if secant_label is None else secant_label
    names = [
        filled(template, "secant_label", h=h, slope=slope)
        for h, slope in zip(offsets, quotients, strict=True)
    ]
    template = word("tangent") if tangent_label is None else tangent_label
    tangent_name = filled(template, "tangent_label", slope=slope)
    own = ax is None
    with canvas(ax) as ax:
        _draw_function(ax, sampler, spaced, label)
        for index, (h, end) in enumerate(zip(offsets, ends.tolist(), strict=True), 1):
            style = line_style(ax, index)
            ax.axline((a, height), slope=quotients[index - 1], label=names[index - 1], **style)
            _draw_point(ax, a + h, end, index)
        dot: Any = {"marker": "o", "color": ink(), "markersize": 9, "zorder": 4}
        if found := sides(sampler, a, (hi - lo) / 2):
            key = "jump" if found.jumps else "corner"
            none = word(key, left=found.left, right=found.right)
            ax.plot([a], [height], **dot, linestyle="none", label=none)
        else:
            ax.axline((a, height), slope=slope, color=ink(), linewidth=1.5, label=tangent_name)
            ax.plot([a], [height], **dot)
        name_lines(ax, own=own, ends=False)
    return ax


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


def _draw_function(ax: Axes, sampler: Sampler, spaced: Any, label: str) -> None:
    """Draw the curve, and fix the limits of y: a steep line through it must not widen them."""
    drawn = curve(sampler, spaced)
    lo, hi = spaced(2)
    if drawn.is_empty:
        raise GradientError(
            f"There is no finite value to draw between {lo:g} and {hi:g}. Choose lo and hi "
            "where the function is defined."
        )
    name = label if drawn.fine else word("unresolved", name=label)
    ax.plot(drawn.x, drawn.y, label=name, color=colour(ax, 0))
    ax.set(xlim=(lo, hi), ylim=limits([[drawn]]), xlabel="x")


def _draw_point(ax: Axes, x: float, y: float, index: int) -> None:
    ax.plot([x], [y], marker(index - 1), color=colour(ax, index), markersize=9, zorder=3)
