"""Gradients of scalar-valued functions, right in eager mode, in Graph mode and under ms.jit."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd._checks import (
    argnums_in_graph,
    as_constant,
    compiling,
    inputs_in_graph,
    prepared,
    require_argnums,
    require_function,
    scalar_in_graph,
)
from d2l_autograd._compiled import with_defaults
from d2l_autograd._lambdas import named
from d2l_autograd._modes import RightMode
from d2l_autograd._recording import recordable


def grad(fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the function that computes the gradient of fn.

    With x of shape (n,) and fn(x) a scalar, ``grad(fn)(x)`` is the gradient at x, of shape (n,).
    It takes the arguments of fn, keyword arguments included. It may itself be differentiated:
    ``grad(grad(fn))`` is the second derivative of a function of one number.

    Args:
        fn: a function of tensors that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions.

    Returns:
        A function that returns the gradient, a tensor with the shape and dtype of the input; for
        a tuple of positions, a tuple of gradients in its order. Inputs may be floating-point
        tensors, NumPy arrays, or Python floats, which become float32 scalars.

    Raises:
        GradientError: fn is not callable, or argnums is empty, unknown or no position; at the
            call: an input is not of floating point, the value is not a scalar, or the function
            has to be compiled (a gradient within a gradient, Graph mode) and cannot be.
    """
    differentiated = _differentiated("grad", fn, argnums)
    single = isinstance(argnums, int)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        gradients = differentiated(*args, **kwargs)[1]
        return gradients[0] if single else gradients

    return _labelled(gradient, "grad", fn, argnums)


def value_and_grad(
    fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the value of fn and its gradient in one run.

    ``value_and_grad(fn)(x)`` is the pair ``fn(x), grad(fn)(x)``. Arguments, gradients and errors
    are those of `grad`.
    """
    differentiated = _differentiated("value_and_grad", fn, argnums)
    single = isinstance(argnums, int)

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        value, gradients = differentiated(*args, **kwargs)
        return value, gradients[0] if single else gradients

    return _labelled(value_and_gradient, "value_and_grad", fn, argnums)


def _differentiated(
    caller: str, fn: Callable[..., Any], argnums: int | tuple[int, ...]
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the value of fn and a tuple of gradients."""
    if compiling():
        return _in_graph(fn, argnums if isinstance(argnums, (tuple, list)) else (argnums,))
    require_function(fn, caller)
    positions = require_argnums(argnums)
    fn = named(fn)

    in_graph = _in_graph(with_defaults(fn), positions)
    in_python = RightMode(fn, eager=lambda: _eager(fn, positions), compiled=in_graph)

    def value_and_gradients(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if compiling():
            return in_graph(*args, **kwargs)
        constants = {name: as_constant(value) for name, value in kwargs.items()}
        return in_python(*prepared(args, positions), **constants)

    return value_and_gradients


def _eager(fn: Callable[..., Any], positions: tuple[int, ...]) -> Callable[..., Any]:
    raw = ms.value_and_grad(recordable(fn), positions)
    if len(positions) > 1:
        return raw

    def value_and_gradients(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        value, gradient = raw(*args, **kwargs)
        return value, (gradient,)

    return value_and_gradients


def _in_graph(fn: Any, positions: Any) -> Callable[..., Any]:
    """Return the same computation for MindSpore to compile: in its syntax, all inputs tensors."""

    def value_and_gradients(*args: Any, **kwargs: Any) -> Any:
        def scalar(inputs: Any) -> Any:
            value = fn(*_placed(args, positions, inputs), **kwargs)
            return value if scalar_in_graph(value) else None

        if not argnums_in_graph(positions, len(args)):
            return None
        # What is known while compiling would count as a constant, and have no gradient at all.
        inputs = ms.mutable(tuple([_as_tensor(args[position]) for position in positions]))
        if inputs_in_graph(inputs):
            return ms.value_and_grad(scalar)(inputs)
        return None

    return value_and_gradients


def _as_tensor(value: Any) -> Any:
    if isinstance(value, float):
        return ops.scalar_to_tensor(value, ms.float32)
    return value


def _placed(args: Any, positions: Any, inputs: Any) -> Any:
    """Return args with the inputs at their positions."""
    for index in range(len(positions)):
        position = positions[index]
        args = args[:position] + (inputs[index],) + args[position + 1 :]
    return args


def _labelled(
    gradient: Callable[..., Any], kind: str, fn: Callable[..., Any], argnums: Any
) -> Callable[..., Any]:
    """Name a gradient function after fn, and note what makes two of them the same."""
    if compiling():
        return gradient
    gradient.__qualname__ = f"{kind}({getattr(fn, '__qualname__', type(fn).__name__)})"
    gradient.__doc__ = f"The {kind} of a function; see d2l_autograd.{kind}."
    gradient.differentiates = (fn, argnums)  # type: ignore[attr-defined]
    return gradient
