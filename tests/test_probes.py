"""What the package uses of MindSpore beyond its documentation is there, and does what it should."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.quick

# In a process of its own: the probes change what MindSpore does next.
CODE = """
from d2l_autograd.mindspore_internals.probes import probe

for found in probe():
    print(found.name, found.fault)
"""


def test_probes() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) > 10
    assert [line for line in lines if not line.endswith(" None")] == []
