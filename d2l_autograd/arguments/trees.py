"""Trees: nested tuples, lists, dicts, named tuples and dataclasses, and the tensors they hold."""

import copy
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mindspore import Tensor


def is_container(value: Any) -> bool:
    """Say whether value is taken apart, and not a leaf itself."""
    return isinstance(value, (tuple, list, dict)) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    )


def named_leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each leaf, depth first, with the expression that reaches it: ``name[0]['w'].bias``."""
    if not is_container(tree):
        yield name, tree
        return
    for step, part in parts_of(tree):
        yield from named_leaves(part, name + step)


def leaves(tree: Any) -> list[Any]:
    """Return what the containers hold, depth first."""
    return [leaf for _, leaf in named_leaves(tree, "")]


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a tree like this one that holds what function makes of each leaf."""
    if not is_container(tree):
        return function(tree)
    return _like(tree, [mapped(function, part) for _, part in parts_of(tree)])


def rebuilt(tree: Any, values: Sequence[Any]) -> Any:
    """Return a tree like this one that holds values, one for each leaf."""
    rest = iter(values)
    return mapped(lambda _: next(rest), tree)


def entries(tree: Any) -> int:
    """Return the number of entries of all tensors together."""
    return sum(tensor.size for tensor in tensors(tree))


def tensors(tree: Any) -> list[Tensor]:
    """Return the leaves that are tensors."""
    return [leaf for leaf in leaves(tree) if isinstance(leaf, Tensor)]


def parts_of(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a container holds, with the step that reaches it."""
    if isinstance(tree, dict):
        yield from ((f"[{key!r}]", part) for key, part in tree.items())
    elif hasattr(tree, "_fields"):
        yield from ((f".{name}", getattr(tree, name)) for name in tree._fields)
    elif isinstance(tree, (tuple, list)):
        yield from ((f"[{index}]", part) for index, part in enumerate(tree))
    else:
        yield from ((f".{f.name}", getattr(tree, f.name)) for f in dataclasses.fields(tree))


def _like(tree: Any, parts: list[Any]) -> Any:
    """Return a container like this one that holds these parts."""
    if isinstance(tree, dict):
        grown = copy.copy(tree)
        grown.update(zip(tree, parts, strict=True))
        return grown
    if hasattr(tree, "_fields"):
        return type(tree)(*parts)
    if isinstance(tree, (tuple, list)):
        return list(parts) if isinstance(tree, list) else tuple(parts)
    grown = copy.copy(tree)
    for field, part in zip(dataclasses.fields(tree), parts, strict=True):
        object.__setattr__(grown, field.name, part)  # also where the dataclass is frozen
    return grown
