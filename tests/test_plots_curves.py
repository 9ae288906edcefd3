"""Curves, tangents, secants and errors of differences: the numbers drawn, against calculus."""

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from mindspore import ops
from picture_checks import style_of

from d2l_autograd import plot_derivatives, plot_secants, plot_step_errors, plot_tangent
from d2l_autograd.plots.curves import primes

pytestmark = pytest.mark.usefixtures("settings_are_kept")


def cube_or_line(x: Any) -> Any:
    if x > 0:
        return x**3
    return -x


def cube(x: Any) -> Any:
    return x**3


def inverse(x: Any) -> Any:
    return 1 / x


def inverse_square(x: Any) -> Any:
    return 1 / x**2


def scaled_by_the_mean(x: Any) -> Any:
    return x * x.mean()


def zero(x: Any) -> Any:
    return 0 * x


CURVES: list[tuple[str, Callable[[Any], Any], tuple[float, float], list[Callable[[Any], Any]]]] = [
    ("sin", ops.sin, (-6, 6), [np.sin, np.cos, lambda x: -np.sin(x)]),
    ("exp", ops.exp, (0, 5), [np.exp] * 3),
    ("cube", cube, (-2, 2.1), [lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x]),
    ("if", cube_or_line, (-1, 1.3), [
        lambda x: np.where(x > 0, x**3, -x), lambda x: np.where(x > 0, 3 * x**2, -1)]),
    ("not elementwise", scaled_by_the_mean, (-1, 1), [lambda x: x**2, lambda x: 2 * x]),
    ("relu", ops.relu, (-2, 2.1), [lambda x: np.maximum(x, 0), lambda x: x > 0, zero]),
    ("abs", ops.abs, (-2, 2.1), [np.abs, np.sign, zero]),
    ("1/x", inverse, (-3, 3), [lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3]),
    ("tan", ops.tan, (-5, 5), [np.tan, lambda x: 1 / np.cos(x) ** 2]),
    ("log", ops.log, (-1, 4), [np.log, lambda x: 1 / x]),
]  # fmt: skip


def drawn_lines(ax: Any) -> list[Any]:
    return [line for axes in ax.figure.axes for line in axes.lines]


@pytest.mark.parametrize(("name", "fn", "ends", "exact"), CURVES, ids=[row[0] for row in CURVES])
def test_curves_are_the_derivatives(name: str, fn: Any, ends: Any, exact: Any) -> None:
    ax = plot_derivatives(fn, *ends, orders=range(len(exact)), points=101)
    assert [line.get_label() for line in drawn_lines(ax)] == ["f", "f′", "f″"][: len(exact)]
    for line, formula in zip(drawn_lines(ax), exact, strict=True):
        x, y = (np.asarray(data) for data in line.get_data())
        drawn = np.isfinite(y)
        assert drawn.sum() > 70
        np.testing.assert_allclose(y[drawn], formula(x[drawn]), rtol=1e-6, atol=1e-9)


BREAKS = [
    ("abs", ops.abs, [[], [0], []]),
    ("relu", ops.relu, [[], [0], []]),
    ("if", cube_or_line, [[], [0]]),
    ("sign", ops.sign, [[0]]),
    ("1/x", inverse, [[0], [0], [0]]),
    ("1/x²", inverse_square, [[0], [0]]),
    ("tan", ops.tan, [[-np.pi / 2, np.pi / 2]]),
    ("tanh", lambda x: ops.tanh(50 * x), [[], []]),
    ("line", lambda x: 0.1 * x + 0.7, [[], [], []]),
]


@pytest.mark.parametrize("hi", [2.0, 2.1])  # with 2.0, a point lies on the break
@pytest.mark.parametrize(("name", "fn", "expected"), BREAKS, ids=[row[0] for row in BREAKS])
def test_lines_break_at_jumps_and_poles_only(name: str, fn: Any, expected: Any, hi: float) -> None:
    ax = plot_derivatives(fn, -2.0, hi, orders=range(len(expected)), points=101)
    for line, places in zip(drawn_lines(ax), expected, strict=True):
        x, y = (np.asarray(data) for data in line.get_data())
        gaps = x[np.isnan(y)]
        for place in places:
            assert np.abs(gaps - place).min() < 1e-6
            assert not ((y[:-1] * y[1:] < 0) & (np.abs(x[:-1] - place) < 0.02)).any()
        assert all(np.abs(np.array(places) - gap).min() < 0.02 for gap in gaps)


def test_a_pole_does_not_blow_up_the_picture() -> None:
    low, high = plot_derivatives(inverse, -3, 3).get_ylim()
    assert -10 < low < -1
    assert 1 < high < 10


def test_a_steep_curve_is_shown_as_a_whole() -> None:
    assert plot_derivatives(ops.exp, 0, 10).get_ylim()[1] > np.exp(10)


def test_nothing_is_drawn_where_the_function_is_undefined() -> None:
    for line in plot_derivatives(ops.log, -1, 4).lines:
        x, y = (np.asarray(data) for data in line.get_data())
        assert np.isnan(y[x < 0]).all()


