"""The public names: type checkers and editors read this file, and so does the package itself."""

from d2l_autograd.course.answers import check_answer as check_answer
from d2l_autograd.course.labels import label as label
from d2l_autograd.course.project import check_project as check_project
from d2l_autograd.derivatives.detach import detach as detach
from d2l_autograd.derivatives.functional_call import functional_call as functional_call
from d2l_autograd.derivatives.gradient import grad as grad
from d2l_autograd.derivatives.gradient import value_and_grad as value_and_grad
from d2l_autograd.derivatives.matrices import hessian as hessian
from d2l_autograd.derivatives.matrices import jacobian as jacobian
from d2l_autograd.derivatives.per_sample import per_sample_grad as per_sample_grad
from d2l_autograd.derivatives.products import hvp as hvp
from d2l_autograd.derivatives.products import jvp as jvp
from d2l_autograd.derivatives.products import vjp as vjp
from d2l_autograd.derivatives.variables import attach_grad as attach_grad
from d2l_autograd.derivatives.variables import backward as backward
from d2l_autograd.derivatives.variables import zero_grad as zero_grad
from d2l_autograd.errors import GradientError as GradientError
from d2l_autograd.gradient_check.check import check_grads as check_grads
from d2l_autograd.graph_drawing.animation import animate_backward as animate_backward
from d2l_autograd.graph_drawing.drawing import draw_graph as draw_graph
from d2l_autograd.graph_drawing.mermaid import to_mermaid as to_mermaid
from d2l_autograd.graph_drawing.recorded import record_graph as record_graph
from d2l_autograd.plots.animations import animate_descent as animate_descent
from d2l_autograd.plots.curves import plot_derivatives as plot_derivatives
from d2l_autograd.plots.newton import plot_newton as plot_newton
from d2l_autograd.plots.planes import plot_descent as plot_descent
from d2l_autograd.plots.planes import plot_gradient_field as plot_gradient_field
from d2l_autograd.plots.step_errors import plot_step_errors as plot_step_errors
from d2l_autograd.plots.tangents import plot_secants as plot_secants
from d2l_autograd.plots.tangents import plot_tangent as plot_tangent
from d2l_autograd.plots.training import plot_decision_boundary as plot_decision_boundary
from d2l_autograd.plots.training import plot_training as plot_training
from d2l_autograd.ranks.run import run_ranks as run_ranks
from d2l_autograd.session import start as start

__all__: list[str]
__version__: str
