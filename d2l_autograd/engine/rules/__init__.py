"""Backward rules of MindSpore's operators, made of operators, so that they nest to any order."""

# The imported modules fill the table.
from d2l_autograd.engine.rules import (  # noqa: F401
    activations,
    casts,
    distances,
    elementwise,
    indexing,
    layers,
    losses,
    matrices,
    moving,
    norms,
    products,
    random,
    ranges,
    reductions,
    scans,
    scatter,
    shapes,
    sorting,
    special,
)
from d2l_autograd.engine.rules.table import RULES, RULES_BY_NODE, Rule

__all__ = ["RULES", "RULES_BY_NODE", "Rule"]
