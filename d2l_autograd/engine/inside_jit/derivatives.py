"""Derivatives in syntax that MindSpore can compile, for functions under ms.jit.

There MindSpore reads the source of everything that is called, this module included, and nests
gradients rightly. Hence the plain syntax: no generators, no star in a list, no rebinding in loops
where a new list will do.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.engine.inside_jit.checks import (
    alike_in_graph,
    argnums_in_graph,
    few_in_graph,
    inputs_in_graph,
    pair_in_graph,
    scalar_in_graph,
)
from d2l_autograd.engine.inside_jit.rules.install import rules_in_graph, supply_rules
from d2l_autograd.engine.inside_jit.trees import (
    entries,
    flat,
    folded,
    inner,
    mapped,
    parts,
    rebuilt,
)


def value_and_gradients(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the value of fn and a tuple of gradients."""
    positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    single = len(positions) == 1

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        # A function of everything: MindSpore fails to differentiate a condition or a loop in a
        # function that captures the arguments, or takes any number of them.
        def scalar(inputs: Any, args: Any, kwargs: Any) -> Any:
            given = with_inputs(args, positions, (inputs,) if single else inputs)
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
        # Mutable, since MindSpore gives compile-time constants no gradient.
        inputs = ms.mutable(inputs[0] if single else inputs)
        value, gradients = ms.value_and_grad(scalar, 0, None, has_aux)(inputs, args, kwargs)
        return value, (gradients,) if single else gradients

    return differentiated


