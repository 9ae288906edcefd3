"""The sentences of docs/speed.md, made of a stored run."""

import re
from pathlib import Path

from benchmarks import contestants, problems
from benchmarks.contestants import BESIDE_COMPILED, BESIDE_OURS, COMPILED, CONTESTANTS, OURS
from benchmarks.report import digits
from benchmarks.results import Results

_BEGIN, _END = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->\n"
_SECTION = re.compile(f"{_BEGIN}.*?{_END}", re.DOTALL)
_PEERS = ("PyTorch", "JAX", "autograd")


def section_of(text: str) -> str:
    """Return what stands between the marks, them included."""
    found = _SECTION.search(text)
    if not found:
        raise ValueError(f"the page has no section between {_BEGIN.strip()} and {_END.strip()}")
    return found[0]


def insert(results: Results, path: Path) -> None:
    """Put the section into the page."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(section_of(text), section(results)), encoding="utf-8")


def section(results: Results) -> str:
    """Return the sentences, marks included."""
    sentences = [_eager(results), _compiled(results), _first(results), _ahead(results)]
    return _BEGIN + "\n".join(f"- {sentence}" for sentence in sentences if sentence) + "\n" + _END


def _eager(results: Results) -> str:
    taken = _compared(results, OURS, ("ms", BESIDE_OURS, "torch", "jax", "autograd"))
    return (
        f"The eager gradient of 2x·x, four numbers: {taken}.\n"
        "  What is left is the dispatch of each operator, which is MindSpore's own."
    )


def _compiled(results: Results) -> str:
    taken = _compared(results, COMPILED, (BESIDE_COMPILED, "jax.jit"))
    return (
        f"The same, compiled: {taken}.\n"
        "  What is left is the launch of a graph, MindSpore's own as well."
    )


def _compared(results: Results, ours: str, others: tuple[str, ...]) -> str:
    """Return our time, and those of others as multiples of it."""
    seconds = results.median(ours, "square 4")
    if seconds is None:
        return "not measured"
    multiples = [
        f"{contestants.find(other).label} {digits(ratio)}"
        for other in others
        if (ratio := results.ratio(other, ours, "square 4"))
    ]
    return f"{digits(1e3 * seconds)} ms. As multiples of that: {'; '.join(multiples)}"


def _first(results: Results) -> str:
    firsts = [
        f"{contestant.label} {digits(found.first)} s"
        for contestant in CONTESTANTS
        if (found := results.find(contestant.name, "hessian 100")) and found.rounds and found.first
    ]
    if not firsts:
        return ""
    return f"The first Hessian of a function (n = 100), compilation included: {'; '.join(firsts)}."


def _ahead(results: Results) -> str:
    """Return where each library is ahead of the faster of our modes by the largest factor."""
    leads = []
    for library in _PEERS:
        ahead = [
            (1 / ratio, f"{contestant.label} at “{problem.title}”")
            for contestant in CONTESTANTS
            if contestant.library == library
            for problem in problems.PROBLEMS
            if (ratio := _to_our_best(results, contestant.name, problem.name)) and ratio < 1
        ]
        if ahead:
            factor, where = max(ahead)
            leads.append(f"{where}, {digits(factor)} times faster")
    if not leads:
        return ""
    return f"Where others are furthest ahead of our faster mode: {'; '.join(leads)}."


def _to_our_best(results: Results, contestant: str, problem: str) -> float | None:
    ratios = [results.ratio(contestant, ours, problem) for ours in (OURS, COMPILED)]
    return max((ratio for ratio in ratios if ratio), default=None)
