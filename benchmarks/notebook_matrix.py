"""No false alarm: the check of the unmodified chapters, and all mutations, on other machines.

``python benchmarks/notebook_matrix.py`` runs them under each supported end of Python, MindSpore
and Matplotlib, with the instruction sets of older CPUs, with one thread and two, and stores the
table as ``benchmarks/notebook_matrix.txt``. It makes the virtual environments that it needs in
``--folder``; ``--env 3.12=PYTHON`` takes one that is there. ``--only WORD`` runs the rows whose
name has the word, and stores nothing.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
STORED = Path(__file__).with_suffix(".txt")
MINDSPORE = {"3.10": "2.9.0", "3.12": "2.10.0"}  # by the version of Python
LIMIT = 3600  # seconds a row may take
VERSIONS = """
import importlib.metadata as installed, platform
print(platform.python_version(), *map(installed.version, ("mindspore", "matplotlib", "numpy")))
"""
FEATURES = """
from numpy.core._multiarray_umath import __cpu_dispatch__, __cpu_features__
print(" ".join(name for name in __cpu_dispatch__ if __cpu_features__[name]))
"""


class Row(NamedTuple):
    """A machine to be tried: a Python, and what is different with it."""

    name: str
    python: str
    matplotlib: str = ""
    """Which to put before the one of the environment."""
    variables: dict[str, str] = {}
    tests: tuple[str, ...] = ("--nbval-strict", "notebooks/en")


class Result(NamedTuple):
    """What came of a row: how many items passed, what failed in a line each."""

    versions: str
    passed: int
    failures: list[str]
    seconds: float


MUTATIONS = ("tests/test_mutations.py",)
ROWS = (
    Row("Python 3.10, oldest MindSpore", "3.10"),
    Row("Python 3.12, newest MindSpore", "3.12"),
    Row("oldest Matplotlib", "3.10", matplotlib="3.9.0"),
    Row("newest Matplotlib", "3.12", matplotlib="3.11.*"),
    *(
        Row(f"oneDNN with {name}", "3.12", variables={"ONEDNN_MAX_CPU_ISA": name})
        for name in ("SSE41", "AVX", "AVX2")
    ),
    Row("NumPy without newer instructions", "3.12", variables={"NPY_DISABLE_CPU_FEATURES": "all"}),
    *(
        Row(f"threads: {count}", "3.12", variables={"OMP_NUM_THREADS": count})
        for count in ("1", "2")
    ),
    *(Row(f"all mutations, Python {python}", python, tests=MUTATIONS) for python in MINDSPORE),
)


def python_of(version: str, given: dict[str, str], folder: Path) -> str:
    """Return an interpreter with the package and its tests: one that is given, or a new one."""
    if version in given:
        return given[version]
    python = folder / version / "bin" / "python"
    if not python.exists():
        if not (base := shutil.which(f"python{version}")):
            sys.exit(f"there is no python{version}; --env {version}=PYTHON names one that is ready")
        subprocess.run([base, "-m", "venv", folder / version], check=True)
        wanted = [f"{ROOT}[test]", f"mindspore=={MINDSPORE[version]}"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    return str(python)


def environment_of(row: Row, python: str, folder: Path) -> dict[str, str]:
    """Return the variables of a row, with its Matplotlib first on the path."""
    paths = [str(ROOT)]
    if row.matplotlib:
        target = folder / f"matplotlib-{row.matplotlib.replace('*', 'x')}-{row.python}"
        if not target.exists():
            options = ["--quiet", "--no-deps", "--target", str(target)]
            wanted = f"matplotlib=={row.matplotlib}"
            subprocess.run([python, "-m", "pip", "install", *options, wanted], check=True)
        paths.insert(0, str(target))
    variables = dict(row.variables)
    if variables.get("NPY_DISABLE_CPU_FEATURES") == "all":
        found = subprocess.run([python, "-c", FEATURES], check=True, capture_output=True, text=True)
        variables["NPY_DISABLE_CPU_FEATURES"] = found.stdout.strip()
    return {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(paths)}


def run(row: Row, python: str, folder: Path) -> Result:
    """Run the tests of a row."""
    environment = environment_of(row, python, folder)
    versions = subprocess.run(
        [python, "-c", VERSIONS], check=True, capture_output=True, text=True, env=environment
    ).stdout.split()
    report = folder / "junit.xml"
    report.unlink(missing_ok=True)
    begin = time.monotonic()
    done = subprocess.run(
        [python, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider"]
        + ["--nbval-cell-timeout=300", f"--junitxml={report}", *row.tests],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    seconds = time.monotonic() - begin
    if not report.exists():
        return Result(" ".join(versions), 0, [f"no result: {done.stderr[-500:]}"], seconds)
    cases = list(ElementTree.parse(report).iter("testcase"))
    failures = list(failures_of(cases))
    if done.returncode and not failures:
        failures = [f"exit status {done.returncode}: {done.stdout[-500:]}"]
    passed = sum(len(case.findall("*[@message]")) == 0 for case in cases)
    return Result(" ".join(versions), passed, failures, seconds)


def failures_of(cases: list[ElementTree.Element]) -> Iterator[str]:
    """Return a line for each case that did not pass."""
    for case in cases:
        for part in case.findall("*[@message]"):
            text = (part.get("message") or part.text or "").strip()
            yield f"{case.get('classname')} {case.get('name')}: {text.splitlines()[0][:160]}"


def table(results: dict[str, Result]) -> str:
    """Return the results as text: a line for each row, and one for each failure below it."""
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores; versions of Python, MindSpore, Matplotlib "
        "and NumPy; items that passed and failed",
        "",
        f"{'':36}{'versions':30}{'passed':>8}{'failed':>8}{'s':>7}",
    ]
    for name, (versions, passed, failures, seconds) in results.items():
        lines.append(f"{name:36}{versions:30}{passed:8}{len(failures):8}{seconds:7.0f}")
        lines += [f"    {failure}" for failure in failures]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the rows, print the table and store it; 1 if anything failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--env", action="append", default=[], metavar="VERSION=PYTHON")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "notebook_matrix")
    parser.add_argument("--only", default="", metavar="WORD")
    options = parser.parse_args()
    given = dict(pair.split("=", 1) for pair in options.env)
    options.folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = {}
    for row in ROWS:
        if options.only in row.name:
            python = python_of(row.python, given, options.folder.absolute())
            results[row.name] = run(row, python, options.folder.absolute())
            print(f"{row.name}: {len(results[row.name].failures)} failed", flush=True)
    print(text := table(results))
    if not options.only:
        STORED.write_text(text, encoding="utf-8")
    return int(any(result.failures for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
