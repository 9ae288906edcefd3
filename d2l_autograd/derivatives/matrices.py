"""Jacobians and Hessians as matrices, all rows at once."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import mindspore as ms
import numpy as np
from mindspore import Tensor, ops

from d2l_autograd.arguments.checks import (
    require_argnums,
    require_function,
    require_given,
    require_mode,
    require_scalar,
    require_tensors,
)
from d2l_autograd.arguments.trees import entries, mapped, tensors
from d2l_autograd.derivatives.gradient import Argnums, called_in_order, labelled
from d2l_autograd.engine import inside_jit
from d2l_autograd.engine.amortized import amortized
from d2l_autograd.engine.batches import run_batched
from d2l_autograd.engine.compiled import compiled
from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.run import Run
from d2l_autograd.engine.shapes import constant, numpy_dtype, seed
from d2l_autograd.mindspore_internals.compile_time import compiling

Mode = Literal["forward", "reverse"]

_LARGEST_TENSOR = 2**24  # numbers in a tensor while rows are computed together
_FEWEST = 16  # rows together, however large they are


def jacobian(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    mode: Mode | None = None,
    has_aux: bool = False,
    compile: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian of fn, the derivative of every entry.

    With x of shape (n,) and fn(x) of shape (m,), ``jacobian(fn)(x)`` has shape (m, n), and entry
    i, j is the derivative of entry i of the value by entry j of the input. In general its shape
    is that of the value followed by that of the input. fn runs once, and the backward pass twice:
    once to record it, and once for all rows together. After 20 to 150 calls with the same
    operators and shapes, a graph answers by itself, as with ``compile=True``; fn itself still runs
    at each call if it prints, draws, leaves something behind or depends on what cannot be followed.

    Args:
        fn: a function that returns a floating-point tensor of any shape, or tuples, lists and
            dicts of such.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        mode: ``"reverse"`` computes it by rows, with a vector-Jacobian product for each entry of
            the value; ``"forward"`` by columns, with a Jacobian-vector product for each entry of
            the input, which costs twice as much. Left out, the cheaper one is taken.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the Jacobian and that.
        compile: see `grad`.

    Returns:
        A function that returns the Jacobian, with the dtype of the input. Where value or input
        are tuples, lists or dicts, it is built like the value, and each part of it like the
        input. It may be differentiated.

    Raises:
        GradientError: as `vjp` does.
    """
    require_mode(mode)

    def measure(run: Run) -> Any:
        require_tensors(run.value)
        run.require_connection(run.value)
        return run.value

    def within(fn: Any, argnums: Any, has_aux: bool) -> Any:
        return inside_jit.jacobian(fn, argnums, mode, has_aux)

    if compiling():
        return inside_jit.jacobian(fn, argnums, mode, has_aux)
    return _matrix("jacobian", measure, within, fn, argnums, mode, has_aux, compile)


