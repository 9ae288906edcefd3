"""The table that says where a gradient and its differences disagree."""

import textwrap
from collections.abc import Sequence

import numpy as np

from d2l_autograd.gradient_check.compare import Comparison
from d2l_autograd.gradient_check.diagnosis import Finding, diagnosis, per_unit

_WIDTH = 80
_ROWS = 8


def report(gradient: str, findings: Sequence[Finding]) -> str:
    """Return a sentence on the gradient, the table and the causes, at most 80 characters wide."""
    wrong = any(finding.worst.is_wrong for finding in findings)
    verdict = "disagrees with" if wrong else "cannot be confirmed by"
    shown = findings[:_ROWS]
    causes: dict[str, list[str]] = {}
    for finding in shown:
        causes.setdefault(diagnosis(finding), []).append(finding.worst.part.name)
    texts = [
        f"{', '.join(names)}: {cause}" if len(causes) > 1 else cause
        for cause, names in causes.items()
    ]
    if len(findings) > len(shown):
        texts.append(f"{len(findings) - len(shown)} more inputs disagree.")
    paragraphs = [
        textwrap.fill(text, _WIDTH)
        for text in [f"{gradient} {verdict} differences of its values:", *texts]
    ]
    paragraphs.insert(1, _table([finding.worst for finding in shown]))
    return "\n\n".join(paragraphs)


def _table(rows: Sequence[Comparison]) -> str:
    cells = [["input", "entry", "at", "gradient", "differences", "off by"], *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _cells(row: Comparison) -> list[str]:
    unit = per_unit(row)
    if row.entry is None:
        entry, at = "several", ""
    else:
        entry = f"[{', '.join(map(str, row.entry))}]" if row.entry else ""
        at = f"{row.part.at[row.entry]:.4g}"
    derivative = f"{row.derivative / unit:.7g}"
    difference = f"{row.difference.value / unit:.7g}" if row.settled else "unclear"
    return [row.part.name, entry, at, derivative, difference, _off(row)]


def _off(row: Comparison) -> str:
    if not row.settled:
        return ""
    one, other = row.derivative, row.difference.value
    percent = 100 * abs(one - other) / max(abs(one), abs(other)) if one != other else 0.0
    if np.isnan(percent):
        return ""
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"
