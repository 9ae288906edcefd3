"""What may be differentiated: the rules for functions, positions, inputs and values.

The rules hold in eager mode, where Python looks at the value, and while MindSpore compiles, where
an operator without a kernel looks at what the compiler knows of it.
"""

import re
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.common.dtype import TensorType

from d2l_autograd.arguments.trees import is_container, mapped, named_leaves, rebuilt
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import CompileTime

_MOST_IN_GRAPH = 64
FLOATS = (ms.float32, ms.float64, ms.float16, ms.bfloat16)  # the usual first: == takes long
_FLOAT_ARRAYS = ("float16", "float32", "float64")
_NUMBERS = "biufc"  # NumPy's kinds


def require_function(fn: Any, caller: str) -> None:
    """Refuse what cannot be called, above all a value where a function was meant."""
    if callable(fn) and not isinstance(fn, ms.Tensor):
        return
    raise GradientError(
        f"{caller} takes a function and was given {_named(fn)}. Hand over the function itself, "
        f"without calling it: {caller}(f), not {caller}(f(x))."
    )


def require_argnums(argnums: Any) -> tuple[int, ...]:
    """Return argnums as a tuple of distinct positions, each 0 or more."""
    positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not positions:
        raise GradientError(
            "argnums is empty, so there is nothing to differentiate. Name the positions of the "
            "inputs: argnums=0 for the first, argnums=(0, 1) for the first two."
        )
    for position in positions:
        if not isinstance(position, int) or isinstance(position, bool) or position < 0:
            raise GradientError(
                f"argnums holds {position!r}. A position is a whole number counted from 0: "
                "argnums=0 for the first input, argnums=(0, 1) for the first two."
            )
    if len(set(positions)) < len(positions):
        raise GradientError(f"argnums={argnums!r} names a position twice. Name each one once.")
    return tuple(positions)


def require_mode(mode: Any) -> None:
    """Refuse a mode of differentiation that there is not."""
    if mode not in (None, "forward", "reverse"):
        raise GradientError(
            f'mode is {mode!r}. Write mode="reverse" for rows, mode="forward" for columns, or '
            "leave it out for the cheaper one."
        )


def require_given(positions: tuple[int, ...], number_of_args: int) -> None:
    """Refuse a position that a call with so many positional arguments does not have."""
    if max(positions) >= number_of_args:
        raise GradientError(
            f"argnums names position {max(positions)}, but the function was called with "
            f"{number_of_args} positional argument{'s' if number_of_args != 1 else ''}. Positions "
            "count from 0; pass every input to be differentiated by position."
        )


def require_batched(args: tuple[Any, ...], batch: tuple[int, ...]) -> int:
    """Return the number of samples, the same in all tensors at the positions in batch."""
    if not batch:
        raise GradientError(
            "Every argument is differentiated by, so none is left to be the batch. Pass the batch "
            "as an argument of its own, or name its position: batched=0."
        )
    require_argnums(batch)
    require_given(batch, len(args))
    sizes = {}
    for position in batch:
        for name, leaf in named_leaves(args[position], f"Argument {position}"):
            if not isinstance(leaf, ms.Tensor) or not leaf.shape:
                raise GradientError(
                    f"{name} is {_named(leaf)}, and the first axis of a batch counts its samples. "
                    "Pass tensors with such an axis, or leave the position out of batched."
                )
            sizes[name] = leaf.shape[0]
    if len(set(sizes.values())) != 1 or 0 in sizes.values():
        found = ", ".join(f"{name} has {size}" for name, size in sizes.items()) or "none was found"
        raise GradientError(
            "All arguments of a batch need the same number of samples along their first axis, at "
            f"least one: {found}."
        )
    return next(iter(sizes.values()))


def prepared(args: tuple[Any, ...], positions: tuple[int, ...]) -> tuple[Any, ...]:
    """Return args as the function gets them: arrays as tensors, inputs ready to differentiate."""
    require_given(positions, len(args))
    ready = []
    for position, arg in enumerate(args):
        if isinstance(arg, ms.Tensor) and (position not in positions or arg.dtype in FLOATS):
            ready.append(arg)  # the usual case, on which no time is spent
        elif position in positions:
            ready.append(as_inputs(arg, f"Argument {position}"))
        else:
            ready.append(as_constant(arg))
    return tuple(ready)


