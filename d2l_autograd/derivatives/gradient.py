"""Gradients of scalar-valued functions, right in eager mode, in Graph mode and under ms.jit."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.arguments.checks import (
    apart,
    argnums_in_graph,
    as_constant,
    inputs_in_graph,
    pair_in_graph,
    prepared,
    require_argnums,
    require_function,
    require_pair,
    scalar_in_graph,
)
from d2l_autograd.arguments.trees import is_container, leaves, mapped, rebuilt
from d2l_autograd.engine.captures import Captures
from d2l_autograd.engine.compiled import with_defaults
from d2l_autograd.engine.modes import RightMode
from d2l_autograd.engine.recording import recordable
from d2l_autograd.engine.inside_jit.rules.install import rules_in_graph
from d2l_autograd.engine.twins import named
from d2l_autograd.mindspore_internals.compile_time import compiling

Argnums = int | tuple[int, ...]
_HOLD_NOTHING = frozenset({ms.Tensor, ms.Parameter, float, int, str})


def grad(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the gradient of fn.

    With x of shape (n,) and fn(x) a scalar, ``grad(fn)(x)`` is the gradient at x, of shape (n,).
    It takes the arguments of fn, keyword arguments included. It may itself be differentiated:
    ``grad(grad(fn))`` is the second derivative of a function of one number.

    Args:
        fn: a function of tensors that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the gradient and that.
        compile: run the gradient as one graph of MindSpore, which takes 0.1 to 1 s to compile and
            is kept as long as fn lives, for each set of shapes and of values that fn captures.
            It is compiled without being asked where gradients nest and in Graph mode.

    Returns:
        A function that returns the gradient, a tensor with the shape and dtype of the input; for
        a tuple of positions, a tuple of gradients in its order. Inputs may be floating-point
        tensors, NumPy arrays, or Python floats, which become float32 scalars; or tuples, lists
        and dicts of these, nested as you like, whose gradient is built like them.

    Raises:
        GradientError: fn is not callable, or argnums is empty, unknown or no position; at the
            call: an input is not of floating point, the value is not a scalar, or the function
            has to be compiled (a gradient within a gradient, Graph mode) and cannot be.
    """
    differentiated = _differentiated("grad", fn, argnums, has_aux, compile)
    single = isinstance(argnums, int)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, gradients = differentiated(*args, **kwargs)
        result = gradients[0] if single else gradients
        return (result, value[1]) if has_aux else result

    return labelled(gradient, "grad", fn, argnums, has_aux)


