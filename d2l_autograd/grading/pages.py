"""The marks as web pages, in which nothing of a student's is more than a text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from d2l_autograd.grading.marks import Student, remarks
from d2l_autograd.grading.results import Result
from d2l_autograd.grading.words import reason, word

_SIGNS = {"right": "✓", "wrong": "✗", "unanswered": "…", "failed": "!"}
_LANGUAGES = {"en": "en", "zh": "zh-CN"}
_STYLE = """
:root { color-scheme: light dark; --line: #8886; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: center; }
th:first-child, td:first-child, td:last-child { text-align: left; overflow-wrap: anywhere; }
td:last-child { font-size: .85rem; min-width: 16rem; }
.right { background: #2a52; } .wrong { background: #d332; } .failed { background: #d933; }
.flag { border-bottom: 2px dotted; }
section { border-top: 1px solid var(--line); padding: .3rem 0 1rem; }
h2 { font-size: 1.1rem; } h2 span { padding: .1rem .5rem; border-radius: .3rem; }
pre { font: .85rem/1.4 ui-monospace, monospace; border: 1px solid var(--line);
  border-radius: .3rem; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def pages(table: Sequence[Student], lang: str) -> Mapping[str, str]:
    """The page of all students, ``index.html``, and that of each, by their file names."""
    files = {"index.html": _index(table, lang)}
    for number, student in enumerate(table, 1):
        files[_file(number)] = _student(student, lang)
    return files


def _file(number: int) -> str:
    return f"student-{number:03}.html"


def _index(table: Sequence[Student], lang: str) -> str:
    title = word("title", lang)
    if not table:
        return _page(title, f"<p>{word('none', lang)}</p>", lang)
    heads = [word("student", lang), *table[0].results, word("sum", lang), word("remarks", lang)]
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    rows = [f"<tr>{head}</tr>"]
    for number, student in enumerate(table, 1):
        cells = [
            f'<td><a href="{_file(number)}">{escape(student.name)}</a></td>',
            *(_cell(student, exercise, lang) for exercise in student.results),
            f"<td>{student.right}/{len(student.results)}</td>",
            f"<td>{'<br>'.join(map(escape, remarks(student, lang)))}</td>",
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    legend = "  ".join(f"{sign} {word(outcome, lang)}" for outcome, sign in _SIGNS.items())
    return _page(title, f'<div class="wide"><table>{"".join(rows)}</table></div><p>{legend}', lang)


def _cell(student: Student, exercise: str, lang: str) -> str:
    result, told = student.results[exercise], student.remarks.get(exercise, ())
    title = "; ".join(filter(None, [word(result.outcome, lang), _why(result, lang), *told]))
    sign = f'<span class="flag">{_SIGNS[result.outcome]}</span>' if told else _SIGNS[result.outcome]
    return f'<td class="{result.outcome}" title="{escape(title)}">{sign}</td>'


def _student(student: Student, lang: str) -> str:
    parts = [f'<p><a href="index.html">{word("all", lang)}</a></p>']
    parts += [f"<p>{escape(text)}</p>" for text in student.remarks.get("", ())]
    for exercise, result in student.results.items():
        heading = f"{word('exercise', lang, name=exercise)} "
        outcome = f"{_SIGNS[result.outcome]} {word(result.outcome, lang)}"
        parts.append(f'<section><h2>{heading}<span class="{result.outcome}">{outcome}</span></h2>')
        texts = [_why(result, lang), *student.remarks.get(exercise, ())]
        parts += [f"<p>{escape(text)}</p>" for text in texts if text]
        if result.code:
            parts.append(f"<pre>{escape(result.code)}</pre>")
        parts.append("</section>")
    title = f"{student.name}: {student.right}/{len(student.results)}"
    return _page(title, "\n".join(parts), lang)


def _why(result: Result, lang: str) -> str:
    return result.hint if result.outcome == "wrong" else reason(result, lang)


def _page(title: str, body: str, lang: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{_LANGUAGES[lang]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )
