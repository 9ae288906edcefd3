"""What a figure shows: each planted change of each kind of artist is found, and nothing else is."""

import copy
import importlib
import io
import json
import re
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import patches
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from notebook_check.compare.pictures import digest
from notebook_check.figures.arrays import BLOCKS, LONG, pack
from notebook_check.figures.comparing import compare_figures
from notebook_check.figures.description import MIME, describe
from notebook_check.tolerance import Tolerance

pytestmark = pytest.mark.usefixtures("settings_are_kept")

X = np.linspace(0.1, 6, 50)
GRID = np.meshgrid(X[::5], X[::5])
WAVE = np.sin(GRID[0]) * np.cos(GRID[1])
Draw = Callable[[Any], Any]


def shown(draw: Draw, change: Callable[[Any], Any] = lambda ax: None, **subplot: Any) -> Any:
    """Return what a notebook would store for a figure with this drawn and then changed."""
    figure = plt.figure(layout="constrained", figsize=(4, 3), dpi=50)
    axes = figure.add_subplot(**subplot)
    draw(axes)
    change(axes)
    figure.draw_without_rendering()
    description = json.loads(json.dumps(describe(figure), allow_nan=False))
    plt.close(figure)
    return description


def difference(draw: Draw, change: Callable[[Any], Any], **subplot: Any) -> list[str]:
    return compare_figures(shown(draw, **subplot), shown(draw, change, **subplot), Tolerance())


def curve(ax: Any) -> None:
    ax.plot(X, np.sin(X), label="sin")
    ax.plot(X, np.cos(X), "o--", label="cos")
    ax.set(title="waves", xlabel="x", ylabel="y", xlim=(0, 6))
    ax.set_xticks([0, 3, 6], ["none", "half", "all"])
    ax.legend(title="kinds")


def texts(ax: Any) -> None:
    ax.text(0.5, 0.5, "here", transform=ax.transAxes)
    ax.annotate("top", (0.2, 0.8), xytext=(10, 5), textcoords="offset points")
    ax.figure.text(0.1, 0.9, "aside")


def one_wrong(index: int, by: float) -> Callable[[Any], None]:
    def change(ax: Any) -> None:
        y = ax.lines[0].get_ydata().copy()
        y[index] += by
        ax.lines[0].set_ydata(y)

    return change


def recoloured(ax: Any) -> None:
    first, second = ax.lines
    first.set_color("C1")
    second.set_color("C0")


