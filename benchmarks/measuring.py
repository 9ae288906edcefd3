"""The run: each problem is put to all processes in turn, round after round."""

import os
import platform
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import d2l_autograd
from benchmarks.contestants import Contestant
from benchmarks.import_time import IMPORTS, import_seconds
from benchmarks.problems import Problem
from benchmarks.results import Measurement, Results
from benchmarks.workers import Failure, RemoteWorker

MEMORY_PROBLEMS = ("hessian 400", "fresh 1000")


@dataclass(frozen=True)
class Effort:
    """How much is measured; times in seconds."""

    starts: int = 3  # where a process happens to lie in memory makes it faster or slower
    rounds: int = 7  # after each start
    turn: float = 0.1  # a contestant computes for so long in a round, but one call at least
    slow: float = 0.3  # who takes longer for a call is called in few rounds, after the first start
    slow_rounds: int = 3
    endless: float = 3.0  # who takes longer still is called twice in all
    limit: float = 180.0  # who does not answer by then is stopped
    imports: int = 3
    memory: bool = True


FULL = Effort()
QUICK = Effort(
    starts=1,
    rounds=3,
    turn=0.002,
    slow=0.05,
    slow_rounds=1,
    endless=0.3,
    limit=30,
    imports=1,
    memory=False,
)


class Contest:
    """Contestants, each with its process, which is started again where it has died."""

    def __init__(self, contestants: Iterable[Contestant], pythons: dict[str, str], limit: float):
        """Start nothing yet; pythons has the interpreter of each process."""
        self._pythons = pythons
        self._limit = limit
        self._stack = ExitStack()
        self._workers: dict[str, RemoteWorker] = {}
        self._contestants = list(contestants)
        self.present: list[Contestant] = []
        self.absent: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self._kinds: dict[str, list[str]] = {}

    def __enter__(self) -> "Contest":
        """Start the processes, and note who is there."""
        for process in dict.fromkeys(contestant.process for contestant in self._contestants):
            try:
                versions = self._worker(process).order("versions")
                self._kinds.update(self._worker(process).order("kinds"))
            except Failure as failure:
                self.absent[process] = str(failure)
                continue
            listed = ", ".join(f"{name} {version}" for name, version in versions.items())
            self.versions[process] = listed
        self.present = [c for c in self._contestants if c.process not in self.absent]
        return self

    def __exit__(self, *error: object) -> None:
        """End the processes."""
        self._stack.close()

    def entrants(self, problem: Problem) -> list[Contestant]:
        """Return who is there and can be asked this."""
        able = [c for c in self.present if problem.kind in self._kinds[c.name]]
        return [c for c in able if c.process == "d2l"] if problem.ours_only else able

    def order(self, process: str, order: str, **more: Any) -> Any:
        """Return a process's answer, or raise Failure."""
        return self._worker(process).order(order, **more)

    def memory(self, contestant: Contestant, problem: Problem) -> float:
        """Return the MiB that a new process needs for the answer, beyond what it had before."""
        python = self._pythons[contestant.process]
        with RemoteWorker(python, contestant.process, self._limit) as worker:
            return float(worker.order("memory", contestant=contestant.name, problem=problem.name))

    def _worker(self, process: str) -> RemoteWorker:
        if process not in self._workers or not self._workers[process].alive:
            worker = RemoteWorker(self._pythons[process], process, self._limit)
            self._workers[process] = self._stack.enter_context(worker)
        return self._workers[process]


def measure(
    problems: Sequence[Problem],
    contestants: Sequence[Contestant],
    pythons: dict[str, str],
    effort: Effort,
    tell: Callable[[str], None],
) -> Results:
    """Return what was measured; tell is called with a line whenever something begins."""
    tell("import")
    results = Results(
        date=date.today().isoformat(),
        machine=machine(),
        versions={"d2l_autograd": d2l_autograd.__version__},
        rounds=effort.starts * effort.rounds,
        import_seconds={line: import_seconds(line, effort.imports) for line in IMPORTS},
    )
    for start in range(effort.starts):
        with Contest(contestants, pythons, effort.limit) as contest:
            if start == 0:
                results.absent = contest.absent
                results.versions.update(contest.versions)
            for problem in problems:
                tell(f"{problem.title}, start {start + 1} of {effort.starts}")
                entrants = contest.entrants(problem)
                if start == 0:
                    results.measurements += [_first(contest, c, problem) for c in entrants]
                _take_turns(contest, problem, results, effort, start)
                if effort.memory and start == 0 and problem.name in MEMORY_PROBLEMS:
                    results.memory[problem.name] = _memory(contest, problem, results, tell)
    return results


def _memory(
    contest: Contest, problem: Problem, results: Results, tell: Callable[[str], None]
) -> dict[str, float]:
    memory = {}
    for contestant in contest.entrants(problem):
        found = results.find(contestant.name, problem.name)
        if found and found.rounds:
            tell(f"{problem.title}: memory of {contestant.label}")
            with suppress(Failure):
                memory[contestant.name] = contest.memory(contestant, problem)
    return memory


def _first(contest: Contest, contestant: Contestant, problem: Problem) -> Measurement:
    try:
        answer = contest.order(
            contestant.process, "first", contestant=contestant.name, problem=problem.name
        )
    except Failure as failure:
        return Measurement(contestant.name, problem.name, failure=str(failure))
    return Measurement(contestant.name, problem.name, **answer)


def _take_turns(
    contest: Contest, problem: Problem, results: Results, effort: Effort, start: int
) -> None:
    listed = [(c, results.find(c.name, problem.name)) for c in contest.entrants(problem)]
    rounds = {c.name: _rounds(found, effort, start) for c, found in listed if found}
    order = random.Random(start)
    for index in range(effort.rounds):
        able: dict[str, dict[str, Measurement]] = {}
        for contestant, found in listed:
            if found and not found.failure and index < rounds[contestant.name]:
                able.setdefault(contestant.process, {})[contestant.name] = found
        for process in order.sample(list(able), len(able)):
            _take_turn(contest, process, problem, able[process], effort.turn)


def _rounds(measurement: Measurement, effort: Effort, start: int) -> int:
    if measurement.second is None or measurement.wrong:
        return 0
    if measurement.second > effort.endless:
        measurement.rounds = [measurement.second]
        measurement.least = measurement.second
        return 0
    if measurement.second > effort.slow:
        return effort.slow_rounds if start == 0 else 0
    return effort.rounds


def _take_turn(
    contest: Contest, process: str, problem: Problem, found: dict[str, Measurement], turn: float
) -> None:
    """Have the contestants of a process compute, call by call in turn."""
    calls = {}
    for name, measurement in found.items():
        estimate = measurement.least or measurement.second or turn
        calls[name] = max(1, min(100, int(turn / estimate)))
    try:
        seconds = contest.order(process, "time", problem=problem.name, calls=calls)
    except Failure as failure:
        for measurement in found.values():
            measurement.failure = str(failure)
        return
    for name, measurement in found.items():
        least = seconds[name]["least"]
        measurement.rounds.append(seconds[name]["median"])
        measurement.least = min(least, measurement.least or least)


def machine() -> str:
    """Return processor, cores, memory, system and load in a line."""
    processor = next(
        (
            line.partition(": ")[2]
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]  # numbers from a busy machine can be told by it
    return (
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"load {load:.1f} at the start"
    )
