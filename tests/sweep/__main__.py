"""Print the verdict on every row, or on those whose name holds a word that is given."""

import contextlib
import sys

import d2l_autograd as d2l

with contextlib.redirect_stdout(sys.stderr):
    d2l.start()

from .table import ROWS
from .verdicts import Verdict, verdict


def line(found: Verdict, width: int) -> str:
    words = "".join(f"{word:9}" for word in found.words)
    return f"{found.row.name:{width}}  {words}{found.note}".rstrip()


def main() -> int:
    words = sys.argv[1:]
    chosen = [row for row in ROWS if not words or any(word in row.name for word in words)]
    width = min(60, max(len(row.name) for row in chosen))
    counts: dict[str, int] = {}
    for row in chosen:
        found = verdict(row)
        print(line(found, width), flush=True)
        for word in found.words:
            counts[word] = counts.get(word, 0) + 1
    print(f"\n{len(chosen)} rows; derivatives: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
