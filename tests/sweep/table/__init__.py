"""The rows, by the modules that have the backward rules."""

from . import (
    activations,
    arrays,
    casts,
    elementwise,
    fourier,
    images,
    in_place,
    indexing,
    layers,
    losses,
    matrices,
    methods,
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
    images,
    fourier,
    in_place,
    methods,
)
ROWS = [row for module in MODULES for row in module.ROWS]
