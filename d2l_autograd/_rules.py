"""Backward rules that MindSpore lacks, or has wrong, for the code that it compiles.

MindSpore differentiates an operator by a rule of its own in C++. Where it has none, for the
operators ``…Grad`` that rules themselves use, it asks Python, so that a second derivative needs a
rule in Python. Where its own rule is wrong or cannot be compiled, the environment variable
``MS_DEV_USE_PY_BPROP``, which MindSpore reads once, names the operators to ask Python for.

Rules cannot be lent to one compilation only, since MindSpore reads the variable once, at the first
gradient that it compiles. So `supply_rules` hands them to the process for good, and gradients that
MindSpore's own functions compile use them as well.

Each rule is a function of the operator; it returns the operator's vector-Jacobian product: a
function of its inputs, its output and the gradient by the output, which returns a gradient for
each input. It is made of operators that have derivatives of every order.
"""

import functools
import math
import os
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import ops
from mindspore.graph.api import ms_compile_cache
from mindspore.ops import operations as P
from mindspore.ops._grad_experimental.grad_base import bprop_getters
from mindspore.ops.auto_generate import gen_ops_prim
from mindspore.ops.composite.multitype_ops.zeros_like_impl import zeros_like
from mindspore.ops.operations import _grad_ops as G

from d2l_autograd._compile_time import CompileTime
from d2l_autograd._errors import GradientError
from d2l_autograd._recording import compile_if_recording

_Rule = Callable[[Any], Callable[..., Any]]

MISSING: dict[str, _Rule] = {}
"""By name of the operator: rules that MindSpore does not have."""

INSTEAD: dict[str, _Rule] = {}
"""By name of the operator: rules to take instead of MindSpore's own."""


def _rule(rules: dict[str, _Rule], *names: str) -> Callable[[_Rule], _Rule]:
    def register(rule: _Rule) -> _Rule:
        rules.update(dict.fromkeys(names, rule))
        return rule

    return register


# Activations


@_rule(MISSING, "LogSoftmaxGrad")
def _log_softmax_grad(op: Any) -> Any:
    def vjp(y: Any, dy: Any, axis: Any, out: Any, dout: Any) -> Any:
        p = ops.exp(y)
        by_y = -p * dout * dy.sum(axis, keepdims=True)
        return by_y, dout - (p * dout).sum(axis, keepdims=True), zeros_like(axis)

    return vjp


@_rule(MISSING, "EluGrad")
def _elu_grad(op: Any) -> Any:
    def vjp(dy: Any, y: Any, out: Any, dout: Any) -> Any:
        left = (y <= 0).astype(y.dtype)
        return dout * (1 + left * y), dout * dy * left

    return vjp


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@_rule(INSTEAD, "SeLU")
def _selu(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        left = (x <= 0).astype(x.dtype)
        slope = 1 - left + left * SELU_ALPHA * ops.exp(x * left)
        return (dout * SELU_SCALE * slope,)

    return vjp


GELU_SCALE, GELU_CUBE = math.sqrt(2 / math.pi), 0.044715


@_rule(MISSING, "GeLUGrad")
def _gelu_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, y: Any, out: Any, dout: Any) -> Any:
        t = ops.tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x))
        u1 = GELU_SCALE * (1 + 3 * GELU_CUBE * x * x)
        t1 = (1 - t * t) * u1
        t2 = 6 * GELU_SCALE * GELU_CUBE * x * (1 - t * t) - 2 * t * t1 * u1
        by_x = dout * dy * (t1 + 0.5 * x * t2)
        return dout * (0.5 * (1 + t) + 0.5 * x * t1), by_x, zeros_like(y)

    return vjp


@_rule(MISSING, "HSwishGrad")
def _hswish_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, out: Any, dout: Any) -> Any:
        middle = ops.logical_and(x > -3, x < 3).astype(x.dtype)
        slope = middle * (2 * x + 3) / 6 + (x >= 3).astype(x.dtype)
        return dout * slope, dout * dy * middle / 3

    return vjp


@_rule(MISSING, "HSigmoidGrad")
def _hsigmoid_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, out: Any, dout: Any) -> Any:
        return dout * ops.logical_and(x > -3, x < 3).astype(x.dtype) / 6, zeros_like(x)

    return vjp


