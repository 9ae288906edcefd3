"""Backward rules of elementary functions, activations and losses."""

import math
from typing import Any

import mindspore as ms
from mindspore import ops
from mindspore.ops.composite.multitype_ops.zeros_like_impl import zeros_like

from d2l_autograd.engine.inside_jit.rules.table import INSTEAD, MISSING, rule, sum_to

# Elementary functions


WHOLE = (ms.bool_, ms.int8, ms.int16, ms.int32, ms.int64, ms.uint8, ms.uint16, ms.uint32, ms.uint64)


@rule(INSTEAD, "Cast")
def _cast(op: Any) -> Any:
    def vjp(x: Any, dtype: Any, out: Any, dout: Any) -> Any:
        if out.dtype in WHOLE:
            return zeros_like(x), zeros_like(dtype)
        return ops.cast(dout, x.dtype), zeros_like(dtype)

    return vjp


@rule(INSTEAD, "Div")
def _div(op: Any) -> Any:
    def vjp(x: Any, y: Any, out: Any, dout: Any) -> Any:
        divisor = ops.cast(y, out.dtype)  # which may be a whole number
        by_x = sum_to(dout / divisor, x)
        by_y = sum_to(-dout * out / divisor, y)
        return ops.cast(by_x, x.dtype), ops.cast(by_y, y.dtype)

    return vjp


@rule(INSTEAD, "PowTensorScalar")
def _power(op: Any) -> Any:
    def vjp(x: Any, exponent: Any, out: Any, dout: Any) -> Any:
        if exponent == 0:  # and not 0 * x**-1, which is undefined at 0
            return zeros_like(x), zeros_like(exponent)
        if exponent == 1:
            return dout, zeros_like(exponent)
        return dout * (exponent * x ** (exponent - 1)), zeros_like(exponent)

    return vjp


ERF_SLOPE = 2 / math.sqrt(math.pi)


@rule(INSTEAD, "Erf")
def _erf(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (dout * ms.Tensor(ERF_SLOPE, x.dtype) * ops.exp(-x * x),)

    return vjp


@rule(INSTEAD, "Erfc")
def _erfc(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (-dout * ms.Tensor(ERF_SLOPE, x.dtype) * ops.exp(-x * x),)

    return vjp


@rule(INSTEAD, "Erfinv")
def _erfinv(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (dout * ops.exp(out * out) / ms.Tensor(ERF_SLOPE, x.dtype),)

    return vjp


# Activations


@rule(MISSING, "LogSoftmaxGrad")
def _log_softmax_grad(op: Any) -> Any:
    def vjp(y: Any, dy: Any, axis: Any, out: Any, dout: Any) -> Any:
        p = ops.exp(y)
        by_y = -p * dout * dy.sum(axis, keepdims=True)
        return by_y, dout - (p * dout).sum(axis, keepdims=True), zeros_like(axis)

    return vjp


@rule(MISSING, "EluGrad")
def _elu_grad(op: Any) -> Any:
    def vjp(dy: Any, y: Any, out: Any, dout: Any) -> Any:
        left = (y <= 0).astype(y.dtype)
        return dout * (1 + left * y), dout * dy * left

    return vjp


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@rule(INSTEAD, "SeLU")
def _selu(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        left = (x <= 0).astype(x.dtype)
        slope = 1 - left + left * SELU_ALPHA * ops.exp(x * left)
        return (dout * SELU_SCALE * slope,)

    return vjp


GELU_SCALE, GELU_CUBE = math.sqrt(2 / math.pi), 0.044715


@rule(MISSING, "GeLUGrad")
def _gelu_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, y: Any, out: Any, dout: Any) -> Any:
        t = ops.tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x))
        u1 = GELU_SCALE * (1 + 3 * GELU_CUBE * x * x)
        t1 = (1 - t * t) * u1
        t2 = 6 * GELU_SCALE * GELU_CUBE * x * (1 - t * t) - 2 * t * t1 * u1
        by_x = dout * dy * (t1 + 0.5 * x * t2)
        return dout * (0.5 * (1 + t) + 0.5 * x * t1), by_x, zeros_like(y)

    return vjp


@rule(MISSING, "HSwishGrad")
def _hswish_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, out: Any, dout: Any) -> Any:
        middle = ops.logical_and(x > -3, x < 3).astype(x.dtype)
        slope = middle * (2 * x + 3) / 6 + (x >= 3).astype(x.dtype)
        return dout * slope, dout * dy * middle / 3

    return vjp


@rule(MISSING, "HSigmoidGrad")
def _hsigmoid_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, out: Any, dout: Any) -> Any:
        return dout * ops.logical_and(x > -3, x < 3).astype(x.dtype) / 6, zeros_like(x)

    return vjp


@rule(MISSING, "ReLU6Grad")
def _relu6_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, out: Any, dout: Any) -> Any:
        return dout * ops.logical_and(x > 0, x < 6).astype(x.dtype), zeros_like(x)

    return vjp


