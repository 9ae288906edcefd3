"""What may be differentiated: the rules for functions, positions, inputs and values."""

import inspect
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.trees import is_container, leaves, mapped, named_leaves, rebuilt
from d2l_autograd.errors import GradientError

FLOATS = (ms.float32, ms.float64, ms.float16, ms.bfloat16)  # the usual first: == takes long
_FLOAT_ARRAYS = ("float16", "float32", "float64")
_NUMBERS = "biufc"  # NumPy's kinds


def require_function(fn: Any, caller: str) -> None:
    """Refuse what cannot be called, above all a value where a function was meant."""
    if callable(fn) and not isinstance(fn, ms.Tensor):
        return
    raise GradientError(
        f"{caller} takes a function and was given {described(fn)}. Hand over the function itself, "
        f"without calling it: {caller}(f), not {caller}(f(x))."
    )


def require_argnums(argnums: Any) -> tuple[int, ...]:
    """Return argnums as a tuple of distinct positions."""
    positions = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not positions:
        raise GradientError(
            "argnums is empty, so there is nothing to differentiate. Name the positions of the "
            "inputs: argnums=0 for the first, argnums=(0, 1) for the first two."
        )
    for position in positions:
        if not isinstance(position, int) or isinstance(position, bool):
            raise GradientError(
                f"argnums holds {position!r}. A position is a whole number: argnums=0 for the "
                "first input, argnums=(0, 1) for the first two, argnums=-1 for the last."
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


def require_given(positions: tuple[int, ...], number_of_args: int) -> tuple[int, ...]:
    """Return the positions counted from 0, each of which a call with so many arguments has."""
    for position in positions:
        if not -number_of_args <= position < number_of_args:
            raise GradientError(
                f"argnums names position {position}, but the function was called with "
                f"{number_of_args} positional argument{'s' if number_of_args != 1 else ''}. "
                "Positions count from 0; pass every input to be differentiated."
            )
    counted = tuple([position % number_of_args for position in positions])
    if len(set(counted)) < len(counted):
        raise GradientError(f"argnums={positions!r} names a position twice. Name each one once.")
    return counted


def in_order(
    fn: Callable[..., Any], positions: tuple[int, ...], args: Any, kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments and keyword arguments, with an input that was given by keyword in its place.

    Args:
        fn: the function that they are for.
        positions: those of the inputs; only where one is missing among args, keywords are looked
            at.
        args: what was given by position.
        kwargs: what was given by keyword.
    """
    if not kwargs or max(positions) < len(args):
        return args, kwargs
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):  # a callable of C, which tells no names
        return args, kwargs
    given, rest = list(args), dict(kwargs)
    for parameter in parameters[len(args) : max(positions) + 1]:
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            break
        if parameter.name in rest:
            given.append(rest.pop(parameter.name))
        elif parameter.default is not parameter.empty:
            given.append(parameter.default)
        else:
            break
    return tuple(given), rest


def require_batched(args: tuple[Any, ...], batch: tuple[int, ...]) -> int:
    """Return the number of samples, the same in all tensors at the positions in batch."""
    if not batch:
        raise GradientError(
            "Every argument is differentiated by, so none is left to be the batch. Pass the batch "
            "as an argument of its own, or name its position: batched=0."
        )
    sizes = {}
    for position in batch:
        for name, leaf in named_leaves(args[position], f"Argument {position}"):
            if not isinstance(leaf, ms.Tensor) or not leaf.shape:
                raise GradientError(
                    f"{name} is {described(leaf)}, and the first axis of a batch counts samples. "
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
    ready = []
    for position, arg in enumerate(args):
        if type(arg) is ms.Tensor and (position not in positions or arg.dtype in FLOATS):
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
    """Return `as_input` of a value, or of what may vary in nested tuples, lists and dicts.

    Whole numbers, texts and None in them are constants, and stay as they are.
    """
    if not is_container(tree):
        return as_input(tree, role)
    named = list(named_leaves(tree, role))
    ready = [leaf if _is_constant(leaf) else as_input(leaf, name) for name, leaf in named]
    if not any(isinstance(leaf, ms.Tensor) for leaf in ready):
        raise GradientError(
            f"{role} is {described(tree)} that holds nothing to differentiate by. Put the tensors, "
            "arrays or floats in it that the function uses."
        )
    return rebuilt(tree, ready)


def _is_constant(leaf: Any) -> bool:
    return leaf is None or isinstance(leaf, (bool, int, str, bytes, np.integer, np.bool_))


def as_input(value: Any, role: str) -> ms.Tensor:
    """Return a floating-point tensor to differentiate by, or say why there is none."""
    if isinstance(value, ms.Tensor):
        require_float(value.dtype, role)
        return value
    if isinstance(value, (np.ndarray, np.floating)):
        if value.dtype.name not in _FLOAT_ARRAYS:
            raise GradientError(_not_of_floats(role, value.dtype.name))
        return ms.Tensor(value)
    if isinstance(value, float):
        return ms.Tensor(value, ms.float32)
    raise GradientError(f"{role} is {described(value)}, which has no gradient. {_remedy(value)}")


def require_pair(result: Any) -> Any:
    """Return result if it is a value and something else, as has_aux promises."""
    if isinstance(result, (tuple, list)) and len(result) == 2:
        return result
    raise GradientError(not_a_pair(described(result)))


def require_scalar(value: Any) -> Any:
    """Return value if it is a floating-point tensor with a single element."""
    if not isinstance(value, ms.Tensor):
        raise GradientError(not_a_tensor(described(value)))
    require_scalar_tensor(value.shape, value.dtype)
    return value


def require_scalar_tensor(shape: Any, dtype: Any) -> None:
    """Refuse a tensor of that shape and type where a scalar of floating point belongs."""
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
        f"The function returned a tensor of type {dtype_name(dtype)}, and no gradient flows "
        "through that type. Keep the computation in floating point, without casts, comparisons or "
        "argmax on the way to the result."
    )


def require_alike(value: Any, vector: Any) -> None:
    """Refuse a vector that is not built like the value: containers, and the shapes of tensors."""
    require_tensors(value)
    require_parts_alike(
        [(name, leaf.shape, leaf.dtype) for name, leaf in named_leaves(value, "")],
        [(name, leaf.shape, leaf.dtype) for name, leaf in named_leaves(vector, "")],
    )


def require_tensors(value: Any) -> None:
    """Refuse a value that holds anything but tensors of floating point, or none."""
    found = leaves(value)
    if not found:
        raise GradientError(not_tensors(f"an empty {type(value).__name__}"))
    for leaf in found:
        if not isinstance(leaf, ms.Tensor):
            raise GradientError(not_tensors(described(leaf)))
        if leaf.dtype not in FLOATS:
            raise GradientError(_not_floating(leaf.dtype))


def require_parts_alike(
    value: list[tuple[str, Any, Any]], vector: list[tuple[str, Any, Any]]
) -> None:
    """Refuse a vector whose parts, by name with shape and type, are not those of the value."""
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


def not_tensors(what: str) -> str:
    """Say that a result which is no tensors cannot be differentiated."""
    return (
        f"The function returned {what}, so there is nothing to differentiate. Return tensors, "
        "computed from the inputs with MindSpore operators; to hand more through, return "
        "(value, more) and say has_aux=True."
    )


def require_float(dtype: Any, role: str) -> None:
    """Refuse a type of numbers that has no gradient."""
    if dtype not in FLOATS:
        raise GradientError(_not_of_floats(role, dtype_name(dtype)))


def _not_of_floats(role: str, dtype: str) -> str:
    return (
        f"{role} has the type {dtype}, and only floating-point numbers have a gradient. Convert it "
        "first: x.astype(mindspore.float32) for a tensor, x.astype('float32') for an array."
    )


def not_a_tensor(what: str) -> str:
    """Say that a result which is no tensor cannot be differentiated."""
    return (
        f"The function returned {what}, so there is nothing to differentiate. Return one tensor "
        "with a single element, computed from the inputs with MindSpore operators; to hand more "
        "through, return (value, more) and say has_aux=True."
    )


def not_a_pair(what: str) -> str:
    """Say that a result is not the pair that has_aux promises."""
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


def described(value: Any) -> str:
    """Say in a few words what a value is."""
    if value is None:
        return "None"
    if isinstance(value, (bool, int, float, str)):
        return f"the {type(value).__name__} {value!r:.40}"
    if isinstance(value, ms.Tensor):
        return f"a tensor of shape {value.shape}"
    name = type(value).__name__
    return f"a {name}" if name in ("list", "tuple", "dict") else f"an object of type {name}"


def dtype_name(dtype: Any) -> str:
    """Return the name of a type of numbers: ``float32``."""
    return str(dtype).rpartition("[")[2].rstrip("]").lower()
