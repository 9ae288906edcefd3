"""Joining, splitting, repeating and moving entries; copies, casts, and ranges by their ends."""

import copy

import numpy as np

from ..row import SCALAR, Row, normal, rows

M = normal(41, 2, 3)
V = normal(42, 3)
CUBE = normal(43, 2, 3, 4)
SQUARE = normal(44, 3, 3)

ROWS: list[Row] = [
    *rows(
        """
        ops.cat([x, x * x], -1) ** 2
        ops.hstack([x, x * x]) ** 2
        ops.dstack([x, x * x]) ** 2
        ops.column_stack([x, x * x]) ** 2
        ops.stack([x, x * x], -1) ** 2
        ops.block_diag(x, x * x) ** 2
        ops.split(x, [1, 2], 1)[1] ** 2
        ops.chunk(x, 2, 1)[0] ** 2
        ops.unbind(x, 1)[1] ** 2
        x.split(1, 1)[2] ** 2
        mint.split(x, [1, 2], 1)[1] ** 2
        mint.chunk(x, 2, 1)[1] ** 2
        mint.unbind(x, 0)[1] ** 2
        mnp.append(x, x * x) ** 2
        [row ** 2 for row in x]
        x.tile((2, 1, 2)) ** 2
        x.repeat_interleave(2, 1) ** 2
        mnp.repeat(x, 2, 1) ** 2
        mnp.roll(x, 1, 1) ** 2
        mnp.roll(x, 1) ** 2
        mnp.flip(x) ** 2
        mnp.flip(x, 1) ** 2
        ops.fliplr(x) ** 2
        x.flip((0, 1)) ** 2
        ops.rot90(x, 1, (0, 1)) ** 2
        mnp.rot90(x, 1, (0, 1)) ** 2
        x.T ** 2
        x.mT ** 2
        x.t() ** 2
        x.permute(1, 0) ** 2
        x.view(3, 2) ** 2
        x.view(-1) ** 2
        x.unsqueeze(-1) ** 2
        mint.unsqueeze(x, 0) ** 2
        x.ravel() ** 2
        x.diagonal(1) ** 2
        ops.triu(x, 1) ** 2
        x.tril(-1) ** 2
        ops.diag_embed(x, 1) ** 2
        x.narrow(1, 1, 2) ** 2
        mint.narrow(x, 1, 1, 2) ** 2
        x.select(1, -1) ** 2
        ops.slice(x, (0, 1), (2, 2)) ** 2
        ops.strided_slice(x, (0, 1), (2, 3), (2, 1)) ** 2
        ops.strided_slice(x, (1, 2), (-3, 0), (-1, -2)) ** 2
        x.expand((4, 2, 3)) ** 2
        x.broadcast_to((4, 2, 3)) ** 2
        ops.pad(x, (1, 2), value=3.0) ** 2
        ops.pad(x, (-1, 1)) ** 2
        ops.pad(x, (1, 1), 'reflect') ** 2
        ops.pad(x, (1, 1), 'circular') ** 2
        mnp.pad(x, 1, 'edge') ** 2
        nn.Pad(((1, 1), (0, 2)), 'SYMMETRIC')(x) ** 2
        ms.vmap(lambda r: r * r)(x)
        """,
        x=M,
    ),
    *rows(
        """
        x.transpose(0, 2, 1) ** 2
        x.swapaxes(0, 2) ** 2
        x.movedim(0, 2) ** 2
        mnp.moveaxis(x, 0, 2) ** 2
        mnp.rollaxis(x, 2) ** 2
        mint.permute(x, (2, 0, 1)) ** 2
        x.flatten(start_dim=1) ** 2
        x.diagonal(0, 1, 2) ** 2
        """,
        x=CUBE,
    ),
    *rows(
        """
        x.trace() ** 2
        mnp.trace(x) ** 2
        x.diag() ** 2
        ops.matrix_set_diag(x, x[:, 0] * x[:, 0]) ** 2
        ops.DiagPart()(x) ** 2
        ops.ReverseSequence(0, 1)(x, i) ** 2
        """,
        x=SQUARE,
        i=np.array([1, 2, 3]),
    ),
    *rows(
        """
        ops.SpaceToDepth(2)(x) ** 2
        ops.pixel_unshuffle(x, 2) ** 2
        ops.space_to_batch_nd(x, [2, 2], [[0, 0], [0, 0]]) ** 2
        """,
        x=normal(45, 1, 1, 4, 4),
    ),
    *rows(
        """
        ops.DepthToSpace(2)(x) ** 2
        ops.pixel_shuffle(x, 2) ** 2
        ops.channel_shuffle(x, 2) ** 2
        """,
        x=normal(46, 1, 4, 2, 2),
    ),
    *rows(
        """
        copy.copy(x) * x
        copy.deepcopy(x) * x
        x.copy() * x
        ms.Tensor(x) * x
        ms.tensor(x) * x
        x.contiguous() * x
        mnp.array([x[0], 2 * x[1]]) ** 2
        mnp.array(x) * x
        mnp.diagflat(x) ** 2
        ops.cartesian_prod(x, x * x) ** 2
        ops.combinations(x) ** 2
        ops.vander(x)
        mnp.meshgrid(x, x * x)[1] ** 2
        mnp.apply_along_axis(lambda r: r.sum() * r, 0, x)
        mnp.select([x > 0, x < 0], [x * x, x**3])
        """,
        x=V,
        constants={"copy": copy},
    ),
    *rows(
        """
        ops.full((2,), x, dtype=x.dtype) ** 2
        ops.full_like(x * c, x) ** 2
        mnp.full((2,), x, x.dtype) ** 2
        ops.linspace(x, x * x + 3, 4) ** 2
        mnp.linspace(x, 3.0, 4) ** 2
        ops.logspace(x, x + 1, 3)
        ops.arange(x, x + 2.5) ** 2
        ops.range(x, x * 0 + 3, x) ** 2
        ops.one_hot(i, 3, x, x * x) ** 2
        """,
        x=SCALAR,
        i=np.array([0, 2], np.int32),
        constants={"c": np.ones(2)},
    ),
    *rows(
        """
        ops.diagflat(x.reshape(-1)) ** 2
        ops.diff_ext(x, 2) ** 2
        ops.padding(x.expand_dims(-1), 3) ** 2
        ops.reverse_sequence(x, n, 0, 1) ** 3 * x
        x.reverse_sequence(n, 0, 1) ** 3 * x
        mnp.apply_over_axes(mnp.sum, x, (0, 1)) ** 2
        mnp.asarray(x) ** 2
        mnp.asfarray(x) ** 2
        mnp.choose(c, [x[0], x[1]]) ** 2
        c.choose([x[0], x[1]]) ** 2
        mnp.dsplit(x.reshape(1, 2, 3), [1])[1] ** 2
        ops.fills(x, 2.0) * x * x
        x.fills(2.0) * x * x
        x.fill(2.0) * x * x
        x.new_ones((2, 3)) * x * x
        x.new_zeros((2, 3)) + x * x
        x.new_full((2, 3), 2.0) * x * x
        ops.move_to(x, "CPU") ** 2
        x.move_to("CPU") ** 2
        x.value() ** 2
        x.type(ms.float64) ** 2
        """,
        x=M,
        n=np.array([1, 2, 1]),
        c=np.array([0, 1, 0]),
    ),
    *rows(
        """
        ops.fill(ms.float32, (2, 3), x) ** 2
        mnp.arange(x, x + 1, 0.3) ** 2
        mnp.geomspace(x, x * x + 1, 5)
        mnp.logspace(x, x * x, 5)
        """,
        x=SCALAR,
    ),
    *rows(
        "x.half().astype(x.dtype) ** 2\nx.bfloat16().astype(x.dtype) ** 2",
        x=np.array([0.5, 1.25, -3.0]),
        want=([1, 2.5, -6], 2, 0),
    ),
]
