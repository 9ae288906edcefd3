"""Values in a few characters."""

from typing import Any

import numpy as np

from d2l_autograd.graph_drawing.words import word

_SHOWN = 4  # entries of a tensor that are written out
_LONG = 20  # characters that the entries of a matrix may take


def number(value: Any) -> str:
    """Return a number with four significant digits, its minus sign a true one."""
    if isinstance(value, (complex, str)):
        return str(value)
    if isinstance(value, bool):
        return str(value)
    return f"{value or 0:.4g}".replace("-", "−")  # no minus zero


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """Return a number, an array or a tensor as an array."""
    return np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)


def brief(value: Any, with_shape: bool = True) -> str:
    """Return a value on one line: its entries if they are few, else its shape and its range."""
    array = as_array(value)
    if array.size == 0 or array.dtype.kind not in "biuf":
        return word("shape", shape=_shape(array)) if array.ndim else str(array)
    if array.size <= _SHOWN:
        text = _entries(array.tolist())
        if array.ndim < 2 or len(text) <= _LONG:
            return text
    low, high = number(array.min().item()), number(array.max().item())
    equal = array.min() == array.max()
    extent = word("all", value=low) if equal else f"{low} … {high}"
    return f"{_shape(array)}: {extent}" if with_shape else extent


def _entries(values: Any) -> str:
    if isinstance(values, list):
        return "[" + " ".join(map(_entries, values)) + "]"
    return number(values)


def _shape(array: np.ndarray[Any, Any]) -> str:
    return "×".join(map(str, array.shape))
