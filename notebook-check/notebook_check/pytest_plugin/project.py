"""What pytest's options and ini file ask of every notebook."""

from pathlib import Path

import pytest

from notebook_check.compare.sanitizing import read_rules
from notebook_check.kernels import THIS_PYTHON
from notebook_check.rules import Project
from notebook_check.settings import ini_settings


def project_of(config: pytest.Config) -> Project:
    """Return what a run of pytest asks of every notebook.

    Raises:
        NotebookError: A setting or a sanitizing rule that is none.
    """
    options = config.option
    rules = options.nbval_sanitize_with
    own = THIS_PYTHON if options.nbval_current_env else None
    return Project(
        settings=ini_settings(config.getini),
        clean=read_rules(Path(rules)) if rules else str,
        kernel=own or options.nbval_kernel_name or None,
        timeout=options.nbval_cell_timeout,
        startup=options.nbval_kernel_startup_timeout,
        keep_going=options.nbval_keep_going,
        compared=not options.nbval_execute_only,
    )
