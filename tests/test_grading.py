"""``d2l-autograd grade`` on what students hand in: each costs its own marks, and no one else's."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_process import command
from handed_in import (
    CHECK,
    RIGHT_1,
    RIGHT_2,
    RIGHT_3,
    RIGHT_5,
    RIGHT_6,
    START,
    answered,
    filled_in,
    notebook,
    write,
)
from processes import command_lines

from d2l_autograd.grading import marking
from d2l_autograd.grading.marking import Settings, mark_all
from d2l_autograd.grading.results import Marked
from d2l_autograd.grading.submissions import notebooks_in

LIMIT = 1.5  # seconds
SLEEP = 1_000_000 + os.getpid()
FORGED = '"✓ 01.1"'
OF_THE_BOOK = (
    "def {0}({1}):\n    # mine\n    return (2*{1}*ops.sin(3*{1})) + 3*{1}**2*ops.cos(3*{1})"
)


@dataclass(frozen=True)
class Case:
    """What is handed in, the first digit of each exercise's mark, and what a remark says."""

    data: bytes
    marks: str  # of 01.1 to 01.6: 1, 0, or a dot where nothing was answered
    remark: str = ""


def code(source: str) -> bytes:
    """Exercise 1 with this, and 5 and 6 answered rightly."""
    return answered(e1=source, e5=RIGHT_5, e6=RIGHT_6)


def outputs_pasted() -> bytes:
    content = json.loads(answered(e1="answer = ..."))
    text = {"output_type": "stream", "name": "stdout", "text": "✓ 01.1\n"}
    content["cells"][1].update(outputs=[text], execution_count=2)
    return json.dumps(content).encode()


def nbformat_3() -> bytes:
    cells = [
        {"cell_type": "code", "input": source, "outputs": [], "language": "python"}
        for source in (START, f"{RIGHT_1}\n{CHECK.format('01.1', 'answer')}")
    ]
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    return json.dumps(content).encode()


