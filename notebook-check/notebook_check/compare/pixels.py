"""Pictures compared by their pixels: for those of which nothing says what they show."""

import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

_RESIZED = 0.1  # by which part of its size a picture may be another size
_SHIFTED = 8  # pixels by which another font may change the size of a figure
_LARGEST = 40_000_000  # pixels: more than any figure has, and still 160 MB
_BLUR = 2  # pixels that a line may move, or its edge be smoothed, with another font or version
_SEEN = 32  # of 255: a difference of colour that counts


def compare_pixels(stored: bytes, new: bytes, tolerance: float) -> str | None:
    """Return how two pictures differ in a sentence, None if they do not.

    The measure is the share of pixels that have no counterpart: whose colour, on white, is outside
    the range of colours within 2 pixels in the other picture by more than 32 of 255, in either
    direction. Edges that are smoothed otherwise and text that moves by a pixel or two do not
    count; a curve that is elsewhere counts with all its pixels. A typical curve covers 0.5 % to
    2 % of its figure, a word 0.1 %, so 0.002 is a good tolerance. What it cannot see: a curve
    off by 2 pixels, a colour off by a little. `compare_figures` sees both.

    Of pictures whose size differs by a few pixels, as another font makes it, what they have in
    common is compared, laid over each other where they fit best. Where it differs by more, the
    new one is scaled, and from a tenth on they are not the same.

    Args:
        stored: the stored file, of any format that Pillow reads.
        new: the new one.
        tolerance: the greatest share, from 0 to 1, that passes.
    """
    pictures = []
    for name, content in (("stored", stored), ("new", new)):
        if problem := picture_problem(content):
            return f"the {name} picture {problem}"
        pictures.append(_on_white(content))
    old, now = pictures
    gaps = [now.shape[axis] - old.shape[axis] for axis in (0, 1)]
    if any(abs(gap) > _RESIZED * old.shape[axis] for axis, gap in enumerate(gaps)):
        sizes = " was {1} x {0}, is {3} x {2}".format(*old.shape[:2], *now.shape[:2])
        return f"the size of the picture{sizes} pixels"
    if any(abs(gap) > _SHIFTED for gap in gaps):
        size = old.shape[1], old.shape[0]
        now = np.asarray(Image.fromarray(now).resize(size, Image.Resampling.BICUBIC))
    share = min(
        float((_without_counterpart(a, b) | _without_counterpart(b, a)).mean())
        for a, b in _overlays(old, now)
    )
    if share <= tolerance:
        return None
    return f"{share:.2%} of the pixels differ, and {tolerance:.2%} may"


def picture_problem(content: bytes) -> str | None:
    """Return what is wrong with a file that should be a picture; None if nothing.

    All of it is read. A picture of more than 40 million pixels is refused by its header.
    """
    try:
        with _opened(content) as image:
            width, height = image.size
            if width * height > _LARGEST:
                return f"has {width} x {height} pixels, more than {_LARGEST:,}"
            image.load()
    except Exception:  # whatever a broken file makes of the decoder
        return "cannot be read"
    return None


def _opened(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its limit is ours
        return Image.open(io.BytesIO(content))


def _on_white(content: bytes) -> Pixels:
    """Return the pixels as seen on a white page, of shape (height, width, 3)."""
    with _opened(content) as image:
        shown = Image.new("RGBA", image.size, "white")
        shown.alpha_composite(image.convert("RGBA"))
        return np.asarray(shown.convert("RGB"))


def _overlays(old: Pixels, now: Pixels) -> Iterator[tuple[Pixels, Pixels]]:
    """Return what two pictures of nearly the same size have in common, for each way to lay them."""
    height, width = (min(old.shape[axis], now.shape[axis]) for axis in (0, 1))
    for top in range(abs(old.shape[0] - now.shape[0]) + 1):
        for left in range(abs(old.shape[1] - now.shape[1]) + 1):
            yield _cut(old, top, left, height, width), _cut(now, top, left, height, width)


def _cut(picture: Pixels, top: int, left: int, height: int, width: int) -> Pixels:
    top = top if picture.shape[0] > height else 0
    left = left if picture.shape[1] > width else 0
    return picture[top : top + height, left : left + width]


def _without_counterpart(picture: Pixels, other: Pixels) -> NDArray[np.bool_]:
    """Say of each pixel whether its colour is out of the range of those near it in the other."""
    from PIL import ImageFilter

    near = Image.fromarray(other)
    size = 2 * _BLUR + 1
    low = np.asarray(near.filter(ImageFilter.MinFilter(size))).astype(int)
    high = np.asarray(near.filter(ImageFilter.MaxFilter(size))).astype(int)
    return ((picture < low - _SEEN) | (picture > high + _SEEN)).any(axis=2)
