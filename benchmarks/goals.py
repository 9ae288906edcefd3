"""What the package promises about speed, and whether a run bears it out."""

from dataclasses import dataclass

from benchmarks.contestants import BESIDE_COMPILED, BESIDE_OURS, COMPILED, OURS
from benchmarks.import_time import IMPORTS
from benchmarks.results import Results

_SMALL = "square 4"
_LARGE = "square 1000000"
_COMPILED_KINDS = ("square 4", "chain 1000", "branches 4", "network 64")
_MODES = {OURS: "", COMPILED: ", compile=True"}
_LARGE_MATRICES = ("hessian 100", "hessian 400", "jacobian 100", "jacobian 400")
_LATER = {
    **{f"hessian {n}": f"Hessian, n = {n}" for n in (10, 100, 400)},
    **{f"jacobian {n}": f"Jacobian, n = {n}" for n in (10, 100, 400)},
    "hvp 400": "Hessian times vector",
    "per_sample 64": "gradients of 64 samples",
}
_IMPORTS = ("import d2l_autograd", "all helpers that differentiate")


@dataclass(frozen=True)
class Goal:
    """A bound and the number found; at_least says on which side of the bound the number must be."""

    promise: str
    bound: float
    found: float | None
    at_least: bool = False
    unit: str = "times"

    @property
    def verdict(self) -> str:
        """One of reached, missed and not measured."""
        if self.found is None:
            return "not measured"
        reached = self.found >= self.bound if self.at_least else self.found <= self.bound
        return "reached" if reached else "missed"


def goals(results: Results) -> list[Goal]:
    """Return every promise with what was found."""
    ratio = results.ratio
    small = "gradient of 2x·x, n = 4"
    listed = [
        Goal(f"{small}: faster than MindSpore", 5, ratio("ms", OURS, _SMALL), at_least=True),
        Goal(f"{small}: of MindSpore, blocking launch", 1.08, ratio(OURS, BESIDE_OURS, _SMALL)),
        Goal(
            "gradient of 2x·x, n = 1,000,000: of MindSpore, blocking launch",
            1.02,
            ratio(OURS, BESIDE_OURS, _LARGE),
        ),
        Goal("compile=True, at worst: of ms.jit by hand", 1.1, _worst_compiled(results)),
    ]
    for name in _LARGE_MATRICES:
        listed += [
            Goal(
                f"{_LATER[name]}{how}: faster than torch.func",
                1,
                ratio("torch.func", ours, name),
                at_least=True,
            )
            for ours, how in _MODES.items()
            if results.find(ours, name)
        ]
    for name in ("hessian 100", "hessian 400"):
        promise = f"{_LATER[name]}: faster than JAX without jit"
        listed.append(Goal(promise, 1, ratio("jax", OURS, name), at_least=True))
    listed += _from_the_first_call_on(results)
    listed += _of_later_calls(results)
    for name, title, bound in (
        ("hessian 400", "Hessian, n = 400", 80),
        ("fresh 1000", "1,000 second derivatives of fresh functions", 20),
    ):
        memory = results.memory.get(name, {}).get(OURS)
        listed.append(Goal(f"{title}: memory beyond that before", bound, memory, unit="MiB"))
    listed.append(Goal("Hessian, n = 2,000: relative error", 1e-3, _largest(results), unit=""))
    for promise, statement in zip(_IMPORTS, IMPORTS, strict=True):
        seconds = results.import_seconds.get(statement)
        milliseconds = None if seconds is None else 1e3 * seconds
        listed.append(Goal(f"after import mindspore: {promise}", 50, milliseconds, unit="ms"))
    return listed


def _worst_compiled(results: Results) -> float | None:
    found = [results.ratio(COMPILED, BESIDE_COMPILED, kind) for kind in _COMPILED_KINDS]
    return max((ratio for ratio in found if ratio is not None), default=None)


def _from_the_first_call_on(results: Results) -> list[Goal]:
    """Return what is promised of first calls, and of derivatives inside of others."""
    step = "physics 20"
    listed = [
        Goal("physics-informed step: of PyTorch's", 20, results.ratio(OURS, "torch", step)),
        Goal("same, compile=True: of PyTorch's", 8, results.ratio(COMPILED, "torch", step)),
        Goal(
            "same, compile=True: of ms.jit by hand",
            1.15,
            results.ratio(COMPILED, BESIDE_COMPILED, step),
        ),
    ]
    for name, title, bound in (
        (step, "physics-informed step", 300),
        ("second 1", "second derivative of a small function", 50),
        ("hessian 100", "Hessian, n = 100", 400),
        ("fit 17", "Hessian of 17 parameters", 600),
        ("power 4", "Hessian of power iterations", 1000),
        ("heat 32", "second derivative of heat steps", 1000),
        ("bounce 1", "second derivative of a bouncing ball", 1000),
    ):
        found = results.find(OURS, name)
        first = 1e3 * found.first if found and found.first else None
        listed.append(Goal(f"{title}: first call", bound, first, unit="ms"))
    return listed


def _of_later_calls(results: Results) -> list[Goal]:
    """Return what is promised of later calls, beside the commit before the record: it compiled."""
    faster = results.ratio("earlier", OURS, "physics 20")
    listed = [
        Goal("physics-informed step: faster than the earlier commit", 80, faster, at_least=True)
    ]
    for name, title in _LATER.items():
        listed += [
            Goal(f"{title}{how}: of the earlier commit", 1, results.ratio(ours, "earlier", name))
            for ours, how in _MODES.items()
            if results.find(ours, name)
        ]
    return listed


def _largest(results: Results) -> float | None:
    found = results.find(OURS, "hessian 2000")
    if found and found.failure:
        return float("inf")
    return found.error if found else None
