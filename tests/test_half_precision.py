"""Gradients in half precision: as near to those in float32 as the numbers are, or refused."""

from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops
from sweep.row import uniform

from d2l_autograd import GradientError, grad

X, Y = (uniform(seed, 0.3, 1.5, 3, 4).astype(np.float16) for seed in (1, 2))
LABELS = ms.Tensor([0, 1, 2], ms.int32)
IN_FLOAT16 = """
x + y
x - y
x * y
x / y
x ** 2
x ** 3
x ** y
x @ y.T
abs(x)
ops.exp(x)
ops.log(x)
ops.sqrt(x)
ops.rsqrt(x)
ops.square(x)
ops.sin(x)
ops.cos(x)
ops.tan(x)
ops.tanh(x)
ops.sigmoid(x)
ops.relu(x)
ops.leaky_relu(x)
ops.gelu(x)
ops.silu(x)
ops.elu(x)
ops.softplus(x)
ops.logsigmoid(x)
ops.erf(x)
ops.log1p(x)
ops.expm1(x)
ops.reciprocal(x)
ops.maximum(x, y)
ops.clamp(x, 0.5, 1.0)
ops.where(x > y, x, y)
x.sum() ** 2
x.mean() ** 2
x.max() ** 2
x.std()
x.var()
x.prod()
x.norm()
ops.softmax(x)
ops.log_softmax(x)
ops.logsumexp(x, 0)
ops.cumsum(x, 0) ** 2
ops.cumprod(x, 0)
ops.bmm(x.reshape(1, 3, 4), y.reshape(1, 4, 3))
ops.cat([x, y]) ** 2
ops.stack([x, y]) ** 2
x[0] * x[1]
x[:, ::-1] * y
ops.gather(x, LABELS, 0) ** 2
ops.tile(x, (2, 1)) ** 2
ops.sort(x)[0] * y
ops.topk(x, 2)[0] ** 2
ops.mse_loss(x, y)
ops.huber_loss(x, y)
ops.cross_entropy(x, LABELS)
ops.binary_cross_entropy_with_logits(x, ops.sigmoid(y))
ops.kl_div(ops.log_softmax(x), ops.softmax(y))
ops.cosine_similarity(x, y)
nn.LayerNorm((4,))(x)
ops.conv2d(x.reshape(1, 1, 3, 4), y[:2, :2].reshape(1, 1, 2, 2))
ops.max_pool2d(x.reshape(1, 1, 3, 4), 2)
ops.pad(x, (1, 1)) ** 2
ops.outer(x[0], y[0])
ops.det(x[:, :3])
x.astype(ms.float32).sum() ** 2
"""


def gradients(call: str, dtype: Any) -> list[Any]:
    """Return the gradients of a weighted sum of a call in a dtype, in float64."""
    code = compile(call, call, "eval")

    def fn(x: Any, y: Any) -> Any:
        out = eval(code, {"x": x, "y": y, "ms": ms, "nn": nn, "ops": ops, "LABELS": LABELS})
        weights = np.cos(np.arange(out.size)).reshape(out.shape)
        return (out * ms.Tensor(weights, out.dtype)).sum()

    found = grad(fn, (0, 1))(ms.Tensor(X, dtype), ms.Tensor(Y, dtype))
    assert {gradient.dtype for gradient in found} == {dtype}
    return [gradient.asnumpy().astype(np.float64) for gradient in found]


@pytest.mark.parametrize("call", IN_FLOAT16.strip().splitlines())
def test_float16_is_as_near_to_float32_as_its_numbers_are(call: str) -> None:
    for half, single in zip(gradients(call, ms.float16), gradients(call, ms.float32), strict=True):
        np.testing.assert_allclose(half, single, atol=0.01 * max(1, np.abs(single).max()))


def test_bfloat16_has_gradients_where_mindspore_has_kernels() -> None:
    x = ms.Tensor(X).astype(ms.bfloat16)
    gradient = grad(lambda x: (x * x).astype(ms.float32).sum())(x)
    assert gradient.dtype == ms.bfloat16
    twice = 2 * x.astype(ms.float32).asnumpy()
    np.testing.assert_allclose(gradient.astype(ms.float32).asnumpy(), twice, rtol=2**-8)


@pytest.mark.parametrize(
    ("fn", "dtype", "operator"),
    [
        (lambda x: ops.exp(x).sum(), ms.bfloat16, "Exp"),
        (lambda x: x.sum(), ms.bfloat16, "Reduce"),
        (lambda x: ops.elu(x).astype(ms.float32).sum(), ms.bfloat16, "Elu"),
        (lambda x: (x @ x.T).astype(ms.float32).sum(), ms.bfloat16, "MatMul"),
        (lambda x: ops.median(x)[0], ms.float16, "Median"),
        (lambda x: ops.hypot(x, x).sum(), ms.float16, "Hypot"),
    ],
)
def test_an_operator_without_a_kernel_is_named_with_the_remedy(
    fn: Any, dtype: Any, operator: str
) -> None:
    with pytest.raises(GradientError) as caught:
        grad(fn)(ms.Tensor(X).astype(dtype))
    kind = str(dtype).lower()
    assert str(caught.value).startswith(f"MindSpore has no kernel of {operator} for {kind} on the")
    assert str(caught.value).endswith("Cast to float32 before it: x.astype(ms.float32).")
