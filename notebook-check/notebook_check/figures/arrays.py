"""Arrays as text: short enough for a notebook, and still able to show that they are wrong."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LONG = 2000  # numbers; above it, an array is summed up
BLOCKS = 500


class Unreadable(ValueError):
    """What was stored is not what `pack` writes; the message says in what."""


def pack(values: Any, *, log: bool = False) -> dict[str, Any]:
    """Return an array of any shape as ``{"numbers": "0 0.5 1"}``, with seven digits each.

    Masked entries are nan. Of more than `LONG` numbers only sums are kept: those of `BLOCKS` runs
    of neighbours, plain ("numbers") and weighted with the place in the run ("weighted"), beside
    the least and the greatest number ("range"), and counts of what is not finite. Every entry
    enters two sums. In a run of n numbers, a change of one by d moves its mean by d / n: it shows
    if d is above n times the tolerance, be it a single entry or two that swapped. Sums, unlike
    hashes, barely feel the last digits.

    Args:
        values: the array.
        log: whether it lies on a logarithmic axis: then the sums are of the decimal logarithms.
    """
    flat = unmasked(values).ravel()
    if flat.size <= LONG:
        return {"numbers": _spelled(flat)}
    if log:
        flat = logarithms(flat)
    finite = np.isfinite(flat)
    kept = np.where(finite, flat, 0)
    ends = np.linspace(0, flat.size, BLOCKS + 1).astype(int)
    starts, sizes = ends[:-1], np.diff(ends)
    places = np.arange(flat.size) - np.repeat(starts, sizes)
    with np.errstate(over="ignore"):
        plain = np.add.reduceat(kept, starts) / sizes
        weighted = np.add.reduceat(kept * places / np.repeat(sizes, sizes), starts) / sizes
    packed: dict[str, Any] = {
        "of": flat.size,
        "range": _spelled(np.array([kept.min(), kept.max()])),
        "numbers": _spelled(plain),
        "weighted": _spelled(weighted),
    }
    if log:
        packed["log"] = True
    if not finite.all():
        kinds = np.isnan(flat) + 2 * np.isposinf(flat) + 3 * np.isneginf(flat)
        packed["not finite"] = _spelled(np.add.reduceat(kinds, starts))
    return packed


def unmasked(values: Any) -> Array:
    """Return an array of floats, with nan for what is masked."""
    masked: Any = np.ma  # without types
    result: Array = masked.array(values, float).filled(np.nan)
    return result


def unpack(packed: Any, key: str, most: int) -> Array:
    """Return the numbers under a key of what `pack` returned, of shape (n,).

    Args:
        packed: the dict; it may come from anywhere.
        key: "numbers", or another of its texts.
        most: more numbers than that are not read.

    Raises:
        Unreadable: there is no text, or not only numbers in it.
    """
    text = packed.get(key) if isinstance(packed, dict) else None
    if not isinstance(text, str):
        raise Unreadable(f"where numbers were expected, it has {text!r:.40}")
    words = text.split(maxsplit=most + 1)[: most + 1]
    try:
        return np.array([float(word) for word in words])
    except ValueError:
        raise Unreadable(f"where numbers were expected, it has {text!r:.40}") from None


def _spelled(values: Array) -> str:
    return " ".join("0" if value == 0 else f"{value:.7g}" for value in values.tolist())


def logarithms(values: Array) -> Array:
    """Return the decimal logarithms, nan where there is none and so nothing to see."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)
