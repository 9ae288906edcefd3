"""Jacobians and Hessians as matrices, many rows at a time."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.arguments.checks import (
    as_constant,
    few_in_graph,
    prepared,
    require_argnums,
    require_function,
    require_mode,
    require_pair,
    require_tensors,
)
from d2l_autograd.arguments.trees import entries, flat, folded, parts, rebuilt, unit_vectors
from d2l_autograd.derivatives.gradient import Argnums, chosen, grad, labelled
from d2l_autograd.derivatives.products import jvp, vjp, without_vector
from d2l_autograd.engine.compiled import CannotCompile, as_float64, with_defaults
from d2l_autograd.engine.recording import refuse_nesting
from d2l_autograd.engine.twins import named
from d2l_autograd.engine.vectorized import Checked, close
from d2l_autograd.mindspore_internals.compile_time import compiling
from d2l_autograd.mindspore_internals.failures import told_plainly

Mode = Literal["forward", "reverse"]

_FEW = 8  # so many rows one after the other take less time than compiling them together
_ROWS = 16  # at least so many together
_LARGEST = 2**25  # entries of a tensor while rows are computed together, if each makes a matrix


def jacobian(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    mode: Mode | None = None,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian of fn, the derivative of every entry.

    With x of shape (n,) and fn(x) of shape (m,), ``jacobian(fn)(x)`` has shape (m, n), and entry
    i, j is the derivative of entry i of the value by entry j of the input. In general its shape
    is that of the value followed by that of the input.

    Args:
        fn: a function that returns a floating-point tensor of any shape, or tuples, lists and
            dicts of such.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        mode: ``"reverse"`` computes it by rows, with a vector-Jacobian product for each entry of
            the value; ``"forward"`` by columns, with a Jacobian-vector product for each entry of
            the input, which costs twice as much. Left out, the cheaper one is taken.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the Jacobian and that.

    Returns:
        A function that returns the Jacobian, with the dtype of the input. Where value or input
        are tuples, lists or dicts, it is built like the value, and each part of it like the
        input. It may be differentiated, as long as it has no more than 64 rows.

        Many rows are computed together in one graph, which takes seconds to compile and is kept
        as long as fn lives. Where MindSpore cannot, or gets another result than for one row, each
        is computed by itself.

    Raises:
        GradientError: as `vjp` does.
    """
    if not compiling():
        require_function(fn, "jacobian")
        require_mode(mode)
        fn = named(fn)
    step = (_one_by_one if compiling() else _together)(fn, argnums, mode, has_aux)
    return labelled(_second(step, has_aux), "jacobian", fn, argnums, mode, has_aux)


