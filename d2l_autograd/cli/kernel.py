"""The kernel of this environment, whatever else Jupyter knows on this machine.

Slow to import (jupyter_client); Jupyter Lab imports it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
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
