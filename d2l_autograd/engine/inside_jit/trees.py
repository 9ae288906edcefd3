"""Nested tuples, lists and dicts of tensors, in syntax that MindSpore can compile."""

from collections.abc import Callable
from typing import Any

from mindspore import ops


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a tree like this one that holds what function makes of each leaf."""
    if isinstance(tree, dict):
        return {key: mapped(function, part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [mapped(function, part) for part in tree]
    if isinstance(tree, tuple):
        return tuple([mapped(function, part) for part in tree])
    return function(tree)


def rebuilt(tree: Any, values: Any) -> Any:
    """Return a tree like this one that holds values, one for each leaf."""
    return _rebuilt_from(tree, values, 0)


def _rebuilt_from(tree: Any, values: Any, first: int) -> Any:
    if isinstance(tree, dict):
        grown = {}
        for key in tree:
            grown[key] = _rebuilt_from(tree[key], values, first)
            first = first + len(parts(tree[key]))
        return grown
    if isinstance(tree, (tuple, list)):
        branches: list[Any] = []
        for index in range(len(tree)):
            branches = branches + [_rebuilt_from(tree[index], values, first)]
            first = first + len(parts(tree[index]))
        return tuple(branches) if isinstance(tree, tuple) else branches
    return values[first]


def parts(tree: Any) -> tuple[Any, ...]:
    """Return the leaves as a tuple."""
    if isinstance(tree, dict):
        found: tuple[Any, ...] = ()
        for key in tree:
            found = found + parts(tree[key])
        return found
    if isinstance(tree, (tuple, list)):
        found = ()
        for index in range(len(tree)):
            found = found + parts(tree[index])
        return found
    return (tree,)


def entries(tree: Any) -> int:
    """Return the number of entries of all tensors together."""
    count = 0
    for part in parts(tree):
        count = count + part.size
    return count


def flat(tree: Any) -> Any:
    """Return all entries of all tensors in one vector."""
    vectors = [part.reshape(-1) for part in parts(tree)]
    return vectors[0] if len(vectors) == 1 else ops.cat(vectors)


def inner(one: Any, other: Any) -> Any:
    """Return the inner product, the sum of the products of all entries."""
    ours = parts(one)
    theirs = parts(other)
    total = (ours[0] * theirs[0]).sum()
    for index in range(1, len(ours)):
        total = total + (ours[index] * theirs[index]).sum()
    return total


def folded(vector: Any, like: Any) -> Any:
    """Return the entries of a vector in tensors like these, as `flat` found them."""
    tensors = parts(like)
    if len(tensors) == 1:
        return rebuilt(like, [vector.reshape(tensors[0].shape)])
    pieces = ops.split(vector, [tensor.size for tensor in tensors])
    folds = [pieces[index].reshape(tensors[index].shape) for index in range(len(tensors))]
    return rebuilt(like, folds)
