"""The pytest plugin: one option, and nbval's notebooks get another verdict.

Nothing of the check is imported before the option is given, since pytest imports this module
wherever the package is installed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from notebook_check.quick_imports import import_jsonschema

import_jsonschema()  # before nbval imports it slowly

_TIME_LIMIT = 60  # seconds a cell, where --nbval-cell-timeout does not say otherwise
_NOT_WITH = {"nbval_lax": "--nbval-lax", "nbdime": "--nbdime"}
_FOLDERS = ("nbval_report", "nbval_output", "nbval_record")
_INI = {
    "nbval_rtol": "Relative tolerance of numbers in notebooks (the digits that are shown decide)",
    "nbval_atol": "Absolute tolerance of numbers in notebooks (the digits that are shown decide)",
    "nbval_pixels": "Which part of a picture without a description may differ, from 0 to 1 (0.002)",
    "nbval_stderr": "Whether to 'compare' or 'ignore' what cells write to stderr (compare)",
    "nbval_normalise": "Kinds of text not to compare: dates, durations, paths, uuids, progress",
}


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
        "--nbval-execute-only",
        action="store_true",
        help="Ask only that every cell runs: compare no output, and ask nothing of what is stored",
    )
    group.addoption(
        "--nbval-report", metavar="DIR", help="Write an HTML report of what failed to this folder"
    )
    group.addoption(
        "--nbval-output", metavar="DIR", help="Write the executed notebooks to this folder"
    )
    group.addoption(
        "--nbval-record",
        metavar="DIR",
        help="Compare nothing, and write to this folder what notebook-check record stores",
    )
    for name, told in _INI.items():
        parser.addini(name, told, default="")


def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Give nbval its options, before those of the user, which count more."""
    if _is_on(early_config.known_args_namespace):
        if not hasattr(early_config.known_args_namespace, "nbval"):
            raise pytest.UsageError("--nbval-strict needs nbval's plugin: pip install nbval")
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
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist: it only runs items
    if not is_worker:
        for name in _FOLDERS:
            _require_writable(getattr(options, name))
    _refuse_wrong_files(config)
    from notebook_check.pytest_plugin.hooks import Collection, NewHooks, Session

    config.pluginmanager.add_hookspecs(NewHooks)
    config.pluginmanager.register(Collection(), "notebook-check-collection")
    if not is_worker:
        config.pluginmanager.register(Session(config), "notebook-check-session")


def _is_on(options: Any) -> bool:
    return bool(options.nbval_strict or options.nbval_accept)


def _require_writable(folder: str | None) -> None:
    """Refuse a folder that cannot be written to before anything runs."""
    if folder is None:
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise pytest.UsageError(
            f"the folder {folder} cannot be written to: {error.strerror}"
        ) from None


def _refuse_wrong_files(config: pytest.Config) -> None:
    """Refuse rules and tolerances that cannot be read, before anything runs."""
    from notebook_check.compare.sanitizing import read_rules
    from notebook_check.errors import NotebookError
    from notebook_check.pytest_plugin.ledger import read_ledger
    from notebook_check.settings import ini_settings

    try:
        ini_settings(config.getini)
        if not config.option.nbval_accept:
            read_ledger(config.rootpath)
        if rules := config.option.nbval_sanitize_with:
            read_rules(Path(rules))
    except NotebookError as error:
        raise pytest.UsageError(str(error)) from None
