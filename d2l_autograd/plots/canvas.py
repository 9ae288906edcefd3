"""What all pictures look like: sizes, colours, fonts, on the background that the style sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from d2l_autograd.course.fonts import with_chinese
from d2l_autograd.errors import GradientError

# The colours of Okabe and Ito (Color Universal Design, 2008) that stand out from the background.
_ON_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_ON_DARK = ("#56B4E9", "#E69F00", "#CC79A7", "#F0E442", "#009E73", "#D55E00")
_DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (6, 2, 1, 2)),
    (0, (1, 1.2)),
    (0, (9, 3)),
    (0, (6, 2, 1, 2, 1, 2)),
)
_MARKERS = "os^Dv<"
_SIZE = 13.0  # points: at a width of 7 inches, legible from the last row


@contextmanager
def canvas(ax: Axes | None, *, size: tuple[float, float] = (7, 4.5)) -> Iterator[Axes]:
    """Lend ``ax``, or the axes of a new figure, with the settings of the pictures."""
    if ax is None:
        with new_axes(1, size=size) as (only,):
            yield only
        return
    if not isinstance(ax, Axes):
        raise GradientError(
            f"ax is {ax!r:.60}. Give the axes of a figure, figure, ax = plt.subplots(), or leave "
            "ax out for a new figure."
        )
    with settings():
        _dress(ax)
        yield ax


@contextmanager
def new_axes(rows: int, *, size: tuple[float, float]) -> Iterator[list[Axes]]:
    """Lend the axes of a new figure, one below the other, with the settings of the pictures."""
    with settings():
        figure, grid = plt.subplots(
            rows, sharex=True, figsize=size, layout="constrained", squeeze=False
        )
        try:
            for ax in grid[:, 0]:
                _dress(ax)
            yield [*grid[:, 0]]
        except BaseException:
            plt.close(figure)  # a notebook would show it half drawn
            raise


@contextmanager
def detached_axes(size: tuple[float, float]) -> Iterator[Axes]:
    """Lend the axes of a figure that pyplot, and so a notebook, does not know of."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with settings():
        figure = Figure(figsize=size, dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        _dress(ax)
        yield ax


@contextmanager
def settings() -> Iterator[None]:
    """Set Matplotlib up for the pictures, for as long as the context lasts."""
    larger = max(_SIZE, matplotlib.rcParams["font.size"])
    with matplotlib.rc_context(
        {
            "font.family": with_chinese([*matplotlib.rcParams["font.family"]]),
            "font.size": larger,
            "axes.titlesize": larger,
            "axes.labelsize": larger,
            "legend.fontsize": larger,
            "lines.linewidth": 2.5,
            "lines.solid_capstyle": "butt",
        }
    ):
        yield


def _dress(ax: Axes) -> None:
    """Make the frame of the axes recede, and its numbers legible."""
    # Ticks are made when the figure is drawn, by the settings of then: so each one is named here.
    ax.tick_params(
        which="both",
        labelsize=matplotlib.rcParams["font.size"] - 1,
        colors=matplotlib.rcParams["text.color"],
        length=0,
        pad=7,
    )
    for name in (ax.xaxis.label, ax.yaxis.label):  # of axes that were made before
        name.set_fontsize(matplotlib.rcParams["axes.labelsize"])
    ax.grid(True, color=ink(), alpha=0.15, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[:].set_visible(False)


def ink() -> Any:
    """Return the colour of text."""
    return matplotlib.rcParams["text.color"]


def colour(ax: Axes, index: int) -> str:
    """Return the colour of a number, legible on the background of the axes."""
    palette = _ON_DARK if _is_dark(ax) else _ON_LIGHT
    return palette[index % len(palette)]


def dashes(index: int) -> Any:
    """Return the line style of a number: it tells curves apart where colour does not."""
    return _DASHES[index % len(_DASHES)]


def line_style(ax: Axes, index: int) -> dict[str, Any]:
    """Return colour and dashes of a number; the first 36 numbers have 36 styles."""
    return {"color": colour(ax, index), "linestyle": dashes(index + index // len(_DASHES))}


def marker(index: int) -> str:
    """Return the marker of a number: it tells points apart where colour does not."""
    return _MARKERS[index % len(_MARKERS)]


def tinted(ax: Axes, shade: str, share: float) -> str:
    """Return the background of the axes with a share of a colour mixed in."""
    mixed = [
        (1 - share) * ground + share * tint
        for ground, tint in zip(_background(ax), to_rgb(shade), strict=True)
    ]
    return to_hex((mixed[0], mixed[1], mixed[2]))


def _is_dark(ax: Axes) -> bool:
    red, green, blue = _background(ax)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.5


def _background(ax: Axes) -> tuple[float, float, float]:
    return to_rgb(ax.get_facecolor())