@_rule(MISSING, "ReLU6Grad")
def _relu6_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, out: Any, dout: Any) -> Any:
        return dout * ops.logical_and(x > 0, x < 6).astype(x.dtype), zeros_like(x)

    return vjp


@_rule(MISSING, "PReLUGrad")
def _prelu_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, weight: Any, out: Any, dout: Any) -> Any:
        shape = (1, -1) + (1,) * (x.ndim - 2) if x.ndim > 1 else (-1,)
        by_dx, by_weight = dout[0], dout[1].reshape(shape)
        left = (x <= 0).astype(x.dtype)
        by_dy = by_dx * (1 - left + left * weight.reshape(shape)) + by_weight * left * x
        total = _sum_to(by_dx * dy * left, weight.reshape(shape)).reshape(weight.shape)
        return by_dy, by_weight * dy * left, total

    return vjp


@_rule(MISSING, "HShrinkGrad", "SoftShrinkGrad")
def _shrink_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, threshold: Any, out: Any, dout: Any) -> Any:
        outside = (ops.abs(x) > threshold).astype(x.dtype)
        return dout * outside, zeros_like(x), zeros_like(threshold)

    return vjp


# Losses


@_rule(MISSING, "SmoothL1LossGrad")
def _smooth_l1_grad(op: Any) -> Any:
    def vjp(x: Any, t: Any, dy: Any, beta: Any, reduction: Any, out: Any, dout: Any) -> Any:
        scale = 1 / x.size if reduction == MEAN else 1.0
        slope = ops.clamp((x - t) / beta, -1.0, 1.0)
        inside = (ops.abs(x - t) < beta).astype(x.dtype)
        by_x = scale * dout * dy * inside / beta
        by_dy = _sum_to(scale * dout * slope, dy)
        return by_x, -by_x, by_dy, zeros_like(beta), zeros_like(reduction)

    return vjp


MEAN = 1  # MindSpore's number for reduction="mean"


@_rule(INSTEAD, "KLDivLoss")
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


@_rule(MISSING, "BinaryCrossEntropyGrad")
def _bce_grad(op: Any) -> Any:
    def vjp(x: Any, t: Any, dy: Any, weight: Any, reduction: Any, out: Any, dout: Any) -> Any:
        scale = 1 / x.size if reduction == MEAN else 1.0
        slope = (x - t) / (x * (1 - x))
        c = scale * dout
        if weight is None:
            by_weight = zeros_like(weight)
        else:
            by_weight = _sum_to(c * dy * slope, weight)
            c = c * weight
        by_x = c * dy * (t / (x * x) + (1 - t) / ((1 - x) * (1 - x)))
        by_t = -c * dy / (x * (1 - x))
        return by_x, by_t, _sum_to(c * slope, dy), by_weight, zeros_like(reduction)

    return vjp


@_rule(MISSING, "BinaryCrossEntropyWithLogitsBackward")
def _bce_with_logits_grad(op: Any) -> Any:
    def vjp(
        dy: Any, x: Any, t: Any, weight: Any, positive: Any, reduction: Any, out: Any, dout: Any
    ) -> Any:
        w = 1.0 if weight is None else weight
        p = 1.0 if positive is None else positive
        s = ops.sigmoid(x)
        slope = (p * t + 1 - t) * s - p * t
        c = dout / x.size if reduction == MEAN else dout
        by_weight = zeros_like(weight) if weight is None else _sum_to(c * dy * slope, weight)
        by_positive = zeros_like(positive)
        if positive is not None:
            by_positive = _sum_to(c * dy * w * t * (s - 1), positive)
        by_x = c * dy * w * (p * t + 1 - t) * s * (1 - s)
        by_t = c * dy * w * ((p - 1) * s - p)
        return _sum_to(c * w * slope, dy), by_x, by_t, by_weight, by_positive, zeros_like(reduction)

    return vjp


@_rule(INSTEAD, "SoftmaxCrossEntropyWithLogits")
def _softmax_cross_entropy(op: Any) -> Any:
    def vjp(x: Any, t: Any, out: Any, dout: Any) -> Any:
        c = dout[0].expand_dims(-1)
        log = x - ops.logsumexp(x, -1, True)
        return c * (ops.exp(log) * t.sum(-1, keepdims=True) - t), -c * log

    return vjp


