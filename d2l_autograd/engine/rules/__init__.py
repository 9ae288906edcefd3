"""Backward rules of MindSpore's operators, made of operators, so that they nest to any order."""

# The imported modules fill the table.
from d2l_autograd.engine.rules import (  # noqa: F401
    elementwise,
    indexing,
    matrices,
    products,
    reductions,
    shapes,
)
from d2l_autograd.engine.rules.table import RULES, Rule

__all__ = ["RULES", "Rule"]