def value_and_grad(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the value of fn and its gradient in one run.

    ``value_and_grad(fn)(x)`` is the pair ``fn(x), grad(fn)(x)``. Arguments, gradients and errors
    are those of `grad`.
    """
    differentiated = _differentiated("value_and_grad", fn, argnums, has_aux, compile)
    single = isinstance(argnums, int)

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        value, gradients = differentiated(*args, **kwargs)
        return value, gradients[0] if single else gradients

    return labelled(value_and_gradient, "value_and_grad", fn, argnums, has_aux)


def _differentiated(
    caller: str, fn: Callable[..., Any], argnums: Argnums, has_aux: bool, compile: bool
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the value of fn and a tuple of gradients."""
    if compiling():
        positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
        return _in_graph(fn, positions, has_aux)
    require_function(fn, caller)
    positions = require_argnums(argnums)
    fn = named(fn)

    filled = with_defaults(fn)
    in_graph = _in_graph(filled, positions, has_aux)
    # Whoever wants speed and no value does not pay for the value at each call.
    without_value = compile and caller == "grad" and not has_aux

    def gradients_alone(*args: Any, **kwargs: Any) -> Any:
        value, gradients = in_graph(*args, **kwargs)
        return gradients

    in_python = RightMode(
        fn,
        eager=lambda captures: _eager(fn, positions, has_aux, captures),
        compiled=gradients_alone if without_value else in_graph,
        recipe=("gradient", positions, has_aux, without_value),
        compile=compile,
        value=filled if without_value else None,
    )

    def value_and_gradients(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if compiling():
            return in_graph(*args, **kwargs)
        inputs = prepared(args, positions)
        constants = {name: as_constant(value) for name, value in kwargs.items()}
        value, gradients = in_python(*inputs, **constants)
        if _are_tensors(inputs, positions):
            return value, gradients
        like = tuple([inputs[position] for position in positions])
        return value, rebuilt(like, leaves(gradients))

    return value_and_gradients


def _are_tensors(args: tuple[Any, ...], positions: tuple[int, ...]) -> bool:
    return not any(map(is_container, map(args.__getitem__, positions)))


def _eager(
    fn: Callable[..., Any], positions: tuple[int, ...], has_aux: bool, captures: Captures
) -> Callable[..., Any]:
    aux = None

    def without_aux(*args: Any, **kwargs: Any) -> Any:
        nonlocal aux
        value, aux = require_pair(fn(*args, **kwargs))
        return value

    scalar = without_aux if has_aux else fn
    of_tensors = ms.value_and_grad(recordable(scalar), positions)

    def of_leaves(*args: Any, **kwargs: Any) -> Any:
        """Differentiate by all leaves, which follow each other as MindSpore wants them."""
        given = tuple([args[position] for position in positions])
        inputs = [apart(leaf) for leaf in leaves(given)]

        def of(*inputs: Any) -> Any:
            return scalar(*placed(args, positions, rebuilt(given, inputs)), **kwargs)

        value, gradients = ms.value_and_grad(recordable(of), tuple(range(len(inputs))))(*inputs)
        return value, gradients if len(inputs) > 1 else (gradients,)

    def value_and_gradients(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        nonlocal aux
        if _are_tensors(args, positions):
            value, gradients = of_tensors(*_apart(args, kwargs, positions, captures), **kwargs)
            gradients = gradients if len(positions) > 1 else (gradients,)
        else:
            value, gradients = of_leaves(*args, **kwargs)
        if has_aux:
            value, aux = (value, mapped(_constant, aux)), None
        return value, gradients

    return value_and_gradients


def _apart(
    args: tuple[Any, ...], kwargs: dict[str, Any], positions: tuple[int, ...], captures: Captures
) -> list[Any]:
    """Return args with the inputs as tensors of their own, if they might be used twice."""
    own = list(args)
    ids = list(map(id, args))
    in_sight = not kwargs and _HOLD_NOTHING.issuperset(map(type, args))
    for position in positions:
        tensor = args[position]
        alone = in_sight and ids.count(id(tensor)) == 1
        if not alone or captures.may_hold(tensor) or isinstance(tensor, ms.Parameter):
            own[position] = apart(tensor)
    return own


def _constant(leaf: Any) -> Any:
    return apart(leaf) if isinstance(leaf, ms.Tensor) else leaf


def _in_graph(fn: Any, positions: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the same computation for MindSpore to compile: in its syntax, all inputs tensors."""
    single = len(positions) == 1

    def value_and_gradients(*args: Any, **kwargs: Any) -> Any:
        # A function of everything: MindSpore fails to differentiate a condition or a loop in a
        # function that captures the arguments, or takes any number of them.
        def scalar(inputs: Any, args: Any, kwargs: Any) -> Any:
            given = placed(args, positions, (inputs,) if single else inputs)
            result = fn(*given, **kwargs)
            if has_aux:
                value, aux = result if pair_in_graph(result) else (None, None)
                return (value, aux) if scalar_in_graph(value) else None
            return result if scalar_in_graph(result) else None

        if not (rules_in_graph() and argnums_in_graph(positions, len(args))):
            return None
        inputs = tuple([mapped(_as_tensor, args[position]) for position in positions])
        if not inputs_in_graph(inputs):
            return None
        # What is known while compiling would count as a constant, and have no gradient at all.
        inputs = ms.mutable(inputs[0] if single else inputs)
        value, gradients = ms.value_and_grad(scalar, 0, None, has_aux)(inputs, args, kwargs)
        return value, (gradients,) if single else gradients

    return value_and_gradients


def _as_tensor(leaf: Any) -> Any:
    return ops.scalar_to_tensor(leaf, ms.float32) if isinstance(leaf, float) else leaf


def placed(args: Any, positions: Any, inputs: Any) -> Any:
    """Return args with the inputs at their positions; compilable."""
    for index in range(len(positions)):
        position = positions[index]
        args = args[:position] + (inputs[index],) + args[position + 1 :]
    return args


def chosen(args: Any, argnums: Any) -> Any:
    """Return the argument at a position, or a tuple of those at several; compilable."""
    if isinstance(argnums, int):
        return args[argnums]
    return tuple([args[position] for position in argnums])


def labelled(function: Callable[..., Any], kind: str, fn: Any, *choices: Any) -> Any:
    """Name what a kind of derivative made of fn, and note what makes two of them the same."""
    if compiling():
        return function
    function.__qualname__ = f"{kind}({getattr(fn, '__qualname__', type(fn).__name__)})"
    function.__doc__ = f"The {kind} of a function; see d2l_autograd.{kind}."
    function.differentiates = (fn, *choices)  # type: ignore[attr-defined]
    return function
