"""Fields and descents: arrows, paths and animations, against exact gradients."""

import io
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.contour import ContourSet
from matplotlib.quiver import Quiver
from mindspore import ops
from PIL import Image

from d2l_autograd import (
    animate_descent,
    plot_decision_boundary,
    plot_descent,
    plot_gradient_field,
    plot_newton,
    plot_training,
)

pytestmark = pytest.mark.usefixtures("settings_are_kept")


def bowl(x: Any) -> Any:
    return x[0] ** 2 + 3 * x[1] ** 2


def one_point_only(x: Any) -> Any:
    if x[0] > 0:
        return (x * x).sum()
    return (x * x).sum() + x[1]


FIELDS = [
    (bowl, lambda x, y: (2 * x, 6 * y)),
    (one_point_only, lambda x, y: (2 * x, 2 * y + (x <= 0))),
]


@pytest.mark.parametrize(("fn", "exact"), FIELDS)
def test_arrows_are_gradients(fn: Any, exact: Any) -> None:
    ax = plot_gradient_field(fn, (-2, 2), (-1, 3), points=9, arrows=6)
    (quiver,) = [artist for artist in ax.collections if isinstance(artist, Quiver)]
    assert quiver.N == 36
    exact_x, exact_y = exact(quiver.X, quiver.Y)
    drawn = np.stack([quiver.U, quiver.V]) / np.hypot(quiver.U, quiver.V)
    expected = np.stack([exact_x, exact_y]) / np.hypot(exact_x, exact_y)
    np.testing.assert_allclose(drawn, expected, atol=1e-9)


def descent(start: Any, steps: int, rate: float) -> Any:
    path = [np.array(start, float)]
    for _ in range(steps):
        path.append(path[-1] - rate * np.array([2, 6]) * path[-1])
    return np.stack(path)


@pytest.mark.parametrize(("steps", "rate"), [(1, 0.1), (20, 0.27), (5, 0.4)])
def test_path_is_gradient_descent(steps: int, rate: float) -> None:
    ax = plot_descent(bowl, (-1.8, 1.5), steps=steps, rate=rate, points=9)
    path = np.asarray(ax.lines[0].get_xydata())
    np.testing.assert_allclose(path, descent((-1.8, 1.5), steps, rate), rtol=1e-12)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert left < path[:, 0].min() < path[:, 0].max() < right
    assert bottom < path[:, 1].min() < path[:, 1].max() < top


def png(ax: Any) -> bytes:
    file = io.BytesIO()
    ax.figure.savefig(file, format="png")
    return file.getvalue()


def test_same_bytes_each_time() -> None:
    first, second = (plot_descent(bowl, (1.0, 1.0), steps=3, points=9) for _ in range(2))
    assert png(first) == png(second)
    first, second = (plot_gradient_field(bowl, (-1, 1), (-1, 1), points=9) for _ in range(2))
    assert png(first) == png(second)


@pytest.mark.parametrize(("steps", "frames"), [(5, 6), (60, 30)])
def test_animation(steps: int, frames: int) -> None:
    first, second = (animate_descent(bowl, (-1.8, 1.5), steps=steps, rate=0.2) for _ in range(2))
    assert first.data == second.data
    assert first.format == "png"
    assert len(first.data) < 300_000
    assert plt.get_fignums() == []  # a notebook would show such a figure as well
    with Image.open(io.BytesIO(first.data)) as image:
        file: Any = image
        assert (file.n_frames, file.info["loop"]) == (frames + 1, 3)
        pictures = []
        for number in (0, 1, frames):
            file.seek(number)
            pictures.append(np.asarray(file.convert("RGB")).astype(int))
    printed, start, end = pictures
    np.testing.assert_array_equal(printed, end)
    assert np.abs(printed - start).max() > 60
    resting: Any = first
    finished = np.asarray(resting.figure.axes[0].lines[0].get_xydata())
    np.testing.assert_allclose(finished, descent((-1.8, 1.5), steps, 0.2))


