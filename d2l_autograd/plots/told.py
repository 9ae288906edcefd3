"""What a figure shows, in words: the alternative text of its picture, for whoever cannot see it."""

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

from d2l_autograd.plots.words import word

_LISTED = 8  # names of lines or texts of a panel: more of them say little to a listener


def tell_displayed_figures(shell: Any) -> None:
    """Give the picture of every figure that this IPython shell displays an alternative text.

    It is the metadata ``alt`` of the image, where Jupyter's `display.Image` puts its own.
    """
    display = shell.display_formatter
    if not hasattr(display.format, "tells"):
        display.format = _telling(display.format)


def _telling(display: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(display)
    def format_and_tell(shown: Any, *args: Any, **kwargs: Any) -> Any:
        bundle, metadata = display(shown, *args, **kwargs)
        drawing = sys.modules.get("matplotlib.figure")
        if "image/png" in bundle and drawing and isinstance(shown, drawing.Figure):
            metadata.setdefault("image/png", {}).setdefault("alt", told(shown))
        return bundle, metadata

    format_and_tell.tells = True  # type: ignore[attr-defined]
    return format_and_tell


def told(figure: Any) -> str:
    """Return what there is to read in a figure: names of lines, their ends, axes and titles."""
    panels = [text for ax in figure.axes if ax.get_visible() and (text := _panel(ax))]
    if len(panels) < 2:
        return (panels or [word("figure")])[0]
    return word("panels", count=len(panels), panels=" ".join(panels))


def _panel(ax: Any) -> str:
    parts = [ax.get_title()] if ax.get_title() else []
    lines = {str(line.get_label()): line for line in ax.lines}
    _, named = ax.get_legend_handles_labels()
    names = [*dict.fromkeys(named)]
    noted = [text for text in dict.fromkeys(_notes(ax)) if text not in names]
    shown = [_named(name, lines.get(name)) for name in names] + noted
    if shown:
        listed = _list(shown[:_LISTED])
        parts.append(word("and so on", names=listed) if len(shown) > _LISTED else listed)
    if ax.axison:
        parts.append(_list([_axis(ax.xaxis, "horizontal"), _axis(ax.yaxis, "vertical")]))
    return word("sentence", text=word("semicolon").join(parts)) if parts else ""


def _notes(ax: Any) -> Iterator[str]:
    """Yield what else there is: contours, arrows, and texts but for the numbers on contours."""
    from matplotlib.contour import ContourSet
    from matplotlib.quiver import Quiver

    lines = [part for part in ax.collections if isinstance(part, ContourSet) and not part.filled]
    for each in lines:
        levels = np.asarray(each.levels)
        if levels.size > 1:
            yield word("contours", low=_number(levels[0]), high=_number(levels[-1]))
    if any(isinstance(part, Quiver) for part in ax.collections):
        yield word("arrows")
    numbers = {text for each in lines for text in getattr(each, "labelTexts", ())}
    for text in ax.texts:
        if text.get_visible() and text.get_text() and text not in numbers:
            yield text.get_text()


def _named(name: str, line: Any) -> str:
    """Return a name, of a curve with its first and its last height."""
    if line is None or line.get_linestyle() == "None":
        return name
    heights = np.asarray(line.get_ydata(), float)
    heights = heights[np.isfinite(heights)]
    if heights.size < 3:
        return name
    return word("curve", name=name, first=_number(heights[0]), last=_number(heights[-1]))


def _axis(axis: Any, unnamed: str) -> str:
    low, high = axis.get_view_interval()
    key = "logarithmic axis" if axis.get_scale() == "log" else "axis"
    name = axis.get_label().get_text() or word(unnamed)
    return word(key, name=" ".join(name.split()), low=_number(low), high=_number(high))


def _list(texts: list[str]) -> str:
    return word("comma").join(texts)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
