"""Two printed numbers: the same up to rounding, or not.

What rounding may change depends on how large a number is beside those printed with it, and on how
many digits are shown:

- A number below 10,000 may be off by 1e-4 of itself. In a larger one the last digits are what
  matters (a date, seconds since 1970, an amount), and no more than rounding is let pass: of
  float32, or of float64 where no float32 has the digits that are shown.
- One unit of the last digit that is shown passes where it is within the relative tolerance.
- In an array, rounding is relative to the largest number of it.
- A lone number has no absolute tolerance. Only what float32 or float64 leave of a sum that should
  be 0 passes for 0, and for another such remainder: a number of few bits, or one below 1e-14; and
  one below 1e-12 where numbers of size 1 are shown in the same output.
"""

import math
import re
import struct
from dataclasses import dataclass
from functools import cached_property

from notebook_check.tolerance import Tolerance

_PARTS = re.compile(r"[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
_LARGE, _LARGER = 1e4, 1e6
_DIGITS = 8  # as many, and any number may be a float32
_OF_ARRAY = 1e-6  # the rounding of a float32, as a part of the largest number of its array
# At most, what is left of a sum that should be 0, and of one of numbers that are shown beside it:
_OF_SINGLE, _OF_DOUBLE, _BESIDE_OTHERS = 1e-6, 1e-14, 1e-12
_OF_FEW_BITS, _FEW_BITS = 1e-10, 20  # at most, and of the 53 of a float64, what a remainder has
_ALL_SHOWN = 12  # digits, by which few bits are told from many
_LEAST = 1e-18  # what is smaller is meant, such as a charge or a mass
_WHOLE = 2**23  # from here, every float32 is a whole number
_NEAR_WHOLE = 1e-5


@dataclass(frozen=True)
class Number:
    """A number as it is printed."""

    text: str

    @cached_property
    def value(self) -> float:
        """What it stands for."""
        return float(self.text)

    @cached_property
    def decimals(self) -> int:
        """How many digits there are after the point."""
        return len(self._parts[1] or "")

    @cached_property
    def digits(self) -> int:
        """How many digits are shown, without the zeros that they start with."""
        whole, fraction, _ = self._parts
        return len((whole + (fraction or "")).lstrip("0"))

    @cached_property
    def scientific(self) -> bool:
        """Whether it has an exponent."""
        return self._parts[2] is not None

    @cached_property
    def unit(self) -> float:
        """What one more in the last digit is worth."""
        return 10.0 ** max(-400, min(300, int(self._parts[2] or 0) - self.decimals))

    @cached_property
    def is_single(self) -> bool:
        """Whether it may be a float32: the nearest one shows the same digits."""
        if self.digits <= _DIGITS:
            return True
        try:
            (nearest,) = struct.unpack("f", struct.pack("f", self.value))
        except OverflowError:
            return False
        return bool(abs(nearest - self.value) <= 0.51 * self.unit)

    def is_remainder(self, beside: float) -> bool:
        """Whether it is 0, or what float32 or float64 leave of a sum that should be 0.

        Of float32 that is a small multiple of a power of two, of float64 a larger one: smaller
        multiples the fewer digits are shown, since any number is near to a large one. Otherwise it
        is so small a number that hardly anything else is, where the greatest one in the text is
        ``beside``.
        """
        size = abs(self.value)
        if size == 0 or _LEAST <= size <= max(_OF_DOUBLE, _BESIDE_OTHERS * min(1.0, beside)):
            return True
        if size <= _OF_FEW_BITS and self.digits >= _ALL_SHOWN:
            return self._off(bits=_FEW_BITS) <= 0.51 * self.unit
        off = self._off(bits=min(5, self.digits + 1))
        return size <= _OF_SINGLE and off <= max(0.51 * self.unit, 1e-6 * size)

    def _off(self, bits: int) -> float:
        """By how much it is off the nearest number of so few bits."""
        mantissa, exponent = math.frexp(abs(self.value))
        nearest = math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)
        return abs(nearest - abs(self.value))

    @property
    def overflows(self) -> bool:
        """Whether its digits stand for more than a float can be, as those of 1e999 do."""
        return math.isinf(self.value) and self.text[-1].isdigit()

    @cached_property
    def _parts(self) -> tuple[str, str | None, str | None]:
        found = _PARTS.fullmatch(self.text)
        return (found[1], found[2], found[3]) if found else ("", None, None)


def close(
    a: Number, b: Number, tolerance: Tolerance, largest: float = 0.0, beside: float = 0.0
) -> bool:
    """Say whether two printed numbers are the same up to rounding.

    Args:
        a: the stored number.
        b: the new one.
        tolerance: as it was asked for; of what it does not say, the rounding is judged by.
        largest: the greatest magnitude in the array that they are in, 0 if they are in none.
        beside: the greatest magnitude in the text that they are in.
    """
    if a.overflows or b.overflows:
        return False
    if not (math.isfinite(a.value) and math.isfinite(b.value)):
        return tolerance.close(a.value, b.value)
    size, apart = max(abs(a.value), abs(b.value)), abs(a.value - b.value)
    if tolerance.atol is not None and apart <= tolerance.atol:
        return True
    if apart <= _relative(a, b, tolerance) * size:
        return True
    unit = max(a.unit, b.unit)
    if tolerance.rtol is None and apart <= 1.01 * unit and unit <= tolerance.relative * size:
        return True
    return tolerance.atol is None and _is_rounding(a, b, largest, beside)


def close_to_whole(whole: Number, other: Number, largest: float, beside: float) -> bool:
    """Say whether a whole number is another one, rounded as `%g` does: 0 for 1e-17, 1 for 0.999999.

    1.0 is not rounded: it is of another type.
    """
    apart = abs(whole.value - other.value)
    if not math.isfinite(apart) or apart == 0:
        return False
    if whole.value == 0:
        return _is_rounding(whole, other, largest, beside)
    return apart <= _NEAR_WHOLE * abs(other.value)


def same_format(a: Number, b: Number) -> bool:
    """Say whether two numbers of the same value show as many digits: 3.10 is not 3.1."""
    return a.decimals == b.decimals or a.scientific != b.scientific


def _relative(a: Number, b: Number, tolerance: Tolerance) -> float:
    size = max(abs(a.value), abs(b.value))
    if tolerance.rtol is not None or size < _LARGE:
        return tolerance.relative
    single = a.is_single and b.is_single
    if a.value.is_integer() and b.value.is_integer() and size < _WHOLE and not a.scientific:
        return 0.0
    if size < _LARGER:
        return 1e-5 if single else 1e-7
    return 4e-7 if single else 1e-9


def _is_rounding(a: Number, b: Number, largest: float, beside: float) -> bool:
    """Say whether two numbers differ by what rounding leaves, seen beside their array and text."""
    if a.is_remainder(beside) and b.is_remainder(beside):
        return True
    least = _LEAST * min(1.0, largest)
    if any(0 < abs(number.value) < least for number in (a, b)):
        return False
    part = _OF_ARRAY if largest < _LARGE else 1e-7
    return abs(a.value - b.value) <= part * largest