@pytest.mark.parametrize(
    ("xlim", "ylim", "counts"),
    [((-2, 2), (-2, 2), (13, 13)), ((-10, 10), (-1, 1), (13, 1)), ((-1, 1), (-2, 2), (6, 13))],
)
def test_arrows_are_equally_far_apart_in_both_directions(xlim: Any, ylim: Any, counts: Any) -> None:
    ax = plot_gradient_field(lambda x: x[0] + x[1], xlim, ylim, points=5)
    (quiver,) = [artist for artist in ax.collections if isinstance(artist, Quiver)]
    assert (np.unique(quiver.X).size, np.unique(quiver.Y).size) == counts


def test_no_arrows_where_the_function_has_no_value() -> None:
    ax = plot_gradient_field(lambda x: ops.log(x[0]) + x[1] ** 2, points=9)
    (quiver,) = [artist for artist in ax.collections if isinstance(artist, Quiver)]
    assert quiver.N > 50
    assert np.asarray(quiver.X).min() > 0


def test_a_constant_is_called_constant() -> None:
    ax = plot_gradient_field(lambda x: 0 * x[0] + 3, points=9)
    assert [text.get_text() for text in ax.texts] == ["constant: f = 3"]


def levels_of(ax: Any) -> list[float]:
    (lines,) = [part for part in ax.collections if isinstance(part, ContourSet) and not part.filled]
    return [float(level) for level in lines.levels]


def test_contours_are_at_equal_levels_with_numbers() -> None:
    ax = plot_gradient_field(bowl, points=41)
    np.testing.assert_allclose(np.diff(levels_of(ax)), 2)
    assert {"2", "6"} <= {text.get_text() for text in ax.texts}
    ax = plot_gradient_field(bowl, points=41, contours="quantiles")
    assert np.ptp(np.diff(levels_of(ax))) > 0.5


def test_a_pole_leaves_levels_for_the_rest() -> None:
    levels = levels_of(plot_gradient_field(lambda x: 1 / (x[0] ** 2 + x[1] ** 2), points=40))
    assert max(levels) < 20


def test_newton_finds_the_root() -> None:
    ax = plot_newton(lambda x: x**3 - 20, 6.0, steps=6)
    zigzag = np.asarray(ax.lines[2].get_xydata())
    x = 6.0
    for corner in zigzag[::2]:
        np.testing.assert_allclose(corner, (x, 0), rtol=1e-12)
        x -= (x**3 - 20) / (3 * x**2)
    np.testing.assert_allclose(np.asarray(ax.lines[-1].get_xydata()), [[20 ** (1 / 3), 0]])


def test_newton_reaches_the_minimum_of_a_quadratic_in_one_step() -> None:
    ax = plot_newton(bowl, (-1.8, 1.5), steps=1, rate=0.1)
    newton, slower = (np.asarray(line.get_xydata()) for line in ax.lines[:2])
    np.testing.assert_allclose(newton, [(-1.8, 1.5), (0, 0)], atol=1e-12)
    np.testing.assert_allclose(slower, descent((-1.8, 1.5), 1, 0.1))


def test_the_boundary_is_where_the_score_crosses_the_threshold() -> None:
    points = np.array([[-1.0, 0], [1, 0.5], [0, 1]])
    ax = plot_decision_boundary(lambda x: x[:, 0] - 0.25, points, [0, 1, 0])
    (line,) = [part for part in ax.collections if isinstance(part, ContourSet) and not part.filled]
    boundary = np.concatenate([path.vertices for path in line.get_paths()])
    np.testing.assert_allclose(boundary[:, 0], 0.25, atol=1e-6)
    drawn = [np.asarray(marks.get_xydata()).tolist() for marks in ax.lines]
    assert drawn == [[[-1.0, 0], [0, 1]], [[1, 0.5]]]


def test_the_greatest_score_wins() -> None:
    def scores(x: Any) -> Any:
        return ops.stack([x[:, 0], x[:, 1], -x[:, 0] - x[:, 1]], 1)

    ax = plot_decision_boundary(scores, np.eye(3, 2), [0, 1, 2])
    regions = [part for part in ax.collections if isinstance(part, ContourSet) and part.filled]
    assert len(regions) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()][2] == "class 2"  # type: ignore[union-attr]


