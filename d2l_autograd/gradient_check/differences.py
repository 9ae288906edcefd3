"""Derivatives from values alone, with an estimate of their own error."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

_FIRST_STEP, _FACTOR = 0.1, 4.0
_GROWING, _JUMPING = 1.5, 5.0


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


@dataclass(frozen=True)
class Side:
    """The slope on one side of a point.

    Attributes:
        slope: the one of the smallest step; its error is how far the next larger step has it off.
        growth: by what that error is larger than the one of the step before. It shrinks with the
            steps where there is a finite slope, by a factor of 8 if the function is smooth; at a
            jump it grows by a factor of 8, at a square root's zero by one of 2.8.
        rounding: by how much the errors of the values may change the slope.
    """

    slope: Slope
    growth: float
    rounding: float

    @property
    def is_steep(self) -> bool:
        """Whether the slope grows without end as the step shrinks."""
        return self.growth > _GROWING and self.slope.error > self.rounding

    @property
    def is_jump(self) -> bool:
        """Whether it grows as fast as at a jump."""
        return self.is_steep and self.growth > _JUMPING


def one_sided(along: Callable[[float], float], unit: float) -> tuple[Side, Side]:
    """Return the slopes of along at 0 from the left and from the right."""
    center = along(0.0)
    steps = [unit**0.25 / 8**n for n in range(3)]

    def side(sign: float) -> Side:
        wide, middle, narrow = ((along(sign * h) - center) / (sign * h) for h in steps)
        error, before = abs(narrow - middle), abs(middle - wide)
        beside = noise(lambda t: along(sign * steps[0] + t), unit).size
        growth = error / before if before else np.inf if error else 0.0
        return Side(Slope(narrow, error), growth, 10 * beside / steps[-1])

    return side(-1.0), side(1.0)


def _steps(unit: float) -> Iterator[float]:
    """Yield the steps down to where the rounding of a central difference outweighs its error."""
    h = _FIRST_STEP
    while h > unit ** (1 / 3) / _FACTOR:
        yield h
        h /= _FACTOR
