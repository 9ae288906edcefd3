"""Backward rules of normalizations, pooling and resizing."""

from typing import Any

import mindspore as ms
from mindspore import ops
from mindspore.ops import operations as P
from mindspore.ops.auto_generate import gen_ops_prim
from mindspore.ops.composite.multitype_ops.zeros_like_impl import zeros_like
from mindspore.ops.operations import _grad_ops as G

from d2l_autograd.engine.inside_jit.rules.table import INSTEAD, MISSING, rule, sum_to

# Normalizations


@rule(INSTEAD, "L2Normalize")
def _l2_normalize(op: Any) -> Any:
    axis, epsilon = op.axis, op.epsilon

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        squares = (x * x).sum(axis, keepdims=True)
        flat = (squares < epsilon).astype(x.dtype)  # there, x is only divided by a constant
        length = ops.sqrt(ops.maximum(squares, ms.Tensor(epsilon, x.dtype)))
        y = x / length
        return ((dout - (1 - flat) * y * (y * dout).sum(axis, keepdims=True)) / length,)

    return vjp


@rule(INSTEAD, "GroupNorm")
def _group_norm(op: Any) -> Any:
    def vjp(x: Any, groups: Any, weight: Any, bias: Any, eps: Any, out: Any, dout: Any) -> Any:
        shape = x.shape
        grouped = x.reshape(shape[0], groups, -1)
        centred = grouped - grouped.mean(-1, keep_dims=True)
        rstd = ops.rsqrt((centred * centred).mean(-1, keep_dims=True) + eps)
        y = centred * rstd
        channel = (1, -1) + (1,) * (x.ndim - 2)
        dy = dout[0] * weight.reshape(channel)
        dy = dy.reshape(y.shape)
        dx = rstd * (dy - dy.mean(-1, keep_dims=True) - y * (y * dy).mean(-1, keep_dims=True))
        by_weight = sum_to(dout[0] * y.reshape(shape), weight.reshape(channel))
        by_bias = sum_to(dout[0], bias.reshape(channel))
        return (
            dx.reshape(shape),
            zeros_like(groups),
            by_weight.reshape(weight.shape),
            by_bias.reshape(bias.shape),
            zeros_like(eps),
        )

    return vjp


@rule(INSTEAD, "LRN")
def _local_response_norm(op: Any) -> Any:
    radius, bias, alpha, beta = op.depth_radius, op.bias, op.alpha, op.beta

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        channel = ops.arange(x.shape[1])
        near = (ops.abs(channel.expand_dims(-1) - channel) <= radius).astype(x.dtype)
        base = bias + alpha * _mixed(near, x * x)
        around = _mixed(near, dout * x * base ** (-beta - 1))
        return (dout * base**-beta - 2 * alpha * beta * x * around,)

    return vjp


def _mixed(weights: Any, images: Any) -> Any:
    """Return images whose channels are sums, weighted by the rows of weights, of those given."""
    flat = images.reshape(images.shape[0], images.shape[1], -1)
    return ops.matmul(weights, flat).reshape(images.shape)


# Pooling and resizing


@rule(INSTEAD, "MaxPool")
def _max_pool(op: Any) -> Any:
    grad = G.MaxPoolGrad(op.kernel_size, op.strides, op.pad_mode, op.format)

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (grad(x, out, dout),)

    return vjp


@rule(INSTEAD, "MaxPoolGrad")
def _max_pool_grad(op: Any) -> Any:
    if op.pad_mode != "VALID" or op.format != "NCHW":
        return None  # MindSpore's operator for the places of the maxima does not pad
    argmax = P.MaxPoolWithArgmaxV2(op.kernel_size[-2:], op.strides[-2:])

    def vjp(x: Any, y: Any, dy: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), zeros_like(y), _picked(dout, argmax(x)[1])

    return vjp


@rule(MISSING, "MaxPoolGradWithArgmaxV2")
def _max_pool_argmax_grad(op: Any) -> Any:
    def vjp(x: Any, dy: Any, argmax: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), _picked(dout, argmax), zeros_like(argmax)

    return vjp


@rule(MISSING, "AdaptiveMaxPool2DGrad")
def _adaptive_max_pool_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, argmax: Any, out: Any, dout: Any) -> Any:
        return _picked(dout, argmax), zeros_like(x), zeros_like(argmax)

    return vjp


def _picked(images: Any, index: Any) -> Any:
    """Return the pixels of images that index names by their place in the flat image."""
    flat = images.reshape(images.shape[:-2] + (-1,))
    return ops.gather_elements(flat, -1, index.reshape(flat.shape[:-1] + (-1,))).reshape(
        index.shape
    )


@rule(INSTEAD, "AvgPool3D")
def _avg_pool(op: Any) -> Any:
    grad = G.AvgPool3DGrad(
        op.kernel_size[-3:],
        op.strides[-3:],
        op.pad_list,
        op.ceil_mode,
        op.count_include_pad,
        op.divisor_override,
        op.data_format,
        op.pad_mode,
    )

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (grad(x.shape, dout),)

    return vjp


@rule(MISSING, "AvgPool3DGrad")
def _avg_pool_grad(op: Any) -> Any:
    pool = P.AvgPool3D(
        op.kernel_size[-3:],
        op.strides[-3:],
        op.pad_mode.lower(),
        op.pad_list,
        op.ceil_mode,
        op.count_include_pad,
        op.divisor_override,
        op.data_format,
    )

    def vjp(shape: Any, dy: Any, out: Any, dout: Any) -> Any:
        return zeros_like(shape), pool(dout)

    return vjp


@rule(MISSING, "AdaptiveAvgPool2DGrad")
def _adaptive_avg_pool_grad(op: Any) -> Any:
    def vjp(dy: Any, shape: Any, out: Any, dout: Any) -> Any:
        return ops.adaptive_avg_pool2d(dout, dy.shape[-2:]), zeros_like(shape)

    return vjp


@rule(MISSING, "ResizeNearestNeighborV2Grad")
def _nearest_grad(op: Any) -> Any:
    def vjp(dy: Any, size: Any, corners: Any, centers: Any, out: Any, dout: Any) -> Any:
        resize = P.ResizeNearestNeighborV2(corners, centers)
        by_dy = resize(dout, dy.shape[-2:])
        return by_dy, zeros_like(size), zeros_like(corners), zeros_like(centers)

    return vjp


@rule(MISSING, "ResizeBilinearGrad")
def _bilinear_grad(op: Any) -> Any:
    def vjp(dy: Any, image: Any, corners: Any, centers: Any, out: Any, dout: Any) -> Any:
        by_dy = gen_ops_prim.ResizeBilinearV2(corners, centers)(dout, dy.shape[-2:])
        return by_dy, zeros_like(image), zeros_like(corners), zeros_like(centers)

    return vjp