def test_one_call_for_each_order() -> None:
    sizes = []

    def counted(x: Any) -> Any:
        sizes.append(x.size)
        return ops.sin(x)

    plot_derivatives(counted, -1, 1, orders=(1,), points=100)
    assert sum(size == 100 for size in sizes) <= 3  # the check, the domain, the gradient
    assert len(sizes) < 20


@pytest.mark.parametrize(
    ("fns", "options", "labels"),
    [
        (ops.sin, {"orders": (3, 4, 12)}, ["f‴", "f⁽⁴⁾", "f⁽¹²⁾"]),
        (cube, {"orders": (0, 1), "labels": "函数"}, ["函数", "函数′"]),
        ([cube, inverse], {"orders": (0, 1)}, ["cube", "cube′", "inverse", "inverse′"]),
        ([lambda x: x, lambda x: x**2], {"orders": (0,)}, ["f₁", "f₂"]),
        ([cube, cube], {"orders": (0,), "labels": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_labels(fns: Any, options: dict[str, Any], labels: list[str]) -> None:
    if max(options["orders"]) > 2:  # polynomials are quicker to compile than to differentiate on
        assert [f"f{primes(order)}" for order in options["orders"]] == labels
        return
    ax = plot_derivatives(fns, 1, 2, points=9, **options)
    legend = ax.get_legend()
    shown = ax.texts if legend is None else legend.get_texts()
    figure: Any = ax.figure
    if len(figure.axes) == 1:
        assert [text.get_text() for text in shown] == labels
    lines = drawn_lines(ax)
    assert sorted(str(line.get_label()) for line in lines) == sorted(labels)
    for axes in figure.axes:
        assert len({style_of(line) for line in axes.lines}) == len(axes.lines)


def test_logarithmic_axes() -> None:
    ax = plot_derivatives(cube, 0.1, 10, orders=(0, 1), xscale="log", yscale="log", points=21)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_xdata()), np.geomspace(0.1, 10, 21))


def test_tangents() -> None:
    ax = plot_tangent(ops.sin, [0.5, 2.5], lo=-1, hi=4, tangent_label="{at:.1f}: {slope:.4f}")
    labels = [f"{at:.1f}: {np.cos(at):.4f}" for at in (0.5, 2.5)]
    lines: dict[Any, Any] = {line.get_label(): line for line in ax.lines}
    for label, at in zip(labels, (0.5, 2.5), strict=True):
        np.testing.assert_allclose(lines[label].get_slope(), np.cos(at), rtol=1e-9)
        np.testing.assert_allclose(lines[label].get_xy1(), (at, np.sin(at)), rtol=1e-9)
    assert ax.get_ylim()[1] < 1.5


def test_secants_close_in_on_the_tangent() -> None:
    ax = plot_secants(lambda x: x**2, 1.0, (1, 0.5, -0.1))
    lines: Any = [line for line in ax.lines if hasattr(line, "get_slope")]
    np.testing.assert_allclose([line.get_slope() for line in lines], [3, 2.5, 1.9, 2])
    assert [line.get_xy1() for line in lines] == [(1.0, 1.0)] * 4
    assert [line.get_label() for line in lines][-1] == "tangent: slope 2"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("derivative", [None, float(np.cos(1))])
def test_errors_of_differences(dtype: Any, derivative: Any) -> None:
    ax = plot_step_errors(ops.sin, 1.0, dtype=dtype, derivative=derivative)
    forward, central, automatic, *_ = ax.lines
    h, first = (np.asarray(data) for data in forward.get_data())
    second = np.asarray(central.get_ydata())
    unit = float(np.finfo(dtype).eps)
    truncated = (h > 10 * unit ** (1 / 3)) & (h < 0.1)
    np.testing.assert_allclose(
        first[truncated], np.sin(1) / 2 * h[truncated], rtol=0.1, atol=20 * unit**0.67
    )
    truncated = (h > 0.05) & (h < 0.2)
    np.testing.assert_allclose(second[truncated], np.cos(1) / 6 * h[truncated] ** 2, rtol=0.1)
    (level,) = {float(y) for y in np.asarray(automatic.get_ydata())}
    assert level <= 2 * unit
    assert level < np.nanmin(np.where(second > 0, second, np.nan)) * 30
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["rounding ∝ ε/h", "truncation ∝ h", "truncation ∝ h²"]


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_style_is_respected(style: str) -> None:
    with plt.style.context(style):
        ax = plot_derivatives(cube, 0, 1, points=5, orders=(0, 1))
        assert ax.get_facecolor() == matplotlib.colors.to_rgba(
            matplotlib.rcParams["axes.facecolor"]
        )
    face: Any = ax.get_facecolor()
    ground = np.mean(face[:3])
    figure: Any = ax.figure
    figure.canvas.draw()  # after the style has gone: the numbers must still be seen
    texts: list[Any] = [*ax.get_xticklabels(), ax.xaxis.label]
    for text in texts:
        assert abs(np.mean(matplotlib.colors.to_rgb(text.get_color())) - ground) > 0.8
