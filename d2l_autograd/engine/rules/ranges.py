"""Backward rules of tensors that are made of their ends."""

import math
from typing import Any

import numpy as np

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.moving import as_tensor
from d2l_autograd.engine.rules.table import Rule, joint_rule, rule_by_node


def _by_ends(d: Any, start: Any, end: Any) -> list[Any]:
    """Return the gradients by the two ends of numbers in equal steps along the last axis."""
    way = as_tensor(np.linspace(0.0, 1.0, d.shape[-1]), d.dtype)
    by_end = (d * way).sum(-1)
    return [(d.sum(-1) - by_end).reshape(start.shape), by_end.reshape(end.shape)]


joint_rule("LinSpace", lambda d, out, start, end, *_: _by_ends(d, start, end))


def _log_space(node: Node) -> Rule:
    factor = math.log(node.primitive.base)
    return Rule(joint=lambda d, out, start, end, *_: _by_ends(d * out * factor, start, end))


rule_by_node("LogSpace", _log_space)


def _range(d: Any, out: Any, start: Any, end: Any, step: Any, *_: Any) -> list[Any]:
    count = as_tensor(np.arange(d.size), d.dtype)
    return [d.sum().reshape(start.shape), None, (d * count).sum().reshape(step.shape)]


joint_rule("Range", _range)
