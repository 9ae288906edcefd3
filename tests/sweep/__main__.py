"""Print the table: the verdict on every row, or on those whose name holds a word that is given."""

import contextlib
import sys
from collections import Counter

import mindspore as ms

import d2l_autograd as d2l

with contextlib.redirect_stdout(sys.stderr):
    d2l.start()

from .stored import line, reasons
from .table import ROWS
from .verdicts import verdict

HEAD = f"""\
Derivatives of first, second and third order of MindSpore {ms.__version__}'s functions on the CPU,
against differences. Printed by python -m sweep in tests/; tests/sweep/verdicts.py explains them.
"""


def main() -> None:
    """Print a line a row."""
    words = sys.argv[1:]
    print(HEAD)
    counts: Counter[str] = Counter()
    for row in ROWS:
        if not words or any(word in row.name for word in words):
            found = verdict(row)
            counts.update(found.words)
            print(line(found), flush=True)
    print("\nDerivatives:", ", ".join(f"{count} {word}" for word, count in counts.items()))
    if not words:
        print(f"\n{reasons()}")


main()
