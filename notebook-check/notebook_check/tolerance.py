"""When two numbers count as the same."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may lie apart: `atol`, or `rtol` times the larger magnitude.

    The defaults fit float32. Its sixth digit differs between kinds of CPU (a relative 1e-6 to
    1e-5), and sums that should be 0 leave some 1e-7: both pass. A change of 0.1 % does not.
    """

    rtol: float = 1e-4
    atol: float = 1e-6

    def __post_init__(self) -> None:
        """Refuse what would make every number equal: a ValueError."""
        if not 0 <= self.rtol < 1:
            raise ValueError(f"rtol is a fraction from 0 up to, not including, 1; got {self.rtol}")
        if not (self.atol >= 0 and math.isfinite(self.atol)):
            raise ValueError(f"atol is a finite number, 0 or more; got {self.atol}")

    def close(self, a: float, b: float) -> bool:
        """Say whether `a` and `b` are the same number up to rounding.

        nan is close to nan only, and inf to inf of the same sign only. Numbers of different sign
        are close where they lie within `atol`, as the rounding of a 0 does.
        """
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if math.isinf(a) or math.isinf(b):
            return a == b
        return abs(a - b) <= max(self.atol, self.rtol * max(abs(a), abs(b)))
