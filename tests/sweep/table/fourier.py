"""Fourier transforms: real results have gradients, complex ones are refused."""

from ..row import Row, normal, rows

ROWS: list[Row] = [
    *rows(
        """
        ops.hfft(x) ** 2
        ops.hfft2(x) ** 2
        ops.hfftn(x) ** 2
        ops.irfft(x) ** 2
        ops.irfft2(x) ** 2
        ops.irfftn(x) ** 2
        ops.fftshift(x) ** 3 * x
        ops.ifftshift(x, 1) ** 3 * x
        ops.fft(x).real()
        ops.fft2(x).real()
        ops.fftn(x).real()
        ops.ifft(x).real()
        ops.ifft2(x).real()
        ops.ifftn(x).real()
        ops.rfft(x).real()
        ops.rfft2(x).real()
        ops.rfftn(x).real()
        ops.ihfft(x).real()
        ops.ihfft2(x).real()
        ops.ihfftn(x).real()
        ops.view_as_real(ops.fft(x))
        ops.polar(x, x).real()
        ops.stft(x.reshape(2, 8), 4, return_complex=False)
        """,
        x=normal(9, 4, 4),
    ),
]
