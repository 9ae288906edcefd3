"""Where a curve must not be drawn through: jumps, poles, and the ends of where it is defined."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def broken(
    evaluate: Callable[[Array], Array], x: Array, y: Array, halvings: int, rounding: float = 0.0
) -> tuple[Array, Array, bool]:
    """Return the points of the curve, NaN where its line breaks, and whether it has a pole.

    Three neighbouring points stand out if their second difference ``y0 - 2 y1 + y2`` does. They
    are then moved together by halves, to where it is largest: it goes to 0 where the curve is
    continuous, be it steep or bent, and stays or grows at a jump or pole. That takes no threshold
    for what is steep. The curve gets points on both sides of a jump and a NaN between them.

    Args:
        evaluate: the values of the curve at points, of one shape.
        x: increasing points, of shape (n,).
        y: the values there, of shape (n,), not finite where the curve has none.
        halvings: how often the distance of the points can be halved before they coincide.
        rounding: what the values may be off by.
    """
    y = np.where(np.isfinite(y), y, np.nan)
    starts = _standing_out(y, rounding)
    if not starts.size:
        return x, y, False
    xs = np.stack([x[starts + offset] for offset in range(3)])
    ys = np.stack([y[starts + offset] for offset in range(3)])
    before = _roughness(ys)
    for _ in range(halvings):
        xs, ys = _closer(evaluate, xs, ys)
    rough = _roughness(ys) >= 0.1 * before
    xs, ys = xs[:, rough], ys[:, rough]
    ends = np.abs(np.where(np.isnan(ys), 0, ys)).max(axis=0, initial=0)
    largest = np.nanmax(np.abs(y), initial=0)
    poles = ends > 2 * largest
    ys[1] = np.nan
    ys[:, poles] = np.nan
    xs, ys = np.concatenate([x, *xs]), np.concatenate([y, *ys])
    order = np.argsort(xs, kind="stable")
    return xs[order], ys[order], bool(poles.any())


def _standing_out(y: Array, rounding: float) -> Array:
    """Return where the triples start whose second difference is out of line with those near."""
    if y.size < 3:
        return np.empty(0, int)
    rough = _roughness(np.stack([y[:-2], y[1:-1], y[2:]]))
    near = np.pad(np.where(np.isinf(rough), 0, rough), 3)
    finite = y[np.isfinite(y)]
    if not finite.size:
        return np.empty(0, int)
    low, high = np.quantile(finite, [0.05, 0.95])
    visible = 1e-3 * (high - low) + 1e-6 * np.median(np.abs(finite)) + rounding
    outlying = (rough > visible) & (rough > 3 * np.maximum(near[:-6], near[6:]))
    return np.flatnonzero(outlying)[: y.size // 2]


def _roughness(y: Array) -> Array:
    """Return the size of the second difference, infinite at the end of where there are values."""
    defined = np.isfinite(y).sum(axis=0)
    size = np.abs(y[0] - 2 * y[1] + y[2])
    return np.where(defined == 3, size, np.where(defined == 0, -1.0, np.inf))


def _closer(evaluate: Callable[[Array], Array], x: Array, y: Array) -> tuple[Array, Array]:
    """Return the roughest of the three triples at half the distance."""
    middles = (x[:-1] + x[1:]) / 2
    values = evaluate(middles.ravel()).reshape(middles.shape)
    values = np.where(np.isfinite(values), values, np.nan)
    fine_x = np.stack([x[0], middles[0], x[1], middles[1], x[2]])
    fine_y = np.stack([y[0], values[0], y[1], values[1], y[2]])
    choice = np.argmax([_roughness(fine_y[start : start + 3]) for start in range(3)], axis=0)
    rows = choice + np.arange(3)[:, None]
    columns = np.arange(x.shape[1])
    return fine_x[rows, columns], fine_y[rows, columns]
