"""What checking notebooks costs, what a second job gains, and how soon something is on the screen.

Of six copies of a chapter, which take equally long, in one run, alternating: nbclient that only
executes them, one after the other; the check of them with one job; the check with two. And of the
check on a terminal, the time until its bar counts the first result. Prints seconds, the cost of the
check as a ratio to executing, and the gain of the second job:
``python benchmarks/notebooks.py [rounds]``. Writes the same to ``benchmarks/notebooks.txt``.
"""

import os
import platform
import pty
import re
import shutil
import signal
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


CHECK = ["-m", "d2l_autograd", "check", "--timeout=600", "--jobs"]
COPIES, CHAPTER = 6, "02_autograd"
COUNTED = re.compile(rb"\b[1-9]\d*/\d+\b")  # what the bar shows of the results


def copies(folder: Path) -> list[Path]:
    """Return notebooks of equal length."""
    (chapter,) = (chapter for chapter in chapters("en") if chapter.path.stem == CHAPTER)
    folders = [folder / str(copy) for copy in range(COPIES)]  # it writes files beside itself
    for own in folders:
        own.mkdir()
    return [Path(shutil.copy(chapter.path, own)) for own in folders]


def seconds(command: list[str], notebooks: list[Path]) -> float:
    """Return how long a command takes with the notebooks; it must succeed."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command, *map(str, notebooks)],
        cwd=notebooks[0].parents[1],
        env={**os.environ, "GLOG_v": "4"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return time.perf_counter() - begin


def seconds_to_the_first(notebooks: list[Path]) -> float:
    """Return how long a check on a terminal takes to count a result; it is then ended."""
    begin = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(notebooks[0].parents[1])
        os.environ.update(GLOG_v="4", TERM="xterm", COLUMNS="100")
        os.execv(sys.executable, [sys.executable, *CHECK, "1", *map(str, notebooks)])
    shown = b""
    try:
        while not COUNTED.search(shown):
            shown += os.read(terminal, 65536)
        return time.perf_counter() - begin
    except OSError:
        sys.exit(f"the check ended before its bar counted a result: {shown.decode()[-3000:]}")
    finally:
        os.kill(pid, signal.SIGINT)
        os.close(terminal)
        os.waitpid(pid, 0)


def measured(rounds: int) -> dict[str, float]:
    """Return the median seconds of each way."""
    ways = {"execute": ["-c", EXECUTE], "check, 1": [*CHECK, "1"], "check, 2": [*CHECK, "2"]}
    times: dict[str, list[float]] = {way: [] for way in (*ways, "first")}
    with tempfile.TemporaryDirectory() as folder:
        notebooks = copies(Path(folder))
        for _ in range(rounds):
            for way, command in ways.items():
                times[way].append(seconds(command, notebooks))
            times["first"].append(seconds_to_the_first(notebooks))
    return {way: statistics.median(one) for way, one in times.items()}


def main(rounds: int) -> None:
    """Print and store the table."""
    executed, one, two, first = measured(rounds).values()
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores; "
        f"{COPIES} copies of {CHAPTER}, median of {rounds}",
        f"{'nbclient executes':<24}{executed:>8.1f} s",
        f"{'check with 1 job':<24}{one:>8.1f} s{one / executed:>8.2f} x executing",
        f"{'check with 2 jobs':<24}{two:>8.1f} s{one / two:>8.2f} x as fast as 1",
        f"{'first result on the bar':<24}{first:>8.1f} s",
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