# Reductions, indexing, shapes


@_rule(INSTEAD, "Max", "Min")
def _extreme(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        chosen = (x == out).astype(x.dtype)
        return (dout * chosen / chosen.sum(),)

    return vjp


@_rule(INSTEAD, "MaxDim", "MinDim")
def _extreme_along(op: Any) -> Any:
    def vjp(x: Any, axis: Any, keepdims: Any, out: Any, dout: Any) -> Any:
        dx = _scattered(x, axis, keepdims, out[1], dout[0])
        return dx, zeros_like(axis), zeros_like(keepdims)

    return vjp


@_rule(INSTEAD, "ArgMaxWithValue", "ArgMinWithValue")
def _index_of_extreme(op: Any) -> Any:
    def vjp(x: Any, axis: Any, keepdims: Any, out: Any, dout: Any) -> Any:
        dx = _scattered(x, axis, keepdims, out[0], dout[1])
        return dx, zeros_like(axis), zeros_like(keepdims)

    return vjp


@_rule(INSTEAD, "Cummax", "Cummin")
def _running_extreme(op: Any) -> Any:
    def vjp(x: Any, axis: Any, out: Any, dout: Any) -> Any:
        return _scattered(x, axis, True, out[1], dout[0]), zeros_like(axis)

    return vjp


@_rule(INSTEAD, "Median")
def _median(op: Any) -> Any:
    along, axis, keepdims = not op.global_median, op.axis, op.keep_dims
    grad = G.MedianGrad(op.global_median, op.axis, op.keep_dims)

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        if along:
            return (_scattered(x, axis, keepdims, out[1], dout[0]),)
        return (grad(dout[0], x, out[0], out[1]),)

    return vjp


@_rule(INSTEAD, "GatherDGradV2")
def _gather_elements_grad(op: Any) -> Any:
    def vjp(x: Any, axis: Any, index: Any, dy: Any, out: Any, dout: Any) -> Any:
        by_dy = ops.gather_elements(dout, axis, index)
        return zeros_like(x), zeros_like(axis), zeros_like(index), by_dy

    return vjp


@_rule(MISSING, "GatherNdExt")
def _gather_nd(op: Any) -> Any:
    def vjp(x: Any, index: Any, out: Any, dout: Any) -> Any:
        return ops.tensor_scatter_add(ops.zeros_like(x), index, dout), zeros_like(index)

    return vjp


@_rule(MISSING, "MaskedSelectGrad")
def _masked_select_grad(op: Any) -> Any:
    def vjp(x: Any, mask: Any, dy: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), zeros_like(mask), ops.masked_select(dout, mask)

    return vjp


@_rule(MISSING, "ShapeCalc")
def _shape(op: Any) -> Any:
    def vjp(x: Any, y: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), zeros_like(y)

    return vjp


@_rule(MISSING, "SliceGrad")
def _slice_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, begin: Any, size: Any, out: Any, dout: Any) -> Any:
        return ops.slice(dout, begin, size), zeros_like(x), zeros_like(begin), zeros_like(size)

    return vjp


# Elementary functions


