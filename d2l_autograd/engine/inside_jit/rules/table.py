"""The tables of backward rules, and what the rules share.

Each rule is a function of the operator; it returns the operator's vector-Jacobian product: a
function of its inputs, its output and the gradient by the output, which returns a gradient for
each input. It is made of operators that have derivatives of every order.
"""

from collections.abc import Callable
from typing import Any

Rule = Callable[[Any], Callable[..., Any]]

MISSING: dict[str, Rule] = {}
"""By name of the operator: rules that MindSpore does not have."""

INSTEAD: dict[str, Rule] = {}
"""By name of the operator: rules to take instead of MindSpore's own."""


def rule(rules: dict[str, Rule], *names: str) -> Callable[[Rule], Rule]:
    """Enter a rule into a table, under the names of its operators."""

    def register(rule: Rule) -> Rule:
        rules.update(dict.fromkeys(names, rule))
        return rule

    return register


def sum_to(x: Any, like: Any) -> Any:
    """Return x summed over the axes along which an operand of that shape was broadcast."""
    shape = like.shape
    if x.shape == shape:
        return x
    extra = x.ndim - len(shape)
    axes = tuple(range(extra))
    for i in range(len(shape)):
        if shape[i] == 1 and x.shape[i + extra] != 1:
            axes = axes + (i + extra,)
    return x.sum(axes, keepdims=True).reshape(shape)
