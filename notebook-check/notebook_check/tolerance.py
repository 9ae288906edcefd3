"""When two numbers count as the same."""

import math
from dataclasses import dataclass

RTOL = 1e-4
"""The relative tolerance of numbers that are shown with seven digits or more."""

_WHOLE = 0.1  # what such a number may be off, however large: the part before its point counts
_FLOAT32 = 2e-7  # the spacing of float32, relative to the number
_ARRAY = 1e-6  # the rounding of an entry, relative to the largest entry of its array


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may lie apart.

    Where both are None, the digits that are shown decide, as `same_number` says. Otherwise it is
    `atol`, or `rtol` times the larger magnitude, with 0 for the one that is None.
    """

    rtol: float | None = None
    atol: float | None = None

    def __post_init__(self) -> None:
        """Refuse what would make every number equal: a ValueError."""
        if self.rtol is not None and not 0 <= self.rtol < 1:
            raise ValueError(f"rtol is a fraction from 0 up to, not including, 1; got {self.rtol}")
        if self.atol is not None and not (self.atol >= 0 and math.isfinite(self.atol)):
            raise ValueError(f"atol is a finite number, 0 or more; got {self.atol}")

    @property
    def is_given(self) -> bool:
        """Whether somebody said how far numbers may lie apart."""
        return self.rtol is not None or self.atol is not None

    def close(self, a: float, b: float) -> bool:
        """Say whether `a` and `b` are the same number up to rounding, whatever their digits.

        nan is close to nan only, and inf to inf of the same sign only. Numbers of different sign
        are close where they lie within `atol`, as the rounding of a 0 does.
        """
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if math.isinf(a) or math.isinf(b):
            return a == b
        rtol = self.rtol if self.is_given else RTOL
        return abs(a - b) <= max(self.atol or 0, (rtol or 0) * max(abs(a), abs(b)))


def same_number(stored: str, new: str, tolerance: Tolerance, largest: float = 0.0) -> bool:
    """Say whether two numbers, as they are shown, are the same up to rounding.

    With a tolerance that is given, it alone decides. Without one:

    - with seven digits or more, a relative 1e-4, but no more than a tenth and the rounding of
      float32: the whole part of a large number, such as a time or a date, counts;
    - with fewer, both have to be shown with the same precision (3.10 is not 3.1), and from five
      digits on they may differ by one in the last, which is what rounding does at an edge;
    - two numbers that rounding leaves of 0, such as 6.1e-17 and 0.0, are the same;
    - in an array, a difference of a millionth of its largest entry is rounding.

    Args:
        stored: a number as Python writes it, nan, or inf.
        new: likewise.
        tolerance: what the settings say.
        largest: the largest magnitude in the array that the number is in, 0 if it is in none.
    """
    a, b = float(stored), float(new)
    if _overflows(stored, a) or _overflows(new, b):
        return stored == new
    if tolerance.is_given or not (math.isfinite(a) and math.isfinite(b)):
        return tolerance.close(a, b)
    off, size = abs(a - b), max(abs(a), abs(b))
    if off <= _ARRAY * largest and off > 0:
        return True
    if _is_rounded_zero(stored, a) and _is_rounded_zero(new, b):
        return a != b or _unit(stored) == _unit(new) or "e" in (stored + new).lower()
    digits = max(_digits(stored), _digits(new))
    if digits >= 7:
        return off <= min(RTOL * size, _WHOLE + _FLOAT32 * size)
    unit = _common_unit(stored, new)
    # With a little room, since in floating point 0.3 - 0.2 is not 0.1.
    return unit is not None and off <= (1.001 * unit if digits >= 5 else 0)


def _overflows(text: str, value: float) -> bool:
    """Say whether digits stand for a number too large for a float, such as 1e999."""
    return math.isinf(value) and text[-1].isdigit()


def _significand(text: str) -> str:
    return text.lower().partition("e")[0].lstrip("+-")


def _digits(text: str) -> int:
    """How many digits a number is shown with, those before the first that is not 0 left out."""
    return len(_significand(text).replace(".", "").lstrip("0"))


def _unit(text: str) -> float:
    """What the last digit that is shown stands for."""
    exponent = text.lower().partition("e")[2]
    decimals = len(_significand(text).partition(".")[2])
    return float(f"1e{int(exponent or 0) - decimals}")


def _is_rounded_zero(text: str, value: float) -> bool:
    """Say whether a number is 0, or what float64 or float32 leave of a 0.

    Of float32 such numbers are shown with seven to nine digits; others of that size are meant.
    """
    size = abs(value)
    if size == 0 or 1e-18 <= size <= 1e-14:
        return True
    return 1e-9 <= size <= 1e-6 and 7 <= _digits(text) <= 9


def _common_unit(stored: str, new: str) -> float | None:
    """What the last digit stands for in two numbers of the same precision, None for another.

    9.9999 and 10.000 have as many digits, and 0.50001 and 0.5 may have: %g and repr leave zeros at
    the end out.
    """
    units, digits = (_unit(stored), _unit(new)), (_digits(stored), _digits(new))
    if units[0] == units[1]:
        return units[0]
    if digits[0] == digits[1] >= 5:
        return max(units)
    return min(units) if max(digits) == 6 else None