def as_constant(value: Any) -> Any:
    """Return a NumPy array or number as a tensor, also within containers, the rest as it is."""
    if isinstance(value, (np.ndarray, np.generic)):
        return ms.Tensor(value) if value.dtype.kind in _NUMBERS else value
    return mapped(as_constant, value) if is_container(value) else value


def as_inputs(tree: Any, role: str) -> Any:
    """Return `as_input` of a value, or of each leaf of nested tuples, lists and dicts."""
    if not is_container(tree):
        return as_input(tree, role)
    named = list(named_leaves(tree, role))
    if not named:
        raise GradientError(
            f"{role} is {_named(tree)} that holds nothing to differentiate by. Put the tensors, "
            "arrays or floats in it that the function uses."
        )
    return rebuilt(tree, [as_input(leaf, name) for name, leaf in named])


def as_input(value: Any, role: str) -> ms.Tensor:
    """Return a floating-point tensor to differentiate by, or say why there is none."""
    if isinstance(value, ms.Tensor):
        _require_float(value.dtype, role)
        return value
    if isinstance(value, (np.ndarray, np.floating)):
        if value.dtype.name not in _FLOAT_ARRAYS:
            raise GradientError(_not_of_floats(role, value.dtype.name))
        return ms.Tensor(value)
    if isinstance(value, float):
        return ms.Tensor(value, ms.float32)
    raise GradientError(f"{role} is {_named(value)}, which has no gradient. {_remedy(value)}")


def apart(tensor: ms.Tensor) -> ms.Tensor:
    """Return a tensor of its own, on the memory of this one.

    MindSpore tells tensors apart by identity: one that is passed twice, or passed and captured,
    would otherwise give each position the gradient of all its uses together.
    """
    return ops.stop_gradient(tensor)


def require_pair(result: Any) -> Any:
    """Return result if it is a value and something else, as has_aux promises."""
    if isinstance(result, (tuple, list)) and len(result) == 2:
        return result
    raise GradientError(_not_a_pair(_named(result)))


def require_scalar(value: Any) -> Any:
    """Return value if it is a floating-point tensor with a single element."""
    if not isinstance(value, ms.Tensor):
        raise GradientError(_not_a_tensor(_named(value)))
    _require_scalar_tensor(value.shape, value.dtype)
    return value


def _require_scalar_tensor(shape: Any, dtype: Any) -> None:
    if len(shape) != shape.count(1):
        raise GradientError(
            f"The function returned a tensor of shape {tuple(shape)}, and only a scalar has a "
            "gradient. Add its entries up with .sum() if their total is meant. The derivative of "
            "every entry is the Jacobian, d2l_autograd.jacobian(f); its product with a vector of "
            "weights is the vector-Jacobian product, d2l_autograd.vjp(f)."
        )
    if dtype not in FLOATS:
        raise GradientError(_not_floating(dtype))


def _not_floating(dtype: Any) -> str:
    return (
        f"The function returned a tensor of type {_dtype_name(dtype)}, and no gradient flows "
        "through that type. Keep the computation in floating point, without casts, comparisons or "
        "argmax on the way to the result."
    )


def require_alike(value: Any, vector: Any) -> None:
    """Refuse a vector that is not built like the value: containers, and the shapes of tensors."""
    require_tensors(value)
    _require_alike(
        [(name, leaf.shape, leaf.dtype) for name, leaf in named_leaves(value, "")],
        [(name, leaf.shape, leaf.dtype) for name, leaf in named_leaves(vector, "")],
    )


def require_tensors(value: Any) -> None:
    """Refuse a value that holds anything but tensors of floating point."""
    for _, leaf in named_leaves(value, ""):
        if not isinstance(leaf, ms.Tensor):
            raise GradientError(_not_tensors(_named(leaf)))
        if leaf.dtype not in FLOATS:
            raise GradientError(_not_floating(leaf.dtype))


