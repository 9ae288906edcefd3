"""Which public functions of MindSpore have no row."""

import inspect
import re
from collections.abc import Iterable

import mindspore as ms
from mindspore import numpy as mnp
from mindspore import ops

from .row import Row

_NEEDS_NONE = re.compile(
    r"""
    _$                                          # in place, which MindSpore ignores on the CPU
    | ^(coo|csr|row_tensor|make|dense_to_sparse|sparse)_  # sparse tensors
    | all_|scatter_(object|tensor)|gather_(into|object)|reduce_scatter|isend|irecv|broadcast_object
    | send|recv|barrier|_rank|world_size|process_group|comm_ops|is_available|is_initialized
    | attention|^moe_|^nsa_|lightning|reshard|speed_fusion|rotary           # other devices
    | ^(bitwise|is_|tril_ind|triu_ind|rand|unique)|register
    | ^(jet|jvp|vjp|vmap|grad|value_and_grad|jacfwd|jacrev|linearize|derivative|get_grad|cond)$
    | ^(rank|shape|size|numel|dyn_shape|eps|kernel|partial|depend|constexpr|typeof|dtype)$
    | window$|^(set|init|get|is)_|storage|data_ptr|offload|_info$|hook
    """,
    re.VERBOSE,
)
"""Functions that take no floating-point numbers, that make or draw them, or cannot run here."""

_IN_CALL = {
    "ops": re.compile(r"\bops\.(\w+)\("),
    "Tensor": re.compile(r"[\w)\]]\.(\w+)\("),
    "mindspore.numpy": re.compile(r"\bmnp\.(\w+)\("),
}


def public() -> dict[str, set[str]]:
    """Return the names of the public functions, by where they are."""
    return {
        "ops": {n for n in ops.__all__ if n[0].islower() and _is_function(getattr(ops, n))},
        "Tensor": {n for n in dir(ms.Tensor) if n[0] != "_" and callable(getattr(ms.Tensor, n))},
        "mindspore.numpy": {n for n in mnp.__all__ if _is_function(getattr(mnp, n))},
    }


def without_row(rows: Iterable[Row]) -> list[str]:
    """Return the public functions of which no row has a call, such as ``ops.trapz``."""
    calls = "\n".join(row.call for row in rows)
    return [
        f"{place}.{name}"
        for place, names in public().items()
        for name in sorted(names - set(_IN_CALL[place].findall(calls)))
        if not _NEEDS_NONE.search(name)
    ]


def _is_function(given: object) -> bool:
    return callable(given) and not inspect.isclass(given) and not isinstance(given, ops.Primitive)
