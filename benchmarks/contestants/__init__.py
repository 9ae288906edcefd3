"""Who takes part, in which process, and how the figure shows them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contestant:
    """One way to compute derivatives.

    Its process imports ``benchmarks.contestants.with_<process>``, whose ``SOLUTIONS`` has under its
    name, for each kind of problem it can be asked, a function that takes the problem's arrays
    and returns a function without arguments: that computes the answer and is what is timed.
    """

    name: str
    label: str
    process: str
    library: str
    marker: str
    """Matplotlib's, and empty where the figure has enough of the library."""


OURS = "d2l"
COMPILED = "d2l compiled"
# MindSpore in our process: where a process lies in memory alone makes it up to a tenth slower.
BESIDE_OURS = "ms blocking beside"
BESIDE_COMPILED = "ms.jit beside"
COLORS = {
    "d2l_autograd": "#1f77b4",
    "MindSpore": "#d62728",
    "PyTorch": "#2ca02c",
    "JAX": "#9467bd",
    "autograd": "#8c564b",
}

CONTESTANTS = [
    Contestant(OURS, "d2l_autograd", "d2l", "d2l_autograd", "o"),
    Contestant(COMPILED, "d2l_autograd, compile=True", "d2l", "d2l_autograd", "D"),
    Contestant(BESIDE_OURS, "MindSpore, blocking, same process", "d2l", "MindSpore", ""),
    Contestant(BESIDE_COMPILED, "MindSpore, ms.jit, same process", "d2l", "MindSpore", ""),
    Contestant("earlier", "d2l_autograd, an earlier commit", "earlier", "d2l_autograd", ""),
    Contestant("ms", "MindSpore", "mindspore", "MindSpore", "o"),
    Contestant("ms blocking", "MindSpore, blocking launch", "mindspore_tuned", "MindSpore", "s"),
    Contestant("ms.jit", "MindSpore, ms.jit by hand", "mindspore_tuned", "MindSpore", "D"),
    Contestant("torch", "PyTorch, torch.autograd", "torch", "PyTorch", "o"),
    Contestant("torch.func", "PyTorch, torch.func", "torch", "PyTorch", "s"),
    Contestant("jax", "JAX", "jax", "JAX", "o"),
    Contestant("jax.jit", "JAX, jax.jit", "jax", "JAX", "D"),
    Contestant("autograd", "HIPS/autograd", "autograd", "autograd", "o"),
]


def find(name: str) -> Contestant:
    """Return the contestant of this name."""
    return next(contestant for contestant in CONTESTANTS if contestant.name == name)
