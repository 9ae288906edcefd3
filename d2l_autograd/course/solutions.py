"""Where the solutions are in a chapter: in sections whose headings Jupyter Lab folds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from d2l_autograd.course.copies import without_outputs

FOLDED = "jp-MarkdownHeadingCollapsed"  # Jupyter Lab's mark of such a heading, in its metadata
_HEADING = re.compile(r"(#{1,6}) ")


def solutions(cells: Sequence[Mapping[str, Any]]) -> Iterator[range]:
    """Yield the cells of each folded section, by number, its heading first.

    A section ends before the next heading that is no deeper than its own.
    """
    start, depth = 0, 0  # of the heading whose section is folded; a depth of 0 for none
    for number, cell in enumerate(cells):
        source = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        heading = _HEADING.match(source)
        if depth and heading and len(heading[1]) <= depth:
            yield range(start, number)
            depth = 0
        if not depth and heading and cell["metadata"].get(FOLDED):
            start, depth = number, len(heading[1])
    if depth:
        yield range(start, len(cells))


def without_solutions(notebook: bytes) -> bytes:
    """Return a chapter as students get it to be handed in: no solutions, and no outputs."""
    content: Any = json.loads(notebook)
    away = {number for section in solutions(content["cells"]) for number in section}
    content["cells"] = [cell for n, cell in enumerate(content["cells"]) if n not in away]
    return without_outputs(json.dumps(content).encode())
