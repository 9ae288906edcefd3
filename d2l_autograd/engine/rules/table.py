"""The table of backward rules: for each operator, a vector-Jacobian product by each of its inputs.

A product is a function of the gradient by the output, the output, and all inputs; it returns the
gradient by one input, made of MindSpore operators, which have rules in turn. Where an operator
returns many results, gradient and output are lists. Where an input is a list of tensors, so is the
gradient by it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from d2l_autograd.engine.record import Node

Product = Callable[..., Any]


class Rule(NamedTuple):
    """The backward rule of an operator.

    Attributes:
        products: the vector-Jacobian product by each input, in order; None for an input that has
            no derivative, or one that is 0.
        joint: computes the products by all inputs at once, in a sequence, instead of products.
        is_elementwise: each entry of the output depends on one entry of each input, up to
            broadcasting. The products then take gradients of any shape that can be broadcast to
            the output's, and the engine undoes the broadcasting of the inputs.
    """

    products: tuple[Product | None, ...] = ()
    joint: Callable[..., Any] | None = None
    is_elementwise: bool = False


RULES: dict[str, Rule] = {}
"""By name of the operator."""
RULES_BY_NODE: dict[str, Callable[["Node"], Rule]] = {}
"""By name of the operator, if its rule depends on attributes of the MindSpore object that ran."""


def rule(names: str, *products: Product | None) -> None:
    """Enter the rule of the operators that are named, separated by white space."""
    RULES.update(dict.fromkeys(names.split(), Rule(products)))


def elementwise(names: str, *products: Product | None) -> None:
    """Enter the rule of elementwise operators, see `Rule`."""
    RULES.update(dict.fromkeys(names.split(), Rule(products, is_elementwise=True)))


def joint_rule(names: str, products: Product) -> None:
    """Enter the rule of operators whose products are computed together."""
    RULES.update(dict.fromkeys(names.split(), Rule(joint=products)))


def rule_by_node(names: str, make: Callable[["Node"], Rule]) -> None:
    """Enter a function that makes the rule of an operator, given the node where it ran."""
    RULES_BY_NODE.update(dict.fromkeys(names.split(), make))
