"""The gradients of a batch, one for each sample."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from mindspore import ops

from d2l_autograd.arguments.checks import (
    as_constant,
    few_in_graph,
    prepared,
    require_argnums,
    require_batched,
    require_function,
)
from d2l_autograd.arguments.trees import leaves, parts, rebuilt
from d2l_autograd.derivatives.gradient import Argnums, chosen, grad, labelled, placed
from d2l_autograd.engine.compiled import CannotCompile, as_float64, with_defaults
from d2l_autograd.engine.recording import refuse_nesting
from d2l_autograd.engine.twins import named
from d2l_autograd.engine.vectorized import Checked, close
from d2l_autograd.mindspore_internals.compile_time import compiling

_FEW = 8  # so many samples one after the other take less time than compiling them together


def per_sample_grad(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    batched: Argnums | None = None,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the gradient for each sample of a batch.

    fn is the loss of one sample. With w of shape (n,) and a batch of b samples, x of shape (b, d)
    and y of shape (b,), ``per_sample_grad(fn)(w, x, y)`` has shape (b, n), and row i is
    ``grad(fn)(w, x[i], y[i])``. The rows' mean is the gradient of the mean loss.

    Args:
        fn: a function of one sample that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        batched: the position of the argument whose first axis counts the samples, or a tuple of
            positions; left out, all positions but those in argnums. In tuples, lists and dicts,
            the first axis of each tensor.
        has_aux: fn returns a pair, the value and tensors, and the result is a pair as well, the
            gradients and those of all samples, stacked in the same way.

    Returns:
        A function that returns the gradients, stacked along a new first axis. It may be
        differentiated for at most 64 samples. More than 8 are computed together in one graph, see
        `jacobian`, and one after the other where MindSpore cannot.

    Raises:
        GradientError: as `grad` does; or there is no batched argument, or their numbers of
            samples differ.
    """
    if not compiling():
        require_function(fn, "per_sample_grad")
        fn = named(fn)
    gradients = (_one_by_one if compiling() else _together)(fn, argnums, batched, has_aux)
    return labelled(gradients, "per_sample_grad", fn, argnums, batched, has_aux)


def _together(
    fn: Callable[..., Any], argnums: Argnums, batched: Argnums | None, has_aux: bool
) -> Callable[..., Any]:
    positions = require_argnums(argnums)
    in_graph = _one_by_one(with_defaults(fn), argnums, batched, has_aux)
    of_batch = Checked(
        _vectorized(with_defaults(fn), argnums, batched, has_aux),
        _of_first_sample(fn, positions, batched),
        ("per_sample_grad", argnums, batched, has_aux),
    )
    of_sample = grad(fn, argnums, has_aux=has_aux)

    def in_python(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        refuse_nesting()
        args = prepared(args, positions)
        constants = {name: as_constant(value) for name, value in kwargs.items()}
        batch = _batched(batched, positions, len(args))
        size = require_batched(args, batch)

        def of(index: int) -> Any:
            return of_sample(*_sample(args, batch, index), **constants)

        def agrees(answer: tuple[Any, Any]) -> bool:
            """Say whether the first and the last are the gradients of these samples."""
            return all(
                close(as_float64(stack[index]), as_float64(leaf), scale=np.abs(as_float64(leaf)))
                for index in (0, size - 1)
                for stack, leaf in zip(leaves(answer[1]), leaves(of(index)), strict=True)
            )

        if size > _FEW:
            with suppress(CannotCompile):
                result, found = of_batch(agrees, *args, **constants)
                inputs = chosen(args, argnums)
                return rebuilt((inputs, result[1]) if has_aux else inputs, leaves(found))
        return _stacked([of(index) for index in range(size)])

    def step(*args: Any, **kwargs: Any) -> Any:
        return in_graph(*args, **kwargs) if compiling() else in_python(args, kwargs)

    return step


def _of_first_sample(
    fn: Callable[..., Any], positions: tuple[int, ...], batched: Argnums | None
) -> Callable[..., Any]:
    def first(*args: Any, **kwargs: Any) -> Any:
        return fn(*_sample(args, _batched(batched, positions, len(args)), 0), **kwargs)

    return labelled(first, "of_first_sample", fn, positions, batched)


def _vectorized(
    fn: Callable[..., Any], argnums: Argnums, batched: Argnums | None, has_aux: bool
) -> Callable[..., Any]:
    """Return the function that computes the first sample's result and all gradients; compilable."""

    def step(*args: Any, **kwargs: Any) -> Any:
        positions = (argnums,) if isinstance(argnums, int) else argnums
        batch = _batched(batched, positions, len(args))
        samples = tuple([args[position] for position in batch])

        def of_sample(tensors: Any) -> Any:
            given = placed(args, batch, rebuilt(samples, tensors))
            return parts(grad(fn, argnums, has_aux=has_aux)(*given, **kwargs))

        return fn(*_sample(args, batch, 0), **kwargs), ops.vmap(of_sample)(parts(samples))

    return step


def _one_by_one(
    fn: Callable[..., Any], argnums: Argnums, batched: Argnums | None, has_aux: bool
) -> Callable[..., Any]:
    """Return the function that computes all gradients; compilable."""

    def step(*args: Any, **kwargs: Any) -> Any:
        positions = (argnums,) if isinstance(argnums, int) else argnums
        batch = _batched(batched, positions, len(args))
        gradient = grad(fn, argnums, has_aux=has_aux)
        size = parts(args[batch[0]])[0].shape[0]
        if not few_in_graph(size):
            return None
        found: list[Any] = []
        for index in range(size):
            found = found + [gradient(*_sample(args, batch, index), **kwargs)]
        return _stacked(found)

    return step


def _batched(batched: Any, positions: Any, number_of_args: int) -> Any:
    if batched is None:
        return tuple([place for place in range(number_of_args) if place not in positions])
    return (batched,) if isinstance(batched, int) else batched


def _sample(args: Any, batch: Any, index: Any) -> Any:
    """Return args with one sample in place of the batch; compilable."""
    samples: list[Any] = []
    for position in batch:
        tree = args[position]
        samples = samples + [rebuilt(tree, [tensor[index] for tensor in parts(tree)])]
    return placed(args, batch, samples)


def _stacked(trees: Any) -> Any:
    """Return one tree of tensors stacked along a new first axis; compilable."""
    leaves = [parts(tree) for tree in trees]
    stacks: list[Any] = []
    for index in range(len(leaves[0])):
        stacks = stacks + [ops.stack([tensors[index] for tensors in leaves])]
    return rebuilt(trees[0], stacks)
