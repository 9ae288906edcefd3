"""Code that has a backward rule of its own, or runs as a graph: what stands for it while watched.

A Cell with ``bprop`` and a custom Function run as one operator with their own rule. Hooks of a Cell
are called in the backward pass. A function under ms.jit runs as the Python that it is made of.
"""

from collections.abc import Callable
from typing import Any

from mindspore import Tensor, nn

from d2l_autograd.engine.record import copy
from d2l_autograd.engine.rules.table import Rule
from d2l_autograd.engine.watching import apply, current_record
from d2l_autograd.errors import GradientError


def cell_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for the call of a Cell while a run is watched."""

    def call(cell: nn.Cell, *args: Any, **kwargs: Any) -> Any:
        if current_record() is None:
            return original(cell, *args, **kwargs)
        if cell._backward_hook or cell._backward_pre_hook:
            return _with_hooks(cell, args, kwargs)
        if cell.has_bprop:
            return _with_bprop(cell, args, kwargs)
        return original(cell, *args, **kwargs)

    return call


def _with_bprop(cell: nn.Cell, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    bound = cell._construct_sig.bind(*args, **kwargs)
    bound.apply_defaults()

    def backward(by_out: Any, out: Any, *inputs: Any) -> Any:
        found = cell.bprop(*inputs, _as_tuple(out), _as_tuple(by_out))
        return _gradients(found, inputs, f"The bprop of {type(cell).__name__}")

    return apply("bprop", cell.construct, *bound.args, rule=Rule(joint=backward))


def _gradients(found: Any, inputs: tuple[Any, ...], rule: str) -> tuple[Any, ...]:
    """Return what a rule returned as one gradient for each input, or say what is wrong with it."""
    if found is None:
        raise GradientError(f"{rule} returned None. It has to end with return.")
    gradients = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    if len(gradients) < len(inputs):
        raise GradientError(
            f"{rule} returned {len(gradients)} of {len(inputs)} gradients. Return a tuple with one "
            "for each input: zeros, ops.zeros_like, for one that the output does not depend on."
        )
    for number, (gradient, value) in enumerate(zip(gradients, inputs, strict=False), 1):
        if gradient is None or not isinstance(value, Tensor):
            continue
        if not isinstance(gradient, Tensor):
            raise GradientError(
                f"{rule} returned an object of type {type(gradient).__name__} for input {number}. "
                "Return a tensor."
            )
        if gradient.shape != value.shape:
            raise GradientError(
                f"{rule} returned a gradient of shape {gradient.shape} for input {number}, which "
                f"has shape {value.shape}. A gradient has the shape of its input; where the input "
                "was broadcast, sum over the axes that were added."
            )
    return gradients


def _with_hooks(cell: nn.Cell, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a Cell between two operators that change nothing, and whose rules call its hooks."""
    by_outputs: list[Any] = []

    def at_outputs(by_out: Any, out: Any, *outputs: Any) -> Any:
        gradients = _as_tuple(by_out)
        for hook in cell._backward_pre_hook.values():
            gradients = _changed(gradients, hook(cell, gradients))
        by_outputs[:] = [gradients]
        return gradients

    def at_inputs(by_out: Any, out: Any, *inputs: Any) -> Any:
        gradients = _as_tuple(by_out)
        for hook in cell._backward_hook.values():
            gradients = _changed(gradients, hook(cell, gradients, by_outputs[0]))
        return gradients

    outputs = cell.construct(*_marked(args, at_inputs), **kwargs)
    if isinstance(outputs, Tensor):
        return _marked((outputs,), at_outputs)[0]
    return _marked(outputs, at_outputs)


def _marked(values: tuple[Any, ...], backward: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the values with their tensors gone through an operator with this rule."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    passed = iter(apply("hook", _copies, *tensors, rule=Rule(joint=backward)))
    return tuple(next(passed) if isinstance(value, Tensor) else value for value in values)


def _copies(*tensors: Tensor) -> tuple[Tensor, ...]:
    return tuple(map(copy, tensors))


def _changed(gradients: tuple[Any, ...], result: Any) -> tuple[Any, ...]:
    if result is None:
        return gradients
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def function_apply(original: Any) -> Any:
    """Return what stands for a custom Function's apply while a run is watched."""

    def run(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if current_record() is None:
            return original.__func__(cls, *args, **kwargs)
        context = cls()

        def forward(*args: Any) -> Any:
            return cls.forward(context, *args, **kwargs)

        def backward(by_out: Any, out: Any, *inputs: Any) -> Any:
            found = cls.backward(context, *(by_out if isinstance(by_out, list) else [by_out]))
            return _gradients(found, inputs, f"The backward of {cls.__name__}")

        return apply("Function", forward, *args, rule=Rule(joint=backward))

    return classmethod(run)


def jit_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for the call of a compiled function while a run is watched."""

    def call(executor: Any, *args: Any, **kwargs: Any) -> Any:
        if current_record() is None:
            return original(executor, *args, **kwargs)
        fn = executor.fn
        if str(getattr(fn, "__module__", "")).partition(".")[0] == "mindspore":
            raise GradientError(
                f"mindspore's {fn.__qualname__.partition('.')[0]} runs as a graph, and no gradient "
                "of ours flows through that. Use d2l_autograd's derivatives inside each other, and "
                "tensors with an axis for the batch instead of vmap."
            )
        return fn(*args, **kwargs)

    return call
