"""Normalizations, layers, and functions with control flow."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from ..row import ANY, POSITIVE, Row, normal, rows

IMAGES = normal(15, 2, 2, 5, 5)
KERNEL = normal(16, 3, 2, 3, 3)
SERIES = normal(17, 2, 2, 7)
KERNEL1D = normal(18, 3, 2, 3)
GAIN4, BIAS4 = 1 + 0.1 * normal(19, 4), normal(20, 4)
GAIN2, BIAS2 = 1 + 0.1 * normal(21, 2), normal(22, 2)
MEAN2, VARIANCE2 = 0.1 * normal(23, 2), np.array([0.8, 1.3])
HALVES = ms.Tensor(np.full((2, 4), 0.5), ms.float32)
HALF = ms.Tensor(np.full((1, 2), 0.5), ms.float32)
DENSE = nn.Dense(4, 2, weight_init=HALVES, bias_init=ms.Tensor([0.25, 0.25], ms.float32))
LAST = nn.Dense(2, 1, weight_init=HALF, bias_init=ms.Tensor([0.25], ms.float32))
MLP = nn.SequentialCell(DENSE, nn.Tanh(), LAST)


def branching(x: Any) -> Any:
    if x.sum() > 0:
        return x**3
    return -x


def repeated(x: Any) -> Any:
    for _ in range(3):
        x = ops.sin(x)
    return x


def doubled(x: Any) -> Any:
    while x.sum() < 30:
        x = 2 * x
    return x


def early(x: Any) -> Any:
    if x[0] > 0:
        return x * x * x[0]
    x = x + 1
    return x - 1


def broken(x: Any) -> Any:
    y = x
    for k in range(9):
        y = y * x
        if k == 2:
            break
    return y


def nested(x: Any) -> Any:
    if x.sum() > 0:
        if x.max() > 1:
            return x * x * x.max()
        return x
    return -x


def newton(x: Any) -> Any:
    y = x
    for _ in range(8):
        y = (y + x / y) / 2
    return y


M = normal(1, 3, 4)
CUBE = normal(7, 2, 3, 4)

ROWS: list[Row] = [
    *rows(
        """
        ops.batch_norm(x, m, v, g, b) ** 2
        ops.batch_norm(x, m, v, g, b, training=True)
        """,
        x=IMAGES,
        m=MEAN2,
        v=VARIANCE2,
        g=GAIN2,
        b=BIAS2,
    ),
    *rows(
        """
        ops.group_norm(x, 2, g, b)
        """,
        x=normal(25, 2, 4, 3, 3),
        g=GAIN4,
        b=BIAS4,
    ),
    *rows(
        """
        ops.lrn(x, 2, 1.0, 0.5, 0.75)
        """,
        x=normal(34, 2, 7, 2, 2),
    ),
    *rows(
        """
        ops.dense(x, w, b) ** 2
        """,
        x=M,
        w=normal(26, 2, 4),
        b=BIAS2,
    ),
    *rows(
        """
        ops.conv2d(x, k) ** 2
        ops.conv2d(x, k, stride=2, pad_mode='pad', padding=1) ** 2
        """,
        x=IMAGES,
        k=KERNEL,
    ),
    *rows(
        """
        ops.conv1d(x, k) ** 2
        """,
        x=SERIES,
        k=KERNEL1D,
    ),
    *rows(
        """
        ops.max_pool2d(x, 2) ** 2
        nn.MaxPool2d(2, 2)(x) ** 2
        ops.avg_pool2d(x, 2, 2) ** 2
        ops.adaptive_avg_pool2d(x, 2) ** 2
        ops.adaptive_max_pool2d(x, 2) ** 2
        ops.interpolate(x, size=(10, 10), mode='nearest') ** 2
        ops.interpolate(x, size=(7, 7), mode='bilinear', align_corners=True) ** 2
        """,
        x=IMAGES,
    ),
    *rows(
        """
        ops.avg_pool1d(x, 2, 2) ** 2
        nn.MaxPool1d(2, 2)(x) ** 2
        """,
        x=SERIES,
    ),
    *rows(
        """
        ops.sigmoid(x[0]) * ops.tanh(x[1]) + ops.sigmoid(x[2])
        """,
        x=M,
    ),
    *rows(
        """
        DENSE(x) ** 2
        MLP(x) ** 2
        """,
        DENSE=DENSE,
        MLP=MLP,
        x=M,
    ),
    *rows(
        """
        ops.softmax(x @ x.swapaxes(-1, -2) / 2, -1) @ x
        """,
        x=CUBE,
    ),
    *rows(
        """
        ops.bias_add(x, b) ** 3
        """,
        x=M,
        b=BIAS4,
    ),
    *rows(
        """
        """,
        x=normal(33, 1, 4, 2, 2),
    ),
    *rows(
        """
        P.LayerNorm()(x, g, b)[0]
        """,
        x=M,
        g=GAIN4,
        b=BIAS4,
    ),
    *rows(
        """
        branching(x)
        repeated(x)
        """,
        branching=branching,
        repeated=repeated,
        x=ANY,
    ),
    *rows(
        """
        doubled(x)
        early(x)
        broken(x)
        nested(x)
        """,
        doubled=doubled,
        early=early,
        broken=broken,
        nested=nested,
        x=POSITIVE,
    ),
    *rows(
        """
        newton(x)
        """,
        newton=newton,
        x=np.array([1.1, 1.6, 2.2]),
    ),
    *rows(
        """
        ops.layer_norm(x, (4,), g, b) ** 2
        ops.add_layer_norm(x, x * x, g, b)[0] ** 2
        ops.add_rms_norm(x, x * x, g)[0] ** 2
        """,
        x=M,
        g=GAIN4,
        b=BIAS4,
    ),
]
