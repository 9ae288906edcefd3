"""Backward rules of sums and other reductions."""

from typing import Any

from d2l_autograd.engine.rules.table import rule
from d2l_autograd.engine.shapes import size


def with_reduced_axes(tensor: Any, axis: Any, shape: Any) -> Any:
    """Return a reduced tensor with length 1 along the axes of this shape that were reduced.

    Args:
        tensor: the result of a reduction, with or without its axes.
        axis: an axis, several, or none for all of them.
        shape: that of what was reduced.
    """
    axes = (axis,) if isinstance(axis, int) else axis
    axes = range(len(shape)) if axes is None or len(axes) == 0 else [a % len(shape) for a in axes]
    kept = tuple(1 if place in axes else length for place, length in enumerate(shape))
    return tensor if tensor.shape == kept else tensor.reshape(kept)


def _sum(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    return with_reduced_axes(d, axis, x.shape)


def _mean(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    return with_reduced_axes(d, axis, x.shape) * (size(out.shape) / size(x.shape))


rule("SumExt ReduceSum", _sum)
rule("MeanExt ReduceMean", _mean)
