"""Many results from one graph, trusted only where they agree with one result by itself.

MindSpore's vmap gives some operators another meaning than they have for one input.
"""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.trees import leaves
from d2l_autograd.engine.captures import Captures
from d2l_autograd.engine.compiled import CannotCompile, Compiled
from d2l_autograd.engine.kept import keep, recall
from d2l_autograd.engine.graph_rules.vmap_matmul import share_matrices


class Checked:
    """``step``, compiled, whose first answer for each set of shapes is put to a test.

    A failure is remembered, since trying again would cost seconds.

    Args:
        step: see `Compiled`.
        fn: see `Compiled`.
        recipe: see `Compiled`.
    """

    def __init__(
        self, step: Callable[..., Any], fn: Callable[..., Any], recipe: tuple[Any, ...]
    ) -> None:
        self._fn = fn
        self._recipe = recipe
        self._captures = Captures(fn)
        share_matrices()
        self._compiled = Compiled(step, fn, recipe, self._captures)

    def __call__(self, agrees: Callable[[Any], bool], *args: Any, **kwargs: Any) -> Any:
        """Return the answer of the graph, if ``agrees(answer)``; else raise `CannotCompile`."""
        signature = tuple(
            (leaf.shape, str(leaf.dtype)) if isinstance(leaf, ms.Tensor) else repr(leaf)
            for leaf in leaves((args, kwargs))
        )
        recipe = ("checked", *self._recipe, signature)
        captured = self._captures.snapshot()
        verdict = recall(self._fn, recipe, captured)
        if verdict is False:
            raise CannotCompile
        try:
            answer = self._compiled(*args, **kwargs)
        except CannotCompile:
            keep(self._fn, recipe, captured, False)
            raise
        if verdict is None:
            verdict = agrees(answer)
            keep(self._fn, recipe, captured, verdict)
        if not verdict:
            raise CannotCompile
        return answer


def close(one: Any, other: Any, scale: Any) -> bool:
    """Say whether arrays agree but for rounding in numbers as large as scale."""
    finite = np.isfinite(one) & np.isfinite(other)
    same = np.isclose(one, other, rtol=1e-3, atol=0, equal_nan=True)
    same |= finite & (np.abs(one - other) <= 1e-3 * scale + 1e-30)
    return bool(one.shape == other.shape and same.all())
