"""The rows, by the modules that have the backward rules."""

from . import activations, arrays, elementwise, layers, losses

ROWS = [row for module in (elementwise, activations, losses, arrays, layers) for row in module.ROWS]
