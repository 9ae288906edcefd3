"""Coverage of what a notebook executes, by nbval's code for it, where pytest-cov asks for it."""

from pathlib import Path
from typing import Any

import pytest
from jupyter_core.utils import run_sync
from nbval.cover import setup_coverage, teardown_coverage


class _Kernel:
    """A kernel as nbval's functions for coverage know it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.kc = client.kc
        self.language = str(client.km.kernel_spec.language)

    def await_idle(self, request: str, timeout: float) -> None:
        run_sync(self._client.async_wait_for_reply)(request)


def start(config: pytest.Config, client: Any, path: Path) -> None:
    """Measure coverage from here, if it is asked for."""
    if getattr(config.option, "cov_source", None):
        setup_coverage(config, _Kernel(client), path)


def stop(config: pytest.Config, client: Any) -> None:
    """Write what was measured."""
    if getattr(config.option, "cov_source", None):
        teardown_coverage(config, _Kernel(client))
