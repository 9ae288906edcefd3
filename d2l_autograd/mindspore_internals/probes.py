"""What this package uses of MindSpore beyond its documentation, each tried on the MindSpore here.

`d2l-autograd doctor` runs the probes in a process of their own, which a lost function of MindSpore
may crash, and in which MindSpore has compiled nothing yet. To add one, write a function that uses
MindSpore as the package does and fails where MindSpore behaves otherwise.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mindspore as ms
from mindspore import ops


@dataclass(frozen=True)
class Probe:
    """One part of MindSpore: its name, what it is used for, and what is wrong with it, if so."""

    name: str
    used_for: str
    fault: str | None


_Try = Callable[[], object]
_TRIED: list[tuple[str, str, _Try]] = []


def probe() -> list[Probe]:
    """Try every part of MindSpore that the package uses beyond its documentation."""
    return [Probe(name, used_for, _fault(attempt)) for name, used_for, attempt in _TRIED]


def _fault(attempt: _Try) -> str | None:
    try:
        attempt()
    except Exception as error:
        said = str(error).strip().splitlines()
        return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
    return None


def _probe(name: str, used_for: str) -> Callable[[_Try], _Try]:
    def register(attempt: _Try) -> _Try:
        _TRIED.append((name, used_for, attempt))
        return attempt

    return register


def _expect(condition: object, otherwise: str) -> None:
    if not condition:
        raise RuntimeError(otherwise)


def _square(x: Any) -> Any:
    return x * x


def _number(value: Any) -> float:
    return float(value.asnumpy())


# First, since MindSpore reads the variable when it first compiles a gradient.
@_probe("bprop_getters and MS_DEV_USE_PY_BPROP", "backward rules that MindSpore lacks or has wrong")
def _rules_are_asked_for() -> None:
    from mindspore.ops._grad_experimental.grad_base import bprop_getters

    variable = "MS_DEV_USE_PY_BPROP"
    os.environ[variable] = ",".join(filter(None, [os.environ.get(variable), "Erfinv"]))
    asked = []

    def rule(op: Any) -> Any:
        asked.append(op)

        def bprop(x: Any, out: Any, dout: Any) -> Any:
            return (dout * 7.0,)

        return bprop

    def fn(x: Any) -> Any:
        return ops.erfinv(x)

    bprop_getters["Erfinv"] = rule
    slope = _number(ms.jit(ms.grad(fn))(ms.Tensor(0.5, ms.float32)))
    _expect(asked, "MindSpore did not ask for a rule that was registered")
    _expect(slope == 7.0, f"a gradient by a rule of ours is {slope}, not 7")


@_probe(
    "ms_compile_cache, JitExecutor_.del_net_res, set_jit_compile_phase and grad_jit",
    "running graphs by name, and freeing those that nobody uses",
)
def _graphs_are_known_by_name() -> None:
    from mindspore.graph.api import JitExecutor_, _pynative_executor, ms_compile_cache

    def compiled(x: Any) -> Any:
        return x + 1

    compiled.__name__ = "a_probe"
    before = set(ms_compile_cache)
    _number(ms.jit(compiled, fullgraph=True)(ms.Tensor(1.0)))
    added = set(ms_compile_cache) - before
    _expect(added, "a compiled graph is not in the cache")
    prefix = f"{compiled.__module__}.a_probe."
    _expect(all(key.startswith(prefix) for key in added), f"keys are {added}, not {prefix}…")
    _pynative_executor.set_jit_compile_phase(*added)
    found = _number(_pynative_executor.grad_jit(ms.Tensor(2.0)))  # waits: one must not be freed
    _expect(found == 3.0, f"a graph that adds 1 to 2 returns {found}")
    JitExecutor_.get_instance().del_net_res(None, added)


@_probe("PrimitiveWithInfer, constexpr_prim and __infer__", "telling compiled code from Python")
def _compiling_is_told() -> None:
    from d2l_autograd.mindspore_internals.compile_time import compiling

    def fn(x: Any) -> Any:
        if compiling():
            return x + 1
        return x

    values = _number(fn(ms.Tensor(0.0))), _number(ms.jit(fn)(ms.Tensor(0.0)))
    _expect(values == (0.0, 1.0), f"the values are {values}, not (0, 1)")


@_probe("“C++ Call Stack” in what an operator raises", "its error in our words")
def _errors_have_a_stack() -> None:
    try:
        ops.matmul(ms.Tensor([[1.0, 2.0]]), ms.Tensor([[1.0, 2.0]])).asnumpy()
    except Exception as error:
        _expect("C++ Call Stack" in str(error), f"it says: {str(error)[:100]}")
    else:
        raise RuntimeError("a product of matrices that do not fit raises nothing")


@_probe("_pynative_executor.grad_flag", "noticing a gradient inside a gradient")
def _recording_is_told() -> None:
    from mindspore.graph.api import _pynative_executor

    flags = [_pynative_executor.grad_flag()]

    def fn(x: Any) -> Any:
        flags.append(_pynative_executor.grad_flag())
        return x * x

    ms.grad(fn)(ms.Tensor(1.0))
    flags.append(_pynative_executor.grad_flag())
    _expect(flags == [False, True, False], f"before, within and after a gradient it is {flags}")


@_probe("_pynative_func_grad_forward", "telling in which thread mindspore.grad runs a function")
def _the_frame_of_a_gradient_has_its_name() -> None:
    from d2l_autograd.mindspore_internals.modes import is_recorded_by_mindspore

    told = []

    def fn(x: Any) -> Any:
        told.append(is_recorded_by_mindspore())
        return x * x

    ms.grad(fn)(ms.Tensor(1.0))
    _expect(told == [True], "no frame of a gradient has its name")


@_probe("MsDispatchMode and data_ptr", "recording the operators that run, and what they run on")
def _operators_are_seen() -> None:
    seen: list[tuple[str, list[int]]] = []

    class Seeing(ms.MsDispatchMode):
        def __ms_dispatch__(self, func: Any, args: Any, kwargs: Any = None) -> Any:
            places = [given.data_ptr() for given in args if isinstance(given, ms.Tensor)]
            seen.append((func.name, places))
            return func(*args)

    x = ms.Tensor([1.0, 2.0])
    with Seeing():
        y = x * x
        _ = y + x
    names = [name for name, _ in seen]
    _expect(names == ["Mul", "AddExt"], f"of a product and a sum it sees {names}")
    places = [y.data_ptr(), x.data_ptr()]
    _expect(seen[1][1] == places, "the operands of a sum lie elsewhere than the tensors")


@_probe("Primitive.__call__", "running an operator again, given its name")
def _operators_run_by_name() -> None:
    x = ms.Tensor([1.0, 2.0])
    found = ops.Primitive.__call__(ops.Primitive("SumExt"), x, None, False, None)
    _expect(_number(found) == 3.0, f"the sum of 1 and 2 is {found}")


@_probe(
    "_JitExecutor, _Function, Cell.has_bprop and _params",
    "code with a rule of its own, or under jit",
)
def _what_is_replaced_is_called() -> None:
    from d2l_autograd.engine.methods import REPLACEMENTS

    cell = ms.nn.Cell()
    for name in (
        "has_bprop",
        "_backward_hook",
        "_backward_pre_hook",
        "_params",
        "_params_list",
        "_construct_sig",
    ):
        _expect(hasattr(cell, name), f"a Cell has no {name}")
    before = dict(vars(ms.Tensor))
    REPLACEMENTS.replace(None)
    REPLACEMENTS.put_back(None)
    _expect(dict(vars(ms.Tensor)) == before, "Tensor's methods cannot be put back")


@_probe("context._get_mode", "which mode MindSpore is in")
def _mode_is_told() -> None:
    from mindspore import context

    _expect(context._get_mode() == ms.get_context("mode"), "it differs from get_context('mode')")


@_probe("gen_ops_prim, gen_ops_def, _grad_ops, pow_, zeros_like, isconstant", "backward rules")
def _operators_have_their_names() -> None:
    from mindspore.ops.auto_generate import gen_ops_def, gen_ops_prim
    from mindspore.ops.composite.multitype_ops.pow_impl import pow_
    from mindspore.ops.composite.multitype_ops.zeros_like_impl import zeros_like
    from mindspore.ops.functional import isconstant
    from mindspore.ops.operations import _grad_ops

    _expect(callable(pow_.register("AProbe")), "pow_ registers nothing")
    _expect(
        callable(zeros_like) and callable(isconstant), "zeros_like or isconstant is no function"
    )
    for module, name in ((gen_ops_prim, "PowTensorScalar"), (gen_ops_def, "cummax_impl")):
        _expect(hasattr(module, name), f"there is no {name}")
    _expect(hasattr(_grad_ops, "MaxPoolGradGrad"), "there is no MaxPoolGradGrad")


@_probe("mindspore.common.dtype.TensorType", "shapes and dtypes while MindSpore compiles")
def _tensor_types_are_types() -> None:
    from mindspore.common.dtype import TensorType

    _expect(isinstance(TensorType, type), f"it is {TensorType!r}")


@_probe("Tensor.wait_pipeline and Tensor.untyped_storage", "results of compiled gradients")
def _results_can_be_waited_for() -> None:
    x = ms.Tensor([[1.0, 2.0], [3.0, 4.0]])
    y = x + x
    y.wait_pipeline()
    _expect(y.untyped_storage().nbytes() == y.nbytes, "a result's storage is larger than it")
