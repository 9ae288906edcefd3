"""Environment of every test, set before anything imports MindSpore."""

import os
import tempfile

# MindSpore's C++ log carries process ids and times, and a failed compile leaves a dump behind:
# neither may reach an output or a folder of the checkout. Notebook kernels inherit both settings.
_dumps = tempfile.TemporaryDirectory(prefix="d2l_autograd_")
os.environ.update(GLOG_v="4", MS_OM_PATH=_dumps.name)
