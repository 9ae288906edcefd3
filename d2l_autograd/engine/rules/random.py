"""Backward rules of operators that draw random numbers: the draw is a constant."""

from typing import Any

from mindspore import ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.table import Rule, elementwise, rule, rule_by_node
from d2l_autograd.errors import GradientError


def _dropout(d: Any, out: Any, x: Any, keep: float, *_: Any) -> Any:
    return d[0] * (out[1] / keep)


def _dropout_of_channels(node: Node) -> Rule:
    keep = node.primitive.keep_prob

    def by_x(d: Any, out: Any, x: Any) -> Any:
        return ops.where(out[1], d[0] / keep, ops.zeros_like(d[0]))

    return Rule((by_x,))


rule("Dropout", _dropout)
rule_by_node("Dropout2D Dropout3D", _dropout_of_channels)
elementwise("OnesLike ZerosLike OnesLikeExt ZerosLikeExt LogNormalReverse", None)
rule("NewOnes NewZeros NewEmpty", None)


def _refused(node: Node) -> Rule:
    def refuse(*_: Any) -> Any:
        raise GradientError(
            f"{node.name} draws random numbers that depend on its input in no way that can be "
            "differentiated. Draw from a fixed distribution and transform the draw (mean + std * "
            "noise), or hold the input constant with d2l_autograd.detach."
        )

    return Rule(joint=refuse)


rule_by_node("Bernoulli RandomGamma RandomPoisson Gamma Poisson", _refused)
