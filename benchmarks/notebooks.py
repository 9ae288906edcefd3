"""What checking notebooks costs, and what a second job gains, on copies of the chapters.

In one run, alternating: nbclient that only executes the chapters, one after the other; the check of
them with one job; the check with two. Prints seconds, the cost of the check as a ratio to
executing, and the gain of the second job: ``python benchmarks/notebooks.py [rounds] [copies]``.
Writes the same to ``benchmarks/notebooks.txt``.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from d2l_autograd.course.chapters import chapters

RESULT = Path(__file__).with_suffix(".txt")
EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
"""


def copies_of_chapters(folder: Path, copies: int) -> list[Path]:
    """Return copies of the chapters in English."""
    return [
        Path(shutil.copy(chapter.path, folder / f"{copy}_{chapter.path.name}"))
        for copy in range(copies)
        for chapter in chapters("en")
    ]


def seconds(command: list[str], notebooks: list[Path]) -> float:
    """Return how long a command takes with the notebooks; it must succeed."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command, *map(str, notebooks)],
        cwd=notebooks[0].parent,
        env={**os.environ, "GLOG_v": "4"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return time.perf_counter() - begin


def measured(rounds: int, copies: int) -> dict[str, float]:
    """Return the median seconds of each way."""
    check = ["-m", "d2l_autograd", "check", "--timeout=600", "--jobs"]
    ways = {"execute": ["-c", EXECUTE], "check, 1": [*check, "1"], "check, 2": [*check, "2"]}
    times: dict[str, list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        notebooks = copies_of_chapters(Path(folder), copies)
        for _ in range(rounds):
            for way, command in ways.items():
                times[way].append(seconds(command, notebooks))
    return {way: statistics.median(one) for way, one in times.items()}


def main(rounds: int, copies: int) -> None:
    """Print and store the table."""
    times = measured(rounds, copies)
    executed, one, two = times.values()
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores; "
        f"{copies} copies of the chapters, median of {rounds}",
        f"{'nbclient executes':<24}{executed:>8.1f} s",
        f"{'check with 1 job':<24}{one:>8.1f} s{one / executed:>8.2f} x executing",
        f"{'check with 2 jobs':<24}{two:>8.1f} s{one / two:>8.2f} x as fast as 1",
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main(*(int(argument) for argument in (*sys.argv[1:], *("3", "2")[len(sys.argv) - 1 :])))
