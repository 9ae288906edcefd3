"""The benchmarks run, judge answers before they take the time, and are told as they were found."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import problems
from benchmarks.contestants import OURS
from benchmarks.contestants.array_functions import functions_of
from benchmarks.figure import draw
from benchmarks.goals import Goal, goals
from benchmarks.import_time import IMPORTS, import_seconds
from benchmarks.report import report
from benchmarks.results import Measurement, Results
from benchmarks.sentences import insert, section, section_of
from benchmarks.workers import Failure, RemoteWorker
from notebook_check.compare.differences import Difference
from notebook_check.compare.svgs import compare_svgs
from notebook_check.tolerance import Tolerance

STORED = Results.load(command.RESULTS)
FUNCTIONS = functions_of(np)


def test_the_command_measures_and_says_who_is_wrong_or_absent(tmp_path: Path) -> None:
    no_jax = tmp_path / "python"
    no_jax.write_text("#!/bin/sh\necho \"No module named 'jax'\" >&2; exit 1\n")
    no_jax.chmod(0o755)
    asked = ["--only", "d2l", "--only", "mindspore", "--only", "jax", "--jax-python", str(no_jax)]
    asked += ["--only", "earlier", "--earlier", "."]
    asked += ["--problem", "square 4", "--problem", "hvp 400"]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "run", "--quick", *asked],
        cwd=command.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    lines = [" ".join(line.split()) for line in run.stdout.splitlines()]
    assert "absent: jax (ended with 1: No module named 'jax')" in lines
    assert "MindSpore wrong: off by 100% of the largest entry" in lines
    timed = [line.rstrip("0123456789,. ") for line in lines if line.startswith(("d2l_a", "MindS"))]
    assert timed[1:7] == [
        "d2l_autograd",
        "d2l_autograd, compile=True",
        "MindSpore, blocking, same process",
        "MindSpore, ms.jit, same process",
        "d2l_autograd, an earlier commit",
        "MindSpore",
    ]
    assert [line for line in lines if line.endswith(" reached")]


def test_a_worker_that_does_not_answer_is_stopped(tmp_path: Path) -> None:
    silent = tmp_path / "python"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o755)
    with pytest.raises(Failure, match="no answer within 1 s"):
        RemoteWorker(str(silent), "d2l", limit=1)


@pytest.mark.parametrize(
    ("problem", "fn"),
    [
        ("square 4", FUNCTIONS.square),
        ("chain 1000", FUNCTIONS.chain),
        ("branches 4", FUNCTIONS.branches),
        ("network 64", FUNCTIONS.network),
        ("jacobian 10", FUNCTIONS.layer),
    ],
)
def test_closed_forms_agree_with_differences(problem: str, fn: object) -> None:
    posed = problems.find(problem)
    exact = posed.answer()
    inputs = [array.astype(np.float64) for array in posed.inputs()]
    random = np.random.RandomState(1)
    steps = [1e-6 * random.standard_normal(array.shape) for array in inputs[: len(exact)]]
    rest = inputs[len(exact) :]
    right = [array + step for array, step in zip(inputs, steps, strict=False)]
    left = [array - step for array, step in zip(inputs, steps, strict=False)]
    assert callable(fn)
    difference = fn(*right, *rest) - fn(*left, *rest)
    axes = [step.ndim for step in steps]
    pairs = zip(exact, steps, axes, strict=True)
    change = sum(np.tensordot(gradient, step, count) for gradient, step, count in pairs)
    np.testing.assert_allclose(difference, 2 * np.asarray(change), rtol=1e-6, atol=1e-13)


def test_second_derivatives_agree_with_differences() -> None:
    x, a = (array.astype(np.float64) for array in problems.find("hessian 10").inputs())
    (exact,) = problems.find("hessian 10").answer()
    v = np.random.RandomState(1).standard_normal(10)
    values = [FUNCTIONS.wave(x + step * v, a) for step in (1e-3, 0, -1e-3)]
    assert (values[0] - 2 * values[1] + values[2]) / 1e-6 == pytest.approx(v @ exact @ v, rel=1e-4)


def test_gradients_of_samples_agree_with_differences() -> None:
    posed = problems.find("per_sample 64")
    w, x, y = (array.astype(np.float64) for array in posed.inputs())
    step = 1e-6 * np.random.RandomState(1).standard_normal(w.shape)
    for index, exact in enumerate(posed.answer()[0]):
        right, left = (FUNCTIONS.sample_loss(w + s, x[index], y[index]) for s in (step, -step))
        assert right - left == pytest.approx(2 * (exact * step).sum(), rel=1e-5, abs=1e-11)


@pytest.mark.parametrize(
    ("factor", "error"), [(1.0, 0.0), (1.01, 0.01), (0.0, 1.0), (np.nan, np.inf)]
)
def test_an_error_is_a_part_of_the_largest_entry(factor: float, error: float) -> None:
    posed = problems.find("square 4")
    assert posed.error((posed.answer()[0] * factor,)) == pytest.approx(error)


def test_an_answer_of_another_shape_is_wrong() -> None:
    posed = problems.find("square 4")
    assert posed.error((posed.answer()[0][:, None],)) == np.inf


def measured(contestant: str, *rounds: float, **more: float) -> Measurement:
    return Measurement(contestant, "square 4", rounds=list(rounds), **more)  # type: ignore[arg-type]


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    results = Results("", "", {})
    # Both have the median 2, but theirs took twice as long in most rounds; and sat out the last.
    results.measurements = [measured(OURS, 1, 2, 3, 2), measured("ms", 2, 4, 1.5)]
    assert results.ratio("ms", OURS, "square 4") == 2
    assert results.ratio("jax", OURS, "square 4") is None


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results = Results(
        "2026-01-02", "one core", {"d2l": "python 3"}, memory={"fresh 1000": {OURS: 1.5}}
    )
    results.measurements = [measured(OURS, 1.0, 2.0), Measurement("ms", "hvp 400", error=np.inf)]
    results.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (Goal("", bound=2, found=2.1), "missed"),
        (Goal("", bound=2, found=1.9), "reached"),
        (Goal("", bound=2, found=2.1, at_least=True), "reached"),
        (Goal("", bound=2, found=1.9, at_least=True), "missed"),
        (Goal("", bound=2, found=None), "not measured"),
    ],
)
def test_a_goal_is_reached_on_its_side_of_the_bound(goal: Goal, verdict: str) -> None:
    assert goal.verdict == verdict


def test_every_goal_is_measured_in_the_stored_run() -> None:
    assert [goal.promise for goal in goals(STORED) if goal.verdict == "not measured"] == []


def test_stored_text_and_pages_are_those_of_the_stored_run() -> None:
    assert command.TABLE.read_text(encoding="utf-8") == report(STORED)
    for lang, page in command.PAGES.items():
        assert section_of(page.read_text(encoding="utf-8")) == section(STORED, lang)


def test_the_page_gets_the_numbers_of_a_new_run(tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    page.write_text("before\n<!-- benchmarks -->\nold\n<!-- end of benchmarks -->\nafter\n")
    results = Results("", "", {}, measurements=[measured(OURS, 0.25), measured("torch", 0.05)])
    insert(results, page, "en")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- benchmarks -->\n- The eager gradient")
    assert text.endswith("<!-- end of benchmarks -->\nafter\n")
    assert "250 ms. As multiples of that: PyTorch, torch.autograd 0.200." in text
    assert "5.00 times faster" in text


def with_ids_in_order(drawing: str) -> str:
    """The drawing with its ids numbered: Matplotlib makes them of the last digits of places."""
    ids = dict.fromkeys(re.findall(r'id="([a-z][0-9a-f]{10})"', drawing))
    for number, name in enumerate(ids):
        drawing = drawing.replace(name, f"id{number}")
    return drawing


def differences_from_the_stored_figure(results: Results, folder: Path) -> list[Difference]:
    draw(results, folder / "figure.svg")
    paths = (command.FIGURE, folder / "figure.svg")
    stored, drawn = (with_ids_in_order(path.read_text(encoding="utf-8")) for path in paths)
    return compare_svgs(stored, drawn, Tolerance(), "the figure")


@pytest.mark.usefixtures("settings_are_kept")
def test_the_stored_figure_is_that_of_the_stored_run(tmp_path: Path) -> None:
    assert differences_from_the_stored_figure(STORED, tmp_path) == []


@pytest.mark.usefixtures("settings_are_kept")
def test_the_figure_of_another_run_is_another(tmp_path: Path) -> None:
    other = Results.load(command.RESULTS)
    for found in other.measurements:
        if found.contestant == "torch":
            found.rounds = [2 * seconds for seconds in found.rounds]
    assert differences_from_the_stored_figure(other, tmp_path)


@pytest.mark.parametrize(
    ("statement", "fast"), [(IMPORTS[0], True), ("import matplotlib.pyplot", False)]
)
def test_importing_costs_little_after_mindspore(statement: str, fast: bool) -> None:
    assert (import_seconds(statement, 1) < 0.05) == fast
