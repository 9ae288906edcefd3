"""Which kernels there are, and that `python3` is the Python of this environment.

Slow to import (jupyter_client); the commands import it where they need it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import default

from notebook_check.errors import NotebookError

THIS_PYTHON = "python3"
_ITS_NAMES = (THIS_PYTHON, "python")
_PYTHON = re.compile(
    r"i?python[\d.]*"
)  # ipython, python3: what older notebooks call their language


class EnvironmentKernels(KernelSpecManager):
    """Knows the kernels of this environment only.

    A ``python3`` that another environment registered for the user would start a Python without
    the packages of this one. Where this environment has registered none, Jupyter falls back on
    ipykernel under the running interpreter.
    """

    @default("kernel_dirs")
    def _of_this_environment(self) -> list[str]:
        return [str(Path(sys.prefix, "share", "jupyter", "kernels"))]


class Kernels(KernelSpecManager):
    """Knows every kernel that Jupyter knows here; ``python3`` is the one of this environment."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return what a kernel of a name is started with."""
        if kernel_name in _ITS_NAMES:
            return EnvironmentKernels().get_kernel_spec(THIS_PYTHON)
        return super().get_kernel_spec(kernel_name)


def kernel_of(
    notebook: Mapping[str, Any], asked: str | None = None, *, otherwise: str | None = None
) -> str:
    """Return the name of the kernel that a notebook runs with: the one asked for, or its own.

    One that names none runs with `otherwise`.

    Raises:
        NotebookError: It names none, or one that is not here or runs another language.
    """
    metadata = notebook["metadata"]
    own = metadata.get("kernelspec", {})
    if not (name := asked or own.get("name") or otherwise):
        raise NotebookError(
            "it names no kernel (kernelspec in its metadata): save it in Jupyter, "
            "or have it run with this Python by --current-kernel"
        )
    kernels = Kernels()
    try:
        spec = kernels.get_kernel_spec(name)
    except NoSuchKernel:
        there = ", ".join(sorted(kernels.find_kernel_specs())) or "none"
        raise NotebookError(
            f"the kernel {name!r} is not installed here (there is: {there}); "
            "--current-kernel has the notebook run with this Python"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise NotebookError(f"the kernel {name!r} is not installed as it should: {error}") from None
    language = own.get("language") or metadata.get("language_info", {}).get("name")
    if language and _plain(language) != _plain(spec.language):
        raise NotebookError(
            f"the notebook is in {language}, and the kernel, {name!r}, runs {spec.language}"
        )
    return name


def _plain(language: str) -> str:
    language = language.lower()
    return "python" if _PYTHON.fullmatch(language) else language
