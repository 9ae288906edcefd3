"""What operators return for tensors without elements, where MindSpore's leave it to chance.

A sum over no elements is 0. MindSpore's kernels write nothing there, and return what happens to lie
in the memory of the result.
"""

from typing import Any

import numpy as np

from d2l_autograd.engine.shapes import constant

_OF_NOTHING = (
    dict.fromkeys(("SumExt", "ReduceSum", "MatMul", "MatMulExt", "BatchMatMul", "Trace"), 0.0)
    | dict.fromkeys(("MeanExt", "ReduceMean"), np.nan)
    | dict.fromkeys(("ProdExt", "ReduceProd"), 1.0)
    | {"ReduceMax": -np.inf, "ReduceMin": np.inf}
)
"""By name of the operator: the element of its result that is made of no elements."""


def without_chance(name: str, inputs: Any, result: Any) -> Any:
    """Return the result of an operator, or the right one where it was given no elements."""
    if name not in _OF_NOTHING or 0 not in inputs[0].shape or not result.size:
        return result
    if not result.is_floating_point():
        return result
    return constant(_OF_NOTHING[name], result.shape, result.dtype)
