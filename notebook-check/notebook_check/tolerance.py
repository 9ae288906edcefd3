"""When two numbers count as the same."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may lie apart: `atol`, or `rtol` times the larger magnitude.

    Of what is None, the default counts. It fits float32, whose sixth digit differs between kinds
    of CPU (a relative 1e-6 to 1e-5), so that a relative 1e-4 passes, and 0.1 % does not. In a text
    it depends on how the number is printed as well, as `notebook_check.compare.numbers` says.
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
    def relative(self) -> float:
        """Which part of a number it may be off by."""
        return 1e-4 if self.rtol is None else self.rtol

    @property
    def absolute(self) -> float:
        """By how much any number may be off, where nothing is known of its size."""
        return 1e-6 if self.atol is None else self.atol

    def close(self, a: float, b: float) -> bool:
        """Say whether `a` and `b` are the same number up to rounding.

        nan is close to nan only, and inf to inf of the same sign only. Numbers of different sign
        are close where they lie within `atol`, as the rounding of a 0 does.
        """
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if math.isinf(a) or math.isinf(b):
            return a == b
        return abs(a - b) <= max(self.absolute, self.relative * max(abs(a), abs(b)))
