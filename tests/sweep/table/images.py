"""Pooling, convolution and resampling along one, two and three axes."""

import numpy as np

from ..row import Row, normal, rows, uniform

SERIES = normal(32, 2, 2, 8)
IMAGES = normal(33, 2, 2, 6, 6)
SOLIDS = normal(31, 1, 2, 4, 4, 4)
PICKED = np.array([[[0, 3, 5, 6], [1, 2, 4, 7]], [[0, 2, 5, 7], [1, 3, 4, 6]]])
PLACES = np.array([[[[-0.61, -0.31], [0.13, -0.44], [0.55, 0.21], [0.05, 0.37]]]])
BOXES = np.array([[0, 0, 10, 10], [3, 4, 8, 9.5], [20, 20, 21, 22]])
TRUTHS = np.array([[0.5, 0.3, 2, 3], [2, 2, 11, 7]])

ROWS: list[Row] = [
    *rows(
        """
        ops.adaptive_avg_pool1d(x, 4) ** 2
        ops.adaptive_max_pool1d(x, 4) ** 2
        ops.lp_pool1d(x, 2, 3, 2)
        ops.lp_pool1d(x.astype(ms.float32), 2, 3, 2)
        ops.max_unpool1d(x[:, :, ::2], i, 2) ** 2
        """,
        x=SERIES,
        i=PICKED,
    ),
    *rows(
        """
        ops.adaptive_avg_pool2d_ext(x, (3, 2)) ** 2
        ops.fractional_max_pool2d(x, 2, output_size=3, _random_samples=r.astype(x.dtype)) ** 2
        ops.lp_pool2d(x, 2, 2)
        ops.lp_pool2d(x.astype(ms.float32), 2, 2)
        ops.max_unpool2d(*ops.max_pool2d(x, 2, 2, return_indices=True), 2) ** 2
        ops.mirror_pad(x, pads, "REFLECT") ** 2
        ops.mirror_pad(x, pads, "SYMMETRIC") ** 2
        ops.fold(ops.unfold(x, 2), size, 2) ** 2
        ops.unfold(x, 2).fold(size, 2) ** 2
        ops.col2im(ops.unfold(x, 2).reshape(2, 2, 4, 25), size, [2, 2], [1, 1], [0, 0], [1, 1]) ** 2
        ops.unfold(x, 2).reshape(2, 2, 4, 25).col2im(size, [2, 2], [1, 1], [0, 0], [1, 1]) ** 2
        ops.upsample(x, size=(3, 3)) ** 2
        ops.upsample(x, size=(9, 9), mode="bilinear", align_corners=True) ** 2
        ops.upsample(x, size=(9, 9), mode="bicubic") ** 2
        ops.crop_and_resize(x.transpose(0, 2, 3, 1), box.astype(ms.float32), one, (3, 3)) ** 2
        """,
        x=IMAGES,
        pads=np.array([[0, 0], [0, 0], [1, 2], [2, 1]]),
        size=np.array([6, 6], np.int32),
        one=np.array([1], np.int32),
        constants={"r": np.full((2, 2, 2), 0.3), "box": np.array([[0.1, 0.1, 0.8, 0.9]])},
    ),
    *rows(
        """
        ops.adaptive_avg_pool3d(x, 2) ** 2
        ops.adaptive_max_pool3d(x, (2, 2, 2)) ** 2
        ops.avg_pool3d(x, 2, 2) ** 2
        ops.avg_pool3d(x.astype(ms.float32), 2, 2) ** 2
        ops.max_pool3d(x, 2) ** 2
        ops.max_unpool3d(*ops.max_pool3d(x, 2, return_indices=True), 2) ** 2
        ops.fractional_max_pool3d(x, 2, output_size=2, _random_samples=r.astype(x.dtype)) ** 2
        """,
        x=SOLIDS,
        constants={"r": np.full((1, 2, 3), 0.3)},
    ),
    *rows("ops.conv3d(x, w) ** 2", x=SOLIDS, w=normal(35, 3, 2, 2, 2, 2)),
    *rows("ops.conv3d_transpose(x, w) ** 2", x=SOLIDS, w=normal(36, 2, 3, 2, 2, 2)),
    *rows("ops.conv_transpose2d(x, w) ** 2", x=IMAGES, w=normal(37, 2, 3, 2, 2)),
    *rows(
        "ops.deformable_conv2d(x, w, o, (2, 2), (1, 1, 1, 1), (0, 0, 0, 0))",
        x=normal(9, 2, 2, 5, 5),
        w=normal(10, 3, 2, 2, 2),
        o=0.3 * normal(11, 2, 12, 4, 4),
    ),
    *rows(
        """
        ops.affine_grid(x, (2, 3, 4, 4)) ** 2
        ops.affine_grid(x, (2, 3, 4, 4), align_corners=True) ** 2
        """,
        x=normal(5, 2, 2, 3),
    ),
    *rows(
        """
        ops.grid_sample(x, g) ** 2
        ops.grid_sample(x, g, "nearest") ** 2
        ops.grid_sample(x, g, padding_mode="border", align_corners=True) ** 2
        """,
        x=normal(5, 1, 1, 4, 4),
        g=PLACES,
    ),
    *rows(
        "ops.batch_to_space_nd(x, [2, 2], [[0, 1], [1, 0]]) ** 2",
        x=normal(5, 8, 3, 3, 1),
    ),
    *rows(
        """
        ops.bounding_box_encode(x, y) ** 2
        ops.bounding_box_decode(x, y / 5, (768, 1280)) ** 2
        """,
        x=uniform(1, 1, 3, 4, 4) + np.array([0, 0, 3, 3]),
        y=uniform(2, 0.2, 0.6, 4, 4) + np.array([0, 0, 3, 3]),
    ),
    *rows("ops.iou(x, y)\nops.iou(x, y, 'iof')", x=BOXES, y=TRUTHS),
    *rows("ops.rotated_iou(x, y)", x=uniform(1, 1, 3, 1, 3, 5), y=uniform(2, 1, 3, 1, 2, 5)),
]