CHANGES: dict[str, tuple[Draw, Callable[[Any], Any], str]] = {
    "data": (curve, one_wrong(17, 0.1), r"line 1 \('sin'\): y\[17\] was .*, is .*; largest rel"),
    "data a little": (curve, one_wrong(3, 1e-3), r"y\[3\] was"),
    "nan": (curve, one_wrong(3, np.nan), r"y\[3\] was .*, is nan"),
    "a point less": (curve, lambda ax: ax.lines[0].set_data(X[1:], np.sin(X[1:])), "had 50"),
    "a curve missing": (curve, lambda ax: ax.lines[1].remove(), "2 lines became 1; missing: 'cos'"),
    "a curve more": (curve, lambda ax: ax.plot([1], [1], "k."), "2 lines became 3; not there"),
    "invisible": (curve, lambda ax: ax.lines[0].set_visible(False), "missing: 'sin'"),
    "colours swapped": (curve, recoloured, r"the colour was '#1f77b4ff', is '#ff7f0eff'"),
    "line style": (curve, lambda ax: ax.lines[0].set_linestyle(":"), "style was '-', is ':'"),
    "line width": (curve, lambda ax: ax.lines[0].set_linewidth(5), "width was 1.5, is 5"),
    "marker": (curve, lambda ax: ax.lines[1].set_marker("s"), "marker was 'o', is 's'"),
    "label": (curve, lambda ax: ax.lines[0].set_label("cos"), "label was 'sin', is 'cos'"),
    "title": (curve, lambda ax: ax.set_title("b"), "title was 'waves', is 'b'"),
    "x label": (curve, lambda ax: ax.set_xlabel("t"), "x axis: the label was 'x', is 't'"),
    "no y label": (curve, lambda ax: ax.set_ylabel(""), "y axis: the label was 'y', is absent"),
    "limits": (curve, lambda ax: ax.set_xlim(0, 7), "limits were 0 to 6, are 0 to 7"),
    "limits by 1 %": (curve, lambda ax: ax.set_xlim(0, 6.06), "limits were 0 to 6, are 0 to 6.06"),
    "inverted": (curve, lambda ax: ax.invert_xaxis(), "limits were 0 to 6, are 6 to 0"),
    "scale": (curve, lambda ax: ax.set_yscale("symlog"), "scale was 'linear', is 'symlog'"),
    "tick labels": (curve, lambda ax: ax.set_xticks([0, 3, 6], ["a", "b", "c"]), "tick labels"),
    "ticks": (curve, lambda ax: ax.set_xticks([0, 2, 6], ["none", "half", "all"]), r"ticks\[1\]"),
    "no axis": (curve, lambda ax: ax.axis("off"), "hidden frame"),
    "aspect": (curve, lambda ax: ax.set_aspect(2), "aspect was 'auto', is '2.0'"),
    "legend text": (curve, lambda ax: ax.get_legend().get_texts()[0].set_text("?"), "'sin', is"),
    "legend title": (curve, lambda ax: ax.get_legend().set_title("?"), "'kinds', is '?'"),
    "no legend": (curve, lambda ax: ax.get_legend().remove(), "1 legend became 0"),
    "axes more": (curve, lambda ax: ax.figure.add_axes((0.1, 0.1, 0.1, 0.1)), "axes became 2"),
    "inset": (curve, lambda ax: ax.inset_axes((0.1, 0.1, 0.1, 0.1)), "1 axes became 2"),
    "figure size": (curve, lambda ax: ax.figure.set_size_inches(3, 3), "the width was 4.0, is 3"),
    "figure title": (curve, lambda ax: ax.figure.suptitle("all"), "absent, is 'all'"),
    "background": (curve, lambda ax: ax.set_facecolor("k"), "background was"),
    "text": (texts, lambda ax: ax.texts[0].set_text("there"), "text was 'here', is 'there'"),
    "text moved": (texts, lambda ax: ax.texts[0].set_x(0.6), "x was 0.5, is 0.6"),
    "target": (texts, lambda ax: setattr(ax.texts[1], "xy", (0.2, 0.7)), "target: y was 0.8"),
    "text of the figure": (texts, lambda ax: ax.figure.texts[0].set_text("!"), "'aside', is '!'"),
    "slope": (
        lambda ax: ax.axline((0, 0), slope=1),
        lambda ax: ax.lines[0].set_slope(1.1),
        "slope was 1, is 1.1",
    ),
    "place of a vertical line": (
        lambda ax: ax.axvline(1),
        lambda ax: ax.lines[0].set_xdata([1.2, 1.2]),
        "x.0. was 1, is 1.2",
    ),
    "height of a vertical line": (
        lambda ax: (ax.axvline(1), ax.set_ylim(0, 1e6)),
        lambda ax: ax.lines[0].set_ydata([0, 0.5]),
        "y.1. was 1, is 0.5",
    ),
    "point of a scatter": (
        lambda ax: ax.scatter(X, np.sin(X), c=X, s=9),
        lambda ax: ax.collections[0].set_offsets(np.stack([X, np.cos(X)], 1)),
        r"collection 1 \(points\): y",
    ),
    "values of a scatter": (
        lambda ax: ax.scatter(X, np.sin(X), c=X, s=9),
        lambda ax: ax.collections[0].set_array(X[::-1]),
        "values",
    ),
    "sizes of a scatter": (
        lambda ax: ax.scatter(X, np.sin(X), c=X, s=9),
        lambda ax: ax.collections[0].set_sizes([20]),
        "sizes was 9.0, is 20.0",
    ),
    "colour map": (
        lambda ax: ax.scatter(X, np.sin(X), c=X),
        lambda ax: ax.collections[0].set_cmap("gray"),
        "colour map",
    ),
    "filled area": (
        lambda ax: ax.fill_between(X, np.sin(X)),
        lambda ax: ax.collections[0].get_paths()[0].vertices.__setitem__((9, 1), 0.9),
        r"polygons\): y\[9\]",
    ),
    "segments": (
        lambda ax: ax.vlines(X, 0, np.sin(X)),
        lambda ax: ax.collections[0].set_segments([[(0, 0), (1, 1)]]),
        "segments",
    ),
    "bar": (
        lambda ax: ax.bar(["a", "b"], [1, 2]),
        lambda ax: ax.patches[1].set_height(1.5),
        "y.7. was 2, is 1.5",
    ),
    "category": (
        lambda ax: ax.bar(["a", "b"], [1, 2]),
        lambda ax: ax.set_xticks([0, 1], ["b", "a"]),
        "tick labels were .a, b., are .b, a.",
    ),
    "bin of a histogram": (
        lambda ax: ax.hist(np.arange(600), bins=600),
        lambda ax: ax.patches[400].set_height(3),
        "of 3000 y, the",
    ),
    "wedge": (
        lambda ax: ax.pie([1, 2, 3]),
        lambda ax: ax.patches[0].set_theta2(90),
        "Wedge",
    ),
    "circle": (
        lambda ax: ax.add_patch(patches.Circle((0.5, 0.5), 0.2)),
        lambda ax: ax.patches[0].set_radius(0.3),
        r"patch 1 \(Circle\)",
    ),
    "arrow": (
        lambda ax: ax.add_patch(patches.FancyArrowPatch((0, 0), (1, 1))),
        lambda ax: ax.patches[0].set_positions((0, 0), (1, 0.5)),
        "y.1. was 1, is 0.5",
    ),
    "pixel of an image": (
        lambda ax: ax.imshow(WAVE),
        lambda ax: ax.images[0].set_data(np.where(WAVE < 0.9, WAVE, 0)),
        "image 1: values",
    ),
    "extent": (
        lambda ax: ax.imshow(WAVE),
        lambda ax: ax.images[0].set_extent((0, 1, 0, 1)),
        "image 1: x",
    ),
    "colour limits": (
        lambda ax: ax.imshow(WAVE),
        lambda ax: ax.images[0].set_clim(-2, 2),
        "colour limits were -.* to .*, are -2 to 2",
    ),
    "mesh": (
        lambda ax: ax.pcolormesh(*GRID, WAVE),
        lambda ax: ax.collections[0].set_array(WAVE + 0.01),
        r"mesh\): values",
    ),
    "colorbar": (
        lambda ax: ax.figure.colorbar(ax.imshow(WAVE), label="height"),
        lambda ax: ax.figure.axes[1].set_ylabel("depth"),
        r"axes 2 \(colorbar\), y axis: the label was 'height', is 'depth'",
    ),
    "arrows": (
        lambda ax: ax.quiver(*GRID, WAVE, WAVE.T),
        lambda ax: ax.collections[0].set_UVC(WAVE, -WAVE.T),
        r"arrows\): v",
    ),
    "an unknown artist": (
        lambda ax: ax.plot([0, 1]),
        lambda ax: ax.add_artist(Artist()),
        "not there before: Artist",
    ),
    "text in a table": (
        lambda ax: ax.table([["1", "2"]]),
        lambda ax: ax.tables[0][0, 0].get_text().set_text("3"),
        r"other artist 1 \(Table\): the texts were .1, 2., are .3, 2.",
    ),
    "a tiny error on a logarithmic axis": (
        lambda ax: ax.loglog(X, 1e-12 * X),
        one_wrong(3, 1e-12),
        r"y\[3\]",
    ),
    "a small wave on a large number": (
        lambda ax: ax.plot(X, 1e5 + np.sin(X)),
        one_wrong(3, 0.3),
        r"y\[3\]",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found(name: str) -> None:
    draw, change, sentence = CHANGES[name]
    found = difference(draw, change)
    assert any(re.search(sentence, line) for line in found), found


CONTOURS: dict[str, Callable[[Any], Any]] = {
    "levels": lambda ax: ax.contour(*GRID, WAVE, 5),
    "data": lambda ax: ax.contour(*GRID, WAVE * np.cos(GRID[0] / 9), np.linspace(-0.9, 0.9, 7)),
    "filled": lambda ax: ax.contourf(*GRID, WAVE, np.linspace(-0.9, 0.9, 7)),
    "none": lambda ax: None,
}


@pytest.mark.parametrize("wrong", CONTOURS)
def test_other_contours_are_found(wrong: str) -> None:
    def right(noise: float) -> Draw:
        values = WAVE * (1 + noise * np.random.default_rng(0).normal(size=WAVE.shape))
        return lambda ax: ax.contour(*GRID, values, np.linspace(-0.9, 0.9, 7))

    before = shown(right(0))
    assert compare_figures(before, shown(right(1e-7)), Tolerance()) == []
    assert compare_figures(before, shown(CONTOURS[wrong]), Tolerance())


IN_SPACE: dict[str, tuple[Draw, Callable[[Any], Any], str]] = {
    "line": (lambda ax: ax.plot(X, X, X), lambda ax: ax.lines[0].set_data_3d(X, X, -X), "z"),
    "points": (
        lambda ax: ax.scatter(X, X, X),
        lambda ax: setattr(ax.collections[0], "_offsets3d", (X, X, X**2)),
        "z",
    ),
    "surface": (
        lambda ax: ax.plot_surface(*GRID, WAVE),
        lambda ax: (ax.collections[0].remove(), ax.plot_surface(*GRID, WAVE**2)),
        "z",
    ),
    "wires": (
        lambda ax: ax.plot_wireframe(*GRID, WAVE),
        lambda ax: (ax.collections[0].remove(), ax.plot_wireframe(*GRID, WAVE**2)),
        "z",
    ),
    "view": (lambda ax: ax.plot(X, X, X), lambda ax: ax.view_init(10, 20), "view"),
    "label": (lambda ax: ax.plot(X, X, X), lambda ax: ax.set_zlabel("z"), "z axis: the label"),
}


@pytest.mark.parametrize("name", IN_SPACE)
def test_a_change_in_space_is_found(name: str) -> None:
    draw, change, sentence = IN_SPACE[name]
    found = difference(draw, change, projection="3d")
    assert any(sentence in line for line in found), found


def test_a_change_in_polar_axes_is_found() -> None:
    assert difference(lambda ax: ax.plot(X, X), one_wrong(3, 0.1), projection="polar")


def test_other_kinds_of_axes_differ() -> None:
    flat, round_ = shown(lambda ax: None), shown(lambda ax: None, projection="polar")
    assert any("rectilinear" in line for line in compare_figures(flat, round_, Tolerance()))


STYLES: dict[str, Any] = {
    "dots": {"figure.dpi": 160, "savefig.dpi": 60},
    "font": {"font.family": "monospace"},
    "size of font": {"font.size": 15, "axes.titlesize": 20},
    "minus sign": {"axes.unicode_minus": False},
}
PICTURES: dict[str, Draw] = {
    **{name: CHANGES[name][0] for name in ("title", "text", "category", "colorbar", "wedge")},
    "contours": lambda ax: ax.contourf(*GRID, WAVE),
    "labels of contours": lambda ax: ax.clabel(ax.contour(*GRID, WAVE)),
    "equal axes": lambda ax: (ax.plot(X, X**2), ax.axis("equal")),
    "stream": lambda ax: ax.streamplot(*GRID, WAVE, WAVE.T, density=0.3),
}


@pytest.mark.parametrize("style", STYLES)
def test_styles_of_fonts_and_resolution_do_not_matter(style: str) -> None:
    for name, draw in PICTURES.items():
        with matplotlib.rc_context(STYLES[style]):
            after = shown(draw)
        assert compare_figures(shown(draw), after, Tolerance()) == [], name


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_description_does_not_depend_on_the_file(form: str) -> None:
    before = shown(curve)
    figure, axes = plt.subplots(layout="constrained", figsize=(4, 3))
    curve(axes)
    figure.savefig(io.BytesIO(), format=form)
    assert compare_figures(before, describe(figure), Tolerance()) == []


def test_noise_passes_where_it_cannot_be_seen() -> None:
    def noisy(scale: float) -> Draw:
        noise = scale * np.random.default_rng(1).normal(size=X.size)
        return lambda ax: (ax.plot(X, np.sin(X) + noise), ax.plot(X, 1e5 * X + 1e5 * noise))

    assert compare_figures(shown(noisy(0)), shown(noisy(1e-7)), Tolerance()) == []
    assert compare_figures(shown(noisy(0)), shown(noisy(1e-2)), Tolerance())


def test_a_plot_of_rounding_errors_can_be_given_decades() -> None:
    def errors(seed: int) -> Draw:
        noise = np.random.default_rng(seed).uniform(1, 2, X.size)
        return lambda ax: (ax.loglog(X, 1e-16 * noise), ax.set_ylim(1e-17, 1))

    before, after = shown(errors(0)), shown(errors(1))
    assert compare_figures(before, after, Tolerance())
    assert compare_figures(before, after, Tolerance(atol=0.5)) == []
    wrong = shown(lambda ax: (ax.loglog(X, 1e-14 + 0 * X), ax.set_ylim(1e-17, 1)))
    assert compare_figures(before, wrong, Tolerance(atol=0.5))


LONG_CHANGES: dict[str, Callable[[Any], None]] = {
    "one entry": lambda values: values.__setitem__(1234, values[1234] + 0.01),
    "two swapped": lambda values: values.__setitem__([1200, 1203], values[[1203, 1200]]),
    "nan": lambda values: values.__setitem__(1234, np.nan),
    "shifted": lambda values: values.__setitem__(slice(None), np.roll(values, 1)),
}


@pytest.mark.parametrize("change", LONG_CHANGES)
def test_an_entry_of_a_long_array_is_found(change: str) -> None:
    values = np.random.default_rng(0).normal(size=10 * BLOCKS)
    assert values.size > LONG
    wrong = values.copy()
    LONG_CHANGES[change](wrong)

    def long(y: Any) -> Any:
        return shown(lambda ax: (ax.plot(y), ax.set_ylim(-4, 4)))

    stored, new, rounded = long(values), long(wrong), long(values * (1 + 1e-7))
    assert compare_figures(stored, new, Tolerance())
    assert compare_figures(stored, rounded, Tolerance()) == []
    assert len(json.dumps(pack(values))) < 20_000


def deep() -> Any:
    value: Any = "x"
    for _ in range(900):
        value = [value]
    return value


GARBAGE: dict[str, Callable[[Any], Any]] = {
    "None": lambda good: None,
    "a list": lambda good: [good],
    "a number": lambda good: 3,
    "nothing": lambda good: {},
    "another format": lambda good: good | {"format": 99},
    "axes as a word": lambda good: good | {"axes": "two"},
    "axes as numbers": lambda good: good | {"axes": [1]},
    "a deep list": lambda good: good | {"axes": [deep()]},
    "words among the numbers": lambda good: _with_x(good, {"numbers": "0 one 2"}),
    "numbers that are none": lambda good: _with_x(good, {"numbers": 3}),
}
ODD: dict[str, Callable[[Any], Any]] = {
    "no axes": lambda good: {key: value for key, value in good.items() if key != "axes"},
    "a huge number": lambda good: good | {"width": 10**5000},
    "a long array": lambda good: _with_x(good, {"numbers": "1 " * 10**6}),
    "sums of nothing": lambda good: _with_x(good, {"numbers": "1", "of": 10**9}),
    "a key more": lambda good: good | {"z" * 1000: deep()},
    "infinite": lambda good: good | {"height": float("inf")},
}


def _with_x(good: Any, x: Any) -> Any:
    good["axes"][0]["lines"][0]["x"] = x
    return good


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_one_sentence(name: str) -> None:
    good = shown(curve)
    (sentence,) = compare_figures(GARBAGE[name](copy.deepcopy(good)), good, Tolerance())
    assert sentence.startswith("the stored description cannot be read: ")
    assert len(sentence) < 200


@pytest.mark.parametrize("name", ODD)
def test_odd_descriptions_are_differences(name: str) -> None:
    good = shown(curve)
    found = compare_figures(ODD[name](copy.deepcopy(good)), good, Tolerance())
    assert found
    assert all(len(sentence) < 300 for sentence in found)


@pytest.mark.parametrize("failed", ["stored", "new"])
def test_a_figure_without_description_is_never_equal(failed: str) -> None:
    good, bad = shown(curve), {"error": "describing the figure raised ValueError"}
    stored, new = (bad, good) if failed == "stored" else (good, bad)
    (sentence,) = compare_figures(stored, new, Tolerance())
    assert f"the {failed} figure has no description" in sentence


@pytest.fixture
def shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    from notebook_check.figures.display import describe_displayed_figures

    make: Any = InteractiveShell  # without types, like what else comes from IPython
    shell = make()
    describe_displayed_figures(shell)
    return shell


def png_only(shell: Any) -> None:
    """Set the formats as the inline backend does: what is registered for figures is removed."""
    pylabtools: Any = importlib.import_module("IPython.core.pylabtools")
    pylabtools.select_figure_formats(shell, ["png"])


def test_a_displayed_figure_carries_its_description(shell: Any) -> None:
    figure, axes = plt.subplots()
    curve(axes)
    png_only(shell)
    bundle, metadata = shell.display_formatter.format(figure)
    assert {"image/png", "text/plain", MIME} <= bundle.keys()
    assert bundle[MIME] == describe(figure)
    assert metadata[MIME] == {"image/png": digest(bundle["image/png"])}
    for without in shell.display_formatter.format("text"):
        assert MIME not in without


@pytest.mark.parametrize("kind", ["gif", "jpeg"])
def test_a_picture_made_from_a_figure_carries_its_description(shell: Any, kind: str) -> None:
    figure, axes = plt.subplots()
    curve(axes)
    picture = io.BytesIO()
    figure.savefig(picture, format=kind)
    image: Any = importlib.import_module("IPython.display").Image(picture.getvalue(), format=kind)
    image.figure = figure
    bundle, metadata = shell.display_formatter.format(image)
    assert bundle[MIME] == describe(figure)
    assert metadata[MIME] == {f"image/{kind}": digest(picture.getvalue())}


def test_a_figure_that_cannot_be_described_is_shown(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(figure: Figure) -> float:
        raise ValueError(f"{figure} at 0x1234")

    png_only(shell)
    figure, _ = plt.subplots()
    monkeypatch.setattr(Figure, "get_suptitle", fail)
    bundle, _ = shell.display_formatter.format(figure)
    assert bundle[MIME] == {"error": "describing the figure raised ValueError"}
    assert bundle["image/png"]
