"""Losses, normalizations, layers, and functions with control flow."""

from typing import Any

import mindspore as ms
import numpy as np
from functions import Function, normal, uniform
from functions_arrays import CUBE, M
from functions_elementary import ANY, POSITIVE
from mindspore import nn, ops
from mindspore.ops import operations as P

LABELS = np.array([1, 3, 0])
TARGET = normal(13, 3, 4)
SHARES = np.abs(normal(12, 3, 4)) / np.abs(normal(12, 3, 4)).sum(1, keepdims=True)
BINARY = np.array([[1.0, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]])
SIGNS = 2 * BINARY - 1
CHANCES = uniform(14, 0.1, 0.9, 3, 4)
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


FUNCTIONS = [
    Function(
        "mse",
        lambda x, y: ops.mse_loss(x, y),
        lambda t, x, y: t.nn.functional.mse_loss(x, y),
        M,
        (TARGET,),
    ),
    Function(
        "l1",
        lambda x, y: ops.l1_loss(x * x, y),
        lambda t, x, y: t.nn.functional.l1_loss(x * x, y),
        M,
        (TARGET,),
    ),
    Function(
        "smooth_l1",
        lambda x, y: ops.smooth_l1_loss(x, y),
        lambda t, x, y: t.nn.functional.smooth_l1_loss(x, y, reduction="none"),
        M,
        (TARGET,),
    ),
    Function(
        "smooth_l1 mean",
        lambda x, y: ops.smooth_l1_loss(x, y, 0.7, "mean"),
        lambda t, x, y: t.nn.functional.smooth_l1_loss(x, y, beta=0.7),
        M,
        (TARGET,),
    ),
    Function(
        "huber",
        lambda x, y: ops.huber_loss(x, y, "mean", 0.7),
        lambda t, x, y: t.nn.functional.huber_loss(x, y, delta=0.7),
        M,
        (TARGET,),
    ),
    Function(
        "kl_div",
        lambda x, p: ops.kl_div(x, p, "sum"),
        lambda t, x, p: t.nn.functional.kl_div(x, p, reduction="sum"),
        M,
        (SHARES,),
    ),
    Function(
        "kl_div mean",
        lambda x, p: ops.kl_div(ops.log_softmax(x, 1), p, "mean"),
        lambda t, x, p: t.nn.functional.kl_div(t.log_softmax(x, 1), p, reduction="mean"),
        M,
        (SHARES,),
    ),
    Function(
        "kl_div target",
        lambda p, x: ops.kl_div(x, p, "sum"),
        lambda t, p, x: t.nn.functional.kl_div(x, p, reduction="sum"),
        SHARES,
        (M,),
    ),
    Function(
        "cross_entropy",
        lambda x, y: ops.cross_entropy(x, y.astype(ms.int32)),
        lambda t, x, y: t.nn.functional.cross_entropy(x, y),
        M,
        (LABELS,),
    ),
    Function(
        "cross_entropy smoothed",
        lambda x, y: ops.cross_entropy(x, y.astype(ms.int32), label_smoothing=0.1),
        lambda t, x, y: t.nn.functional.cross_entropy(x, y, label_smoothing=0.1),
        M,
        (LABELS,),
    ),
    Function(
        "cross_entropy weight",
        lambda x, y, w: ops.cross_entropy(x, y.astype(ms.int32), w),
        lambda t, x, y, w: t.nn.functional.cross_entropy(x, y, w),
        M,
        (LABELS, np.abs(normal(3, 4))),
    ),
    Function(
        "cross_entropy probabilities",
        lambda x, p: ops.cross_entropy(x, p),
        lambda t, x, p: t.nn.functional.cross_entropy(x, p),
        M,
        (SHARES,),
    ),
    Function(
        "softmax_cross_entropy",
        lambda x, p: nn.SoftmaxCrossEntropyWithLogits()(x, p),
        lambda t, x, p: t.nn.functional.cross_entropy(x, p, reduction="none"),
        M,
        (SHARES,),
    ),
    Function(
        "nll",
        lambda x, y: ops.nll_loss(ops.log_softmax(x, 1), y.astype(ms.int32)),
        lambda t, x, y: t.nn.functional.nll_loss(t.log_softmax(x, 1), y),
        M,
        (LABELS,),
    ),
    Function(
        "bce",
        lambda x, y: ops.binary_cross_entropy(x, y),
        lambda t, x, y: t.nn.functional.binary_cross_entropy(x, y),
        CHANCES,
        (BINARY,),
    ),
    Function(
        "bce none",
        lambda x, y: ops.binary_cross_entropy(x, y, reduction="none"),
        lambda t, x, y: t.nn.functional.binary_cross_entropy(x, y, reduction="none"),
        CHANCES,
        (BINARY,),
    ),
    Function(
        "bce weight",
        lambda x, y, w: ops.binary_cross_entropy(x, y, w, reduction="sum"),
        lambda t, x, y, w: t.nn.functional.binary_cross_entropy(x, y, w, reduction="sum"),
        CHANCES,
        (BINARY, np.abs(TARGET)),
    ),
    Function(
        "bce_with_logits",
        lambda x, y: ops.binary_cross_entropy_with_logits(x, y, ops.ones_like(x), ops.ones_like(x)),
        lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(x, y),
        M,
        (BINARY,),
    ),
    Function(
        "hinge",
        lambda x, y: ops.relu(1 - x * x * y).mean(),
        lambda t, x, y: t.relu(1 - x * x * y).mean(),
        M,
        (SIGNS,),
    ),
    Function(
        "hinge_embedding",
        lambda x, y: ops.hinge_embedding_loss(x, y),
        lambda t, x, y: t.nn.functional.hinge_embedding_loss(x, y),
        M,
        (SIGNS,),
    ),
    Function(
        "margin_ranking",
        lambda x, y, s: ops.margin_ranking_loss(x * x, y, s),
        lambda t, x, y, s: t.nn.functional.margin_ranking_loss(x * x, y, s),
        M,
        (TARGET, SIGNS),
    ),
    Function(
        "cosine_embedding",
        lambda x, y, s: ops.cosine_embedding_loss(x, y, s),
        lambda t, x, y, s: t.nn.functional.cosine_embedding_loss(x, y, s),
        M,
        (TARGET, np.array([1, -1, 1])),
    ),
    Function(
        "multilabel_soft_margin",
        lambda x, y: ops.multilabel_soft_margin_loss(x, y),
        lambda t, x, y: t.nn.functional.multilabel_soft_margin_loss(x, y),
        M,
        (BINARY,),
    ),
    Function(
        "gaussian_nll",
        lambda x, y: ops.gaussian_nll_loss(x, y, x * x + 1),
        lambda t, x, y: t.nn.functional.gaussian_nll_loss(x, y, x * x + 1),
        M,
        (TARGET,),
    ),
    Function(
        "poisson_nll",
        lambda x, y: nn.PoissonNLLLoss()(x, y),
        lambda t, x, y: t.nn.functional.poisson_nll_loss(x, y),
        M,
        (BINARY,),
    ),
    # norms
    Function(
        "batch_norm eval",
        lambda x, m, v, g, b: ops.batch_norm(x, m, v, g, b) ** 2,
        lambda t, x, m, v, g, b: t.nn.functional.batch_norm(x, m, v, g, b) ** 2,
        IMAGES,
        (MEAN2, VARIANCE2, GAIN2, BIAS2),
    ),
    Function(
        "batch_norm train",
        lambda x, m, v, g, b: ops.batch_norm(x, m, v, g, b, training=True),
        lambda t, x, m, v, g, b: t.nn.functional.batch_norm(x, m, v, g, b, training=True),
        IMAGES,
        (MEAN2, VARIANCE2, GAIN2, BIAS2),
    ),
    Function(
        "group_norm",
        lambda x, g, b: ops.group_norm(x, 2, g, b),
        lambda t, x, g, b: t.nn.functional.group_norm(x, 2, g, b),
        normal(25, 2, 4, 3, 3),
        (GAIN4, BIAS4),
    ),
    Function(
        "lrn",
        lambda x: ops.lrn(x, 2, 1.0, 0.5, 0.75),
        lambda t, x: (
            x
            / (1 + 0.5 * t.nn.functional.pad(x * x, (0, 0, 0, 0, 2, 2)).unfold(1, 5, 1).sum(-1))
            ** 0.75
        ),
        normal(34, 2, 7, 2, 2),
    ),
    # layers
    Function(
        "dense",
        lambda x, w, b: ops.dense(x, w, b) ** 2,
        lambda t, x, w, b: t.nn.functional.linear(x, w, b) ** 2,
        M,
        (normal(26, 2, 4), BIAS2),
    ),
    Function(
        "conv2d",
        lambda x, k: ops.conv2d(x, k) ** 2,
        lambda t, x, k: t.nn.functional.conv2d(x, k) ** 2,
        IMAGES,
        (KERNEL,),
    ),
    Function(
        "conv2d weight",
        lambda k, x: ops.conv2d(x, k) ** 2,
        lambda t, k, x: t.nn.functional.conv2d(x, k) ** 2,
        KERNEL,
        (IMAGES,),
    ),
    Function(
        "conv2d padded",
        lambda x, k: ops.conv2d(x, k, stride=2, pad_mode="pad", padding=1) ** 2,
        lambda t, x, k: t.nn.functional.conv2d(x, k, stride=2, padding=1) ** 2,
        IMAGES,
        (KERNEL,),
    ),
    Function(
        "conv1d",
        lambda x, k: ops.conv1d(x, k) ** 2,
        lambda t, x, k: t.nn.functional.conv1d(x, k) ** 2,
        SERIES,
        (KERNEL1D,),
    ),
    Function(
        "max_pool2d",
        lambda x: ops.max_pool2d(x, 2) ** 2,
        lambda t, x: t.nn.functional.max_pool2d(x, 2) ** 2,
        IMAGES,
    ),
    Function(
        "nn.MaxPool2d",
        lambda x: nn.MaxPool2d(2, 2)(x) ** 2,
        lambda t, x: t.nn.functional.max_pool2d(x, 2) ** 2,
        IMAGES,
    ),
    Function(
        "avg_pool2d",
        lambda x: ops.avg_pool2d(x, 2, 2) ** 2,
        lambda t, x: t.nn.functional.avg_pool2d(x, 2) ** 2,
        IMAGES,
    ),
    Function(
        "avg_pool1d",
        lambda x: ops.avg_pool1d(x, 2, 2) ** 2,
        lambda t, x: t.nn.functional.avg_pool1d(x, 2) ** 2,
        SERIES,
    ),
    Function(
        "max_pool1d",
        lambda x: nn.MaxPool1d(2, 2)(x) ** 2,
        lambda t, x: t.nn.functional.max_pool1d(x, 2) ** 2,
        SERIES,
    ),
    Function(
        "adaptive_avg_pool2d",
        lambda x: ops.adaptive_avg_pool2d(x, 2) ** 2,
        lambda t, x: t.nn.functional.adaptive_avg_pool2d(x, 2) ** 2,
        IMAGES,
    ),
    Function(
        "adaptive_max_pool2d",
        lambda x: ops.adaptive_max_pool2d(x, 2) ** 2,
        lambda t, x: t.nn.functional.adaptive_max_pool2d(x, 2) ** 2,
        IMAGES,
    ),
    Function(
        "interpolate nearest",
        lambda x: ops.interpolate(x, size=(10, 10), mode="nearest") ** 2,
        lambda t, x: t.nn.functional.interpolate(x, size=(10, 10), mode="nearest") ** 2,
        IMAGES,
    ),
    Function(
        "interpolate bilinear",
        lambda x: ops.interpolate(x, size=(7, 7), mode="bilinear", align_corners=True) ** 2,
        lambda t, x: (
            t.nn.functional.interpolate(x, size=(7, 7), mode="bilinear", align_corners=True) ** 2
        ),
        IMAGES,
    ),
    Function(
        "dropout off",
        lambda x: ops.dropout(x, 0.5, training=False) ** 2,
        lambda t, x: t.nn.functional.dropout(x, 0.5, training=False) ** 2,
        M,
    ),
    Function(
        "attention",
        lambda x: ops.softmax(x @ x.swapaxes(-1, -2) / 2, -1) @ x,
        lambda t, x: t.softmax(x @ x.mT / 2, -1) @ x,
        CUBE,
    ),
    Function(
        "bias_add", lambda x, b: ops.bias_add(x, b) ** 3, lambda t, x, b: (x + b) ** 3, M, (BIAS4,)
    ),
    Function(
        "pixel_shuffle",
        lambda x: ops.pixel_shuffle(x, 2) ** 2,
        lambda t, x: t.nn.functional.pixel_shuffle(x, 2) ** 2,
        normal(33, 1, 4, 2, 2),
    ),
    Function(
        "batch_norm weight",
        lambda g, x, m, v, b: ops.batch_norm(x, m, v, g, b) ** 2,
        lambda t, g, x, m, v, b: t.nn.functional.batch_norm(x, m, v, g, b) ** 2,
        GAIN2,
        (IMAGES, MEAN2, VARIANCE2, BIAS2),
    ),
    Function(
        "LayerNorm",
        lambda x, g, b: P.LayerNorm()(x, g, b)[0],
        lambda t, x, g, b: t.nn.functional.layer_norm(x, (4,), g, b, 1e-7),
        M,
        (GAIN4, BIAS4),
    ),
    Function(
        "nn.Dense", lambda x: DENSE(x) ** 2, lambda t, x: (x @ t.full((4, 2), 0.5) + 0.25) ** 2, M
    ),
    Function(
        "nn.SequentialCell",
        lambda x: MLP(x) ** 2,
        lambda t, x: (
            (t.tanh(x @ t.full((4, 2), 0.5) + 0.25).sum(-1, keepdim=True) * 0.5 + 0.25) ** 2
        ),
        M,
    ),
    Function("nn.ReLU", lambda x: nn.ReLU()(x) ** 3, lambda t, x: t.relu(x) ** 3, M),
    Function(
        "nn.MSELoss",
        lambda x, y: nn.MSELoss()(x, y),
        lambda t, x, y: t.nn.functional.mse_loss(x, y),
        M,
        (TARGET,),
    ),
    Function(
        "nn.CrossEntropyLoss",
        lambda x, y: nn.CrossEntropyLoss()(x, y.astype(ms.int32)),
        lambda t, x, y: t.nn.functional.cross_entropy(x, y),
        M,
        (LABELS,),
    ),
    Function(
        "nn.BCELoss",
        lambda x, y: nn.BCELoss(reduction="mean")(x, y),
        lambda t, x, y: t.nn.functional.binary_cross_entropy(x, y),
        CHANCES,
        (BINARY,),
    ),
    Function(
        "nn.SmoothL1Loss",
        lambda x, y: nn.SmoothL1Loss()(x, y),
        lambda t, x, y: t.nn.functional.smooth_l1_loss(x, y, reduction="none"),
        M,
        (TARGET,),
    ),
    Function(
        "nn.KLDivLoss",
        lambda x, p: nn.KLDivLoss("sum")(x, p),
        lambda t, x, p: t.nn.functional.kl_div(x, p, reduction="sum"),
        M,
        (SHARES,),
    ),
    Function(
        "gate",
        lambda x: ops.sigmoid(x[0]) * ops.tanh(x[1]) + ops.sigmoid(x[2]),
        lambda t, x: t.sigmoid(x[0]) * t.tanh(x[1]) + t.sigmoid(x[2]),
        M,
    ),
    Function("if", branching, lambda t, x: x**3 if x.sum() > 0 else -x, ANY),
    Function("for", repeated, lambda t, x: t.sin(t.sin(t.sin(x))), ANY),
    Function("while", doubled, lambda t, x: x * 2 ** t.ceil(t.log2(30 / x.sum())), POSITIVE),
    Function("early return", early, lambda t, x: x**2 * x[0] if x[0] > 0 else x, POSITIVE),
    Function("break", broken, lambda t, x: x**4, POSITIVE),
    Function("nested if", nested, lambda t, x: x**2 * x.max(), POSITIVE),
    Function("power loop", newton, lambda t, x: t.sqrt(x), np.array([1.1, 1.6, 2.2])),
]
