"""Checks while MindSpore compiles, where only types and shapes are known."""

import re
from typing import Any

import mindspore as ms
from mindspore.common.dtype import TensorType

from d2l_autograd.arguments.checks import (
    described,
    dtype_name,
    not_a_pair,
    not_a_tensor,
    not_tensors,
    require_argnums,
    require_float,
    require_given,
    require_parts_alike,
    require_scalar_tensor,
)
from d2l_autograd.arguments.trees import named_leaves
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import CompileTime

_MOST_IN_GRAPH = 64


def _refuse_in_graph() -> bool:
    raise GradientError(
        "backward stores gradients in Python objects, which compiled code cannot do. Call it "
        "outside the compiled function; inside, use d2l_autograd.grad."
    )


def _argnums_in_graph(argnums: dict[str, Any], number_of_args: dict[str, Any]) -> bool:
    require_given(require_argnums(argnums["value"]), number_of_args["value"])
    return True


def _alike_in_graph(value: dict[str, Any], vector: dict[str, Any]) -> bool:
    require_parts_alike(_shapes_and_dtypes(value), _shapes_and_dtypes(vector))
    return True


def _shapes_and_dtypes(known: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    found = []
    for name, dtype in named_leaves(known["dtype"], ""):
        if not isinstance(dtype, TensorType):
            raise GradientError(not_tensors(f"something of type {dtype_name(dtype)}"))
        shape = known["shape"]
        for index in re.findall(r"\d+", name):
            shape = shape[int(index)]
        found.append((name, tuple(shape), dtype.element_type()))
    return found


def _scalar_in_graph(value: dict[str, Any]) -> bool:
    if isinstance(value["dtype"], TensorType):
        require_scalar_tensor(value["shape"], value["dtype"].element_type())
        return True
    known = value["value"]
    raise GradientError(not_a_tensor(described(known)))


def _few_in_graph(count: dict[str, Any]) -> bool:
    if count["value"] > _MOST_IN_GRAPH:
        raise GradientError(
            f"Inside compiled code, as in a gradient of a Jacobian, a Jacobian may have at most "
            f"{_MOST_IN_GRAPH} rows, and this one has {count['value']}. Use its products with "
            "vectors instead: d2l_autograd.vjp, jvp or hvp."
        )
    return True


def _pair_in_graph(result: dict[str, Any]) -> bool:
    if not isinstance(result["dtype"], (tuple, list)) or len(result["dtype"]) != 2:
        raise GradientError(not_a_pair("something else"))
    if any(
        dtype is None or dtype == ms.type_none for _, dtype in named_leaves(result["dtype"], "")
    ):
        raise GradientError(
            "Compiled, as this derivative has to be, MindSpore mixes up results among which there "
            "is a None. Return the other things beside the value without it."
        )
    return True


def _inputs_in_graph(values: dict[str, Any]) -> bool:
    for _, dtype in named_leaves(values["dtype"], "An input"):
        if not isinstance(dtype, TensorType):
            raise GradientError(
                "Inside a compiled function a gradient is taken by tensors only, and one of the "
                f"inputs is of type {dtype_name(dtype)}. Pass mindspore.Tensor(value)."
            )
        require_float(dtype.element_type(), "An input")
    return True


# Each is False when Python runs the code, and is True, or raises, while MindSpore compiles it.
refuse_in_graph = CompileTime(_refuse_in_graph)
scalar_in_graph = CompileTime(_scalar_in_graph)
argnums_in_graph = CompileTime(_argnums_in_graph)
alike_in_graph = CompileTime(_alike_in_graph)
few_in_graph = CompileTime(_few_in_graph)
pair_in_graph = CompileTime(_pair_in_graph)
inputs_in_graph = CompileTime(_inputs_in_graph)
