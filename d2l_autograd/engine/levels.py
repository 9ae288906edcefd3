"""One derivative being taken, and its place among those around it."""

import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, TypeVar

import mindspore as ms
from mindspore import Tensor

from d2l_autograd.engine.backward import Report, pull_back
from d2l_autograd.engine.methods import REPLACEMENTS
from d2l_autograd.engine.record import Node, Record, Value, copy
from d2l_autograd.engine.shapes import constant
from d2l_autograd.engine.watching import Watch, apply, close_record, current_record, open_record
from d2l_autograd.engine.zeros import zeros_of
from d2l_autograd.mindspore_internals.interrupts import take_interrupts_back
from d2l_autograd.mindspore_internals.modes import alone, eager_mode, require_ready

_PASSED_AND_CAPTURED = (
    "The Parameter {} is passed as an input and reached by the function itself as well, where it "
    "would count as a constant. Let the function use what it is given: "
    "functional_call(cell, parameters, x) runs a Cell with the parameters that are passed; or "
    "pass none and write backward(loss, *parameters)."
)

_ENTERING = ("__enter__", "enter_context")

Self = TypeVar("Self", bound="Level")


@contextmanager
def ready() -> Iterator[None]:
    """Have MindSpore to this thread alone, one operator at a time, and Ctrl-C to Python."""
    require_ready()
    take_interrupts_back()
    with alone(), eager_mode():
        yield


def enclosing() -> Record | None:
    """Return the record that is open around this call.

    An interrupt that comes while a record opens or closes leaves it open. It is closed here: what
    opened it is not running any more.
    """
    while (record := current_record()) is not None and not _is_running(record.opener):
        _close(record)
    return record


