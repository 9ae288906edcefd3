"""Derivatives by differences of values, in NumPy's float64."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

STENCIL = {-3: -1 / 60, -2: 9 / 60, -1: -45 / 60, 1: 45 / 60, 2: -9 / 60, 3: 1 / 60}
"""Weights of the values around a point; the error is of the sixth order in the step."""

AT_MOST = 24
"""So many entries of an input are tried."""

Point = list[Any]
Function = Callable[[Point], Any]


def gradient(fn: Function, at: Point, step: float) -> Point:
    """Return the gradient of fn at a list of arrays, NaN for the entries that were not tried."""
    found = [np.full(x.shape, np.nan) for x in at]
    for place, index in _entries(at):
        way = [np.zeros(x.shape) for x in at]
        way[place][index] = max(1.0, abs(at[place][index]))
        slope = along(fn, at, way, step)
        found[place][index] = slope / way[place][index]
    return found


def along(fn: Function, at: Point, way: Point, step: float) -> Any:
    """Return the derivative of fn along a direction; fn may return an array or a list of them."""
    values = {k: fn([x + k * step * d for x, d in zip(at, way, strict=True)]) for k in STENCIL}
    if isinstance(values[1], list):
        return [
            sum(weight * values[k][place] for k, weight in STENCIL.items()) / step
            for place in range(len(values[1]))
        ]
    return sum(weight * values[k] for k, weight in STENCIL.items()) / step


def _entries(at: Point) -> Iterator[tuple[int, Any]]:
    places = [(place, index) for place, x in enumerate(at) for index in np.ndindex(x.shape)]
    chosen = np.linspace(0, len(places) - 1, min(AT_MOST, len(places))).astype(int)
    yield from (places[k] for k in chosen)
