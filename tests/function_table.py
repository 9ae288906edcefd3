"""The whole table, and what MindSpore's operators cannot do."""

from typing import NamedTuple

import functions_arrays
import functions_elementary
import functions_layers
from functions import Function, uniform
from functions_layers import IMAGES
from mindspore import ops

FUNCTIONS = [
    *functions_elementary.FUNCTIONS,
    *functions_arrays.FUNCTIONS,
    *functions_layers.FUNCTIONS,
]


class Refused(NamedTuple):
    """A function with a first derivative, and the error for its second one."""

    function: Function
    words: str


GRID = uniform(35, -0.9, 0.9, 2, 3, 3, 2)
REFUSED = [
    Refused(
        Function(
            "grid_sample",
            lambda x, grid: ops.grid_sample(x, grid) ** 2,
            lambda t, x, grid: t.nn.functional.grid_sample(x, grid, align_corners=False) ** 2,
            IMAGES,
            (GRID,),
        ),
        r"ops\.grid_sample has a first derivative in MindSpore and no second one",
    ),
    Refused(
        Function(
            "grid_sample by the grid",
            lambda grid, x: ops.grid_sample(x, grid) ** 2,
            lambda t, grid, x: t.nn.functional.grid_sample(x, grid, align_corners=False) ** 2,
            GRID,
            (IMAGES,),
        ),
        r"ops\.grid_sample has a first derivative in MindSpore and no second one",
    ),
]

# MindSpore has no kernel for float64, be it for the second order only, or its layer holds float32.
NO_FLOAT64 = {
    "lerp",
    "nan_to_num",
    "relu6",
    "prelu",
    "prelu weight",
    "hardshrink",
    "softshrink",
    "norm 1",
    "norm 3",
    "cosine_similarity",
    "cross_entropy probabilities",
    "softmax_cross_entropy",
    "bce",
    "bce none",
    "bce weight",
    "bce_with_logits",
    "batch_norm eval",
    "batch_norm train",
    "lrn",
    "conv2d",
    "conv2d weight",
    "conv2d padded",
    "conv1d",
    "avg_pool2d",
    "avg_pool1d",
    "LayerNorm",
    "batch_norm weight",
    "nn.Dense",
    "nn.SequentialCell",
    "nn.CrossEntropyLoss",
    "nn.BCELoss",
}

# MindSpore computes float64 with constants, or in steps, of float32.
ROUGH_IN_FLOAT64 = {
    "lgamma",
    "hypot",
    "fmod",
    "remainder",
    "x % c",
    "addcmul",
    "addcdiv",
    "leaky_relu",
    "selu",
    "celu",
    "gelu tanh",
    "mish",
    "softplus",
    "prod",
    "prod axis",
    "std",
    "var",
    "log_softmax",
    "svd values",
    "svd",
    "svd tall",
    "pinv",
    "matrix_power",
    "masked_fill",
    "sort",
    "mse",
    "l1",
    "smooth_l1 mean",
    "huber",
    "kl_div mean",
    "cross_entropy smoothed",
    "nll",
    "margin_ranking",
    "cosine_embedding",
    "multilabel_soft_margin",
    "poisson_nll",
    "nn.MaxPool2d",
    "max_pool1d",
    "interpolate bilinear",
    "nn.MSELoss",
    "if",
    "early return",
    "nested if",
}