def _require_alike(value: list[tuple[str, Any, Any]], vector: list[tuple[str, Any, Any]]) -> None:
    if [name for name, *_ in value] != [name for name, *_ in vector]:
        raise GradientError(
            f"The vector holds {len(vector)} tensors and belongs to a result of {len(value)}. "
            "Give it the same tuples, lists and dicts."
        )
    for (name, shape, dtype), (_, given, _) in zip(value, vector, strict=True):
        part = f"part {name} of the vector" if name else "vector"
        if shape != given:
            raise GradientError(
                f"The {part} has shape {given}, and the result that it belongs to has shape "
                f"{shape}. Both have to be the same."
            )
        if dtype not in FLOATS:
            raise GradientError(_not_floating(dtype))


def _not_tensors(what: str) -> str:
    return (
        f"The function returned {what}, so there is nothing to differentiate. Return tensors, "
        "computed from the inputs with MindSpore operators; to hand more through, return "
        "(value, more) and say has_aux=True."
    )


def _require_float(dtype: Any, role: str) -> None:
    if dtype not in FLOATS:
        raise GradientError(_not_of_floats(role, _dtype_name(dtype)))


def _not_of_floats(role: str, dtype: str) -> str:
    return (
        f"{role} has the type {dtype}, and only floating-point numbers have a gradient. Convert it "
        "first: x.astype(mindspore.float32) for a tensor, x.astype('float32') for an array."
    )


def _not_a_tensor(what: str) -> str:
    return (
        f"The function returned {what}, so there is nothing to differentiate. Return one tensor "
        "with a single element, computed from the inputs with MindSpore operators; to hand more "
        "through, return (value, more) and say has_aux=True."
    )


def _not_a_pair(what: str) -> str:
    return (
        f"With has_aux=True a function returns a pair, (value, more), and this one returned {what}."
        " Return the pair, or leave has_aux out."
    )


def _remedy(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "Pass a floating-point number or tensor."
    if isinstance(value, (int, np.integer)):
        return f"Write {value}.0 for a number that may vary continuously."
    return "Pass a floating-point tensor, NumPy array or number."


def _named(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, (bool, int, float, str)):
        return f"the {type(value).__name__} {value!r:.40}"
    if isinstance(value, ms.Tensor):
        return f"a tensor of shape {value.shape}"
    name = type(value).__name__
    return f"a {name}" if name in ("list", "tuple", "dict") else f"an object of type {name}"


def _dtype_name(dtype: Any) -> str:
    return str(dtype).rpartition("[")[2].rstrip("]").lower()


def _refuse_in_graph() -> bool:
    raise GradientError(
        "backward stores gradients in Python objects, which compiled code cannot do. Call it "
        "outside the compiled function; inside, use d2l_autograd.grad."
    )


def _argnums_in_graph(argnums: dict[str, Any], number_of_args: dict[str, Any]) -> bool:
    require_given(require_argnums(argnums["value"]), number_of_args["value"])
    return True


def _alike_in_graph(value: dict[str, Any], vector: dict[str, Any]) -> bool:
    _require_alike(_shapes_and_dtypes(value), _shapes_and_dtypes(vector))
    return True


def _shapes_and_dtypes(known: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    found = []
    for name, dtype in named_leaves(known["dtype"], ""):
        if not isinstance(dtype, TensorType):
            raise GradientError(_not_tensors(f"something of type {_dtype_name(dtype)}"))
        shape = known["shape"]
        for index in re.findall(r"\d+", name):
            shape = shape[int(index)]
        found.append((name, tuple(shape), dtype.element_type()))
    return found


def _scalar_in_graph(value: dict[str, Any]) -> bool:
    if isinstance(value["dtype"], TensorType):
        _require_scalar_tensor(value["shape"], value["dtype"].element_type())
        return True
    known = value["value"]
    raise GradientError(_not_a_tensor(_named(known)))


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
        raise GradientError(_not_a_pair("something else"))
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
                f"inputs is of type {_dtype_name(dtype)}. Pass mindspore.Tensor(value)."
            )
        _require_float(dtype.element_type(), "An input")
    return True


# Each is False when Python runs the code, and is True, or raises, while MindSpore compiles it.
refuse_in_graph = CompileTime(_refuse_in_graph)
scalar_in_graph = CompileTime(_scalar_in_graph)
argnums_in_graph = CompileTime(_argnums_in_graph)
alike_in_graph = CompileTime(_alike_in_graph)
few_in_graph = CompileTime(_few_in_graph)
pair_in_graph = CompileTime(_pair_in_graph)
inputs_in_graph = CompileTime(_inputs_in_graph)
