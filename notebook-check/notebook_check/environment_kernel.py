"""The kernel of this environment, whatever else Jupyter knows on this machine.

Slow to import (jupyter_client); the commands import it where they need it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default


class EnvironmentKernels(KernelSpecManager):
    """Knows the kernels of this environment only.

    A ``python3`` that another environment registered for the user would start a Python without
    MindSpore. Where this environment has registered none, Jupyter falls back on ipykernel under
    the running interpreter.
    """

    @default("kernel_dirs")
    def _of_this_environment(self) -> list[str]:
        return [str(Path(sys.prefix, "share", "jupyter", "kernels"))]


class EnvironmentKernelManager(AsyncKernelManager):
    """Starts the kernel of `EnvironmentKernels`."""

    @default("kernel_spec_manager")
    def _environment_kernels(self) -> EnvironmentKernels:
        return EnvironmentKernels()

    @default("transport_encryption")
    def _encrypt_where_possible(self) -> str:
        # Jupyter's default is not to, and then the kernel warns on stderr at every start.
        return "auto"
