"""Classes of MindSpore's that have no public name."""

from mindspore.common._grad_function import _Function as Function
from mindspore.common.api import _JitExecutor as JitExecutor

__all__ = ["Function", "JitExecutor"]
