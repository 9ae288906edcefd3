"""Backward rules that MindSpore lacks, or has wrong, for the code that it compiles.

MindSpore differentiates an operator by a rule of its own in C++. Where it has none, for the
operators ``…Grad`` that rules themselves use, it asks Python, so that a second derivative needs a
rule in Python. Where its own rule is wrong or cannot be compiled, the environment variable
``MS_DEV_USE_PY_BPROP``, which MindSpore reads once, names the operators to ask Python for.

Rules cannot be lent to one compilation only, since MindSpore reads the variable once, at the first
gradient that it compiles. So `supply_rules` hands them to the process for good, and gradients that
MindSpore's own functions compile use them as well.
"""

import functools
import os
from typing import Any

import mindspore as ms
from mindspore import ops
from mindspore.graph.api import ms_compile_cache
from mindspore.ops import operations as P
from mindspore.ops._grad_experimental.grad_base import bprop_getters
from mindspore.ops.auto_generate import gen_ops_prim
from mindspore.ops.composite.multitype_ops.pow_impl import pow_
from mindspore.ops.functional import isconstant

from d2l_autograd.arguments.checks import FLOATS

# The imported modules fill the tables.
from d2l_autograd.engine.inside_jit.rules import (  # noqa: F401
    arrays,
    elementwise,
    layers,
    matrices,
)
from d2l_autograd.engine.inside_jit.rules.table import INSTEAD, MISSING, Rule
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import CompileTime

_REFUSED: dict[str, Rule] = {}
"""By name of the operator: rules that refuse a second derivative that there is not."""


def _refuse(operator: str, remedy: str, *names: str) -> None:
    def refuse(op: Any) -> Any:
        raise GradientError(
            f"{operator} has a first derivative in MindSpore and no second one, which the gradient "
            f"of a gradient needs. {remedy}"
        )

    _REFUSED.update(dict.fromkeys(names, refuse))


_refuse(
    "ops.grid_sample",
    "Write the interpolation out in sums and products of x[index], or hold the inner gradient "
    "constant with d2l_autograd.detach.",
    "GridSampler2DGrad",
    "GridSampler3DGrad",
)

_VARIABLE = "MS_DEV_USE_PY_BPROP"


@functools.cache
def supply_rules() -> bool:
    """Hand the rules to MindSpore, for this process, and keep eager mode from what it has wrong.

    Return whether it is certain to ask for them, since it has compiled nothing yet.
    """
    early = not ms_compile_cache
    for name, ours in {**MISSING, **INSTEAD, **_REFUSED}.items():
        _register(name, ours)
    given = os.environ.get(_VARIABLE, "").split(",")
    os.environ[_VARIABLE] = ",".join(filter(None, [*given, *INSTEAD]))
    _keep_exponents()
    return early


@functools.cache
def require_rules() -> None:
    """Refuse to compile a gradient in a process in which MindSpore does not ask for the rules."""
    supply_rules()
    asked = []

    def rule(op: Any) -> Any:
        asked.append(op)
        return INSTEAD["Erfinv"](op)

    bprop_getters["Erfinv"] = rule
    ms.jit(ms.grad(_probe))(ms.Tensor(0.5, ms.float32))
    bprop_getters["Erfinv"] = INSTEAD["Erfinv"]
    if not asked:
        raise GradientError(_TOO_LATE)
    # MindSpore has read it by now, and another process that inherits it would lack the rules.
    others = [name for name in os.environ[_VARIABLE].split(",") if name not in INSTEAD]
    os.environ[_VARIABLE] = ",".join(others)
    if not others:
        del os.environ[_VARIABLE]


_TOO_LATE = (
    "MindSpore compiled a gradient before d2l_autograd was first used, and keeps to its own "
    "backward rules from then on; some of them are wrong. Restart the session and call "
    "d2l_autograd.start(), or take a gradient with d2l_autograd.grad, first."
)


def _rules_in_graph() -> bool:
    """Refuse what `require_rules` does where it cannot be found out: MindSpore is compiling."""
    if not supply_rules() and not require_rules.cache_info().currsize:
        raise GradientError(_TOO_LATE)
    return True


rules_in_graph = CompileTime(_rules_in_graph)


def _probe(x: Any) -> Any:
    return ops.erfinv(x)


def _register(name: str, ours: Rule) -> None:
    """Register a rule by the name of the operator, and by its class if MindSpore's own rule is."""
    theirs = bprop_getters.get(name, None)
    bprop_getters[name] = ours
    for key in [key for key, rule in bprop_getters.items() if theirs and rule is theirs]:
        bprop_getters[key] = ours


def _keep_exponents() -> None:
    """Let x**2 be the operator whose rule sees that 2, in graphs; ops.pow makes a tensor of it."""
    of_tensors, of_numbers = P.Pow(), gen_ops_prim.PowTensorScalar()

    def power(x: Any, exponent: Any) -> Any:
        if x.dtype in FLOATS and isconstant(exponent):
            return of_numbers(x, exponent)
        return of_tensors(x, exponent)

    pow_.register("Tensor", "Number")(power)
