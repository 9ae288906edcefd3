"""Running a function for its value: in float64, whatever the tensors that it holds, or as given."""

from functools import partial
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd.engine import empty
from d2l_autograd.engine.watching import taken_apart, written_places

_NARROW = frozenset((ms.float32, ms.float16, ms.bfloat16))
_numbers_of = Tensor.asnumpy  # as it is while nothing is watched: this is no look of Python's


class CannotWiden(Exception):
    """An operator changes a tensor in place that float64 does not fit in."""


class AsGiven(ms.MsDispatchMode):
    """A context in which operators return the right value for tensors without elements."""

    def __ms_dispatch__(self, func: Any, args: Any, kwargs: Any = None) -> Any:
        """Run an operator."""
        return empty.run(func.name, taken_apart(args)[1], partial(func, *args))[0]


class Wide(ms.MsDispatchMode):
    """A context in which operators compute in float64 what they would compute in less.

    Tensors that a function captures, such as weights, become float64 on their way into each
    operator, and a cast to a smaller floating-point type does nothing. What `ms.jit` compiles is
    not reached.
    """

    def __ms_dispatch__(self, func: Any, args: Any, kwargs: Any = None) -> Any:
        """Run an operator in float64."""
        primitive, inputs = taken_apart(args)
        if func.name != "BatchNorm":  # whose statistics do not matter to its result
            for place in written_places(func.name, primitive):
                if inputs[place].dtype in _NARROW:
                    raise CannotWiden(f"{func.name} changes a tensor of it in place")
        wide = tuple(map(_widened, inputs))
        given = wide if primitive is None else (primitive, func.name, wide)
        result, _ = empty.run(func.name, wide, partial(func, *given))
        if func.name == "Cast" and wide[0].dtype == ms.float64 and result.dtype in _NARROW:
            return wide[0]
        return _widened(result)


def _widened(value: Any) -> Any:
    if isinstance(value, Tensor) and value.dtype in _NARROW:
        return Tensor.from_numpy(_numbers_of(value).astype(np.float64))
    return type(value)(map(_widened, value)) if type(value) in (tuple, list) else value
