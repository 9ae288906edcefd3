"""Automatic differentiation with MindSpore: gradients that are right, or a clear error.

Importing this package imports nothing else and changes nothing; MindSpore is imported when a
helper is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from d2l_autograd._detach import detach
    from d2l_autograd._errors import GradientError
    from d2l_autograd._gradient import grad, value_and_grad
    from d2l_autograd._jacobian import hessian, jacobian
    from d2l_autograd._per_sample import per_sample_grad
    from d2l_autograd._products import hvp, jvp, vjp
    from d2l_autograd._session import start
    from d2l_autograd._variables import attach_grad, backward, zero_grad
    from d2l_autograd.answers import check_answer
    from d2l_autograd.gradient_check._check import check_grads
    from d2l_autograd.graphs._drawing import draw_graph
    from d2l_autograd.graphs._mermaid import to_mermaid
    from d2l_autograd.graphs._recorded import record_graph
    from d2l_autograd.pictures._curves import plot_derivatives, plot_secants, plot_tangent
    from d2l_autograd.pictures._differences import plot_step_errors
    from d2l_autograd.pictures._planes import animate_descent, plot_descent, plot_gradient_field

__version__ = "0.1.0"

__all__ = [
    "GradientError",
    "animate_descent",
    "attach_grad",
    "backward",
    "check_answer",
    "check_grads",
    "detach",
    "draw_graph",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "per_sample_grad",
    "plot_derivatives",
    "plot_descent",
    "plot_gradient_field",
    "plot_secants",
    "plot_step_errors",
    "plot_tangent",
    "record_graph",
    "start",
    "to_mermaid",
    "value_and_grad",
    "vjp",
    "zero_grad",
]

_HOMES = {
    "GradientError": "_errors",
    "animate_descent": "pictures._planes",
    "attach_grad": "_variables",
    "backward": "_variables",
    "check_answer": "answers",
    "check_grads": "gradient_check._check",
    "detach": "_detach",
    "draw_graph": "graphs._drawing",
    "grad": "_gradient",
    "hessian": "_jacobian",
    "hvp": "_products",
    "jacobian": "_jacobian",
    "jvp": "_products",
    "per_sample_grad": "_per_sample",
    "plot_derivatives": "pictures._curves",
    "plot_descent": "pictures._planes",
    "plot_gradient_field": "pictures._planes",
    "plot_secants": "pictures._curves",
    "plot_step_errors": "pictures._differences",
    "plot_tangent": "pictures._curves",
    "record_graph": "graphs._recorded",
    "start": "_session",
    "to_mermaid": "graphs._mermaid",
    "value_and_grad": "_gradient",
    "vjp": "_products",
    "zero_grad": "_variables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
