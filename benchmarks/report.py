"""A run as text."""

import math

from benchmarks import contestants, problems
from benchmarks.contestants import OURS
from benchmarks.goals import goals
from benchmarks.results import Measurement, Results

_COLUMNS = f"{'median ms':>12}{'least ms':>12}{'ratio':>9}{'first ms':>12}"


def report(results: Results) -> str:
    """Return the table of all contestants at all problems, and the goals."""
    lines = [
        f"{results.date}, {results.machine}; {results.rounds} rounds, fewer of those who are slow"
    ]
    lines += [f"{process}: {versions}" for process, versions in results.versions.items()]
    lines += [f"absent: {process} ({reason})" for process, reason in results.absent.items()]
    lines += ["", "ratio: the time as a multiple of d2l_autograd's, the median over all rounds"]
    for problem in dict.fromkeys(m.problem for m in results.measurements):
        lines += ["", f"{problems.find(problem).title:<38}{_COLUMNS}"]
        lines += [_line(results, m) for m in results.measurements if m.problem == problem]
    for problem, memory in results.memory.items():
        lines += ["", f"{problems.find(problem).title}: memory beyond that before, in MiB"]
        lines += [f"  {_label(name):<28}{mib:>12.0f}" for name, mib in memory.items()]
    lines += ["", f"{'goal':<66}{'bound':>8}{'found':>10}"]
    lines += [
        f"  {goal.promise:<62} {'≥' if goal.at_least else '≤'}{goal.bound:>7g}"
        f"{'' if goal.found is None else f'{goal.found:.3g}':>10} {goal.unit:<6}{goal.verdict}"
        for goal in goals(results)
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _label(contestant: str) -> str:
    return contestants.find(contestant).label


def _line(results: Results, found: Measurement) -> str:
    label = f"  {_label(found.contestant):<36}"
    if found.failure:
        return f"{label}      fails: {found.failure[:100]}"
    if found.wrong:
        return f"{label}      wrong: off by {found.error:.0%} of the largest entry"
    median = results.median(found.contestant, found.problem)
    ratio = results.ratio(found.contestant, OURS, found.problem)
    numbers = [(median, 12, 1e3), (found.least, 12, 1e3), (ratio, 9, 1), (found.first, 12, 1e3)]
    return label + "".join(
        f"{'–' if number is None else digits(number * scale):>{width}}"
        for number, width, scale in numbers
    )


def digits(number: float) -> str:
    """Return three significant digits, none of them behind a power of ten."""
    places = 2 - math.floor(math.log10(number)) if number else 0
    return f"{number:,.{max(0, places)}f}"