def hessian(
    fn: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, compile: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the Hessian of fn, the Jacobian of its gradient.

    With x of shape (n,) and fn(x) a scalar, ``hessian(fn)(x)`` is the symmetric matrix of second
    derivatives, of shape (n, n); in general its shape is that of the input, twice. Where only
    its product with a vector is wanted, `hvp` does without the matrix. fn runs once, until a graph
    answers; see `jacobian`.

    Args:
        fn: a function that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions, for which
            the Hessian is a tuple of tuples of blocks.
        has_aux: fn returns a pair, the value and anything else, and the result is a pair as well,
            the Hessian and that.
        compile: see `grad`.

    Returns:
        A function that returns the Hessian; see `jacobian` for its structure. Rows are computed in
        chunks: beyond the result, memory for at most 16 million numbers of each operator is
        needed, or 16 rows.

    Raises:
        GradientError: as `grad` does.
    """

    def measure(run: Run) -> Any:
        value = require_scalar(run.value)
        gradients = run.gradients([(value, seed(value))])
        return gradients[0] if isinstance(argnums, int) else gradients

    if compiling():
        return inside_jit.hessian(fn, argnums, has_aux)
    return _matrix("hessian", measure, inside_jit.hessian, fn, argnums, "reverse", has_aux, compile)


def _matrix(
    kind: str,
    measure: Callable[[Run], Any],
    make_within: Callable[..., Any],
    fn: Callable[..., Any],
    argnums: Argnums,
    mode: Mode | None,
    has_aux: bool,
    compile: bool,
) -> Callable[..., Any]:
    """Return the matrix of derivatives of what measure takes from a run of fn."""
    require_function(fn, kind)
    positions = require_argnums(argnums)
    single = isinstance(argnums, int)
    within = make_within(inside_jit.prepared(fn), argnums, has_aux)
    graphs = amortized(fn, (kind, positions, single, mode))

    def differentiate(*args: Any, **kwargs: Any) -> Any:
        counted = require_given(positions, len(args))
        with (
            graphs.call() as call,
            Level() as columns,
            Level() as rows,
            Run(fn, counted, has_aux) as run,
        ):
            run.of(args, kwargs)

            def blocks() -> Any:
                value = measure(run)
                inputs = run.inputs[0] if single else run.inputs
                run.stop()
                matrix = _Matrix(rows, columns, run, tensors(value))
                # A column takes two backward passes.
                by_columns = mode == "forward" or (
                    mode is None and 2 * entries(inputs) < entries(value)
                )
                found = matrix.by_columns() if by_columns else matrix.by_rows()
                return _like(value, [_like(inputs, row) for row in found])

            found = call.second_part(run, (run.inputs, run.value), blocks)
            return (found, run.aux) if has_aux else found

    step = called_in_order(
        fn, positions, compiled(differentiate, fn, kind, compile=compile, graphs=graphs)
    )

    def matrix(*args: Any, **kwargs: Any) -> Any:
        return within(*args, **kwargs) if compiling() else step(*args, **kwargs)

    return labelled(matrix, kind, fn)


def _like(tree: Any, blocks: list[Any]) -> Any:
    """Return blocks, one for each tensor of a tree, built like it; None for a constant in it."""
    rest = iter(blocks)
    return mapped(lambda leaf: next(rest) if isinstance(leaf, Tensor) else None, tree)


class _Matrix:
    """The matrix of a linear map, the backward pass of a run, as blocks.

    Args:
        rows: the level that records the backward pass.
        columns: the level that records the backward pass of the backward pass.
        run: the run.
        values: its results.
    """

    def __init__(self, rows: Level, columns: Level, run: Run, values: list[Tensor]) -> None:
        self._rows = rows
        self._columns = columns
        self._values = values
        self._inputs = tensors(run.inputs)
        self._weights = [rows.any_like(value) for value in values]
        self._products = run.pull_back(list(zip(values, self._weights, strict=True)))

    def by_rows(self) -> list[list[Tensor]]:
        """Return the blocks, computed by products with unit vectors from the left."""
        self._rows.stop()
        self._columns.stop()
        lines = list(_lines(self._rows, self._weights, self._products))
        return [
            [
                _block(_part(line, rows), value, x)
                for line, x in zip(lines, self._inputs, strict=True)
            ]
            for value, rows in zip(self._values, _slices(self._values), strict=True)
        ]

    def by_columns(self) -> list[list[Tensor]]:
        """Return the blocks, computed by products with unit vectors from the right."""
        directions = [self._columns.any_like(x) for x in self._inputs]
        self._rows.stop()
        tangents = self._rows.pull_back(list(zip(self._products, directions, strict=True)))
        self._columns.stop()
        lines = list(_lines(self._columns, directions, tangents))
        return [
            [
                _block(_transposed(_part(line, rows), x, value), value, x)
                for x, rows in zip(self._inputs, _slices(self._inputs), strict=True)
            ]
            for line, value in zip(lines, self._values, strict=True)
        ]


def _lines(level: Level, weights: list[Tensor], results: list[Tensor]) -> Iterator[Tensor]:
    """Yield the derivatives of each result by all entries of the weights, along the first axis.

    The results are linear in the weights, which only the nodes of the level lie between.
    """
    values = level.values_of(weights)
    outs = [level.value_of(result) for result in results]
    count = sum(weight.size for weight in weights)
    largest = max([out.tensor.size for node in level.nodes for out in node.outs if out] or [1])
    rows = max(_FEWEST, _LARGEST_TENSOR // max(largest, 1))
    found: list[list[Tensor]] = [[] for _ in results]
    for start in range(0, count, rows):
        units = [
            Tensor.from_numpy(unit) if weight.dtype != ms.bfloat16 else Tensor(unit, ms.bfloat16)
            for unit, weight in zip(_units(start, rows, weights), weights, strict=True)
        ]
        known = run_batched(level.nodes, dict(zip(values, units, strict=True)))
        for chunks, out, result in zip(found, outs, results, strict=True):
            shape = (len(units[0]), *result.shape)
            chunks.append(known[out] if out in known else constant(0.0, shape, result.dtype))
    yield from (chunks[0] if len(chunks) == 1 else ops.cat(chunks) for chunks in found)


def _units(start: int, rows: int, weights: list[Tensor]) -> Iterator[Any]:
    """Yield for each weight its part of some rows of the unit matrix."""
    count = sum(weight.size for weight in weights)
    number = min(rows, count - start)
    left = 0
    for weight in weights:
        kind = numpy_dtype(weight.dtype)
        part = np.eye(number, weight.size, start - left, dtype=kind)
        left += weight.size
        yield part.reshape((number, *weight.shape))


def _slices(parts: list[Tensor]) -> Iterator[slice]:
    """Yield where the entries of each part are among those of all."""
    start = 0
    for part in parts:
        yield slice(start, start + part.size)
        start += part.size


def _part(lines: Tensor, rows: slice) -> Tensor:
    return lines if rows.stop - rows.start == len(lines) else lines[rows]


def _block(lines: Tensor, value: Tensor, x: Tensor) -> Tensor:
    block = lines.reshape(value.shape + x.shape)
    return block if block.dtype == x.dtype else block.astype(x.dtype)


def _transposed(lines: Tensor, x: Tensor, value: Tensor) -> Tensor:
    return lines.reshape((x.size, value.size)).T
