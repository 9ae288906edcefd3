"""What can be seen of a run from outside: the tensors that come out of MindSpore, and their names.

The recorded graph knows operators, edges, shapes and gradients. It has no forward values, no
constants and no names: these are seen while the function runs.
"""

import inspect
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.arguments.checks import FLOATS

_MINDSPORE = os.path.dirname(ms.__file__) + os.sep


class Constant(NamedTuple):
    """A tensor or a number that entered an operator at a position, and no gradient flows to."""

    position: int
    value: Any


class Step(NamedTuple):
    """The value of a recorded operator and the operands that are not in the recorded graph."""

    value: np.ndarray[Any, Any]
    constants: list[Constant]


class Watch:
    """A context in which the run of a function is watched.

    Args:
        code: the code of the function whose local variables give the names.
    """

    def __init__(self, code: types.CodeType | None) -> None:
        self.steps: dict[int, Step] = {}
        self.names: dict[int, str] = {}
        self._code = code
        self._frame: types.FrameType | None = None
        self._constants: dict[int, str] = {}
        self._sources: dict[int, list[Any]] = {}
        self._alive: list[Any] = []  # nodes and constants are known by ids, not to be used again

    def __enter__(self) -> "Watch":
        _expose_methods()
        self._previous = sys.getprofile()
        sys.setprofile(self._see)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(self._previous)
        _hide_methods()
        self._frame = None

    def name(self, tensor: ms.Tensor, name: str) -> None:
        """Give a tensor a name, unless it has one."""
        node = tensor._grad_node
        if node is not None and node._unique_id() not in self.names:
            self.names[node._unique_id()] = name
            self._alive.append(node)
        elif node is None and id(tensor) not in self._constants:
            self._constants[id(tensor)] = name
            self._alive.append(tensor)

    def name_of(self, constant: Any) -> str | None:
        """Return the name of a constant tensor."""
        return self._constants.get(id(constant))

    def constants(self, key: int) -> list[Constant]:
        """Return the constants among the operands of a recorded node."""
        return self.steps[key].constants if key in self.steps else []

    def sources(self, constant: Any) -> list[Any]:
        """Return the recorded nodes that a constant was computed from, if it is a detached one."""
        return self._sources.get(id(constant), [])

    def _see(self, frame: types.FrameType, event: str, result: Any) -> None:
        if event == "call":
            if frame.f_code is self._code and self._frame is None:
                self._frame = frame
            elif frame.f_back is self._frame and self._frame is not None:
                self._name_locals(self._frame)
        elif event == "return":
            if frame is self._frame:
                self._name_locals(frame)
            elif _is_operator(frame):
                for tensor in result if isinstance(result, (tuple, list)) else (result,):
                    if isinstance(tensor, ms.Tensor):
                        self._note(tensor, frame)

    def _name_locals(self, frame: types.FrameType) -> None:
        for name, value in frame.f_locals.items():
            if isinstance(value, ms.Tensor):
                self.name(value, name)

    def _note(self, result: ms.Tensor, frame: types.FrameType) -> None:
        """Note a result the first time it is seen: in the innermost frame, the operator's own."""
        node = result._grad_node
        if node is None:
            self._note_constant(result, frame)
        elif not node.next_functions or node._unique_id() in self.steps:
            return
        else:
            constants = [
                Constant(position, operand)
                for position, operand in enumerate(_operands(frame))
                if _is_number(operand)
                or (isinstance(operand, ms.Tensor) and operand._grad_node is None)
            ]
            self._alive += [c.value for c in constants if isinstance(c.value, ms.Tensor)]
            self.steps[node._unique_id()] = Step(array(result), constants)
            self._alive.append(node)

    def _note_constant(self, result: ms.Tensor, frame: types.FrameType) -> None:
        if id(result) in self._sources or result.dtype not in FLOATS:
            return
        nodes: dict[int, Any] = {}
        for operand in _operands(frame):
            if operand is result:
                return
            if isinstance(operand, ms.Tensor):
                node = operand._grad_node
                for source in self.sources(operand) if node is None else [node]:
                    nodes[source._unique_id()] = source
        if nodes:
            self._sources[id(result)] = list(nodes.values())
            self._alive.append(result)


def array(tensor: ms.Tensor) -> np.ndarray[Any, Any]:
    """Return a copy of a tensor's numbers, in a type that NumPy can print."""
    numbers: np.ndarray[Any, Any] = tensor.asnumpy()
    return numbers.astype(np.float32) if tensor.dtype == ms.bfloat16 else numbers.copy()


def _is_operator(frame: types.FrameType) -> bool:
    name = frame.f_code.co_filename
    return name.startswith(_MINDSPORE) or frame.f_code is _EXPOSED


def _operands(frame: types.FrameType) -> Iterator[Any]:
    """Yield the positional arguments of a call, sequences taken apart as operators do."""
    code, values = frame.f_code, frame.f_locals
    given = [values.get(name) for name in code.co_varnames[: code.co_argcount]]
    if code.co_flags & inspect.CO_VARARGS:
        given += values[code.co_varnames[code.co_argcount + code.co_kwonlyargcount]]
    for value in given:
        if isinstance(value, (tuple, list)):
            yield from value
        elif not isinstance(value, ops.Primitive):
            yield value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Methods of tensors are C functions, whose results a profiler does not see. While a run is
# watched, each one is called through a Python function, whose result it does see.
_exposing = threading.Lock()
_METHODS = {
    name: method
    for name in dir(ms.Tensor)
    if isinstance(method := getattr(ms.Tensor, name), types.MethodDescriptorType)
    and (not name.startswith("_") or name.endswith("__"))
    and name not in vars(ms.Tensor)
    and not hasattr(object, name)
}


def _exposed(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    return call


_EXPOSED = _exposed(len).__code__


def _expose_methods() -> None:
    _exposing.acquire()
    for name, method in _METHODS.items():
        setattr(ms.Tensor, name, _exposed(method))


def _hide_methods() -> None:
    for name in _METHODS:
        if name in vars(ms.Tensor):
            delattr(ms.Tensor, name)
    _exposing.release()