@_rule(INSTEAD, "Erfinv")
def _erfinv(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (dout * (math.sqrt(math.pi) / 2) * ops.exp(out * out),)

    return vjp


# Linear algebra


@_rule(INSTEAD, "MatrixInverse")
def _inverse(op: Any) -> Any:
    adjoint = op.adjoint

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        if adjoint:
            return (-ops.matmul(out, ops.matmul(_transposed(dout), out)),)
        back = _transposed(out)
        return (-ops.matmul(back, ops.matmul(dout, back)),)

    return vjp


@_rule(INSTEAD, "MatrixDeterminant")
def _det(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (_matrix(dout * out) * _transposed(P.MatrixInverse()(x)),)

    return vjp


@_rule(INSTEAD, "LogMatrixDeterminant")
def _slogdet(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (_matrix(dout[1]) * _transposed(P.MatrixInverse()(x)),)

    return vjp


@_rule(INSTEAD, "Cholesky")
def _cholesky(op: Any) -> Any:
    def vjp(x: Any, upper: Any, out: Any, dout: Any) -> Any:
        factor = _transposed(out) if upper else out
        gradient = _transposed(dout) if upper else dout
        inner = ops.matmul(_transposed(factor), gradient)
        middle = ops.tril(inner) - 0.5 * inner * ops.eye(x.shape[-1], x.shape[-1], x.dtype)
        inverse = P.MatrixInverse()(factor)
        dx = ops.matmul(ops.matmul(_transposed(inverse), middle), inverse)
        return 0.5 * (dx + _transposed(dx)), zeros_like(upper)

    return vjp


@_rule(INSTEAD, "CholeskyInverse")
def _cholesky_inverse(op: Any) -> Any:
    def vjp(x: Any, upper: Any, out: Any, dout: Any) -> Any:
        inner = ops.matmul(ops.matmul(out, dout + _transposed(dout)), out)
        if upper:
            return -ops.triu(ops.matmul(ops.triu(x), inner)), zeros_like(upper)
        return -ops.tril(ops.matmul(inner, ops.tril(x))), zeros_like(upper)

    return vjp


# Layers


@_rule(INSTEAD, "L2Normalize")
def _l2_normalize(op: Any) -> Any:
    axis, epsilon = op.axis, op.epsilon

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        squares = (x * x).sum(axis, keepdims=True)
        flat = (squares < epsilon).astype(x.dtype)  # there, x is only divided by a constant
        length = ops.sqrt(ops.maximum(squares, ms.Tensor(epsilon, x.dtype)))
        y = x / length
        return ((dout - (1 - flat) * y * (y * dout).sum(axis, keepdims=True)) / length,)

    return vjp


@_rule(INSTEAD, "GroupNorm")
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
        by_weight = _sum_to(dout[0] * y.reshape(shape), weight.reshape(channel))
        by_bias = _sum_to(dout[0], bias.reshape(channel))
        return (
            dx.reshape(shape),
            zeros_like(groups),
            by_weight.reshape(weight.shape),
            by_bias.reshape(bias.shape),
            zeros_like(eps),
        )

    return vjp


@_rule(INSTEAD, "MaxPool")
def _max_pool(op: Any) -> Any:
    grad = G.MaxPoolGrad(op.kernel_size, op.strides, op.pad_mode, op.format)

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (grad(x, out, dout),)

    return vjp


@_rule(INSTEAD, "MaxPoolGrad")
def _max_pool_grad(op: Any) -> Any:
    if op.pad_mode != "VALID" or op.format != "NCHW":
        return None  # MindSpore's operator for the places of the maxima does not pad
    argmax = P.MaxPoolWithArgmaxV2(op.kernel_size[-2:], op.strides[-2:])

    def vjp(x: Any, y: Any, dy: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), zeros_like(y), _picked(dout, argmax(x)[1])

    return vjp


@_rule(MISSING, "MaxPoolGradWithArgmaxV2")
def _max_pool_argmax_grad(op: Any) -> Any:
    def vjp(x: Any, dy: Any, argmax: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), _picked(dout, argmax), zeros_like(argmax)

    return vjp


@_rule(MISSING, "AdaptiveMaxPool2DGrad")
def _adaptive_max_pool_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, argmax: Any, out: Any, dout: Any) -> Any:
        return _picked(dout, argmax), zeros_like(x), zeros_like(argmax)

    return vjp


@_rule(INSTEAD, "AvgPool3D")
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


@_rule(MISSING, "AvgPool3DGrad")
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


@_rule(MISSING, "AdaptiveAvgPool2DGrad")
def _adaptive_avg_pool_grad(op: Any) -> Any:
    def vjp(dy: Any, shape: Any, out: Any, dout: Any) -> Any:
        return ops.adaptive_avg_pool2d(dout, dy.shape[-2:]), zeros_like(shape)

    return vjp


@_rule(MISSING, "ResizeNearestNeighborV2Grad")
def _nearest_grad(op: Any) -> Any:
    def vjp(dy: Any, size: Any, corners: Any, centers: Any, out: Any, dout: Any) -> Any:
        resize = P.ResizeNearestNeighborV2(corners, centers)
        by_dy = resize(dout, dy.shape[-2:])
        return by_dy, zeros_like(size), zeros_like(corners), zeros_like(centers)

    return vjp


@_rule(MISSING, "ResizeBilinearGrad")
def _bilinear_grad(op: Any) -> Any:
    def vjp(dy: Any, image: Any, corners: Any, centers: Any, out: Any, dout: Any) -> Any:
        by_dy = gen_ops_prim.ResizeBilinearV2(corners, centers)(dout, dy.shape[-2:])
        return by_dy, zeros_like(image), zeros_like(corners), zeros_like(centers)

    return vjp


def _sum_to(x: Any, like: Any) -> Any:
    """Return x summed over the axes along which an operand of that shape was broadcast."""
    shape = like.shape
    if x.shape == shape:
        return x
    extra = x.ndim - len(shape)
    axes = tuple(range(extra))
    for i in range(len(shape)):
        if shape[i] == 1 and x.shape[i + extra] != 1:
            axes = axes + (i + extra,)
    return x.sum(axes, keepdims=True).reshape(shape)


def _scattered(x: Any, axis: Any, kept: Any, index: Any, values: Any) -> Any:
    """Return values put where they were taken from x by index along axis, and zeros elsewhere."""
    if x.ndim == 0:
        return values
    if not kept:
        index, values = index.expand_dims(axis), values.expand_dims(axis)
    return gen_ops_prim.GatherDGradV2()(x, axis, index, values)


def _picked(images: Any, index: Any) -> Any:
    """Return the pixels of images that index names by their place in the flat image."""
    flat = images.reshape(images.shape[:-2] + (-1,))
    return ops.gather_elements(flat, -1, index.reshape(flat.shape[:-1] + (-1,))).reshape(
        index.shape
    )


def _transposed(x: Any) -> Any:
    return x.swapaxes(-1, -2)


def _matrix(x: Any) -> Any:
    return x.expand_dims(-1).expand_dims(-1)


_VARIABLE = "MS_DEV_USE_PY_BPROP"
_COMPILED_ONLY = (P.SeLU, P.KLDivLoss, P.MatrixInverse, P.Cholesky, P.CholeskyInverse)
"""Operators whose gradient is wrong, or missing, in eager mode, which asks no rule of ours."""


@functools.cache
def supply_rules() -> bool:
    """Hand the rules to MindSpore, for this process, and keep eager mode from what it has wrong.

    Return whether it is certain to ask for them, since it has compiled nothing yet.
    """
    early = not ms_compile_cache
    bprop_getters.update({**MISSING, **INSTEAD})
    given = os.environ.get(_VARIABLE, "").split(",")
    os.environ[_VARIABLE] = ",".join(filter(None, [*given, *INSTEAD]))
    for operator in _COMPILED_ONLY:
        _compile_gradients_of(operator)
    return early


@functools.cache
def require_rules() -> None:
    """Refuse to compile a gradient in a process in which MindSpore does not ask for the rules."""
    supply_rules()
    asked = []

    def rule(op: Any) -> Any:
        asked.append(op)
        return INSTEAD["Erfinv"](op)

    bprop_getters["Erfinv"] = rule
    ms.jit(ms.grad(_probe))(ms.Tensor(0.5, ms.float32))
    bprop_getters["Erfinv"] = INSTEAD["Erfinv"]
    if not asked:
        raise GradientError(_TOO_LATE)
    # MindSpore has read it by now, and another process that inherits it would lack the rules.
    others = [name for name in os.environ[_VARIABLE].split(",") if name not in INSTEAD]
    os.environ[_VARIABLE] = ",".join(others)
    if not others:
        del os.environ[_VARIABLE]


_TOO_LATE = (
    "MindSpore compiled a gradient before d2l_autograd was first used, and keeps to its own "
    "backward rules from then on; some of them are wrong. Restart the session and call "
    "d2l_autograd.start(), or take a gradient with d2l_autograd.grad, first."
)


def _rules_in_graph() -> bool:
    """Refuse what `require_rules` does where it cannot be found out: MindSpore is compiling."""
    if not supply_rules() and not require_rules.cache_info().currsize:
        raise GradientError(_TOO_LATE)
    return True


rules_in_graph = CompileTime(_rules_in_graph)


def _probe(x: Any) -> Any:
    return ops.erfinv(x)


def _compile_gradients_of(operator: Any) -> None:
    forward = operator.__call__

    @functools.wraps(forward)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(self, "adjoint", True):  # a plain inverse is right in eager mode
            compile_if_recording()
        return forward(self, *args, **kwargs)

    operator.__call__ = call
