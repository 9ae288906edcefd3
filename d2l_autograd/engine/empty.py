"""What operators return for tensors without elements, where MindSpore's leave it to chance.

A sum over no elements is 0. MindSpore's kernels write nothing there, and return what happens to lie
in the memory of the result.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from mindspore import Tensor

from d2l_autograd.engine.shapes import constant
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import forget_failures

_OF_NOTHING = (
    dict.fromkeys(("SumExt", "ReduceSum", "MatMul", "MatMulExt", "BatchMatMul", "Trace"), 0.0)
    | dict.fromkeys(("LpNorm", "KLDivLoss", "Histogram", "CumSum"), 0.0)
    | dict.fromkeys(("MeanExt", "ReduceMean", "Median", "BinaryCrossEntropy"), np.nan)
    | dict.fromkeys(("ProdExt", "ReduceProd"), 1.0)
    | {"ReduceMax": -np.inf, "ReduceMin": np.inf}
)
"""By name of the operator: the element of its result that is made of no elements."""


def run(name: str, inputs: Any, operator: Callable[[], Any]) -> tuple[Any, bool]:
    """Run an operator, and return its result, and whether it is another than MindSpore's."""
    is_known = name in _OF_NOTHING and 0 in inputs[0].shape
    if is_known and name == "CumSum":  # which fails, and only later where operators are launched so
        return constant(0.0, inputs[0].shape, inputs[0].dtype), True
    try:
        result = operator()
    except Exception as error:
        raise _in_plain_words(name, inputs, error) from None
    is_sum = name == "BinaryCrossEntropy" and inputs[-1] == 0
    value = 0.0 if is_sum else _OF_NOTHING.get(name, 0.0)
    parts = result if isinstance(result, tuple) else (result,)
    if not is_known or not parts[0].size or not (value == 0 or parts[0].is_floating_point()):
        return result, False
    right = [constant(value, parts[0].shape, parts[0].dtype)]
    right += [constant(0.0, part.shape, part.dtype) for part in parts[1:]]
    return (tuple(right) if parts is result else right[0]), True


def _in_plain_words(name: str, inputs: Any, error: Exception) -> Exception:
    """Return the error of an operator, which says so if it was given no elements."""
    shapes = [part.shape for part in inputs if isinstance(part, Tensor) and not part.size]
    if not shapes:
        return error
    forget_failures()
    return GradientError(
        f"{name} is given a tensor without elements, of shape {shapes[0]}, and MindSpore's "
        "operator refuses that. Leave it out where x.size is 0."
    )
