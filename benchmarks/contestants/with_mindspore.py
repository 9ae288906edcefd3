"""MindSpore in its default set-up: it launches operators in the background."""

from benchmarks.contestants.calls import Solutions
from benchmarks.contestants.raw_mindspore import EAGER

PACKAGES = ("mindspore", "numpy")
SOLUTIONS: Solutions = {"ms": EAGER}
