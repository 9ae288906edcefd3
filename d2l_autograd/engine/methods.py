"""What stands for Tensor's methods while a run is watched.

MindSpore's dispatch mode does not see indexing. It cannot see what Python looks at either, and
numbers that went through Python carry no gradient back.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops
from mindspore.numpy import array_creations, math_ops
from mindspore.ops.function import clip_func, math_func, nn_func

from d2l_autograd.engine.customs import cell_call, function_apply, jit_call
from d2l_autograd.engine.record import THROUGH_PYTHON, copy
from d2l_autograd.engine.rules.indexing import get_item, set_item
from d2l_autograd.engine.rules.norms import root_of_variance, square_in_norm
from d2l_autograd.engine.shapes import constant
from d2l_autograd.engine.watching import apply, current_record, paused
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.classes import Concat, Function, JitExecutor
from d2l_autograd.mindspore_internals.replacing import Replacements

Method = Callable[..., Any]


_ROUND = 6  # characters; a longer number is hardly by chance the same as one that was read


class HostNumbers(np.ndarray[Any, Any]):
    """Numbers of a tensor that depends on an input, on their way through NumPy."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: Any = False) -> Any:
        return array.view(HostNumbers)


def _getitem(original: Method) -> Method:
    def getitem(self: Tensor, index: Any) -> Any:
        record = current_record()
        if record is None or not (record.is_followed(self) or _follows(record, index)):
            return original(self, index)
        return get_item(self, index)

    return getitem


def _follows(record: Any, index: Any) -> bool:
    parts = index if isinstance(index, (tuple, list)) else (index,)
    return any(isinstance(part, Tensor) and record.is_followed(part) for part in parts)


def _copy(original: Method | None) -> Method:
    """Let copy.copy give a copy that is followed: Python would take the tensor to pieces."""

    def __copy__(self: Tensor) -> Tensor:
        return apply("Copy", copy, self)

    return __copy__


def _asarray(original: Method) -> Method:
    """Let mindspore.numpy stack the tensors of a list, and not their numbers."""

    def asarray(given: Any, dtype: Any = None) -> Any:
        record = current_record()
        followed = None if record is None else _first_followed(record, given)
        if followed is None:
            return original(given, dtype)
        stacked = _stacked(given, followed.dtype)
        return stacked if dtype is None else stacked.astype(dtype)

    return asarray


def _array_ufunc(original: Method | None) -> Method:
    """Let a number of NumPy's to the left of a tensor be one: NumPy would take over otherwise."""

    def ufunc(self: Tensor, function: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        record = current_record()
        left, compute = inputs[0], _OPERATORS.get(function)
        if compute and isinstance(left, np.generic) and record and record.is_followed(self):
            # A tensor, since MindSpore rounds Python's numbers to float32.
            exact = self.is_floating_point()
            return compute(constant(left.item(), (), self.dtype) if exact else left.item(), self)
        given = [part.asnumpy() if isinstance(part, Tensor) else part for part in inputs]
        return getattr(function, method)(*given, **kwargs)

    return ufunc


_OPERATORS = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.true_divide: operator.truediv,
    np.power: operator.pow,
}


def _first_followed(record: Any, given: Any) -> Tensor | None:
    if isinstance(given, Tensor):
        return given if record.is_followed(given) else None
    if isinstance(given, (list, tuple)):
        found = (_first_followed(record, part) for part in given)
        return next((part for part in found if part is not None), None)
    return None


def _stacked(given: Any, dtype: Any) -> Tensor:
    if isinstance(given, (list, tuple)):
        return ops.stack([_stacked(part, dtype) for part in given])
    return given.astype(dtype) if isinstance(given, Tensor) else Tensor(given, dtype)


def _square_in_norm(original: Method) -> Method:
    """Let norms be 0 at 0 with a gradient of 0."""

    def square(x: Tensor) -> Tensor:
        record = current_record()
        if record is None or record.value_of(x) is None:
            return original(x)
        return square_in_norm(x)

    return square


def _log_of_sigmoid(original: Method) -> Method:
    """Let the logarithm of a sigmoid be one operator: far out, the sigmoid alone is 0."""

    def log(x: Tensor) -> Tensor:
        record = current_record()
        if record is None or not record.nodes:
            return original(x)
        last = record.nodes[-1]
        if last.name != "Sigmoid" or last.outs[0] is not record.value_of(x):
            return original(x)
        return apply("LogSigmoid", lambda y: original(ops.sigmoid(y)), last.inputs[0])

    return log


