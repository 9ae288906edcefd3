"""MindSpore's operators by their names."""

import functools
from typing import Any

from mindspore.ops import operations
from mindspore.ops.auto_generate import gen_ops_prim


@functools.cache
def primitive_named(name: str) -> Any:
    """Return the operator that MindSpore calls by a name, or None if it shows none."""
    cls = getattr(gen_ops_prim, name, None) or getattr(operations, name, None)
    try:
        return cls and cls()
    except TypeError:  # it needs attributes, which only the operator that ran has
        return None
