"""Whether the gradient of a function is right: compared with differences of its values."""

from collections.abc import Callable
from typing import Any, Literal

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.checks import require_function
from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.compare import Comparer, Tolerance
from d2l_autograd.gradient_check.diagnosis import Finding
from d2l_autograd.gradient_check.gradients import (
    gradient_of,
    gradients,
    in_mode,
    name_of,
    require_modes,
    slope_along,
)
from d2l_autograd.gradient_check.points import Point
from d2l_autograd.gradient_check.report import report
from d2l_autograd.gradient_check.values import Values
from d2l_autograd.mindspore_internals.modes import is_recorded_by_mindspore


def check_grads(
    fn: Callable[..., Any],
    *args: Any,
    order: Literal[1, 2] = 1,
    argnums: int | tuple[int, ...] | None = None,
    gradient: Callable[..., Any] | None = None,
    modes: str | tuple[str, ...] | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
    **kwargs: Any,
) -> None:
    """Compare the gradient of fn at a point with differences of its values; raise if they differ.

    The gradient is what `grad` returns, in eager mode and in Graph mode. The differences are
    central ones, ``(f(x + hv) - f(x - hv)) / 2h``, along each entry of a small input and along
    random directions v of a larger one. They are taken in float64 where fn can be computed in it,
    else in the types given, and are refined until their own error is known to be small or cannot
    be made smaller. It is added to the tolerance.

    Nothing is returned. If the numbers differ, the error has a table of the inputs concerned,
    each with its worst entry, both numbers, and the cause as far as it can be told: no gradient
    flows, a kink, a jump or a pole at the point, NaN from a branch that is not taken, modes that
    disagree, a sum taken silently.

    Args:
        fn: a function of tensors that returns a tensor with a single floating-point element, and
            the same one whenever it is called with the same arguments.
        *args: the point: tensors of any shape, NumPy arrays, Python floats (float32). fn gets
            copies.
        order: 2 to check the second derivative as well: the gradient of the slope along a
            direction of ±1, compared with differences of that slope.
        argnums: the position of the input to check, or a tuple of positions; by default every
            argument with floating-point numbers.
        gradient: a function to check instead of `grad` of fn, written by hand or made by another
            tool. It takes the arguments of fn and returns the gradient by the argument at
            ``argnums``, or a tuple of them if there are several. For ``order=1`` only.
        modes: ``"eager"``, ``"graph"`` or both, and then the gradient has to be right in each. By
            default eager mode and, where it can run the function, Graph mode.
        rtol: the relative error allowed in a derivative; by default, by the type of the input,
            1e-6 (float64), 1e-4 (float32), 0.02 (float16) or 0.1 (bfloat16).
        atol: the absolute error allowed in what fn changes by if the entries of x, or 1 where
            they are less than 1, grow by 100 %; by default 1e-12, 1e-6, 1e-3 or 1e-2, and less
            where fn adds up numbers below 1.
        seed: of the random directions.
        **kwargs: passed on to fn.

    Raises:
        GradientError: the gradient and the differences disagree, the differences cannot tell, or
            fn, its arguments or its value are not as described. What fn raises comes through.
    """
    if is_recorded_by_mindspore():
        raise GradientError(
            "check_grads was called inside a function that is being differentiated. Call it "
            "outside, on that function."
        )
    require_function(fn, "check_grads")
    if order not in (1, 2) or isinstance(order, bool):
        raise GradientError(f"order is {order!r:.40}. Write order=1 or order=2.")
    if gradient is not None:
        require_function(gradient, "check_grads(f, x, gradient=…)")
        if order == 2:
            raise GradientError(
                "gradient is checked at order=1 only. To check a second derivative made by hand, "
                "pass the first derivative as the function: check_grads(slope, x, gradient=…)."
            )
    checked = require_modes(modes)
    tolerance = Tolerance(rtol, atol)
    random = np.random.default_rng(seed)
    point = Point(fn, args, kwargs, argnums)
    single = len(point.positions) == 1 and not isinstance(argnums, (tuple, list))
    with in_mode("eager"):  # where there are values to take differences of
        derivative = gradient_of(point, gradient, single)
        if gradient is not None:
            _refuse_sum(point, derivative, checked, tolerance, random)
        _require_agreement("gradient", point, derivative, checked, tolerance, random)
        if order == 2:
            slope = slope_along(fn, point.positions, point.direction(random))
            along = point.replacing(slope)
            second = gradient_of(along, None, single)
            _require_agreement("second derivative", along, second, checked, tolerance, random)


def _require_agreement(
    what: str,
    point: Point,
    derivative: Callable[..., Any],
    modes: tuple[str, ...] | None,
    tolerance: Tolerance,
    random: np.random.Generator,
) -> None:
    values = Values(point)
    found = gradients(point, derivative, modes)
    findings = []
    for index, part in enumerate(point.inputs):
        by_mode = {mode: parts[index] for mode, parts in found.items()}
        comparer = Comparer(values, part, by_mode, tolerance, random)
        worst = comparer.worst()
        if worst is not None:
            findings.append(Finding(point, comparer, worst))
    if findings:
        raise GradientError(report(f"The {what} of {name_of(point.given)}", findings))


def _refuse_sum(
    point: Point,
    derivative: Callable[..., Any],
    modes: tuple[str, ...] | None,
    tolerance: Tolerance,
    random: np.random.Generator,
) -> None:
    """Say whether the gradient given for a function with several values is that of their sum."""
    args, kwargs = point.arguments()
    value = point.fn(*args, **kwargs)
    if not isinstance(value, ms.Tensor) or value.size <= 1:
        return
    summed = point.replacing(lambda *args, **kwargs: point.fn(*args, **kwargs).sum())
    try:
        _require_agreement("sum", summed, derivative, modes, tolerance, random)
    except GradientError:
        point.value()  # raises what holds for every function with several values
    raise GradientError(
        f"The function returned a tensor of shape {value.shape}, and the gradient given is that "
        "of the sum of its entries: the sum was taken silently, as mindspore.grad does. Write "
        ".sum() into the function if it is meant; the derivative of every entry is the Jacobian."
    )
