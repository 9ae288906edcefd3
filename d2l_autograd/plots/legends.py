"""Names of what is drawn: at the ends of lines, or in a legend that covers none of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

_LONGEST = 34  # characters of a name
_SHORT = 6  # characters of a name that stands at the end of its line
_FEW = 4  # names: more of them stand beside the axes
_CORNERS = ("upper right", "upper left", "lower right", "lower left")


def shortened(name: str) -> str:
    """Return a name, the middle of a long one left out: its end may be a prime or a number."""
    if len(name) <= _LONGEST:
        return name
    tail = (_LONGEST - 1) // 3
    return f"{name[: _LONGEST - 1 - tail]}…{name[-tail:]}"


def name_lines(ax: Axes, *, own: bool, ends: bool = True) -> None:
    """Write the labels of the lines at their right ends; where there is no room, make a legend.

    Args:
        ax: the axes.
        own: whether their figure was made for them, and may be made wider.
        ends: whether the labels may stand at the ends.
    """
    lines = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    for line in lines:
        line.set_label(shortened(str(line.get_label())))
    short = len(lines) <= _FEW and all(len(str(line.get_label())) <= _SHORT for line in lines)
    if not (ends and own and short and _name_ends(ax, lines)):
        add_legend(ax, own=own)


def add_legend(ax: Axes, *, own: bool, outside: bool = False) -> Any:
    """Add a legend: in a corner that is free, else above the axes; of many names, beside them.

    Args:
        ax: the axes.
        own: whether their figure was made for them, and may be made wider.
        outside: whether the axes have no free corner in any case.
    """
    handles, names = ax.get_legend_handles_labels()
    if len(names) > _FEW:
        place: Any = {"bbox_to_anchor": (1, 1), "borderaxespad": 0.3, "frameon": False}
        legend = ax.legend(loc="upper left", **place)
        if own:
            figure = _whole_figure(ax)
            figure.set_figwidth(figure.get_figwidth() + _extent(ax, legend).width / figure.dpi)
        return legend
    if not outside:
        for corner in _CORNERS:
            legend = ax.legend(loc=corner, framealpha=1)  # type: ignore[call-overload]
            if not _covers(ax, _extent(ax, legend)):
                return legend
    _laid_out(ax)
    raised = 0.07 if ax.yaxis.get_offset_text().get_text() else 0.0  # a power of ten stands there
    for columns in range(len(names), 0, -1):
        legend = ax.legend(
            handles,
            names,
            loc="lower left",
            bbox_to_anchor=(0, 1 + raised),
            ncols=columns,
            frameon=False,
            borderaxespad=0.2,
            columnspacing=1.4,
        )
        if _extent(ax, legend).width <= ax.get_window_extent().width * 1.02:
            break
    return legend


def _name_ends(ax: Axes, lines: Sequence[Line2D]) -> bool:
    """Write each label at the right end of its line, if every line ends at the right edge."""
    ends = [_last_point(line) for line in lines]
    right, (low, high) = ax.get_xlim()[1], sorted(ax.get_ylim())
    if any(end is None or abs(_share(ax, end[0], right)) > 0.06 for end in ends):
        return False
    heights = [end[1] for end in ends if end is not None]
    if any(not low <= height <= high for height in heights):
        return False
    _laid_out(ax)
    pixels = [ax.transData.transform((right, height))[1] for height in heights]
    gap = 1.15 * float(ax.xaxis.label.get_fontsize()) * _dpi(ax) / 72
    moved = _apart(pixels, gap)
    if max(abs(a - b) for a, b in zip(pixels, moved, strict=True)) > 1.5 * gap:
        return False
    for line, height, pixel, place in zip(lines, heights, pixels, moved, strict=True):
        ax.annotate(
            str(line.get_label()),
            (1, height),
            xycoords=("axes fraction", "data"),
            xytext=(6, round((place - pixel) * 72 / _dpi(ax))),
            textcoords="offset points",
            va="center",
            color=line.get_color(),
            annotation_clip=False,
        )
    return True


def _last_point(line: Line2D) -> tuple[float, float] | None:
    x, y = (np.asarray(data, float) for data in line.get_data())
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    return (float(x[finite[-1]]), float(y[finite[-1]])) if finite.size else None


def _share(ax: Axes, x: float, right: float) -> float:
    """Return the distance between two places on the x axis, as a share of its length."""
    points = ax.transData.transform([(x, ax.get_ylim()[0]), (right, ax.get_ylim()[0])])
    return float((points[1, 0] - points[0, 0]) / ax.bbox.width)


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Return the places, moved so far apart that no two are nearer than the gap."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    places = list(wanted)
    for _ in range(50):
        for below, above in zip(order, order[1:], strict=False):
            overlap = gap - (places[above] - places[below])
            if overlap > 1e-6:
                places[below] -= overlap / 2
                places[above] += overlap / 2
    return places


def _covers(ax: Axes, box: Bbox) -> bool:
    """Whether the box lies over a line, a point or a text of the axes."""
    for line in ax.lines:
        half = line.get_markersize() / 2 if line.get_marker() != "None" else line.get_linewidth()
        around = box.padded(2 + half * _dpi(ax) / 72)
        path = line.get_transform().transform_path(line.get_path()).cleaned(remove_nans=True)
        if path.intersects_bbox(around, filled=False):
            return True
        # A path of a single point intersects nothing.
        x, y = np.asarray(path.vertices, float)[:-1].T
        within = (around.x0 < x) & (x < around.x1) & (around.y0 < y) & (y < around.y1)
        if within.any():
            return True
    return any(box.overlaps(extent) for extent in _texts(ax))


def _texts(ax: Axes) -> Iterator[Bbox]:
    for text in ax.texts:
        yield text.get_window_extent()


def _extent(ax: Axes, legend: Any) -> Bbox:
    """Return where a legend is, before the layout of the figure makes room for it."""
    legend.set_in_layout(False)
    _laid_out(ax)
    extent: Bbox = legend.get_window_extent()
    legend.set_in_layout(True)
    return extent


def _laid_out(ax: Axes) -> None:
    """Let the layout of the figure take place, without drawing it."""
    _whole_figure(ax).draw_without_rendering()


def _dpi(ax: Axes) -> float:
    return float(_whole_figure(ax).dpi)


def _whole_figure(ax: Axes) -> Any:
    return ax.figure.canvas.figure  # of axes in a part of a figure as well
