"""``python -m benchmarks``."""

import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import click

from benchmarks import figure, sentences
from benchmarks.contestants import CONTESTANTS
from benchmarks.measuring import FULL, QUICK, measure
from benchmarks.problems import PROBLEMS
from benchmarks.report import report
from benchmarks.results import Results

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
TABLE = ROOT / "benchmarks" / "results.txt"
FIGURE = ROOT / "docs" / "images" / "benchmarks.svg"
PAGES = {"en": ROOT / "docs" / "speed.md", "zh": ROOT / "docs" / "speed.zh.md"}
JAX_ENVIRONMENT = ROOT / ".jax"
PROCESSES = list(dict.fromkeys(contestant.process for contestant in CONTESTANTS))


@click.group(help="The speed of d2l_autograd, and of others that differentiate.")
def main() -> None:
    """Group the commands."""


@main.command()
@click.option("--quick", is_flag=True, help="Few rounds and short ones: a trial, not a result.")
@click.option("--only", multiple=True, type=click.Choice(PROCESSES), help="Who takes part.")
@click.option("--problem", "names", multiple=True, type=click.Choice([p.name for p in PROBLEMS]))
@click.option("--torch-python", default=sys.executable, help="Interpreter that has PyTorch.")
@click.option("--autograd-python", default=sys.executable, help="Interpreter that has autograd.")
@click.option("--jax-python", help="Interpreter that has JAX; else .jax/ is made for it.")
@click.option(
    "--earlier",
    type=click.Path(exists=True, file_okay=False, resolve_path=True),
    help="Checkout of an earlier commit of d2l_autograd, which takes part as well.",
)
@click.option(
    "--store",
    is_flag=True,
    help="Keep the results: text, figure, and docs/speed.md in both languages.",
)
def run(
    quick: bool,
    only: tuple[str, ...],
    names: tuple[str, ...],
    torch_python: str,
    autograd_python: str,
    jax_python: str | None,
    earlier: str | None,
    store: bool,
) -> None:
    """Measure, and print one table."""
    chosen = only or [process for process in PROCESSES if earlier or process != "earlier"]
    if earlier:
        os.environ["EARLIER"] = earlier
    if jax_python is None and "jax" in chosen:
        jax_python = sys.executable if quick or find_spec("jax") else _jax_environment()
    given = {"torch": torch_python, "autograd": autograd_python, "jax": jax_python}
    pythons = {process: given.get(process) or sys.executable for process in chosen}
    results = measure(
        [p for p in PROBLEMS if not names or p.name in names],
        [c for c in CONTESTANTS if c.process in chosen],
        pythons,
        QUICK if quick else FULL,
        lambda line: click.echo(line, err=True),
    )
    if store:
        results.save(RESULTS)
        _show(Results.load(RESULTS))
    click.echo(report(results))


@main.command()
def show() -> None:
    """Make text, figure and page anew from the results that were kept."""
    _show(Results.load(RESULTS))


def _show(results: Results) -> None:
    TABLE.write_text(report(results), encoding="utf-8")
    figure.draw(results, FIGURE)
    for lang, page in PAGES.items():
        sentences.insert(results, page, lang)


def _jax_environment() -> str:
    """Return the interpreter of an environment with JAX, which needs NumPy 2, MindSpore 1."""
    python = JAX_ENVIRONMENT / "bin" / "python"
    if not python.exists():
        click.echo(f"making {JAX_ENVIRONMENT} for JAX", err=True)
        venv.create(JAX_ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "jax"], check=True)
    return str(python)


if __name__ == "__main__":
    main()
