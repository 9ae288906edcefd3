"""Figures of the chapters changed, by the description of what they show."""

from collections.abc import Mapping
from typing import Any

from mutation import C1, C2, C3, Change, Mutation, by_id, description, replaced


def _scaled(numbers: Any, index: int, factor: float) -> None:
    words = numbers.numbers.split()
    words[index] = f"{float(words[index]) * factor:.7g}"
    numbers.numbers = " ".join(words)


def _swapped(numbers: Any, one: int, other: int) -> None:
    words = numbers.numbers.split()
    words[one], words[other] = words[other], words[one]
    numbers.numbers = " ".join(words)


def _each_scaled(numbers: Any, factor: float) -> None:
    values = (float(word) * factor for word in numbers.numbers.split())
    numbers.numbers = " ".join(f"{value:.7g}" for value in values)


FIGURES: Mapping[str, tuple[str, str, Change, str]] = {
    "wrong data": (
        C2, "solution-5-code", lambda d: _each_scaled(d.axes[0].lines[0].y, -1),
        "line 1 ('sin x'): y[", ),
    "one wrong point": (
        C2, "flow-figure", lambda d: _scaled(d.axes[0].lines[0].y, 7, 1.01), "line 1: y[7] was"),
    "two points swapped": (
        C2, "flow-figure", lambda d: _swapped(d.axes[1].lines[0].y, 3, -3), "line 1: y["),
    "one point of a logarithmic plot": (
        C3, "cost-figure", lambda d: _scaled(d.axes[1].lines[1].y, 3, 1.01),
        "line 2 ('reverse mode'): y[3] was"),
    "a point missing": (
        C2, "flow-figure",
        lambda d: d.axes[0].lines[0].y.update(
            numbers=d.axes[0].lines[0].y.numbers.rpartition(" ")[0]),
        "line 1: y had"),
    "nan for a point": (
        C2, "flow-figure",
        lambda d: d.axes[0].lines[0].y.update(
            numbers=replaced(d.axes[0].lines[0].y.numbers, "-359.1278", "nan")),
        "line 1: y[1] was nan"),
    "a curve missing": (
        C2, "solution-5-plot", lambda d: d.axes[0].lines.pop(), "2 lines became 3"),
    "a curve more": (
        C2, "solution-5-plot", lambda d: d.axes[0].lines.append(d.axes[0].lines[0]),
        "4 lines became 3"),
    "curves exchanged": (
        C2, "solution-5-plot", lambda d: d.axes[0].lines.reverse(), "the label was 'sin″'"),
    "an axis label": (
        C2, "flow-figure", lambda d: d.axes[1].x.update(label="x"), "the label was 'x', is 'a'"),
    "an axis label lost": (
        C2, "flow-figure", lambda d: d.axes[1].x.pop("label"), "the label was absent, is 'a'"),
    "a title": (
        C3, "cost-figure", lambda d: d.axes[0].update(title="one input"),
        "the title was 'one input'"),
    "limits": (
        C1, "rules-product-figure",
        lambda d: d.axes[0].x.limits.update(numbers="0 4"), "the limits were 0 to 4"),
    "limits that follow from data": (
        C2, "flow-figure", lambda d: d.axes[1].x.limits.update(numbers="-60 60"),
        "the limits were -60 to 60"),
    "a scale": (
        C3, "cost-figure", lambda d: d.axes[0].y.update(scale="linear"),
        "the scale was 'linear', is 'log'"),
    "ticks set by hand": (
        C3, "cost-figure", lambda d: d.axes[0].y["tick labels"].reverse(), "tick labels"),
    "a colour": (
        C2, "solution-5-code", lambda d: d.axes[0].lines[0].update(colour="#009e73ff"),
        "the colour was '#009e73ff'"),
    "a line style": (
        C2, "solution-5-code", lambda d: d.axes[0].lines[0].update(style=":"), "the style was"),
    "an entry of a legend": (
        C2, "solution-5-code", lambda d: d.axes[0].legends[0].entries[0].update(text="cos x"),
        "'cos x'"),
    "a legend lost": (
        C2, "solution-5-code", lambda d: d.axes[0].pop("legends"), "0 legends became 1"),
    "a panel lost": (C3, "cost-figure", lambda d: d.axes.pop(), "1 axes became 2"),
    "panels exchanged": (C2, "flow-figure", lambda d: d.axes.reverse(), "axes 1"),
    "the figure's size": (C2, "flow-figure", lambda d: d.update(height=9.0), "the height was 9"),
    "a text in a figure": (
        C1, "rules-product-figure", lambda d: d.axes[0].texts[0].update(text="u / v"), "'u / v'"),
    "a rectangle elsewhere": (
        C1, "rules-product-figure", lambda d: _scaled(d.axes[0].patches[2].y, 2, 1.1),
        "patch 3"),
    "the level of a contour": (
        C1, "steepest-field", lambda d: _scaled(d.axes[0].collections[0].levels, 3, 1.2),
        "levels[3]"),
    "an arrow turned": (
        C1, "steepest-field", lambda d: _scaled(d.axes[0].collections[2].u, 5, -1), "u[5] was"),
    "a description that says nothing": (
        C2, "flow-figure", lambda d: d.clear(), "the stored description cannot be read"),
    "a description of another format": (
        C2, "flow-figure", lambda d: d.update(format=99), "its format is 99"),
    "garbage in a description": (
        C2, "flow-figure", lambda d: d.axes[0].lines[0].y.update(numbers="1 two 3"),
        "the stored description cannot be read"),
    "rounding in a figure": (
        C2, "solution-5-code", lambda d: _each_scaled(d.axes[0].lines[0].y, 1 + 2e-6), ""),
    "a little room around the data": (
        C2, "flow-figure", lambda d: _each_scaled(d.axes[1].x.limits, 1.002), ""),
}  # fmt: skip


def _figure(row: tuple[str, str, Change, str]) -> Mutation:
    chapter, cell_id, change, reason = row
    where = cell_id if reason else ""
    # To plain nbval, which does not know the description, it is the same notebook.
    return Mutation(
        chapter, lambda n: change(description(by_id(n, cell_id))), where, reason, "passes"
    )


FIGURE_MUTATIONS = {f"figure: {name}": _figure(row) for name, row in FIGURES.items()}
