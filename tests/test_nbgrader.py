"""The student's edition goes through nbgrader: handed out, collected, marked, exported."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from handed_in import CHECK, START, notebook

from d2l_autograd.cli import main
from d2l_autograd.course.calls import checks_in

TASKS = [
    f"{name} = ...\n\n{CHECK.format(number, name)}"
    for number, name in (("01.5", "downhill"), ("01.6", "limit"))
]
HANDED_IN = {  # what replaces the two cells, and the points
    "anna": ("downhill = [-0.6, -0.8]", "limit = 0.1", 2),
    "ben": ("downhill = [0.6, 0.8]", "limit = 1 / 10", 1),
    "chen": ("downhill = 1 / 0", "limit = ...", 0),
}


def nbgrader(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments, "--course=."],
        cwd=folder,
        env={
            **os.environ,
            # nbgrader calls alembic, which lies beside this Python.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            # Nothing of the user's Jupyter, and the kernel of this Python.
            "JUPYTER_CONFIG_DIR": str(folder / "c"),
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_marks_of_three_students(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nbgrader", reason="no nbgrader: '.[test]'")
    (tmp_path / "own.ipynb").write_bytes(notebook(START, *TASKS))
    source = tmp_path / "source" / "ps1"
    command = ["d2l-autograd", "student", str(tmp_path / "own.ipynb"), "--to", str(source)]
    monkeypatch.setattr(sys, "argv", [*command, "--nbgrader"])
    assert main() == 0
    nbgrader(tmp_path, "generate_assignment", "ps1", "--create")
    release = (tmp_path / "release" / "ps1" / "own.ipynb").read_text(encoding="utf-8")
    assert release.count("exercise-01-") >= 2
    for name, (first, second, _) in HANDED_IN.items():
        text = release.replace("downhill = ...", first).replace("limit = ...", second)
        folder = tmp_path / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        (folder / "own.ipynb").write_text(text, encoding="utf-8")
    nbgrader(tmp_path, "autograde", "ps1", "--create")
    nbgrader(tmp_path, "generate_feedback", "ps1")
    nbgrader(tmp_path, "export")
    with (tmp_path / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    points = {name: (float(row["score"]), float(row["max_score"])) for name, row in rows.items()}
    assert points == {name: (float(right), 2.0) for name, (*_, right) in HANDED_IN.items()}
    feedback = (tmp_path / "feedback" / "ben" / "ps1" / "own.html").read_text(encoding="utf-8")
    assert "A step this way leads up" in feedback  # the hint


@pytest.mark.quick
def test_calls_of_the_check_are_found_with_their_answers() -> None:
    source = "f = 1\nd2l.check_answer('01.2', [f,  f])\ncheck_answer(\"01.3\", g(f))\nprint(f)"
    assert checks_in(source) == [("01.2", "[f, f]"), ("01.3", "g(f)")]
    assert checks_in("%time check_answer('01.1', f)") == []
