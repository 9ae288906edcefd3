"""Backward rules of layers of neural networks."""

from typing import Any

import numpy as np
from mindspore import Tensor, float32, ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.borrowed import borrowed, borrowed_product
from d2l_autograd.engine.rules.moving import linear, put_along
from d2l_autograd.engine.rules.table import Rule, joint_rule, rule, rule_by_node
from d2l_autograd.engine.shapes import constant, size, unbroadcast
from d2l_autograd.engine.watching import apply
from d2l_autograd.errors import GradientError

rule_by_node(
    "AvgPool AvgPool3D AvgPool1D AvgPool2D AdaptiveAvgPool2D AdaptiveAvgPool3D ResizeBilinearV2 "
    "ResizeBicubic ResizeLinear1D ResizeNearestNeighborV2 UpsampleTrilinear3D UpsampleNearest3D "
    "Im2Col Col2Im AffineGrid SegmentMean SegmentSum "
    "HFFT HFFT2 HFFTN IRFFT IRFFT2 IRFFTN",
    linear,
)


# Convolutions are linear in the input, and in the weights: each product is one, in turn.


def _bilinear(node: Node) -> Rule:
    """Return the rule of an operator that is linear in each of its first two inputs."""

    def product(place: int) -> Any:
        def by_input(d: Any, out: Any, *inputs: Any) -> Any:
            return _product_by(node, place, d, *inputs)

        return by_input

    return Rule((product(0), product(1)))


def _product_by(node: Node, place: int, d: Tensor, *inputs: Any) -> Tensor:
    """Return the gradient by one input, as an operator that is linear in d and the other input."""
    other = 1 - place

    def with_input(given: Any, at: int, inputs: Any) -> list[Any]:
        return [given if place == at else part for place, part in enumerate(inputs)]

    def by_d(g: Any, out: Any, d: Any, *inputs: Any) -> Any:
        return apply(node.name, node.run, *with_input(g, place, inputs), rule=_bilinear(node))

    def by_other(g: Any, out: Any, d: Any, *inputs: Any) -> Any:
        return _product_by(node, other, d, *with_input(g, place, inputs))

    products = (by_d, None, by_other) if other == 1 else (by_d, by_other)
    return borrowed_product(node, place, d, *inputs, products=products)


rule_by_node(
    "Conv2D Conv3D Conv2DTranspose Conv2DBackpropInput Conv3DTranspose Correlate", _bilinear
)


# Pooling by the largest: the entry that was picked gets the gradient.


def _max_pool(node: Node) -> Rule:
    """Return the rule of pooling that also returns the places of what it picked."""
    rank = 3 if "3D" in node.name or "3d" in node.name else 2

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        return _from_picked(d[0], out[1], x, rank)

    return Rule((by_x,))


def _from_picked(d: Any, picked: Any, x: Any, rank: int) -> Any:
    """Return the gradient, given places that count through the last axes of x."""
    lead = x.shape[: x.ndim - rank]
    index = picked.reshape((*lead, -1))
    gradient = put_along(d.reshape(index.shape), index, -1, (*lead, size(x.shape[-rank:])))
    return gradient.reshape(x.shape)


rule_by_node(
    "MaxPoolWithArgmaxV2 MaxPool3DWithArgmax AdaptiveMaxPool2D AdaptiveMaxPool3D "
    "FractionalMaxPoolWithFixedKsize FractionalMaxPool3DWithFixedKsize MaxPoolWithIndices",
    _max_pool,
)


def _largest(node: Node) -> Rule:
    """Return the rule of pooling that does not say what it picked."""
    attributes = node.primitive.attrs
    kernel, steps = attributes["kernel_size"][2:], attributes["strides"][2:]
    pads = attributes.get("pad_list", (0,) * 2 * len(kernel))[::2]
    is_same = str(attributes["pad_mode"]).upper() in ("SAME", "1")

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        lengths = out.shape[2:]
        begins = tuple(
            max((length - 1) * step + width - given, 0) // 2 if is_same else pad
            for length, step, width, given, pad in zip(
                lengths, steps, kernel, x.shape[2:], pads, strict=True
            )
        )
        picked = apply("PickedInWindows", _picked, x, lengths, kernel, steps, begins)
        return _from_picked(d, picked, x, len(kernel))

    return Rule((by_x,))


def places_in_windows(
    shape: tuple[int, ...],
    lengths: tuple[int, ...],
    kernel: tuple[int, ...],
    steps: tuple[int, ...],
    begins: tuple[int, ...],
) -> Any:
    """Return a row for each window: the places in a tensor of this shape, -1 for one outside."""
    rank = len(kernel)
    places, inside = np.zeros((1,) * 2 * rank, np.int64), np.ones((1,) * 2 * rank, bool)
    for axis in range(rank):
        starts = np.arange(lengths[axis]) * steps[axis] - begins[axis]
        along = starts[:, None] + np.arange(kernel[axis])
        window = [1] * 2 * rank
        window[axis], window[rank + axis] = along.shape
        along = along.reshape(window)
        inside = inside & (along >= 0) & (along < shape[axis])
        places = places * shape[axis] + along
    return np.where(inside, places, -1).reshape((size(lengths), -1))


def _picked(x: Tensor, *windows: tuple[int, ...]) -> Tensor:
    """Return the place of the largest entry in each window, counted through the last axes of x."""
    places = places_in_windows(x.shape[2:], *windows)
    numbers = x.asnumpy().reshape((*x.shape[:2], -1))[..., places]
    best = np.where(places < 0, -np.inf, numbers).argmax(-1)
    found = places[np.arange(len(places)), best]
    return Tensor.from_numpy(found.reshape((*x.shape[:2], *windows[0])))


