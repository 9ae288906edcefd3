"""What a row of the table of functions is, and what its derivatives are checked against.

The derivatives of every row were computed by PyTorch in float64, from a twin of the function that
is written in PyTorch's terms, and stored; ``python tests/functions_in_torch.py`` does it again.
A function with several results is reduced to a number by fixed weights. Its second derivative is
taken along a fixed direction: it is the gradient of (gradient · direction).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

STORED = Path(__file__).with_name("functions_expected.json")


class Function(NamedTuple):
    """A function of the tensor ``at`` and of constants, and its twin in PyTorch.

    ``fn(x, *constants)`` is MindSpore's, ``twin(torch, x, *constants)`` PyTorch's.
    """

    name: str
    fn: Callable[..., Any]
    twin: Callable[..., Any]
    at: Any
    constants: tuple[Any, ...] = ()


def weights(shape: tuple[int, ...]) -> Any:
    return np.cos(np.arange(np.prod(shape, dtype=int)) + 0.5).reshape(shape)


def direction(shape: tuple[int, ...]) -> Any:
    return np.sin(np.arange(np.prod(shape, dtype=int)) + 1.0).reshape(shape)


def stored() -> dict[str, dict[str, Any]]:
    """Return by name of the function: its ``first`` and its ``second`` derivative, flattened."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def normal(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def uniform(seed: int, low: float, high: float, *shape: int) -> Any:
    return np.random.default_rng(seed).uniform(low, high, size=shape)
