"""The choice between eager mode and compiling, so that a gradient comes out right."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore import context

from d2l_autograd.engine.captures import Captures
from d2l_autograd.engine.compiled import CannotCompile, Compiled
from d2l_autograd.engine.recording import BackwardFailed, NestedGradient, record, refuse_nesting


class RightMode:
    """A gradient of fn: eager by default, compiled in Graph mode and where gradients nest.

    Eager MindSpore gets gradients of gradients wrong. That fn takes one is seen when the inner
    gradient is asked for while the outer one records, or beforehand where nothing would tell.

    Args:
        fn: the differentiated function.
        compiled: computes the value of fn and the gradient, in the syntax that MindSpore can
            compile.
        eager: makes the function that computes the same from a recordable fn, given what fn
            captures.
        recipe: what tells ``compiled`` from the other derivatives of fn.
        compile: never eager.
        value: see `Compiled`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        compiled: Callable[..., Any],
        eager: Callable[[Captures], Callable[..., Any]] | None = None,
        recipe: tuple[Any, ...],
        compile: bool = False,
        value: Callable[..., Any] | None = None,
    ) -> None:
        self._captures = Captures(fn)
        self._make_eager = eager
        self._eager: Callable[..., Any] | None = None
        self._compiled = Compiled(compiled, fn, recipe, self._captures, value)
        self._must_compile = compile

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the value of fn and the gradient."""
        # The public get_context takes twenty times as long as the rest of this method.
        if context._get_mode() == ms.GRAPH_MODE:
            return self._compiled(*args, **kwargs)
        refuse_nesting()
        if not self._must_compile and not self._captures.need_compiling():
            assert self._make_eager is not None
            self._eager = self._eager or self._make_eager(self._captures)
            try:
                return record(self._eager, *args, **kwargs)
            except NestedGradient:
                self._must_compile = True
            except BackwardFailed as failure:
                return self._compiled_after(failure, *args, **kwargs)
        return self._compiled(*args, **kwargs)

    def _compiled_after(self, failure: BackwardFailed, *args: Any, **kwargs: Any) -> Any:
        """Return what the compiled function computes: MindSpore has other rules for that."""
        try:
            result = self._compiled(*args, **kwargs)
        except CannotCompile:
            raise failure from None
        self._must_compile = True
        return result
