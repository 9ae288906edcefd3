"""The rows, by the modules that have the backward rules."""

from . import activations, arrays, casts, elementwise, layers, losses, random, special

_TABLES = (elementwise, casts, special, activations, losses, random, arrays, layers)

ROWS = [row for table in _TABLES for row in table.ROWS]
