"""What operators return for tensors without elements, where MindSpore's leave it to chance.

A sum over no elements is 0. MindSpore's kernels write nothing there, and return what happens to lie
in the memory of the result.
"""

from typing import Any

import numpy as np
from mindspore import Tensor

_OF_NOTHING = (
    dict.fromkeys(("SumExt", "ReduceSum", "MatMul", "MatMulExt", "BatchMatMul", "Trace"), 0.0)
    | dict.fromkeys(("MeanExt", "ReduceMean"), np.nan)
    | dict.fromkeys(("ProdExt", "ReduceProd"), 1.0)
    | {"ReduceMax": -np.inf, "ReduceMin": np.inf}
)
"""By name of the operator: the element of its result that is made of no elements."""


def value_of_nothing(name: str, inputs: Any, result: Any) -> Any:
    """Return the right result of an operator that was given no elements, or None if it has it."""
    if name not in _OF_NOTHING or 0 not in inputs[0].shape or not result.size:
        return None
    if not result.is_floating_point():
        return None
    return Tensor(np.full(result.shape, _OF_NOTHING[name]), result.dtype)
