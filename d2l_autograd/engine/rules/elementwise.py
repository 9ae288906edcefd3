"""Backward rules of elementary functions and of arithmetic."""

from mindspore import ops

from d2l_autograd.engine.rules.table import elementwise

# Arithmetic. AddExt and SubExt take a factor of their second operand.

elementwise("Add Adds", lambda d, out, x, y: d, lambda d, out, x, y: d)
elementwise("AddExt", lambda d, *_: d, lambda d, out, x, y, a=1: d if a == 1 else d * a)
elementwise("Sub Subs", lambda d, *_: d, lambda d, *_: -d)
elementwise("SubExt", lambda d, *_: d, lambda d, out, x, y, a=1: -d if a == 1 else d * -a)
elementwise("Mul Muls", lambda d, out, x, y: d * y, lambda d, out, x, y: d * x)
elementwise("Div Divs RealDiv", lambda d, out, x, y: d / y, lambda d, out, x, y: -d * out / y)
elementwise("Neg", lambda d, *_: -d)
elementwise("Square", lambda d, out, x: d * (2 * x))
elementwise("Reciprocal", lambda d, out, x: -d * out * out)

# Elementary functions.

elementwise("Exp", lambda d, out, x: d * out)
elementwise("Log", lambda d, out, x: d / x)
elementwise("Sin", lambda d, out, x: d * ops.cos(x))
elementwise("Cos", lambda d, out, x: -d * ops.sin(x))
elementwise("Sqrt", lambda d, out, x: d / (2 * out))
elementwise("Tanh", lambda d, out, x: d * (1 - out * out))
elementwise("Sigmoid", lambda d, out, x: d * (out * (1 - out)))
elementwise("Cast", lambda d, *_: d)