rule_by_node("MaxPool MaxPool3D", _largest)


# Normalization: computed anew from x, since the operators do not show all that they know.


def _standardized(x: Any, axes: tuple[int, ...], epsilon: float) -> tuple[Any, Any]:
    """Return x with mean 0 and variance 1 along axes, and the factor that makes it so."""
    centered = x - ops.mean(x, axes, True)
    factor = ops.rsqrt(ops.mean(ops.square(centered), axes, True) + epsilon)
    return centered * factor, factor


def _by_unstandardized(d: Any, x: Any, factor: Any, axes: tuple[int, ...]) -> Any:
    """Return the gradient by what was standardized, given that by the result x."""
    return factor * (d - ops.mean(d, axes, True) - x * ops.mean(d * x, axes, True))


def _batch_norm(
    d: Any,
    out: Any,
    x: Any,
    scale: Any,
    shift: Any,
    mean: Any,
    variance: Any,
    is_training: bool = True,
    epsilon: float = 1e-5,
    *_: Any,
) -> list[Any]:
    by_out = d[0]
    axes = tuple(axis for axis in range(x.ndim) if axis != 1)
    column = (-1, *(1,) * (x.ndim - 2))
    if is_training:
        standard, factor = _standardized(x, axes, epsilon)
        by_x = _by_unstandardized(by_out * scale.reshape(column), standard, factor, axes)
        return [by_x, (by_out * standard).sum(axes), by_out.sum(axes), None, None]
    factor = ops.rsqrt(variance + epsilon)
    standard = (x - mean.reshape(column)) * factor.reshape(column)
    by_scale, by_shift = (by_out * standard).sum(axes), by_out.sum(axes)
    slope = scale * factor
    by_x = by_out * slope.reshape(column)
    return [by_x, by_scale, by_shift, -by_shift * slope, by_scale * slope * factor * -0.5]


def _layer_norm(
    d: Any,
    out: Any,
    x: Any,
    scale: Any,
    shift: Any,
    first: int = 1,
    first_scaled: int = 1,
    epsilon: float = 1e-7,
) -> list[Any]:
    axes = tuple(range(first % x.ndim, x.ndim))
    before = tuple(range(first_scaled % x.ndim))
    standard, factor = _standardized(x, axes, epsilon)
    by_x = _by_unstandardized(d[0] * scale, standard, factor, axes)
    by_scale, by_shift = d[0] * standard, d[0]
    if before:
        by_scale, by_shift = by_scale.sum(before), by_shift.sum(before)
    return [by_x, by_scale, by_shift]


def _group_norm(
    d: Any, out: Any, x: Any, groups: int, scale: Any, shift: Any, epsilon: float = 1e-5
) -> list[Any]:
    grouped = (x.shape[0], groups, -1)
    column = (-1, *(1,) * (x.ndim - 2))
    axes = (0, *range(2, x.ndim))
    standard, factor = _standardized(x.reshape(grouped), (2,), epsilon)
    scaled = (d[0] * scale.reshape(column)).reshape(grouped)
    by_x = _by_unstandardized(scaled, standard, factor, (2,)).reshape(x.shape)
    return [by_x, None, (d[0] * standard.reshape(x.shape)).sum(axes), d[0].sum(axes)]


joint_rule("BatchNorm", _batch_norm)
joint_rule("LayerNorm LayerNormExt", _layer_norm)
joint_rule("GroupNorm", _group_norm)


# Others.


def _prelu_by_x(d: Any, out: Any, x: Any, weight: Any) -> Any:
    return ops.select(ops.greater(x, 0), d, d * _by_channel(weight, x))


def _prelu_by_weight(d: Any, out: Any, x: Any, weight: Any) -> Any:
    found = ops.select(ops.greater(x, 0), constant(0.0, x.shape, x.dtype), d * x)
    if weight.size == 1:
        return found.sum().reshape(weight.shape)
    return found.sum(tuple(axis for axis in range(x.ndim) if axis != min(1, x.ndim - 1)))


def _by_channel(weight: Any, x: Any) -> Any:
    return weight.reshape((-1, *(1,) * (x.ndim - 2))) if x.ndim > 1 else weight


rule("PReLU", _prelu_by_x, _prelu_by_weight)


def _cross_entropy_by_logits(d: Any, out: Any, logits: Any, labels: Any) -> Any:
    total = labels.sum(-1, keepdims=True)
    return (ops.softmax(logits, -1) * total - labels) * d[0].expand_dims(-1)


def _cross_entropy_by_labels(d: Any, out: Any, logits: Any, labels: Any) -> Any:
    return -ops.log_softmax(logits, -1) * d[0].expand_dims(-1)


rule("SoftmaxCrossEntropyWithLogits", _cross_entropy_by_logits, _cross_entropy_by_labels)


def _lstm(node: Node) -> Rule:
    dtype = node.inputs[0].dtype
    if dtype != float32:
        raise GradientError(
            f"MindSpore's backward rule of nn.LSTM gives zeros in {dtype}. Use float32, or a loop "
            "over nn.LSTMCell."
        )
    return borrowed(node)


rule_by_node("LSTM", _lstm)


def _dense_by_bias(d: Any, out: Any, x: Any, weight: Any, bias: Any) -> Any:
    return unbroadcast(d, d.shape, bias.shape)


rule(
    "Dense",
    lambda d, out, x, weight, *_: ops.matmul(d, weight),
    lambda d, out, x, weight, *_: _rows(d).T @ _rows(x),
    _dense_by_bias,
)


def _rows(x: Any) -> Any:
    return x.reshape((-1, x.shape[-1]))
