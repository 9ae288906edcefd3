"""Pictures that move: gradient descent step by step."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from d2l_autograd.plots.canvas import detached_axes
from d2l_autograd.plots.contours import Limits, draw_contours, mapped
from d2l_autograd.plots.inputs import require_choice, require_functions, require_positive
from d2l_autograd.plots.legends import add_legend
from d2l_autograd.plots.planes import descent, draw_end, draw_path, pair, point_names, view
from d2l_autograd.plots.waiting import tells_progress
from d2l_autograd.plots.words import word

if TYPE_CHECKING:
    from IPython.display import Image

Array = NDArray[Any]
_FRAMES = 30  # at most, however many steps are taken
_ROUNDS = 3
_COLOURS = 128
_APART = 8  # of 255: Pillow looks for the nearest colour no more finely
_REST = 1500  # milliseconds for which the finished picture stays


@tells_progress
def animate_descent(
    fn: Callable[[Any], Any],
    start: Sequence[float],
    *,
    steps: int = 20,
    rate: float = 0.1,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    points: int | None = None,
    contours: Literal["equal", "quantiles"] = "equal",
    labels: Sequence[str] | None = None,
    seconds: float = 6.0,
) -> Image:
    """Return the picture of `plot_descent` as an animation that a notebook plays three times.

    It is an animated PNG, without JavaScript. It begins and ends with the finished picture, which
    is also what is printed and exported. It stays below 300 kB; beyond 30 steps, several go into
    one frame.

    Args:
        fn: as for `plot_descent`, like all arguments but the last.
        start: the point of two numbers to start from.
        steps: the number of steps.
        rate: the learning rate.
        xlim: the ends of the first coordinate.
        ylim: the ends of the second.
        points: the number of grid points for the contours.
        contours: where they are, "equal" or "quantiles".
        labels: the names of the first and the last point; ``{steps}`` counts in the animation.
        seconds: how long each round takes.

    Returns:
        An image that a notebook displays; its ``data`` are the bytes of the file.

    Raises:
        GradientError: as for `plot_descent`, or seconds is not above 0.
    """
    import IPython.display as display

    (fn,) = require_functions([fn], "animate_descent")
    path = descent(fn, start, steps, rate)
    xlim, ylim = view(path, xlim, ylim)
    first, last = point_names(labels, steps)
    require_positive(seconds, "seconds")
    require_choice(contours, "contours", ("equal", "quantiles"))
    drawn = mapped(fn, xlim, ylim, points)
    with detached_axes((6.5, 5)) as ax:
        draw_contours(ax, drawn, contours)
        line = draw_path(ax, path, 1)
        moving = [
            line,
            draw_end(ax, path[0], first, 1, is_start=True),
            end := draw_end(ax, path[-1], last, 1),
            legend := add_legend(ax, own=False, outside=True),
        ]

        def show(step: int) -> None:
            line.set_data(*path[: step + 1].T)
            end.set_data(*path[step : step + 1].T)
            legend.get_texts()[-1].set_text(point_names(labels, step)[1])

        shown = np.unique(np.linspace(0, steps, min(steps + 1, _FRAMES)).round().astype(int))
        frames = _drawn_frames(ax, moving, show, shown.tolist())
    alt = word("descent alt", steps=steps, rate=rate, first=pair(path[0]), last=pair(path[-1]))
    make: Any = display.Image  # without types
    image: Any = make(data=animated(frames, seconds), format="png", alt=alt)
    image.figure = ax.figure  # as it rests: what a description of the animation is made from
    return image


def _drawn_frames(
    ax: Any, moving: Sequence[Any], show: Callable[[int], None], steps: Sequence[int]
) -> list[Array]:
    """Return the pixels of the picture at each step, of which the artists in moving are drawn."""
    canvas = ax.figure.canvas
    canvas.draw()
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    ground = canvas.copy_from_bbox(ax.figure.bbox)
    frames = []
    for step in steps:
        show(step)
        canvas.restore_region(ground)
        for artist in moving:
            ax.draw_artist(artist)
        frames.append(np.array(canvas.buffer_rgba()))
    for artist in moving:
        artist.set_animated(False)
    return frames


def _colours(frame: Array) -> Array:
    """Return the most frequent colours, so far apart that each of them is found again."""
    found, counts = np.unique(frame[..., :3].reshape(-1, 3), axis=0, return_counts=True)
    left = found[np.argsort(-counts, kind="stable")].astype(int)
    chosen: list[Array] = []
    while left.size and len(chosen) < _COLOURS:
        chosen.append(left[0])
        left = left[np.abs(left - left[0]).max(axis=1) >= _APART]
    return np.stack(chosen).astype("uint8")


def animated(frames: Sequence[Array], seconds: float) -> bytes:
    """Return an animated PNG that plays a few rounds and comes to rest on the last frame.

    That frame is the first one as well: where nothing moves, as in print, it is what is seen.

    Args:
        frames: pixels, each of shape (height, width, 4), uint8.
        seconds: how long a round takes.
    """
    from PIL.Image import Dither, fromarray, new

    images = [fromarray(frame).convert("RGB") for frame in (frames[-1], *frames)]
    palette = new("P", (1, 1))
    palette.putpalette(_colours(frames[-1]).ravel().tolist())
    finished, *moving = [image.quantize(palette=palette, dither=Dither.NONE) for image in images]
    each = max(20, round(1000 * seconds - _REST) // len(frames))
    file = io.BytesIO()
    finished.save(
        file,
        format="PNG",
        save_all=True,
        append_images=moving,
        duration=[each, *[each] * (len(moving) - 1), each + _REST],
        loop=_ROUNDS,
    )
    return file.getvalue()
