"""Automatic differentiation with MindSpore: gradients that are right, or a clear error.

Importing this package imports nothing else and changes nothing; MindSpore is imported when a
helper is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from d2l_autograd.course.answers import check_answer
    from d2l_autograd.derivatives.detach import detach
    from d2l_autograd.derivatives.gradient import grad, value_and_grad
    from d2l_autograd.derivatives.matrices import hessian, jacobian
    from d2l_autograd.derivatives.per_sample import per_sample_grad
    from d2l_autograd.derivatives.products import hvp, jvp, vjp
    from d2l_autograd.derivatives.variables import attach_grad, backward, zero_grad
    from d2l_autograd.errors import GradientError
    from d2l_autograd.gradient_check.check import check_grads
    from d2l_autograd.graph_drawing.drawing import draw_graph
    from d2l_autograd.graph_drawing.mermaid import to_mermaid
    from d2l_autograd.graph_drawing.recorded import record_graph
    from d2l_autograd.plots.curves import plot_derivatives, plot_secants, plot_tangent
    from d2l_autograd.plots.differences import plot_step_errors
    from d2l_autograd.plots.planes import animate_descent, plot_descent, plot_gradient_field
    from d2l_autograd.session import start

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
    "GradientError": "errors",
    "animate_descent": "plots.planes",
    "attach_grad": "derivatives.variables",
    "backward": "derivatives.variables",
    "check_answer": "course.answers",
    "check_grads": "gradient_check.check",
    "detach": "derivatives.detach",
    "draw_graph": "graph_drawing.drawing",
    "grad": "derivatives.gradient",
    "hessian": "derivatives.matrices",
    "hvp": "derivatives.products",
    "jacobian": "derivatives.matrices",
    "jvp": "derivatives.products",
    "per_sample_grad": "derivatives.per_sample",
    "plot_derivatives": "plots.curves",
    "plot_descent": "plots.planes",
    "plot_gradient_field": "plots.planes",
    "plot_secants": "plots.curves",
    "plot_step_errors": "plots.differences",
    "plot_tangent": "plots.curves",
    "record_graph": "graph_drawing.recorded",
    "start": "session",
    "to_mermaid": "graph_drawing.mermaid",
    "value_and_grad": "derivatives.gradient",
    "vjp": "derivatives.products",
    "zero_grad": "derivatives.variables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
