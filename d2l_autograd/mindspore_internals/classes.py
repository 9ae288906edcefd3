"""Classes of MindSpore's that have no public name."""

from mindspore.common._grad_function import _Function as Function
from mindspore.graph.api import _JitExecutor as JitExecutor
from mindspore.ops.auto_generate import pyboost_inner_prim

Concat = type(pyboost_inner_prim.concat_impl)

__all__ = ["Concat", "Function", "JitExecutor"]
