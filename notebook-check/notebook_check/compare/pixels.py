"""Pictures compared by their pixels, where nothing is stored of what they show."""

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LARGEST = 40_000_000  # pixels: more than any figure has, and still 160 MB
_MOST = 4_000_000  # pixels that are compared; of more, means
_BLUR = 2  # pixels that a line may move, or its edge be smoothed, with another font or version
_TINT = 8  # of 255: a change of all colours that counts, though each is small
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
    return _told(_share(old, new), tolerance)


def compare_about(stored: bytes, new: bytes, kind: str, tolerance: float) -> str | None:
    """Return how two pictures differ that may be of different size: None if they do not.

    Other fonts give the labels beside the axes of a figure another width, and its picture another
    size. So the smaller one is laid into each corner of the other, and the best place counts.

    Args:
        stored: the stored file, which can be decoded.
        new: the new one, likewise.
        kind: what both are, as Pillow calls it.
        tolerance: the greatest share of pixels, from 0 to 1, that passes.
    """
    old, now = (_on_white(data, kind, most=_MOST) for data in (stored, new))
    height, width = (max(sizes) for sizes in zip(old.shape[:2], now.shape[:2], strict=True))
    shares = []
    for below, right in dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)]):
        laid = [_laid_out(each, height, width, below, right) for each in (old, now)]
        shares.append(_share(*laid))
        if old.shape == now.shape or min(shares) <= tolerance:
            break
    means = (each.mean(axis=(0, 1)) for each in (old, now))
    tint = float(np.abs(next(means) - next(means)).max())
    if tint > _TINT and tolerance < 0.5:
        return f"the colours differ by {tint:.0f} of 255 on average"
    return _told(min(shares), tolerance)


def _laid_out(
    picture: NDArray[np.uint8], height: int, width: int, below: int, right: int
) -> NDArray[np.uint8]:
    """Lay a picture on white of a size, in the corner that is meant."""
    rows, columns = height - picture.shape[0], width - picture.shape[1]
    room = ((rows * below, rows * (1 - below)), (columns * right, columns * (1 - right)), (0, 0))
    return np.pad(picture, room, constant_values=255)


def _share(old: NDArray[np.uint8], new: NDArray[np.uint8]) -> float:
    return float((_without_counterpart(old, new) | _without_counterpart(new, old)).mean())


def _told(share: float, tolerance: float) -> str | None:
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


def _opened(png: bytes, kind: str = "PNG") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its limit is ours
        return Image.open(io.BytesIO(png), formats=[kind])


def _on_white(png: bytes, kind: str = "PNG", most: int = _LARGEST) -> NDArray[np.uint8]:
    """Return the pixels as seen on a white page, of shape (height, width, 3).

    A picture of more than `most` pixels is made smaller.
    """
    with _opened(png, kind) as opened:
        factor = 1
        while opened.width * opened.height > most * factor**2:
            factor += 1
        image = opened.convert("RGBA").reduce(factor)
        shown = Image.new("RGBA", image.size, "white")
        shown.alpha_composite(image)
        return np.asarray(shown.convert("RGB"))


def _without_counterpart(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say of each pixel whether its colour is out of the range of those near it in the other."""
    from PIL import ImageFilter

    near = Image.fromarray(other)
    size = 2 * _BLUR + 1
    low = np.asarray(near.filter(ImageFilter.MinFilter(size))).astype(np.int16)
    high = np.asarray(near.filter(ImageFilter.MaxFilter(size))).astype(np.int16)
    return ((picture < low - _SEEN) | (picture > high + _SEEN)).any(axis=2)
