"""Backward rules of operators that move numbers without changing them."""

from typing import Any

import numpy as np
from mindspore import ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.indexing import get_item, put_item
from d2l_autograd.engine.rules.moving import as_array, as_tensor, moved, put
from d2l_autograd.engine.rules.reductions import inverse
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.engine.shapes import unbroadcast
from d2l_autograd.errors import GradientError


def _transpose(d: Any, out: Any, x: Any, order: Any) -> Any:
    return ops.transpose(d, inverse(order))


rule("Copy Identity Contiguous Clone", lambda d, *_: d)
rule("Detach", None)
rule(
    "Reshape View ExpandDims ExpandDimsView Squeeze SqueezeView Flatten FlattenExt",
    lambda d, out, x, *_: d.reshape(x.shape),
)
rule("Transpose TransposeView", _transpose)
rule("TransposeExtView", lambda d, out, x, one, other: d.swapaxes(one, other))
rule(
    "BroadcastTo BroadcastToView Expand ExpandView",
    lambda d, out, x, *_: unbroadcast(d, out.shape, x.shape),
)


# Joining and splitting.


def _parts(d: Any, lengths: list[int], axis: int) -> list[Any]:
    ends = np.cumsum(lengths)
    lead = (slice(None),) * axis
    return [
        get_item(d, (*lead, slice(int(end) - length, int(end))))
        for length, end in zip(lengths, ends, strict=True)
    ]


def _concat(d: Any, out: Any, parts: Any, axis: Any = 0, *_: Any) -> Any:
    axis = int(axis) % d.ndim
    return _parts(d, [part.shape[axis] for part in parts], axis)


def _stack(node: Node) -> Rule:
    def by_parts(d: Any, out: Any, parts: Any, *rest: Any) -> Any:
        axis = int(rest[0] if rest else node.primitive.axis) % d.ndim
        lead = (slice(None),) * axis
        return [get_item(d, (*lead, place)) for place in range(len(parts))]

    return Rule((by_parts,))


rule("Concat", _concat)
rule_by_node("Stack StackExt", _stack)


def _join(d: Any, out: Any, x: Any, axis: int) -> Any:
    return d[0] if len(d) == 1 else ops.cat(list(d), axis)


rule("Split", lambda d, out, x, axis=0, *_: _join(d, out, x, axis))
rule(
    "SplitTensor SplitTensorView SplitWithSize SplitWithSizeView Chunk ChunkView",
    lambda d, out, x, _, axis=0: _join(d, out, x, axis),
)


def _unstack(node: Node) -> Rule:
    def by_x(d: Any, out: Any, x: Any, *rest: Any) -> Any:
        return ops.stack(list(d), int(rest[0] if rest else node.primitive.axis))

    return Rule((by_x,))


rule_by_node("Unstack UnstackExt UnstackExtView", _unstack)


# Repeating.


def _tile(d: Any, out: Any, x: Any, times: Any) -> Any:
    times = (1,) * (x.ndim - len(times)) + tuple(times)
    lengths = (1,) * (len(times) - x.ndim) + x.shape
    pairs = [part for pair in zip(times, lengths, strict=True) for part in pair]
    repeated = tuple(2 * place for place, count in enumerate(times) if count != 1)
    if not repeated:
        return d.reshape(x.shape)
    return d.reshape(tuple(pairs)).sum(repeated).reshape(x.shape)


rule("Tile", _tile)


# Slices.


def _slice(d: Any, out: Any, x: Any, begin: Any, lengths: Any) -> Any:
    index = tuple(slice(b, b + n) for b, n in zip(begin, out.shape, strict=True))
    return put_item(d, index, x.shape)


def _narrow(d: Any, out: Any, x: Any, axis: int, start: int, length: int) -> Any:
    start += x.shape[axis] if start < 0 else 0
    return put_item(d, (*(slice(None),) * (axis % x.ndim), slice(start, start + length)), x.shape)


def _select(d: Any, out: Any, x: Any, axis: int, place: int) -> Any:
    return put_item(d, (*(slice(None),) * (axis % x.ndim), place), x.shape)


def _strided_slice(node: Node) -> Rule:
    if any(node.inputs[4:]) or min(node.inputs[3]) < 0:  # masks, or ends counted otherwise
        return moved(node)

    def by_x(d: Any, out: Any, x: Any, begin: Any, end: Any, steps: Any, *_: Any) -> Any:
        return put_item(d, tuple(map(slice, begin, end, steps)), x.shape)

    return Rule((by_x,))


def _as_strided(d: Any, out: Any, x: Any, shape: Any, steps: Any, offset: int = 0) -> Any:
    counts = np.indices(tuple(shape), sparse=True)
    places = sum((count * step for count, step in zip(counts, steps, strict=True)), offset)
    return put(d, np.broadcast_to(places, tuple(shape)), x.shape)


rule("AsStrided", _as_strided)
rule("Slice", _slice)
rule_by_node("StridedSlice", _strided_slice)
rule("Narrow NarrowView", _narrow)
rule("SelectExt SelectExtView", _select)
rule("ReverseV2", lambda d, out, x, axes: ops.ReverseV2(axes)(d))
rule("Triu", lambda d, out, x, k=0: ops.triu(d, k))


# The rest moves numbers, or leaves 0.

rule_by_node(
    "MirrorPad Pad Padding ReflectionPad1D ReflectionPad2D "
    "ReflectionPad3D ReplicationPad1D ReplicationPad2D ReplicationPad3D ConstantPadND Diag DiagExt "
    "DiagPart Diagonal DiagonalView DiagEmbed MatrixDiagV3 MatrixDiagPartV3 MatrixSetDiagV3 Tril "
    "TrilExt SpaceToDepth DepthToSpace SpaceToBatchND BatchToSpaceND SpaceToBatch BatchToSpace "
    "ChannelShuffle ReverseSequence Roll RepeatInterleaveInt UnfoldExt FillV2 OneHot",
    moved,
)


def _pad(node: Node) -> Rule:
    """MindSpore's kernel answers otherwise when it runs again with a negative padding."""
    paddings = node.inputs[1]
    if min(as_array(paddings).ravel(), default=0) < 0:
        raise GradientError(
            f"ops.pad with a negative padding, {tuple(as_array(paddings).ravel().tolist())}, is "
            "computed wrongly by MindSpore. Take the entries away by an index: x[:, 1:] instead of "
            "a padding of -1 on the left."
        )
    return moved(node)


rule_by_node("PadV3", _pad)


def _trace(d: Any, out: Any, x: Any, offset: int = 0, one: int = 0, other: int = 1, *_: Any) -> Any:
    order = [a for a in range(x.ndim) if a not in (one % x.ndim, other % x.ndim)]
    mask = np.eye(x.shape[one], x.shape[other], offset)
    spread = d.reshape((*d.shape, 1, 1)) * as_tensor(mask, d.dtype)
    return ops.transpose(spread, inverse((*order, one % x.ndim, other % x.ndim)))


rule("Trace TraceV2 TraceExt", _trace)
