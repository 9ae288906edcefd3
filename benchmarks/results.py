"""What a run has measured, and how it is stored."""

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.problems import TOLERANCE


@dataclass
class Measurement:
    """One contestant at one problem; all times in seconds.

    ``rounds`` has the median of each round, ``least`` the shortest call of all. ``error`` is a part
    of the answer's largest entry. A wrong answer has no times but the first; a failure has none.
    """

    contestant: str
    problem: str
    failure: str | None = None
    error: float | None = None
    first: float | None = None
    second: float | None = None
    least: float | None = None
    rounds: list[float] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        """Whether there was an answer, and it was not the derivative."""
        return self.error is not None and self.error > TOLERANCE


@dataclass
class Results:
    """Everything one run found out."""

    date: str
    machine: str
    versions: dict[str, str]
    rounds: int = 0  # fewer for those who are slow
    absent: dict[str, str] = field(default_factory=dict)  # contestants' processes, and why
    measurements: list[Measurement] = field(default_factory=list)
    memory: dict[str, dict[str, float]] = field(default_factory=dict)  # MiB: problem, contestant
    import_seconds: dict[str, float] = field(default_factory=dict)  # by statement

    def find(self, contestant: str, problem: str) -> Measurement | None:
        """Return what was measured of a contestant at a problem."""
        wanted = (contestant, problem)
        found = [m for m in self.measurements if (m.contestant, m.problem) == wanted]
        return found[0] if found else None

    def median(self, contestant: str, problem: str) -> float | None:
        """Return the median seconds of a call."""
        found = self.find(contestant, problem)
        return statistics.median(found.rounds) if found and found.rounds else None

    def ratio(self, contestant: str, base: str, problem: str) -> float | None:
        """Return how many times longer it takes than the base: the median of the rounds' ratios."""
        ours, theirs = self.find(contestant, problem), self.find(base, problem)
        if not (ours and theirs and ours.rounds and theirs.rounds):
            return None
        # A slow contestant sits out the later rounds.
        pairs = zip(ours.rounds, theirs.rounds, strict=False)
        return statistics.median(one / other for one, other in pairs)

    def save(self, path: Path) -> None:
        """Write them as JSON, a measurement a line."""
        stored = asdict(self)
        lines = [json.dumps(_rounded(m)) for m in stored.pop("measurements")]
        head = json.dumps(_rounded(stored), indent=1).removesuffix("\n}")
        body = ",\n  ".join(lines)
        path.write_text(f'{head},\n "measurements": [\n  {body}\n ]\n}}\n', encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what `save` wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        measurements = [Measurement(**entry) for entry in stored.pop("measurements")]
        return cls(**stored, measurements=measurements)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list) else value
