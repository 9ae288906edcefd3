"""Backward rules of activations.

Where a function has a kink, its derivative is that on the flat side: 0 for relu at 0, and for relu6
at 6.
"""

import math
from typing import Any

from mindspore import ops
from mindspore.ops import operations as P
from mindspore.ops.auto_generate import gen_ops_prim

from d2l_autograd.engine.rules.elementwise import masked, sech_squared
from d2l_autograd.engine.rules.table import elementwise, rule
from d2l_autograd.engine.shapes import broadcast, times, unbroadcast

_relu_grad = gen_ops_prim.ReluGrad()
_softplus = P.Softplus()

elementwise("ReLU", lambda d, out, x: _relu_grad(broadcast(d, x.shape), out))
elementwise("ReluGrad", lambda d, out, dy, y: _relu_grad(broadcast(d, y.shape), y), None)
elementwise("ReLU6", lambda d, out, x: masked(ops.logical_and(x > 0, x < 6), d))
elementwise("LeakyReLUExt", lambda d, out, x, slope=0.01: ops.where(x > 0, d, d * slope))


def log_sigmoid(d: Any, out: Any, x: Any) -> Any:
    """Differentiate log(sigmoid(x))."""
    return d * ops.sigmoid(-x)


# Sigmoids. That of -x and not 1 - sigmoid(x), which has no right digit far out.

elementwise("Sigmoid", lambda d, out, x: d * (out * ops.sigmoid(-x)))
elementwise("LogSigmoid", log_sigmoid)
elementwise("SiLU", lambda d, out, x: d * (ops.sigmoid(x) + out * ops.sigmoid(-x)))
elementwise("Softplus SoftplusExt", lambda d, out, x, *_: d * ops.sigmoid(x))
elementwise("HSigmoid", lambda d, out, x: masked(ops.abs(x) < 3, d / 6))
elementwise("Softsign", lambda d, out, x: d / ops.square(1 + ops.abs(x)))


def _hard_swish(d: Any, out: Any, x: Any) -> Any:
    return d * ops.where(ops.abs(x) < 3, x / 3 + 0.5, 0.5 + 0.5 * ops.sign(x))


def _mish(d: Any, out: Any, x: Any) -> Any:
    soft = _softplus(x)
    return d * (ops.tanh(soft) + x * ops.sigmoid(x) * sech_squared(soft))


def _fast_gelu(d: Any, out: Any, x: Any) -> Any:
    scaled = 1.702 * x
    return d * (ops.sigmoid(scaled) * (1 + scaled * ops.sigmoid(-scaled)))


_SCALE, _CUBE = math.sqrt(2 / math.pi), 0.044715


def _gelu(d: Any, out: Any, x: Any) -> Any:
    """Differentiate x * sigmoid(2u), which is x * (1 + tanh(u)) / 2."""
    square = x * x
    twice = x * (2 * _SCALE + 2 * _SCALE * _CUBE * square)
    slope = x * (2 * _SCALE + 6 * _SCALE * _CUBE * square)
    return d * (ops.sigmoid(twice) * (1 + slope * ops.sigmoid(-twice)))


elementwise("HSwish", _hard_swish)
elementwise("Mish", _mish)
elementwise("FastGeLU", _fast_gelu)
elementwise("GeLU", _gelu)


# Exponentials on the left.


def _exponential_left(x: Any) -> Any:
    """Return exp(x) for x up to 0, and no infinity, times which 0 is undefined, beyond."""
    return ops.exp(ops.clamp(x, max=0.0))


def _elu(d: Any, out: Any, x: Any, alpha: float = 1.0) -> Any:
    return ops.where(x > 0, d, d * (alpha * _exponential_left(x)))


def _celu(d: Any, out: Any, x: Any, alpha: float = 1.0) -> Any:
    return ops.where(x > 0, d, d * _exponential_left(x / alpha))


_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

elementwise("Elu EluExt", _elu)
elementwise("CeLU", _celu)
elementwise("SeLU", lambda d, out, x: _elu(times(d, _SELU_SCALE), out, x, _SELU_ALPHA))


# Shrinking.

elementwise("HShrink SoftShrink", lambda d, out, x, edge=0.5: masked(ops.abs(x) > edge, d))


def _by_channel(weight: Any, x: Any) -> Any:
    """Return a weight with axes such that it broadcasts along the channels of x."""
    return weight.reshape((1, -1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else (-1,))


def _prelu(d: Any, out: Any, x: Any, weight: Any) -> Any:
    return ops.where(x > 0, d, d * _by_channel(weight, x))


def _prelu_by_weight(d: Any, out: Any, x: Any, weight: Any) -> Any:
    by_each = masked(x <= 0, d * x)
    return unbroadcast(by_each, x.shape, _by_channel(weight, x).shape).reshape(weight.shape)


rule("PReLU", _prelu, _prelu_by_weight)