def test_losses() -> None:
    losses = {"SGD": 0.5 ** np.arange(9.0), "Adam": 0.3 ** np.arange(9.0)}
    ax = plot_training(losses)
    assert ax.get_yscale() == "log"
    np.testing.assert_allclose(np.asarray(ax.lines[1].get_ydata()), losses["Adam"])
    assert plot_training([1.0, 0.9, 0.8]).get_yscale() == "linear"


def test_a_loss_that_becomes_nan_says_when() -> None:
    ax = plot_training([3.0, 2.0, float("nan"), 1.0])
    assert ax.lines[0].get_label() == "loss: nan at step 2"
    np.testing.assert_allclose(np.asarray(ax.lines[1].get_xydata()), [(1, 2.0)])


def test_a_noisy_loss_has_a_running_mean() -> None:
    noise = np.where(np.arange(200) % 2, 1.0, -1.0)
    raw, mean = plot_training(5 + noise).lines
    assert np.ptp(np.asarray(raw.get_ydata())) == 2
    np.testing.assert_allclose(np.asarray(mean.get_ydata()), 5, atol=1e-9)


STEPS = np.arange(400)
FALL, JITTER = np.exp(-STEPS / 100.0), np.random.default_rng(0).normal(size=400)
NOISY: list[tuple[Any, str, bool]] = [
    (1 + FALL + 0.1 * JITTER, "linear", True),
    (FALL * np.exp(0.3 * JITTER), "log", True),
    (FALL * np.exp(0.002 * JITTER), "log", False),
    (FALL, "log", False),
    (FALL, "linear", False),
    (FALL * np.cos(STEPS / 40), "linear", False),
    (np.ones(400), "linear", False),
]


@pytest.mark.parametrize(("losses", "yscale", "noisy"), NOISY)
def test_a_mean_is_drawn_where_noise_is_seen(losses: Any, yscale: str, noisy: bool) -> None:
    assert len(plot_training(losses, yscale=yscale).lines) == 1 + noisy


def test_one_loss_is_called_what_the_axis_is_called() -> None:
    ax = plot_training([0.1, 0.5], label="accuracy")
    assert [ax.get_ylabel(), ax.lines[0].get_label()] == ["accuracy", "accuracy"]


def test_names_of_axes_are_as_large_as_their_numbers() -> None:
    for given in (None, plt.figure().add_subplot()):
        ax = plot_training([3.0, 2.0], ax=given)
        sizes = [float(text.get_fontsize()) for text in (ax.xaxis.label, ax.get_xticklabels()[0])]
        assert sizes[0] >= sizes[1]
        assert all(float(tick).is_integer() for tick in ax.get_xticks())


def test_no_number_of_a_contour_stands_at_an_edge() -> None:
    for limits in ((-2, 2), (-4, 4), (0.1, 3)):
        ax = plot_gradient_field(lambda p: ops.sin(p[0]) * ops.cos(p[1]), limits, limits)
        to_share = ax.transData + ax.transAxes.inverted()
        places = np.array([to_share.transform(text.get_position()) for text in ax.texts])
        assert places.size
        assert places.min() > 0.05
        assert places.max() < 0.95


def test_an_animation_has_the_colours_of_its_picture() -> None:
    image: Any = animate_descent(lambda p: ops.sin(p[0]) * ops.cos(p[1]), (1.4, 0.3), steps=3)
    shown = np.asarray(Image.open(io.BytesIO(image.data)).convert("RGB")).astype(int)
    image.figure.canvas.draw()
    drawn = np.asarray(image.figure.canvas.buffer_rgba())[..., :3].astype(int)
    surfaces, counts = np.unique(drawn.reshape(-1, 3), axis=0, return_counts=True)
    for colour in surfaces[counts > 2000]:
        assert (shown[(drawn == colour).all(axis=-1)] == colour).all()


def test_regions_differ_in_print() -> None:
    points = np.random.default_rng(0).normal(size=(30, 2))
    ax = plot_decision_boundary(
        lambda x: ops.stack([x[:, 0], x[:, 1], -x[:, 0]], 1), points, np.arange(30) % 3
    )
    shown = [np.asarray(part.get_facecolor(), float) for part in ax.collections]
    greys = sorted(float(face[0, :3] @ [0.299, 0.587, 0.114]) for face in shown if face.size)
    assert len(greys) == 3
    assert min(np.diff(greys)) > 0.04
