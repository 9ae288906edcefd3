"""The sentences of docs/speed.md and of its Chinese twin, made of a stored run."""

import re
from pathlib import Path

from benchmarks import contestants, problems
from benchmarks.contestants import BESIDE_COMPILED, BESIDE_OURS, COMPILED, CONTESTANTS, OURS
from benchmarks.report import digits
from benchmarks.results import Results

_BEGIN, _END = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->\n"
_SECTION = re.compile(f"{_BEGIN}.*?{_END}", re.DOTALL)
_PEERS = ("PyTorch", "JAX", "autograd")
_WORDS = {
    "en": {
        "eager": "The eager gradient of 2x·x, four numbers: {}.\n"
        "  Most of what is left is the dispatch of each operator, which is MindSpore's own;\n"
        "  the rest is the record of what ran.",
        "compiled": "The same, compiled: {}.\n"
        "  What is left is the launch of a graph, MindSpore's own as well.",
        "first": "The first Hessian of a function (n = 100), compilation included: {}.",
        "ahead": "Where others are furthest ahead of our faster mode: {}.",
        "not measured": "not measured",
        "multiples": "{} ms. As multiples of that: {}",
        "seconds": "{} {} s",
        "lead": "{} at “{}”, {} times faster",
        "semicolon": "; ",
    },
    "zh": {
        "eager": "动态图模式下 2x·x 的梯度，四个数：{}。\n"
        "  剩下的大多是逐个派发算子的时间，这是 MindSpore 自己的；其余是记录运算所用的时间。",
        "compiled": "同一个梯度，编译之后：{}。\n"
        "  剩下的是启动一张图的时间，也是 MindSpore 自己的。",
        "first": "第一次求一个函数的黑塞矩阵（n = 100），包括编译：{}。",
        "ahead": "与我们较快的那种模式相比，其他库领先最多的地方：{}。",
        "not measured": "没有测量",
        "multiples": "{} 毫秒。以它为 1，其他各家是：{}",
        "seconds": "{} {} 秒",
        "lead": "{} 在“{}”中快到 {} 倍",
        "semicolon": "；",
    },
}


def section_of(text: str) -> str:
    """Return what stands between the marks, them included."""
    found = _SECTION.search(text)
    if not found:
        raise ValueError(f"the page has no section between {_BEGIN.strip()} and {_END.strip()}")
    return found[0]


def insert(results: Results, path: Path, lang: str) -> None:
    """Put the section into the page, which is in this language."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(section_of(text), section(results, lang)), encoding="utf-8")


def section(results: Results, lang: str) -> str:
    """Return the sentences in a language, marks included."""
    words = _WORDS[lang]
    told = {
        "eager": _compared(results, words, OURS, ("ms", BESIDE_OURS, "torch", "jax", "autograd")),
        "compiled": _compared(results, words, COMPILED, (BESIDE_COMPILED, "jax.jit")),
        "first": words["semicolon"].join(_first(results, words)),
        "ahead": words["semicolon"].join(_ahead(results, words)),
    }
    lines = [f"- {words[name].format(taken)}\n" for name, taken in told.items() if taken]
    return _BEGIN + "".join(lines) + _END


def _compared(results: Results, words: dict[str, str], ours: str, others: tuple[str, ...]) -> str:
    """Return our time, and those of others as multiples of it."""
    seconds = results.median(ours, "square 4")
    if seconds is None:
        return words["not measured"]
    multiples = [
        f"{contestants.find(other).label} {digits(ratio)}"
        for other in others
        if (ratio := results.ratio(other, ours, "square 4"))
    ]
    return words["multiples"].format(digits(1e3 * seconds), words["semicolon"].join(multiples))


def _first(results: Results, words: dict[str, str]) -> list[str]:
    return [
        words["seconds"].format(contestant.label, digits(found.first))
        for contestant in CONTESTANTS
        if contestant.process != "earlier"
        and (found := results.find(contestant.name, "hessian 100"))
        and found.rounds
        and found.first
    ]


def _ahead(results: Results, words: dict[str, str]) -> list[str]:
    """Return where each library is ahead of the faster of our modes by the largest factor."""
    leads = []
    for library in _PEERS:
        ahead = [
            (1 / ratio, contestant.label, problem.title)
            for contestant in CONTESTANTS
            if contestant.library == library
            for problem in problems.PROBLEMS
            if (ratio := _to_our_best(results, contestant.name, problem.name)) and ratio < 1
        ]
        if ahead:
            factor, label, title = max(ahead)
            leads.append(words["lead"].format(label, title, digits(factor)))
    return leads


def _to_our_best(results: Results, contestant: str, problem: str) -> float | None:
    ratios = [results.ratio(contestant, ours, problem) for ours in (OURS, COMPILED)]
    return max((ratio for ratio in ratios if ratio), default=None)
