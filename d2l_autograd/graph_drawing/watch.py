"""What the record of a run does not hold: the names of values, and where constants come from."""

import sys
import types
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.record import Node, Value
from d2l_autograd.engine.watching import current_record
from d2l_autograd.plots.waiting import done

Key = tuple[int, tuple[int, ...]]


class NamesWatch:
    """A context in which the run of a function is watched.

    Args:
        code: the code of the function whose local variables give the names.
        level: the derivative that records the run.
    """

    def __init__(self, code: types.CodeType | None, level: Level) -> None:
        self.names: dict[Value | None, str] = {}
        self._code = code
        self._level = level
        self._frame: types.FrameType | None = None
        self._constants: dict[Key, str] = {}
        self._sources: dict[Key, list[Value]] = {}
        self._alive: list[Tensor] = []  # constants are known by their places, not to be used again

    def __enter__(self) -> "NamesWatch":
        record = current_record()
        assert record is not None
        record.observer = self._see_operator
        self._previous: Any = sys.getprofile()
        sys.setprofile(self._see)
        return self

    def __exit__(self, *error: object) -> None:
        if self._previous is None or callable(self._previous):
            sys.setprofile(self._previous)
        else:  # a profiler in C, as cProfile's: it takes its place by itself
            sys.setprofile(None)
            self._previous.enable()
        record = current_record()
        assert record is not None
        record.observer = None
        self._frame = None

    def name(self, tensor: Tensor, name: str) -> None:
        """Give a tensor a name, unless it has one."""
        value = self._level.value_of(tensor)
        if value is not None:
            self.names.setdefault(value, name)
        elif _key(tensor) not in self._constants:
            self._constants[_key(tensor)] = name
            self._alive.append(tensor)

    def name_of(self, constant: Any) -> str | None:
        """Return the name of a constant tensor."""
        return self._constants.get(_key(constant)) if isinstance(constant, Tensor) else None

    def sources(self, constant: Any) -> list[Value]:
        """Return the values that a constant was computed from, if it is a detached one."""
        return self._sources.get(_key(constant), []) if isinstance(constant, Tensor) else []

    def _see(self, frame: types.FrameType, event: str, result: Any) -> None:
        if event == "call":
            if frame.f_code is self._code and self._frame is None:
                self._frame = frame
            elif frame.f_back is self._frame and self._frame is not None:
                self._name_locals(self._frame)
        elif event == "return" and frame is self._frame:
            self._name_locals(frame)

    def _name_locals(self, frame: types.FrameType) -> None:
        for name, value in frame.f_locals.items():
            if isinstance(value, Tensor):
                self.name(value, name)

    def _see_operator(self, node: Node, result: Any) -> None:
        """Note which values a constant was computed from, by itself or by way of others."""
        done(1)
        if not isinstance(result, Tensor) or self._level.value_of(result) is not None:
            return
        sources: dict[Value, None] = {}
        for given in node.inputs:
            for operand in given if isinstance(given, (tuple, list)) else [given]:
                if isinstance(operand, Tensor):
                    value = self._level.value_of(operand)
                    sources.update(dict.fromkeys([value] if value else self.sources(operand)))
        if sources:
            self._sources[_key(result)] = list(sources)
            self._alive.append(result)


def array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Return a copy of a tensor's numbers, in a type that NumPy can print."""
    numbers: np.ndarray[Any, Any] = tensor.asnumpy()
    return numbers.astype(np.float32) if tensor.dtype == ms.bfloat16 else numbers.copy()


def _key(tensor: Tensor) -> Key:
    return tensor.data_ptr(), tensor.shape
