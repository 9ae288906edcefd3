"""Backward rules of operators that return their numbers in another kind.

The engine gives each gradient the kind of its input.
"""

from d2l_autograd.engine.rules.table import elementwise

elementwise("Cast Real Conj", lambda d, *_: d)
elementwise("Imag", None)
