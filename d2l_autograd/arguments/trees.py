"""Nested tuples, lists and dicts of tensors: taken apart, put together, multiplied.

MindSpore compiles the functions that say so, with everything they call; hence their plain syntax.
"""

from collections.abc import Callable, Iterator
from typing import Any

from mindspore import ops

from d2l_autograd.mindspore_internals.compile_time import compiling


def leaves(tree: Any) -> list[Any]:
    """Return what the containers hold, depth first, in the order of positions and of dict keys."""
    return [leaf for _, leaf in named_leaves(tree, "")]


def named_leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each leaf with the expression that reaches it, ``name[0]['w']``."""
    if isinstance(tree, dict):
        for key, part in tree.items():
            yield from named_leaves(part, f"{name}[{key!r}]")
    elif isinstance(tree, (tuple, list)):
        for index, part in enumerate(tree):
            yield from named_leaves(part, f"{name}[{index}]")
    else:
        yield name, tree


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a tree like this one that holds what function makes of each leaf; compilable."""
    if isinstance(tree, dict):
        return {key: mapped(function, part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [mapped(function, part) for part in tree]
    if isinstance(tree, tuple):
        return _tuple_like(tree, [mapped(function, part) for part in tree])
    return function(tree)


def _tuple_like(tree: Any, parts: Any) -> Any:
    if compiling():
        return tuple(parts)
    return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)


def rebuilt(tree: Any, values: Any) -> Any:
    """Return a tree like this one that holds values, one for each leaf; compilable."""
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
        return _tuple_like(tree, branches) if isinstance(tree, tuple) else branches
    return values[first]


def is_container(value: Any) -> bool:
    """Say whether value is taken apart, and not a leaf itself."""
    return isinstance(value, (tuple, list, dict))


def parts(tree: Any) -> tuple[Any, ...]:
    """Return the leaves as a tuple; compilable."""
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
    """Return the number of entries of all tensors together; compilable."""
    count = 0
    for part in parts(tree):
        count = count + part.size
    return count


def flat(tree: Any) -> Any:
    """Return all entries of all tensors in one vector; compilable."""
    vectors = [part.reshape(-1) for part in parts(tree)]
    return vectors[0] if len(vectors) == 1 else ops.cat(vectors)


def inner(one: Any, other: Any) -> Any:
    """Return the inner product, the sum of the products of all entries; compilable."""
    ours = parts(one)
    theirs = parts(other)
    total = (ours[0] * theirs[0]).sum()
    for index in range(1, len(ours)):
        total = total + (ours[index] * theirs[index]).sum()
    return total


def folded(vector: Any, like: Any) -> Any:
    """Return the entries of a vector in tensors like these, as `flat` found them; compilable."""
    tensors = parts(like)
    if len(tensors) == 1:
        return rebuilt(like, [vector.reshape(tensors[0].shape)])
    pieces = ops.split(vector, [tensor.size for tensor in tensors])
    folds = [pieces[index].reshape(tensors[index].shape) for index in range(len(tensors))]
    return rebuilt(like, folds)


def unit_vectors(like: Any) -> Iterator[Any]:
    """Yield trees like this one with a single 1 and zeros else, one for each entry of a tensor."""
    for row in ops.eye(entries(like), entries(like), leaves(like)[0].dtype):
        yield folded(row, like)
