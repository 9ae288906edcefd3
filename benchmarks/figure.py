"""A run as a figure for docs/speed.md."""

from pathlib import Path

import matplotlib
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from benchmarks.contestants import COLORS, CONTESTANTS, OURS, Contestant
from benchmarks.problems import PROBLEMS, Problem
from benchmarks.report import digits
from benchmarks.results import Results

_LIBRARIES = ("mindspore", "torch", "jax", "autograd")


def draw(results: Results, path: Path) -> None:
    """Write the times as multiples of ours, a row for each problem, to an SVG file."""
    rows = [p for p in PROBLEMS if results.median(OURS, p.name) and not p.ours_only]
    with matplotlib.rc_context({"svg.hashsalt": "d2l", "font.size": 9}):
        figure, axes = plt.subplots(figsize=(8.3, 0.36 * len(rows) + 2), layout="constrained")
        for contestant in filter(lambda contestant: contestant.marker, CONTESTANTS):
            _plot(axes, results, contestant, rows)
        _dress(axes)
        axes.set_yticks(range(len(rows)), [_row(results, problem) for problem in rows])
        figure.suptitle("Time for a derivative, as a multiple of d2l_autograd's in eager mode")
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        axes.set_title(_source(results), fontsize=7, color="gray")
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _plot(axes: Axes, results: Results, contestant: Contestant, rows: list[Problem]) -> None:
    ratios = {
        row: ratio
        for row, problem in enumerate(rows)
        if (ratio := results.ratio(contestant.name, OURS, problem.name))
    }
    if ratios:
        axes.plot(
            list(ratios.values()),
            list(ratios),
            contestant.marker,
            color=COLORS[contestant.library],
            fillstyle="full" if contestant.marker == "o" else "none",
            label=contestant.label,
        )


def _row(results: Results, problem: Problem) -> str:
    seconds = results.median(OURS, problem.name)
    assert seconds is not None
    return f"{problem.title} ({digits(1e3 * seconds)} ms)"


def _dress(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}×"))
    axes.axvline(1, color="gray", linewidth=0.8, zorder=0)
    axes.grid(axis="both", alpha=0.3)
    axes.invert_yaxis()
    axes.set_xlabel("← faster        slower →")


def _source(results: Results) -> str:
    named = {entry for versions in results.versions.values() for entry in versions.split(", ")}
    libraries = sorted(name for name in named if name.split()[0] in _LIBRARIES)
    return f"{results.date}; {results.machine}\n{', '.join(libraries)}"
