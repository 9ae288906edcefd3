"""Whether the gradient of a function is right: compared with differences of its values."""

from collections.abc import Callable
from typing import Any, Literal

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.checks import require_function
from d2l_autograd.engine.watching import current_record
from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.compare import Allowance, Comparer
from d2l_autograd.gradient_check.diagnosis import Finding
from d2l_autograd.gradient_check.gradients import Derivative, name_of, slope_along
from d2l_autograd.gradient_check.points import Point
from d2l_autograd.gradient_check.report import report
from d2l_autograd.gradient_check.values import Values
from d2l_autograd.mindspore_internals.modes import eager_mode, is_recorded_by_mindspore


def check_grads(
    fn: Callable[..., Any],
    *args: Any,
    order: Literal[1, 2] = 1,
    argnums: int | tuple[int, ...] | None = None,
    gradient: Callable[..., Any] | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
    **kwargs: Any,
) -> None:
    """Compare the gradient of fn at a point with differences of its values; raise if they differ.

    The gradient is what `grad` returns. The differences are central ones,
    ``(f(x + hv) - f(x - hv)) / 2h``, along each entry of a small input and along random directions
    v of a larger one. They are taken in float64, into which the tensors that fn captures are
    converted as well; only where fn cannot be computed in it, in the types given. They are refined
    until their own error is known to be small or cannot be made smaller. It is added to the
    tolerance.

    Nothing is returned. If the numbers differ, the error has a table of the inputs concerned,
    each with its worst entry, both numbers, and the cause as far as it can be told: no gradient
    flows; NaN from a branch that is not taken; a sum taken silently; a kink, a jump or a pole at
    the point, if float64 shows it; rounding, where the gradient is right in float64.

    Args:
        fn: a function of tensors that returns a tensor with a single floating-point element, and
            the same one whenever it is called with the same arguments. It runs some ten to some
            hundred times for each input.
        *args: the point: tensors of any shape, NumPy arrays, Python floats (float32), and
            containers of these. fn gets copies.
        order: 2 to check the second derivative as well: the gradient of the slope along a
            direction of ±1, compared with differences of that slope.
        argnums: the position of the input to check, or a tuple of positions; by default every
            argument with floating-point numbers.
        gradient: a function to check instead of `grad` of fn, written by hand or made by another
            tool: ``gradient=grad(fn, compile=True)``, ``gradient=mindspore.grad(fn)``. It takes the
            arguments of fn and returns the gradient by the argument at ``argnums``, or a tuple of
            them if there are several. For ``order=1`` only.
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
    if current_record() is not None or is_recorded_by_mindspore():
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
    tolerance = Allowance(rtol, atol)
    random = np.random.default_rng(seed)
    point = Point(fn, args, kwargs, argnums)
    single = len(point.positions) == 1 and not isinstance(argnums, (tuple, list))
    if gradient is not None:
        _refuse_sum(point, gradient, single, tolerance, random)
    _require_agreement("gradient", point, Derivative(point, gradient, single), tolerance, random)
    if order == 2 and point.inputs:
        along = point.replacing(slope_along(point, random))
        _require_agreement("second derivative", along, Derivative(along), tolerance, random)


def _require_agreement(
    what: str, point: Point, derivative: Derivative, tolerance: Allowance, random: Any
) -> None:
    with eager_mode():  # where there are values to take differences of
        values = Values(point)
    found = derivative.by_inputs()
    findings = []
    with eager_mode():
        for number, part in enumerate(point.inputs):
            comparer = Comparer(values, part, found[number], tolerance, random)
            worst = comparer.worst()
            if worst is not None:
                findings.append(Finding(point, derivative, number, comparer, worst))
        if findings:
            mode = ", computed in Graph mode," if derivative.was_compiled else ""
            raise GradientError(report(f"The {what} of {name_of(point.given)}{mode}", findings))


def _refuse_sum(
    point: Point, gradient: Callable[..., Any], single: bool, tolerance: Allowance, random: Any
) -> None:
    """Say whether the gradient given for a function with several values is that of their sum."""
    args, kwargs = point.arguments()
    with eager_mode():
        value = point.fn(*args, **kwargs)
    if not isinstance(value, ms.Tensor) or value.size <= 1:
        return
    summed = point.replacing(lambda *args, **kwargs: point.fn(*args, **kwargs).sum())
    try:
        given = Derivative(summed, gradient, single)
        _require_agreement("sum", summed, given, tolerance, random)
    except GradientError:
        point.value()  # raises what holds for every function with several values
    raise GradientError(
        f"The function returned a tensor of shape {value.shape}, and the gradient given is that "
        "of the sum of its entries: the sum was taken silently, as mindspore.grad does. Write "
        ".sum() into the function if it is meant; the derivative of every entry is the Jacobian."
    )
