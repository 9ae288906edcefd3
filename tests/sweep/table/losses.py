"""Losses."""

import numpy as np

from ..row import Row, normal, rows, uniform

LABELS = np.array([1, 3, 0])
TARGET = normal(13, 3, 4)
SHARES = np.abs(normal(12, 3, 4)) / np.abs(normal(12, 3, 4)).sum(1, keepdims=True)
BINARY = np.array([[1.0, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]])
SIGNS = 2 * BINARY - 1
CHANCES = uniform(14, 0.1, 0.9, 3, 4)

M = normal(1, 3, 4)

ROWS: list[Row] = [
    *rows(
        """
        ops.mse_loss(x, y)
        ops.l1_loss(x * x, y)
        ops.smooth_l1_loss(x, y)
        ops.smooth_l1_loss(x, y, 0.7, 'mean')
        ops.huber_loss(x, y, 'mean', 0.7)
        ops.gaussian_nll_loss(x, y, x * x + 1)
        nn.MSELoss()(x, y)
        nn.SmoothL1Loss()(x, y)
        """,
        x=M,
        y=TARGET,
    ),
    *rows(
        """
        ops.kl_div(x, p, 'sum')
        ops.kl_div(ops.log_softmax(x, 1), p, 'mean')
        ops.cross_entropy(x, p)
        nn.SoftmaxCrossEntropyWithLogits()(x, p)
        nn.KLDivLoss('sum')(x, p)
        """,
        x=M,
        p=SHARES,
    ),
    *rows(
        """
        ops.cross_entropy(x, y.astype(ms.int32))
        ops.cross_entropy(x, y.astype(ms.int32), label_smoothing=0.1)
        ops.nll_loss(ops.log_softmax(x, 1), y.astype(ms.int32))
        nn.CrossEntropyLoss()(x, y.astype(ms.int32))
        """,
        y=LABELS,
        x=M,
    ),
    *rows(
        """
        ops.cross_entropy(x, y.astype(ms.int32), w)
        """,
        y=LABELS,
        x=M,
        w=np.abs(normal(3, 4)),
    ),
    *rows(
        """
        ops.binary_cross_entropy(x, y)
        ops.binary_cross_entropy(x, y, reduction='none')
        nn.BCELoss(reduction='mean')(x, y)
        """,
        x=CHANCES,
        y=BINARY,
    ),
    *rows(
        """
        ops.binary_cross_entropy(x, y, w, reduction='sum')
        """,
        x=CHANCES,
        y=BINARY,
        w=np.abs(TARGET),
    ),
    *rows(
        """
        ops.binary_cross_entropy_with_logits(x, y, ops.ones_like(x), ops.ones_like(x))
        ops.multilabel_soft_margin_loss(x, y)
        nn.PoissonNLLLoss()(x, y)
        """,
        x=M,
        y=BINARY,
    ),
    *rows(
        """
        ops.relu(1 - x * x * y).mean()
        ops.hinge_embedding_loss(x, y)
        """,
        x=M,
        y=SIGNS,
    ),
    *rows(
        """
        ops.margin_ranking_loss(x * x, y, s)
        """,
        x=M,
        y=TARGET,
        s=SIGNS,
    ),
    *rows(
        """
        ops.cosine_embedding_loss(x, y, s)
        """,
        x=M,
        y=TARGET,
        s=np.array([1, -1, 1]),
    ),
]
