"""Derivatives of a row whose parts are computed together, beside those parts one by one."""

from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd import GradientError, grad, hessian, hvp, jacobian, per_sample_grad, vjp

from .row import Row
from .verdicts import Sample

LARGEST = 40  # numbers in all inputs, or in the result


def disagreements(row: Row, is_twice: bool) -> list[str]:
    """Return what is wrong with the Jacobians, the Hessian and the per-sample gradients of a row.

    Args:
        row: the row, whose first derivatives are right.
        is_twice: its second derivatives are right as well.
    """
    np.seterr(all="ignore")
    sample = Sample(row, ms.float32)
    inputs = sample.inputs(sample.at)
    if not 0 < sum(x.size for x in inputs) <= LARGEST:
        return []
    ways = _ways(sample, inputs, is_twice)
    return [
        text for name, together, one_by_one in ways for text in _off(name, together, one_by_one)
    ]


def _ways(
    sample: Sample, inputs: list[Any], is_twice: bool
) -> Iterator[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    """Yield by name two ways to compute the same matrix."""
    everywhere = tuple(range(len(inputs)))
    value = sample.outs(*inputs)[0]
    batch = sample.inputs([np.stack([x, 1.01 * x]) for x in sample.at])

    def first(*inputs: Any) -> Any:
        return sample.outs(*inputs)[0]

    def rows() -> Any:
        units = np.eye(value.size, dtype=np.float32).reshape(-1, *value.shape)
        return [_flat(vjp(first, everywhere)(*inputs, Tensor(u, value.dtype)), 0) for u in units]

    def matrix(mode: Any) -> Callable[[], Any]:
        return lambda: _flat(jacobian(first, everywhere, mode=mode)(*inputs), value.ndim)

    def products() -> Any:
        product = hvp(sample.total, everywhere)
        return [_flat(product(*inputs, direction), 0) for direction in _directions(inputs)]

    def second() -> Any:
        blocks = hessian(sample.total, everywhere)(*inputs)
        return np.concatenate(
            [_flat(row, x.ndim).reshape(x.size, -1) for row, x in zip(blocks, inputs, strict=True)]
        )

    def of_each() -> Any:
        samples = [[x[place] for x in batch] for place in range(2)]
        return [_flat(grad(sample.total, everywhere)(*one), 0) for one in samples]

    def of_all() -> Any:
        return _flat(per_sample_grad(sample.total, everywhere, batched=everywhere)(*batch), 1)

    if value.size <= LARGEST:
        yield "jacobian by rows", matrix("reverse"), rows
        if is_twice:
            yield "jacobian by columns", matrix("forward"), rows
    if is_twice:
        yield "hessian", second, products
    yield "per_sample_grad", of_all, of_each


def _off(name: str, together: Callable[[], Any], one_by_one: Callable[[], Any]) -> Iterator[str]:
    try:
        wanted = np.asarray(one_by_one())
    except Exception:
        return  # there is nothing to compare with
    try:
        found = np.asarray(together()).reshape(wanted.shape)
    except GradientError as error:
        yield f"{name} is refused: {error}"
    except Exception as error:
        yield f"{name} raises {type(error).__name__}: {error}"
    else:
        atol = 3e-5 * (1 + np.abs(wanted[np.isfinite(wanted)]).max(initial=0))
        if not np.allclose(found, wanted, rtol=3e-4, atol=atol, equal_nan=True):
            yield f"{name} is {found.tolist()} instead of {wanted.tolist()}"


def _flat(gradients: Any, axes: int) -> Any:
    """Return gradients by several inputs beside each other, the axes before them as one."""
    arrays = [gradient.asnumpy().astype(np.float64) for gradient in gradients]
    rows = int(np.prod(arrays[0].shape[:axes]))
    beside = np.concatenate([array.reshape(rows, -1) for array in arrays], axis=1)
    return beside if axes else beside[0]


def _directions(inputs: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the unit vectors of the space of all inputs."""
    sizes = np.cumsum([x.size for x in inputs])
    for unit in np.eye(sizes[-1], dtype=np.float32):
        parts = np.split(unit, sizes[:-1])
        yield tuple(Tensor(u.reshape(x.shape)) for u, x in zip(parts, inputs, strict=True))
