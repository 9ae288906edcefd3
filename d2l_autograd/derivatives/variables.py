"""Variables with a slot for their gradient."""

import inspect
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.arguments.checks import as_input, require_function, require_scalar
from d2l_autograd.engine.amortized import amortized
from d2l_autograd.engine.compiled import compiled
from d2l_autograd.engine.inside_jit.checks import refuse_in_graph
from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.shapes import seed
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import failures_in_our_words
from d2l_autograd.mindspore_internals.modes import is_graph_mode

_numbers = itertools.count(1)
# What a function captures is looked through anew where it is not among the latest: that takes long.
_latest: deque[tuple[Any, Callable[[], Any]]] = deque(maxlen=4)


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
    fn: Callable[..., Any],
    *variables: ms.Parameter,
    accumulate: bool = False,
    compile: bool = False,
) -> ms.Tensor:
    """Evaluate fn, store its gradients in the variables, and return the value.

    fn is called with the variables, ``fn(*variables)``, or without arguments if it takes none: a
    loss that reaches the parameters of a network by itself. It runs once.

    Each gradient is the derivative by every use of the variable: a variable passed twice, or used
    by fn without being passed on, counts in full. The slot of a variable is created at the first
    call and from then on rewritten in place; copy it to keep a gradient.

    Args:
        fn: a function of the variables, or of nothing, that returns a tensor with a single element.
        variables: what `attach_grad` returned. A variable that fn does not use gets zeros. A
            frozen one (``requires_grad`` is False) is a constant, and its slot stays as it is.
        accumulate: add to the gradients in the slots instead of overwriting them.
        compile: see `grad`. What fn captures may change from call to call: other weights, and
            other batches of the same shapes, are inputs of the graph.

    Returns:
        The value of fn, a tensor of the shape and dtype that fn returned.

    Raises:
        GradientError: there is no variable, one of them has no slot, or all are frozen; a
            gradient to be added to has another shape or dtype than the variable has now; fn does
            not return a scalar, or an operator has no backward rule. The slots stay as they were.
    """
    if refuse_in_graph():
        return ms.Tensor(0.0)
    require_function(fn, "backward")
    learned = _to_be_learned(variables)
    value, gradients = _differentiated(fn, variables, learned, compile)()
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


def _differentiated(
    fn: Callable[..., Any],
    variables: tuple[ms.Parameter, ...],
    learned: list[ms.Parameter],
    compile: bool,
) -> Callable[[], tuple[ms.Tensor, list[ms.Tensor]]]:
    """Return the function that computes the value of fn and its gradients, compiled if asked."""
    graphs = amortized(fn, "backward")

    def differentiate() -> tuple[ms.Tensor, list[ms.Tensor]]:
        given = variables if _takes(fn, variables) else ()
        with graphs.call() as call, Level() as level:
            for variable in learned:
                level.variable(variable)
            with failures_in_our_words():
                value = require_scalar(fn(*given))
            level.stop()
            return value, call.second_part(
                level, value, lambda: level.pull_back([(value, seed(value))])
            )

    if not (compile or is_graph_mode()):
        return differentiate
    same = fn, [id(variable) for variable in variables], [id(variable) for variable in learned]
    for known, found in _latest:
        if known[0] is fn and known == same:
            return found
    found = compiled(differentiate, fn, "backward", compile=True)
    _latest.appendleft((same, found))
    return found


def _takes(fn: Callable[..., Any], variables: tuple[ms.Parameter, ...]) -> bool:
    """Say whether fn takes the variables, rather than no argument at all."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):  # a callable of C, which tells no names
        return True
    return any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters)


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
