"""Products of matrices, linear equations, determinants and decompositions."""

import numpy as np

from ..row import Row, normal, rows

M = normal(61, 2, 3)
CUBE = normal(62, 2, 3, 3)
V = normal(63, 3)
SQUARE = normal(64, 3, 3) + 3 * np.eye(3)

ROWS: list[Row] = [
    *rows(
        """
        ops.matmul(x, x[0])
        ops.matmul(x[0], x)
        x @ x.swapaxes(1, 2)
        ops.matmul(x, x[0].T)
        ops.matmul(x, x[0, 0])
        ops.matmul(x[0, 0], x)
        mint.bmm(x, x)
        ops.addbmm(x[0], x, x)
        ops.BatchMatMul(True, False)(x, x)
        ops.tensor_dot(x, x, (1, 2))
        ops.det(x)
        ops.inverse(x)
        """,
        x=CUBE,
    ),
    *rows(
        """
        ops.tensor_dot(x, x, ((0, 1), (0, 1))) ** 2
        mnp.tensordot(x, x.T, 1)
        mnp.inner(x, x)
        mnp.kron(x, x)
        ops.vecdot(x, x * x)
        mnp.cross(x, x * x)
        ops.dense(x, x, x[0, :2])
        """,
        x=M,
    ),
    *rows(
        """
        ops.ger(x, x * x)
        mnp.convolve(x, x * x)
        mnp.correlate(x, x * x, 'full')
        mnp.polymul(x, x * x)
        mnp.polyval(x, x[0])
        mnp.polyder(x) ** 2
        mnp.polyint(x) ** 2
        """,
        x=V,
    ),
    *rows(
        """
        ops.MatMul(True, True)(x, x)
        ops.addr(x, x[0], x[1])
        mnp.multi_dot([x, x, x])
        ops.matrix_power(x, -2)
        ops.logdet(x @ x.T)
        ops.log_matrix_determinant(x)[1]
        ops.MatrixInverse(True)(x)
        ops.matrix_solve(x, x * x)
        ops.operations.math_ops.MatrixTriangularSolve()(x, x * x)
        ops.operations.math_ops.MatrixTriangularSolve(False, True)(x, x * x)
        ops.cholesky(x @ x.T, True)
        ops.cholesky_inverse(x.triu(), True)
        ops.cholesky_solve(x * x, x.tril())
        ops.qr(x)[1] ** 2
        ops.cond(x)
        ops.eig(x)[0].real()
        ops.lstsq(x, x * x)
        """,
        x=SQUARE,
    ),
    *rows(
        """
        ops.cholesky(x)
        ops.cholesky_solve(x, x)
        ops.qr(x)[1]
        ops.matrix_power(x, -2)
        """,
        at="one row",
        x=np.array([[1.7]]),
    ),
    # By minors, without a division.
    *rows(
        "ops.det(x)",
        at="singular",
        x=np.array([[1.0, 2.0], [2.0, 4.0]]),
        want=([[4, -2], [-2, 1]], [[1, -1], [-1, 1]], np.zeros((2, 2))),
    ),
    *rows(
        "ops.det(x)",
        at="rank 1",
        x=np.diag([1.0, 0.0, 0.0]),
        want=(np.zeros((3, 3)), [[0, 0, 0], [0, 1, -1], [0, -1, 1]]),
    ),
    *rows(
        "ops.svd(x, compute_uv=False)",
        at="equal singular values",
        x=np.eye(2),
        want=(np.eye(2),),
    ),
    *rows("(lambda s, u, v: (u * s) @ v.T)(*ops.svd(x))", at="equal singular values", x=np.eye(2)),
    *rows(
        """
        ops.dist(x, y)
        ops.dist(x, y, 1)
        """,
        x=normal(34, 3, 3),
        y=V,
    ),
    *rows(
        """
        ops.matrix_exp(x)
        ops.matrix_determinant(x)
        x.matrix_determinant()
        ops.matrix_diag_part(x, k, ms.Tensor(0.0, x.dtype)) ** 2
        ops.geqrf(x)[0]
        x.geqrf()[0]
        ops.orgqr(x, x[0])
        x.orgqr(x[0])
        ops.ormqr(x, x[0], x)
        x.ormqr(x[0], x)
        ops.lu_unpack(x, p)[1] ** 2
        ops.lu_solve(x, x + 3, p)
        x.lu_solve(x + 3, p)
        x.triangular_solve(x)
        x.eigvals()
        x.fill_diagonal(2.0) ** 2
        """,
        x=normal(34, 3, 3),
        k=np.array([-1, 1], np.int32),
        p=np.array([2, 2, 3], np.int32),
    ),
    *rows(
        """
        ops.baddbmm_ext(z, x, y)
        ops.batch_dot(x, y, (2, 1)) ** 2
        ops.einsum_ext("bij,bjk->bik", x, y) ** 2
        """,
        x=normal(1, 3, 2, 4),
        y=normal(2, 3, 4, 3),
        constants={"z": np.ones((3, 2, 3))},
    ),
    *rows(
        "ops.bidense(x, y, w, b) ** 2",
        x=normal(1, 3, 4),
        y=normal(2, 3, 5),
        w=normal(3, 2, 4, 5),
        b=normal(4, 2),
    ),
]
