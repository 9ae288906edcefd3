"""d2l_autograd as its documentation says to use it."""

import d2l_autograd as d2l
from benchmarks.contestants import BESIDE_COMPILED, BESIDE_OURS, COMPILED, OURS
from benchmarks.contestants import tensor_functions as functions
from benchmarks.contestants.calls import WEIGHTS, Solutions, solved

d2l.start()

import mindspore as ms  # noqa: E402  # start() comes before it

from benchmarks.contestants.raw_mindspore import EAGER  # noqa: E402
from benchmarks.contestants.with_mindspore_tuned import GRAPHS  # noqa: E402

PACKAGES = ("mindspore", "numpy")

_EAGER = {
    "square": d2l.grad(functions.square),
    "chain": d2l.grad(functions.chain),
    "branches": d2l.grad(functions.branches),
    "network": d2l.grad(functions.network, WEIGHTS),
    "jacobian": d2l.jacobian(functions.layer),
    "hessian": d2l.hessian(functions.wave),
    "hvp": d2l.hvp(functions.wave),
    "per_sample": d2l.per_sample_grad(functions.sample_loss),
}
_COMPILED = {
    "square": d2l.grad(functions.square, compile=True),
    "chain": d2l.grad(functions.chain, compile=True),
    "branches": d2l.grad(functions.branches, compile=True),
    "network": d2l.grad(functions.network, WEIGHTS, compile=True),
}
SOLUTIONS: Solutions = {
    name: {
        kind: solved(derivative, ms.Tensor, ms.Tensor.asnumpy)
        for kind, derivative in derivatives.items()
    }
    for name, derivatives in {OURS: _EAGER, COMPILED: _COMPILED}.items()
}
SOLUTIONS[BESIDE_OURS] = {kind: EAGER[kind] for kind in _COMPILED}
SOLUTIONS[BESIDE_COMPILED] = {kind: GRAPHS[kind] for kind in _COMPILED}
