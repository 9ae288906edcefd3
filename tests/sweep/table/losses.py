"""Losses, as functions and as layers."""

import numpy as np

from ..row import Row, normal, rows, uniform

LABELS = np.array([1, 3, 0], np.int32)
TARGET = normal(13, 3, 4)
SHARES = np.abs(normal(12, 3, 4)) / np.abs(normal(12, 3, 4)).sum(1, keepdims=True)
BINARY = np.array([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]])
SIGNS = 2.0 * BINARY - 1
CHANCES = uniform(14, 0.3, 0.7, 3, 4)
M = normal(1, 3, 4)
WEIGHT = np.abs(normal(3, 4))
SERIES = normal(5, 5, 2, 4)

ROWS: list[Row] = [
    *rows(
        """
        ops.mse_loss(x, y)
        ops.mse_loss(x, y, "none")
        ops.mse_loss(x, y, "sum")
        ops.l1_loss(x, y)
        ops.l1_loss(x * x, y, "none")
        ops.l1_loss(x * x, y, "sum")
        ops.smooth_l1_loss(x, y)
        ops.smooth_l1_loss(x, y, 0.7, "mean")
        ops.smooth_l1_loss(x, y, 0.7, "sum")
        ops.huber_loss(x, y)
        ops.huber_loss(x, y, "mean", 0.7)
        ops.huber_loss(x, y, "none", 2.0)
        ops.gaussian_nll_loss(x, y, x * x + 1)
        ops.gaussian_nll_loss(x, y, x * x + 1, full=True, reduction="sum")
        nn.MSELoss()(x, y)
        nn.L1Loss()(x, y)
        nn.MAELoss()(x, y)
        nn.RMSELoss()(x, y)
        nn.SmoothL1Loss()(x, y)
        nn.HuberLoss()(x, y)
        nn.GaussianNLLLoss()(x, y, x * x + 1)
        nn.SoftMarginLoss()(x, y)
        ops.soft_margin_loss(x, y)
        ops.triplet_margin_loss(x, y, x * y)
        nn.TripletMarginLoss()(x, y, x * y)
        """,
        x=M,
        y=TARGET,
    ),
    *rows("ops.smooth_l1_loss(x, x)", "equal", x=M, want=(0, 0, 0)),
    *rows(
        """
        ops.kl_div(x, p, "none")
        ops.kl_div(x, p, "sum")
        ops.kl_div(x, p, "batchmean")
        nn.KLDivLoss("sum")(x, p)
        """,
        x=M,
        p=SHARES,
    ),
    *rows(
        "ops.kl_div(ops.log_softmax(x, 1), p, 'mean')",
        x=M,
        p=SHARES,
        exact="(p * (np.log(p) - x + np.log(np.exp(x).sum(1, keepdims=True)))).sum() / 12",
    ),
    *rows("ops.kl_div(x, p, 'sum')", "zero target", x=M, p=BINARY.astype(np.float32)),
    *rows(
        """
        ops.cross_entropy(x, p)
        ops.cross_entropy(x, p, reduction="none")
        ops.cross_entropy(x, p, label_smoothing=0.1)
        nn.CrossEntropyLoss()(x, p)
        nn.SoftmaxCrossEntropyWithLogits()(x, p)
        nn.SoftmaxCrossEntropyWithLogits(reduction="mean")(x, p)
        """,
        x=M,
        p=SHARES,
    ),
    *rows(
        """
        ops.cross_entropy(x, y)
        ops.cross_entropy(x, y, reduction="sum")
        ops.cross_entropy(x, y, reduction="none")
        ops.cross_entropy(x, y, label_smoothing=0.1)
        ops.cross_entropy(x, y, ignore_index=3)
        ops.cross_entropy(30 * x, y)
        ops.nll_loss(ops.log_softmax(x, 1), y)
        ops.nll_loss(x, y, reduction="sum")
        nn.CrossEntropyLoss()(x, y)
        nn.NLLLoss()(x, y)
        nn.SoftmaxCrossEntropyWithLogits(sparse=True)(x, y)
        nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")(x, y)
        nn.FocalLoss()(x, y.reshape(3, 1))
        nn.MultiMarginLoss()(x, y.astype(ms.int64))
        ops.multi_margin_loss(x, y.astype(ms.int64))
        ops.multi_margin_loss(x, y.astype(ms.int64), p=2, margin=2.0, reduction="sum")
        ops.multi_margin_loss(x, y.astype(ms.int64), reduction="none")
        """,
        x=M,
        y=LABELS,
    ),
    *rows(
        """
        ops.cross_entropy(x, y, w)
        ops.cross_entropy(x, y, w, reduction="sum", label_smoothing=0.1)
        ops.nll_loss(ops.log_softmax(x, 1), y, w)
        ops.multi_margin_loss(x, y.astype(ms.int64), weight=w)
        """,
        x=M,
        w=WEIGHT,
        y=LABELS,
    ),
    *rows(
        """
        ops.binary_cross_entropy(x, y)
        ops.binary_cross_entropy(x, y, reduction="none")
        ops.binary_cross_entropy(x, y, reduction="sum")
        nn.BCELoss(reduction="mean")(x, y)
        nn.DiceLoss()(x, y)
        nn.MultiClassDiceLoss()(x, y)
        """,
        x=CHANCES,
        y=CHANCES[::-1].copy(),
    ),
    *rows(
        """
        ops.binary_cross_entropy(x, y, w)
        ops.binary_cross_entropy(x, y, w, reduction="none")
        """,
        x=CHANCES,
        y=CHANCES[::-1].copy(),
        w=np.abs(TARGET),
    ),
    *rows(
        """
        ops.binary_cross_entropy_with_logits(x, y)
        ops.binary_cross_entropy_with_logits(x, y, reduction="sum")
        ops.binary_cross_entropy_with_logits(x, y, ops.ones_like(x), ops.ones_like(x))
        nn.BCEWithLogitsLoss()(x, y)
        ops.multilabel_soft_margin_loss(x, y)
        nn.PoissonNLLLoss()(x, y)
        """,
        x=M,
        y=CHANCES,
    ),
    *rows(
        """
        ops.binary_cross_entropy_with_logits(x, y, w, p)
        ops.binary_cross_entropy_with_logits(x, y, w, p, reduction="none")
        """,
        x=M,
        y=CHANCES,
        w=np.abs(TARGET),
        p=WEIGHT,
    ),
    *rows(
        "ops.binary_cross_entropy_with_logits(x, ops.ones_like(x), reduction='sum')",
        "far out",
        x=np.array([-100.0, -20.0, 20.0, 80.0]),
        want=(
            [-1, -1, -np.exp(-20), -np.exp(-80)],
            [np.exp(-100), np.exp(-20), np.exp(-20), np.exp(-80)],
            [np.exp(-100), np.exp(-20), -np.exp(-20), -np.exp(-80)],
        ),
    ),
    *rows(
        """
        ops.relu(1 - x * x * y).mean()
        ops.hinge_embedding_loss(x, y)
        nn.HingeEmbeddingLoss()(x, y)
        ops.margin_ranking_loss(x * x, x, y)
        nn.MarginRankingLoss()(x * x, x, y)
        """,
        x=M,
        constants={"y": SIGNS},
    ),
    *rows(
        """
        ops.cosine_embedding_loss(x, y, s)
        nn.CosineEmbeddingLoss()(x, y, s)
        """,
        x=M,
        y=TARGET,
        s=np.array([1, -1, 1]),
    ),
    *rows(
        """
        ops.ctc_loss(ops.log_softmax(x, -1), t, n, k)[0]
        ops.ctc_loss(ops.log_softmax(x, -1), t, n, k, reduction="none")[0]
        nn.CTCLoss()(ops.log_softmax(x, -1), t, n, k)
        """,
        x=SERIES,
        t=np.array([[1, 2], [3, 3]], np.int32),
        n=np.array([5, 4], np.int32),
        k=np.array([2, 2], np.int32),
    ),
    *rows(
        """
        ops.multilabel_margin_loss(x, y)
        nn.MultilabelMarginLoss()(x, y)
        """,
        x=M,
        y=np.array([[1, 2, -1, 0], [0, 3, -1, 1], [3, 0, 1, -1]], np.int32),
    ),
    *rows("ops.mse_loss_ext(x, y)", x=M, y=TARGET),
    *rows("ops.ctc_greedy_decoder(x.reshape(3, 1, 4), n)[3]", x=M, n=np.array([3], np.int32)),
]
