"""What may be differentiated: the rules for functions, positions, inputs and values.

The rules hold in eager mode, where Python looks at the value, and while MindSpore compiles, where
an operator without a kernel looks at what the compiler knows of it.
"""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.common.dtype import TensorType

from d2l_autograd._errors import GradientError

FLOATS = (ms.float16, ms.bfloat16, ms.float32, ms.float64)


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


def require_given(positions: tuple[int, ...], number_of_args: int) -> None:
    """Refuse a position that a call with so many positional arguments does not have."""
    if max(positions) >= number_of_args:
        raise GradientError(
            f"argnums names position {max(positions)}, but the function was called with "
            f"{number_of_args} positional argument{'s' if number_of_args != 1 else ''}. Positions "
            "count from 0; pass every input to be differentiated by position."
        )


def prepared(args: tuple[Any, ...], positions: tuple[int, ...]) -> tuple[Any, ...]:
    """Return args as the function gets them: arrays as tensors, inputs ready to differentiate."""
    require_given(positions, len(args))
    return tuple(
        as_input(arg, f"Argument {position}") if position in positions else as_constant(arg)
        for position, arg in enumerate(args)
    )


def as_constant(value: Any) -> Any:
    """Return a NumPy array or number as a tensor, anything else as it is."""
    return ms.Tensor(value) if isinstance(value, (np.ndarray, np.generic)) else value


def as_input(value: Any, role: str) -> ms.Tensor:
    """Return a floating-point tensor to differentiate by, or say why there is none.

    It shares the memory of value and is a tensor of its own. MindSpore tells tensors apart by
    identity: one that is passed twice, or passed and captured, would otherwise give each position
    the gradient of all its uses together.
    """
    if isinstance(value, ms.Tensor):
        _require_float(value.dtype, role)
        return ops.stop_gradient(value)
    if isinstance(value, (np.ndarray, np.floating)):
        tensor = ms.Tensor(value)
        _require_float(tensor.dtype, role)
        return tensor
    if isinstance(value, float):
        return ms.Tensor(value, ms.float32)
    raise GradientError(f"{role} is {_named(value)}, which has no gradient. {_remedy(value)}")


def require_scalar(value: Any) -> Any:
    """Return value if it is a floating-point tensor with a single element."""
    if not isinstance(value, ms.Tensor):
        raise GradientError(_not_a_tensor(_named(value)))
    _require_scalar_tensor(value.shape, value.dtype)
    return value


def _require_scalar_tensor(shape: Any, dtype: Any) -> None:
    if not all(size == 1 for size in shape):
        raise GradientError(
            f"The function returned a tensor of shape {tuple(shape)}, and only a scalar has a "
            "gradient. Add its entries up with .sum() if their total is meant. The derivative of "
            "every entry is the Jacobian (mindspore.jacrev); its product with a vector of weights "
            "is the vector-Jacobian product (mindspore.vjp)."
        )
    if dtype not in FLOATS:
        raise GradientError(
            f"The function returned a tensor of type {_dtype_name(dtype)}, and no gradient flows "
            "through that type. Keep the computation in floating point, without casts, "
            "comparisons or argmax on the way to the result."
        )


def _require_float(dtype: Any, role: str) -> None:
    if dtype not in FLOATS:
        raise GradientError(
            f"{role} has the type {_dtype_name(dtype)}, and only floating-point numbers have a "
            "gradient. Convert it first: x.astype(mindspore.float32) for a tensor, "
            "x.astype('float32') for an array."
        )


def _not_a_tensor(what: str) -> str:
    return (
        f"The function returned {what}, so there is nothing to differentiate. Return one tensor "
        "with a single element, computed from the inputs with MindSpore operators."
    )


def _remedy(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "Pass a floating-point number or tensor."
    if isinstance(value, (int, np.integer)):
        return f"Write {value}.0 for a number that may vary continuously."
    if isinstance(value, (list, tuple)):
        return "Make it a tensor: mindspore.Tensor(values, mindspore.float32)."
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


class _CompileTime(ops.PrimitiveWithInfer):
    """Python that runs once while MindSpore compiles the call, and leaves a constant behind."""

    def __init__(self, rule: Callable[..., bool]) -> None:
        super().__init__(rule.__name__.strip("_"))
        self.set_const_prim(True)
        self.add_prim_attr("constexpr_prim", True)
        self._rule = rule

    def __infer__(self, *args: dict[str, Any]) -> dict[str, Any]:
        return {"dtype": None, "shape": None, "value": self._rule(*args)}

    def __call__(self, *args: Any) -> bool:
        return False


def _compiling() -> bool:
    return True


def _refuse_in_graph() -> bool:
    raise GradientError(
        "backward stores gradients in Python objects, which compiled code cannot do. Call it "
        "outside the compiled function; inside, use d2l_autograd.grad."
    )


def _argnums_in_graph(argnums: dict[str, Any], number_of_args: dict[str, Any]) -> bool:
    require_given(require_argnums(argnums["value"]), number_of_args["value"])
    return True


def _scalar_in_graph(value: dict[str, Any]) -> bool:
    if isinstance(value["dtype"], TensorType):
        _require_scalar_tensor(value["shape"], value["dtype"].element_type())
        return True
    known = value["value"]
    raise GradientError(_not_a_tensor(_named(known)))


def _inputs_in_graph(values: dict[str, Any]) -> bool:
    for dtype in values["dtype"]:
        if not isinstance(dtype, TensorType):
            raise GradientError(
                "Inside a compiled function a gradient is taken by tensors only, and one of the "
                f"inputs is of type {_dtype_name(dtype)}. Pass mindspore.Tensor(value)."
            )
        _require_float(dtype.element_type(), "An input")
    return True


# Each is False when Python runs the code, and is True, or raises, while MindSpore compiles it.
compiling = _CompileTime(_compiling)
refuse_in_graph = _CompileTime(_refuse_in_graph)
scalar_in_graph = _CompileTime(_scalar_in_graph)
argnums_in_graph = _CompileTime(_argnums_in_graph)
inputs_in_graph = _CompileTime(_inputs_in_graph)
