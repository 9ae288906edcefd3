"""Why a gradient and its differences disagree, as far as it can be told."""

from dataclasses import dataclass

import numpy as np

from d2l_autograd.gradient_check.compare import Comparer, Comparison
from d2l_autograd.gradient_check.cuts import cut
from d2l_autograd.gradient_check.differences import one_sided
from d2l_autograd.gradient_check.points import Array, Point

LABELS = {"eager": "eager mode", "graph": "Graph mode"}


@dataclass(frozen=True)
class Finding:
    """The worst comparison in one input, and all that was compared."""

    point: Point
    comparer: Comparer
    worst: Comparison

    @property
    def gradient(self) -> Array:
        """The gradient by the input in the first mode that is wrong."""
        return self.comparer.gradients[(self.worst.wrong or list(self.worst.excess))[0]]


def diagnosis(finding: Finding) -> str:
    """Return the likely cause in a few sentences, the most telling sign first."""
    rules = (_undefined, _roughness, _one_mode, _no_flow, _factor)
    return next(filter(None, (rule(finding) for rule in rules)), _unknown(finding))


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
    along = values.along(worst.part, worst.direction)
    left, right = one_sided(along, values.unit)
    below, above = (f"{side.value / per_unit(worst) + 0.0:.4g}" for side in (left, right))
    if not np.isfinite([left.value, right.value]).all():
        return (
            "The point lies on the edge of the function's domain: next to it there is no finite "
            "value. Choose a point inside."
        )
    steepest = max(left, right, key=lambda side: abs(side.value))
    if steepest.error > abs(steepest.value) / 2 > 0:
        if steepest.error > 0.8 * abs(steepest.value):
            return "The function jumps at this point, so it has no derivative there." + _suspect(
                finding
            )
        return "The function is infinitely steep at this point, so it has no derivative there."
    gap = abs(right.value - left.value)
    if gap > 0.05 * abs(steepest.value) and gap > 2 * (left.error + right.error):
        return (
            f"The function has a kink at this point: its slope is {below} from the left and "
            f"{above} from the right, so it has no derivative. Choose another point."
        )
    if worst.settled:
        return None
    return (
        "The differences do not settle as the step shrinks: the values are too rough. They may "
        "come from rounding (a large constant added to a small change), from chance, or from a "
        "kink close by."
    )


def _one_mode(finding: Finding) -> str | None:
    wrong = finding.worst.wrong
    right = [mode for mode in finding.worst.excess if mode not in wrong]
    if not right:
        return None
    return (
        f"Eager and Graph mode disagree: {LABELS[right[0]]} agrees with the differences, "
        f"{LABELS[wrong[0]]} does not. MindSpore reads some Python in another way when it "
        "compiles." + _suspect(finding)
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
    factors = finding.comparer.factors(finding.worst.wrong[0])
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