def hessian(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the Hessian of fn, the Jacobian of its gradient.

    With x of shape (n,) and fn(x) a scalar, ``hessian(fn)(x)`` is the symmetric matrix of second
    derivatives, of shape (n, n); in general its shape is that of the input, twice. Where only
    its product with a vector is wanted, `hvp` does without the matrix.

    Args:
        fn: a function that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions, for which
            the Hessian is a tuple of tuples of blocks.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the Hessian and that.

    Returns:
        A function that returns the Hessian; see `jacobian` for its structure and its cost. Rows
        are computed in chunks: beyond the result, memory for at most 32 million numbers of each
        operator is needed, or 16 rows.

    Raises:
        GradientError: as `grad` does, and where fn cannot be compiled.
    """
    if not compiling():
        require_function(fn, "hessian")
        fn = named(fn)
    gradient = grad(fn, argnums, has_aux=has_aux)
    if compiling():
        return jacobian(gradient, argnums, has_aux=has_aux)
    step = _together(gradient, argnums, "reverse", has_aux, value_is_like_input=True)
    return labelled(_second(step, has_aux), "hessian", fn, argnums, has_aux)


def _second(step: Callable[..., Any], has_aux: bool) -> Callable[..., Any]:
    def matrix(*args: Any, **kwargs: Any) -> Any:
        result, jacobian = step(*args, **kwargs)
        return (jacobian, result[1]) if has_aux else jacobian

    return matrix


def _together(
    fn: Callable[..., Any],
    argnums: Argnums,
    mode: Mode | None,
    has_aux: bool,
    value_is_like_input: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the result of fn and the Jacobian, in Python."""
    positions = require_argnums(argnums)
    in_graph = _one_by_one(with_defaults(fn), argnums, mode, has_aux)
    lines = {way: _Lines(fn, argnums, way, has_aux) for way in ("reverse", "forward")}

    def in_python(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        refuse_nesting()
        args = prepared(args, positions)
        constants = {name: as_constant(value) for name, value in kwargs.items()}
        inputs = chosen(args, argnums)
        if value_is_like_input and not has_aux:
            result = value = inputs
        else:
            with told_plainly():
                result = fn(*args, **constants)
                value = require_pair(result)[0] if has_aux else result
                require_tensors(value)
        way = mode or _cheaper(value, inputs)
        units = value if way == "reverse" else inputs
        found, matrix = lines[way](units, args, constants)
        return result if found is None else found, _blocks(
            matrix if way == "reverse" else matrix.T, value, inputs
        )

    def step(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return in_graph(*args, **kwargs) if compiling() else in_python(args, kwargs)

    return step


class _Lines:
    """The rows of the Jacobian, by reverse mode, or its columns, by forward mode."""

    def __init__(self, fn: Callable[..., Any], argnums: Argnums, way: Mode, has_aux: bool) -> None:
        self._product = (vjp if way == "reverse" else jvp)(fn, argnums, has_aux=has_aux)
        self._has_aux = has_aux
        step = _chunk(with_defaults(fn), argnums, way, has_aux)
        self._together = Checked(step, without_vector(fn), (way, argnums, has_aux))

    def __call__(
        self, units: Any, args: tuple[Any, ...], constants: dict[str, Any]
    ) -> tuple[Any, ms.Tensor]:
        """Return the result of fn, or None, and a line for each entry of units."""
        count = entries(units)
        if count > _FEW:
            with suppress(CannotCompile):
                return self._chunks(count, units, args, constants)
        rows = [self._line(unit, args, constants) for unit in unit_vectors(units)]
        return None, ops.stack(rows)

    def _line(self, unit: Any, args: tuple[Any, ...], constants: dict[str, Any]) -> ms.Tensor:
        product = self._product(*args, unit, **constants)
        return flat(product[0] if self._has_aux else product)

    def _chunks(
        self, count: int, units: Any, args: tuple[Any, ...], constants: dict[str, Any]
    ) -> tuple[Any, ms.Tensor]:
        def agrees(answer: tuple[Any, ms.Tensor]) -> bool:
            """Say whether a combination of the rows is the product with a combined vector."""
            rows = answer[1]
            weights = np.random.RandomState(0).randn(len(rows))
            vector = np.zeros(count)
            vector[: len(rows)] = weights
            unit = folded(ms.Tensor(vector, rows.dtype), units)
            return close(
                weights @ as_float64(rows),
                as_float64(self._line(unit, args, constants)),
                scale=np.abs(weights) @ np.abs(as_float64(rows)),
            )

        result, first = self._together(agrees, *args, ms.Tensor(0), **constants)
        chunks = [first]
        for start in range(len(first), count, len(first)):
            chunks.append(self._together(agrees, *args, ms.Tensor(start), **constants)[1])
        return result, ops.cat(chunks)[:count] if len(chunks) > 1 else first


def _chunk(
    fn: Callable[..., Any], argnums: Argnums, way: Mode, has_aux: bool
) -> Callable[..., Any]:
    """Return the function that computes the result of fn and some lines; compilable.

    The last of its arguments says which line is the first.
    """
    product = (vjp if way == "reverse" else jvp)(fn, argnums, has_aux=has_aux)

    def step(*args: Any, **kwargs: Any) -> Any:
        args, start = args[:-1], args[-1]
        result = fn(*args, **kwargs)
        value = result[0] if has_aux else result
        units = value if way == "reverse" else chosen(args, argnums)

        def line(unit: Any) -> Any:
            found = product(*args, folded(unit, units), **kwargs)
            return flat(found[0] if has_aux else found)

        count = entries(units)
        chunks = (count - 1) // max(_ROWS, _LARGEST // (count * count)) + 1
        number = (count - 1) // chunks + 1
        places = ops.arange(number).reshape(-1, 1) + start
        basis = (places == ops.arange(count).reshape(1, -1)).astype(parts(units)[0].dtype)
        return result, ops.vmap(line)(basis)

    return step


def _one_by_one(
    fn: Callable[..., Any], argnums: Argnums, mode: Mode | None, has_aux: bool
) -> Callable[..., Any]:
    """Return the function that computes the result of fn and the Jacobian; compilable."""

    def step(*args: Any, **kwargs: Any) -> Any:
        result = fn(*args, **kwargs)
        value = result[0] if has_aux else result
        inputs = chosen(args, argnums)
        way = mode or _cheaper(value, inputs)
        units = value if way == "reverse" else inputs
        product = (vjp if way == "reverse" else jvp)(fn, argnums, has_aux=has_aux)
        count = entries(units)
        if not few_in_graph(count):
            return None
        basis = ops.eye(count, count, parts(units)[0].dtype)
        lines: list[Any] = []
        for index in range(count):
            found = product(*args, folded(basis[index], units), **kwargs)
            lines = lines + [flat(found[0] if has_aux else found)]
        matrix = ops.stack(lines)
        return result, _blocks(matrix if way == "reverse" else matrix.T, value, inputs)

    return step


def _cheaper(value: Any, inputs: Any) -> Mode:
    # A Jacobian-vector product takes two backward passes.
    return "forward" if 2 * entries(inputs) < entries(value) else "reverse"


def _blocks(matrix: Any, value: Any, inputs: Any) -> Any:
    """Return the blocks of the matrix, built like the value and each part like the inputs."""
    outs, ins = parts(value), parts(inputs)
    if len(outs) == 1 and len(ins) == 1:
        return rebuilt(value, [rebuilt(inputs, [_block(matrix, outs[0], ins[0])])])
    blocks: list[Any] = []
    bottom = 0
    for out in outs:
        row: list[Any] = []
        right = 0
        for part in ins:
            block = matrix[bottom : bottom + out.size, right : right + part.size]
            row = row + [_block(block, out, part)]
            right = right + part.size
        blocks = blocks + [rebuilt(inputs, row)]
        bottom = bottom + out.size
    return rebuilt(value, blocks)


def _block(matrix: Any, out: Any, part: Any) -> Any:
    return matrix.reshape(out.shape + part.shape).astype(part.dtype)
