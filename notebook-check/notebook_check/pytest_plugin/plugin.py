"""The pytest plugin: one option, and nbval's notebooks get another verdict.

Nothing of the check is imported before the option is given, since pytest imports this module
wherever the package is installed.
"""

from __future__ import annotations

import argparse
from typing import Any

import pytest

_TIME_LIMIT = 60  # seconds a cell, as in notebook_check.execution, which is slow to import
_INI = {
    "rtol": "Relative tolerance of numbers in notebooks (1e-4)",
    "atol": "Absolute tolerance of numbers in notebooks (1e-6 of the largest in an array)",
    "pixels": "Which part of an undescribed picture may differ, from 0 to 1 (0.005)",
    "timeout": "Seconds that a cell may take (as --nbval-cell-timeout says)",
    "allow_errors": "Whether a cell may raise without a tag (false)",
    "stderr": "Whether what is written to stderr is compared (true)",
}
_NOT_WITH = {"nbval_lax": "--nbval-lax", "nbdime": "--nbdime"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, to nbval's own where it is there."""
    group = parser.getgroup("nbval", "Jupyter Notebook validation")
    group.addoption(
        "--nbval-strict",
        action="store_true",
        help="Compare numbers as numbers, figures by what they show, and everything else exactly; "
        "leave no cell out on the quiet. Implies --nbval, and a time limit of "
        f"{_TIME_LIMIT} s a cell",
    )
    group.addoption(
        "--nbval-accept",
        action="store_true",
        help="Write how many cells are compared in each notebook to notebook-check.json; "
        "executes none",
    )
    group.addoption(
        "--nbval-ledger-optional",
        action="store_true",
        help="Check also where there is no notebook-check.json at all",
    )
    group.addoption(
        "--nbval-report", metavar="DIR", help="Write an HTML report of what failed to this folder"
    )
    group.addoption(
        "--nbval-executed",
        metavar="DIR",
        help="Write the notebooks as they were executed to this folder",
    )
    group.addoption(
        "--nbval-execute-only",
        action="store_true",
        help="Compare nothing: every cell has to run, and that is all",
    )
    group.addoption(
        "--nbval-keep-going",
        action="store_true",
        help="Go on after a cell that raised, and tell every one that does",
    )
    group.addoption(
        "--nbval-jobs",
        metavar="N",
        type=int,
        default=1,
        help="Execute as many notebooks at the same time, without workers of pytest-xdist (1)",
    )
    group.addoption("--nbval-listed", help=argparse.SUPPRESS)  # a file of the commands
    for name, text in _INI.items():
        parser.addini(f"nbval_{name}", text, default="")
    parser.addini(
        "nbval_normalise",
        "What is replaced in texts before they are compared, a line "
        "'name: pattern => replacement' for each",
        type="linelist",
        default=[],
    )


def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Give nbval its options, before those of the user, which count more."""
    if _is_on(early_config.known_args_namespace):
        if not hasattr(early_config.known_args_namespace, "nbval"):
            raise pytest.UsageError(
                "--nbval-strict needs nbval, and its plugin is not loaded: pip install nbval"
            )
        args[:0] = ["--nbval", f"--nbval-cell-timeout={_TIME_LIMIT}"]


def pytest_configure(config: pytest.Config) -> None:
    """Switch the check on where it is asked for."""
    options = config.option
    if not _is_on(options):
        if options.nbval_report:
            raise pytest.UsageError("--nbval-report is for --nbval-strict, which is not given")
        return
    for name, option in _NOT_WITH.items():
        if getattr(options, name):
            raise pytest.UsageError(f"--nbval-strict and {option} cannot be had together")
    if options.nbval_cell_timeout <= 0:
        raise pytest.UsageError("--nbval-cell-timeout is a number of seconds greater than 0")
    if options.nbval_jobs < 1:
        raise pytest.UsageError("--nbval-jobs is a number of notebooks, 1 or more")
    _refuse_wrong_files(config)
    from notebook_check.pytest_plugin.hooks import Collection, Session

    config.pluginmanager.register(Collection(config), "notebook-check-collection")
    if options.nbval_jobs > 1 and not options.nbval_accept:
        from notebook_check.pytest_plugin.ahead import Ahead

        config.pluginmanager.register(Ahead(options.nbval_jobs), "notebook-check-ahead")
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist only run items
        config.pluginmanager.register(Session(config), "notebook-check-session")


def _is_on(options: Any) -> bool:
    return bool(options.nbval_strict or options.nbval_accept)


def _refuse_wrong_files(config: pytest.Config) -> None:
    """Refuse rules and tolerances that cannot be read, before anything runs."""
    from notebook_check.errors import NotebookError
    from notebook_check.pytest_plugin.project import project_of

    try:
        project_of(config)
    except NotebookError as error:
        raise pytest.UsageError(str(error)) from None
