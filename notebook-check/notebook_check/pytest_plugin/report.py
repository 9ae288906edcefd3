"""The report of a run as a single HTML page, with both pictures of a figure that differs.

Whatever comes from a notebook is text in it: nothing of it runs, or is loaded. The page's policy
has the browser hold that as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from notebook_check.compare.differences import Difference, Row

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --old: #d33a; --new: #2a5a; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
section { border-top: 1px solid var(--line); padding: .5rem 0 1.5rem; }
pre, td { font: .85rem/1.4 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
pre { border: 1px solid var(--line); border-radius: .3rem; padding: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left;
  vertical-align: top; }
th:first-child, td:first-child { width: 3rem; text-align: right; }
th:last-child, td:last-child { width: 9rem; }
mark { color: inherit; } .old mark { background: var(--old); } .new mark { background: var(--new); }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { flex: 1 1 20rem; margin: .5rem 0; } img { max-width: 100%; background: #fff; }
"""


@dataclass(frozen=True)
class Failed:
    """A failure of a run: pytest's name of the item, and what its report has."""

    name: str
    reason: str
    source: str
    differences: tuple[Difference, ...]
    traceback: str

    @classmethod
    def from_data(cls, name: str, data: Mapping[str, Any]) -> Failed:
        """Return the failure that was sent as plain data, as `CheckFailure.as_data` makes it."""
        differences = tuple(
            Difference(
                found["where"],
                found["reason"],
                tuple(Row(**row) for row in found["rows"]),
                found["pictures"] and tuple(found["pictures"]),
            )
            for found in data["differences"]
        )
        return cls(name, data["reason"], data["source"], differences, data["traceback"])


def write_report(folder: Path, failed: Iterable[Failed], summary: str) -> Path:
    """Write the report to `folder`, made if need be, and return the page's path."""
    failed = list(failed)
    verdict = f"{len(failed)} failed" if failed else "Nothing failed"
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Notebook check: {verdict}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>Notebook check: {verdict}</h1><p>{escape(summary)}</p>\n"
        + "\n".join(map(_section, failed))
        + "\n</body></html>\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8", errors="replace")
    return path


def _section(failure: Failed) -> str:
    parts = [f"<h2>{escape(failure.name)}</h2>", f"<p>{escape(failure.reason)}</p>"]
    if failure.source:
        parts.append(f"<pre>{escape(failure.source)}</pre>")
    for difference in failure.differences:
        parts.append(f"<h3>{escape(difference.where)}</h3><p>{escape(difference.reason)}</p>")
        if difference.rows:
            parts.append(_table(difference.rows))
    # The differences of one figure all have the same pictures.
    for pictures in dict.fromkeys(d.pictures for d in failure.differences if d.pictures):
        shown = zip(("stored", "new"), pictures, strict=True)
        parts.append(f'<div class="pictures">{"".join(_picture(*one) for one in shown)}</div>')
    if failure.traceback:
        parts.append(f"<pre>{escape(failure.traceback)}</pre>")
    return f"<section>{''.join(parts)}</section>"


def _table(rows: Iterable[Row]) -> str:
    cells = "".join(
        f"<tr><td>{row.line}</td>"
        f'<td class="old">{_marked(row.stored, row.stored_span)}</td>'
        f'<td class="new">{_marked(row.new, row.new_span)}</td>'
        f"<td>{escape(row.note)}</td></tr>"
        for row in rows
    )
    head = "<tr><th>line</th><th>stored</th><th>new</th><th>difference</th></tr>"
    return f"<table>{head}{cells}</table>"


def _marked(text: str, span: tuple[int, int]) -> str:
    start, end = span
    before, within, after = text[:start], text[start:end], text[end:]
    return f"{escape(before)}<mark>{escape(within)}</mark>{escape(after)}"


def _picture(which: str, content: str) -> str:
    if not content:
        return f"<figure><figcaption>{which}: none</figcaption></figure>"
    content = escape("".join(content.split()))
    return (
        f"<figure><figcaption>{which}</figcaption>"
        f'<img alt="the {which} picture" src="data:image/png;base64,{content}"></figure>'
    )
