"""Variables with a slot for their gradient."""

import itertools
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.arguments.checks import (
    as_input,
    refuse_in_graph,
    require_function,
    scalar_in_graph,
)
from d2l_autograd.engine.captures import Captures, Same
from d2l_autograd.engine.compiled import with_defaults
from d2l_autograd.engine.kept import keep, recall
from d2l_autograd.engine.modes import RightMode
from d2l_autograd.engine.recording import recordable
from d2l_autograd.engine.twins import named
from d2l_autograd.errors import GradientError

_numbers = itertools.count(1)


def attach_grad(x: Any) -> ms.Parameter:
    """Return a variable with the value of x and a slot for its gradient, ``.grad``, still None.

    Args:
        x: a floating-point tensor or NumPy array of any shape, or a Python float. Its numbers are
            copied. A Parameter is not copied: it gets the slot itself, and keeps one it has.

    Returns:
        A ``mindspore.Parameter`` with the shape and dtype of x; a Python float becomes float32.

    Raises:
        GradientError: x is not of floating point, or no tensor at all.
    """
    if isinstance(x, ms.Parameter):
        as_input(x, "The variable")
        variable = x
    else:
        # Graph mode tells Parameters apart by name.
        name = f"variable{next(_numbers)}"
        variable = ms.Parameter(as_input(x, "The value of a variable").copy(), name=name)
    if not hasattr(variable, "grad"):
        variable.grad = None
    return variable


def backward(
    fn: Callable[..., Any], *variables: ms.Parameter, accumulate: bool = False
) -> ms.Tensor:
    """Evaluate ``fn(*variables)``, store the gradients in the variables, and return the value.

    Each gradient is the derivative by every use of the variable: a variable passed twice, or used
    by fn without being passed on, counts in full. The slot of a variable is created at the first
    call and from then on rewritten in place; copy it to keep a gradient.

    Args:
        fn: a function of the variables that returns a tensor with a single element.
        variables: what `attach_grad` returned. A variable that fn does not use gets zeros. A
            frozen one (``requires_grad`` is False) is a constant, and its slot stays as it is.
        accumulate: add to the gradients in the slots instead of overwriting them.

    Returns:
        The value of fn, a tensor of the shape and dtype that fn returned.

    Raises:
        GradientError: there is no variable, one of them has no slot, or all are frozen; a
            gradient to be added to has another shape or dtype than the variable has now; fn does
            not return a scalar, or has to be compiled and cannot be. The slots stay as they were.
    """
    if refuse_in_graph():
        return ms.Tensor(0.0)
    require_function(fn, "backward")
    learned = _to_be_learned(variables)
    value, gradients = _derivative(fn, variables, learned)()
    if accumulate:
        for variable, gradient in zip(learned, gradients, strict=True):
            _require_same_kind(variable.grad, gradient)
    for variable, gradient in zip(learned, gradients, strict=True):
        _store(variable, gradient, accumulate)
    return value


def zero_grad(*variables: ms.Parameter) -> None:
    """Fill the gradient slots of the variables with zeros, in place; an empty slot stays None."""
    for variable in variables:
        _require_slot(variable)
        if variable.grad is not None:
            variable.grad.copy_(ops.zeros_like(variable.grad))


def _to_be_learned(variables: tuple[ms.Parameter, ...]) -> list[ms.Parameter]:
    """Return the variables that are not frozen, each one once."""
    if not variables:
        raise GradientError(
            "backward was given a function and no variable. Pass the variables that the function "
            "takes: backward(f, x)."
        )
    for variable in variables:
        _require_slot(variable)
    learned = {id(variable): variable for variable in variables if variable.requires_grad}
    if not learned:
        raise GradientError(
            "Every variable is frozen (requires_grad is False), so there is nothing to "
            "differentiate. Set x.requires_grad = True on one of them."
        )
    return list(learned.values())


def _require_slot(variable: Any) -> None:
    if isinstance(variable, ms.Parameter) and hasattr(variable, "grad"):
        return
    raise GradientError(
        f"A {type(variable).__name__} without a gradient slot was given where a variable belongs. "
        "Make it one first: x = attach_grad(x)."
    )


def _derivative(
    fn: Callable[..., Any], variables: tuple[ms.Parameter, ...], learned: list[ms.Parameter]
) -> RightMode:
    """Return what computes the value and the gradients, the same at each call for one function."""
    twin = named(fn)
    parts = [getattr(fn, name, None) for name in ("__globals__", "__defaults__", "__kwdefaults__")]
    own = [*(getattr(fn, "__closure__", None) or ()), *parts, *variables, None, *learned]
    recipe = ("backward", *map(Same, own))
    made = recall(twin, recipe, ())
    if made is None:
        made = _differentiated(twin, variables, learned, recipe)
        keep(twin, recipe, (), made)
    return made


def _differentiated(
    fn: Callable[..., Any],
    variables: tuple[ms.Parameter, ...],
    learned: list[ms.Parameter],
    recipe: tuple[Any, ...],
) -> RightMode:
    weights = ms.ParameterTuple(learned)
    filled = with_defaults(fn)

    def scalar() -> Any:
        value = filled(*variables)
        return value if scalar_in_graph(value) else None

    def compiled() -> Any:
        return ms.value_and_grad(scalar, None, weights)()

    def eager(captures: Captures) -> Any:
        return ms.value_and_grad(recordable(lambda: fn(*variables)), None, weights)

    def value() -> Any:
        return fn(*variables)

    value.differentiates = (fn, variables)  # type: ignore[attr-defined]
    return RightMode(value, eager=eager, compiled=compiled, recipe=recipe)


def _store(variable: ms.Parameter, gradient: ms.Tensor, accumulate: bool) -> None:
    slot = variable.grad
    if slot is None or not _same_kind(slot, gradient):
        variable.grad = gradient.copy()  # MindSpore's gradient may share memory with an operand
    else:
        slot.copy_(slot + gradient if accumulate else gradient)


def _require_same_kind(slot: ms.Tensor | None, gradient: ms.Tensor) -> None:
    if slot is not None and not _same_kind(slot, gradient):
        raise GradientError(
            f"The slot holds a gradient of shape {slot.shape} and type {slot.dtype}, and the new "
            f"one has shape {gradient.shape} and type {gradient.dtype}, so they cannot be added. "
            "Call backward once without accumulate=True, or set x.grad = None, after changing the "
            "shape of a variable."
        )


def _same_kind(slot: ms.Tensor, gradient: ms.Tensor) -> bool:
    return slot.shape == gradient.shape and slot.dtype == gradient.dtype