def _log_sigmoid(original: Method) -> Method:
    def construct(self: nn.LogSigmoid, x: Tensor) -> Tensor:
        return apply("LogSigmoid", functools.partial(original, self), x)

    return construct


def _infinity_norm(original: Method) -> Method:
    """Let entries that are equally large share the gradient of a norm."""

    def norm(x: Tensor, dim: Any, keepdims: bool, largest: Method) -> Tensor:
        return (ops.amax if largest is ops.max else ops.amin)(ops.abs(x), dim, keepdims)

    return norm


def _square_of_std(original: Method) -> Method:
    """Let a variance that is the square of a deviation be one: the deviation has a kink at 0."""

    def power(x: Tensor, exponent: Any) -> Tensor:
        record = current_record()
        if record is None or not record.nodes:
            return original(x, exponent)
        last = record.nodes[-1]
        if last.name != "ReduceStd" or last.outs[0] is not record.value_of(x):
            return original(x, exponent)
        of = last.primitive
        return last.inputs[0].var(
            None if of.axis == () else of.axis, int(of.unbiased), of.keep_dims
        )

    return power


def _at_the_edge(original: Any) -> Method:
    """Let functions that are cut off by a maximum or a minimum have one slope at the edge.

    The maximum of a number and an operand is constant there, that of two operands the first.
    """

    def cut(x: Tensor, y: Any) -> Tensor:
        return apply(f"{original.name}AtEdge", original, x, y)

    return cut


def _at_the_bounds(name: str) -> Callable[[Method], Method]:
    """Let what is cut off at given bounds have the slope 1 there, be they numbers or tensors."""

    def make(original: Method) -> Method:
        def cut(x: Any, bound: Any, **kwargs: Any) -> Tensor:
            record = current_record()
            if record is None or _first_followed(record, [x, bound]) is None:
                return original(x, bound, **kwargs)
            bound = bound if isinstance(bound, Tensor) else Tensor(bound, x.dtype)
            return apply(f"{name}AtEdge", lambda x, y: original(x, y, **kwargs), x, bound)

        return cut

    return make


