"""JAX on the CPU, operator by operator and compiled."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.contestants.array_functions import functions_of
from benchmarks.contestants.calls import WEIGHTS, Solutions, gradients, of_named, solved
from benchmarks.problems import NORM_LIMIT

PACKAGES = ("jax", "jaxlib", "numpy")

functions = functions_of(jnp)


def _hvp(x: Any, a: Any, v: Any) -> Any:
    return jax.jvp(lambda x: jax.grad(functions.wave)(x, a), (x,), (v,))[1]


def _residual(w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
    def slope(x: Any) -> Any:
        return jax.grad(functions.output)(x, w1, b1, w2, b2).sum()

    u = jnp.tanh(x @ w1 + b1) @ w2 + b2
    return jnp.mean((jax.grad(slope)(x) + u) ** 2)


def _branches(x: Any) -> Any:
    """Write the loop as jax.jit wants it."""
    y = jax.lax.while_loop(lambda y: jnp.linalg.norm(y) < NORM_LIMIT, lambda y: y * 2, x * 2)
    return jnp.sum(jnp.where(jnp.sum(y) > 0, y, 100 * y))


_EAGER = {
    **gradients(jax.grad, functions),
    "jacobian": jax.jacrev(functions.layer),
    "hessian": jax.hessian(functions.wave),
    "hvp": _hvp,
    "per_sample": jax.vmap(jax.grad(functions.sample_loss), in_axes=(None, 0, 0)),
    "second": jax.grad(jax.grad(functions.wiggle)),
    "physics": jax.grad(_residual, WEIGHTS),
    "fit": of_named(jax.hessian(functions.misfit)),
    "power": jax.hessian(functions.growth),
    "heat": jax.grad(jax.grad(functions.warmth)),
}
# JAX has no reverse mode through a loop whose length is unknown: there, forward mode.
_COMPILED = {
    kind: jax.jit(derivative)
    for kind, derivative in {**_EAGER, "branches": jax.jacfwd(_branches)}.items()
}
SOLUTIONS: Solutions = {
    name: {
        kind: solved(derivative, jnp.asarray, np.asarray)
        for kind, derivative in derivatives.items()
    }
    for name, derivatives in {"jax": _EAGER, "jax.jit": _COMPILED}.items()
}
