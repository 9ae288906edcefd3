"""Pictures of training: the loss step by step, and where a classifier draws its line."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mindspore as ms
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.canvas import canvas, colour, line_style, marker, tinted
from d2l_autograd.plots.contours import Limits, grid
from d2l_autograd.plots.inputs import (
    as_array,
    require_choice,
    require_functions,
    require_limits,
    require_texts,
)
from d2l_autograd.plots.legends import add_legend, name_lines
from d2l_autograd.plots.words import word

Array = NDArray[Any]
_SIDE = 161  # grid points of a decision boundary
_TINTS = (0.22, 0.14, 0.32)  # of the colours of regions, which differ in grey as well
_DECADES = 1.5  # beyond this many, a loss that falls is only legible on a logarithmic axis
_NOISY = 8  # times its height that a curve may go up and down: above, its mean is drawn


def plot_training(
    losses: ArrayLike | Mapping[str, ArrayLike],
    *,
    yscale: str | None = None,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how one loss or several changed from step to step.

    A loss that goes up and down from step to step, as with small batches, is drawn faintly, and
    its running mean over a twentieth of the steps on top. Where one is no longer finite, its curve
    ends, and its label says from which step on, or at which step first.

    Args:
        losses: the loss at each step, numbers or tensors; or a dictionary from a name to them.
        yscale: "linear" or "log"; if left out, "log" where all are above 0 and span more than 1.5
            powers of ten.
        label: the name of the y axis; by default "loss", in the language of the session.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, or no loss is finite.
    """
    ylabel = word("loss") if label is None else label
    named = losses if isinstance(losses, Mapping) else {ylabel: losses}
    if not named:
        raise GradientError('losses is empty. Give numbers, or a dictionary {"SGD": numbers}.')
    series = {str(name): _numbers(values, str(name)) for name, values in named.items()}
    everything = np.concatenate([*series.values()])
    finite = everything[np.isfinite(everything)]
    if not finite.size:
        raise GradientError(
            f"None of the losses is finite; the first is {everything[0]}. Check the data and the "
            "learning rate: there is no curve to draw."
        )
    if yscale is None:
        spans = finite.min() > 0 and np.log10(finite.max() / finite.min()) > _DECADES
        yscale = "log" if spans else "linear"
    require_choice(yscale, "yscale", ("linear", "log"))
    own = ax is None
    with canvas(ax, size=(7, 4)) as ax:
        for index, (name, values) in enumerate(series.items()):
            _draw_loss(ax, name, values, index, yscale)
        ax.set(yscale=yscale, xlabel=word("step"), ylabel=ylabel)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        if isinstance(losses, Mapping) or not np.isfinite(everything).all():
            name_lines(ax, own=own, ends=False)
    return ax


def _numbers(values: Any, name: str) -> Array:
    try:
        numbers = np.array([float(as_array(value)) for value in values], "float64")
    except Exception:  # no sequence, or none of numbers
        numbers = np.empty(0)
    if not numbers.size:
        raise GradientError(
            f"The losses called {name!r:.40} are {values!r:.60}. Give one number for each step, as "
            "in losses.append(float(loss))."
        )
    return numbers