def _std(original: Method) -> Method:
    """Let the standard deviation of equal numbers have a gradient of 0."""

    def std(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        record = current_record()
        if record is None or record.value_of(self) is None:
            return original(self, *args, **kwargs)
        return root_of_variance(self.var(*args, **kwargs))

    return std


def _setitem(original: Method) -> Method:
    def setitem(self: Tensor, index: Any, value: Any) -> Any:
        record = current_record()
        if record is None:
            return original(self, index, value)
        if not any(isinstance(t, Tensor) and record.is_followed(t) for t in (self, value)):
            record.keep_numbers(self)
            return original(self, index, value)
        value = value if isinstance(value, Tensor) else Tensor(value, self.dtype)
        changed = set_item(self, index, value)
        record.keep_numbers(self)
        with paused(record):
            self.assign_value(changed)
        record.move(changed, self)
        return None

    return setitem


def _read(original: Method) -> Method:
    """Note that Python looks at numbers that depend on an input."""

    @functools.wraps(original)
    def read(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        record = current_record()
        if record is None:
            return original(self, *args, **kwargs)
        value = record.value_of(self)
        with paused(record):
            numbers = original(self, *args, **kwargs)
            if record.trace:
                record.trace.read(self)
        if value is not None:
            record.reads.append(value)
            # A truth value is constant in steps: what a branch returns has its own gradient.
            record.has_copied |= not isinstance(numbers, bool) and self.dtype != ms.bool_
            if isinstance(numbers, np.ndarray):
                return numbers.view(HostNumbers)
            if isinstance(numbers, float) and len(repr(numbers)) > _ROUND:
                record.read_numbers.add(numbers)
        return numbers

    return read


def _made_of(original: Method) -> Method:
    """Refuse a new tensor that is made of numbers on their way through Python.

    A copy of a tensor is as good as the tensor where what runs is to be compiled.
    """

    def init(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        record = current_record()
        if record is not None:
            given = args[0] if args else kwargs.get("input_data", kwargs.get("default_input"))
            if _comes_from_input(record, given, type(self)):
                raise GradientError(THROUGH_PYTHON.format(type(self).__name__))
        original(self, *args, **kwargs)
        if record is not None and record.trace:
            record.trace.made(self, given)

    return init


def _comes_from_input(record: Any, given: Any, kind: type) -> bool:
    if isinstance(given, HostNumbers):
        return True
    if isinstance(given, float):
        return given in record.read_numbers
    if isinstance(given, (list, tuple)):
        return any(_comes_from_input(record, part, ms.Parameter) for part in given)
    return (
        issubclass(kind, ms.Parameter)
        and isinstance(given, Tensor)
        and bool(record.value_of(given))
    )


def _changes_nothing(name: str) -> Callable[[Method], Method]:
    def make(original: Method) -> Method:
        def refuse(self: Tensor, *args: Any, **kwargs: Any) -> Any:
            record = current_record()
            if record is not None and any(
                isinstance(t, Tensor) and record.value_of(t)
                for t in (self, *args, *kwargs.values())
            ):
                plain = name.rstrip("_")
                raise GradientError(
                    f"Tensor.{name} changes nothing on the CPU: MindSpore returns the result and "
                    f"leaves the tensor as it is. Write y = y.{plain}(...), not y.{name}(...)."
                )
            return original(self, *args, **kwargs)

        return refuse

    return make


def _of_tuple(original: Method) -> Method:
    """Join tensors in a tuple: an operator that is given a list of them is not seen as it runs."""

    def join(primitive: Any, tensors: Any, *rest: Any) -> Tensor:
        return original(primitive, tuple(tensors), *rest)

    return join


def _register_hook(original: Method) -> Method:
    def register_hook(self: Tensor, hook: Any) -> Any:
        record = current_record()
        value = record and record.value_of(self)
        if not value:
            return original(self, hook)
        value.hooks.append(hook)
        return _Handle(value.hooks, hook)

    return register_hook


class _Handle:
    """What register_hook returns: its remove() takes the hook back."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks = hooks
        self._hook = hook

    def remove(self) -> None:
        """Take the hook back."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


def _keeping(original: Method) -> Method:
    """Keep the numbers of a tensor for the record before it gets others."""

    def change(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        record = current_record()
        if record is not None:
            record.keep_numbers(self)
        return original(self, *args, **kwargs)

    return change


_READING = (
    "asnumpy",
    "numpy",
    "item",
    "tolist",
    "__float__",
    "__int__",
    "__bool__",
    "__index__",
    "__array__",
    "__contains__",
    "__str__",
    "__repr__",
)
_WORKING_IN_PLACE = ("copy_",)
_in_place = [
    name
    for name in dir(Tensor)
    if name.endswith("_")
    and not name.startswith("_")
    and name not in _WORKING_IN_PLACE
    and callable(getattr(Tensor, name))
    and hasattr(Tensor, name.rstrip("_"))
]

REPLACEMENTS = Replacements(
    {
        (nn.Cell, "__call__"): cell_call,
        (Function, "apply"): function_apply,
        (JitExecutor, "__call__"): jit_call,
        (Concat, "__call__"): _of_tuple,
        (ops.Concat, "__call__"): _of_tuple,
        (Tensor, "__getitem__"): _getitem,
        (Tensor, "__setitem__"): _setitem,
        (Tensor, "std"): _std,
        (Tensor, "__copy__"): _copy,
        (Tensor, "__array_ufunc__"): _array_ufunc,
        (math_func, "_complex_square"): _square_in_norm,
        (math_func, "_compute_vector_norm_inf"): _infinity_norm,
        (math_func, "tensor_pow"): _square_of_std,
        (nn_func, "log_"): _log_of_sigmoid,
        (nn_func, "maximum_"): _at_the_edge,
        (nn_func, "minimum_"): _at_the_edge,
        (clip_func, "max_op"): _at_the_bounds("Maximum"),
        (clip_func, "min_op"): _at_the_bounds("Minimum"),
        (math_ops, "maximum"): _at_the_bounds("Maximum"),
        (math_ops, "minimum"): _at_the_bounds("Minimum"),
        (nn.LogSigmoid, "construct"): _log_sigmoid,
        (array_creations, "asarray_const"): _asarray,
        (Tensor, "__init__"): _made_of,
        (ms.Parameter, "__init__"): _made_of,
        (Tensor, "register_hook"): _register_hook,
        (Tensor, "assign_value"): _keeping,
        (ms.Parameter, "set_data"): _keeping,
        **{(Tensor, name): _read for name in _READING if hasattr(Tensor, name)},
        **{(Tensor, name): _changes_nothing(name) for name in _in_place},
    }
)
