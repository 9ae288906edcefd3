"""Where gradients and differences disagree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.differences import Slope, noise, slope
from d2l_autograd.gradient_check.points import Array, Input
from d2l_autograd.gradient_check.values import Values

_RTOL = {ms.float64: 1e-6, ms.float32: 1e-4, ms.float16: 0.02, ms.bfloat16: 0.1}
_ATOL = {ms.float64: 1e-12, ms.float32: 1e-6, ms.float16: 1e-3, ms.bfloat16: 1e-2}
_FEW = 4  # entries that are all checked, instead of random directions
_MANY = 16  # entries among which the worst is searched by halves
_UNSETTLED = 0.02  # relative error of a difference beyond which it tells nothing
_CLEAR = 0.01  # relative disagreement with differences in float32 that is no rounding of theirs


@dataclass(frozen=True)
class Allowance:
    """The errors allowed; None stands for what fits the type of the input."""

    rtol: float | None
    atol: float | None

    def __post_init__(self) -> None:
        for name, number in (("rtol", self.rtol), ("atol", self.atol)):
            if number is None or (isinstance(number, (int, float)) and 0 <= number < np.inf):
                continue
            raise GradientError(f"{name} is {number!r:.40}. Write a number that is 0 or more.")

    def of(self, dtype: Any, scale: float) -> tuple[float, float]:
        """Return the relative and the absolute error allowed for inputs of dtype.

        Args:
            dtype: the type of an input.
            scale: the size of the numbers that the function adds up.
        """
        rtol = _RTOL[dtype] if self.rtol is None else self.rtol
        atol = _ATOL[dtype] * min(scale or 1, 1) if self.atol is None else self.atol
        return rtol, atol


@dataclass(frozen=True)
class Comparison:
    """The derivatives along one direction in one input.

    Attributes:
        part: the input.
        direction: in the shape of the input.
        derivative: along the direction, by the gradient.
        difference: the same from values.
        excess: how many times the tolerance these are apart.
        settled: whether the difference is exact enough to tell.
        tolerance: the relative error allowed.
    """

    part: Input
    direction: Array
    derivative: float
    difference: Slope
    excess: float
    settled: bool
    tolerance: float

    @property
    def is_wrong(self) -> bool:
        """Whether the gradient is off by more than the tolerance."""
        return self.settled and self.excess > 1

    @property
    def fails(self) -> bool:
        """Whether the gradient is wrong or nothing can be told."""
        return self.excess > 1 or not self.settled

    @property
    def badness(self) -> float:
        """A number to find the worst of several comparisons by."""
        return self.excess if self.settled else np.inf

    @property
    def entry(self) -> tuple[int, ...] | None:
        """The index of the one entry that moves, or None if there are several."""
        moving = np.argwhere(self.direction)
        return tuple(int(n) for n in moving[0]) if len(moving) == 1 else None


class Comparer:
    """Compares the gradients by one input with differences.

    Args:
        values: the values of the function.
        part: the input.
        gradient: the gradient by it.
        tolerance: the errors allowed.
        random: for the directions.
    """

    def __init__(
        self,
        values: Values,
        part: Input,
        gradient: Array,
        tolerance: Allowance,
        random: np.random.Generator,
    ) -> None:
        self.values = values
        self.part = part
        self.gradient = gradient
        self._random = random
        signs = random.choice([-1.0, 1.0], part.at.shape)
        self._noise = noise(values.along(part, signs * _magnitudes(part.at)), values.unit)
        self._rtol, self._atol = tolerance.of(part.dtype, self._noise.scale)

    def worst(self) -> Comparison | None:
        """Return the comparison of the worst entry if gradient and differences disagree."""
        failed = next((c for c in map(self._compare, self._directions()) if c.fails), None)
        if failed is None or failed.entry is not None:
            return failed
        entry = max(map(self._compare, self._entries(self._suspects())), key=lambda c: c.badness)
        return entry if entry.fails else failed

    def factors(self) -> Array:
        """Return the ratios of derivatives to differences, along a few directions."""
        found = [c for c in map(self._compare, self._directions()) if c.derivative != 0]
        with np.errstate(divide="ignore"):
            return np.divide([c.derivative for c in found], [c.difference.value for c in found])

    def _directions(self) -> Iterator[Array]:
        size = self.part.at.size
        if size <= _FEW:
            yield from self._entries(np.arange(size))
            return
        # Along the signs of the gradient nothing cancels: a wrong factor shows in full.
        yield self._along_gradient(np.arange(size))
        for _ in range(3):
            yield self._random.standard_normal(self.part.at.shape)

    def _along_gradient(self, indices: Any) -> Array:
        gradient = np.nan_to_num(self.gradient).reshape(-1)[indices]
        signs = np.where(gradient == 0, self._random.choice([-1.0, 1.0], len(indices)), gradient)
        direction = np.zeros(self.part.at.size)
        direction[indices] = np.sign(signs) * self._random.uniform(0.5, 1.5, len(indices))
        return direction.reshape(self.part.at.shape)

    def _entries(self, indices: Any) -> Iterator[Array]:
        for index in indices:
            direction = np.zeros(self.part.at.size)
            direction[index] = 1.0
            yield direction.reshape(self.part.at.shape)

    def _suspects(self) -> Any:
        """Return the indices of a few entries that hold a bad one."""
        indices = np.arange(self.part.at.size)
        while len(indices) > _MANY:
            halves = np.array_split(indices, 2)
            indices = max(halves, key=lambda h: self._compare(self._along_gradient(h)).badness)
        return indices

    def _compare(self, pattern: Array) -> Comparison:
        """Compare along the pattern, with steps in proportion to the entries, or to 1 if larger."""
        found = self._compare_along(pattern * np.maximum(np.abs(self.part.at), 1))
        precise = self._rtol / 10 * abs(found.difference.value) + self._atol / 10
        direction = pattern * _magnitudes(self.part.at)
        if found.difference.error <= precise or np.array_equal(direction, found.direction):
            return found
        return min(found, self._compare_along(direction), key=_vagueness)

    def _compare_along(self, direction: Array) -> Comparison:
        along = self.values.along(self.part, direction)
        rough = self._noise if self._noise.is_rounding else noise(along, self.values.unit)
        difference = slope(along, rough, self._rtol / 100)
        shares = (self.gradient * direction)[direction != 0]
        derivative = float(shares.sum())
        off = abs(derivative - difference.value)
        claimed = float(np.linalg.norm(shares[np.isfinite(shares)]))
        size = max(claimed, abs(difference.value))
        allowed = self._atol + self._rtol * size
        excess = off / (allowed + 2 * difference.error) if np.isfinite(off) else np.inf
        is_small = excess > 1 and off < _CLEAR * size and self.values.obstacle is not None
        return Comparison(
            part=self.part,
            direction=direction,
            derivative=derivative,
            difference=difference,
            excess=excess,
            settled=not is_small and self._is_settled(difference, claimed),
            tolerance=self._rtol,
        )

    def _is_settled(self, difference: Slope, claimed: float) -> bool:
        """Say whether the difference is exact enough to tell a derivative of the size claimed."""
        size = max(claimed, abs(difference.value))
        if difference.error <= max(_UNSETTLED * size, 10 * self._atol):
            return True
        # Rounding keeps a derivative of 0 from being told any better.
        is_zero = claimed <= 10 * self._atol and abs(difference.value) <= difference.error
        return is_zero and difference.error <= max(1e-3 * abs(self._noise.value), 1e-9)


def _magnitudes(entries: Array) -> Array:
    return np.where(entries == 0, 1, np.abs(entries))


def _vagueness(comparison: Comparison) -> float:
    value, error = comparison.difference.value, comparison.difference.error
    return error / abs(value) if value and np.isfinite(error) else error