def _draw_loss(ax: Axes, name: str, values: Array, index: int, yscale: str) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        key = "not finite" if bad.size == values.size - bad[0] else "not finite at"
        name = word(key, name=name, value=values[bad[0]], step=int(bad[0]))
    steps = np.arange(values.size)
    shown = np.where(np.isfinite(values), values, np.nan)
    style = line_style(ax, index)
    if values.size > 40 and not bad.size and _is_noisy(values, yscale):
        ax.plot(steps, shown, color=colour(ax, index), linewidth=0.8, alpha=0.45)
        width = max(3, values.size // 20)
        mean = np.convolve(values, np.full(width, 1 / width), "valid")
        ax.plot(steps[width - 1 :], mean, label=name, **style)
    else:
        ax.plot(steps, shown, label=name, **style)
    if bad.size and bad[0]:
        ax.plot(bad[0] - 1, values[bad[0] - 1], "X", color=colour(ax, index), markersize=10)


def _is_noisy(values: Array, yscale: str) -> bool:
    """Say whether what is seen of a loss goes up and down far more than it gets anywhere."""
    with np.errstate(invalid="ignore", divide="ignore"):
        heights = np.log(values) if yscale == "log" else values
    heights = heights[np.isfinite(heights)]
    return bool(np.abs(np.diff(heights)).sum() > _NOISY * np.ptp(heights))


def plot_decision_boundary(
    predict: Callable[[Any], Any],
    points: Any,
    labels: Any,
    *,
    threshold: float = 0.0,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw points of the plane by their class, on the regions that a classifier assigns to each.

    Args:
        predict: a network or a function of a float32 tensor of shape (N, 2), N points. It returns
            N scores, of shape (N,) or (N, 1), the second class being where they are above the
            threshold; or of shape (N, k), one for each class, the greatest of which wins.
        points: the points, of shape (n, 2).
        labels: the class of each, n whole numbers from 0.
        threshold: the score between two classes: 0 for a logit, 0.5 for a probability.
        xlim: the ends of the first coordinate; if left out, they follow from the points.
        ylim: the ends of the second.
        names: the names of the classes.
        ax: the axes to draw on; a new figure if it is left out.

    Returns:
        The axes.

    Raises:
        GradientError: an argument is not as described, or predict returns scores of another shape.
    """
    (predict,) = require_functions([predict], "plot_decision_boundary")
    where, classes = _require_labelled(points, labels)
    count = int(classes.max()) + 1
    low, high = where.min(axis=0), where.max(axis=0)
    room = 0.12 * (high - low).max() or 1.0
    xlim = (low[0] - room, high[0] + room) if xlim is None else require_limits(xlim, "xlim")
    ylim = (low[1] - room, high[1] + room) if ylim is None else require_limits(ylim, "ylim")
    places = grid(xlim, ylim, (_SIDE, _SIDE))
    scores = _scores(predict, places)
    regions = scores.shape[0] if scores.ndim == 2 else 2
    count = max(count, regions)
    given = [word("class", number=number) for number in range(count)]
    named = given if names is None else require_texts(names, "names", count)
    x, y = (each.reshape(_SIDE, _SIDE) for each in places)
    with canvas(ax, size=(6, 5)) as ax:
        _draw_regions(ax, x, y, scores, threshold, regions)
        for number in range(count):
            ax.plot(
                *where[classes == number].T,
                marker(number),
                color=colour(ax, number),
                markeredgecolor=ax.get_facecolor(),
                markersize=8,
                label=named[number],
                linestyle="none",
            )
        ax.grid(False)
        ax.set(xlim=xlim, ylim=ylim, xlabel="x₁", ylabel="x₂")
        add_legend(ax, own=False, outside=True)
    return ax


def _require_labelled(points: Any, labels: Any) -> tuple[Array, Array]:
    where, classes = as_array(points), as_array(labels)
    if where.ndim != 2 or where.shape[1] != 2 or not where.size or not np.isfinite(where).all():
        raise GradientError(
            f"points has shape {where.shape}. Give n points of the plane, finite numbers of shape "
            "(n, 2)."
        )
    if classes.shape == (where.shape[0], 1):
        classes = classes[:, 0]
    whole = classes.dtype.kind in "biuf" and not np.any(classes != np.floor(classes))
    if classes.shape != where.shape[:1] or not whole or classes.min() < 0:
        raise GradientError(
            f"labels has shape {classes.shape}, for {where.shape[0]} points. Give the class of "
            f"each, a whole number from 0: shape ({where.shape[0]},)."
        )
    return where.astype("float64"), classes.astype(int)


def _scores(predict: Callable[[Any], Any], places: Array) -> Array:
    """Return a score for each place, of shape (N,), or of each class, of shape (k, N)."""
    scores = as_array(predict(ms.Tensor(places.T.astype("float32"))))
    count = places.shape[1]
    if scores.shape in ((count,), (count, 1)):
        return scores.reshape(count).astype("float64")
    if scores.ndim == 2 and scores.shape[0] == count and scores.shape[1] > 1:
        return scores.T.astype("float64")
    raise GradientError(
        f"predict returned scores of shape {scores.shape} for points of shape ({count}, 2). Return "
        f"one score for each point, shape ({count},), or one for each class, shape ({count}, k)."
    )


def _draw_regions(
    ax: Axes, x: Array, y: Array, scores: Array, threshold: float, regions: int
) -> None:
    """Tint the region of each class, and draw the lines between them."""
    if scores.ndim == 1:
        margins = [threshold - scores, scores - threshold]
    else:
        others = [np.delete(scores, number, axis=0).max(axis=0) for number in range(regions)]
        margins = [score - other for score, other in zip(scores, others, strict=True)]
    for number, margin in enumerate(margins):
        height = margin.reshape(x.shape)
        if np.nanmax(height) <= 0:
            continue
        shade = tinted(ax, colour(ax, number), _TINTS[number % len(_TINTS)])
        ax.contourf(x, y, height, [0, np.inf], colors=[shade])
        if np.nanmin(height) < 0 and (number or scores.ndim == 2):
            ax.contour(x, y, height, [0], colors=["#666666"], linewidths=1.6)
