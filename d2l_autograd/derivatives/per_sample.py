"""The gradients of a batch, one for each sample."""

from collections.abc import Callable, Iterator
from typing import Any

from mindspore import Parameter, Tensor, ops

from d2l_autograd.arguments.checks import (
    require_argnums,
    require_batched,
    require_function,
    require_given,
    require_scalar,
)
from d2l_autograd.arguments.trees import leaves, mapped, rebuilt, tensors
from d2l_autograd.derivatives.gradient import Argnums, called_in_order, differentiate, labelled
from d2l_autograd.engine import inside_jit
from d2l_autograd.engine.amortized import Amortized, amortized
from d2l_autograd.engine.batches import run_batched
from d2l_autograd.engine.compiled import compiled
from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.record import copy
from d2l_autograd.engine.run import Run
from d2l_autograd.engine.shapes import broadcast, seed
from d2l_autograd.engine.trace import is_shaped_by_numbers
from d2l_autograd.engine.watching import apply
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import compiling
from d2l_autograd.mindspore_internals.failures import forget_failures


def per_sample_grad(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    batched: Argnums | None = None,
    has_aux: bool = False,
    compile: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the gradient for each sample of a batch.

    fn is the loss of one sample. With w of shape (n,) and a batch of b samples, x of shape (b, d)
    and y of shape (b,), ``per_sample_grad(fn)(w, x, y)`` has shape (b, n), and row i is
    ``grad(fn)(w, x[i], y[i])``. The rows' mean is the gradient of the mean loss.

    fn runs once, for the first sample; what ran is run again for all samples together. Where fn
    looks at numbers of its sample, as ``if x.sum() > 0`` and ``x[x > 0]`` do, it runs once for each
    sample. After many calls a graph answers; see `jacobian`.

    Args:
        fn: a function of one sample that returns a tensor with a single floating-point element.
        argnums: the position of the input to differentiate by, or a tuple of positions.
        batched: the position of the argument whose first axis counts the samples, or a tuple of
            positions; left out, all positions but those in argnums. In tuples, lists and dicts,
            the first axis of each tensor.
        has_aux: fn returns a pair, the value and tensors, and the result is a pair as well, the
            gradients and those of all samples, stacked in the same way.
        compile: see `grad`.

    Returns:
        A function that returns the gradients, stacked along a new first axis. It may be
        differentiated.

    Raises:
        GradientError: as `grad` does; or there is no batched argument, or their numbers of
            samples differ.
    """
    if compiling():
        return inside_jit.per_sample_grad(fn, argnums, batched, has_aux)
    require_function(fn, "per_sample_grad")
    positions = require_argnums(argnums)
    single = isinstance(argnums, int)
    graphs = amortized(fn, "per_sample_grad")
    within = inside_jit.per_sample_grad(inside_jit.prepared(fn), argnums, batched, has_aux)

    def of_batch(*args: Any, **kwargs: Any) -> Any:
        counted = require_given(positions, len(args))
        batch = _batch(batched, counted, args)
        size = require_batched(args, batch)
        found = _together(fn, counted, batch, size, has_aux, args, kwargs, graphs)
        gradients, aux = found or _one_by_one(fn, counted, batch, size, has_aux, args, kwargs)
        result = gradients[0] if single else gradients
        return (result, aux) if has_aux else result

    step = called_in_order(
        fn, positions, compiled(of_batch, fn, "per_sample_grad", compile=compile, graphs=graphs)
    )

    def gradients(*args: Any, **kwargs: Any) -> Any:
        return within(*args, **kwargs) if compiling() else step(*args, **kwargs)

    return labelled(gradients, "per_sample_grad", fn)


def _together(
    fn: Callable[..., Any],
    positions: tuple[int, ...],
    batch: tuple[int, ...],
    size: int,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    graphs: Amortized,
) -> tuple[Any, Any] | None:
    """Return the gradients and aux of all samples, or None if they have to be computed one by one.

    So it is where fn looks at the numbers of its sample, also by the shape of what a mask selects.
    """
    with graphs.call() as call, Level() as whole, Run(fn, positions, has_aux) as run:
        weights = [mapped(_unnamed, args[position]) for position in positions]
        samples = [leaf for position in batch for leaf in tensors(args[position])]
        first = [run.follow(leaf[0]) for leaf in samples]
        given = list(args)
        rest = iter(first)
        for position in batch:
            given[position] = _taken(args[position], rest)
        try:
            with run.keeping_detached():
                value = require_scalar(run.of(tuple(given), kwargs).value)
        except GradientError:  # a sample counts as a constant where it is alone
            if run.has_read:
                return None
            raise
        if run.has_read or any(map(is_shaped_by_numbers, run.nodes)):
            return None

        def of_samples() -> tuple[Any, Any]:
            # The weights of each sample are inputs of their own.
            own = [
                whole.input(leaf if position in batch else _repeated(leaf, size))
                for position, tree in zip(positions, weights, strict=True)
                for leaf in tensors(tree)
            ]
            run.stop()
            batches = dict(zip(run.input_values, own, strict=True))
            batches.update(zip(run.values_of(first), samples, strict=True))
            known = run_batched(run.nodes, batches)

            def of_all(leaf: Any) -> Any:
                value = run.value_of(leaf)
                result = known.get(value) if value else None
                if result is None and isinstance(leaf, Tensor):
                    return broadcast(leaf, (size, *leaf.shape))
                return leaf if result is None else result

            losses, aux = of_all(value), mapped(of_all, run.aux)
            whole.stop()
            return whole.pull_back([(losses, seed(losses))]), aux

        used = weights, samples, first, run.inputs, value, run.aux
        try:
            gradients, aux = call.second_part(run, (used, batch), of_samples)
        except (RuntimeError, TypeError, ValueError):  # an operator takes single samples alone
            forget_failures()
            return None
        found = iter(gradients)
        return tuple(
            mapped(lambda leaf: next(found) if isinstance(leaf, Tensor) else None, tree)
            for tree in weights
        ), aux


def _one_by_one(
    fn: Callable[..., Any],
    positions: tuple[int, ...],
    batch: tuple[int, ...],
    size: int,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Any, Any]:
    found = []
    graphs = amortized(fn, "gradient")
    for index in range(size):
        given = list(args)
        for position in batch:
            given[position] = mapped(lambda leaf: leaf[index], args[position])  # noqa: B023
        _, aux, gradients = differentiate(fn, positions, has_aux, tuple(given), kwargs, graphs)
        found.append((gradients, aux))
    stacks = [_stack(parts) for parts in zip(*map(leaves, found), strict=True)]
    gradients, aux = rebuilt(found[0], stacks)
    return gradients, aux


def _stack(parts: tuple[Any, ...]) -> Any:
    return ops.stack(list(parts)) if isinstance(parts[0], Tensor) else parts[0]


def _batch(
    batched: Argnums | None, positions: tuple[int, ...], args: tuple[Any, ...]
) -> tuple[int, ...]:
    """Return the positions of the batch: those named, or all that are not differentiated by."""
    if batched is None:
        return tuple([place for place in range(len(args)) if place not in positions])
    return require_given(require_argnums(batched), len(args))


def _unnamed(leaf: Any) -> Any:
    """Return a copy of a Parameter, which no operator may take once it is an input of the run."""
    return apply("Copy", copy, leaf) if isinstance(leaf, Parameter) else leaf


def _repeated(leaf: Tensor, size: int) -> Tensor:
    return leaf.expand_dims(0).broadcast_to((size, *leaf.shape))


def _taken(tree: Any, tensors: Iterator[Tensor]) -> Any:
    """Return a tree like this one with the next tensors in place of its own."""
    return mapped(lambda leaf: next(tensors) if isinstance(leaf, Tensor) else leaf, tree)
