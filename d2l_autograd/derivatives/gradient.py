"""Gradients of scalar-valued functions."""

from collections.abc import Callable
from typing import Any

from d2l_autograd.arguments.checks import (
    as_constant,
    in_order,
    prepared,
    require_argnums,
    require_function,
    require_given,
    require_scalar,
)
from d2l_autograd.engine import inside_jit
from d2l_autograd.engine.amortized import Amortized, amortized
from d2l_autograd.engine.compiled import compiled
from d2l_autograd.engine.run import Run
from d2l_autograd.engine.shapes import seed
from d2l_autograd.mindspore_internals.compile_time import compiling

Argnums = int | tuple[int, ...]


def grad(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the gradient of fn.

    With x of shape (n,) and fn(x) a scalar, ``grad(fn)(x)`` is the gradient at x, of shape (n,).
    It takes the arguments of fn, keyword arguments included. It may itself be differentiated:
    ``grad(grad(fn))`` is the second derivative of a function of one number.

    fn runs once, in Python, whatever it is made of; the operators that run are recorded, and
    differentiated in reverse. Inputs are copied first, so that fn may change its own in place.
    After a few dozen calls in which fn ran the same operators on tensors of the same shapes, the
    backward pass is compiled, once, in a fraction of a second; fn itself always runs in Python.

    Args:
        fn: a function of tensors that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions; negative
            ones count from the last argument.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the gradient and that.
        compile: compile what was recorded into one graph of MindSpore, which takes 0.1 to 1 s and
            serves later calls with the same shapes. Where fn draws random numbers, leaves something
            behind (in a list, an attribute, a file), or depends on what cannot be followed, a
            warning says so once, and each call runs as without it.

    Returns:
        A function that returns the gradient, a tensor with the shape and dtype of the input; for
        a tuple of positions, a tuple of gradients in its order. Inputs may be floating-point
        tensors, NumPy arrays, or Python floats, which become float32 scalars; or tuples, lists,
        dicts, named tuples and dataclasses of these, nested as you like, whose gradient is built
        like them, with None for a constant in them.

    Raises:
        GradientError: fn is not callable, or argnums is empty or no position; at the call: an
            input is not of floating point, the value is not a scalar, an operator has no backward
            rule, or the value depends on the input by way of Python or NumPy.
    """
    if compiling():
        return inside_jit.grad(fn, argnums, has_aux)
    single = isinstance(argnums, int)
    differentiated = _differentiated("grad", fn, argnums, has_aux, compile)
    within = inside_jit.grad(inside_jit.prepared(fn), argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        if compiling():
            return within(*args, **kwargs)
        _, aux, gradients = differentiated(*args, **kwargs)
        result = gradients[0] if single else gradients
        return (result, aux) if has_aux else result

    return labelled(gradient, "grad", fn)


def value_and_grad(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the value of fn and its gradient in one run.

    ``value_and_grad(fn)(x)`` is the pair ``fn(x), grad(fn)(x)``; with has_aux, the first of the
    two is the pair that fn returned. Arguments, gradients and errors are those of `grad`.
    """
    if compiling():
        return inside_jit.value_and_grad(fn, argnums, has_aux)
    single = isinstance(argnums, int)
    differentiated = _differentiated("value_and_grad", fn, argnums, has_aux, compile)
    within = inside_jit.value_and_grad(inside_jit.prepared(fn), argnums, has_aux)

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if compiling():
            return within(*args, **kwargs)
        value, aux, gradients = differentiated(*args, **kwargs)
        return (value, aux) if has_aux else value, gradients[0] if single else gradients

    return labelled(value_and_gradient, "value_and_grad", fn)


def _differentiated(
    caller: str, fn: Callable[..., Any], argnums: Argnums, has_aux: bool, compile: bool
) -> Callable[..., tuple[Any, Any, Any]]:
    """Return the function that computes value, aux, and a tuple of gradients."""
    require_function(fn, caller)
    positions = require_argnums(argnums)
    graphs = amortized(fn, "gradient")

    def step(*args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        counted = require_given(positions, len(args))
        found = differentiate(fn, counted, has_aux, args, kwargs, graphs)
        return (None, *found[1:]) if caller == "grad" else found  # a graph does without the value

    return called_in_order(fn, positions, compiled(step, fn, caller, compile=compile))


def differentiate(
    fn: Callable[..., Any],
    positions: tuple[int, ...],
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    graphs: Amortized,
) -> tuple[Any, Any, Any]:
    """Return the value of fn, aux, and a tuple of gradients, for arguments that are prepared."""
    with graphs.call() as call, Run(fn, positions, has_aux) as run:
        run.of(args, kwargs)
        value = require_scalar(run.value)
        run.stop()
        gradients = call.second_part(
            run, (run.inputs, value), lambda: run.gradients([(value, seed(value))])
        )
        return value, run.aux, gradients


def called_in_order(
    fn: Callable[..., Any], positions: tuple[int, ...], step: Callable[..., Any]
) -> Callable[..., Any]:
    """Return a derivative for arguments as users give them."""

    def called(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = in_order(fn, positions, args, kwargs)
        inputs = prepared(args, require_given(positions, len(args)))
        constants = {name: as_constant(value) for name, value in kwargs.items()}
        return step(*inputs, **constants)

    return called


def labelled(function: Callable[..., Any], kind: str, fn: Any) -> Any:
    """Name the function that a kind of derivative made of fn."""
    function.__qualname__ = f"{kind}({getattr(fn, '__qualname__', type(fn).__name__)})"
    function.__doc__ = f"The {kind} of a function; see d2l_autograd.{kind}."
    return function
