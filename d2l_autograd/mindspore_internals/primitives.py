"""Operators as code for graphs calls them."""

import functools
import inspect
from typing import Any

from mindspore import ops
from mindspore.ops import operations
from mindspore.ops.auto_generate import gen_ops_prim
from mindspore.ops.operations import _grad_ops, _inner_ops

_GENERATED = ("mindspore.ops.auto_generate", "mindspore.ops.operations.manually_defined")


def primitive_for(name: str, primitive: Any, inputs: list[Any]) -> tuple[Any, list[Any]]:
    """Return an operator as code for graphs calls it, and what it is called with.

    Args:
        name: MindSpore's name of the operator.
        primitive: the object that ran, if there was one.
        inputs: all that was handed over, what such an object is made of included.

    Raises:
        LookupError: MindSpore shows no such operator.
    """
    if primitive is None or type(primitive) is ops.Primitive:
        primitive, cls = None, _class_named(name)
    else:
        cls = type(primitive)
    if not cls.__module__.startswith(_GENERATED):
        return primitive or cls(), inputs
    names = list(inspect.signature(cls.__init__).parameters)[1:]
    count = len(inputs) - len(names)
    inputs = list(map(_as_tuple, inputs))  # MindSpore hands over lists where it takes tuples
    inputs, own = inputs[:count], dict(zip(names, inputs[count:], strict=True))
    return primitive or _made(cls, *own.items()), inputs


@functools.cache
def _made(cls: Any, *attributes: tuple[str, Any]) -> Any:
    # Past the constructor, which takes words for what comes as numbers here.
    primitive = cls.__new__(cls)
    ops.Primitive.__init__(primitive, cls.__name__)
    for attribute, value in attributes:
        primitive._set_prim_arg(attribute, value)
    return primitive


def _class_named(name: str) -> Any:
    for module in (gen_ops_prim, operations, _grad_ops, _inner_ops):
        if hasattr(module, name):
            return getattr(module, name)
    raise LookupError(f"{name} is no operator of MindSpore's")


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
