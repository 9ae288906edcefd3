"""What the package promises about speed, and whether a run bears it out."""

from dataclasses import dataclass

from benchmarks.contestants import BESIDE_COMPILED, BESIDE_OURS, COMPILED, OURS
from benchmarks.import_time import IMPORTS
from benchmarks.measuring import MEMORY_PROBLEM
from benchmarks.results import Results

_SMALL = "square 4"
_LARGE = "square 1000000"
_COMPILED_KINDS = ("square 4", "chain 1000", "branches 4", "network 64")
_HESSIANS = {"hessian 100": "Hessian, n = 100", "hessian 400": "Hessian, n = 400"}
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
        Goal(f"{small}: of MindSpore, blocking launch", 1.1, ratio(OURS, BESIDE_OURS, _SMALL)),
        Goal(
            "gradient of 2x·x, n = 1,000,000: of MindSpore, blocking launch",
            1.02,
            ratio(OURS, BESIDE_OURS, _LARGE),
        ),
        Goal("compile=True, at worst: of ms.jit by hand", 1.1, _worst_compiled(results)),
    ]
    for name, title in _HESSIANS.items():
        for peer, label in (("torch.func", "torch.func.hessian"), ("jax", "JAX without jit")):
            found = ratio(peer, OURS, name)
            listed.append(Goal(f"{title}: faster than {label}", 1, found, at_least=True))
        found = _first_by_second(results, name)
        listed.append(Goal(f"{title}: second call faster than first", 20, found, at_least=True))
    title = _HESSIANS[MEMORY_PROBLEM]
    memory = results.memory.get(OURS)
    listed.append(Goal(f"{title}: memory beyond that before", 1024, memory, unit="MiB"))
    listed.append(Goal("Hessian, n = 2,000: relative error", 1e-3, _largest(results), unit=""))
    for promise, statement in zip(_IMPORTS, IMPORTS, strict=True):
        seconds = results.import_seconds.get(statement)
        milliseconds = None if seconds is None else 1e3 * seconds
        listed.append(Goal(f"after import mindspore: {promise}", 50, milliseconds, unit="ms"))
    return listed


def _worst_compiled(results: Results) -> float | None:
    found = [results.ratio(COMPILED, BESIDE_COMPILED, kind) for kind in _COMPILED_KINDS]
    return max((ratio for ratio in found if ratio is not None), default=None)


def _first_by_second(results: Results, problem: str) -> float | None:
    found = results.find(OURS, problem)
    return found.first / found.second if found and found.first and found.second else None


def _largest(results: Results) -> float | None:
    found = results.find(OURS, "hessian 2000")
    if found and found.failure:
        return float("inf")
    return found.error if found else None
