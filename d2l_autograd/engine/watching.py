"""Watching a run: every operator that MindSpore runs is entered in the record of its thread.

MindSpore's dispatch mode sees all operators but indexing, for which `methods` has a substitute.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor, ops

from d2l_autograd.arguments.trees import mapped, tensors
from d2l_autograd.engine import empty
from d2l_autograd.engine.record import Node, Record, copy, is_whole, whole
from d2l_autograd.engine.trace import WHOLE
from d2l_autograd.mindspore_internals.primitives import primitive_for

_ENDS = frozenset({"StopGradient"})
_WRITES = {
    "Assign": (0,),
    "AssignAdd": (0,),
    "AssignSub": (0,),
    "BatchNorm": (3, 4),  # the moving mean and variance
}
"""By name of the operator: the positions of the inputs that it changes in place."""


_RUN_BY_THEIR_CLASS = ("View", "Narrow", "ProdExt")
"""Ends of the names of operators for which a plain Primitive has no kernel, or returns zeros."""


@functools.cache
def _operator(name: str) -> Callable[..., Any]:
    """Return what runs an operator, given all of its inputs and attributes.

    What MindSpore hands to the dispatch mode runs it only while it is dispatched.
    """
    if not name.endswith(_RUN_BY_THEIR_CLASS):
        return partial(ops.Primitive.__call__, ops.Primitive(name))

    def run(*inputs: Any) -> Any:
        primitive, rest = primitive_for(name, None, list(inputs))
        return primitive(*rest)

    return run


def taken_apart(args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return the primitive, or None, and the inputs among what MindSpore hands to dispatch."""
    if args and isinstance(args[0], ops.Primitive):
        primitive, _, inputs = args
        return primitive, inputs
    return None, args


def written_places(name: str, primitive: Any) -> tuple[int, ...]:
    """Return the positions of the inputs that an operator changes in place."""
    if name in _WRITES:
        return _WRITES[name]
    attributes = getattr(primitive, "attrs", {})
    return (0,) if name.startswith("Inplace") or attributes.get("side_effect_mem") else ()


class _Current(threading.local):
    record: Record | None = None


_current = _Current()


def open_record(record: Record) -> None:
    """Make a record that of this thread."""
    record.before, _current.record = _current.record, record


def close_record(record: Record) -> None:
    """Make the record that of this thread that was so before, if this one is it now."""
    if _current.record is record:
        _current.record = record.before


def current_record() -> Record | None:
    """Return the record that the operators of this thread are entered in, if there is one."""
    record = _current.record
    return None if record is None or record.is_paused else record


class Watch(ms.MsDispatchMode):
    """MindSpore's dispatch mode that enters each operator in a record."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def __ms_dispatch__(self, func: Any, args: tuple[Any, ...], kwargs: Any = None) -> Any:
        """Run an operator and enter it in the record."""
        record = self._record
        name = func.name
        primitive, inputs = taken_apart(args)
        if record.is_paused and not record.is_inside:
            return empty.run(name, inputs, partial(func, *args))[0]
        run = _operator(name) if primitive is None else partial(ops.Primitive.__call__, primitive)
        node = Node(name, run, list(inputs), primitive)
        if record.is_paused:
            return record.note_inside(node, self._run(node, partial(func, *args)))
        if record.zeros_of:
            zeros = record.note_linear(node)
            if zeros is not None:
                return zeros
        places = written_places(name, primitive)
        written = [inputs[place] for place in places]
        for place, tensor in zip(places, written, strict=True):
            node.inputs[place] = record.keep_numbers(tensor)
        result = self._run(node, partial(func, *args))
        if name in _ENDS:
            found = _ended(record, result)
        else:
            found = record.note(node, result, frozenset(map(Tensor.data_ptr, written)))
            if places == (0,) and isinstance(found, Tensor) and record.value_of(found):
                record.move(found, written[0])
        if record.observer:
            record.observer(node, found)
        return found

    def _run(self, node: Node, operator: Callable[[], Any]) -> Any:
        result, is_of_nothing = empty.run(node.name, node.inputs, operator)
        if is_of_nothing and self._record.trace:
            self._record.trace.obstacle = f"{node.name} is given a tensor without elements"
        return result


def _ended(record: Record, result: Any) -> Any:
    """Return what no gradient flows back through: copies of the tensors that are followed."""
    if isinstance(result, (tuple, list)):
        return type(result)(_ended(record, part) for part in result)
    if not isinstance(result, Tensor) or not record.is_followed(result):
        return result
    if record.keeps_detached:
        return apply("Detach", copy, result)
    end = copy(result)
    if record.trace:
        record.trace.same(end, result)
    return end


@contextmanager
def paused(record: Record, is_inside: bool = False) -> Iterator[None]:
    """Record nothing for a while; only trace it, if it is the inside of an operator of our own."""
    before = record.is_paused, record.is_inside
    record.is_paused, record.is_inside = True, is_inside and record.trace is not None
    try:
        yield
    finally:
        record.is_paused, record.is_inside = before


def apply(name: str, run: Callable[..., Any], *inputs: Any, rule: Any = None) -> Any:
    """Run an operator of our own, and enter it in the record as one node.

    Args:
        name: its name, under which `rules` has its backward rule.
        run: computes it.
        inputs: what run is given: tensors, numbers, and lists or tuples of these.
        rule: its backward rule, if there is none under its name.
    """
    record = current_record()
    if record is None:
        return run(*inputs)
    node = Node(name, run, list(inputs))
    node.rule = rule
    node.is_ours = True
    return _run_and_note(record, node)


def _run_and_note(record: Record, node: Node) -> Any:
    with paused(record, is_inside=node.is_ours and node.name not in WHOLE):
        result = node.run(*node.inputs)
    return record.note(node, result)


def apart(tree: Any, others: Any) -> Any:
    """Return a tree whose tensors are parts of no other, neither in it nor in another tree.

    So each can be changed in place, and nothing else changes.
    """
    taken = {_memory(tensor) for tensor in tensors(others)}

    def own(leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            memory = _memory(leaf)
            if memory in taken or not is_whole(leaf):
                return apply("Copy", copy, leaf)
            taken.add(memory)
        return leaf

    return mapped(own, tree)


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage().data_ptr())


def again(node: Node, inputs: list[Any]) -> Any:
    """Run the operator of a node with other inputs, and enter it in the record.

    What it changes in place are copies of its inputs, since the record holds the inputs.
    """
    inputs = list(map(whole, inputs))  # as MindSpore does before it runs an operator
    run = node.run
    if not node.is_ours and (places := written_places(node.name, node.primitive)):
        run = partial(_run_on_copies, run, places)
    record = current_record()
    if record is None:
        return run(*inputs)
    repeated = Node(node.name, run, inputs, node.primitive)
    repeated.rule, repeated.is_ours = node.rule, node.is_ours
    return _run_and_note(record, repeated)


def _run_on_copies(run: Callable[..., Any], places: tuple[int, ...], *inputs: Any) -> Any:
    return run(*(copy(x) if place in places else x for place, x in enumerate(inputs)))


def number(given: Any) -> float | None:
    """Return the number that an operator was given, or None if it is many or may change.

    A tensor that a derivative depends on is no number: reading it would cut the gradient.
    """
    if not isinstance(given, Tensor):
        return float(given)
    record = current_record()
    if given.ndim or (record is not None and record.value_of(given)):
        return None
    found = float(given.asnumpy())
    # MindSpore rounds numbers to float32.
    return None if given.dtype == ms.float64 and np.float32(found) != found else found
