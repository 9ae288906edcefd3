"""Pictures compared by their pixels: for figures of which nothing but a PNG is stored."""

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LARGEST = 40_000_000  # pixels: more than any figure has, and still 160 MB
_BLUR = 2  # pixels that a line may move, or its edge be smoothed, with another font or version
_SEEN = 32  # of 255: a difference of colour that counts


def compare_pixels(stored_png: bytes, new_png: bytes, tolerance: float) -> str | None:
    """Return how two pictures differ in a sentence, None if they do not.

    The measure is the share of pixels that have no counterpart: whose colour, on white, is outside
    the range of colours within 2 pixels in the other picture by more than 32 of 255, in either
    direction. Edges that are smoothed otherwise and text that moves by a pixel or two do not
    count; a curve that is elsewhere counts with all its pixels. A typical curve covers 0.5 % to
    2 % of its figure, a word 0.1 %, so 0.001 is a good tolerance. What it cannot see: a curve
    off by 2 pixels, a colour off by a little. `compare_figures` sees both.

    Args:
        stored_png: the stored file.
        new_png: the new one.
        tolerance: the greatest share, from 0 to 1, that passes.
    """
    pictures = []
    for name, data in (("stored", stored_png), ("new", new_png)):
        if problem := png_problem(data):
            return f"the {name} picture {problem}"
        pictures.append(_on_white(data))
    old, new = pictures
    if old.shape != new.shape:
        sizes = " was {1} x {0}, is {3} x {2}".format(*old.shape[:2], *new.shape[:2])
        return f"the size of the picture{sizes} pixels"
    share = float((_without_counterpart(old, new) | _without_counterpart(new, old)).mean())
    if share <= tolerance:
        return None
    return f"{share:.2%} of the pixels differ, and {tolerance:.2%} may"


def png_problem(png: bytes) -> str | None:
    """Return what is wrong with a file that should be a PNG, such as "is cut off"; None if nothing.

    All of it is read. A picture of more than 40 million pixels is refused by its header.
    """
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        return "is not a PNG"
    try:
        with _opened(png) as image:
            width, height = image.size
            if width * height > _LARGEST:
                return f"has {width} x {height} pixels, more than {_LARGEST:,}"
            image.load()
    except Exception:  # whatever a broken file makes of the decoder
        return "is a PNG that cannot be read"
    return None


def _opened(png: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its limit is ours
        return Image.open(io.BytesIO(png), formats=["PNG"])


def _on_white(png: bytes) -> NDArray[np.uint8]:
    """Return the pixels as seen on a white page, of shape (height, width, 3)."""
    with _opened(png) as image:
        shown = Image.new("RGBA", image.size, "white")
        shown.alpha_composite(image.convert("RGBA"))
        return np.asarray(shown.convert("RGB"))


def _without_counterpart(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say of each pixel whether its colour is out of the range of those near it in the other."""
    from PIL import ImageFilter

    near = Image.fromarray(other)
    size = 2 * _BLUR + 1
    low = np.asarray(near.filter(ImageFilter.MinFilter(size))).astype(int)
    high = np.asarray(near.filter(ImageFilter.MaxFilter(size))).astype(int)
    return ((picture < low - _SEEN) | (picture > high + _SEEN)).any(axis=2)
