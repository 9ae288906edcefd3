"""What holds of every picture: nothing covers data, nothing is cut off, no two lines look alike."""

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.legend import Legend
from matplotlib.quiver import Quiver
from matplotlib.transforms import Bbox


def require_legible(figure: Any) -> None:
    """Draw the figure, and fail where it would mislead or could not be read."""
    figure.canvas.draw()
    for ax in figure.axes:
        assert covered_lines(ax) == []
        assert colliding_ticks(ax) == []
        assert equal_styles(ax) == []
        assert unlabelled_axes(ax) == []
        for quiver in (part for part in ax.collections if isinstance(part, Quiver)):
            assert np.isfinite(np.stack([quiver.U, quiver.V])).all()
    whole = figure.get_tightbbox()
    assert whole.width < 13
    assert whole.height < 9


def covered_lines(ax: Any) -> list[str]:
    """Return the labels of the lines that run below a legend inside the axes."""
    legend = ax.get_legend()
    if legend is None or not isinstance(legend, Legend):
        return []
    box = legend.get_window_extent()
    covered = []
    for line in ax.lines:
        path = line.get_transform().transform_path(line.get_path())
        points = path.interpolated(20).vertices
        inside = [box.contains(x, y) and ax.bbox.contains(x, y) for x, y in points[:50_000]]
        if any(inside):
            covered.append(str(line.get_label()))
    return covered


def colliding_ticks(ax: Any) -> list[tuple[str, str]]:
    """Return the pairs of tick labels of an axis that overlap."""
    pairs = []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        shown: list[tuple[str, Bbox]] = [
            (label.get_text(), label.get_window_extent())
            for place, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False)
            if label.get_text() and label.get_visible() and low <= place <= high
        ]
        pairs += [(a, b) for (a, box), (b, other) in combinations(shown, 2) if box.overlaps(other)]
    return pairs


def equal_styles(ax: Any) -> list[Any]:
    """Return the styles that several labelled lines have."""
    labelled = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    styles = Counter(style_of(line) for line in labelled)
    return [style for style, count in styles.items() if count > 1]


def unlabelled_axes(ax: Any) -> list[str]:
    """Return the axes without a name: x always has one, in the lowest of several panels."""
    lowest = ax.get_subplotspec() is None or ax.get_subplotspec().is_last_row()
    return ["x"] if lowest and not ax.get_xlabel() else []


def style_of(line: Any) -> Any:
    """Return what tells a line from others; all dashes are the same to get_linestyle."""
    dashes = line._unscaled_dash_pattern
    drawn = None if line.get_linestyle() == "None" else dashes
    return line.get_color(), str(drawn), str(line.get_marker()), line.get_linewidth()
