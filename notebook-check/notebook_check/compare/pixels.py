"""Pictures compared by their pixels, where nothing is stored of what they show."""

import functools
import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LARGEST = 40_000_000  # pixels: more than any figure has, and still 160 MB
_MOST = 4_000_000  # pixels that are compared; of more, means
_BLUR = 2  # pixels that a line may move, or its edge be smoothed, with another font or version
_TINT = 8  # of 255: a change of all colours that counts, though each is small
_SEEN = 32  # of 255: a difference of colour that counts
_SHARE = 0.005  # of the pixels may differ, if nothing is said: a thin curve covers about 1 %
_PLACE = 16  # pixels: a letter is about as large
_IN_A_PLACE = 48  # pixels: letters that are not smoothed leave 44 in one place, a word 52 or more
_OF_A_LETTER = 10  # pixels, if drawn alike: a tick that is rounded to the next pixel leaves none
_ELSEWHERE = 0.05  # of what is drawn: another font changes more than a tenth, another word 3 %

Pixels = NDArray[np.uint8]


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
        pictures.append(next(_on_white(data)))
    old, new = pictures
    if old.shape != new.shape:
        sizes = " was {1} x {0}, is {3} x {2}".format(*old.shape[:2], *new.shape[:2])
        return f"the size of the picture{sizes} pixels"
    return _told(float(_apart(old, new, _BLUR).mean()), tolerance)


def compare_about(stored: bytes, new: bytes, kind: str, tolerance: float | None) -> str | None:
    """Return how two pictures differ that may be of different size: None if they do not.

    Other fonts give the labels beside the axes of a figure another width, and its picture another
    size. So the smaller one is laid into each corner of the other, and the best place counts. Of
    an animation, every frame is compared.

    Args:
        stored: the stored file, which can be decoded.
        new: the new one, likewise.
        kind: what both are, as Pillow calls it.
        tolerance: the greatest share of pixels, from 0 to 1, that passes. Where it is None, 0.005
            of the whole picture do, unless they are all in one place: a word, or a point.
    """
    animations = [list(_on_white(data, kind, most=_MOST)) for data in (stored, new)]
    counts = [*map(len, animations)]
    if counts[0] != counts[1]:
        return f"{counts[0]} frames are now {counts[1]}"
    for number, (old, now) in enumerate(zip(*animations, strict=True), 1):
        if not np.array_equal(old, now) and (reason := _differ(old, now, tolerance)):
            return reason if len(animations[0]) == 1 else f"frame {number}: {reason}"
    return None


def _differ(old: Pixels, now: Pixels, tolerance: float | None) -> str | None:
    share_that_may = _SHARE if tolerance is None else tolerance
    means = (each.mean(axis=(0, 1)) for each in (old, now))
    tint = float(np.abs(next(means) - next(means)).max())
    if tint > _TINT and share_that_may < 0.5:
        return f"the colours differ by {tint:.0f} of 255 on average"
    height, width = (max(sizes) for sizes in zip(old.shape[:2], now.shape[:2], strict=True))
    found = []
    for below, right in dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)]):
        laid = [_laid_out(each, height, width, below, right) for each in (old, now)]
        apart = _apart(laid[0], laid[1], _BLUR)
        found.append((float(apart.mean()), apart, laid))
        if old.shape == now.shape or found[-1][0] <= share_that_may:
            break
    share, apart, (old, now) = min(found, key=lambda one: one[0])
    if (told := _told(share, share_that_may)) or tolerance is not None:
        return told
    return _told_of_a_place(apart, _IN_A_PLACE) or (
        _told_of_a_place(_apart(old, now, 1), _OF_A_LETTER) if _drawn_alike(old, now) else None
    )


def _told_of_a_place(apart: NDArray[np.bool_], most: int) -> str | None:
    """Say where so many pixels differ beside each other that something else is shown there."""
    counts = _in_windows(apart)
    if counts.max() <= most:
        return None
    row, column = (int(i) + _PLACE // 2 for i in np.unravel_index(counts.argmax(), counts.shape))
    return (
        f"{counts.max()} pixels differ in one place, about {column} from the left and {row} from "
        "the top"
    )


def _drawn_alike(old: Pixels, now: Pixels) -> bool:
    """Say whether the same fonts and the same version drew two pictures.

    Then all the rest is the same to the pixel, and one letter can be told from another. Otherwise
    most letters differ a little.
    """
    raw = (np.abs(old.astype(np.int16) - now) > _SEEN).any(axis=2)
    drawn = (np.abs(old.astype(np.int16) - old.reshape(-1, 3)[0]) > _SEEN).any(axis=2) | raw
    return bool(_squares(raw).sum() < _ELSEWHERE * _squares(drawn).sum())


def _in_windows(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many pixels of a mask are set in each square of the size of a place."""
    room = [(1, max(0, _PLACE - size)) for size in mask.shape]
    sums = np.pad(mask, room).cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    p = _PLACE
    return np.asarray(sums[p:, p:] - sums[:-p, p:] - sums[p:, :-p] + sums[:-p, :-p])


def _squares(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Divide a mask into squares of the size of a place: in which is any pixel set?"""
    height, width = (-size % _PLACE for size in mask.shape)
    padded = np.pad(mask, ((0, height), (0, width)))
    shape = (padded.shape[0] // _PLACE, _PLACE, padded.shape[1] // _PLACE, _PLACE)
    return np.asarray(padded.reshape(shape).any(axis=(1, 3)))


def _laid_out(picture: Pixels, height: int, width: int, below: int, right: int) -> Pixels:
    """Lay a picture on white of a size, in the corner that is meant."""
    rows, columns = height - picture.shape[0], width - picture.shape[1]
    room = ((rows * below, rows * (1 - below)), (columns * right, columns * (1 - right)), (0, 0))
    return np.pad(picture, room, constant_values=255)


def _apart(old: Pixels, new: Pixels, blur: int) -> NDArray[np.bool_]:
    return _without_counterpart(old, new, blur) | _without_counterpart(new, old, blur)


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


def _on_white(data: bytes, kind: str = "PNG", most: int = _LARGEST) -> Iterator[Pixels]:
    """The pixels of each frame as seen on a white page, of shape (height, width, 3).

    A picture of more than `most` pixels is made smaller.
    """
    with _opened(data, kind) as opened:
        factor = 1
        while opened.width * opened.height > most * factor**2:
            factor += 1
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            image = opened.convert("RGBA").reduce(factor)
            shown = Image.new("RGBA", image.size, "white")
            shown.alpha_composite(image)
            yield np.asarray(shown.convert("RGB"))


def _without_counterpart(picture: Pixels, other: Pixels, blur: int) -> NDArray[np.bool_]:
    """Say of each pixel whether its colour is out of the range of those near it in the other."""
    low, high = (_nearby(other, blur, pick).astype(np.int16) for pick in (np.minimum, np.maximum))
    return np.asarray(((picture < low - _SEEN) | (picture > high + _SEEN)).any(axis=2))


def _nearby(picture: Pixels, blur: int, pick: np.ufunc) -> Pixels:
    """The least or the greatest of the colours around each pixel."""
    size = 2 * blur + 1
    padded = np.pad(picture, ((blur, blur), (blur, blur), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    rows = functools.reduce(pick, (padded[i : i + height] for i in range(size)))
    return functools.reduce(pick, (rows[:, i : i + width] for i in range(size)))
