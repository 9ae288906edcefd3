"""Functions of a number, entry by entry, and activations."""

import numpy as np
from functions import Function
from mindspore import Tensor, ops

ANY = np.array([-1.7, -0.6, 0.3, 0.8, 1.4, 2.3])
POSITIVE = np.array([0.2, 0.7, 1.3, 1.9, 2.6, 3.1])
UNIT = np.array([-0.8, -0.45, -0.1, 0.25, 0.6, 0.85])
ABOVE_ONE = np.array([1.2, 1.5, 1.9, 2.4, 2.8, 3.3])
OTHER = np.array([0.9, -1.2, 1.6, 0.4, -0.7, 2.1])

FUNCTIONS = [
    Function("negative", lambda x: -x, lambda t, x: -x, ANY),
    Function("abs", lambda x: ops.abs(x) ** 2, lambda t, x: t.abs(x) ** 2, ANY),
    Function("square", lambda x: ops.square(x), lambda t, x: t.square(x), ANY),
    Function("x**3", lambda x: x**3, lambda t, x: x**3, ANY),
    Function("x**2.5", lambda x: x**2.5, lambda t, x: x**2.5, POSITIVE),
    Function("2**x", lambda x: 2**x, lambda t, x: 2**x, ANY),
    Function("x**x", lambda x: x**x, lambda t, x: x**x, POSITIVE),
    Function(
        "pow(x, c)", lambda x, c: ops.pow(x, c), lambda t, x, c: t.pow(x, c), POSITIVE, (OTHER,)
    ),
    Function(
        "pow(c, x)", lambda x, c: ops.pow(c, x), lambda t, x, c: t.pow(c, x), ANY, (POSITIVE,)
    ),
    Function("sqrt", lambda x: ops.sqrt(x), lambda t, x: t.sqrt(x), POSITIVE),
    Function("rsqrt", lambda x: ops.rsqrt(x), lambda t, x: t.rsqrt(x), POSITIVE),
    Function("reciprocal", lambda x: ops.reciprocal(x), lambda t, x: t.reciprocal(x), ANY),
    Function("1/x", lambda x: 1 / x, lambda t, x: 1 / x, ANY),
    Function("x/c", lambda x, c: x / c, lambda t, x, c: x / c, ANY, (OTHER,)),
    Function("c/x", lambda x, c: c / x, lambda t, x, c: c / x, ANY, (OTHER,)),
    Function("exp", lambda x: ops.exp(x), lambda t, x: t.exp(x), ANY),
    Function("exp2", lambda x: ops.exp2(x), lambda t, x: t.exp2(x), ANY),
    Function("expm1", lambda x: ops.expm1(x), lambda t, x: t.expm1(x), ANY),
    Function("log", lambda x: ops.log(x), lambda t, x: t.log(x), POSITIVE),
    Function("log2", lambda x: ops.log2(x), lambda t, x: t.log2(x), POSITIVE),
    Function("log10", lambda x: ops.log10(x), lambda t, x: t.log10(x), POSITIVE),
    Function("log1p", lambda x: ops.log1p(x), lambda t, x: t.log1p(x), POSITIVE),
    Function("sin", lambda x: ops.sin(x), lambda t, x: t.sin(x), ANY),
    Function("cos", lambda x: ops.cos(x), lambda t, x: t.cos(x), ANY),
    Function("tan", lambda x: ops.tan(x), lambda t, x: t.tan(x), UNIT),
    Function("asin", lambda x: ops.asin(x), lambda t, x: t.asin(x), UNIT),
    Function("acos", lambda x: ops.acos(x), lambda t, x: t.acos(x), UNIT),
    Function("atan", lambda x: ops.atan(x), lambda t, x: t.atan(x), ANY),
    Function("sinh", lambda x: ops.sinh(x), lambda t, x: t.sinh(x), ANY),
    Function("cosh", lambda x: ops.cosh(x), lambda t, x: t.cosh(x), ANY),
    Function("tanh", lambda x: ops.tanh(x), lambda t, x: t.tanh(x), ANY),
    Function("asinh", lambda x: ops.asinh(x), lambda t, x: t.asinh(x), ANY),
    Function("acosh", lambda x: ops.acosh(x), lambda t, x: t.acosh(x), ABOVE_ONE),
    Function("atanh", lambda x: ops.atanh(x), lambda t, x: t.atanh(x), UNIT),
    Function("sinc", lambda x: ops.sinc(x), lambda t, x: t.sinc(x), ANY),
    Function("erf", lambda x: ops.erf(x), lambda t, x: t.erf(x), ANY),
    Function("erfc", lambda x: ops.erfc(x), lambda t, x: t.erfc(x), ANY),
    Function("erfinv", lambda x: ops.erfinv(x), lambda t, x: t.erfinv(x), UNIT),
    Function("lgamma", lambda x: ops.lgamma(x), lambda t, x: t.lgamma(x), POSITIVE),
    Function("digamma", lambda x: ops.digamma(x), lambda t, x: t.digamma(x), POSITIVE),
    Function("i0", lambda x: ops.i0(x), lambda t, x: t.special.i0(x), ANY),
    Function("bessel_i1", lambda x: ops.bessel_i1(x), lambda t, x: t.special.i1(x), ANY),
    Function(
        "atan2(x, c)", lambda x, c: ops.atan2(x, c), lambda t, x, c: t.atan2(x, c), ANY, (OTHER,)
    ),
    Function(
        "atan2(c, x)", lambda x, c: ops.atan2(c, x), lambda t, x, c: t.atan2(c, x), ANY, (OTHER,)
    ),
    Function("hypot", lambda x, c: ops.hypot(x, c), lambda t, x, c: t.hypot(x, c), ANY, (OTHER,)),
    Function(
        "maximum",
        lambda x, c: ops.maximum(x * x, c),
        lambda t, x, c: t.maximum(x * x, c),
        ANY,
        (OTHER,),
    ),
    Function(
        "minimum",
        lambda x, c: ops.minimum(x * x, c),
        lambda t, x, c: t.minimum(x * x, c),
        ANY,
        (OTHER,),
    ),
    Function("floor", lambda x: ops.floor(x) * x * x, lambda t, x: t.floor(x) * x * x, ANY),
    Function("ceil", lambda x: ops.ceil(x) * x * x, lambda t, x: t.ceil(x) * x * x, ANY),
    Function("round", lambda x: ops.round(x) * x * x, lambda t, x: t.round(x) * x * x, ANY),
    Function("trunc", lambda x: ops.trunc(x) * x * x, lambda t, x: t.trunc(x) * x * x, ANY),
    Function("sign", lambda x: ops.sign(x) * x * x, lambda t, x: t.sign(x) * x * x, ANY),
    Function("frac", lambda x: ops.frac(x) * x, lambda t, x: t.frac(x) * x, ANY),
    Function("fmod", lambda x: ops.fmod(x, 0.7) ** 2, lambda t, x: t.fmod(x, 0.7) ** 2, ANY),
    Function(
        "remainder",
        lambda x: ops.remainder(x, 0.7) ** 2,
        lambda t, x: t.remainder(x, 0.7) ** 2,
        ANY,
    ),
    Function("x % c", lambda x: (x % 0.7) ** 2, lambda t, x: (x % 0.7) ** 2, ANY),
    Function(
        "clamp",
        lambda x: ops.clamp(x, -1.0, 1.5) ** 3,
        lambda t, x: t.clamp(x, -1.0, 1.5) ** 3,
        ANY,
    ),
    Function("clip", lambda x: x.clip(-1.0, 1.5) ** 3, lambda t, x: x.clip(-1.0, 1.5) ** 3, ANY),
    Function(
        "where",
        lambda x: ops.where(x > 0, x**3, x * x),
        lambda t, x: t.where(x > 0, x**3, x * x),
        ANY,
    ),
    Function(
        "lerp",
        lambda x, c: ops.lerp(x, c, 0.3) ** 2,
        lambda t, x, c: t.lerp(x, c, 0.3) ** 2,
        ANY,
        (OTHER,),
    ),
    Function(
        "addcmul",
        lambda x, c: ops.addcmul(x, x, x * c),
        lambda t, x, c: t.addcmul(x, x, x * c),
        ANY,
        (OTHER,),
    ),
    Function(
        "addcdiv",
        lambda x, c: ops.addcdiv(x, c, x),
        lambda t, x, c: t.addcdiv(x, c, x),
        ANY,
        (OTHER,),
    ),
    Function(
        "logaddexp",
        lambda x, c: ops.logaddexp(x, c),
        lambda t, x, c: t.logaddexp(x, c),
        ANY,
        (OTHER,),
    ),
    Function(
        "logaddexp2",
        lambda x, c: ops.logaddexp2(x, c),
        lambda t, x, c: t.logaddexp2(x, c),
        ANY,
        (OTHER,),
    ),
    Function(
        "xlogy(x, c)",
        lambda x, c: ops.xlogy(x * x, c),
        lambda t, x, c: t.xlogy(x * x, c),
        ANY,
        (POSITIVE,),
    ),
    Function(
        "xlogy(c, x)",
        lambda x, c: ops.xlogy(c, x),
        lambda t, x, c: t.xlogy(c, x),
        POSITIVE,
        (OTHER,),
    ),
    Function("xdivy", lambda x, c: ops.xdivy(c, x), lambda t, x, c: c / x, POSITIVE, (OTHER,)),
    Function(
        "nan_to_num", lambda x: ops.nan_to_num(x) ** 3, lambda t, x: t.nan_to_num(x) ** 3, ANY
    ),
    Function("deg2rad", lambda x: ops.deg2rad(x) ** 2, lambda t, x: t.deg2rad(x) ** 2, ANY),
    Function(
        "float_power", lambda x: ops.float_power(x, 3.0), lambda t, x: t.float_power(x, 3.0), ANY
    ),
    Function(
        "polygamma", lambda x: ops.polygamma(Tensor(1), x), lambda t, x: t.polygamma(1, x), POSITIVE
    ),
    Function("sigmoid", lambda x: ops.sigmoid(x), lambda t, x: t.sigmoid(x), ANY),
    Function(
        "logsigmoid", lambda x: ops.logsigmoid(x), lambda t, x: t.nn.functional.logsigmoid(x), ANY
    ),
    Function("relu", lambda x: ops.relu(x) ** 3, lambda t, x: t.relu(x) ** 3, ANY),
    Function(
        "relu6",
        lambda x: ops.relu6(3 * x) ** 2,
        lambda t, x: t.nn.functional.relu6(3 * x) ** 2,
        ANY,
    ),
    Function(
        "leaky_relu",
        lambda x: ops.leaky_relu(x, 0.2) ** 2,
        lambda t, x: t.nn.functional.leaky_relu(x, 0.2) ** 2,
        ANY,
    ),
    Function(
        "prelu",
        lambda x, w: ops.prelu(x, w) ** 2,
        lambda t, x, w: t.nn.functional.prelu(x, w) ** 2,
        ANY.reshape(2, 3),
        (np.array([0.25]),),
    ),
    Function(
        "prelu weight",
        lambda w, x: ops.prelu(x, w) ** 2,
        lambda t, w, x: t.nn.functional.prelu(x, w) ** 2,
        np.array([0.25]),
        (ANY.reshape(2, 3),),
    ),
    Function("elu", lambda x: ops.elu(x), lambda t, x: t.nn.functional.elu(x), ANY),
    Function("selu", lambda x: ops.selu(x), lambda t, x: t.nn.functional.selu(x), ANY),
    Function("celu", lambda x: ops.celu(x, 1.0), lambda t, x: t.nn.functional.celu(x, 1.0), ANY),
    Function(
        "gelu tanh",
        lambda x: ops.gelu(x, approximate="tanh"),
        lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
        ANY,
    ),
    Function("gelu", lambda x: ops.gelu(x), lambda t, x: t.nn.functional.gelu(x), ANY),
    Function("silu", lambda x: ops.silu(x), lambda t, x: t.nn.functional.silu(x), ANY),
    Function("mish", lambda x: ops.mish(x), lambda t, x: t.nn.functional.mish(x), ANY),
    Function(
        "hardswish",
        lambda x: ops.hardswish(2 * x),
        lambda t, x: t.nn.functional.hardswish(2 * x),
        ANY,
    ),
    Function(
        "hardsigmoid",
        lambda x: ops.hardsigmoid(2 * x) ** 2,
        lambda t, x: t.clamp(2 * x / 6 + 0.5, 0, 1) ** 2,
        ANY,
    ),
    Function(
        "hardshrink",
        lambda x: ops.hardshrink(x, 0.5) ** 2,
        lambda t, x: t.nn.functional.hardshrink(x, 0.5) ** 2,
        ANY,
    ),
    Function(
        "softshrink",
        lambda x: ops.softshrink(x, 0.5) ** 2,
        lambda t, x: t.nn.functional.softshrink(x, 0.5) ** 2,
        ANY,
    ),
    Function(
        "tanhshrink", lambda x: ops.tanhshrink(x), lambda t, x: t.nn.functional.tanhshrink(x), ANY
    ),
    Function(
        "hardtanh",
        lambda x: ops.hardtanh(x, -1.0, 1.0) ** 2,
        lambda t, x: t.nn.functional.hardtanh(x, -1.0, 1.0) ** 2,
        ANY,
    ),
    Function("softplus", lambda x: ops.softplus(x), lambda t, x: t.nn.functional.softplus(x), ANY),
    Function("softsign", lambda x: ops.softsign(x), lambda t, x: t.nn.functional.softsign(x), ANY),
    Function(
        "threshold",
        lambda x: ops.threshold(x, 0.1, 20) * x,
        lambda t, x: t.nn.functional.threshold(x, 0.1, 20) * x,
        ANY,
    ),
    Function("glu", lambda x: ops.glu(x), lambda t, x: t.nn.functional.glu(x), ANY),
]
