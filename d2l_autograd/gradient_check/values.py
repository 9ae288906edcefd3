"""The values of a function near a point, in the precision that it can be computed in."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.points import Array, Input, Point
from d2l_autograd.mindspore_internals.failures import forget_failures, reason

# Relative rounding errors.
UNITS = {ms.float64: 2.0**-52, ms.float32: 2.0**-23, ms.float16: 2.0**-10, ms.bfloat16: 2.0**-7}


class Values:
    """The values of the function of a point, in float64 if it accepts that, else as given.

    Attributes:
        unit: their relative rounding error.
        obstacle: why they are not computed in float64; None if they are.

    Raises:
        GradientError: the value is not finite, or another one each time.
    """

    def __init__(self, point: Point) -> None:
        self._point = point
        given = _number(point.first_value())
        if not np.isfinite(given):
            raise GradientError(
                f"The function has the value {given:g} at this point, so no derivative can be "
                "checked. Choose a point where it is finite."
            )
        self.obstacle = _obstacle(point, given)
        once, again = (self._value() for _ in range(2))
        self.unit = UNITS[once.dtype]
        self._require_same(_number(once), _number(again))
        if self.obstacle is None and (once.dtype != ms.float64 or self._are_float32()):
            self.unit = max(self.unit, UNITS[ms.float32])
            self.obstacle = "the values are rounded to less on the way"

    def along(self, part: Input, direction: Array) -> Callable[[float], float]:
        """Return t ↦ the value with the input moved by t times direction; NaN if there is none."""

        def moved(t: float) -> float:
            try:
                return _number(self._value((part, part.at + t * direction)))
            except Exception:  # outside of the domain
                forget_failures()
                return np.nan

        return moved

    def _are_float32(self) -> bool:
        """Say whether values beside the point are float32 numbers, and more than whole ones."""
        moved = [
            self.along(part, np.ones(part.at.shape))(step)
            for part in self._point.inputs
            for step in (0.01, -0.02)
        ]
        values = np.array([value for value in moved if np.isfinite(value)])
        with np.errstate(over="ignore"):
            return bool(
                (values.astype(np.float32) == values).all()
                and (values.astype(np.float16) != values).any()
            )

    def _value(self, moved: tuple[Input, Array] | None = None) -> Any:
        return self._point.value(self.obstacle is None, moved)

    def _require_same(self, one: float, other: float) -> None:
        # Threads may add up in another order each time.
        if abs(one - other) <= 1e3 * self.unit * max(abs(one), abs(other)):
            return
        raise GradientError(
            f"The function gives {one:.7g} and then {other:.7g} at the same point, so differences "
            "of its values tell nothing. Take what is random (dropout, noise, shuffling) or "
            "counts the calls out of it, or draw the random numbers once and pass them in."
        )


def _obstacle(point: Point, given: float) -> str | None:
    """Say why the function cannot be computed in float64, or means something else by it."""
    try:
        wide = _number(point.value(wide=True))
    except Exception as error:  # it has an operator without a kernel for it, say
        forget_failures()
        return reason(error)
    if np.isclose(wide, given, rtol=0.05, atol=1e-3):
        return None
    return f"there its value is {wide:.4g} and not {given:.4g}"


def _number(value: Any) -> float:
    return float(value.astype(ms.float64).asnumpy().item())
