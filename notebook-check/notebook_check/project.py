"""What the project around a notebook says about its check, as plain data that can be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from notebook_check.compare.sanitizing import read_rules
from notebook_check.errors import NotebookError
from notebook_check.execution import Plan
from notebook_check.kernels import kernel_of
from notebook_check.markers import is_skipped, may_raise
from notebook_check.settings import Settings, cell_settings, notebook_settings

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
Cell = Any

TIME_LIMIT = 60.0
"""Seconds that a cell may take, where nothing says otherwise."""


@dataclass(frozen=True)
class Project:
    """What holds for every notebook of a project.

    Attributes:
        settings: what the cells are compared with.
        timeout: the seconds that a cell may take.
        kernel: the kernel to run with whatever a notebook names; None for the notebook's own.
        rules: nbval's file of sanitizing rules, if there is one.
        startup_timeout: the seconds that a kernel may take to start.
    """

    settings: Settings = field(default_factory=Settings)
    timeout: float = TIME_LIMIT
    kernel: str | None = None
    rules: Path | None = None
    startup_timeout: float = 60.0

    def as_data(self) -> dict[str, Any]:
        """Return the project as JSON has it."""
        return asdict(self) | {"rules": self.rules and str(self.rules)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Project:
        """Return the project that `as_data` wrote."""
        settings = data["settings"] | {"normalise": tuple(data["settings"]["normalise"])}
        rules = data["rules"] and Path(data["rules"])
        return cls(**data | {"settings": Settings(**settings), "rules": rules})

    def clean(self) -> Callable[[str], str]:
        """Return what every text is sanitized with; a NotebookError if the rules are broken."""
        return read_rules(self.rules) if self.rules else str

    def plan(self, notebook: Notebook, folder: Path, *, goes_on: bool = False) -> Plan:
        """Return how a notebook is executed; a NotebookError where it cannot be."""
        settings = notebook_settings(self.settings, notebook)

        def timeout(cell: Cell) -> float:
            try:
                return float(cell_settings(settings, cell).timeout or self.timeout)
            except NotebookError:
                return self.timeout  # the cell itself says what is wrong

        def raises(cell: Cell) -> bool:
            return settings.allow_errors or may_raise(cell)

        return Plan(
            kernel=kernel_of(notebook, self.kernel),
            folder=folder,
            timeout=timeout,
            skips=is_skipped,
            may_raise=raises,
            goes_on=goes_on,
            startup_timeout=self.startup_timeout,
        )
