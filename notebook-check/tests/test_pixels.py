"""Pictures compared by pixels: fonts and smoothing pass, other curves do not."""

import functools
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from notebook_check.compare.pixels import compare_about, compare_pixels, png_problem

pytestmark = pytest.mark.usefixtures("settings_are_kept")
TOLERANCE = 0.001
X = np.linspace(0, 6, 200)


def png(
    *curves: Any, title: str = "", label: str = "", size: float = 5, settings: Any = None
) -> bytes:
    with matplotlib.rc_context(settings or {}):
        figure, axes = plt.subplots(figsize=(size, 4), dpi=80)
        for curve in curves or [np.sin(X)]:
            axes.plot(X, curve)
        axes.set(ylim=(-1.2, 1.2), title=title, xlabel=label)
        file = io.BytesIO()
        figure.savefig(file, format="png")
        plt.close(figure)
    return file.getvalue()


@functools.cache
def sine() -> bytes:
    return png()


BENIGN: dict[str, Any] = {
    "nothing": {},
    "smoothing": {"lines.antialiased": False},
    "hinting of fonts": {"text.hinting": "none"},
    "a little larger font": {"font.size": 10.3},
}


@pytest.mark.parametrize("change", BENIGN)
def test_another_way_to_draw_passes(change: str) -> None:
    assert compare_pixels(sine(), png(settings=BENIGN[change]), TOLERANCE) is None


WRONG: dict[str, Callable[[], bytes]] = {
    "another curve": lambda: png(np.cos(X)),
    "2 % off": lambda: png(1.05 * np.sin(X) + 0.05),
    "a curve more": lambda: png(np.sin(X), 0 * X),
    "no curve": lambda: png(np.nan * X),
    "colour": lambda: png(np.nan * X, np.sin(X)),
    "title": lambda: png(title="the sine of x"),
}


@pytest.mark.parametrize("change", WRONG)
def test_another_picture_fails(change: str) -> None:
    for pair in [(sine(), WRONG[change]()), (WRONG[change](), sine())]:
        assert "of the pixels differ" in str(compare_pixels(*pair, TOLERANCE))


def labelled(
    *curves: Any, title: str = "the sine of x", label: str = "seconds", **more: Any
) -> bytes:
    return png(*curves, title=title, label=label, **more)


@pytest.mark.parametrize("change", BENIGN)
def test_without_a_tolerance_another_way_to_draw_passes(change: str) -> None:
    other = labelled(settings=BENIGN[change])
    assert compare_about(labelled(), other, "PNG", None) is None


LOCAL: dict[str, Callable[[], bytes]] = {
    "a letter of the title": lambda: labelled(title="the sine of y"),
    "a word of the title": lambda: labelled(title="the cosine of x"),
    "a longer title": lambda: labelled(title="the sine of x."),
    "a label": lambda: labelled(label="minutes"),
    "a wider label": lambda: labelled(label="seconds of time"),
    "no label": lambda: labelled(label=""),
    "one point": lambda: labelled(np.where(np.arange(X.size) == 100, 0.5, np.sin(X))),
}


@pytest.mark.parametrize("change", LOCAL)
def test_what_differs_in_one_place_fails(change: str) -> None:
    """Though it is far less than the part of the whole picture that may differ."""
    stored, new = labelled(), LOCAL[change]()
    assert compare_about(stored, new, "PNG", 0.005) is None
    for pair in [(stored, new), (new, stored)]:
        assert "pixels differ in one place" in str(compare_about(*pair, "PNG", None))


def test_size_is_said() -> None:
    assert compare_pixels(sine(), png(size=6), TOLERANCE) == (
        "the size of the picture was 400 x 320, is 480 x 320 pixels"
    )


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


GARBAGE: dict[str, tuple[Any, str]] = {
    "empty": (lambda: b"", "is not a PNG"),
    "text": (lambda: b"a picture", "is not a PNG"),
    "a header only": (lambda: sine()[:8], "cannot be read"),
    "cut off": (lambda: sine()[:-2000], "cannot be read"),
    "flipped bytes": (lambda: sine()[:500] + bytes(300) + sine()[800:], "cannot be read"),
    "pixels missing": (lambda: bomb(100, 100), "cannot be read"),
    "large": (lambda: bomb(10_000, 9_000), "10000 x 9000 pixels, more than"),
    "huge": (lambda: bomb(2**31 - 1, 2**31 - 1), "cannot be read"),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_said(kind: str) -> None:
    make, problem = GARBAGE[kind]
    assert problem in str(png_problem(make()))
    assert f"the stored picture {png_problem(make())}" == compare_pixels(make(), sine(), TOLERANCE)
    assert f"the new picture {png_problem(make())}" == compare_pixels(sine(), make(), TOLERANCE)


def test_a_png_has_no_problem() -> None:
    assert png_problem(sine()) is None
