"""Products of derivatives with vectors, without the matrix: vjp, jvp and hvp."""

from collections.abc import Callable
from typing import Any

from mindspore import Tensor

from d2l_autograd.arguments.checks import (
    as_inputs,
    require_alike,
    require_argnums,
    require_function,
    require_given,
    require_scalar,
    require_tensors,
)
from d2l_autograd.arguments.trees import rebuilt, tensors
from d2l_autograd.derivatives.gradient import Argnums, called_in_order, labelled
from d2l_autograd.engine import inside_jit
from d2l_autograd.engine.amortized import amortized
from d2l_autograd.engine.compiled import compiled
from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.run import Run
from d2l_autograd.engine.shapes import constant, seed
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import compiling


def vjp(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that multiplies a vector with the Jacobian of fn, in reverse mode.

    With x of shape (n,), fn(x) of shape (m,) and the vector u of shape (m,), ``vjp(fn)(x, u)`` is
    u @ J, of shape (n,): the gradient of the sum of ``fn(x) * u``. The vector comes last, after
    all arguments of fn. It costs one run of fn and one backward pass, whatever m is, until a graph
    answers; see `jacobian`.

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

    def multiply(run: Run, vector: Any) -> tuple[Any, ...]:
        require_tensors(run.value)
        require_alike(run.value, vector)
        run.stop()
        return run.gradients(list(zip(tensors(run.value), tensors(vector), strict=True)))

    return _product("vjp", multiply, inside_jit.vjp, fn, argnums, has_aux, compile)


def hvp(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that multiplies the Hessian of fn with a vector, without the Hessian.

    With x and v of shape (n,) and fn(x) a scalar, ``hvp(fn)(x, v)`` is H @ v, of shape (n,): the
    derivative of the gradient in the direction v. The vector comes last, after all arguments of
    fn, and is built like the input; for a tuple of positions it is a tuple, and so is the product.
    fn runs once, until a graph answers; see `jacobian`.

    Args:
        fn: a function that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the product and that.
        compile: see `grad`.

    Raises:
        GradientError: as `grad` does; or the vector is not built like the input.

    Reference: B. A. Pearlmutter, Fast exact multiplication by the Hessian, 1994.
    """

    def multiply(run: Run, vector: Any) -> tuple[Any, ...]:
        value = require_scalar(run.value)
        _require_like_inputs(run, argnums, vector)
        gradients = run.gradients([(value, seed(value))])
        run.stop()
        return run.gradients(list(zip(tensors(gradients), tensors(vector), strict=True)))

    return _product("hvp", multiply, inside_jit.hvp, fn, argnums, has_aux, compile)


def jvp(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that multiplies the Jacobian of fn with a vector, as forward mode does.

    With x of shape (n,) and fn(x) of shape (m,), ``jvp(fn)(x, v)`` is J @ v, of shape (m,):
    the derivative of fn in the direction v. The vector comes last, after all arguments of fn, and
    is built like the input; for a tuple of positions it is a tuple.

    MindSpore has no forward mode. u @ J is linear in u, and J @ v is the gradient of u @ J @ v by
    u: one run of fn and two backward passes, whatever n is, until a graph answers; see `jacobian`.

    Args:
        fn: a function that returns a floating-point tensor of any shape, or tuples, lists and
            dicts of such.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the product and that.
        compile: see `grad`.

    Returns:
        A function that returns the product, built like the value. It may be differentiated.

    Raises:
        GradientError: as `vjp` does.
    """
    if compiling():
        return inside_jit.jvp(fn, argnums, has_aux)
    require_function(fn, "jvp")
    positions = require_argnums(argnums)
    graphs = amortized(fn, "jvp")
    within = inside_jit.jvp(inside_jit.prepared(fn), argnums, has_aux)

    def differentiate(*args: Any, **kwargs: Any) -> Any:
        given, vector = args[:-1], args[-1]
        counted = require_given(positions, len(given))
        with graphs.call() as call, Level() as outer, Run(fn, counted, has_aux) as run:
            run.of(given, kwargs)
            require_tensors(run.value)
            _require_like_inputs(run, argnums, vector)

            def tangents() -> list[Tensor]:
                value = tensors(run.value)
                zeros = [outer.input(constant(0.0, part.shape, part.dtype)) for part in value]
                run.stop()
                products = run.gradients(list(zip(value, zeros, strict=True)))
                outer.stop()
                return outer.pull_back(list(zip(tensors(products), tensors(vector), strict=True)))

            found = call.second_part(run, (run.inputs, run.value, vector), tangents)
            tangent = rebuilt(run.value, found)
            return (tangent, run.aux) if has_aux else tangent

    step = compiled(differentiate, fn, "jvp", compile=compile, graphs=graphs)

    def product(*args: Any, **kwargs: Any) -> Any:
        if compiling():
            return within(*args, **kwargs)
        return _with_vector("jvp", fn, positions, step)(*args, **kwargs)

    return labelled(product, "jvp", fn)


def _product(
    kind: str,
    multiply: Callable[[Run, Any], tuple[Any, ...]],
    make_within: Callable[..., Any],
    fn: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    compile: bool,
) -> Callable[..., Any]:
    """Return the product of a vector with a derivative of fn, of which multiply has the formula."""
    if compiling():
        return make_within(fn, argnums, has_aux)
    require_function(fn, kind)
    positions = require_argnums(argnums)
    single = isinstance(argnums, int)
    graphs = amortized(fn, kind)
    within = make_within(inside_jit.prepared(fn), argnums, has_aux)

    def differentiate(*args: Any, **kwargs: Any) -> Any:
        given, vector = args[:-1], args[-1]
        counted = require_given(positions, len(given))
        with graphs.call() as call, Run(fn, counted, has_aux) as run:
            run.of(given, kwargs)
            products = call.second_part(
                run, (run.inputs, run.value, vector), lambda: multiply(run, vector)
            )
            found = products[0] if single else products
            return (found, run.aux) if has_aux else found

    step = compiled(differentiate, fn, kind, compile=compile, graphs=graphs)

    def product(*args: Any, **kwargs: Any) -> Any:
        if compiling():
            return within(*args, **kwargs)
        return _with_vector(kind, fn, positions, step)(*args, **kwargs)

    return labelled(product, kind, fn)


def _with_vector(
    kind: str, fn: Callable[..., Any], positions: tuple[int, ...], step: Callable[..., Any]
) -> Callable[..., Any]:
    """Return step for arguments as users give them, the last of which is a vector."""

    def called(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 2:
            raise GradientError(
                f"{kind}(f) takes the arguments of f and then the vector: {kind}(f)(x, v). It was "
                f"called with {len(args)} positional argument{'s' if len(args) != 1 else ''}."
            )
        vector = as_inputs(args[-1], "The vector")

        def of(*args: Any, **kwargs: Any) -> Any:
            return step(*args, vector, **kwargs)

        return called_in_order(fn, positions, of)(*args[:-1], **kwargs)

    return called


def _require_like_inputs(run: Run, argnums: Argnums, vector: Any) -> None:
    require_alike(run.inputs[0] if isinstance(argnums, int) else run.inputs, vector)
