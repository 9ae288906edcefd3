"""Products of derivatives with vectors, without the matrix: vjp, jvp and hvp."""

from collections.abc import Callable
from typing import Any

from mindspore import ops

from d2l_autograd.arguments.checks import (
    alike_in_graph,
    argnums_in_graph,
    as_constant,
    as_inputs,
    pair_in_graph,
    prepared,
    require_alike,
    require_argnums,
    require_function,
    require_given,
    require_pair,
    require_tensors,
)
from d2l_autograd.arguments.trees import folded, inner, leaves, mapped, rebuilt, unit_vectors
from d2l_autograd.derivatives.gradient import Argnums, chosen, grad, labelled
from d2l_autograd.engine.compiled import CannotCompile, with_defaults
from d2l_autograd.engine.modes import RightMode
from d2l_autograd.engine.twins import named
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import compiling
from d2l_autograd.mindspore_internals.failures import told_plainly


def vjp(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that multiplies a vector with the Jacobian of fn, in reverse mode.

    With x of shape (n,), fn(x) of shape (m,) and the vector u of shape (m,), ``vjp(fn)(x, u)`` is
    u @ J, of shape (n,): the gradient of the sum of ``fn(x) * u``. The vector comes last, after
    all arguments of fn. It costs one run of fn and one backward pass, whatever m is.

    Args:
        fn: a function that returns a floating-point tensor of any shape, or tuples, lists and
            dicts of such.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the product and that.
        compile: see `grad`.

    Returns:
        A function that returns the product, built like the input; for a tuple of positions, a
        tuple of products. It may be differentiated.

    Raises:
        GradientError: as `grad` does, except that the value need not be a scalar; or the vector
            is not built like the value.
    """
    if not compiling():
        require_function(fn, "vjp")
        fn = named(fn)
    pulled_back = grad(_dotted(fn, has_aux), argnums, has_aux=has_aux, compile=compile)

    def product(*args: Any, **kwargs: Any) -> Any:
        return pulled_back(*_with_vector("vjp", args, argnums), **kwargs)

    return labelled(product, "vjp", fn, argnums, has_aux)


def hvp(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Callable[..., Any]:
    """Return the function that multiplies the Hessian of fn with a vector, without the Hessian.

    With x and v of shape (n,) and fn(x) a scalar, ``hvp(fn)(x, v)`` is H @ v, of shape (n,): the
    derivative of the gradient in the direction v. The vector comes last, after all arguments of
    fn, and is built like the input; for a tuple of positions it is a tuple, and so is the product.

    Args:
        fn: a function that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the product and that.

    Raises:
        GradientError: as `grad` does; fn cannot be compiled, which gradients of gradients need;
            or the vector is not built like the input.

    Reference: B. A. Pearlmutter, Fast exact multiplication by the Hessian, 1994.
    """
    if not compiling():
        require_function(fn, "hvp")
        fn = named(fn)
    pulled_back = vjp(grad(fn, argnums, has_aux=has_aux), argnums, has_aux=has_aux)

    def product(*args: Any, **kwargs: Any) -> Any:
        return pulled_back(*_with_vector("hvp", args, argnums), **kwargs)

    return labelled(product, "hvp", fn, argnums, has_aux)


def jvp(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Callable[..., Any]:
    """Return the function that multiplies the Jacobian of fn with a vector, as forward mode does.

    With x and v of shape (n,) and fn(x) of shape (m,), ``jvp(fn)(x, v)`` is J @ v, of shape (m,):
    the derivative of fn in the direction v. The vector comes last, after all arguments of fn, and
    is built like the input; for a tuple of positions it is a tuple.

    MindSpore has no forward mode. u @ J is linear in u, and J @ v is the gradient of u @ J @ v by
    u: two backward passes, compiled. A function that cannot be compiled is differentiated row by
    row instead, at the price of a backward pass for each entry of its value.

    Args:
        fn: a function that returns a floating-point tensor of any shape, or tuples, lists and
            dicts of such.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the product and that.

    Returns:
        A function that returns the product, built like the value. It may be differentiated.

    Raises:
        GradientError: as `vjp` does.
    """
    if not compiling():
        require_function(fn, "jvp")
        fn = named(fn)
    step = (_pushed_forward if compiling() else _in_right_mode)(fn, argnums, has_aux)

    def product(*args: Any, **kwargs: Any) -> Any:
        result, tangent = step(*args, **kwargs)
        return (tangent, result[1]) if has_aux else tangent

    return labelled(product, "jvp", fn, argnums, has_aux)


def _in_right_mode(fn: Callable[..., Any], argnums: Argnums, has_aux: bool) -> Callable[..., Any]:
    positions = require_argnums(argnums)
    in_graph = _pushed_forward(with_defaults(fn), argnums, has_aux)
    in_python = RightMode(
        without_vector(fn), compiled=in_graph, recipe=("jvp", argnums, has_aux), compile=True
    )

    def pushed_forward(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        *given, vector = _with_vector("jvp", args, argnums)
        inputs = prepared(tuple(given), positions)
        constants = {name: as_constant(value) for name, value in kwargs.items()}
        require_alike(chosen(inputs, argnums), vector)
        try:
            result, tangent = in_python(*inputs, vector, **constants)
        except CannotCompile:
            return _row_by_row(fn, argnums, has_aux, inputs, vector, constants)
        return result, rebuilt(result[0] if has_aux else result, leaves(tangent))

    def step(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return in_graph(*args, **kwargs) if compiling() else pushed_forward(args, kwargs)

    return step


def _with_vector(caller: str, args: tuple[Any, ...], argnums: Argnums) -> tuple[Any, ...]:
    """Return args, the last of which is a vector that belongs to those before it."""
    if compiling():
        positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
        return args if argnums_in_graph(positions, len(args) - 1) else ()
    return _prepared_vector(caller, args, argnums)


def _prepared_vector(caller: str, args: tuple[Any, ...], argnums: Argnums) -> tuple[Any, ...]:
    if len(args) < 2:
        raise GradientError(
            f"{caller}(f) takes the arguments of f and then the vector: {caller}(f)(x, v). It was "
            f"called with {len(args)} positional argument{'s' if len(args) != 1 else ''}."
        )
    require_given(require_argnums(argnums), len(args) - 1)
    return (*args[:-1], as_inputs(args[-1], "The vector"))


def _dotted(fn: Callable[..., Any], has_aux: bool) -> Callable[..., Any]:
    """Return the scalar function whose gradient is the vector-Jacobian product."""
    filled = fn if compiling() else with_defaults(fn)

    def dotted(*args: Any, **kwargs: Any) -> Any:
        result = filled(*args[:-1], **kwargs)
        if has_aux and not pair_in_graph(result):
            require_pair(result)
        value = result[0] if has_aux else result
        if not alike_in_graph(value, args[-1]):
            require_alike(value, args[-1])
        product = inner(value, args[-1])
        return (product, result[1]) if has_aux else product

    return labelled(dotted, "dotted", fn, has_aux)


def _pushed_forward(fn: Callable[..., Any], argnums: Argnums, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the result of fn and the product; compilable."""

    def step(*args: Any, **kwargs: Any) -> Any:
        inputs, vector = args[:-1], args[-1]
        result = fn(*inputs, **kwargs)

        def pulled_back(u: Any) -> Any:
            product = vjp(fn, argnums, has_aux=has_aux)(*inputs, u, **kwargs)
            return inner(product[0] if has_aux else product, vector)

        value = result[0] if has_aux else result
        return result, grad(pulled_back)(mapped(ops.zeros_like, value))

    return step


def _row_by_row(
    fn: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    inputs: tuple[Any, ...],
    vector: Any,
    constants: dict[str, Any],
) -> tuple[Any, Any]:
    with told_plainly():
        result = fn(*inputs, **constants)
        value = require_pair(result)[0] if has_aux else result
        require_tensors(value)
    pull_back = vjp(fn, argnums, has_aux=has_aux)
    entries = []
    for unit in unit_vectors(value):
        row = pull_back(*inputs, unit, **constants)
        entries.append(inner(row[0] if has_aux else row, vector))
    return result, folded(ops.stack(entries), value)


def without_vector(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return fn for arguments that are followed by a vector."""
    return labelled(lambda *args, **kwargs: fn(*args[:-1], **kwargs), "without_vector", fn)
