"""A process with one library, which computes and takes the time when it is told to.

Started as ``python -m benchmarks.worker <process>``. Orders come as lines of JSON on standard
input; for each, one line of JSON goes to what was standard output when it started.
"""

import gc
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from benchmarks import problems
from benchmarks.contestants.calls import Call

_SETTLED, _SETTLING = 150, 2.5  # calls, and seconds, before the first that is timed
_WARM_UP = problems.Problem("square", 3, "what a library does once in a process")


class Worker:
    """The answers to orders; each is named after its method."""

    def __init__(self, process: str) -> None:
        """Import the library, and let each of its contestants differentiate once."""
        self._library: Any = import_module(f"benchmarks.contestants.with_{process}")
        self._calls: dict[str, Call] = {}
        self._problem = ""
        self._settled: set[str] = set()
        for contestant in self._library.SOLUTIONS:
            self._call(contestant, _WARM_UP)()

    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the packages, and the commit if it is one."""
        packages = {name: metadata.version(name) for name in self._library.PACKAGES}
        commit = getattr(self._library, "COMMIT", {})
        return {"python": sys.version.split()[0], **packages, **commit}

    def kinds(self) -> dict[str, list[str]]:
        """Return, for each contestant of this process, what it can be asked."""
        return {name: list(solutions) for name, solutions in self._library.SOLUTIONS.items()}

    def first(self, contestant: str, problem: str) -> dict[str, Any]:
        """Return the seconds of the first call and of the second, and the larger error.

        An answer that is wrong once is not asked for again.
        """
        call = self._prepared(contestant, problem)
        posed = problems.find(problem)
        first, answer = _timed(call)
        error = posed.error(answer)
        if error > problems.TOLERANCE:
            return {"first": first, "error": error}
        second, answer = _timed(call)
        return {"first": first, "second": second, "error": max(error, posed.error(answer))}

    def time(self, problem: str, calls: dict[str, int]) -> dict[str, dict[str, float]]:
        """Return the median and the least seconds of so many calls of each contestant.

        They alternate, evenly spread, since the machine is not equally fast at all times.
        """
        prepared = {contestant: self._prepared(contestant, problem) for contestant in calls}
        seconds: dict[str, list[float]] = {contestant: [] for contestant in calls}
        order = [
            ((index + random.random()) / number, contestant)
            for contestant, number in calls.items()
            for index in range(number)
        ]
        for call in prepared.values():
            call()  # what another process has driven from the caches comes back
        for contestant in prepared.keys() - self._settled:
            _settle(prepared[contestant])
            self._settled.add(contestant)
        gc.collect()
        gc.disable()
        for _, contestant in sorted(order):
            seconds[contestant].append(_timed(prepared[contestant])[0])
        gc.enable()
        return {
            contestant: {"median": statistics.median(taken), "least": min(taken)}
            for contestant, taken in seconds.items()
        }

    def memory(self, contestant: str, problem: str) -> float:
        """Return by how many MiB the process grows, at most, while it computes the answer."""
        call = self._prepared(contestant, problem)
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts over; see proc(5)
        before = _status("VmRSS")
        call()
        return (_status("VmHWM") - before) / 1024

    def _prepared(self, contestant: str, problem: str) -> Call:
        if problem != self._problem:
            self._problem, self._calls, self._settled = problem, {}, set()
        if contestant not in self._calls:
            self._calls[contestant] = self._call(contestant, problems.find(problem))
        return self._calls[contestant]

    def _call(self, contestant: str, problem: problems.Problem) -> Call:
        return self._library.SOLUTIONS[contestant][problem.kind](*problem.inputs())


def _settle(call: Call) -> None:
    """Call until later calls are what is timed: some libraries compile what is called often."""
    end = time.perf_counter() + _SETTLING
    for _ in range(_SETTLED):
        if time.perf_counter() > end:
            return
        call()


def _timed(call: Call) -> tuple[float, problems.Arrays]:
    begin = time.perf_counter()
    answer = call()
    return time.perf_counter() - begin, answer


def _status(entry: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{entry}:"))


def _answered(method: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": method(**arguments)}
    except Exception as error:  # whatever a library raises is its result
        lines = str(error).strip().splitlines() or [""]
        return {"failure": f"{type(error).__name__}: {lines[0]}"}


def main(process: str) -> None:
    """Answer orders until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints must not come between the answers
    worker = Worker(process)
    print(json.dumps({"answer": "ready"}), file=answers)
    for line in sys.stdin:
        order, arguments = json.loads(line)
        print(json.dumps(_answered(getattr(worker, order), arguments)), file=answers)


if __name__ == "__main__":
    main(sys.argv[1])
