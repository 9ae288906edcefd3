"""The rows, by the modules that have the backward rules."""

from . import (
    activations,
    arrays,
    elementwise,
    indexing,
    layers,
    losses,
    matrices,
    reductions,
    shapes,
)

MODULES = (
    elementwise,
    activations,
    losses,
    reductions,
    shapes,
    indexing,
    matrices,
    arrays,
    layers,
)
ROWS = [row for module in MODULES for row in module.ROWS]
