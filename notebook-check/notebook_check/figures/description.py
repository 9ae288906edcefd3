"""What a matplotlib figure shows, as data that can be stored beside its picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIME = "application/vnd.d2l-autograd.figure+json"


def describe(figure: Figure) -> dict[str, Any]:
    """Return what the figure shows as a dict that is strict JSON.

    It has the figure's size, titles, texts and legends, and for each of its axes, in the order in
    which they are drawn: the kind, the place in the grid, titles, aspect; of each axis the label,
    limits, scale, and ticks that were set by hand; the data, colours and labels of every line,
    collection, patch, image and text; the legend. Of an artist of another kind it has the class
    and its texts. Numbers have seven digits; a long array is summed up, as
    `notebook_check.figures.arrays.pack` says.

    What is not there: invisible artists, fonts and their sizes, automatic ticks, the grid, what
    lies over what, where the layout puts things, and the vertices of contours, which depend on
    rounding: of them the levels are kept, and for each the length, centre and spread.

    The figure is neither changed nor drawn. Data that is scaled when it is drawn, such as the
    limits of equal axes, is as of the last drawing.
    """
    from notebook_check.figures.comparing import FORMAT
    from notebook_check.figures.drawn_artists import described_artists
    from notebook_check.figures.drawn_axes import described_axes
    from notebook_check.figures.drawn_places import present

    description = present(
        {
            "format": FORMAT,
            "width": figure.get_figwidth(),
            "height": figure.get_figheight(),
            "title": figure.get_suptitle(),
            "x label": figure.get_supxlabel(),
            "y label": figure.get_supylabel(),
            **described_artists(figure),
            "subfigures": [described_artists(part) for part in figure.subfigs],
            "axes": [described_axes(axes) for axes in _in_order(figure)],
        }
    )
    result: dict[str, Any] = _strict(description)
    return result


def _strict(value: Any) -> Any:
    """Return a value as strict JSON has it: NumPy's numbers as Python's, nan as a word."""
    if isinstance(value, dict):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return str(value) if isinstance(value, str) else value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return type(value).__name__
    return float(f"{number:.7g}") if math.isfinite(number) else str(number)


def _in_order(figure: Any) -> list[Any]:
    """Return the visible axes, insets among them, as they are drawn one over another."""

    def with_insets(axes: Any) -> Iterator[Any]:
        if axes.get_visible():
            yield axes
            for inset in axes.child_axes:
                yield from with_insets(inset)

    found = [axes for outer in figure.axes for axes in with_insets(outer)]
    return sorted(found, key=lambda axes: axes.get_zorder())
