"""nbval's files of sanitizing rules, read so that no rule is lost."""

import re
from collections.abc import Callable
from pathlib import Path

from notebook_check.errors import NotebookError

_COMMENTS = ("#", ";", "[")  # of the last, a heading such as [regex1]


def read_rules(path: Path) -> Callable[[str], str]:
    """Return what applies the rules of a file to a text.

    A rule is a line `regex: …` and, right below, a line `replace: …`; there may be blank lines,
    headings in brackets, and comments.

    Raises:
        NotebookError: A file that cannot be read, or a line that is neither.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise NotebookError(f"the sanitizing file {path} cannot be read: {error}") from None
    rules: list[tuple[re.Pattern[str], str]] = []
    pattern: re.Pattern[str] | None = None
    for number, line in enumerate(lines, 1):
        where = f"{path.name}, line {number}"
        expected = "regex" if pattern is None else "replace"
        key, colon, value = line.partition(": ")
        if pattern is None and (not line.strip() or line.startswith(_COMMENTS)):
            continue
        if not colon or key != expected:
            raise NotebookError(f"{where}: expected '{expected}: …', found {line[:60]!r}")
        try:
            if pattern is None:
                pattern = re.compile(value)
            else:
                pattern.sub(value, "")  # reads the replacement, also where nothing matches
                rules.append((pattern, value))
                pattern = None
        except (re.error, IndexError) as error:
            raise NotebookError(f"{where}: {error}") from None
    if pattern is not None:
        raise NotebookError(f"{path.name}: the last rule has no line 'replace: …'")

    def apply(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    return apply
