"""Computation graphs: what MindSpore recorded, as data, as a drawing, as Mermaid text.

A graph is a ``networkx.DiGraph`` without cycles; an edge leads from an operand to what is computed
from it. In a ``MultiDiGraph`` two edges stand for two uses. `record_graph` sets every attribute
below. A graph made by hand may leave out any of them.

Attributes of a node:

- ``label``: what is written on it: an operator's symbol, or a constant's number. By default the
  node itself.
- ``kind``: ``"input"``, ``"constant"`` or ``"operator"``. By default a node that has operands is
  an operator, and one without is an input.
- ``operator``: MindSpore's name of the recorded operator, or None.
- ``name``: the reader's name of the value, or None.
- ``value``: the value as an array or a number, or None if it is not known.
- ``shape``, ``dtype``: those of the value, a tuple and a string; None, as value and gradient
  are, for an operator with several values, such as a split.
- ``gradient``: the derivative of the result by this value, in all its uses; None if there is none.
- ``detached``: True if the value was computed from the inputs and no gradient flows back to it.

Attributes of an edge:

- ``operands``: the positions at which the operator takes this operand, (0, 1) for ``x * x``. By
  default operands stand in the order of their nodes.
- ``gradients``: for each of these positions the share of the operand's gradient that flows back
  through it, or None.
- ``gradient``: the sum of these shares, or None. All that an edge made by hand needs.
- ``detached``: True if the edge belongs to a detached branch.
"""
