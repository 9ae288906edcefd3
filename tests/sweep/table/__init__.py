"""The rows, by the modules that have the backward rules."""

from . import (
    activations,
    arrays,
    casts,
    elementwise,
    indexing,
    layers,
    losses,
    matrices,
    random,
    reductions,
    shapes,
    special,
)

MODULES = (
    elementwise,
    casts,
    special,
    activations,
    losses,
    random,
    reductions,
    shapes,
    indexing,
    matrices,
    arrays,
    layers,
)
ROWS = [row for module in MODULES for row in module.ROWS]