def _is_running(wanted: FrameType | None) -> bool:
    """Say whether this call comes from a frame."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame is not wanted:
        frame = frame.f_back
    return frame is not None


@contextmanager
def watched() -> Iterator[Record]:
    """Open a record for this thread, or go on with the one that is open."""
    outer = enclosing()
    if outer is not None:
        yield outer
        return
    record = Record()
    record.opener = _opener()
    try:
        open_record(record)
        REPLACEMENTS.replace(record)
        record.watch = Watch(record)
        record.watch.__enter__()
        yield record
    finally:
        _close(record)


def _close(record: Record) -> None:
    """Close a record; what an interrupt has left of that is done when it is closed once more."""
    watch, record.watch = record.watch, None
    if watch is not None:
        with suppress(RuntimeError):  # it was not entered yet
            watch.__exit__(None, None, None)
    REPLACEMENTS.put_back(record)
    close_record(record)
    record.opener = None


def _opener() -> FrameType:
    """Return the frame of the function that has the block during which a record is open."""
    frame: Any = sys._getframe(1)
    while frame.f_code.co_flags & inspect.CO_GENERATOR or frame.f_code.co_name in _ENTERING:
        frame = frame.f_back
    return frame


@contextmanager
def unwatched() -> Iterator[None]:
    """Let MindSpore run as if no record were open, so that a graph is run and not recorded."""
    record = current_record()
    if record is None:
        yield
        return
    watch = record.watch
    close_record(record)
    watch.__exit__(None, None, None)
    try:
        yield
    finally:
        watch.__enter__()
        open_record(record)


class Level:
    """A context in which a function runs on record, so that it can be differentiated.

    Derivatives that are taken inside go one level deeper on the same record.
    """

    def __init__(self) -> None:
        self._level = 0
        self._surroundings = ExitStack()
        self._reads_before = 0
        self._levels_before = 0
        self._watched: AbstractContextManager[Record] | None = watched()
        self._record: Record
        self._inputs: list[Value] = []
        self._start = 0
        self._nodes: list[Node] | None = None  # once the run has ended

    def __enter__(self: Self) -> Self:
        if enclosing() is None:
            self._surroundings.enter_context(ready())
        assert self._watched is not None
        record = self._record = self._watched.__enter__()
        record.level += 1
        self._level = record.level
        self._reads_before = len(record.reads)
        record.levels += 1
        self._levels_before = record.levels
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._watched is not None:
            self._close(kind, error, traceback)
        self._surroundings.close()

    def input(self, tensor: Tensor) -> Tensor:
        """Return a copy of a tensor that counts as an input of this derivative alone."""
        record = self._record
        own = apply("Copy", copy, tensor)
        if isinstance(tensor, ms.Parameter):
            record.refuse(tensor, _PASSED_AND_CAPTURED.format(tensor.name))
        self._inputs.append(record.value_of(own) or record.add(own, self._level))
        self._start = len(record.nodes)
        return own

    def any_like(self, tensor: Tensor) -> Tensor:
        """Return an input that stands for any tensor like this one, of which all else is linear.

        It is zeros, and so is all that is computed of it.
        """
        own = self.input(constant(0.0, tensor.shape, tensor.dtype))
        self._inputs[-1].is_zero = True
        self._record.zeros_of = zeros_of
        return own

    def follow(self, tensor: Tensor) -> Tensor:
        """Return a copy of a tensor, on which what depends is recorded; it is no input."""
        own = apply("Copy", copy, tensor)
        if self._record.value_of(own) is None:
            self._record.add(own, self._level)
        return own

    @contextmanager
    def keeping_detached(self) -> Iterator[None]:
        """Record what is detached as well, so that it is computed anew when the run is repeated."""
        record = self._record
        before, record.keeps_detached = record.keeps_detached, True
        try:
            yield
        finally:
            record.keeps_detached = before

    def variable(self, tensor: Tensor) -> None:
        """Make a tensor itself an input, wherever the function reaches it."""
        record = self._record
        self._inputs.append(record.add(tensor, self._level))
        self._start = len(record.nodes)

    @property
    def has_read(self) -> bool:
        """Python has looked at numbers that depend on an input since this level began."""
        return len(self._record.reads) > self._reads_before

    @property
    def has_copied(self) -> bool:
        """Python has got numbers that depend on an input, and not only truth values."""
        return self.has_read and self._record.has_copied

    @property
    def has_inner(self) -> bool:
        """Another derivative was taken inside this one."""
        return self._record.levels > self._levels_before

    @property
    def input_values(self) -> list[Value]:
        """What the record knows of the inputs."""
        return self._inputs

    @property
    def nodes(self) -> list[Node]:
        """What has run since the inputs were there, up to `stop`."""
        return self._record.nodes[self._start :] if self._nodes is None else self._nodes

    def stop(self) -> None:
        """End the run: what follows belongs to the derivatives around this one."""
        self._nodes = self._record.nodes[self._start :]
        if self._level == 1:
            self._close(None, None, None)

    def value_of(self, tensor: Any) -> Value | None:
        """Return what the record knows of a result; None if it depends on no input."""
        return self._record.value_of(tensor) if isinstance(tensor, Tensor) else None

    def values_of(self, tensors: Iterable[Tensor]) -> list[Value]:
        """Return what the record knows of tensors that depend on an input."""
        values = [self._record.value_of(tensor) for tensor in tensors]
        return [value for value in values if value is not None]

    def pull_back(
        self, cotangents: list[tuple[Tensor, Tensor]], report: Report | None = None
    ) -> list[Tensor]:
        """Return the gradient by each input, given the gradients by results of the run.

        Before `stop`, the backward pass becomes part of the run, and can be differentiated.
        """
        known = [(self.value_of(result), cotangent) for result, cotangent in cotangents]
        pairs = [(value, cotangent) for value, cotangent in known if value is not None]
        found = pull_back(self.nodes, pairs, self._inputs, report)
        return [
            constant(0.0, value.tensor.shape, value.tensor.dtype) if gradient is None else gradient
            for value, gradient in zip(self._inputs, found, strict=True)
        ]

    def _close(self, *error: Any) -> None:
        watched, self._watched = self._watched, None
        assert watched is not None
        if self._level > 1:
            self._record.forget_level(self._start)
        self._record.level -= 1
        watched.__exit__(*error)
