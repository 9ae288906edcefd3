"""Points at which a function has no derivative, whatever a derivative says: corners and jumps."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from d2l_autograd.errors import GradientError
from d2l_autograd.plots.sampling import Sampler

Array = NDArray[Any]
_STEPS = {"float64": 10.0 ** -np.arange(2, 9), "float32": 10.0 ** -np.arange(1, 3.5, 0.5)}
_STAYS = 0.7  # of a distance that does not shrink with the step
_ALIKE = {"float64": 1e-5, "float32": 1e-2}  # one-sided slopes, as a share of what is steep here


class Sides(NamedTuple):
    """A function beside a point at which it has a corner or jumps."""

    left: float
    right: float
    jumps: bool

    def sentence(self, at: float) -> str:
        """Return what there is instead of a derivative."""
        if self.jumps:
            return f"At {at:g} the function jumps, so it has no derivative there."
        return (
            f"At {at:g} the function has a corner: its slope is {self.left:.3g} on the left and "
            f"{self.right:.3g} on the right, so it has no derivative there."
        )


def sides(sampler: Sampler, at: float, reach: float) -> Sides | None:
    """Return the one-sided slopes at a point, or None where they agree or there are none.

    The difference quotients to both sides come together with the step where the function has a
    derivative. At a corner they stay apart, at a jump their distance grows.

    Args:
        sampler: the function.
        at: the point.
        reach: a distance that counts as large in the picture.
    """
    dtype = sampler.dtype.name
    spacing = float(np.spacing(np.array(abs(at), dtype)))
    steps = reach * _STEPS[dtype]
    steps = steps[steps > 1000 * spacing]
    if steps.size < 2:
        return None
    values = sampler.at(np.concatenate([[at], at - steps, at + steps])).astype("float64")
    if not np.isfinite(values).all():
        return None
    middle, below, above = values[0], values[1 : steps.size + 1], values[steps.size + 1 :]
    left, right = (middle - below) / steps, (above - middle) / steps
    gaps, apart = np.abs(above - below), np.abs(left - right)
    rounding = 16 * (np.finfo(dtype).eps * np.abs(values).max() + spacing * abs(left))
    if gaps[-1] > _STAYS * gaps[0] and gaps[-1] > 10 * rounding[-1]:
        return Sides(float(left[-1]), float(right[-1]), True)
    steep = max(np.abs([left[0], right[0]]).max(), np.ptp(values) / reach)
    certain = np.flatnonzero(apart > np.maximum(10 * rounding / steps, _ALIKE[dtype] * steep))
    if certain.size < 2:
        return None
    last, before = certain[-1], certain[-2]
    if apart[last] < _STAYS * apart[before]:
        return None
    return Sides(float(left[last]), float(right[last]), bool(apart[last] > 2 * apart[before]))


def require_smooth(sampler: Sampler, at: float, reach: float, remedy: str) -> None:
    """Refuse a corner or a jump.

    Raises:
        GradientError: there is one at the point; the message ends in the remedy.
    """
    found = sides(sampler, at, reach)
    if found is not None:
        raise GradientError(f"{found.sentence(at)} {remedy}")
