"""Derivatives inside a function that the user compiles with ms.jit.

MindSpore compiles such a function from its source, and the derivatives in it with its own rules,
corrected by `rules`. None of the rest of the engine takes part.
"""

from d2l_autograd.engine.inside_jit.derivatives import (
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_sample_grad,
    prepared,
    value_and_grad,
    vjp,
)

__all__ = [
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "per_sample_grad",
    "value_and_grad",
    "vjp",
    "prepared",
]
