"""How the notebooks of a project are run and compared: the same for `check` and for `record`.

A `Project` is what pytest's ini file and the options say; `NotebookRules` is what that makes of
one notebook, whose metadata counts more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notebook_check.compare.differences import Difference
from notebook_check.compare.outputs import compare_outputs
from notebook_check.compare.sanitizing import normaliser
from notebook_check.errors import NotebookError
from notebook_check.execution import STARTUP_LIMIT, TIME_LIMIT, Rule
from notebook_check.markers import is_skipped, may_raise
from notebook_check.settings import Settings, cell_settings, notebook_settings

if TYPE_CHECKING:
    from notebook_check.execution import NotebookRun

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
Output = Mapping[str, Any]

_WRITES_A_FILE = re.compile(r"\s*%%(?:writefile|file)\s")


@dataclass(frozen=True)
class Project:
    """What is asked of every notebook.

    `kernel` is the one to run with, None for each notebook's own. `clean` is done to every text
    before it is compared. With `keep_going`, a cell that raises is not the last one of its
    notebook. Where nothing is `compared`, cells only have to run.
    """

    settings: Settings = Settings()
    clean: Callable[[str], str] = str
    kernel: str | None = None
    timeout: float = TIME_LIMIT
    startup: float = STARTUP_LIMIT
    keep_going: bool = False
    compared: bool = True

    def rules(self, notebook: Notebook) -> NotebookRules:
        """Return the rules of a notebook; a NotebookError where its metadata are none."""
        return NotebookRules(self, notebook_settings(self.settings, notebook))


@dataclass(frozen=True)
class NotebookRules:
    """What is asked of the cells of a notebook."""

    project: Project
    settings: Settings

    def of(self, cell: Notebook) -> Settings:
        """Return the settings of a cell; a NotebookError where its metadata or tags are none."""
        return cell_settings(self.settings, cell)

    def may_raise(self, cell: Notebook) -> bool:
        """Say whether a cell may raise, by a tag or by the settings."""
        return may_raise(cell) or self._known(cell).allow_errors

    def rule(self, cell: Notebook) -> Rule:
        """Return how to run a cell; one that asks for what there is not is run as if it did not."""
        seconds = self._known(cell).timeout or self.project.timeout
        return Rule(is_skipped(cell), self.may_raise(cell), seconds)

    def execute(self, notebook: Notebook, *, folder: Path, **options: Any) -> NotebookRun:
        """Execute a notebook in place; a NotebookError where there is no kernel for it."""
        from notebook_check.execution import execute
        from notebook_check.kernels import kernel_of

        return execute(
            notebook,
            kernel=kernel_of(notebook, self.project.kernel),
            folder=folder,
            rule=self.rule,
            startup=self.project.startup,
            keep_going=self.project.keep_going,
            **options,
        )

    def differences(self, cell: Notebook, new: Sequence[Output]) -> list[Difference]:
        """Return how new outputs of a cell differ from the stored ones; a NotebookError as `of`."""
        settings = self.of(cell)
        stored, new = (
            _comparable(outputs, cell.source, settings) for outputs in (cell.outputs, new)
        )
        named = normaliser(settings.normalise)

        def clean(text: str) -> str:
            return named(self.project.clean(text))

        try:
            return compare_outputs(stored, new, settings, source=cell.source, clean=clean)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            # Data of a type that is not as its format says, such as a broken figure description.
            return [Difference("outputs", f"cannot be read: {type(error).__name__}: {error}")]

    def _known(self, cell: Notebook) -> Settings:
        try:
            return self.of(cell)
        except NotebookError:
            return self.settings


def _comparable(outputs: Sequence[Output], source: str, settings: Settings) -> list[Output]:
    """The outputs without what says only how often, or with which warnings, the cell was run."""
    kept = [o for o in outputs if settings.stderr or o.get("name") != "stderr"]
    if _WRITES_A_FILE.match(source):
        kept = [_as_of_a_new_file(output) for output in kept]
    return kept


def _as_of_a_new_file(output: Output) -> Output:
    if output["output_type"] == "stream" and output["text"].startswith("Overwriting "):
        return {**output, "text": output["text"].replace("Overwriting ", "Writing ", 1)}
    return output
