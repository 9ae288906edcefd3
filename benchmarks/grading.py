"""What marking costs: time and memory, for a class that hands in a chapter.

The submissions are made of the answers with which the tests hold the checks, right and wrong ones,
and of some that are hostile; the same each time. Prints seconds for each submission with 1 worker
and with 2, the most memory of all processes of the command together, and what it gains that cells
which no answer needs are not run: ``python -m benchmarks.grading [submissions] [chapter]``. Writes
the same to ``benchmarks/grading.txt``.
"""

import ast
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from d2l_autograd.course.chapters import LANGUAGES, find_chapter
from d2l_autograd.course.solutions import without_solutions
from d2l_autograd.grading.reading import read

RESULT = Path(__file__).with_suffix(".txt")
TESTS = Path(__file__).parents[1] / "tests"
HOSTILE = [
    "while True:\n    pass",
    "import os\nos._exit(0)",
    "answer = 1 / 0",
    "d2l.check_answer = lambda *_: True",
]
TIMEOUT = 5  # seconds, for the endless loops


@dataclass(frozen=True)
class Cost:
    """Of one run: its seconds, and the most bytes that its processes held together."""

    seconds: float
    memory: int


def answers(chapter: str) -> dict[str, list[str]]:
    """The right and the wrong answers of the tests that are expressions, as code, by exercise."""
    tree = ast.parse((TESTS / f"answers_chapter{chapter}.py").read_text(encoding="utf-8"))
    helpers = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    known = {helper.name: ast.unparse(helper) for helper in helpers}
    found: dict[str, list[str]] = {}
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.value, ast.Dict):
            continue
        for key, listed in zip(node.value.keys, node.value.values, strict=True):
            for item in listed.elts if isinstance(listed, ast.List) else ():
                answer = item.elts[1] if isinstance(item, ast.Tuple) else item
                names = {part.id for part in ast.walk(answer) if isinstance(part, ast.Name)}
                defined = [text for name, text in known.items() if name in names]
                code = "\n".join([*defined, f"answer = {ast.unparse(answer)}"])
                found.setdefault(ast.literal_eval(key or ast.Constant("")), []).append(code)
    return found


def hand_in(folder: Path, chapter: str, count: int) -> None:
    """Write the submissions: most answered in part, every tenth with something hostile."""
    rng, known = random.Random(0), answers(chapter)
    imports = "from typing import Any\nfrom d2l_autograd import grad, jacobian, value_and_grad"
    for number in range(count):
        codes = {name: rng.choice(of_one) for name, of_one in known.items() if rng.random() < 0.8}
        if number % 10 == 9 and codes:
            codes[rng.choice(sorted(codes))] = rng.choice(HOSTILE)
        cells = {
            name: f'{imports}\n{code}\nd2l.check_answer("{name}", answer)'
            for name, code in codes.items()
        }
        notebook = json.loads(handed_out(chapter, rng.choice(LANGUAGES)))
        for cell in notebook["cells"]:
            for name, code in cells.items():
                if f'check_answer("{name}"' in "".join(cell["source"]):
                    cell["source"] = code
        (folder / f"student-{number:03}.ipynb").write_text(json.dumps(notebook))


def handed_out(chapter: str, lang: str) -> bytes:
    """The student's edition of a chapter."""
    return without_solutions(find_chapter(chapter, lang).path.read_bytes())


def cost(folder: Path, jobs: int) -> Cost:
    """Mark the folder; the command must succeed."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "d2l_autograd", "grade", str(folder), "-j", str(jobs)]
        + ["--csv", str(folder.parent / f"{jobs}.csv"), "--timeout", str(TIMEOUT), "--lang", "en"],
        stdout=subprocess.DEVNULL,
    )
    most, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.2):
            most = max(most, _memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    ended.set()
    watcher.join()
    if status:
        sys.exit(f"the command ended with {status}")
    return Cost(time.perf_counter() - begin, most)


def _memory(pid: int) -> int:
    """The bytes of a process and those below it, in which what they share is counted once."""
    total = 0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total = 1024 * int(rollup.partition("\nPss:")[2].split()[0])
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [child for task in tasks for child in task.read_text().split()]
        return total + sum(_memory(int(child)) for child in children)
    except (OSError, IndexError):
        return total


def cells_run(chapter: str) -> tuple[int, int]:
    """How many cells of the student's edition are run, and how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "own.ipynb")
        path.write_bytes(handed_out(chapter, "en"))
        found = read(path, None)
    return len(found.plan), len(found.cells)


def main(count: int, chapter: str) -> None:
    """Print and store the table."""
    with tempfile.TemporaryDirectory() as name:
        folder, empty = Path(name, "in"), Path(name, "empty")
        folder.mkdir()
        empty.mkdir()
        hand_in(folder, chapter, count)
        costs = {jobs: cost(folder, jobs) for jobs in (1, 2)}
        (empty / "one.ipynb").touch()
        start = cost(empty, 1)
    ran, there = cells_run(chapter)
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores; {count} submissions of "
        f"chapter {int(chapter)}, every tenth hostile, --timeout {TIMEOUT}",
        f"{'to start':<12}{start.seconds:>8.1f} s",
        *(
            f"{f'{jobs} worker' + 's' * (jobs > 1):<12}{one.seconds:>8.1f} s"
            f"{one.seconds / count:>8.2f} s a submission{one.memory / 1e9:>8.2f} GB at most"
            for jobs, one in costs.items()
        ),
        f"cells that are run where no answer is changed: {ran} of {there}",
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 300, given[1] if len(given) > 1 else "04")
