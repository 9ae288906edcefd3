"""Derivatives from values alone, with an estimate of their own error."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

_FIRST_STEP, _FACTOR = 0.1, 4.0


@dataclass(frozen=True)
class Slope:
    """A derivative and by how much it may be off."""

    value: float
    error: float


@dataclass(frozen=True)
class Noise:
    """How rough values are.

    Attributes:
        unit: the relative rounding error of the type they are returned in.
        size: the size of their errors: larger if something on the way is less exact.
        value: one of them.
    """

    unit: float
    size: float
    value: float

    @property
    def scale(self) -> float:
        """The size of the numbers that the values are made of, which may cancel."""
        return self.size / self.unit

    @property
    def is_rounding(self) -> bool:
        """Whether there is no more of it than the type of the values explains."""
        return self.size <= 100 * self.unit * abs(self.value)


def noise(along: Callable[[float], float], unit: float) -> Noise:
    """Estimate the errors of along near 0.

    Third differences of neighbouring values leave nothing of a smooth function, and of errors
    independent of each other √20 times their size (Hamming, 1962; Moré and Wild, 2011).
    """
    values = np.array([along(n * unit ** (3 / 8)) for n in range(-3, 4)])
    thirds = np.diff(values, 3)
    spread = float(np.sqrt(np.mean(thirds**2) / comb(6, 3)))
    value = float(values[3])
    rounding = unit * abs(value)
    return Noise(unit, max(rounding, spread) if np.isfinite(spread) else rounding, value)


def slope(along: Callable[[float], float], noise: Noise, precise: float) -> Slope:
    """Return the derivative of along at 0 from central differences.

    The step shrinks by a factor of 4. Two central differences give one in which the error of
    order h² is gone (Richardson, 1911); how far two of these are apart, and the noise, tell the
    error. The best one is taken.

    Args:
        along: a function of one number. It may be NaN where a step leaves its domain.
        noise: how rough its values are.
        precise: the relative error at which no smaller step is tried.
    """
    best = Slope(np.nan, np.inf)
    coarse = previous = np.nan
    for h in _steps(noise.unit):
        above, below = along(h), along(-h)
        fine = (above - below) / (2 * h)
        extrapolated = fine + (fine - coarse) / (_FACTOR**2 - 1)
        rounding = max(noise.size, noise.unit * abs(above), noise.unit * abs(below))
        rounding *= 10 / h
        error = abs(extrapolated - previous) + rounding
        if error < best.error:
            best = Slope(extrapolated, error)
        if error <= precise * abs(extrapolated) or rounding > best.error:
            break
        coarse, previous = fine, extrapolated
    return best


def one_sided(along: Callable[[float], float], unit: float) -> tuple[Slope, Slope, float]:
    """Return the slopes of along at 0 from the left and from the right, and what rounding may do.

    An error is by how much the slope changes when its step becomes 8 times as small: less than
    a half of that slope for a function with a finite slope on this side. The third number is by
    how much the errors of the values, measured beside the point, may change a slope.
    """
    center = along(0.0)
    wide = unit**0.25
    narrow = wide / 8

    def side(sign: float) -> Slope:
        far, near = ((along(sign * h) - center) / (sign * h) for h in (wide, narrow))
        return Slope(near, abs(near - far))

    rough = [noise(lambda t, at=at: along(at + t), unit).size for at in (-wide, wide)]  # type: ignore[misc]
    return side(-1.0), side(1.0), 10 * max(rough) / narrow


def _steps(unit: float) -> Iterator[float]:
    """Yield the steps down to where the rounding of a central difference outweighs its error."""
    h = _FIRST_STEP
    while h > unit ** (1 / 3) / _FACTOR:
        yield h
        h /= _FACTOR
