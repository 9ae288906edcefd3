"""Why a gradient and its differences disagree, as far as it can be told."""

from dataclasses import dataclass

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.checks import dtype_name
from d2l_autograd.gradient_check.compare import Comparer, Comparison
from d2l_autograd.gradient_check.cuts import cut
from d2l_autograd.gradient_check.differences import Side, one_sided
from d2l_autograd.gradient_check.gradients import Derivative
from d2l_autograd.gradient_check.points import Array, Point

_PRECISE = 1e-6  # relative error allowed of a gradient in float64


@dataclass(frozen=True)
class Finding:
    """The worst comparison in one input, and all that was compared.

    Attributes:
        point: the function and its arguments.
        derivative: what computes the gradient.
        number: that of the input.
        comparer: all comparisons in the input.
        worst: the worst of them.
    """

    point: Point
    derivative: Derivative
    number: int
    comparer: Comparer
    worst: Comparison

    @property
    def gradient(self) -> Array:
        """The gradient by the input."""
        return self.comparer.gradient


def diagnosis(finding: Finding) -> str:
    """Return the likely cause in a few sentences, the most telling sign first."""
    rules = (_outside, _undefined, _roughness, _coarse, _rounding, _no_flow, _factor)
    return next(filter(None, (rule(finding) for rule in rules)), _unknown(finding))


def _outside(finding: Finding) -> str | None:
    worst, values = finding.worst, finding.comparer.values
    sides = one_sided(values.along(worst.part, worst.direction), values.unit)
    if all(np.isfinite(side.slope.value) for side in sides):
        return None
    return (
        "The point lies on the edge of the function's domain: next to it there is no finite "
        "value. Choose a point inside."
    )


def _coarse(finding: Finding) -> str | None:
    """Say that nothing can be told where there are no values in float64."""
    obstacle = finding.comparer.values.obstacle
    if obstacle is None or finding.worst.settled:
        return None
    return (
        "That does not say that the gradient is wrong: the differences are too coarse to tell. The "
        "values come in less than float64, and their rounding is as large as what they change by. "
        f"float64 cannot be used here: {obstacle}. Change the function so that it can be computed "
        "in float64, choose a point where it is steeper, or allow more with rtol and atol."
    )


def _undefined(finding: Finding) -> str | None:
    if np.isfinite(finding.gradient[finding.worst.direction != 0]).all() or _is_rough(finding):
        return None
    return (
        "The function is smooth here, but the gradient is not finite. As a rule an operator is "
        "evaluated outside of its domain in a branch that is not taken: where(x > 0, sqrt(x), 0) "
        "multiplies the infinite slope of the square root by 0, and that is NaN. Make the "
        "operator's input harmless first: sqrt(where(x > 0, x, 1)) inside the where."
    )


def _is_rough(finding: Finding) -> bool:
    return _roughness(finding) is not None


def _roughness(finding: Finding) -> str | None:
    """Look at the slopes from either side."""
    worst, values = finding.worst, finding.comparer.values
    left, right = sides = one_sided(values.along(worst.part, worst.direction), values.unit)
    is_steep = any(side.is_steep for side in sides)
    has_kink = _has_kink(left, right)
    if values.obstacle is not None:
        return _maybe_rough(values.obstacle) if is_steep or has_kink else None
    if any(side.is_jump for side in sides):
        return "The function jumps at this point, so it has no derivative there." + _suspect(
            finding
        )
    if is_steep:
        return "The function is infinitely steep at this point, so it has no derivative there."
    if has_kink:
        below, above = (f"{side.slope.value / per_unit(worst) + 0.0:.4g}" for side in sides)
        return (
            f"The function has a kink at this point: its slope is {below} from the left and "
            f"{above} from the right, so it has no derivative. Choose another point."
        )
    if worst.settled:
        return None
    return (
        "That does not say that the gradient is wrong: the differences do not settle as the step "
        "shrinks, since the values are too rough. They may come from rounding (a large constant "
        "added to a small change, a part that is computed outside of MindSpore or in float32), "
        "from chance, or from a kink close by."
    )


def _has_kink(left: Side, right: Side) -> bool:
    gap = abs(right.slope.value - left.slope.value)
    errors = left.slope.error + right.slope.error
    steepest = max(abs(left.slope.value), abs(right.slope.value))
    return gap > max(0.05 * steepest, 2 * errors, left.rounding + right.rounding)


def _maybe_rough(obstacle: str) -> str:
    return (
        "The slopes differ from side to side or with the step, as where a function has no "
        "derivative, but only float64 could show that it has none. float64 cannot be used here: "
        f"{obstacle}. Choose another point, or change the function so that it can."
    )


def _rounding(finding: Finding) -> str | None:
    """Look at the gradient in float64, if it was computed in less."""
    worst = finding.worst
    if worst.part.dtype == ms.float64:
        return None
    exact = finding.derivative.in_float64()
    if exact is None:
        return None
    shares = (exact[finding.number] * worst.direction)[worst.direction != 0]
    size = max(float(np.linalg.norm(shares)), abs(worst.difference.value))
    off = abs(float(shares.sum()) - worst.difference.value)
    if not off <= _PRECISE * size + 2 * worst.difference.error:
        return None
    return (
        "The gradient is right but for rounding: computed in float64 it agrees with the "
        f"differences, in {dtype_name(worst.part.dtype)} it does not. Compute in float64 where "
        "these digits matter, or allow more with rtol and atol."
    )


def _no_flow(finding: Finding) -> str | None:
    if finding.gradient.any():
        return None
    name = finding.worst.part.name
    return (
        f"No gradient flows: the value changes with {name}, but the gradient by it is exactly 0. "
        "It is cut off on the way."
        + (_suspect(finding) or " Look for a step outside of MindSpore or a detached tensor.")
    )


def _factor(finding: Finding) -> str | None:
    factors = finding.comparer.factors()
    if not np.isfinite(factors).all() or np.ptp(factors) > 10 * finding.worst.tolerance:
        return None
    what = "The derivative" if finding.worst.part.at.size == 1 else "The whole gradient"
    return f"{what} is {np.mean(factors):.6g} times what it should be." + _suspect(finding)


def _unknown(finding: Finding) -> str:
    return "The differences settle, so the derivative exists and the gradient is wrong." + _suspect(
        finding
    )


def _suspect(finding: Finding) -> str:
    found = cut(finding.point.given)
    return f" The cause may be {found}" if found else ""


def per_unit(comparison: Comparison) -> float:
    """Return by how much the entry moves in the direction; 1 if several entries do."""
    return float(np.abs(comparison.direction).max()) if comparison.entry is not None else 1.0
