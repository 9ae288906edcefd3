"""Automatic differentiation with MindSpore: gradients that are right, or a clear error.

    import d2l_autograd as d2l

    d2l.start()  # before MindSpore is imported
    import mindspore as ms

    d2l.grad(lambda x: (x**2).sum())(ms.Tensor([1.0, 2.0]))  # [2, 4]

A session:      start
Derivatives:    grad, value_and_grad, jacobian, hessian, vjp, jvp, hvp, per_sample_grad
Variables:      attach_grad, backward, zero_grad, detach
Networks:       functional_call
A check:        check_grads
Graphs:         draw_graph, animate_backward, record_graph, to_mermaid
Curves:         plot_derivatives, plot_tangent, plot_secants, plot_step_errors
Planes:         plot_gradient_field, plot_descent, animate_descent, plot_newton
Training:       plot_training, plot_decision_boundary
Processes:      run_ranks
Chapters:       check_answer, check_project, label
Errors:         GradientError

Importing this package changes nothing, and imports nothing big: MindSpore is imported when a
helper is first used.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.1.0"


def _homes() -> dict[str, str]:
    """Return the module of each public name, as ``__init__.pyi`` imports them."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = (node for node in stub.body if isinstance(node, ast.ImportFrom))
    return {name.name: node.module or "" for node in imports for name in node.names}


_HOMES = _homes()
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOMES)