CASES = {
    # What is usual.
    "right": Case(
        filled_in("01", {"01.1": f"{RIGHT_1}\n{CHECK.format('01.1', 'answer')}"}), "1....."
    ),
    "wrong": Case(answered(e1="answer = lambda x: 1 / x**2", e6=RIGHT_6), "0....1"),
    "raises": Case(code("answer = 1 / 0"), "0...11", "ZeroDivisionError: division by zero"),
    "raises_when_called": Case(code("def answer(x):\n    return unknown"), "0...11"),
    "no_python": Case(code("def answer(x)\n    return 1"), "0...11", "SyntaxError"),
    "untouched": Case(filled_in("01", {}), "......"),
    "uses_an_earlier_cell": Case(
        filled_in("01", {"01.6": f"answer = height(1.0) / 150\n{CHECK.format('01.6', 'answer')}"}),
        ".....1",
    ),
    "interactive": Case(code("answer = input('?')"), "0...11", "EOFError"),
    "exits": Case(code("import sys\nsys.exit(0)"), "0...11", "SystemExit"),
    "magics": Case(
        code(f"%time _ = 1\n!echo hello\n%matplotlib inline\n{RIGHT_1}"), "1...11"
    ),
    # Notebooks that are not as they were handed out.
    "deleted_cells": Case(notebook(f"{RIGHT_3}\n{CHECK.format('01.3', 'answer')}"), "..0..."),
    "other_order": Case(
        notebook(START, CHECK.format("01.6", 0.1), CHECK.format("01.1", "lambda x: -1 / x**2")),
        "1....1",
    ),
    "duplicate": Case(
        notebook(START, CHECK.format("01.6", 0.1), CHECK.format("01.6", 0.2)), ".....0"
    ),
    "other_kernel": Case(
        notebook(START, CHECK.format("01.6", 0.1), kernelspec={"name": "rm", "display_name": "R"}),
        ".....1",
    ),
    "format_3": Case(nbformat_3(), "1....."),
    "other_name_of_the_check": Case(
        notebook(
            START,
            'check = getattr(d2l, "check" + "_answer")\ncheck("1.6", 0.1)',
            CHECK.format("01.5", 1),
        ),
        "....01",
    ),
    "outputs_pasted": Case(outputs_pasted(), "......"),
    "not_json": Case(b"answer = 1", "000000", "not JSON"),
    "empty": Case(b"", "000000", "The file is empty."),
    "no_notebook": Case(b'{"cells": 3}', "000000", "no cells"),
    "nested": Case(b"[" * 100_000, "000000", "not JSON"),
    "binary": Case(bytes(range(256)), "000000", "not JSON"),
    "of_no_chapter": Case(notebook("1 + 1"), "000000", "say which with --chapter"),
    # Ends that do not come.
    "loop": Case(code("while True:\n    pass"), "0...11", "was ended"),
    "stubborn_loop": Case(
        code("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        "0...11",
        "was ended",
    ),
    "loop_when_called": Case(
        code("def answer(x):\n    while True:\n        try:\n            while True: pass\n"
             "        except BaseException: pass"),
        "0...11",
    ),
    "sleeps": Case(code("import time\ntime.sleep(1000)"), "0...11", "was ended"),
    "thread": Case(
        code("import threading, time\nthreading.Thread(target=time.sleep, args=[1000]).start()\n"
             + RIGHT_1),
        "1...11",
    ),
    "process_left": Case(
        code(f"import subprocess\nsubprocess.Popen(['sleep', '{SLEEP}'], start_new_session=True)\n"
             + RIGHT_1),
        "1...11",
        "to be read: subprocess",
    ),
    # Ends that come too soon.
    "ends_process": Case(code("import os\nos._exit(0)"), "0...11", "exit status 0"),
    "ends_process_when_called": Case(
        code("def answer(x):\n    import os\n    os._exit(0)"), "0...11", "exit status 0"
    ),
    "crash": Case(code("import ctypes\nctypes.string_at(0)"), "0...11", "SIGSEGV"),
    "aborts": Case(code("import os\nos.abort()"), "0...11", "was ended by|ended its process"),
    "closes_everything": Case(
        code(f"import os\nos.closerange(0, 100)\n{RIGHT_1}"), "0...11", "ended"
    ),
    # Too much of something.
    "memory": Case(
        code("import numpy\nanswer = [numpy.ones(10**8) for _ in range(100)]"),
        "0...11",
        "more than 1 GB of memory|computed for",
    ),
    "fork_bomb": Case(
        code("import os\nwhile True:\n    os.fork()"), "0...11", "processes|memory"
    ),
    "many_sleepers": Case(
        code("import subprocess\nfor _ in range(100):\n"
             f"    subprocess.Popen(['sleep', '{SLEEP}'], start_new_session=True)\n" + RIGHT_1),
        "[01]...11",
    ),
    "output": Case(
        code(f"text = 'x' * 10**7\nfor _ in range(100):\n    print(text)\n{RIGHT_1}"), "1...11"
    ),
    "large_answer": Case(code("answer = b'x' * (4 * 10**7)"), "0...11", "larger than 50 MB"),
    "large_file": Case(
        code("with open('large', 'wb') as file:\n    file.truncate(10**12)"), "0...11", "OSError"
    ),
    # Marks that are not deserved.
    "check_replaced": Case(
        code(f"d2l.check_answer = lambda *a: print({FORGED})\nanswer = 1"),
        "0...11",
        "to be read: check_answer =",
    ),
    "check_patched": Case(
        code("from d2l_autograd.course.answers import exercise, checkers\n"
             "exercise.mistake = checkers.same_number = lambda *a: None\n"
             "import d2l_autograd.course.answers as answers\nanswers.mistake = lambda *a: None\n"
             "answer = 1"),
        "0...11",
        "to be read: course.answers",
    ),
    "check_patched_when_called": Case(
        code("def answer(x):\n    from d2l_autograd.course.answers import checkers\n"
             "    checkers._equal = lambda *a: True\n    return x"),
        "0...11",
        "The answer changed the check",
    ),
    "prints_a_verdict": Case(code(f"print({FORGED})\nanswer = 1"), "0...11"),
    "writes_to_the_pipe": Case(
        code("import os\nfor number in range(3, 50):\n    try:\n        os.write(number, b"
             """'{"token": "", "result": "right", "hint": ""}\\n{"done": true}\\n')\n"""
             "    except OSError: pass\nanswer = 1"),
        "0...11",
    ),
    "of_the_book": Case(
        answered(e3=OF_THE_BOOK.format("answer", "t")), "..1...", "01.3: as in the book"
    ),
    "own_way": Case(answered(e3=RIGHT_3), "..1..."),
    "twin_one": Case(answered(e2=RIGHT_2 + "\nother = 1"), ".1...."),
    "script": Case(code("answer = '<script>document.title = 1</script>'"), "0...11"),
    "=1+1": Case(answered(e6=RIGHT_6), ".....1"),
    "<b>bold": Case(answered(e6=RIGHT_6), ".....1"),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases, handed in and marked in one go."""
    folder = tmp_path_factory.mktemp("graded")
    write(folder / "in", {f"{name}.ipynb": case.data for name, case in CASES.items()})
    (folder / "in" / "link.ipynb").symlink_to(folder / "in" / "right.ipynb")
    os.mkfifo(folder / "in" / "pipe.ipynb")
    with (folder / "in" / "huge.ipynb").open("wb") as file:
        file.truncate(10**11)
    done = subprocess.run(
        [*command("grade", "in", "--csv", "marks.csv", "--html", "html", "--lang", "en")]
        + ["--timeout", str(LIMIT), "--memory", "1", "-j", "2"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "said").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def rows(graded: Path) -> dict[str, dict[str, str]]:
    with (graded / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", CASES)
def test_a_submission_gets_its_own_marks(name: str, rows: dict[str, dict[str, str]]) -> None:
    case, row = CASES[name], rows["'=1+1" if name == "=1+1" else name]
    marks = "".join(row[f"01.{number}"] or "." for number in range(1, 7))
    assert re.fullmatch(case.marks.replace(".", "[.]"), marks), row["remarks"]
    assert re.search(case.remark, row["remarks"]), row["remarks"]
    assert int(row["sum"]) == marks.count("1")
    if not case.remark and "0" not in marks:
        assert row["remarks"] == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [("link", "symbolic link"), ("pipe", "not a file"), ("huge", "larger than 50 MB")],
)
def test_what_is_no_ordinary_file_is_not_read(
    name: str, why: str, rows: dict[str, dict[str, str]]
) -> None:
    assert why in rows[name]["remarks"]
    assert rows[name]["sum"] == "0"


@pytest.mark.usefixtures("graded")
def test_no_process_and_no_file_is_left() -> None:
    assert workers() + sleepers() == []


def test_pages_run_nothing_of_the_students(graded: Path) -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in (graded / "html").iterdir()}
    assert len(pages) == len(CASES) + 3 + 1
    for text in pages.values():
        assert "default-src 'none'" in text
        assert not re.search(r"<script|<b>|<img|\son\w+=", text)
    assert "&lt;b&gt;bold" in pages["index.html"]
    assert any("&lt;script&gt;document" in text for text in pages.values())


def test_the_command_says_a_line_for_each_student(graded: Path) -> None:
    said = (graded / "said").read_text(encoding="utf-8").splitlines()
    assert "wrong: 1 right, 1 wrong, 4 not answered" in said
    assert len([line for line in said if ": " in line]) >= len(CASES)


# What a submission may not reach: it hands in 1/10, the right answer to 01.6, only if it could.
REACHES = {
    "other_submissions": "open({path!r}).read()",
    "network": (
        "import socket\n"
        "    own = socket.create_server(('127.0.0.1', 0))\n"
        "    socket.create_connection(own.getsockname()).close()\n"
        "    socket.create_connection(('127.0.0.1', {port}), timeout=5)"
    ),
    "other_processes": "import os\n    os.kill({pid}, 0)",
    "the_watcher": "import os\n    os.kill(os.getppid(), 0 if os.getppid() else 99)",
    "mounts": (
        "import ctypes\n"
        "    assert ctypes.CDLL(None).umount2({folder!r}.encode(), 2) == 0\n"
        "    open({path!r}).read()"
    ),
}


def test_namespaces_keep_submissions_from_others_and_from_the_network(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    with socket.create_server(("127.0.0.1", 0)) as server:
        details = {
            "path": str(folder / "network.ipynb"),
            "folder": str(folder),
            "port": server.getsockname()[1],
            "pid": os.getpid(),
        }
        code = {
            name: f"try:\n    {body.format(**details)}\n    answer = 0.1\n"
            f"except (OSError, AssertionError):\n    answer = 0.2"
            for name, body in REACHES.items()
        }
        write(folder, {f"{name}.ipynb": answered(e6=text) for name, text in code.items()})
        found, apart = marked(folder)
    if not apart:
        pytest.skip("this system gives users no namespaces")
    outcomes = {path.stem: one.results["01.6"].outcome for path, one in found.items()}
    assert outcomes == dict.fromkeys(REACHES, "wrong")


def workers() -> list[str]:
    """The processes of the marking that run in this environment."""
    lines = command_lines().values()
    return [line for line in lines if sys.executable in line and "grading.worker" in line]


def sleepers() -> list[str]:
    """What submissions have started."""
    return [line for line in command_lines().values() if f"sleep {SLEEP}" in line]


def marked(folder: Path) -> tuple[dict[Path, Marked], bool]:
    """The notebooks of a folder marked, and whether they were kept apart."""
    told: list[bool] = []
    settings = Settings("en", 10.0, 4e9, hidden=(folder,))
    found = dict(mark_all(notebooks_in(folder), settings, 1, apart=told.append))
    return found, told[0]


def test_who_ends_the_watcher_costs_no_one_else_a_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = "import d2l_autograd.grading.processes as p\np.isolate = lambda hidden: False\n"
    monkeypatch.setattr(marking, "_WORKER", without + marking._WORKER)
    end = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nanswer = 0.1"
    write(tmp_path, {"1.ipynb": answered(e6=end), "2.ipynb": answered(e6=RIGHT_6)})
    found, apart = marked(tmp_path)
    assert not apart
    assert found[tmp_path / "1.ipynb"].reason == "watcher"
    assert found[tmp_path / "2.ipynb"].results["01.6"].outcome == "right"


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    sleeps = code(f"import subprocess\nsubprocess.run(['sleep', '{SLEEP}'])")
    write(tmp_path, {f"in/{n}.ipynb": sleeps for n in range(3)})
    process = subprocess.Popen(
        [*command("grade", "in", "--csv", "marks.csv", "-j", "1")],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not sleepers():
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=60)[1], process.returncode) == ("Interrupted.\n", 130)
    assert workers() + sleepers() == []
    assert not (tmp_path / "marks.csv").exists()
