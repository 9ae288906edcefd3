"""Fields and descents: arrows, paths and animations, against exact gradients."""

import io
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.quiver import Quiver
from PIL import Image

from d2l_autograd import animate_descent, plot_descent, plot_gradient_field

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
        assert (file.default_image, file.n_frames) == (True, frames + 1)
        pictures = []
        for number in (0, 1, frames):
            file.seek(number)
            pictures.append(np.asarray(file.convert("RGB")).astype(int))
    still, start, end = pictures
    assert np.abs(still - end).max() < 60  # but for the edges of what is redrawn
    assert np.abs(still - start).max() > 60
