"""One run of the function that is differentiated, and what is pulled back through it."""

from collections.abc import Callable
from typing import Any

from mindspore import Tensor

from d2l_autograd.arguments.checks import require_pair
from d2l_autograd.arguments.trees import mapped, tensors
from d2l_autograd.engine.levels import Level
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import failures_in_our_words


class Run(Level):
    """A context in which fn runs once, on record.

    Attributes:
        inputs: the arguments that are differentiated by.
        value: what fn returned; with has_aux, the first of the two.
        aux: the second.

    Args:
        fn: the function.
        positions: those of the inputs.
        has_aux: fn returns a pair.
    """

    def __init__(
        self, fn: Callable[..., Any], positions: tuple[int, ...], has_aux: bool = False
    ) -> None:
        super().__init__()
        self._fn = fn
        self._positions = positions
        self._has_aux = has_aux
        self.inputs: tuple[Any, ...] = ()
        self.value: Any = None
        self.aux: Any = None

    def of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "Run":
        """Call fn with these arguments, the inputs copied."""
        own = list(args)
        for position in self._positions:
            own[position] = mapped(self._as_input, args[position])
        self.inputs = tuple([own[position] for position in self._positions])
        with failures_in_our_words():
            result = self._fn(*own, **kwargs)
        self.value, self.aux = require_pair(result) if self._has_aux else (result, None)
        return self

    def gradients(self, cotangents: list[tuple[Tensor, Tensor]]) -> tuple[Any, ...]:
        """Return the gradients by the inputs, built like them, None for a constant among them."""
        self.require_connection(self.value)
        found = iter(self.pull_back(cotangents))
        return mapped(lambda leaf: next(found) if isinstance(leaf, Tensor) else None, self.inputs)

    def require_connection(self, value: Any) -> None:
        """Refuse a value that depends on the inputs by way of Python alone.

        A derivative inside may be a constant by itself, whatever was looked at.
        """
        if (
            self.has_copied
            and not self.has_inner
            and not any(self.value_of(tensor) for tensor in tensors(value))
        ):
            raise GradientError(
                "The function looks at the numbers of a tensor that depends on its input (with "
                "asnumpy, item, float or the like), and its value depends on the input in no "
                "other way, so no gradient flows. Compute with MindSpore operators instead, or "
                "hold the numbers constant with d2l_autograd.detach."
            )

    def _as_input(self, leaf: Any) -> Any:
        return self.input(leaf) if isinstance(leaf, Tensor) else leaf