@rule(MISSING, "PReLUGrad")
def _prelu_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, weight: Any, out: Any, dout: Any) -> Any:
        shape = (1, -1) + (1,) * (x.ndim - 2) if x.ndim > 1 else (-1,)
        by_dx, by_weight = dout[0], dout[1].reshape(shape)
        left = (x <= 0).astype(x.dtype)
        by_dy = by_dx * (1 - left + left * weight.reshape(shape)) + by_weight * left * x
        total = sum_to(by_dx * dy * left, weight.reshape(shape)).reshape(weight.shape)
        return by_dy, by_weight * dy * left, total

    return vjp


@rule(MISSING, "HShrinkGrad", "SoftShrinkGrad")
def _shrink_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, threshold: Any, out: Any, dout: Any) -> Any:
        outside = (ops.abs(x) > threshold).astype(x.dtype)
        return dout * outside, zeros_like(x), zeros_like(threshold)

    return vjp


# Losses


MEAN = 1  # MindSpore's number for reduction="mean"


@rule(MISSING, "SmoothL1LossGrad")
def _smooth_l1_grad(op: Any) -> Any:
    def vjp(x: Any, t: Any, dy: Any, beta: Any, reduction: Any, out: Any, dout: Any) -> Any:
        scale = 1 / x.size if reduction == MEAN else 1.0
        slope = ops.clamp((x - t) / beta, -1.0, 1.0)
        inside = (ops.abs(x - t) < beta).astype(x.dtype)
        by_x = scale * dout * dy * inside / beta
        by_dy = sum_to(scale * dout * slope, dy)
        return by_x, -by_x, by_dy, zeros_like(beta), zeros_like(reduction)

    return vjp


@rule(INSTEAD, "KLDivLoss")
def _kl_div(op: Any) -> Any:
    reduction = op.reduction

    def vjp(x: Any, t: Any, out: Any, dout: Any) -> Any:
        scale = 1.0
        if reduction == "mean":
            scale = 1 / x.size
        elif reduction == "batchmean":
            scale = 1 / x.shape[0]
        positive = t > 0
        log = ops.log(ops.select(positive, t, ops.ones_like(t)))
        by_t = ops.select(positive, log + 1 - x, ops.zeros_like(t))
        return -scale * dout * t, scale * dout * by_t

    return vjp


@rule(MISSING, "BinaryCrossEntropyGrad")
def _bce_grad(op: Any) -> Any:
    def vjp(x: Any, t: Any, dy: Any, weight: Any, reduction: Any, out: Any, dout: Any) -> Any:
        scale = 1 / x.size if reduction == MEAN else 1.0
        slope = (x - t) / (x * (1 - x))
        c = scale * dout
        if weight is None:
            by_weight = zeros_like(weight)
        else:
            by_weight = sum_to(c * dy * slope, weight)
            c = c * weight
        by_x = c * dy * (t / (x * x) + (1 - t) / ((1 - x) * (1 - x)))
        by_t = -c * dy / (x * (1 - x))
        return by_x, by_t, sum_to(c * slope, dy), by_weight, zeros_like(reduction)

    return vjp


@rule(MISSING, "BinaryCrossEntropyWithLogitsBackward")
def _bce_with_logits_grad(op: Any) -> Any:
    def vjp(
        dy: Any, x: Any, t: Any, weight: Any, positive: Any, reduction: Any, out: Any, dout: Any
    ) -> Any:
        w = 1.0 if weight is None else weight
        p = 1.0 if positive is None else positive
        s = ops.sigmoid(x)
        slope = (p * t + 1 - t) * s - p * t
        c = dout / x.size if reduction == MEAN else dout
        by_weight = zeros_like(weight) if weight is None else sum_to(c * dy * slope, weight)
        by_positive = zeros_like(positive)
        if positive is not None:
            by_positive = sum_to(c * dy * w * t * (s - 1), positive)
        by_x = c * dy * w * (p * t + 1 - t) * s * (1 - s)
        by_t = c * dy * w * ((p - 1) * s - p)
        return sum_to(c * w * slope, dy), by_x, by_t, by_weight, by_positive, zeros_like(reduction)

    return vjp


@rule(INSTEAD, "SoftmaxCrossEntropyWithLogits")
def _softmax_cross_entropy(op: Any) -> Any:
    def vjp(x: Any, t: Any, out: Any, dout: Any) -> Any:
        c = dout[0].expand_dims(-1)
        log = x - ops.logsumexp(x, -1, True)
        return c * (ops.exp(log) * t.sum(-1, keepdims=True) - t), -c * log

    return vjp


@rule(INSTEAD, "SparseSoftmaxCrossEntropyWithLogits")
def _sparse_softmax_cross_entropy(op: Any) -> Any:
    if op.is_grad:
        return None

    def vjp(x: Any, labels: Any, out: Any, dout: Any) -> Any:
        hot = (labels.expand_dims(-1) == ops.arange(x.shape[-1])).astype(x.dtype)
        return dout * (ops.softmax(x, -1) - hot) / x.shape[0], zeros_like(labels)

    return vjp