def grad(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the gradient of fn."""
    differentiated = value_and_gradients(fn, argnums, has_aux)
    single = isinstance(argnums, int)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, gradients = differentiated(*args, **kwargs)
        result = gradients[0] if single else gradients
        return (result, value[1]) if has_aux else result

    return gradient


def value_and_grad(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the value of fn and its gradient."""
    differentiated = value_and_gradients(fn, argnums, has_aux)
    single = isinstance(argnums, int)

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        value, gradients = differentiated(*args, **kwargs)
        return value, gradients[0] if single else gradients

    return value_and_gradient


def vjp(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that multiplies a vector with the Jacobian of fn."""

    def dotted(*args: Any, **kwargs: Any) -> Any:
        result = fn(*args[:-1], **kwargs)
        if has_aux and not pair_in_graph(result):
            return None
        value = result[0] if has_aux else result
        if not alike_in_graph(value, args[-1]):
            return None
        product = inner(value, args[-1])
        return (product, result[1]) if has_aux else product

    pulled_back = grad(dotted, argnums, has_aux)

    def product(*args: Any, **kwargs: Any) -> Any:
        positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
        return pulled_back(*args, **kwargs) if argnums_in_graph(positions, len(args) - 1) else None

    return product


def hvp(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that multiplies the Hessian of fn with a vector."""
    return vjp(grad(fn, argnums, has_aux), argnums, has_aux)


def jvp(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that multiplies the Jacobian of fn with a vector, by two backward passes.

    u @ J is linear in u, and J @ v is the gradient of u @ J @ v by u.
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        inputs, vector = args[:-1], args[-1]
        result = fn(*inputs, **kwargs)

        def pulled_back(u: Any) -> Any:
            found = vjp(fn, argnums, has_aux)(*inputs, u, **kwargs)
            return inner(found[0] if has_aux else found, vector)

        value = result[0] if has_aux else result
        tangent = grad(pulled_back, 0, False)(mapped(ops.zeros_like, value))
        return (tangent, result[1]) if has_aux else tangent

    return product


def jacobian(fn: Any, argnums: Any, mode: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the Jacobian of fn, line by line."""

    def matrix(*args: Any, **kwargs: Any) -> Any:
        result = fn(*args, **kwargs)
        value = result[0] if has_aux else result
        inputs = arguments_at(args, argnums)
        # A Jacobian-vector product takes two backward passes.
        forward = mode == "forward" or (mode is None and 2 * entries(inputs) < entries(value))
        units = inputs if forward else value
        product = (jvp if forward else vjp)(fn, argnums, has_aux)
        count = entries(units)
        if not few_in_graph(count):
            return None
        basis = ops.eye(count, count, parts(units)[0].dtype)
        lines: list[Any] = []
        for index in range(count):
            found = product(*args, folded(basis[index], units), **kwargs)
            lines = lines + [flat(found[0] if has_aux else found)]
        stacked = ops.stack(lines)
        blocks = _blocks(stacked.T if forward else stacked, value, inputs)
        return (blocks, result[1]) if has_aux else blocks

    return matrix


def hessian(fn: Any, argnums: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the Hessian of fn."""
    return jacobian(grad(fn, argnums, has_aux), argnums, "reverse", has_aux)


def per_sample_grad(fn: Any, argnums: Any, batched: Any, has_aux: bool) -> Callable[..., Any]:
    """Return the function that computes the gradient for each sample of a batch."""

    def gradients(*args: Any, **kwargs: Any) -> Any:
        batch = batched_positions(batched, argnums, len(args))
        gradient = grad(fn, argnums, has_aux)
        size = parts(args[batch[0]])[0].shape[0]
        if not few_in_graph(size):
            return None
        found: list[Any] = []
        for index in range(size):
            found = found + [gradient(*_sample(args, batch, index), **kwargs)]
        return _stacked(found)

    return gradients


def batched_positions(batched: Any, argnums: Any, number_of_args: int) -> Any:
    """Return the positions of the batch: those named, or all that are not differentiated by."""
    if batched is None:
        positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
        return tuple([place for place in range(number_of_args) if place not in positions])
    return (batched,) if isinstance(batched, int) else batched


def prepared(fn: Any) -> Any:
    """Return fn for MindSpore to compile: with its default values passed on explicitly.

    Left to itself, MindSpore evaluates the source text of a default when it compiles, long after
    Python did. The rules are supplied now, since MindSpore asks for them once.
    """
    supply_rules()
    if isinstance(fn, functools.partial):
        return _spelled_out(fn)
    if not getattr(fn, "__defaults__", None) and not getattr(fn, "__kwdefaults__", None):
        return fn
    parameters = inspect.signature(fn).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = tuple(parameter.name for parameter in parameters if parameter.kind in positional)
    defaults = {
        parameter.name: parameter.default
        for parameter in parameters
        if parameter.default is not parameter.empty
        and parameter.kind is not inspect.Parameter.POSITIONAL_ONLY
    }

    def filled(*args: Any, **kwargs: Any) -> Any:
        given = names[: len(args)]
        missing = {
            name: defaults[name] for name in defaults if name not in given and name not in kwargs
        }
        return fn(*args, **kwargs, **missing)

    return filled


def _spelled_out(partial: "functools.partial[Any]") -> Any:
    fn, first, preset = prepared(partial.func), partial.args, partial.keywords

    def called(*args: Any, **kwargs: Any) -> Any:
        missing = {name: preset[name] for name in preset if name not in kwargs}
        return fn(*first, *args, **kwargs, **missing)

    return called


def with_inputs(args: Any, positions: Any, inputs: Any) -> Any:
    """Return args with the inputs at their positions."""
    for index in range(len(positions)):
        position = positions[index]
        args = args[:position] + (inputs[index],) + args[position + 1 :]
    return args


def arguments_at(args: Any, argnums: Any) -> Any:
    """Return the argument at a position, or a tuple of those at several."""
    if isinstance(argnums, int):
        return args[argnums]
    return tuple([args[position] for position in argnums])


def _as_tensor(leaf: Any) -> Any:
    return ops.scalar_to_tensor(leaf, ms.float32) if isinstance(leaf, float) else leaf


def _blocks(matrix: Any, value: Any, inputs: Any) -> Any:
    """Return the blocks of the matrix, built like the value and each part like the inputs."""
    outs, ins = parts(value), parts(inputs)
    blocks: list[Any] = []
    bottom = 0
    for out in outs:
        row: list[Any] = []
        right = 0
        for part in ins:
            block = matrix[bottom : bottom + out.size, right : right + part.size]
            row = row + [block.reshape(out.shape + part.shape).astype(part.dtype)]
            right = right + part.size
        blocks = blocks + [rebuilt(inputs, row)]
        bottom = bottom + out.size
    return rebuilt(value, blocks)


def _sample(args: Any, batch: Any, index: Any) -> Any:
    """Return args with one sample in place of the batch."""
    samples: list[Any] = []
    for position in batch:
        tree = args[position]
        samples = samples + [rebuilt(tree, [tensor[index] for tensor in parts(tree)])]
    return with_inputs(args, batch, samples)


def _stacked(trees: Any) -> Any:
    """Return one tree of tensors stacked along a new first axis."""
    leaves = [parts(tree) for tree in trees]
    stacks: list[Any] = []
    for index in range(len(leaves[0])):
        stacks = stacks + [ops.stack([tensors[index] for tensors in leaves])]
    return rebuilt(trees[0], stacks)
